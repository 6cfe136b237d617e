// A call whose data is bound to a pass.

import type { Memory } from "../memory/memory.js";
import type { Need, Pass } from "../memory/pass.js";
import type { Times } from "../memory/times.js";
import type { Topology } from "../model/topology.js";
import type { SlotData } from "./stepdata.js";
import type { Targets } from "./targets.js";
import type { Timing } from "./timing.js";

/** The parts of a network that data is bound to. */
export interface Bindable {
  readonly topology: Topology;
  readonly memory: Memory;
  /** Present in a network that trains. */
  readonly targets?: Targets;
}

/** A pass with its data, and the number of its samples. */
export interface Bound {
  readonly pass: Pass;
  readonly rows: number;
  /** Steps and state of the call, if it named them. */
  readonly timing?: Timing | undefined;
  /** Present in calls with steps, unless their data has the form of data without. */
  readonly steps?: BoundSteps;
}

/** The steps of a bound call, and their data. */
export interface BoundSteps {
  readonly times: Times;
  /** The data of each slot, for data that is read in pieces. */
  readonly data: readonly SlotData[];
}

/** The purpose of a binding. */
export interface Purpose {
  readonly need: Need;
  readonly hasTargets: boolean;
  /** Whether data of more rows than a piece stays in its slots, for `inPieces`. */
  readonly isPieced: boolean;
}
