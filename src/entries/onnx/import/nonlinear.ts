// Activations and norms, which end a sum and make a layer.

import type { ActivationOption } from "../../../index.js";
import { EPSILON } from "../../../rules/norm.js";
import { damaged } from "../wire.js";
import { expanded, full, type Operator, reshaped, rowOf, unitAxis } from "./arrange.js";
import type { Call } from "./call.js";
import { channelwise } from "./linear.js";
import { broadcast, count, places, steps, strides, tabulate } from "./tensor.js";
import type { Value } from "./term.js";
import { size } from "./value.js";
import { planesOf, unitDims } from "./window.js";

type Function = (call: Call, x: Value) => Value;

const activation =
  (option: ActivationOption): Function =>
  (call, x) =>
    call.plan.activate(x, option, call.label);

/** Computes alpha (e^(x / inner) - 1) for x < 0, and else x; times outer. */
function elu(call: Call, x: Value, alpha: number, outer: number, inner = 1): Value {
  const option: ActivationOption = alpha === 1 ? "elu" : { name: "elu", alpha };
  return call.plan.times(call.plan.activate(call.plan.times(x, 1 / inner), option, call.label), outer);
}

/** Operators by name, as functions of a value. */
const functions: Readonly<Record<string, Function>> = {
  Sigmoid: activation("sigmoid"),
  Tanh: activation("tanh"),
  Relu: activation("relu"),
  Mish: activation("mish"),
  Softplus: activation("softplus"),
  Softsign: activation("softsign"),
  Exp: activation("exp"),
  Sin: activation("sin"),
  /** cos x = sin(x + π / 2) */
  Cos: (call, x) => call.plan.activate(call.plan.plus(x, Math.PI / 2), "sin", call.label),
  LeakyRelu: (call, x) => call.plan.activate(x, leaky(call.float("alpha", 0.01)), call.label),
  Elu: (call, x) => elu(call, x, call.float("alpha", 1), 1),
  Celu: (call, x) => elu(call, x, 1, call.float("alpha", 1), call.float("alpha", 1)),
  Selu: (call, x) => {
    const [alpha, gamma] = [call.float("alpha", 1.67326), call.float("gamma", 1.0507)];
    const usual = Math.abs(alpha - 1.67326) < 1e-5 && Math.abs(gamma - 1.0507) < 1e-5;
    return usual ? call.plan.activate(x, "selu", call.label) : elu(call, x, alpha, gamma);
  },
  Gelu: (call, x) => {
    if (call.text("approximate", "none") !== "none") throw call.refuse("is an approximation of gelu");
    return call.plan.activate(x, "gelu", call.label);
  },
  /** max(0, min(1, alpha x + beta)); ours has alpha 1/6 and beta ½. */
  HardSigmoid: (call, x) => {
    const slope = 6 * call.float("alpha", 0.2);
    const inner = call.plan.plus(
      call.plan.times(x, Math.abs(slope - 1) < 1e-6 ? 1 : slope),
      6 * (call.float("beta", 0.5) - 0.5),
    );
    return call.plan.activate(inner, "hardSigmoid", call.label);
  },
};

export function leaky(slope: number): ActivationOption {
  return slope === 0.01 ? "leakyRelu" : { name: "leakyRelu", slope };
}

