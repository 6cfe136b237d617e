// Makes the layers of another library's tensors. maps.ts has those that windows, tables and lists of units join.

import type { ActivationOption, Graph, Layer, Loss } from "../../index.js";
import { EPSILON } from "../../rules/norm.js";
import { absorbed, beside, takes } from "./affine.js";
import { Joints } from "./joints.js";
import { bad, unsupported } from "./read.js";
import { areAll, assemble, combine, placeOf } from "./repeat.js";
import {
  type At,
  extentsOf,
  isOpen,
  isSum,
  layerShape,
  optionsOf,
  type Pending,
  partsOf,
  type Ready,
  type Segment,
  sizeOf,
  type Tensor,
  type Term,
} from "./tensor.js";

/** Most units of all layers together: a small file could ask for any number. */
const UNITS = 2 ** 25;

/** Makes layers of tensors: as few as possible without using a parameter twice. */
export class Maker {
  readonly #graph: Graph;
  readonly #names: Set<string>;
  readonly #joints: Joints;
  readonly #gains: (() => void)[] = [];
  #units = 0;

  /** `reserved` names are those of inputs and outputs. */
  constructor(graph: Graph, reserved: Iterable<string>) {
    this.#graph = graph;
    this.#names = new Set(reserved);
    this.#joints = new Joints(graph);
  }

  /** The graph, for layers of other kinds. */
  get graph(): Graph {
    return this.#graph;
  }

