// The plan of layers. The graph is made once all layers are planned, so that a refused file has made nothing.

import { show } from "../../../base/text.js";
import { type ActivationOption, GraphError } from "../../../index.js";
import type { Constant, Numbers } from "./tensor.js";
import {
  type Dense,
  isPick,
  type LayerPlan,
  layerOf,
  leavesOut,
  multiplied,
  ofLayer,
  type Pick,
  pick,
  scaled,
  shifted,
  size,
  sum,
  type Term,
  type Value,
} from "./value.js";

export type Operand = Value | Constant;

export function isValue(operand: Operand): operand is Value {
  return "terms" in operand;
}

/** Most units of a layer. */
const LARGEST = 2 ** 24;

/** Most numbers that a plan may make beside the file's: a few bytes of a file can ask for any matrix. */
const ROOM = 2 ** 24;

export class Plan {
  readonly layers: LayerPlan[] = [];
  /** Tensor names of values. */
  readonly names = new WeakMap<Value, string>();
  /** The number of samples that the file was made for; undefined for any number. */
  readonly batch: number | undefined;
  /** Whether axis 0 of a value is its batch; else the file is made for one sample, without such an axis. */
  readonly batched: boolean;
  #room: number;

  constructor(bytes: number, batch: number | undefined, batched = true) {
    this.#room = ROOM + 2 * bytes;
    this.batch = batch;
    this.batched = batched;
  }

  /** Whether more room was asked for than there is. */
  get exhausted(): boolean {
    return !(this.#room >= 0);
  }

  /** Takes room for numbers. Throws `unsupported` where there is no more. */
  charge(numbers: number): void {
    this.#room -= numbers;
    if (!(this.#room >= 0)) {
      throw new GraphError(
        "unsupported",
        "As a graph of layers, this file would be out of all proportion to its size.",
      );
    }
  }

  add(layer: Omit<LayerPlan, "name">): LayerPlan {
    if (layer.size > LARGEST) {
      throw new GraphError("unsupported", `A layer of ${layer.size} units is more than ${LARGEST}.`);
    }
    if (layer.size === 0) throw new GraphError("unsupported", `${show(layer.label)} has rows of no number.`);
    this.charge(layer.size);
    const terms = layer.kind === "input" || layer.terms.length > 0 ? layer.terms : [this.#nothing(layer)];
    const planned = { ...layer, terms, name: layer.label };
    this.layers.push(planned);
    return planned;
  }

  /** Connects a constant to an input, with weights of 0: a layer needs an incoming synapse. */
  #nothing({ label, size }: Omit<LayerPlan, "name">): Term {
    const [from] = this.layers;
    if (from === undefined) throw new GraphError("unsupported", `${show(label)} depends on no input.`);
    this.charge(from.size * size);
    return { from, map: { matrix: new Float64Array(from.size * size), fixed: true } };
  }

  /** Adds a layer of a value's units with an activation. */
  activate(v: Value, activation: ActivationOption, label: string): Value {
    const { terms, bias, gain } = v;
    return ofLayer(this.add({ label, kind: "hidden", size: size(v), activation, terms, bias, gain }), v.dims);
  }

  /** Returns a value as a layer, which is added unless the value is one. */
  asLayer(v: Value, label: string): Value {
    return layerOf(v) === undefined ? this.activate(v, "linear", this.names.get(v) ?? label) : v;
  }

  /** Returns a value that at most picks units. A value with a norm or a matrix becomes a layer. */
  picks(v: Value, label: string): Value {
    const plain = v.gain === undefined && v.terms.every(({ map }) => isPick(map));
    return plain ? v : this.asLayer(v, label);
  }

  /** Reorders, repeats or leaves out units of a value. */
  pick(v: Value, dims: readonly number[], index: Int32Array, label: string): Value {
    // A matrix that is moved beside others would have zeros that learn.
    const moved = index.includes(-1) && v.terms.some(({ map }) => !isPick(map));
    const plain = v.gain === undefined && !moved ? v : this.asLayer(v, label);
    this.charge(
      index.length * plain.terms.reduce((n, { from, map }) => n + (isPick(map) ? 1 : from.size), 1),
    );
    return pick(plain, dims, index);
  }

  sum(a: Value, b: Value, label: string): Value {
    const [x, y] = [a, b].map((v) => (v.gain === undefined ? v : this.asLayer(v, label)));
    this.charge(size(a) + a.terms.length * b.terms.length);
    return sum(x!, y!);
  }

  /** Multiplies each unit by a number of its own. */
  scaled(v: Value, factor: Numbers): Value {
    this.charge(
      v.terms.reduce((n, { map }) => n + (isPick(map) ? factor.length : map.matrix.length), factor.length),
    );
    return scaled(v, factor);
  }

  /** Adds a number of its own to each unit. */
  shifted(v: Value, by: Numbers): Value {
    this.charge(by.length);
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

  /** Returns the product with a matrix of (units of v, width). */
  product(v: Value, by: Dense, dims: readonly number[], label: string): Value {
    let plain = this.picks(v, label);
    // Units that are left out would have weights of 0 that learn.
    this.charge(plain.terms.reduce((n, { from }) => n + from.size, 0));
    const parted = by.fixed !== true && plain.terms.some(({ from, map }) => leavesOut(map as Pick, from));
    if (parted) plain = this.asLayer(plain, label);
    const width = by.matrix.length / size(v);
    for (const { from } of plain.terms) if (layerOf(plain) === undefined) this.charge(from.size * width);
    return multiplied(plain, by, width, dims);
  }
}
