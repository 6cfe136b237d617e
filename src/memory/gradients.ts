// The gradients of all parameters, laid out like the parameters, from the first training on.

import type { FloatArray, Precision } from "../base/precision.js";
import type { Block } from "../model/block.js";
import type { Arena, Core } from "./core.js";
import type { LearningRecords } from "./learning.js";

export class Gradients {
  readonly #core: Core;
  readonly #arena: Arena;
  readonly #learning: LearningRecords;
  /** Pointer of the first gradient; 0 before the first training. */
  #at = 0;

  constructor(core: Core, arena: Arena, learning: LearningRecords) {
    this.#core = core;
    this.#arena = arena;
    this.#learning = learning;
  }

  /**
   * Takes room for as many gradients as parameters, unless there is room. Returns whether it was taken. Throws
   * `out-of-memory`.
   */
  ensure(room: number): boolean {
    if (this.#at !== 0) return false;
    this.#at = this.#arena.alloc(room * this.#core.bytes, "the gradients");
    this.writePointers();
    return true;
  }

  /** Writes the pointers of the gradients to the records, if the gradients have room. */
  writePointers(): void {
    if (this.#at !== 0) this.#learning.writeGradients((block) => this.pointer(block?.offset ?? 0));
  }

  /** Returns the pointer of a parameter's gradient. */
  pointer(offset: number): number {
    return this.#at + offset * this.#core.bytes;
  }

  /** Copies the gradients of a block. */
  copy({ offset, count }: Block): FloatArray<Precision> {
    return this.#core.copy(this.pointer(offset), count);
  }

  free(): void {
    this.#arena.free(this.#at);
    this.#at = 0;
  }
}
