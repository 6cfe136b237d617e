// The status of a pass: records the rows of a computed pass, or throws for the number that prevents it.

import { PassWord, Status } from "../../assembly/abi.js";
import { GraphError } from "../base/error.js";
import type { Precision } from "../base/precision.js";
import { show } from "../base/text.js";
import type { Memory } from "../memory/memory.js";
import type { Pass, Slot } from "../memory/pass.js";
import type { LayerNode } from "../model/node.js";
import { losses } from "../rules/loss.js";
import type { Scaling } from "../rules/scaling.js";

/** Throws the error of a status. If the pass was computed, records its rows. */
export function accept(memory: Memory, pass: Pass, rows: number, status: number): void {
  if (status === Status.ok) {
    pass.reached(rows);
    return;
  }
  const layer = faultOf(memory, pass);
  const { input, target } = memory.states.of(layer);
  const matrix = status === Status.input ? input : target;
  const index = memory.core.u32[(pass.record >>> 2) + PassWord.faultIndex]!;
  throw unusable(memory, layer, status, matrix, index, layer.scaler);
}

/** Returns the layer where a pass failed. */
export function faultOf({ core, records }: Memory, pass: Pass): LayerNode {
  const fault = core.u32[(pass.record >>> 2) + PassWord.faultLayer];
  return pass.layers.find((layer) => records.layer(layer) === fault)!;
}

/**
 * Checks values of an input, or targets of an output, in any memory of the core. `first` is the index of their first row in
 * the data. Throws `not-finite`, `bad-target`.
 */
export function checkValues(
  memory: Memory,
  { layer, matrix }: Slot,
  values: number,
  rows: number,
  scaler: Scaling | undefined,
  first = 0,
): void {
  const l = layer;
  const { call } = memory.core;
  const input = matrix === "input";
  const shares = !input && l.loss !== undefined && losses[l.loss.name].shares;
  let index = call.notFinite(values, rows * l.size);
  if (index >= 0)
    throw unusable(memory, l, input ? Status.input : Status.target, values, index, scaler, first);
  index = shares ? call.outside(values, rows * l.size) : -1;
  if (index >= 0) throw unusable(memory, l, Status.range, values, index, scaler, first);
}

/** Returns the error that names an invalid value. */
function unusable(
  memory: Memory,
  layer: LayerNode,
  status: Status,
  values: number,
  index: number,
  scaler: Scaling | undefined,
  first = 0,
): GraphError {
  const value = memory.core.view(values, index + 1)[index]!;
  const [row, unit] = [first + Math.floor(index / layer.size), index % layer.size];
  if (status === Status.range) {
    const given = scaler === undefined ? value : unscaled(value, scaler, unit, memory.precision);
    const place = `${show(layer.name)} has ${show(given)} in row ${row}, unit ${unit}`;
    const to = scaler === undefined ? "" : `, which its ${scaler.kind} scaler brings to ${show(value)}`;
    const needed = `${layer.loss?.name} needs targets in [0, 1]`;
    return new GraphError("bad-target", `The target of ${place}${to}; ${needed}.`);
  }
  const place = `${show(layer.name)} has ${show(value)} in row ${row}, unit ${unit}`;
  const what = status === Status.input ? "The input" : "The target of";
  return new GraphError("not-finite", `${what} ${place}, in ${memory.precision}.`);
}

/** Returns the caller's number for a scaled one, with the digits that scaling preserves. */
function unscaled(value: number, { offset, divisor }: Scaling, unit: number, precision: Precision): number {
  const given = value * divisor[unit]! + offset[unit]!;
  return Number(given.toPrecision(precision === "float64" ? 14 : 6));
}
