// The parameters of a run's best epoch.

import { GraphError } from "../base/error.js";
import { decode, encodeInSlices, type Rest } from "../format/base64.js";
import type { Memory } from "../memory/memory.js";
import { pack, unpack } from "../memory/packing.js";
import { bytesOf } from "../memory/tensor.js";

/** One copy of all parameters; a new copy replaces the last. */
export class ParameterSnapshot {
  readonly #memory: Memory;
  #values: Float64Array | Float32Array | undefined;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** Copies the parameters. */
  take(): void {
    if (this.#values === undefined) this.#values = this.#memory.all.slice();
    else this.#values.set(this.#memory.all);
  }

  /** Restores the parameters from the copy, if there is one. */
  restore(): void {
    if (this.#values !== undefined) this.#memory.all.set(this.#values);
  }

  /** Returns the copy as base64, in the order of a file, encoded in slices. */
  async encode(rest: Rest): Promise<string | undefined> {
    if (this.#values === undefined) return undefined;
    // The graph of a resumed run may have been built in another order.
    const bytes = bytesOf(pack(this.#memory, this.#values));
    return encodeInSlices(() => bytes, rest);
  }

  /** Reads the copy from the text of a checkpoint, if there is one. Throws `bad-file`. */
  decode(text: string | undefined): void {
    if (text === undefined) return;
    const packed = pack(this.#memory, this.#memory.all);
    if (!decode(text, new Uint8Array(packed.buffer)) || !packed.every((value) => Number.isFinite(value))) {
      throw new GraphError("bad-file", "The checkpoint's best parameters are damaged.");
    }
    this.#values = this.#memory.all.slice();
    unpack(this.#memory, packed, this.#values);
  }
}
