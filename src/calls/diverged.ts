// Errors of steps that were refused because a number would not be finite: its first place, and a remedy that may help.

import { PassWord, Status } from "../../assembly/abi.js";
import { type DivergedDetails, GraphError } from "../base/error.js";
import { show } from "../base/text.js";
import { findNotFinite, viewed } from "../memory/finite.js";
import type { Memory } from "../memory/memory.js";
import type { Pass } from "../memory/pass.js";
import { partsOf } from "../memory/runs.js";
import type { LayerNode } from "../model/node.js";
import type { Network } from "./network.js";
import { acceptTargets } from "./range.js";
import { faultyLayer } from "./status.js";

/** The facts of a divergence. */
interface Divergence extends Omit<DivergedDetails, "hint"> {
  /** Name of the number that is not finite. */
  readonly what: string;
  /** The parameter that was not finite before the step, if there was one. */
  readonly earlier: string | undefined;
  readonly rate: number;
}

function refusal({ what, rate, earlier, ...found }: Divergence): GraphError {
  const { epoch, batch, step, layer, timeStep, largestGradient } = found;
  const places = [epoch && ` in epoch ${epoch}`, batch && `, batch ${batch}`];
  const hint =
    earlier !== undefined
      ? `The parameters were not finite before the step: ${earlier}`
      : step === 1
        ? "Scaled data (`scale` of `fit`) or a lower rate may help"
        : "A lower rate, a bound on gradients (`clipNorm`) or scaled data may help";
  const place = timeStep === undefined ? show(layer) : `${show(layer)}, step ${timeStep}`;
  const shown = `rate ${rate}, largest gradient ${largestGradient.toPrecision(3)}`;
  return new GraphError(
    "diverged",
    `${what} is not finite${places.filter(Boolean).join("")}; it shows first in ${place} (${shown}). ${hint}.` +
      (epoch !== undefined && batch === undefined ? "" : " The parameters are those before the step."),
    { details: { ...found, hint } },
  );
}

/** The place of a step in a run, from 1. */
export interface StepPlace {
  readonly epoch: number;
  readonly batch: number;
  readonly step: number;
  /** First step of the window where the step is one of a window; from 0. */
  readonly from?: number;
}

/** The place of a divergence. */
interface Place extends Partial<StepPlace> {
  readonly timeStep?: number;
}

/** Computes the gradients of a pass in the core, which has its data. */
type Derive = (pass: number, rows: number) => unknown;

/** Returns the error for a number that is not finite in a pass. Without a run, the optimizer counts the steps. */
export function diverged(
  what: string,
  layer: string,
  net: Network,
  pass: Pass,
  rows: number,
  place: Place,
  derive?: Derive,
): GraphError {
  const { memory, training } = net;
  const synapses = pass.layers.flatMap((l) => l.incoming);
  return refusal({
    step: training.optimizer.steps + 1,
    ...place,
    what,
    layer,
    earlier: findNotFinite(viewed(memory, pass.layers, synapses), memory.precision),
    rate: training.optimizer.now,
    largestGradient: largestGradient(net, pass, rows, derive),
  });
}

/** Returns the largest magnitude of the gradients of a pass; Infinity if one is not finite. */
function largestGradient(
  { memory, training }: Network,
  pass: Pass,
  rows: number,
  derive: Derive = memory.core.call.gradients,
): number {
  derive(pass.record, rows);
  let largest = 0;
  for (const { block } of partsOf(pass)) {
    for (const value of training.gradients(block)) {
      largest = Number.isFinite(value) ? Math.max(largest, Math.abs(value)) : Number.POSITIVE_INFINITY;
    }
  }
  return largest;
}

/** Throws the error of a step's status. If the step was made, records its rows. */
export function acceptStep(
  net: Network,
  pass: Pass,
  rows: number,
  status: number,
  place: Partial<StepPlace> = {},
  derive?: Derive,
): void {
  if (status !== Status.cost && status !== Status.update) {
    acceptTargets(net.memory, pass, rows, status);
    return;
  }
  pass.setRows(rows);
  const what = status === Status.cost ? "The cost" : "A gradient or an updated parameter";
  const layer = faultyLayer(net.memory, pass);
  const timeStep = timeStepOf(net.memory, pass, layer);
  const { from = 0, ...rest } = place;
  const found = timeStep === undefined ? rest : { ...rest, timeStep: from + timeStep };
  throw diverged(what, layer.name, net, pass, rows, found, derive);
}

/** Returns the step of samples where a layer's values first are not finite; `undefined` where they all are. */
function timeStepOf({ core }: Memory, pass: Pass, layer: LayerNode): number | undefined {
  const { times } = pass;
  // The core writes -1 where the fault is not in values.
  const index = core.u32[(pass.record >>> 2) + PassWord.faultIndex]! | 0;
  if (times === undefined || index < 0 || !pass.isTimed(layer)) return undefined;
  return times.at(Math.floor(index / layer.size)).step;
}
