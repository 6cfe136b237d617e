// Outputs of all rows, computed in pieces, since costs and metrics need all rows.

import type { Pass } from "../memory/pass.js";
import type { Matrix, States } from "../memory/states.js";
import type { LayerNode } from "../model/node.js";
import type { Network } from "./network.js";
import { type Evaluation, score } from "./score.js";

export class OutputRows {
  readonly #net: Pick<Network, "memory" | "training">;
  readonly #pass: Pass;
  readonly #rows: number;
  /** For each output: pointers of its pre and post, (rows, size), and the bytes of a row. */
  readonly #places: readonly { readonly pre: number; readonly post: number; readonly bytes: number }[];

  /** `take` allocates blocks, which the caller frees. The pass has room for its states. Throws `out-of-memory`. */
  constructor(
    net: Pick<Network, "memory" | "training">,
    pass: Pass,
    rows: number,
    take: (bytes: number, what: string) => number,
  ) {
    const { core, states } = net.memory;
    this.#net = net;
    this.#pass = pass;
    this.#rows = rows;
    this.#places = pass.outputs.map((l) => {
      const bytes = l.size * core.bytes;
      const matrix = () => take(rows * bytes, `the predictions of ${l.name}`);
      const pre = matrix();
      const { pre: from, post } = states.of(l);
      return { pre, post: post === from ? pre : matrix(), bytes };
    });
  }

  /** Copies the last results of the pass, as the rows that begin at `first`. */
  copy(first: number, count: number): void {
    const { core, states } = this.#net.memory;
    const { u8 } = core;
    this.#pass.outputs.forEach((l, o) => {
      const { pre, post, bytes } = this.#places[o]!;
      const from = states.of(l);
      u8.copyWithin(pre + first * bytes, from.pre, from.pre + count * bytes);
      if (post !== pre) u8.copyWithin(post + first * bytes, from.post, from.post + count * bytes);
    });
  }

  /**
   * Returns the cost and the scores of all rows. `places` has each output's pointers of targets and loss weights; it is empty
   * if they are in the outputs' own matrices.
   */
  score(
    places: readonly { readonly target?: number; readonly lossWeights?: number }[],
    metrics: unknown,
    isWeighted: boolean,
  ): Evaluation {
    const net = this.#net;
    const { core, states } = net.memory;
    const pass = this.#pass;
    const rows = this.#rows;
    const all = this.#places.map(({ pre, post }, o) => ({ pre, post, ...places[o] }));
    return redirect(states, pass.outputs, all, () => {
      net.training.useLossWeights(pass, isWeighted);
      return score(net, pass, rows, core.call.cost(pass.record, rows), metrics, isWeighted);
    });
  }
}

/** Calls a function while matrices of some layers lie elsewhere. */
function redirect<R>(
  states: States,
  layers: readonly LayerNode[],
  places: readonly Partial<Record<Matrix, number>>[],
  work: () => R,
): R {
  const point = (to: typeof places) => {
    layers.forEach((layer, i) => {
      Object.assign(states.of(layer), to[i]);
      states.writeRecord(layer);
    });
  };
  const kept = layers.map((layer) => {
    const { pre, post, target, lossWeights } = states.of(layer);
    return { pre, post, target, lossWeights };
  });
  point(places);
  try {
    return work();
  } finally {
    point(kept);
  }
}
