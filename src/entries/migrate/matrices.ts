// The matrices of a graph of single neurons. Their zeros are counted: a small file could ask for any number.

import type { Graph, Layer } from "../../index.js";
import { checkSpare } from "./build.js";

export class Matrices {
  readonly #graph: Graph;
  readonly #wires: number;
  #numbers = 0;

  /** `wires` is the number of weights in the file. */
  constructor(graph: Graph, wires: number) {
    this.#graph = graph;
    this.#wires = wires;
  }

  /** Returns room for a matrix. Throws `unsupported` where all matrices would be too sparse. */
  zeros(count: number): Float64Array {
    this.#numbers += count;
    checkSpare(this.#numbers - this.#wires);
    return new Float64Array(count);
  }

  /**
   * Brings units of a layer to units of another, by pairs (unit of from, unit of to). An identity brings each unit to the same
   * of the other; any other pairs need a matrix, which doesn't learn. `options` has a delay, or a name beside another synapse.
   */
  pick(
    from: Layer,
    to: Layer,
    pairs: readonly (readonly [number, number])[],
    options: { readonly delay?: number; readonly name?: string } = {},
  ): void {
    const isWhole = from.size === to.size && pairs.length === to.size;
    if (isWhole && pairs.every(([a, b], i) => a === i && b === i)) {
      this.#graph.connect(from, to, { kind: "identity", ...options });
      return;
    }
    const values = this.zeros(from.size * to.size);
    for (const [a, b] of pairs) values[a * to.size + b] = 1;
    this.#graph.connect(from, to, { init: { values }, frozen: true, ...options });
  }
}
