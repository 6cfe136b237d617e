// Sums, products with constants, and operators that relu expresses.

import { damaged } from "../wire.js";
import { expanded, full, moved, type Operator, rowOf } from "./arrange.js";
import type { Call } from "./call.js";
import { isValue, type Operand } from "./plan.js";
import { broadcast, type Constant, constant, count, shape, tabulate } from "./tensor.js";
import type { Axes, Value } from "./term.js";

/** Broadcasts two operands to one shape. */
function aligned(call: Call, x: Operand, y: Operand): [Operand, Operand] {
  let [a, b] = [x, y];
  let axes: Axes | undefined;
  if (isValue(a)) {
    axes = isValue(b) ? commonAxes(call, a, b) : a.axes;
    if (!isValue(b)) b = rowOf(call, b, a);
  } else if (isValue(b)) {
    axes = b.axes;
    a = rowOf(call, a, b);
  }
  const dims = broadcast(full(a), full(b));
  if (dims === undefined) throw damaged(`shapes ${shape(full(a))} and ${shape(full(b))} don't fit`);
  return [expanded(call, a, dims, axes), expanded(call, b, dims, axes)];
}

/** Returns the axes of two values that are joined. A value without steps is the same at each. */
function commonAxes(call: Call, a: Value, b: Value): Axes {
  const rank = Math.max(full(a).length, full(b).length);
  const [p, q] = [a, b].map((v) => moved(v.axes, (axis) => axis + rank - full(v).length));
  const isOne = (v: Value, axis: number) => (full(v)[axis - (rank - full(v).length)] ?? 1) === 1;
  const isAlike = p!.batch === q!.batch && (p!.isStepwise ?? false) === (q!.isStepwise ?? false);
  if (isAlike && p!.time === q!.time) return p!;
  if (isAlike && p!.time < 0 && q!.time !== q!.batch && isOne(a, q!.time)) return q!;
  if (isAlike && q!.time < 0 && p!.time !== p!.batch && isOne(b, p!.time)) return p!;
  throw call.refuse(`joins rows of ${shape(a.dims)} and ${shape(b.dims)}, and so mixes them`);
}

function fold(a: Constant, b: Constant, rule: (x: number, y: number) => number): Constant {
  const values = tabulate(a.values.length, (i) => rule(a.values[i]!, b.values[i]!));
  const single = a.values instanceof Float32Array && b.values instanceof Float32Array;
  return constant(a.dims, single ? Float32Array.from(values) : values, a.integer && b.integer);
}

export function add(call: Call, x: Operand, y: Operand): Operand {
  const [a, b] = aligned(call, x, y);
  if (isValue(a)) return isValue(b) ? call.plan.sum(a, b, call.label) : call.plan.shifted(a, b.values);
  return isValue(b) ? call.plan.shifted(b, a.values) : fold(a, b, (p, q) => p + q);
}

function negative(call: Call, x: Operand): Operand {
  if (isValue(x)) return call.plan.times(x, -1);
  call.plan.charge(x.values.length);
  const turned = x.values.map((value) => -value);
  return constant(x.dims, turned, x.integer);
}

const subtract = (call: Call, x: Operand, y: Operand) => add(call, x, negative(call, y));

function multiply(call: Call, x: Operand, y: Operand): Operand {
  const [a, b] = aligned(call, x, y);
  if (isValue(a) && isValue(b)) return call.plan.factors(a, b, call.label);
  if (isValue(a)) return call.plan.scaled(a, (b as Constant).values);
  return isValue(b) ? call.plan.scaled(b, a.values) : fold(a, b, (p, q) => p * q);
}

function divide(call: Call, x: Operand, y: Operand): Operand {
  if (isValue(y)) throw call.refuse("divides by a layer");
  const [a, b] = aligned(call, x, y) as [Operand, Constant];
  if (!isValue(a)) return fold(a, b, a.integer && b.integer ? (p, q) => Math.trunc(p / q) : (p, q) => p / q);
  return call.plan.scaled(
    a,
    tabulate(b.values.length, (i) => 1 / b.values[i]!),
  );
}

/** Makes a layer of a tensor that is used twice, unless it only picks units. */
function twice(call: Call, x: Value): Value {
  return call.plan.picks(x, call.label);
}

function relu(call: Call, x: Value): Value {
  return call.plan.activate(x, "relu", call.label);
}

/** Returns x + relu(y - x), the larger of both. The result of relu is rounded as coarsely as the larger one. */
function above(call: Call, x: Operand, y: Operand): Operand {
  return add(call, x, relu(call, subtract(call, y, x) as Value));
}

/** Beyond it a bound counts as none: some files have float32's largest number there, some infinity. */
const MOST = 3.4e38;
/** The largest bound that is added to a value near 0, which in float32 then has an error of at most 2e-6. */
const NEAR = 16;

function maximum(call: Call, x: Operand, y: Operand): Operand {
  const [a, b] = aligned(call, x, y);
  if (isValue(a)) return isValue(b) ? above(call, twice(call, a), twice(call, b)) : atLeast(call, a, b);
  return isValue(b) ? atLeast(call, b, a) : fold(a, b, Math.max);
}

