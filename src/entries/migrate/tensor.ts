// A tensor of another library's model, in layers here: made already, or pending.

import type { ActivationOption, Graph, Layer, LayerOptions, Loss, Synapse } from "../../index.js";
import { EPSILON } from "../../rules/norm.js";
import { checkSpare } from "./build.js";
import { bad } from "./read.js";

/** The units of a layer, each multiplied by a number (1 by default), plus a number (0 by default). */
interface Segment {
  readonly layer: Layer;
  readonly scale?: Float64Array;
  readonly shift?: Float64Array;
}

/** Units of layers that are made, in a row. */
interface Ready {
  /** Shape without the samples, row-major. */
  readonly shape: readonly number[];
  readonly segments: readonly Segment[];
}

/**
 * A source layer's term: a matrix (its size, size), which may be a whole kernel that others use too. Or one unit of the
 * source for each unit, beginning at `at`, times a number.
 */
type Term = { readonly layer: Layer } & (
  | { readonly matrix: Float64Array; readonly kernel?: Float64Array | undefined }
  | { readonly factors: Float64Array; readonly at: number }
);

/** A pending layer: it sums its terms, normalizes if there is a gain, adds a bias, applies an activation and dropout. */
interface Pending {
  readonly shape: readonly number[];
  readonly name: string;
  readonly terms: readonly Term[];
  readonly bias: Float64Array;
  /** Whether the bias is the file's, or derived from one; else it is 0, and the layer has no bias. */
  readonly biased: boolean;
  readonly gain?: Float64Array;
  readonly activation: ActivationOption;
  readonly dropout?: number;
}

export type Tensor = Ready | Pending;

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Makes layers of tensors: as few as possible without using a parameter twice. */
export class Maker {
  readonly #graph: Graph;
  readonly #names: Set<string>;
  readonly #kernels = new Map<Float64Array, Synapse<"float64">>();
  readonly #gains: (() => void)[] = [];
  #zeros = 0;

  /** `reserved` names are those of inputs and outputs. */
  constructor(graph: Graph, reserved: Iterable<string>) {
    this.#graph = graph;
    this.#names = new Set(reserved);
  }

