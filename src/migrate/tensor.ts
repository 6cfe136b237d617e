// What a tensor of another library's model is, in layers here: computed already, or yet to be.

import type { ActivationOption, Layer } from "../index.js";
import { type AnyGraph, checkSpare, type Later } from "./build.js";

/** The units of a layer, each multiplied by a number (1), plus a number (0). */
interface Part {
  readonly layer: Layer;
  readonly scale?: Float64Array;
  readonly shift?: Float64Array;
}

/** Units that are there, in a row. */
export interface Ready {
  /** Without the samples; row-major. */
  readonly shape: readonly number[];
  readonly parts: readonly Part[];
}

/** What a layer brings: a matrix (its size, size), or each unit, from some place on, one of its own times a number. */
type Term = { readonly layer: Layer } & (
  | { readonly matrix: Float64Array }
  | { readonly factors: Float64Array; readonly at: number }
);

/** A layer to be made: it sums its terms, adds a bias and applies an activation. */
export interface Pending {
  readonly shape: readonly number[];
  readonly name: string;
  readonly terms: readonly Term[];
  readonly bias: Float64Array;
  readonly activation: ActivationOption;
}

export type Tensor = Ready | Pending;

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Makes layers of tensors: as few as there can be without using a parameter twice. */
export class Maker {
  readonly #graph: AnyGraph;
  readonly #later: Later;
  readonly #names: Set<string>;
  #zeros = 0;

  /** Some names are kept for inputs and outputs. */
  constructor(graph: AnyGraph, later: Later, reserved: Iterable<string>) {
    this.#graph = graph;
    this.#later = later;
    this.#names = new Set(reserved);
  }

  input(name: string, shape: readonly number[]): Ready {
    return { shape, parts: [{ layer: this.#graph.addInput(name, sizeOf(shape)) }] };
  }

  /** A product with a matrix of (size, columns), plus a bias. */
  product(given: Tensor, matrix: Float64Array, bias: Float64Array, name: string): Pending {
    const columns = bias.length;
    const sum = bias.slice();
    let from = 0;
    const terms = this.ready(given).parts.map(({ layer, scale, shift }) => {
      const part = matrix.slice(from, from + layer.size * columns);
      from += part.length;
      for (let i = 0; shift !== undefined && i < part.length; i++) {
        sum[i % columns]! += part[i]! * shift[Math.floor(i / columns)]!;
      }
      const scaled = scale && part.map((value, i) => value * scale[Math.floor(i / columns)]!);
      return { layer, matrix: scaled ?? part };
    });
    return { shape: [columns], name, terms, bias: sum, activation: "linear" };
  }

  /** The sum of tensors of one shape, each multiplied by a number. */
  sum(given: readonly Tensor[], factor: number, name: string): Pending {
    const { shape } = given[0]!;
    const bias = new Float64Array(sizeOf(shape));
    const factors = new Float64Array(bias.length).fill(factor);
    const terms = given.flatMap((tensor): readonly Term[] => {
      const open = this.affine(tensor, factors, new Float64Array(bias.length), name);
      if ("terms" in open) {
        for (let i = 0; i < bias.length; i++) bias[i]! += open.bias[i]!;
        return open.terms;
      }
      let next = 0;
      return open.parts.map(({ layer, scale, shift }) => {
        const at = next;
        next += layer.size;
        for (let i = 0; i < layer.size; i++) bias[at + i]! += shift![i]!;
        return { layer, factors: scale!, at };
      });
    });
    return { shape, name, terms, bias, activation: "linear" };
  }

  /** Each unit multiplied by a number, plus a number: folded into what is there. */
  affine(given: Tensor, scale: Float64Array, shift: Float64Array, name: string): Tensor {
    const moved = (values: Float64Array, from: number) =>
      values.map((value, i) => value * scale[from + i]! + shift[from + i]!);
    const open = isOpen(given) ? given : this.ready(given);
    if ("terms" in open) {
      const terms = open.terms.map((term): Term => {
        if ("matrix" in term) {
          return { ...term, matrix: term.matrix.map((value, i) => value * scale[i % scale.length]!) };
        }
        return { ...term, factors: term.factors.map((value, i) => value * scale[term.at + i]!) };
      });
      return { ...open, name, terms, bias: moved(open.bias, 0) };
    }
    let next = 0;
    const parts = open.parts.map(({ layer, scale: before, shift: offset }) => {
      const [from, to] = [next, next + layer.size];
      next = to;
      return {
        layer,
        scale: before?.map((value, i) => value * scale[from + i]!) ?? scale.slice(from, to),
        shift: offset === undefined ? shift.slice(from, to) : moved(offset, from),
      };
    });
    return { shape: open.shape, parts };
  }

  activate(given: Tensor, activation: ActivationOption, name: string): Tensor {
    if (activation === "linear") return given;
    return { ...this.#pending(given, name), name, activation };
  }

  /** Tensors in a row. */
  join(given: readonly Tensor[], shape: readonly number[]): Ready {
    return { shape, parts: given.flatMap((tensor) => this.ready(tensor).parts) };
  }

  /** A layer yet to be made, without an activation. */
  #pending(given: Tensor, name: string): Pending {
    return "terms" in given && isOpen(given) ? given : this.sum([given], 1, name);
  }

  /** Makes the layer, if it isn't there. */
  ready(given: Tensor): Ready {
    if ("parts" in given) return given;
    let name = given.name;
    for (let i = 1; this.#names.has(name); i++) name = `${given.name}_${i}`;
    this.#names.add(name);
    return this.#make(given, this.#graph.addHidden(name, given.bias.length, given.activation));
  }

  /** Makes the layer, as an output; another one where it is there. */
  output(given: Tensor, name: string): Ready {
    const pending = "terms" in given ? given : this.sum([given], 1, name);
    return this.#make(pending, this.#graph.addOutput(name, pending.bias.length, pending.activation));
  }

  #make({ shape, terms, bias }: Pending, layer: Layer): Ready {
    this.#later(() => layer.bias.set(bias));
    const byLayer = new Map<Layer, Term[]>();
    for (const term of terms) {
      const others = byLayer.get(term.layer);
      if (others === undefined) byLayer.set(term.layer, [term]);
      else others.push(term);
    }
    for (const [from, parts] of byLayer) {
      if (!parts.some((part) => "matrix" in part)) this.#zeros += from.size * (bias.length - 1);
      checkSpare(this.#zeros);
      const synapse = this.#graph.connect(from, layer);
      this.#later(() => {
        const view = synapse.weights.fill(0);
        for (const part of parts) add(view, part, bias.length);
      });
    }
    return { shape, parts: [{ layer }] };
  }
}

function isOpen(tensor: Tensor): boolean {
  return "parts" in tensor || tensor.activation === "linear";
}

/** Adds a term to the weights that it is part of, with `columns` to a row. */
function add(view: Float64Array, term: Term, columns: number): void {
  if ("matrix" in term) {
    for (let i = 0; i < view.length; i++) view[i]! += term.matrix[i]!;
  } else {
    for (const [i, factor] of term.factors.entries()) view[i * columns + term.at + i]! += factor;
  }
}
