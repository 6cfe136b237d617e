// Values of outputs that are computed in pieces, kept for all rows: costs and metrics need all of them.

import { precisions } from "../base/precision.js";
import type { Memory } from "../memory/memory.js";
import type { Pass } from "../memory/pass.js";
import { type Evaluation, score } from "./score.js";

export class Kept {
  readonly #memory: Memory;
  readonly #pass: Pass;
  readonly #rows: number;
  /** Of each output: pointers before and after the activation, (rows, size), and the bytes of a row. */
  readonly #places: readonly { readonly pre: number; readonly post: number; readonly bytes: number }[];

  /** `take` gives blocks, which are the caller's to free. The pass has room for its states. Throws `out-of-memory`. */
  constructor(memory: Memory, pass: Pass, rows: number, take: (bytes: number, what: string) => number) {
    this.#memory = memory;
    this.#pass = pass;
    this.#rows = rows;
    this.#places = pass.outputs.map((l) => {
      const bytes = l.size * precisions[memory.precision];
      const matrix = () => take(rows * bytes, `the predictions of ${l.name}`);
      const pre = matrix();
      return { pre, post: l.post === l.pre ? pre : matrix(), bytes };
    });
  }

  /** Copies what the pass has just computed, as the rows from `first` on. */
  keep(first: number, count: number): void {
    const { u8 } = this.#memory.core;
    this.#pass.outputs.forEach((l, o) => {
      const { pre, post, bytes } = this.#places[o]!;
      u8.copyWithin(pre + first * bytes, l.pre, l.pre + count * bytes);
      if (post !== pre) u8.copyWithin(post + first * bytes, l.post, l.post + count * bytes);
    });
  }

  /** The cost and the scores of all rows. `places`: of each output where targets and lossWeights are, if not in their own matrices. */
  score(
    places: readonly { readonly target?: number; readonly lossWeights?: number }[],
    metrics: unknown,
    isWeighed: boolean,
  ): Evaluation {
    const memory = this.#memory;
    const pass = this.#pass;
    const all = this.#places.map(({ pre, post }, o) => ({ pre, post, ...places[o] }));
    return memory.redirect(pass.outputs, all, () => {
      memory.weigh(pass, isWeighed);
      return score(
        memory,
        pass,
        this.#rows,
        memory.core.call.cost(pass.record, this.#rows),
        metrics,
        isWeighed,
      );
    });
  }
}
