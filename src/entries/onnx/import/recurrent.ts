// RNN, LSTM and GRU as layers, in the form and with the names of `addLstm` and `addGru`.
// https://onnx.ai/onnx/operators/onnx__LSTM.html

import type { ActivationOption } from "../../../index.js";
import { damaged } from "../wire.js";
import { firstOf, full, type Operator } from "./arrange.js";
import type { Call } from "./call.js";
import { leaky } from "./nonlinear.js";
import { isValue, type Operand } from "./plan.js";
import { type Constant, count, type Numbers, STEPS, shape, tabulate } from "./tensor.js";
import { type Axes, BATCH_FIRST, type LayerPlan, ofLayer, size, type Term, type Value } from "./value.js";

/** An activation of slope · x + shift. */
interface Rule {
  readonly activation: ActivationOption;
  readonly slope: number;
  readonly shift: number;
}

const plain = (activation: ActivationOption): Rule => ({ activation, slope: 1, shift: 0 });

/** Activations by their name in lower case, with their alpha and beta. */
const rules: Readonly<
  Record<string, (alpha: number | undefined, beta: number | undefined) => Rule | undefined>
> = {
  sigmoid: () => plain("sigmoid"),
  tanh: () => plain("tanh"),
  relu: () => plain("relu"),
  softsign: () => plain("softsign"),
  softplus: () => plain("softplus"),
  leakyrelu: (alpha = 0.01) => plain(leaky(alpha)),
  elu: (alpha = 1) => plain(alpha === 1 ? "elu" : { name: "elu", alpha }),
  hardsigmoid: (alpha = 0.2, beta = 0.5) => {
    return { activation: "hardSigmoid", slope: 6 * alpha, shift: 6 * (beta - 0.5) };
  },
  affine: (alpha = 1, beta = 0) => (alpha === 1 && beta === 0 ? plain("linear") : undefined),
};

/** Activations that take an alpha, and a beta, from the node's lists. */
const ALPHA: ReadonlySet<string> = new Set([
  "leakyrelu",
  "elu",
  "hardsigmoid",
  "affine",
  "thresholdedrelu",
  "scaledtanh",
]);
const BETA: ReadonlySet<string> = new Set(["hardsigmoid", "affine", "scaledtanh"]);

/** Reads the activations of all directions. */
function activationsOf(call: Call, usual: readonly string[], directions: number): Rule[] {
  const given = call.texts("activations");
  const names = given.length > 0 ? given : Array.from({ length: directions }, () => usual).flat();
  if (names.length !== usual.length * directions)
    throw damaged(`${call.node.opType} has ${names.length} activations`);
  const [alphas, betas] = ["activation_alpha", "activation_beta"].map((name) => [
    ...(call.floats(name) ?? []),
  ]);
  return names.map((given) => {
    const name = given.toLowerCase();
    const alpha = ALPHA.has(name) ? alphas!.shift() : undefined;
    const beta = BETA.has(name) ? betas!.shift() : undefined;
    const rule = Object.hasOwn(rules, name) ? rules[name]!(alpha, beta) : undefined;
    if (rule === undefined) throw call.refuse(`has the activation ${given}, which no layer computes`);
    return rule;
  });
}

/** A direction of a node: its matrices by gate, and its layers. */
class Direction {
  readonly call: Call;
  readonly label: string;
  readonly delay: number;
  readonly size: number;
  readonly rules: readonly Rule[];
  readonly #x: Value;
  readonly #place: number;
  readonly #gates: number;

  constructor(call: Call, x: Value, { label, place, gates, rules, isBackward, size }: Part) {
    this.call = call;
    this.label = label;
    this.delay = isBackward ? -1 : 1;
    this.size = size;
    this.rules = rules;
    this.#x = x;
    this.#place = place;
    this.#gates = gates;
  }

  /** Returns a gate's matrix of W or R, (columns, size). */
  #matrix(input: number, gate: number): Numbers {
    const { dims, values } = this.call.constant(input);
    const width = dims[2] ?? 0;
    const start = (this.#place * this.#gates + gate) * this.size * width;
    this.call.plan.charge(this.size * width);
    return tabulate(this.size * width, (at) => {
      return values[start + (at % this.size) * width + Math.floor(at / this.size)]!;
    });
  }

