// The gradients of all parameters, which lie like the parameters, from the first training on.

import type { FloatArray, Precision } from "../base/precision.js";
import type { Block } from "../model/block.js";
import type { Arena, Core } from "./core.js";
import type { LearningRecords } from "./learning.js";

export class Gradients {
  readonly #core: Core;
  readonly #arena: Arena;
  readonly #learning: LearningRecords;
  /** Pointer of the first; 0 before there is one. */
  #at = 0;

  constructor(core: Core, arena: Arena, learning: LearningRecords) {
    this.#core = core;
    this.#arena = arena;
    this.#learning = learning;
  }

  /** Takes room for as many as the parameters have. Returns whether there was none. Throws `out-of-memory`. */
  ensure(room: number): boolean {
    if (this.#at !== 0) return false;
    this.#at = this.#arena.alloc(room * this.#core.bytes, "the gradients");
    this.record();
    return true;
  }

  /** Writes to the records where they lie, if they do. */
  record(): void {
    if (this.#at !== 0) this.#learning.writeGradients((block) => this.pointer(block?.offset ?? 0));
  }

  /** The pointer of the gradient of a parameter. */
  pointer(offset: number): number {
    return this.#at + offset * this.#core.bytes;
  }

  /** Copies those of a block. */
  copy({ offset, count }: Block): FloatArray<Precision> {
    return this.#core.copy(this.pointer(offset), count);
  }

  free(): void {
    this.#arena.free(this.#at);
    this.#at = 0;
  }
}
