// One step of the optimizer.

import { GraphError } from "../base/error.js";
import type { Memory } from "../memory/memory.js";
import type { Pass } from "../memory/pass.js";
import type { Network } from "./network.js";
import { accept, reached, type StepPlace } from "./status.js";
import type { Counts } from "./weighting.js";

/** One step of the optimizer. Returns the cost before it. */
export function step(net: Network, xs: unknown, ts: unknown, counts: Counts | undefined): number {
  const { memory, binding } = net;
  memory.ask();
  return descend(memory, binding.aim(xs, ts, "gradients", counts));
}

/** One step with the data that a pass was given. Returns the cost before it. */
export function descend(memory: Memory, pass: Pass, place?: StepPlace): number {
  const { rows } = pass;
  const { call } = memory.core;
  const cost = call.train(pass.record, rows);
  if (Number.isNaN(cost)) accept(memory, pass, rows, call.fault(), place);
  else reached(pass, rows);
  return cost;
}

/** Refuses a step by itself where the rate follows epochs. Throws `bad-option`, `busy`, `disposed`. */
export function checkSchedule(memory: Memory): void {
  memory.idle();
  if (memory.state.plateau === undefined) return;
  throw new GraphError("bad-option", "The schedule reduceOnPlateau follows epochs: train with `fit`.");
}
