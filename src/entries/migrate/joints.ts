// The synapses that the terms of pending layers become.

import type { Graph, Layer, Synapse, SynapseOptions } from "../../index.js";
import { areAll, combine, placeOf, tile } from "./repeat.js";
import { type At, isIdentity, type Term } from "./tensor.js";

type MapTerm = Extract<Term, { map: unknown }>;
type Pick = Extract<Term, { factors: unknown }>;
type Matrix = Extract<Term, { matrix: unknown }>;
/** A term of single weights between units. */
type Plain = Matrix | Pick;

const isMap = (term: Term): term is MapTerm => "map" in term;
const isMatrix = (term: Term): term is Matrix => "matrix" in term;

/** Joins layers. A kernel that was used before is shared. */
export class Joints {
  readonly #graph: Graph;
  /** Synapses by the kernel that they have, and by their kind. */
  readonly #kernels = new Map<Float64Array, Map<string, Synapse<"float64">>>();

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  /** Joins a layer to those of its terms. */
  join(to: Layer, terms: readonly Term[]): void {
    const bySource = new Map<Layer, Map<At | undefined, Term[]>>();
    for (const term of terms) {
      const ofLayer = bySource.get(term.layer) ?? new Map<At | undefined, Term[]>();
      bySource.set(term.layer, ofLayer);
      const others = ofLayer.get(term.at);
      if (others === undefined) ofLayer.set(term.at, [term]);
      else others.push(term);
    }
    for (const ofLayer of bySource.values()) {
      let count = 0;
      const options = (kind: string, at: At | undefined): SynapseOptions => ({
        ...(count++ === 0 || at !== undefined ? {} : { name: `${to.name}.${kind}${count}` }),
        ...(at === undefined ? {} : { at }),
      });
      for (const [at, terms] of ofLayer) {
        const plain = terms.filter((term): term is Plain => !isMap(term));
        if (plain.length > 0) this.#plain(to, plain, options("dense", at));
        for (const term of terms) {
          if (isMap(term)) this.#map(term, to, options(term.map.kind!, at));
        }
      }
    }
  }

  /** Joins layers by a matrix of the file, which is shared where it was used before. */
  dense(from: Layer, to: Layer, kernel: Float64Array, options: SynapseOptions): void {
    this.#kernel(from, to, kernel, { kind: "dense", ...options });
  }

  #kernel(from: Layer, to: Layer, kernel: Float64Array, options: SynapseOptions): void {
    const kinds = this.#kernels.get(kernel) ?? new Map<string, Synapse<"float64">>();
    this.#kernels.set(kernel, kinds);
    const share = kinds.get(options.kind!);
    if (share !== undefined) this.#graph.connect(from, to, { ...options, share });
    else kinds.set(options.kind!, this.#graph.connect(from, to, { ...options, init: { values: kernel } }));
  }

  #map({ layer, map, weights }: MapTerm, to: Layer, given: SynapseOptions): void {
    const options = { ...map, ...given };
    if (weights?.kernel !== undefined) this.#kernel(layer, to, weights.kernel, options);
    else {
      const init = weights === undefined ? {} : { init: { values: weights.values } };
      this.#graph.connect(layer, to, { ...options, ...init });
    }
  }

  /** Joins a layer to another by single weights. */
  #plain(to: Layer, terms: readonly Plain[], options: SynapseOptions): void {
    const from = terms[0]!.layer;
    const [matrices, picks] = [
      terms.filter(isMatrix),
      merged(terms.filter((one): one is Pick => !isMatrix(one))),
    ];
    const [matrix] = matrices;
    if (matrix === undefined) {
      if (picks.length === 1) this.#pick(picks[0]!, to, options);
      else this.#sparse(from, to, picks, options);
      return;
    }
    if (terms.length === 1 && matrix.kernel !== undefined) {
      this.dense(from, to, matrix.kernel, options);
      return;
    }
    const values = new Float64Array(from.size * to.size);
    for (const { matrix } of matrices) for (let i = 0; i < values.length; i++) values[i]! += matrix[i]!;
    for (const [unit, place, factor] of weightsOf(picks)) values[unit * to.size + place]! += factor;
    this.#graph.connect(from, to, { init: { values }, ...options });
  }

  /** Brings units of a layer to another, each times a number. These are no weights of the file, and don't learn. */
  #pick(term: Pick, to: Layer, options: SynapseOptions): void {
    const { layer: from, factors } = term;
    if (isIdentity(term, to.size)) this.#graph.connect(from, to, { ...options, kind: "identity" });
    else if (from.size === to.size) {
      const init = { values: tile(factors, to.size) };
      this.#graph.connect(from, to, { ...options, kind: "oneToOne", init, frozen: true });
    } else if (areAll(factors, 1) && from.size * 4 >= to.size) {
      const units = new Int32Array(to.size).fill(-1);
      for (const [unit, place] of weightsOf([term])) units[place] = unit;
      this.#graph.connect(from, to, { ...options, kind: "gather", units });
    } else this.#sparse(from, to, [term], options);
  }

  #sparse(from: Layer, to: Layer, picks: readonly Pick[], options: SynapseOptions): void {
    const found = new Map<number, number>();
    for (const [unit, place, factor] of weightsOf(picks)) {
      const key = unit * to.size + place;
      found.set(key, (found.get(key) ?? 0) + factor);
    }
    const connections = new Uint32Array(2 * found.size);
    let next = 0;
    for (const key of found.keys()) {
      connections[next++] = Math.floor(key / to.size);
      connections[next++] = key % to.size;
    }
    const init = { values: Float64Array.from(found.values()) };
    this.#graph.connect(from, to, { ...options, kind: "sparse", connections, init, frozen: true });
  }
}

/** Sums the numbers of terms that lead to the same part. */
function merged(picks: readonly Pick[]): Pick[] {
  const found = new Map<string, Pick>();
  for (const pick of picks) {
    const key = `${pick.part.from} ${pick.part.runs}`;
    const known = found.get(key);
    const sum = (a: number, b: number) => a + b;
    found.set(
      key,
      known === undefined
        ? pick
        : { ...pick, factors: combine(known.factors, pick.factors, pick.layer.size, sum) },
    );
  }
  return [...found.values()];
}

/** Yields the weights of terms: a unit of the source, one of the target, and a number. */
function* weightsOf(
  picks: readonly Pick[],
): Iterable<readonly [unit: number, place: number, factor: number]> {
  for (const { layer, factors, part } of picks) {
    for (let unit = 0; unit < layer.size; unit++) {
      yield [unit, placeOf(part, unit), factors[unit % factors.length]!];
    }
  }
}