  /** Sets the gains, once all layers are there: adding a layer invalidates views. */
  finish(): void {
    for (const set of this.#gains) set();
  }

  input(name: string, shape: readonly number[]): Ready {
    return { shape, segments: [{ layer: this.#graph.addInput(name, sizeOf(shape)) }] };
  }

  /** Multiplies a tensor by a matrix of (size, columns), and adds a bias if there is one. */
  product(
    given: Tensor,
    matrix: Float64Array,
    columns: number,
    bias: Float64Array | undefined,
    name: string,
  ): Pending {
    const sum = bias?.slice() ?? new Float64Array(columns);
    let from = 0;
    const { segments } = this.ready(given);
    const biased = bias !== undefined || segments.some(({ shift }) => shift?.some((value) => value !== 0));
    const terms = segments.map(({ layer, scale, shift }) => {
      const block = matrix.slice(from, from + layer.size * columns);
      from += block.length;
      for (let i = 0; shift !== undefined && i < block.length; i++) {
        sum[i % columns]! += block[i]! * shift[Math.floor(i / columns)]!;
      }
      if (scale === undefined)
        return { layer, matrix: block, kernel: block.length === matrix.length ? matrix : undefined };
      return { layer, matrix: block.map((value, i) => value * scale[Math.floor(i / columns)]!) };
    });
    return { shape: [columns], name, terms, bias: sum, biased, activation: "linear" };
  }

  /** Sums tensors of one shape, and multiplies the sum by a number. */
  sum(given: readonly Tensor[], factor: number, name: string): Pending {
    const { shape } = given[0]!;
    const bias = new Float64Array(sizeOf(shape));
    const factors = new Float64Array(bias.length).fill(factor);
    let biased = false;
    const terms = given.flatMap((tensor): readonly Term[] => {
      const summand = "gain" in tensor ? this.ready(tensor) : tensor;
      const open = this.affine(summand, factors, new Float64Array(bias.length), name);
      if ("terms" in open) {
        for (let i = 0; i < bias.length; i++) bias[i]! += open.bias[i]!;
        biased ||= open.biased;
        return open.terms;
      }
      let next = 0;
      return open.segments.map(({ layer, scale, shift }) => {
        const at = next;
        next += layer.size;
        for (let i = 0; i < layer.size; i++) bias[at + i]! += shift![i]!;
        biased ||= shift!.some((value) => value !== 0);
        return { layer, factors: scale!, at };
      });
    });
    return { shape, name, terms, bias, biased, activation: "linear" };
  }

  /** Multiplies each unit by a number and adds another, by changing a pending layer if there is one. */
  affine(given: Tensor, scale: Float64Array, shift: Float64Array, name: string): Tensor {
    const moved = (values: Float64Array, from: number) =>
      values.map((value, i) => value * scale[from + i]! + shift[from + i]!);
    const open = isOpen(given) ? given : this.ready(given);
    if ("terms" in open) {
      const bias = moved(open.bias, 0);
      const biased = open.biased || shift.some((value) => value !== 0);
      if (open.gain !== undefined) {
        return { ...open, name, bias, biased, gain: open.gain.map((value, i) => value * scale[i]!) };
      }
      const one = scale.every((value) => value === 1);
      const terms = open.terms.map(({ layer, ...term }): Term => {
        if (one) return { layer, ...term };
        if ("factors" in term) {
          return { layer, ...term, factors: term.factors.map((value, i) => value * scale[term.at + i]!) };
        }
        return { layer, matrix: term.matrix.map((value, i) => value * scale[i % scale.length]!) };
      });
      return { ...open, name, terms, bias, biased };
    }
    let next = 0;
    const segments = open.segments.map(({ layer, scale: before, shift: offset }) => {
      const [from, to] = [next, next + layer.size];
      next = to;
      return {
        layer,
        scale: before?.map((value, i) => value * scale[from + i]!) ?? scale.slice(from, to),
        shift: offset === undefined ? shift.slice(from, to) : moved(offset, from),
      };
    });
    return { shape: open.shape, segments };
  }

  activate(given: Tensor, activation: ActivationOption, name: string): Tensor {
    if (activation === "linear") return given;
    return { ...this.#pending(given, name), name, activation };
  }

  /**
   * Computes gain (x - mean) / √(variance + epsilon) + bias, over the units of a sample. A layer's epsilon is fixed, so x is
   * scaled to the same effect.
   */
  norm(given: Tensor, gain: Float64Array, bias: Float64Array, epsilon: number, name: string): Pending {
    const zeros = new Float64Array(bias.length);
    const factor = Math.sqrt(EPSILON / epsilon);
    let summed = this.affine(
      given,
      zeros.map(() => factor),
      zeros,
      name,
    );
    // A layer with a norm normalizes sums without a bias, and has one norm.
    if ("terms" in summed && ("gain" in summed || summed.bias.some((value) => value !== 0))) {
      summed = this.ready(summed);
    }
    let { shape, terms, bias: shift } = this.#pending(summed, name);
    if (shift.some((value) => value !== 0)) {
      ({ shape, terms } = this.sum([this.ready(this.#pending(summed, name))], 1, name));
    }
    return { shape, name, terms, gain, bias, biased: true, activation: "linear" };
  }

  /** Adds dropout to a pending layer. */
  drop(given: Tensor, dropout: number): Tensor {
    return "terms" in given ? { ...given, dropout } : given;
  }

  /** Joins tensors to one row. */
  join(given: readonly Tensor[], shape: readonly number[]): Ready {
    return { shape, segments: given.flatMap((tensor) => this.ready(tensor).segments) };
  }

  /** Returns a pending layer without an activation. */
  #pending(given: Tensor, name: string): Pending {
    return "terms" in given && isOpen(given) ? given : this.sum([given], 1, name);
  }

  /** Makes the layer, unless it is made. */
  ready(given: Tensor): Ready {
    if ("segments" in given) return given;
    let name = given.name;
    for (let i = 1; this.#names.has(name); i++) name = `${given.name}_${i}`;
    this.#names.add(name);
    const options = optionsOf(given);
    return this.#make(given, this.#graph.addHidden(name, given.bias.length, given.activation, options));
  }

  /** Makes the layer as an output. If the layer is made already, adds a linear output. */
  output(given: Tensor, name: string, loss?: Loss): Ready {
    const pending = "terms" in given ? given : this.sum([given], 1, name);
    const { bias, activation } = pending;
    const layer = this.#graph.addOutput(name, bias.length, activation, loss, optionsOf(pending));
    return this.#make(pending, layer);
  }

  #make({ shape, terms, gain }: Pending, layer: Layer<string, "float64">): Ready {
    if (gain !== undefined) {
      if (!gain.every(Number.isFinite)) throw bad(`the gain of ${layer.name}`, "is not finite");
      this.#gains.push(() => layer.gain!.set(gain));
    }
    const byLayer = new Map<Layer, Term[]>();
    for (const term of terms) {
      const others = byLayer.get(term.layer);
      if (others === undefined) byLayer.set(term.layer, [term]);
      else others.push(term);
    }
    for (const [from, terms] of byLayer) this.#join(from, layer, terms);
    return { shape, segments: [{ layer }] };
  }

  #join(from: Layer, to: Layer, terms: readonly Term[]): void {
    const [term] = terms as [Term];
    const alone = terms.length === 1;
    if (alone && isIdentity(term, to.size)) {
      this.#graph.connect(from, to, { kind: "identity" });
      return;
    }
    const kernel = alone && "matrix" in term ? term.kernel : undefined;
    const share = kernel && this.#kernels.get(kernel);
    if (share !== undefined) {
      this.#graph.connect(from, to, { share });
      return;
    }
    // Units picked, or multiplied by numbers of their own: these are no weights of the file, and don't learn.
    const made = !terms.some((one) => "matrix" in one);
    if (made) this.#zeros += from.size * (to.size - 1);
    checkSpare(this.#zeros);
    const values = new Float64Array(from.size * to.size);
    for (const one of terms) add(values, one, to.size);
    const synapse = this.#graph.connect(from, to, { init: { values }, frozen: made });
    if (kernel !== undefined) this.#kernels.set(kernel, synapse);
  }
}

function optionsOf({ bias, biased, terms, gain, dropout }: Pending): LayerOptions {
  // A layer that only picks units has no bias in the file, except for numbers of a batch normalization.
  const frozen =
    gain === undefined &&
    biased &&
    terms.every((term) => "factors" in term && !isIdentity(term, bias.length));
  return {
    ...(biased ? { bias } : { bias: false }),
    ...(frozen ? { frozen } : {}),
    ...(gain === undefined ? {} : { norm: "layer" }),
    ...(dropout === undefined ? {} : { dropout }),
  };
}

/** Returns whether a term is all units of a layer, unchanged, for a layer of the same size. */
function isIdentity(term: Term, size: number): boolean {
  return "factors" in term && term.factors.length === size && term.factors.every((value) => value === 1);
}

/** Returns whether an operation can still be put before the activation of a tensor's layer. */
function isOpen(tensor: Tensor): boolean {
  return "segments" in tensor || (tensor.activation === "linear" && tensor.dropout === undefined);
}

/** Adds a term to its weights, with `columns` to a row. */
function add(view: Float64Array, term: Term, columns: number): void {
  if ("matrix" in term) {
    for (let i = 0; i < view.length; i++) view[i]! += term.matrix[i]!;
  } else {
    for (const [i, factor] of term.factors.entries()) view[i * columns + term.at + i]! += factor;
  }
}
