// The matrices of a graph of single neurons. Where few pairs of neurons are wired, a synapse has these alone.

import type { Graph, Layer, SynapseOptions } from "../../index.js";

/** The most pairs of units that are wired, as a share of all, for which a synapse is sparse. */
const SPARSE = 0.1;

/** Weights between units of two layers. */
export class Matrix {
  readonly #columns: number;
  /** Weights by their place in the matrix. */
  readonly #weights = new Map<number, number>();

  /** `columns` is the size of the target. */
  constructor(columns: number) {
    this.#columns = columns;
  }

  add(from: number, to: number, weight: number): void {
    const place = from * this.#columns + to;
    this.#weights.set(place, (this.#weights.get(place) ?? 0) + weight);
  }

  /** Joins two layers by the weights. */
  connect(graph: Graph, from: Layer, to: Layer, options: SynapseOptions): void {
    const all = from.size * to.size;
    if (this.#weights.size >= SPARSE * all) {
      const values = new Float64Array(all);
      for (const [place, weight] of this.#weights) values[place] = weight;
      graph.connect(from, to, { init: { values }, ...options });
      return;
    }
    const places = Float64Array.from(this.#weights.keys()).sort();
    const connections = new Uint32Array(2 * places.length);
    for (const [i, place] of places.entries()) {
      connections[2 * i] = Math.floor(place / to.size);
      connections[2 * i + 1] = place % to.size;
    }
    const init = { values: Float64Array.from(places, (place) => this.#weights.get(place)!) };
    graph.connect(from, to, { kind: "sparse", connections, init, ...options });
  }
}

/**
 * Brings units of a layer to units of another, by pairs (unit of from, unit of to). It has no weights that learn. `options` has
 * a delay, or a name beside another synapse.
 */
export function pick(
  graph: Graph,
  from: Layer,
  to: Layer,
  pairs: readonly (readonly [number, number])[],
  options: { readonly delay?: number; readonly name?: string } = {},
): void {
  const isWhole = from.size === to.size && pairs.length === to.size;
  if (isWhole && pairs.every(([a, b], i) => a === i && b === i)) {
    graph.connect(from, to, { kind: "identity", ...options });
    return;
  }
  const units = new Map(pairs.map(([a, b]) => [b, a]));
  // A gather has a number for each unit of its target, which has one source.
  if (units.size === pairs.length && units.size >= SPARSE * to.size) {
    const sources = Int32Array.from({ length: to.size }, (_, unit) => units.get(unit) ?? -1);
    graph.connect(from, to, { kind: "gather", units: sources, ...options });
    return;
  }
  const matrix = new Matrix(to.size);
  for (const [a, b] of pairs) matrix.add(a, b, 1);
  matrix.connect(graph, from, to, { frozen: true, ...options });
}
