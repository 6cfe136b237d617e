// The exports of the core, compiled once for each precision: `real` is f64 or f32, as tools/build.js sets it;
// src/memory/core.ts calls them.

import { Start, Status } from "./abi";
import { carryPast } from "./pass/past";
import * as graph from "./pass/pass";
import { firstNotFinite, firstOutside } from "./kernel/fold";
import { approach } from "./kernel/map";
import * as link from "./link/table";
import { Pass, Synapse } from "./record";
import { draw } from "./start";

export { gather } from "./pass/pass";
export { alloc, claim, free, probe } from "./memory";
export { draws, shuffle } from "./random";

/** Draws the initial weights of a synapse; see start.ts. */
export function start(
  way: Start, values: usize, from: i32, to: i32, seed: u32, index: u32, a: f64, b: f64, room: usize, each: i32,
): void {
  draw<real>(way, values, from, to, seed, index, a, b, room, each);
}

/** Returns the bytes of workspace that a synapse needs. */
export function room(synapse: Synapse): usize {
  return link.room<real>(synapse);
}

/** Returns the index of the first value that is not finite, or -1. values: (count) */
export function notFinite(values: usize, count: i32): i32 {
  return firstNotFinite<real>(values, count);
}

/** Returns the index of the first value outside [0, 1], or -1. values: (count) */
export function outside(values: usize, count: i32): i32 {
  return firstOutside<real>(values, count);
}

/** Checks the input values and the targets. */
export function checkAll(pass: Pass, rows: i32): Status {
  return graph.check<real>(pass, rows, true);
}

/** Checks the input values, then computes the outputs. */
export function predict(pass: Pass, rows: i32): Status {
  const status = graph.check<real>(pass, rows, false);
  if (status == Status.ok) graph.predict<real>(pass, rows);
  return status;
}

/** Computes the outputs and returns their cost. Checks nothing. */
export function evaluate(pass: Pass, rows: i32): f64 {
  graph.predict<real>(pass, rows);
  return cost(pass, rows);
}

/** Returns the cost of the outputs, which were computed before. */
export function cost(pass: Pass, rows: i32): f64 {
  return graph.cost<real>(pass, rows);
}

/** Computes every gradient and returns the cost. Checks nothing. */
export function gradients(pass: Pass, rows: i32): f64 {
  return graph.gradients<real>(pass, rows, true);
}

/** Makes one step, after all checks. Returns the cost before it, or NaN; `fault` then returns the reason. */
export function train(pass: Pass, rows: i32): f64 {
  const status = checkAll(pass, rows);
  return status == Status.ok ? graph.train<real>(pass, rows) : graph.refuse(status);
}

/** Checks the input values, and the upstream gradients, which take the place of targets. */
export function checkUpstream(pass: Pass, rows: i32): Status {
  pass.upstream = 1;
  const status = checkAll(pass, rows);
  pass.upstream = 0;
  return status;
}

/** Computes every gradient from upstream gradients. Checks nothing. */
export function upstreamGradients(pass: Pass, rows: i32): void {
  pass.upstream = 1;
  gradients(pass, rows);
  pass.upstream = 0;
}

/** Makes one step from upstream gradients, after all checks. Returns 0, or NaN; `fault` then returns the reason. */
export function backward(pass: Pass, rows: i32): f64 {
  pass.upstream = 1;
  const none = train(pass, rows);
  pass.upstream = 0;
  return none;
}

/** Moves parameters towards others: p ← p + tau (q - p). p, q: (count) */
export function blend(to: usize, from: usize, count: i32, tau: f64): void {
  approach<real>(to, from, count, tau);
}

/** Makes a step for each of the batches [from, to); see pass/pass.ts. */
export function batches(
  pass: Pass, feeds: usize, feedCount: i32, order: usize, rows: i32, size: i32, from: i32, to: i32, sums: usize,
): i32 {
  return graph.batches<real>(pass, feeds, feedCount, order, rows, size, from, to, sums);
}

/** Moves the past of layers on by the steps of the last pass, for a state. */
export function carry(pass: Pass, rows: i32): void {
  carryPast<real>(pass, rows);
}

/** Returns the reason of the last refused step. */
export function fault(): Status {
  return graph.status;
}
