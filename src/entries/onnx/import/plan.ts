// The plan of layers. The graph is made once all layers are planned, so that a refused file has made nothing.

import { show } from "../../../base/text.js";
import { type ActivationOption, GraphError } from "../../../index.js";
import { positions, type Shape } from "../../../rules/shape.js";
import { Budget, checkSize } from "./budget.js";
import { channelsFirst, hasRank, normal, type Order, shapeLayer } from "./shapes.js";
import type { Constant, Numbers } from "./tensor.js";
import {
  type Axes,
  BATCH_FIRST,
  type Dense,
  isDense,
  isPick,
  isTable,
  isWindowed,
  type LayerPlan,
  type Pick,
  type Term,
  type Value,
} from "./term.js";
import {
  isMovable,
  isOwnStep,
  isScalable,
  isSum,
  layerOf,
  leavesOut,
  multiplied,
  ofLayer,
  onlyTerm,
  pick,
  scaled,
  shifted,
  size,
  sum,
} from "./value.js";

export type Operand = Value | Constant;

export function isValue(operand: Operand): operand is Value {
  return "terms" in operand;
}

/** A value before its padding, and what stands around it, along each axis of its units. */
export interface Padded {
  readonly inner: Value;
  readonly pads: readonly (readonly [before: number, after: number])[];
  readonly value: number;
}

/** Samples and steps that a file is made for. */
interface Sizes {
  readonly batch?: number | undefined;
  readonly steps?: number | undefined;
  readonly batched?: boolean;
  readonly hasSteps?: boolean;
  readonly keepsOrder?: boolean;
}

export class Plan {
  readonly layers: LayerPlan[] = [];
  /** Tensor names of values. */
  readonly names = new WeakMap<Value, string>();
  /** The number of samples that the file was made for; undefined for any number. */
  readonly batch: number | undefined;
  /** The number of steps that the file was made for; undefined for any number. */
  readonly steps: number | undefined;
  /** Whether values have a batch; else the file is made for one sample, without such an axis. */
  readonly batched: boolean;
  /** Whether an input has an axis of steps. */
  readonly hasSteps: boolean;
  /** Whether images go in and out as in the file, not with their channels last. */
  readonly keepsOrder: boolean;
  /** Values that are others with padding around their last axes. */
  readonly padded = new WeakMap<Value, Padded>();
  readonly #budget: Budget;

  constructor(
    bytes: number,
    { batch, steps, batched = true, hasSteps = false, keepsOrder = false }: Sizes = {},
  ) {
    this.#budget = new Budget(bytes);
    this.batch = batch;
    this.steps = steps;
    this.batched = batched;
    this.hasSteps = hasSteps;
    this.keepsOrder = keepsOrder;
  }

  /** The axes of a tensor whose first axis is the batch, or of a file of one sample. */
  get axes(): Axes {
    return this.batched ? BATCH_FIRST : { batch: -1, time: -1 };
  }

  /** Whether more room was asked for than there is. */
  get exhausted(): boolean {
    return this.#budget.exhausted;
  }

  /** Takes room for numbers. Throws `unsupported` where there is no more. */
  charge(numbers: number): void {
    this.#budget.charge(numbers);
  }

  /** Takes room for units of layers, which images have many of. Throws `unsupported` where there is no more. */
  chargeUnits(units: number): void {
    this.#budget.chargeUnits(units);
  }