  /** Returns a gate's numbers of a list of gates, such as B. */
  #row(input: number, gate: number, gates: number): Numbers | undefined {
    if (!this.call.has(input)) return undefined;
    const { values } = this.call.constant(input);
    const start = (this.#place * gates + gate) * this.size;
    return values.slice(start, start + this.size);
  }

  /** Returns a gate's bias of W, of R, or the sum of both. */
  bias(gate: number, of: "both" | "own" | "recurrent" = "both"): Numbers | undefined {
    const own = this.#row(3, gate, 2 * this.#gates);
    const recurrent = this.#row(3, gate + this.#gates, 2 * this.#gates);
    if (of !== "both") return of === "own" ? own : recurrent;
    return own?.map((value, i) => value + recurrent![i]!);
  }

  /** Returns x · W of a gate, with terms and a bias. */
  received(gate: number, terms: readonly Term[], bias = this.bias(gate)): Value {
    const product = this.call.plan.product(
      this.#x,
      { matrix: this.#matrix(1, gate) },
      [this.size],
      this.label,
    );
    const shifted = bias === undefined ? product : this.call.plan.shifted(product, bias);
    return { ...shifted, axes: BATCH_FIRST, terms: [...shifted.terms, ...terms] };
  }

  /** Returns the term of R for a gate. */
  recurrent(from: LayerPlan, gate: number, delay = this.delay): Term {
    return { from, map: { matrix: this.#matrix(2, gate) }, delay };
  }

  /** Returns the term of a peephole, if there is one. */
  peephole(from: LayerPlan, gate: number, delay: number): Term[] {
    const scale = this.#row(7, gate, 3);
    return scale === undefined ? [] : [{ from, map: { index: undefined, scale, learns: true }, delay }];
  }

  /** Makes a layer that others can have as a source before it is added. */
  open(part: string, rule: Rule = plain("linear"), isProduct = false, initial?: Numbers): LayerPlan {
    const label = part === "" ? this.label : `${this.label}.${part}`;
    const { activation } = rule;
    const facts = { label, kind: "hidden" as const, size: this.size, activation, isProduct };
    const layer = this.call.plan.open({ ...facts, terms: [], bias: undefined, gain: undefined });
    if (initial !== undefined) layer.initial = initial;
    return layer;
  }

  /** Adds an open layer with its sources. */
  close(layer: LayerPlan, terms: readonly Term[], bias?: Numbers): LayerPlan {
    layer.terms = terms;
    layer.bias = bias;
    this.call.plan.layers.push(layer);
    return layer;
  }

  /** Adds a layer of a value with an activation. */
  layer(part: string, v: Value, rule: Rule): LayerPlan {
    const { terms, bias } = this.ruled(v, rule);
    return this.close(this.open(part, rule), terms, bias);
  }

  /** Returns a value as an activation takes it. */
  ruled(v: Value, { slope, shift }: Rule): Value {
    return this.call.plan.plus(this.call.plan.times(v, slope), shift);
  }

  product(part: string, ...terms: readonly Term[]): LayerPlan {
    return this.close(this.open(part, undefined, true), terms);
  }
}

interface Part {
  readonly label: string;
  readonly place: number;
  readonly gates: number;
  readonly rules: readonly Rule[];
  readonly isBackward: boolean;
  readonly size: number;
}

/** Returns the term of a layer's units as they are. */
function unchanged(from: LayerPlan, delay = 0): Term {
  return { from, map: { index: undefined, scale: undefined }, ...(delay === 0 ? {} : { delay }) };
}

/** Returns 1 - a layer. */
function opened(part: Direction, name: string, from: LayerPlan): LayerPlan {
  const scale = new Float64Array(part.size).fill(-1);
  const one = new Float64Array(part.size).fill(1);
  return part.close(part.open(name), [{ from, map: { index: undefined, scale } }], one);
}

/** Makes the layers of a direction, from the initial states. Returns those whose values are states. */
type Cell = (part: Direction, initial: readonly (Numbers | undefined)[]) => LayerPlan[];

const rnn: Cell = (part, [initial]) => {
  const [rule] = part.rules;
  const hidden = part.open("", rule, false, initial);
  const { terms, bias } = part.ruled(part.received(0, [part.recurrent(hidden, 0)]), rule!);
  return [part.close(hidden, terms, bias)];
};

const lstm: Cell = (part, [initial, inner]) => {
  const { call, delay } = part;
  const [gate, activation, squash] = part.rules as [Rule, Rule, Rule];
  const hidden = part.open("", undefined, true, initial);
  const state = part.open("state", undefined, false, inner);
  const gated = (g: number, step: number | undefined) => {
    const peephole = step === undefined ? [] : part.peephole(state, g, step);
    return part.received(g, [part.recurrent(hidden, g), ...peephole]);
  };
  const input = part.layer("input", gated(0, delay), gate);
  const isCoupled = call.whole("input_forget", 0) !== 0;
  const forget = isCoupled ? opened(part, "forget", input) : part.layer("forget", gated(2, delay), gate);
  const candidate = part.layer("candidate", gated(3, undefined), activation);
  const output = part.layer("output", gated(1, 0), gate);
  const write = part.product("write", unchanged(input), unchanged(candidate));
  const keep = part.product("keep", unchanged(forget), unchanged(state, delay));
  part.close(state, [unchanged(keep), unchanged(write)]);
  const squashed = part.layer("squash", ofLayer(state, [part.size], BATCH_FIRST), squash);
  part.close(hidden, [unchanged(output), unchanged(squashed)]);
  return [hidden, state];
};

const gru: Cell = (part, [initial]) => {
  const { call, delay } = part;
  const [gate, activation] = part.rules as [Rule, Rule];
  const isAfter = call.whole("linear_before_reset", 0) !== 0;
  const hidden = part.open("", undefined, false, initial);
  const update = part.layer("update", part.received(0, [part.recurrent(hidden, 0)]), gate);
  const reset = part.layer("reset", part.received(1, [part.recurrent(hidden, 1)]), gate);
  let into: Term;
  if (isAfter) {
    const recall = part.close(part.open("recall"), [part.recurrent(hidden, 2)], part.bias(2, "recurrent"));
    into = unchanged(part.product("gated", unchanged(reset), unchanged(recall)));
  } else {
    const gated = part.product("gated", unchanged(reset), unchanged(hidden, delay));
    into = part.recurrent(gated, 2, 0);
  }
  const bias = part.bias(2, isAfter ? "own" : "both");
  const candidate = part.layer("candidate", part.received(2, [into], bias), activation);
  const open = opened(part, "open", update);
  const write = part.product("write", unchanged(open), unchanged(candidate));
  const keep = part.product("keep", unchanged(update), unchanged(hidden, delay));
  part.close(hidden, [unchanged(keep), unchanged(write)]);
  return [hidden];
};

/** Makes the operator of a cell with some gates and activations. */
function operator(cell: Cell, gates: number, usual: readonly string[]): Operator {
  return (call) => {
    const { plan } = call;
    if (call.float("clip", 0) !== 0) throw call.refuse("clips its sums");
    const isBatchFirst = call.whole("layout", 0) === 1;
    const given = stepsOf(call, isBatchFirst);
    const directions = directionsOf(call);
    const rules = activationsOf(call, usual, directions.length);
    const { dims } = call.constant(2);
    const units = call.whole("hidden_size", dims[2] ?? 0);
    checkShapes(call, gates, directions.length, units, size(given));
    checkLengths(call);
    const states = [5, ...(cell === lstm ? [6] : [])].map((input) =>
      initialRows(call, input, isBatchFirst, directions.length * units),
    );
    const title = call.node.output[0] || call.node.name || `${call.label}.cell`;
    const x = plan.whole(given, `${title}.received`);
    const ends = directions.map((isBackward, place) => {
      const label = directions.length === 1 ? title : `${title}.${isBackward ? "backward" : "forward"}`;
      const own = rules.slice(place * usual.length, (place + 1) * usual.length);
      const part = new Direction(call, x, { label, place, gates, rules: own, isBackward, size: units });
      const initial = states.map((rows) => rows?.slice(place * units, (place + 1) * units));
      return { layers: cell(part, initial), isBackward };
    });
    /** Returns the values of all directions side by side, as steps or as each one's last step. */
    const joined = (state: number, axes: Axes, isLast: boolean) => {
      const parts = ends.map(({ layers, isBackward }, place) => {
        const v = ofLayer(layers[state]!, [1, units], axes);
        const step = isLast ? plan.stepOf(v, isBackward ? "first" : "last", axes, call.label) : v;
        if (ends.length === 1) return step;
        const index = new Int32Array(2 * units).fill(-1);
        for (let i = 0; i < units; i++) index[place * units + i] = i;
        return plan.pick(step, [2, units], index, call.label);
      });
      return parts.length === 1 ? parts[0]! : plan.sum(parts[0]!, parts[1]!, call.label);
    };
    const last = { batch: isBatchFirst ? 0 : 1, time: -1 };
    const all = isBatchFirst ? { batch: 0, time: 1 } : { batch: 2, time: 0 };
    return [joined(0, all, false), joined(0, last, true), ...(cell === lstm ? [joined(1, last, true)] : [])];
  };
}

/** Returns the steps that a node receives. */
function stepsOf(call: Call, isBatchFirst: boolean): Value {
  const x = call.value(0);
  const [batch, time] = isBatchFirst ? [0, 1] : [1, 0];
  if (x.axes.batch !== batch || x.axes.time !== time)
    throw call.misread(`has no steps on axis ${time} of its input, or no samples on axis ${batch}`);
  return x;
}

/** Returns for each direction whether it goes from the last step to the first. */
function directionsOf(call: Call): boolean[] {
  const direction = call.text("direction", "forward").toLowerCase();
  if (direction === "bidirectional") return [false, true];
  if (direction !== "forward" && direction !== "reverse") throw damaged(`a direction is ${direction}`);
  return [direction === "reverse"];
}

function checkShapes(call: Call, gates: number, directions: number, units: number, width: number): void {
  const rows = gates * units;
  const wanted: readonly (readonly [number, readonly number[]])[] = [
    [1, [directions, rows, width]],
    [2, [directions, rows, units]],
    [3, [directions, 2 * rows]],
    [7, [directions, 3 * units]],
  ];
  for (const [input, dims] of wanted) {
    if (input > 2 && !call.has(input)) continue;
    const found = call.constant(input).dims;
    if (String(found) !== String(dims) || units === 0)
      throw damaged(
        `input ${input} of ${call.node.opType} has the shape ${shape(found)}, not ${shape(dims)}`,
      );
  }
}

/** Refuses lengths of sequences other than all steps. */
function checkLengths(call: Call): void {
  if (!call.has(4)) return;
  const { steps } = call.plan;
  const isFull = call.constant(4).values.every((length) => length === STEPS || length === steps);
  if (!isFull) throw call.refuse("has sequences of other lengths than the number of steps");
}

/** Returns the initial states of all directions, equal for all samples; `undefined` for zeros. */
function initialRows(call: Call, input: number, isBatchFirst: boolean, units: number): Numbers | undefined {
  if (!call.has(input)) return undefined;
  const given: Operand = call.input(input);
  const axis = isBatchFirst ? 0 : 1;
  let row: Constant | undefined;
  if (isValue(given)) {
    if (given.terms.length > 0)
      throw call.refuse(`needs its input ${input} constant; \`bind\` can give an input's values`);
    if (given.axes.batch === axis && given.axes.time < 0)
      row = { dims: full(given), values: given.bias ?? new Float64Array(size(given)), integer: false };
  } else row = firstOf(given, axis);
  if (row === undefined) throw call.refuse("has initial states that differ from sample to sample");
  if (count(row.dims) !== units)
    throw damaged(`the initial states of ${call.node.opType} have the shape ${shape(row.dims)}`);
  return row.values.some((value) => value !== 0) ? row.values : undefined;
}

export const recurrent: Readonly<Record<string, Operator>> = {
  RNN: operator(rnn, 1, ["Tanh"]),
  LSTM: operator(lstm, 4, ["Sigmoid", "Tanh", "Tanh"]),
  GRU: operator(gru, 3, ["Sigmoid", "Tanh"]),
};
