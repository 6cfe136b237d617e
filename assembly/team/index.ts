// The exports of a core for threads: those of a core, and a team's. `real` is its precision.

import { Status } from "../abi";
import { setOwn } from "../own";
import { Pass } from "../record";
import * as steps from "./step";
import { enter, index, join, lead, member } from "./team";

export * from "../index";

/** Begins a team, of which this thread is the leader. */
export function beginTeam(team: usize): void {
  lead(team);
}

/** Joins a team, and works at its jobs until it is dismissed. */
export function joinTeam(team: usize): void {
  enter(team);
  setOwn(member(index).away);
  join();
  steps.follow<real>();
}

/** Makes steps as `batches` does, by `size` members. */
export function teamBatches(
  size: i32, pass: Pass, feeds: usize, feedCount: i32, order: usize, rows: i32, batch: i32, from: i32, to: i32, sums: usize,
): i32 {
  return steps.leadBatches<real>(size, pass, feeds, feedCount, order, rows, batch, from, to, sums);
}

/** Makes a step as `train` does. */
export function teamTrain(size: i32, pass: Pass, samples: i32): f64 {
  return steps.leadTrain<real>(size, pass, samples);
}

/** Computes the outputs as `predict` does. */
export function teamPredict(size: i32, pass: Pass, samples: i32): Status {
  return steps.leadPredict<real>(size, pass, samples);
}

/** Returns the bytes of an instance's workspace. */
export function ownBytes(): usize {
  return __heap_base;
}