  add(layer: Omit<LayerPlan, "name">): LayerPlan {
    const terms = layer.kind === "input" || layer.terms.length > 0 ? layer.terms : [this.#nothing(layer)];
    const planned = this.open({ ...layer, terms });
    planned.terms = terms.map((term) => this.#agreeing(planned, term));
    this.layers.push(planned);
    return planned;
  }

  /** Shapes a layer by a term's windows. If it can't have that, the term is a layer of its own. */
  #agreeing(layer: LayerPlan, term: Term): Term {
    const { map } = term;
    if (!isWindowed(map) && (!isTable(map) || layer.shape === undefined)) return term;
    if (isWindowed(map)) {
      const { from, to } = map;
      const isPlain = to.length === 1;
      if (isPlain ? hasRank(layer, from.length - 1) : this.shape(layer, to, channelsFirst(to))) return term;
    }
    const { label, size } = layer;
    const facts = { label, kind: "hidden" as const, size, activation: "linear" as const };
    const own = this.add({ ...facts, terms: [term], bias: undefined, gain: undefined });
    return { from: own, map: { index: undefined, scale: undefined } };
  }

  /** Shapes a layer by windows, if it can have that shape. Returns whether it has it. */
  shape(layer: LayerPlan, shape: Shape, order: Order): boolean {
    return shapeLayer(layer, shape, order, this.keepsOrder, true);
  }

  /** Makes a layer that others can have as a source before it is added to `layers`. */
  open(layer: Omit<LayerPlan, "name">): LayerPlan {
    checkSize(layer.size);
    if (layer.size === 0) throw new GraphError("unsupported", `${show(layer.label)} has rows of no number.`);
    this.chargeUnits(layer.size);
    return { ...layer, name: layer.label };
  }

  /** Connects a constant to an input, with weights of 0: a layer needs an incoming synapse. */
  #nothing({ label, size }: Omit<LayerPlan, "name">): Term {
    const [from] = this.layers;
    if (from === undefined) throw new GraphError("unsupported", `${show(label)} depends on no input.`);
    this.charge(from.size * size);
    return { from, map: { matrix: new Float64Array(from.size * size), fixed: true } };
  }

  /** Adds a layer of a value's units with an activation. `rows` are the groups of a softmax. */
  activate(v: Value, activation: ActivationOption, label: string, rows?: Int32Array): Value {
    const { terms, bias, gain, groups, dims, isProduct = false } = v;
    const kind = "hidden" as const;
    const facts = {
      label,
      kind,
      size: size(v),
      activation,
      dims,
      terms,
      bias,
      gain,
      groups,
      rows,
      isProduct,
    };
    return ofLayer(this.add(facts), dims, v.axes);
  }

  /** Returns a value as a layer, which is added unless the value is one. */
  asLayer(v: Value, label: string): Value {
    return layerOf(v) === undefined ? this.activate(v, "linear", this.names.get(v) ?? label) : v;
  }

  /** Returns a value that at most picks units. A value with a norm, a product or a matrix becomes a layer. */
  picks(v: Value, label: string): Value {
    const plain = isSum(v) && v.terms.every(({ map }) => isPick(map));
    return plain ? v : this.asLayer(v, label);
  }

  /** Reorders, repeats or leaves out units of a value. */
  pick(v: Value, dims: readonly number[], index: Int32Array, label: string): Value {
    // A matrix that is moved beside others would have zeros that learn.
    const moved = index.includes(-1) && v.terms.some(({ map }) => !isPick(map));
    const plain = isMovable(v) && !moved ? v : this.asLayer(v, label);
    this.charge(
      index.length * plain.terms.reduce((n, { from, map }) => n + (isPick(map) ? 1 : from.size), 1),
    );
    return pick(plain, dims, index);
  }

  sum(a: Value, b: Value, label: string): Value {
    const [x, y] = [a, b].map((v) => (isSum(v) ? v : this.asLayer(v, label)));
    this.charge(a.terms.length * b.terms.length);
    this.chargeUnits(size(a));
    return sum(x!, y!);
  }

  /** Returns the product of two values of one size, unit by unit. */
  factors(a: Value, b: Value, label: string): Value {
    const factorsOf = (v: Value): readonly Term[] => {
      const isPlain = v.bias === undefined && v.gain === undefined;
      if (isPlain && (v.isProduct || v.terms.length === 1)) return v.terms;
      return this.asLayer(v, label).terms;
    };
    const terms = [...factorsOf(a), ...factorsOf(b)];
    this.charge(terms.length);
    this.chargeUnits(size(a));
    return { dims: a.dims, axes: a.axes, terms, bias: undefined, gain: undefined, isProduct: true };
  }

