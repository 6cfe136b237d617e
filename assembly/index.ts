// What the core exports, compiled once for each precision: `real` is f64 or f32, as tools/build.js says; src/memory/core.ts calls it.

import { Start, Status } from "./abi";
import * as graph from "./pass/pass";
import { firstNotFinite, firstOutside } from "./kernel/fold";
import { approach } from "./kernel/map";
import { Pass } from "./record";
import { draw } from "./start";

export { gather } from "./pass/pass";
export { alloc, free, probe } from "./memory";
export { shuffle } from "./random";

/** How the weights of a synapse start; see start.ts. */
export function start(
  way: Start, values: usize, from: i32, to: i32, seed: u32, index: u32, a: f64, b: f64, room: usize,
): void {
  draw<real>(way, values, from, to, seed, index, a, b, room);
}

/** The index of the first of some values that is not finite, or -1. */
export function notFinite(values: usize, count: i32): i32 {
  return firstNotFinite<real>(values, count);
}

/** The index of the first of some values outside [0, 1], or -1. */
export function outside(values: usize, count: i32): i32 {
  return firstOutside<real>(values, count);
}

/** Checks the given values and the targets. */
export function checkAll(pass: Pass, rows: i32): Status {
  return graph.check<real>(pass, rows, true);
}

/** Checks the given values, then computes the outputs. */
export function predict(pass: Pass, rows: i32): Status {
  const status = graph.check<real>(pass, rows, false);
  if (status == Status.ok) graph.predict<real>(pass, rows);
  return status;
}

/** Computes the outputs and their cost; nothing is checked. */
export function evaluate(pass: Pass, rows: i32): f64 {
  graph.predict<real>(pass, rows);
  return cost(pass, rows);
}

/** The cost of outputs that are computed. */
export function cost(pass: Pass, rows: i32): f64 {
  return graph.cost<real>(pass, rows);
}

/** Computes the cost and every gradient; nothing is checked. */
export function gradients(pass: Pass, rows: i32): f64 {
  return graph.gradients<real>(pass, rows, true);
}

/** Checks, then makes one step. Gives the cost before it, or NaN; `fault` then says why. */
export function train(pass: Pass, rows: i32): f64 {
  const status = checkAll(pass, rows);
  return status == Status.ok ? graph.train<real>(pass, rows) : graph.refuse(status);
}

/** Checks the given values, and the upstream gradients that lie where targets do. */
export function checkUpstream(pass: Pass, rows: i32): Status {
  pass.upstream = 1;
  const status = checkAll(pass, rows);
  pass.upstream = 0;
  return status;
}

/** Computes every gradient from upstream ones; nothing is checked. */
export function upstreamGradients(pass: Pass, rows: i32): void {
  pass.upstream = 1;
  gradients(pass, rows);
  pass.upstream = 0;
}

/** Checks, then makes one step along upstream gradients. Returns 0, or NaN; `fault` then says why. */
export function backward(pass: Pass, rows: i32): f64 {
  pass.upstream = 1;
  const none = train(pass, rows);
  pass.upstream = 0;
  return none;
}

/** p ← p + tau (q - p). p, q: (count) */
export function blend(to: usize, from: usize, count: i32, tau: f64): void {
  approach<real>(to, from, count, tau);
}

/** Steps over the batches [from, to); see pass/pass.ts. */
export function batches(
  pass: Pass, feeds: usize, feedCount: i32, order: usize, rows: i32, size: i32, from: i32, to: i32, sums: usize,
): i32 {
  return graph.batches<real>(pass, feeds, feedCount, order, rows, size, from, to, sums);
}

export function fault(): Status {
  return graph.status;
}