  /** Sets the gains, once all layers are there: adding a layer invalidates views. */
  finish(): void {
    for (const set of this.#gains) set();
  }

  /**
   * Adds an input; `steps` is whether it has some, where other inputs or layers of the model have. With `classes` its values
   * are class numbers.
   */
  input(name: string, shape: readonly number[], steps?: boolean, classes?: number): Ready {
    const options = {
      ...(steps === false ? { time: false } : {}),
      ...(classes === undefined ? {} : { classes }),
    };
    const extents = classes === undefined ? extentsOf(shape) : [sizeOf(shape)];
    const layer = this.#graph.addInput(name, this.#counted(extents), "linear", options);
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
    const ready = this.ready(given);
    const { segments, steps } = ready;
    const biased = bias !== undefined || segments.some(({ shift }) => !areAll(shift, 0));
    const parts = partsOf(ready);
    const terms = segments.map(({ layer, at, scale, shift }, i) => {
      if (segments.length === 1 && scale === undefined && shift === undefined) {
        return { layer, at, matrix, kernel: matrix };
      }
      const block = new Float64Array(layer.size * columns);
      for (let unit = 0; unit < layer.size; unit++) {
        const row = placeOf(parts[i]!, unit) * columns;
        const factor = scale === undefined ? 1 : scale[unit % scale.length]!;
        const offset = shift === undefined ? 0 : shift[unit % shift.length]!;
        for (let j = 0; j < columns; j++) {
          const weight = matrix[row + j]!;
          sum[j]! += weight * offset;
          block[unit * columns + j] = weight * factor;
        }
      }
      return { layer, at, matrix: block };
    });
    return { shape: [columns], steps, name, terms, bias: sum, biased, activation: "linear" };
  }

  /** Sums tensors of one shape, and multiplies the sum by a number. */
  sum(given: readonly Tensor[], factor: number, name: string): Pending {
    const { shape, steps } = given[0]!;
    let extents: readonly number[] | undefined;
    let bias: Float64Array = Float64Array.of(0);
    let biased = false;
    const add = (more: Float64Array) => {
      bias = combine(bias, more, sizeOf(shape), (a, b) => a + b);
    };
    const terms = given.flatMap((tensor): readonly Term[] => {
      const summand = isSum(tensor) ? tensor : this.ready(tensor);
      let open = this.affine(summand, Float64Array.of(factor), Float64Array.of(0), name);
      if ("terms" in open && open.extents !== undefined) {
        if (extents !== undefined && `${extents}` !== `${open.extents}`) open = this.ready(open);
        else extents = open.extents;
      }
      if ("terms" in open) {
        add(open.bias);
        biased ||= open.biased;
        return open.terms;
      }
      const { segments } = open;
      const parts = partsOf(open);
      const shifts = segments.map(({ shift }) => shift);
      add(assemble(parts, shifts, 0));
      biased ||= !shifts.every((shift) => areAll(shift, 0));
      return segments.map(({ layer, at, scale }, i) => {
        return { layer, at, factors: scale ?? Float64Array.of(1), part: parts[i]! };
      });
    });
    return { shape, extents, steps, name, terms, bias, biased, activation: "linear" };
  }

  /** Multiplies tensors of one shape, unit by unit. */
  multiply(given: readonly Tensor[], name: string): Pending {
    const { shape, steps } = given[0]!;
    const used = new Map<Layer, Set<At | undefined>>();
    const terms = given.map((tensor): Term => {
      let ready = this.ready(tensor);
      const [segment, ...others] = ready.segments as [Segment, ...Segment[]];
      const isPlain = areAll(segment.scale, 1) && areAll(segment.shift, 0) && others.length === 0;
      // Two synapses of the same layers would be one sum.
      if (!isPlain || used.get(segment.layer)?.has(segment.at)) ready = this.whole(ready);
      const { layer, at } = ready.segments[0]!;
      used.set(layer, (used.get(layer) ?? new Set()).add(at));
      return { layer, at, factors: Float64Array.of(1), part: partsOf(ready)[0]! };
    });
    const bias = Float64Array.of(0);
    return { shape, steps, name, terms, bias, biased: false, isProduct: true, activation: "linear" };
  }

  /** Multiplies each unit by a number and adds another, by changing a pending layer if there is one. The numbers repeat. */
  affine(given: Tensor, scale: Float64Array, shift: Float64Array, name: string): Tensor {
    return takes(given, scale)
      ? absorbed(given, scale, shift, name)
      : beside(this.ready(given), scale, shift);
  }

  activate(given: Tensor, activation: ActivationOption, name: string): Tensor {
    if (activation === "linear") return given;
    let pending = this.#pending(given, name);
    if (activation !== "softmax") return { ...pending, name, activation };
    // A softmax goes over the channels of its layer.
    const extents = extentsOf(given.shape);
    if (layerShape(pending).at(-1) !== extents.at(-1)) pending = this.sum([this.ready(pending)], 1, name);
    return { ...pending, extents: pending.extents ?? extents, name, activation };
  }

  /**
   * Computes gain (x - mean) / √(variance + epsilon) + bias, over the units of a sample. A layer's epsilon is fixed, so x is
   * scaled to the same effect.
   */
  norm(given: Tensor, gain: Float64Array, bias: Float64Array, epsilon: number, name: string): Pending {
    const factor = Float64Array.of(Math.sqrt(EPSILON / epsilon));
    let summed = this.affine(given, factor, Float64Array.of(0), name);
    // A layer with a norm normalizes sums without a bias, and has one norm.
    if ("terms" in summed && (!isSum(summed) || !areAll(summed.bias, 0))) summed = this.ready(summed);
    let { shape, steps, terms, extents, bias: shift } = this.#pending(summed, name);
    if (!areAll(shift, 0)) {
      ({ shape, terms, extents } = this.sum([this.ready(this.#pending(summed, name))], 1, name));
    }
    return { shape, extents, steps, name, terms, gain, bias, biased: true, activation: "linear" };
  }

  /** Adds dropout to a pending layer. */
  drop(given: Tensor, dropout: number): Tensor {
    return "terms" in given ? { ...given, dropout } : given;
  }

  /** Joins tensors along an axis that has `runs` positions before it. */
  join(given: readonly Tensor[], shape: readonly number[], runs = 1): Ready {
    const segments = given.flatMap((tensor) => {
      const ready = this.ready(tensor);
      const isRun = ready.segments.length === 1 || (ready.runs ?? 1) === runs;
      return (isRun ? ready : this.whole(ready)).segments;
    });
    return { shape, steps: given[0]!.steps, segments, runs };
  }

  /** Returns a pending layer without an activation. */
  #pending(given: Tensor, name: string): Pending {
    return "terms" in given && isOpen(given) ? given : this.sum([given], 1, name);
  }

  /** Makes the layer, unless it is made. */
  ready(given: Tensor): Ready {
    if ("segments" in given) return given;
    const layer = this.named(given, this.name(given.name));
    const { shape, steps, pads } = given;
    return { shape, steps, pads, segments: [{ layer }] };
  }

  /** Makes one layer of the tensor's own shape, of layers that are made. */
  whole(given: Ready): Ready {
    return this.ready(this.sum([given], 1, given.segments[0]!.layer.name));
  }

  /** Makes the layer of a pending tensor, under a name that `name` returned. */
  named(given: Pending, name: string): Layer {
    const shape = this.#counted(layerShape(given));
    const layer = this.#graph.addHidden(name, shape, given.activation, optionsOf(given));
    this.#make(given, layer);
    return layer;
  }

  /** Makes the layer as an output. If the layer is made already, adds a linear output. */
  output(given: Tensor, name: string, loss?: Loss): Ready {
    if (given.steps?.isReversed) throw unsupported(`the output ${name}`, "has its steps in reverse order");
    const pending = "terms" in given ? given : this.sum([given], 1, name);
    const shape = this.#counted(layerShape(pending));
    const layer = this.#graph.addOutput(name, shape, pending.activation, loss, optionsOf(pending));
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

  /** Joins layers by a matrix of the file, which is shared where it was used before. */
  dense(from: Layer, to: Layer, kernel: Float64Array, step: { at?: At; delay?: number }): void {
    this.#joints.dense(from, to, kernel, step);
  }

  /** Counts the units of a layer, and returns its shape. */
  #counted(shape: readonly number[]): readonly number[] {
    this.#units += sizeOf(shape);
    if (this.#units > UNITS)
      throw unsupported("the model", `has layers of more than ${UNITS} units together`);
    return shape;
  }

  #make({ terms, gain }: Pending, layer: Layer<string, "float64">): void {
    if (gain !== undefined) {
      if (!gain.every(Number.isFinite)) throw bad(`the gain of ${layer.name}`, "is not finite");
      this.#gains.push(() => layer.gain!.set(gain));
    }
    this.#joints.join(layer, terms);
  }
}