function atLeast(call: Call, v: Value, { dims, values }: Constant): Operand {
  const bounds = Float64Array.from(values, (value) => Math.max(value, -MOST));
  if (bounds.every((value) => value === -MOST)) return v;
  if (bounds.every((value) => value === 0)) return relu(call, v);
  const bound = constant(dims, bounds);
  // From a bound far below 0, the difference to a value near 0 is coarse; a value above the bound gets 0 added.
  return bounds.some((value) => value < -NEAR) ? above(call, twice(call, v), bound) : above(call, bound, v);
}

function minimum(call: Call, x: Operand, y: Operand): Operand {
  return negative(call, maximum(call, negative(call, x), negative(call, y)));
}

/** Computes |x| as relu(x) + relu(-x). */
const absolute: Operator = (call) => {
  const x = twice(call, call.value(0));
  return add(call, relu(call, x), relu(call, call.plan.times(x, -1)));
};

/** Computes relu(x) - slope · relu(-x), with a slope for each unit. */
const prelu: Operator = (call) => {
  const x = twice(call, call.value(0));
  const slope = call.constant(1);
  // Before version 7 there is a slope for each channel, and axis 1 has the channels.
  const channels = call.opset < 7 && slope.dims.length === 1 && x.dims.length > 1;
  const own = channels ? constant([...slope.dims, ...x.dims.slice(1).map(() => 1)], slope.values) : slope;
  return subtract(call, relu(call, x), multiply(call, own, relu(call, call.plan.times(x, -1))));
};

/** Clips between two bounds. Near each other they make a hard sigmoid, whose slope is 1/6 and whose middle is ½. */
const clip: Operator = (call) => {
  const old = call.opset < 11;
  const bound = (name: string, input: number, none: number) =>
    old ? call.float(name, none) : call.has(input) ? call.scalar(input) : none;
  const [low, high] = [bound("min", 1, -Infinity), bound("max", 2, Infinity)];
  const width = high - low;
  if (!(width > 0)) throw call.refuse(`clips to between ${low} and ${high}`);
  const x = call.value(0);
  if (Math.max(-low, high) > NEAR * Math.max(1, low, -high)) {
    const number = (value: number) => constant([], Float64Array.of(value));
    return minimum(call, maximum(call, x, number(low)), number(high));
  }
  const { plan, label } = call;
  const inner = plan.plus(plan.times(x, 6 / width), (-6 * low) / width - 3);
  return plan.plus(plan.times(plan.activate(inner, "hardSigmoid", label), width), low);
};

/** Compares two constants: 1 where they are equal. Unknown numbers of samples or steps equal themselves. */
const equal: Operator = (call) => {
  const [a, b] = aligned(call, call.constant(0), call.constant(1)) as [Constant, Constant];
  return constant(
    a.dims,
    tabulate(a.values.length, (i) => Number(Object.is(a.values[i], b.values[i]))),
    true,
  );
};

/** Chooses between the numbers of two constants. */
const where: Operator = (call) => {
  const given = [0, 1, 2].map((i) => call.constant(i));
  const dims = given.reduce<readonly number[]>((all, one) => broadcast(all, one.dims) ?? [Number.NaN], []);
  if (dims.some(Number.isNaN)) throw damaged(`the shapes of a "Where" don't fit`);
  const [condition, yes, no] = given.map((one) => expanded(call, one, dims) as Constant);
  const values = tabulate(count(dims), (i) => (condition!.values[i] === 0 ? no : yes)!.values[i]!);
  return constant(dims, values, yes!.integer && no!.integer);
};

type Binary = (call: Call, x: Operand, y: Operand) => Operand;

/** An operator with two operands. Before version 7 a node could name the second operand's axes. */
const binary =
  (rule: Binary): Operator =>
  (call) => {
    const [x, y] = [call.input(0), call.input(1)];
    if (call.opset >= 7 || call.whole("broadcast", 0) === 0 || isValue(y)) return rule(call, x, y);
    const rank = full(x).length;
    const axis = call.axis(call.whole("axis", rank - y.dims.length), rank + 1);
    const after = Math.max(0, rank - axis - y.dims.length);
    return rule(call, x, constant([...y.dims, ...new Array<number>(after).fill(1)], y.values));
  };

const several =
  (rule: Binary): Operator =>
  (call) =>
    call.inputs.slice(1).reduce<Operand>((sum, _, i) => rule(call, sum, call.input(i + 1)), call.input(0));

const mean: Operator = (call) => {
  const count = call.inputs.length;
  return divide(call, several(add)(call) as Operand, constant([], Float64Array.of(count)));
};

const elementwise =
  (rule: (x: number) => number): Operator =>
  (call) => {
    const { dims, values } = call.constant(0);
    call.plan.charge(count(dims));
    return constant(dims, values.map(rule));
  };

export const arithmetic: Readonly<Record<string, Operator>> = {
  Add: binary(add),
  Sub: binary(subtract),
  Mul: binary(multiply),
  Div: binary(divide),
  Neg: (call) => negative(call, call.input(0)),
  Sum: several(add),
  Mean: mean,
  Max: several(maximum),
  Min: several(minimum),
  Abs: absolute,
  PRelu: prelu,
  Clip: clip,
  Sqrt: elementwise(Math.sqrt),
  Equal: equal,
  Where: where,
  Reciprocal: elementwise((x) => 1 / x),
};
