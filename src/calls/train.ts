// One step of the optimizer.

import { GraphError } from "../base/error.js";
import type { Pass } from "../memory/pass.js";
import { bind } from "./bind.js";
import { carry } from "./carry.js";
import { acceptStep, type StepPlace } from "./diverged.js";
import type { Network } from "./network.js";
import { readCall } from "./weighting.js";

/** Makes one step of the optimizer; `given` are the options of the call. Returns the cost before it. */
export function train(net: Network, xs: unknown, ts: unknown, given: unknown): number {
  checkSchedule(net);
  if (given !== undefined) return trainWithOptions(net, xs, ts, given);
  if (net.training.optimizer.rateOf !== undefined) net.training.askRate();
  const { pass, rows } = bind(net, xs, ts, "gradients");
  return trainStep(net, pass, rows);
}

/** Does `train` with options. It is apart from that, so that V8 inlines `train`. */
function trainWithOptions(net: Network, xs: unknown, ts: unknown, given: unknown): number {
  const { weighting, timing } = readCall(net.topology, given, "train");
  net.memory.idle();
  if (net.training.optimizer.rateOf !== undefined) net.training.askRate();
  const bound = bind(net, xs, ts, "gradients", weighting, false, timing);
  const cost = trainStep(net, bound.pass, bound.rows);
  if (bound.timing !== undefined) carry(net.memory, bound);
  return cost;
}

/** Makes one step with the data that is bound to a pass. Returns the cost before it. */
export function trainStep(net: Network, pass: Pass, rows: number, place?: StepPlace): number {
  const { call } = net.memory.core;
  const cost = call.train(pass.record, rows);
  if (Number.isNaN(cost)) acceptStep(net, pass, rows, call.fault(), place);
  else pass.setRows(rows);
  return cost;
}

/** Refuses a single step if the rate follows epochs. Throws `bad-option`, `busy`, `disposed`. */
export function checkSchedule({ memory, training }: Network): void {
  memory.idle();
  if (training.optimizer.plateau === undefined) return;
  throw new GraphError("bad-option", "The schedule reduceOnPlateau follows epochs: train with `fit`.");
}