/** Returns the group of each unit along some axes; `undefined` where all units are one. */
function groupsOf(call: Call, v: Value, axes: readonly number[]): Int32Array | undefined {
  for (const axis of axes) unitAxis(call, v, axis);
  const dims = full(v);
  if (count(axes.map((axis) => dims[axis]!)) === size(v)) return undefined;
  call.plan.charge(size(v));
  const kept = dims.map((dim, i) => (axes.includes(i) ? 1 : dim));
  const by = strides(kept);
  return places(dims.map((dim, i) => (axes.includes(i) ? new Int32Array(dim) : steps(dim, by[i]!))));
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

export function softmax(call: Call, v: Value, axes: readonly number[]): Value {
  const rows = groupsOf(call, v, axes);
  const units = axes.reduce((product, axis) => product * full(v)[axis]!, 1);
  if (units === 1) throw call.refuse("is a softmax of one unit, which is always 1");
  // A layer has a norm or a softmax over parts of its units, not both.
  const plain = rows !== undefined && v.groups !== undefined ? call.plan.asLayer(v, `${call.label}.sum`) : v;
  return call.plan.activate(plain, "softmax", call.label, rows);
}

/** Computes softmax along an axis. Before version 13 it takes all axes after that one, too. */
const softmaxNode: Operator = (call) => {
  const v = call.value(0);
  const rank = full(v).length;
  const old = call.opset < 13;
  const axis = call.axis(call.whole("axis", old ? 1 : -1), rank);
  return softmax(call, v, old ? range(axis, rank) : [axis]);
};

/**
 * Computes (x - mean) / √(variance + epsilon) over some axes, without gain and bias. A layer's epsilon is fixed. With x times
 * c the variance is c² times as large, so another epsilon becomes epsilon / c².
 */
export function norm(call: Call, v: Value, axes: readonly number[], epsilon: number): Value {
  if (!(epsilon > 0)) throw call.refuse(`has an epsilon of ${epsilon}`);
  const groups = groupsOf(call, v, axes);
  const { label, plan } = call;
  const plain = v.bias === undefined && v.gain === undefined ? v : plan.asLayer(v, `${label}.sum`);
  const gain = new Float64Array(size(v)).fill(1);
  return { ...plan.times(plain, Math.sqrt(EPSILON / epsilon)), gain, groups };
}

/** Computes a layer norm with a gain and, if given, a bias of a shape that broadcasts to the value's. */
const layerNorm: Operator = (call) => {
  const v = call.value(0);
  const rank = full(v).length;
  const axis = call.axis(call.whole("axis", -1), rank);
  const normed = norm(call, v, range(axis, rank), call.float("epsilon", 1e-5));
  const parameter = (i: number) => {
    const row = rowOf(call, call.constant(i), v);
    const dims = broadcast(full(v), row.dims);
    if (dims === undefined || count(dims) !== size(v)) throw call.refuse("has a gain of another shape");
    return (expanded(call, row, dims) as typeof row).values;
  };
  const gained = call.plan.scaled(normed, parameter(1));
  return call.has(2) ? call.plan.shifted(gained, parameter(2)) : gained;
};

/** Computes the norm of runs of channels, axis 1, over the axes after it, with a gain and a bias for each channel. */
const groupNorm: Operator = (call) => {
  const v = call.value(0);
  const { channels, extents } = planesOf(call, v);
  const groups = call.whole("num_groups", 0);
  if (groups < 1 || channels % groups !== 0) throw damaged(`${groups} groups are of ${channels} channels`);
  const [first, ...more] = [groups, channels / groups, ...extents];
  const parted = reshaped(v, unitDims(v, [first, ...more])) as Value;
  const axes = range(2, more.length + 2);
  const normed = { ...norm(call, parted, axes, call.float("epsilon", 1e-5)), dims: v.dims };
  const [gain, bias] = [1, 2].map((i) => {
    const { values } = call.constant(i);
    // Version 18 has one for each group.
    const each = channels / values.length;
    if (!Number.isInteger(each)) throw damaged(`${values.length} numbers are given for ${channels} channels`);
    const spread = tabulate(channels, (channel) => values[Math.floor(channel / each)]!);
    return channelwise(call, v, { dims: [channels], values: spread, integer: false });
  });
  return call.plan.shifted(call.plan.scaled(normed, gain!), bias!);
};

/** Computes the norm of each channel, axis 1, over the axes after it. */
const instanceNorm: Operator = (call) => {
  const v = call.value(0);
  const normed = norm(call, v, range(2, full(v).length), call.float("epsilon", 1e-5));
  const [gain, bias] = [1, 2].map((i) => channelwise(call, v, call.constant(i)));
  return call.plan.shifted(call.plan.scaled(normed, gain!), bias!);
};

export const nonlinear: Readonly<Record<string, Operator>> = {
  ...Object.fromEntries(
    Object.entries(functions).map(([name, apply]) => [name, (call: Call) => apply(call, call.value(0))]),
  ),
  Softmax: softmaxNode,
  LayerNormalization: layerNorm,
  InstanceNormalization: instanceNorm,
  GroupNormalization: groupNorm,
};
