// RNN, LSTM and GRU: the checks of their inputs, and their outputs as steps of layers.

import { damaged } from "../wire.js";
import { firstOf, full, type Operator } from "./arrange.js";
import type { Call } from "./call.js";
import { type Cell, Direction, gru, lstm, rnn } from "./cell.js";
import { activationsOf } from "./gate.js";
import { isValue, type Operand } from "./plan.js";
import { type Constant, count, type Numbers, STEPS, shape } from "./tensor.js";
import type { Axes, Value } from "./term.js";
import { ofLayer, size } from "./value.js";

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
  } else {
    call.plan.charge(given.values.length);
    row = firstOf(given, axis);
  }
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
