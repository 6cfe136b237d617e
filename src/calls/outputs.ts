// Outputs of all rows, computed in pieces, since costs and metrics need all rows.

import type { Matrix } from "../memory/matrices.js";
import type { Pass } from "../memory/pass.js";
import type { States } from "../memory/states.js";
import type { Times } from "../memory/times.js";
import type { LayerNode } from "../model/node.js";
import type { Network } from "./network.js";
import { type Evaluation, score } from "./score.js";
import type { Span } from "./sequence.js";

export class OutputRows {
  readonly #net: Pick<Network, "memory" | "training">;
  readonly #pass: Pass;
  readonly #samples: number;
  /** For each output: pointers of its pre and post, (rows, size), and the bytes of a row. */
  readonly #places: readonly { readonly pre: number; readonly post: number; readonly bytes: number }[];

  /**
   * `take` allocates blocks, which the caller frees. The pass has room for its states. `times` are the steps of all samples.
   * Throws `out-of-memory`.
   */
  constructor(
    net: Pick<Network, "memory" | "training">,
    pass: Pass,
    samples: number,
    take: (bytes: number, what: string) => number,
    times?: Times,
  ) {
    const { core, states } = net.memory;
    this.#net = net;
    this.#pass = pass;
    this.#samples = samples;
    this.#places = pass.outputs.map((l) => {
      const bytes = l.size * core.bytes;
      const rows = times !== undefined && pass.isTimed(l) ? times.rows : samples;
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

  /** Copies the last results of the pass, as a part of the rows of `whole`. */
  copySpan(whole: Times, span: Span): void {
    const { core, states } = this.#net.memory;
    const { u8 } = core;
    this.#pass.outputs.forEach((l, o) => {
      const { pre, post, bytes } = this.#places[o]!;
      const from = states.of(l);
      const isTimed = this.#pass.isTimed(l);
      const move = (to: number, row: number, at: number, matrix: number) =>
        u8.copyWithin(to + at * bytes, matrix + row * bytes, matrix + (row + 1) * bytes);
      for (let place = 0; place < span.times.samples; place++) {
        const steps = isTimed ? span.times.lengthOf(span.times.sampleAt(place)) : 1;
        for (let t = 0; t < steps; t++) {
          const row = isTimed ? span.times.row(place, t) : place;
          const at = isTimed ? whole.row(span.first + place, span.step + t) : span.first + place;
          move(pre, row, at, from.pre);
          if (post !== pre) move(post, row, at, from.post);
        }
      }
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
    const samples = this.#samples;
    const all = this.#places.map(({ pre, post }, o) => ({ pre, post, ...places[o] }));
    return redirect(states, pass.outputs, all, () => {
      net.training.useLossWeights(pass, isWeighted);
      return score(net, pass, samples, core.call.cost(pass.record, samples), metrics, isWeighted);
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
