// A Scan whose body is a graph of layers: its nodes are computed once, for all steps, and its state variables become delays.
// https://onnx.ai/onnx/operators/onnx__Scan.html

import { damaged } from "../wire.js";
import { firstOf, full, isSteps, moved, type Operator, unitsOf } from "./arrange.js";
import type { Call } from "./call.js";
import { isValue, type Operand } from "./plan.js";
import { States, type StateVariable } from "./states.js";
import type { Numbers } from "./tensor.js";
import { type Axes, BATCH_FIRST, type Value } from "./term.js";
import { ofLayer, size } from "./value.js";

/** The axes of a body without a batch, as in version 8 of the operators. */
const UNITS: Axes = { batch: -1, time: -1 };

const scan: Operator = (call) => {
  const { plan } = call;
  if (!plan.hasSteps) throw call.refuse("has no input with steps");
  const body = call.graph("body");
  const isOld = call.opset < 9;
  if (isOld && call.has(0)) throw call.refuse("has sequences of other lengths than the number of steps");
  const operands = call.inputs.slice(isOld ? 1 : 0);
  const scans = call.whole("num_scan_inputs", 0);
  const states = operands.length - scans;
  if (states < 0 || scans < 1 || body.input.length !== operands.length || body.output.length < states)
    throw damaged(`a "Scan" has ${operands.length} inputs and a body of ${body.input.length}`);
  const isBackward = directionOf(call, isOld, scans, body.output.length - states);
  const start = plan.layers.length;
  const before = operands
    .slice(0, states)
    .map((_, i) => startOf(call, call.input(i + (isOld ? 1 : 0)), isOld));
  const places = before.map(({ dims, axes }, i) => {
    const label = body.input[i]!.name;
    const facts = {
      label,
      kind: "hidden" as const,
      size: size({ dims } as Value),
      activation: "linear" as const,
    };
    const place = plan.open({ ...facts, terms: [], bias: undefined, gain: undefined, isState: true });
    return { place, value: ofLayer(place, dims, axes) };
  });
  const axes = call.wholes("scan_input_axes") ?? [];
  const slices = operands.slice(states).map((_, i) => {
    const v = call.value(i + states + (isOld ? 1 : 0));
    return sliceOf(call, v, isOld ? 1 : call.axis(axes[i] ?? 0, full(v).length), isOld);
  });
  const results = call.run(body, [...places.map(({ value }) => value), ...slices]).map((result, i) => {
    if (!isValue(result)) throw call.refuse(`has a body whose output ${i} is a constant`);
    if (result.axes.time >= 0) throw call.refuse("has a body that uses all steps at once");
    return result;
  });
  const variables = places.map(({ place }, i): StateVariable => {
    const next = results[i]!;
    if (size(next) !== place.size)
      throw damaged(`a state variable of a "Scan" has another size after a step`);
    return { place, initial: before[i]!.row, next };
  });
  const found = new States(plan, variables, isBackward ? -1 : 1);
  found.replaceIn(plan.layers.slice(start));
  const last = results.slice(0, states).map((v, i) => {
    if (!call.isUsed(i)) return undefined;
    const to = isOld ? BATCH_FIRST : before[i]!.axes;
    const next = found.replacedIn(v, call.label);
    return plan.stepOf(next, isBackward ? "first" : "last", to, call.label);
  });
  const outAxes = call.wholes("scan_output_axes") ?? [];
  const sequences = results.slice(states).map((v, i) => {
    const rank = full(v).length + 1;
    return { ...found.replacedIn(v, call.label), axes: stacked(v, call.axis(outAxes[i] ?? 0, rank), isOld) };
  });
  return [...last, ...sequences];
};

/** Returns whether a Scan goes from the last step to the first, with all its inputs and outputs. */
function directionOf(call: Call, isOld: boolean, inputs: number, outputs: number): boolean {
  const list = (name: string, length: number) => {
    const given = call.wholes(name) ?? [];
    return Array.from({ length }, (_, i) => given[i] ?? 0);
  };
  const all = isOld
    ? list("directions", inputs)
    : [...list("scan_input_directions", inputs), ...list("scan_output_directions", outputs)];
  if (new Set(all).size > 1) throw call.refuse("has inputs or outputs of both directions");
  if (isOld && all[0] === 1 && outputs > 0) throw call.refuse("turns the steps round");
  return all[0] === 1;
}

/** A state variable before the first step: its shape, and a row that is equal for all samples. */
interface Start {
  readonly dims: readonly number[];
  readonly axes: Axes;
  readonly row: Numbers;
}

function startOf(call: Call, operand: Operand, isOld: boolean): Start {
  if (isValue(operand)) {
    if (operand.terms.length > 0 || operand.axes.time >= 0)
      throw call.refuse("needs constant states at the start; `bind` can give an input's values");
    const { dims, bias, axes } = operand;
    return { dims, axes: isOld ? UNITS : axes, row: bias ?? new Float64Array(size(operand)) };
  }
  call.plan.charge(operand.values.length);
  const [rows] = operand.dims;
  const { batch } = call.plan;
  const first = rows === undefined ? undefined : firstOf(operand, 0);
  if (first === undefined || (rows !== 1 && batch !== undefined && rows !== batch))
    throw call.refuse("has states at the start that differ from sample to sample");
  return { dims: unitsOf(BATCH_FIRST, first.dims), axes: isOld ? UNITS : BATCH_FIRST, row: first.values };
}

/** Returns a step of a value, for the body. */
function sliceOf(call: Call, v: Value, axis: number, isOld: boolean): Value {
  if (!isSteps(v, axis)) throw call.misread(`goes along axis ${axis}, which has no steps`);
  if (isOld) return { ...v, axes: UNITS };
  return {
    ...v,
    axes: moved({ batch: v.axes.batch, time: -1 }, (place) => (place > axis ? place - 1 : place)),
  };
}

/** Returns the axes of a body's output with steps. */
function stacked({ axes }: Value, time: number, isOld: boolean): Axes {
  if (isOld) return { batch: 0, time: 1 };
  return { batch: axes.batch < 0 ? -1 : axes.batch + (axes.batch >= time ? 1 : 0), time };
}

export const loops: Readonly<Record<string, Operator>> = { Scan: scan };
