// Makes the layers of another library's tensors.

import type { ActivationOption, Graph, Layer, Loss, Synapse } from "../../index.js";
import { EPSILON } from "../../rules/norm.js";
import { checkSpare } from "./build.js";
import { bad, unsupported } from "./read.js";
import {
  type At,
  add,
  isIdentity,
  isOpen,
  optionsOf,
  type Pending,
  type Ready,
  sizeOf,
  type Tensor,
  type Term,
} from "./tensor.js";

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

  /** The graph, for layers of other kinds. */
  get graph(): Graph {
    return this.#graph;
  }

  /** Sets the gains, once all layers are there: adding a layer invalidates views. */
  finish(): void {
    for (const set of this.#gains) set();
  }

  /** Adds an input; `steps` is whether it has some, where other inputs or layers of the model have. */
  input(name: string, shape: readonly number[], steps?: boolean): Ready {
    const options = steps === false ? { time: false } : {};
    const layer = this.#graph.addInput(name, sizeOf(shape), "linear", options);
    return { shape, segments: [{ layer }], steps: steps === true ? { isReversed: false } : undefined };
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
    const { segments, steps } = this.ready(given);
    const biased = bias !== undefined || segments.some(({ shift }) => shift?.some((value) => value !== 0));
    const terms = segments.map(({ layer, at, scale, shift }) => {
      const block = matrix.slice(from, from + layer.size * columns);
      from += block.length;
      for (let i = 0; shift !== undefined && i < block.length; i++) {
        sum[i % columns]! += block[i]! * shift[Math.floor(i / columns)]!;
      }
      if (scale === undefined)
        return { layer, at, matrix: block, kernel: block.length === matrix.length ? matrix : undefined };
      return { layer, at, matrix: block.map((value, i) => value * scale[Math.floor(i / columns)]!) };
    });
    return { shape: [columns], steps, name, terms, bias: sum, biased, activation: "linear" };
  }

  /** Sums tensors of one shape, and multiplies the sum by a number. */
  sum(given: readonly Tensor[], factor: number, name: string): Pending {
    const { shape, steps } = given[0]!;
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
      return open.segments.map(({ layer, at: step, scale, shift }) => {
        const at = next;
        next += layer.size;
        for (let i = 0; i < layer.size; i++) bias[at + i]! += shift![i]!;
        biased ||= shift!.some((value) => value !== 0);
        return { layer, at: step, factors: scale!, from: at };
      });
    });
    return { shape, steps, name, terms, bias, biased, activation: "linear" };
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
      const terms = open.terms.map(({ layer, at, ...term }): Term => {
        if (one) return { layer, at, ...term };
        if ("factors" in term) {
          const factors = term.factors.map((value, i) => value * scale[term.from + i]!);
          return { layer, at, ...term, factors };
        }
        return { layer, at, matrix: term.matrix.map((value, i) => value * scale[i % scale.length]!) };
      });
      return { ...open, name, terms, bias, biased };
    }
    let next = 0;
    const segments = open.segments.map(({ layer, at, scale: before, shift: offset }) => {
      const [from, to] = [next, next + layer.size];
      next = to;
      return {
        layer,
        at,
        scale: before?.map((value, i) => value * scale[from + i]!) ?? scale.slice(from, to),
        shift: offset === undefined ? shift.slice(from, to) : moved(offset, from),
      };
    });
    return { shape: open.shape, steps: open.steps, segments };
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
    let { shape, steps, terms, bias: shift } = this.#pending(summed, name);
    if (shift.some((value) => value !== 0)) {
      ({ shape, terms } = this.sum([this.ready(this.#pending(summed, name))], 1, name));
    }
    return { shape, steps, name, terms, gain, bias, biased: true, activation: "linear" };
  }

  /** Adds dropout to a pending layer. */
  drop(given: Tensor, dropout: number): Tensor {
    return "terms" in given ? { ...given, dropout } : given;
  }

  /** Joins tensors to one row. */
  join(given: readonly Tensor[], shape: readonly number[]): Ready {
    const segments = given.flatMap((tensor) => this.ready(tensor).segments);
    return { shape, steps: given[0]!.steps, segments };
  }

  /** Returns a pending layer without an activation. */
  #pending(given: Tensor, name: string): Pending {
    return "terms" in given && isOpen(given) ? given : this.sum([given], 1, name);
  }

  /** Makes the layer, unless it is made. */
  ready(given: Tensor): Ready {
    if ("segments" in given) return given;
    const layer = this.named(given, this.name(given.name));
    return { shape: given.shape, steps: given.steps, segments: [{ layer }] };
  }

  /** Makes the layer of a pending tensor, under a name that `name` returned. */
  named(given: Pending, name: string): Layer {
    const layer = this.#graph.addHidden(name, given.bias.length, given.activation, optionsOf(given));
    this.#make(given, layer);
    return layer;
  }

  /** Makes the layer as an output. If the layer is made already, adds a linear output. */
  output(given: Tensor, name: string, loss?: Loss): Ready {
    if (given.steps?.isReversed) throw unsupported(`the output ${name}`, "has its steps in reverse order");
    const pending = "terms" in given ? given : this.sum([given], 1, name);
    const { bias, activation } = pending;
    const layer = this.#graph.addOutput(name, bias.length, activation, loss, optionsOf(pending));
    this.#make(pending, layer);
    return { shape: pending.shape, steps: pending.steps, segments: [{ layer }] };
  }

  /** Returns a name that no layer has, and takes it. */
  name(wanted: string): string {
    let name = wanted;
    for (let i = 1; this.#names.has(name); i++) name = `${wanted}_${i}`;
    this.#names.add(name);
    return name;
  }

  #make({ terms, gain }: Pending, layer: Layer<string, "float64">): void {
    if (gain !== undefined) {
      if (!gain.every(Number.isFinite)) throw bad(`the gain of ${layer.name}`, "is not finite");
      this.#gains.push(() => layer.gain!.set(gain));
    }
    const bySource = new Map<Layer, Map<Term["at"], Term[]>>();
    for (const term of terms) {
      const ofLayer = bySource.get(term.layer) ?? new Map<Term["at"], Term[]>();
      bySource.set(term.layer, ofLayer);
      const others = ofLayer.get(term.at);
      if (others === undefined) ofLayer.set(term.at, [term]);
      else others.push(term);
    }
    for (const ofLayer of bySource.values()) for (const terms of ofLayer.values()) this.#join(layer, terms);
  }

  /** Joins a layer to the one of some terms. */
  #join(to: Layer, terms: readonly Term[]): void {
    const [term] = terms as [Term];
    const { layer: from, at } = term;
    const step = at === undefined ? {} : { at };
    const alone = terms.length === 1;
    if (alone && isIdentity(term, to.size)) {
      this.#graph.connect(from, to, { kind: "identity", ...step });
      return;
    }
    if (alone && "matrix" in term && term.kernel !== undefined) {
      this.dense(from, to, term.kernel, step);
      return;
    }
    // Units picked, or multiplied by numbers of their own: these are no weights of the file, and don't learn.
    const made = !terms.some((one) => "matrix" in one);
    if (made) this.#zeros += from.size * (to.size - 1);
    checkSpare(this.#zeros);
    const values = new Float64Array(from.size * to.size);
    for (const one of terms) add(values, one, to.size);
    this.#graph.connect(from, to, { init: { values }, frozen: made, ...step });
  }

  /** Joins layers by a matrix of the file, which is shared where it was used before. */
  dense(from: Layer, to: Layer, kernel: Float64Array, step: { at?: At; delay?: number }): void {
    const share = this.#kernels.get(kernel);
    if (share !== undefined) this.#graph.connect(from, to, { share, ...step });
    else this.#kernels.set(kernel, this.#graph.connect(from, to, { init: { values: kernel }, ...step }));
  }
}
