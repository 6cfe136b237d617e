// The status of a pass. Notes the rows of one that was made, or says why it was not made and, for training, which remedy may
// help.

import { PassWord, Status } from "../../assembly/abi.js";
import { type DivergedDetails, GraphError } from "../base/error.js";
import type { Precision } from "../base/precision.js";
import { show } from "../base/text.js";
import { findNotFinite, viewed } from "../memory/finite.js";
import type { Memory } from "../memory/memory.js";
import type { Pass, Slot } from "../memory/pass.js";
import type { LayerNode } from "../model/node.js";
import { losses } from "../rules/loss.js";
import type { Scaler } from "../rules/scaler.js";

/** The facts of a failed pass. */
interface Fault extends Omit<DivergedDetails, "hint"> {
  /** The thing that is not finite. */
  readonly what: string;
  /** The parameter that was not finite before the step, if one was. */
  readonly earlier: string | undefined;
  readonly rate: number;
}

function refusal({ what, rate, earlier, ...found }: Fault): GraphError {
  const { epoch, batch, step, layer, largestGradient } = found;
  const places = [epoch && ` in epoch ${epoch}`, batch && `, batch ${batch}`];
  const hint =
    earlier !== undefined
      ? `The parameters were not finite before the step: ${earlier}`
      : step === 1
        ? "Scaled data (`scale` of `fit`) or a lower rate may help"
        : "A lower rate, a bound on gradients (`clipNorm`) or scaled data may help";
  const shown = `rate ${rate}, largest gradient ${largestGradient.toPrecision(3)}`;
  return new GraphError(
    "diverged",
    `${what} is not finite${places.filter(Boolean).join("")}; it shows first in ${show(layer)} (${shown}). ${hint}.` +
      (epoch !== undefined && batch === undefined ? "" : " The parameters are those before the step."),
    { details: { ...found, hint } },
  );
}

/** Where a step is in a run: all from 1. Without a run, steps are counted by the optimizer. */
export type At = Pick<DivergedDetails, "epoch" | "batch"> & Partial<Pick<DivergedDetails, "step">>;

/** Computes the gradients of a pass in the core, which has its data. */
type Derive = (pass: number, rows: number) => unknown;

/** The error of what is not finite in a pass that was made. */
export function diverged(
  what: string,
  layer: string,
  memory: Memory,
  pass: Pass,
  rows: number,
  at: At,
  derive?: Derive,
): GraphError {
  const synapses = pass.layers.flatMap((l) => l.incoming);
  return refusal({
    step: memory.state.steps + 1,
    ...at,
    what,
    layer,
    earlier: findNotFinite(viewed(memory, pass.layers, synapses), memory.precision),
    rate: memory.state.now,
    largestGradient: largest(memory, pass, rows, derive),
  });
}

/** The largest of all absolute derivatives by the parameters that a pass with its data reaches; Infinity for what isn't finite. */
function largest(
  memory: Memory,
  pass: Pass,
  rows: number,
  derive: Derive = memory.core.call.gradients,
): number {
  derive(pass.record, rows);
  let most = 0;
  for (const { block } of memory.parts(pass)) {
    for (const value of memory.gradients(block)) {
      most = Number.isFinite(value) ? Math.max(most, Math.abs(value)) : Number.POSITIVE_INFINITY;
    }
  }
  return most;
}

/** Throws what a status means; of a pass that was made, notes the rows. */
export function accept(
  memory: Memory,
  pass: Pass,
  rows: number,
  status: number,
  at: At = {},
  derive?: Derive,
): void {
  if (status === Status.ok) {
    reached(pass, rows);
    return;
  }
  const fault = memory.passWord(pass, PassWord.faultLayer);
  const layer = pass.layers.find((one) => memory.word(one, 0) === fault)!;
  if (status === Status.cost || status === Status.update) {
    reached(pass, rows);
    const what = status === Status.cost ? "The cost" : "A gradient or an updated parameter";
    throw diverged(what, layer.name, memory, pass, rows, at, derive);
  }
  const matrix = status === Status.input ? layer.input : layer.target;
  const index = memory.passWord(pass, PassWord.faultIndex);
  throw unusable(memory, layer, status, matrix, index, layer.scaler);
}

/**
 * Checks values for an input, or targets for an output, wherever they lie; `first`: the row of the data that they begin with.
 * Throws `not-finite`, `bad-target`.
 */
export function checkValues(
  memory: Memory,
  { layer, matrix }: Slot,
  values: number,
  rows: number,
  scaler: Scaler | undefined,
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

/** Names a value that can't be computed with. */
function unusable(
  memory: Memory,
  layer: LayerNode,
  status: Status,
  values: number,
  index: number,
  scaler: Scaler | undefined,
  first = 0,
): GraphError {
  const value = memory.view(values, index + 1)[index]!;
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

/** A caller's number, by its scaled one: with the digits that scaling leaves right. */
function unscaled(value: number, { offset, divisor }: Scaler, unit: number, precision: Precision): number {
  const given = value * divisor[unit]! + offset[unit]!;
  return Number(given.toPrecision(precision === "float64" ? 14 : 6));
}

/** Notes the rows of the layers that a pass has reached. */
export function reached(pass: Pass, rows: number): void {
  for (const layer of pass.layers) layer.rows = rows;
}

/** The place of a step in a run: all from 1. */
export interface StepPlace {
  readonly epoch: number;
  readonly batch: number;
  readonly step: number;
}
