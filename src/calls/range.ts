// The status of targets: they are finite and, for some losses, in [0, 1].

import { Status } from "../../assembly/abi.js";
import { GraphError } from "../base/error.js";
import type { Precision } from "../base/precision.js";
import { show } from "../base/text.js";
import type { Memory } from "../memory/memory.js";
import type { Pass, Slot } from "../memory/pass.js";
import { losses } from "../rules/loss.js";
import type { Scaling } from "../rules/scaling.js";
import {
  accept,
  checkFinite,
  type Fault,
  faultOf,
  notFinite,
  placeOf,
  rowsFrom,
  wrongValue,
} from "./status.js";

/** Records the rows of a pass that was made. Throws `not-finite`, `bad-target` for any other status of its data. */
export function acceptTargets(memory: Memory, pass: Pass, rows: number, status: number): void {
  if (status === Status.target) throw faultOf(memory, pass, "target", notFinite);
  if (status === Status.range)
    throw faultOf(memory, pass, "target", (fault) => outside(fault, fault.layer.scaler));
  accept(memory, pass, rows, status);
}

/** Checks targets, wherever they lie, that were scaled by a scaler. Throws `not-finite`, `bad-target`. */
export function checkTargets(
  memory: Memory,
  slot: Slot,
  values: number,
  rows: number,
  scaler: Scaling | undefined,
  rowName = rowsFrom(0),
): void {
  checkFinite(memory, slot, values, rows, rowName);
  const { layer, matrix } = slot;
  if (layer.loss === undefined || !losses[layer.loss.name].shares) return;
  const index = memory.core.call.outside(values, rows * layer.size);
  if (index >= 0) throw outside({ memory, layer, matrix, values, index, rowName }, scaler);
}

/** Returns the error about a target outside [0, 1]: it names the caller's number. */
function outside(fault: Fault, scaler: Scaling | undefined): GraphError {
  const { memory, layer, index } = fault;
  const value = wrongValue(fault);
  const given = scaler === undefined ? value : unscaled(value, scaler, index, memory.precision);
  const to = scaler === undefined ? "" : `, which its ${scaler.kind} scaler brings to ${show(value)}`;
  const needed = `${layer.loss?.name} needs targets in [0, 1]`;
  return new GraphError("bad-target", `The target of ${placeOf(fault, given)}${to}; ${needed}.`);
}

/** Returns the caller's number of a scaled one at an index, with the digits that scaling leaves exact. */
function unscaled(value: number, { offset, divisor }: Scaling, index: number, precision: Precision): number {
  const column = index % divisor.length;
  const given = value * divisor[column]! + offset[column]!;
  return Number(given.toPrecision(precision === "float64" ? 14 : 6));
}
