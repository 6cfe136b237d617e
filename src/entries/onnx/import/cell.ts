// A direction of RNN, LSTM or GRU as layers, in the form and with the names of `addLstm` and `addGru`.
// https://onnx.ai/onnx/operators/onnx__LSTM.html

import type { Call } from "./call.js";
import { plain, type Rule } from "./gate.js";
import { type Numbers, tabulate } from "./tensor.js";
import { BATCH_FIRST, type LayerPlan, type Term, type Value } from "./term.js";
import { ofLayer } from "./value.js";

/** A direction of a node: its matrices by gate, and its layers. */
export class Direction {
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
export type Cell = (part: Direction, initial: readonly (Numbers | undefined)[]) => LayerPlan[];

export const rnn: Cell = (part, [initial]) => {
  const [rule] = part.rules;
  const hidden = part.open("", rule, false, initial);
  const { terms, bias } = part.ruled(part.received(0, [part.recurrent(hidden, 0)]), rule!);
  return [part.close(hidden, terms, bias)];
};

export const lstm: Cell = (part, [initial, inner]) => {
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

export const gru: Cell = (part, [initial]) => {
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
