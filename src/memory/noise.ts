// The number of noisy steps, 64 bits in the core's memory: the state of dropout's generator.

import type { Arena, Core } from "./core.js";

export class Noise {
  readonly #core: Core;
  readonly #arena: Arena;
  /** Pointer of the number; 0 before a layer has dropout. */
  #pointer = 0;

  constructor(core: Core, arena: Arena) {
    this.#core = core;
    this.#arena = arena;
  }

  /** Returns the pointer of the number. Throws `out-of-memory`. */
  pointer(): number {
    if (this.#pointer === 0) this.#pointer = this.#arena.alloc(8, "a generator");
    return this.#pointer;
  }

  get steps(): number {
    const at = this.#pointer >>> 2;
    const { u32 } = this.#core;
    return at === 0 ? 0 : u32[at]! + u32[at + 1]! * 2 ** 32;
  }

  set steps(count: number) {
    if (count === this.steps) return;
    const at = this.pointer() >>> 2;
    const { u32 } = this.#core;
    u32[at] = count % 2 ** 32;
    u32[at + 1] = Math.floor(count / 2 ** 32);
  }
}
