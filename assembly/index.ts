// What the core exports: nothing but the two precisions' dispatch. src/core.ts is the sole caller.

import { Precision, Start, Status } from "./abi";
import * as graph from "./graph/pass";
import { Pass } from "./graph/record";
import { firstNotFinite, firstOutside } from "./kernel/fold";
import { ACTIVATIONS } from "./rule/activation";
import { LOSSES } from "./rule/loss";
import { OPTIMIZERS } from "./rule/sweep";
import { SCHEDULES } from "./rule/schedule";
import { draw } from "./start";

export { gather } from "./graph/pass";
export { alloc, free } from "./memory";
export { shuffle } from "./random";

/** How many rows the tables have. */
export const activations: u32 = ACTIVATIONS;
export const losses: u32 = LOSSES;
export const optimizers: u32 = OPTIMIZERS;
export const schedules: u32 = SCHEDULES;

/** How the weights of a synapse start; see start.ts. */
export function start(
  precision: u32, way: Start, values: usize, from: i32, to: i32, seed: u32, index: u32, a: f64, b: f64, room: usize,
): void {
  if (precision == Precision.float64) draw<f64>(way, values, from, to, seed, index, a, b, room);
  else draw<f32>(way, values, from, to, seed, index, a, b, room);
}

function checkInputs(pass: Pass, rows: i32): Status {
  return pass.precision == Precision.float64 ? graph.check<f64>(pass, rows, false) : graph.check<f32>(pass, rows, false);
}

/** The index of the first of some values that is not finite, or -1. */
export function notFinite(precision: u32, values: usize, count: i32): i32 {
  return precision == Precision.float64 ? firstNotFinite<f64>(values, count) : firstNotFinite<f32>(values, count);
}

/** The index of the first of some values outside [0, 1], or -1. */
export function outside(precision: u32, values: usize, count: i32): i32 {
  return precision == Precision.float64 ? firstOutside<f64>(values, count) : firstOutside<f32>(values, count);
}

/** Checks the given values and the targets. */
export function checkAll(pass: Pass, rows: i32): Status {
  return pass.precision == Precision.float64 ? graph.check<f64>(pass, rows, true) : graph.check<f32>(pass, rows, true);
}

/** Checks, then computes the outputs. */
export function predict(pass: Pass, rows: i32): Status {
  const status = checkInputs(pass, rows);
  if (status == Status.ok) run(pass, rows);
  return status;
}

function run(pass: Pass, rows: i32): void {
  if (pass.precision == Precision.float64) graph.predict<f64>(pass, rows);
  else graph.predict<f32>(pass, rows);
}

/** Computes the outputs and their cost; nothing is checked. */
export function evaluate(pass: Pass, rows: i32): f64 {
  run(pass, rows);
  return cost(pass, rows);
}

/** The cost of outputs that are computed. */
export function cost(pass: Pass, rows: i32): f64 {
  return pass.precision == Precision.float64 ? graph.cost<f64>(pass, rows) : graph.cost<f32>(pass, rows);
}

/** Computes the cost and every gradient; nothing is checked. */
export function gradients(pass: Pass, rows: i32): f64 {
  return pass.precision == Precision.float64 ? graph.gradients<f64>(pass, rows, true) : graph.gradients<f32>(pass, rows, true);
}

/** Checks, then makes one step. Gives the cost before it, or NaN; `fault` then says why. */
export function train(pass: Pass, rows: i32): f64 {
  const status = checkAll(pass, rows);
  if (status != Status.ok) return graph.refuse(status);
  return pass.precision == Precision.float64 ? graph.train<f64>(pass, rows) : graph.train<f32>(pass, rows);
}

/** Steps over the batches [from, to); see graph/pass.ts. */
export function batches(
  pass: Pass, feeds: usize, feedCount: i32, order: usize, rows: i32, size: i32, from: i32, to: i32, sums: usize,
): i32 {
  return pass.precision == Precision.float64
    ? graph.batches<f64>(pass, feeds, feedCount, order, rows, size, from, to, sums)
    : graph.batches<f32>(pass, feeds, feedCount, order, rows, size, from, to, sums);
}

export function fault(): Status {
  return graph.status;
}