  /** Returns one step of a value with steps, which has the same shape without that axis. */
  stepOf(v: Value, at: "last" | "first", axes: Axes, label: string): Value {
    const plain = isSum(v) && v.terms.every(isOwnStep) ? v : this.asLayer(v, label);
    return { ...plain, axes, terms: plain.terms.map((term) => ({ ...term, at })) };
  }

  /** Returns a value whose steps come later, with a row outside the sequence. */
  delayed(v: Value, delay: number, outside: Numbers, label: string): Value {
    let layer = layerOf(v) ?? layerOf(this.asLayer(v, label))!;
    if (!hasInitial(layer, outside)) {
      layer = layerOf(this.activate(ofLayer(layer, v.dims, v.axes), "linear", `${label}.delayed`))!;
    }
    layer.initial = outside;
    const shifted = ofLayer(layer, v.dims, v.axes);
    return { ...shifted, terms: shifted.terms.map((term) => ({ ...term, delay })) };
  }

  /** Multiplies each unit by a number of its own. */
  scaled(given: Value, factor: Numbers): Value {
    const v = isScalable(given, factor) ? given : this.asLayer(given, `${given.terms[0]!.from.label}.mapped`);
    this.chargeUnits(factor.length);
    for (const { map } of v.terms) {
      if (isDense(map)) this.charge(map.matrix.length);
      else if (isWindowed(map)) this.charge(map.weights?.length ?? 0);
      else this.chargeUnits(factor.length);
    }
    return scaled(v, factor);
  }

  /** Adds a number of its own to each unit. */
  shifted(v: Value, by: Numbers): Value {
    this.chargeUnits(by.length);
    return shifted(v, by);
  }

  /** Multiplies all units by one number. */
  times(v: Value, number: number): Value {
    return number === 1 ? v : this.scaled(v, new Float64Array(size(v)).fill(number));
  }

  /** Adds one number to all units. */
  plus(v: Value, number: number): Value {
    return number === 0 ? v : this.shifted(v, new Float64Array(size(v)).fill(number));
  }

  /** Returns a value that has all units of its layers, at most picked: weights of others would be 0 and learn. */
  whole(v: Value, label: string): Value {
    const plain = this.picks(v, label);
    this.charge(plain.terms.reduce((n, { from }) => n + from.size, 0));
    const parted = plain.terms.some(({ from, map }) => leavesOut(map as Pick, from));
    return parted ? this.asLayer(plain, label) : plain;
  }

  /**
   * Returns the source of windows over a value of (channels, …extents): a term whose layer has the shape (…extents, channels).
   * One position needs no shape, unless it is asked for.
   */
  image(v: Value, shape: Shape, isNeeded: boolean, label: string): Term {
    const first = channelsFirst(shape);
    for (let one = v, tries = 0; tries < 4; tries++) {
      this.chargeUnits(size(one));
      const found = onlyTerm(one);
      if (found !== undefined) {
        const { term, index } = found;
        const order = normal(Int32Array.from({ length: index.length }, (_, at) => index[first?.[at] ?? at]!));
        const isPlain = positions(shape) === 1 && !isNeeded && order === undefined;
        if (isPlain && hasRank(term.from, shape.length - 1)) return term;
        if (this.shape(term.from, shape, order)) return term;
      }
      one = this.activate(one, "linear", this.names.get(one) ?? label);
    }
    throw new GraphError("unsupported", `${show(label)} has units in no order that windows can have.`);
  }

  /** Returns the product with a matrix of (units of v, width). */
  product(v: Value, by: Dense, dims: readonly number[], label: string): Value {
    const plain = by.fixed === true ? this.picks(v, label) : this.whole(v, label);
    const width = by.matrix.length / size(v);
    for (const { from } of plain.terms) if (layerOf(plain) === undefined) this.charge(from.size * width);
    return multiplied(plain, by, width, dims);
  }
}

/** Returns whether a layer's values outside the sequence are a row, or can become it. */
function hasInitial({ initial }: LayerPlan, row: Numbers): boolean {
  return initial === undefined || initial.every((value, i) => value === row[i]);
}
