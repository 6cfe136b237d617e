// Where an epoch's batches come from, and what training needs of a graph.

import type { GraphError } from "../base/error.js";
import type { StepPlace } from "../calls/diverged.js";
import type { Rest } from "../format/base64.js";
import type { Memory } from "../memory/memory.js";
import type { Pass, Slot } from "../memory/pass.js";
import type { Training } from "../memory/training.js";
import type { Metric } from "../rules/metric.js";
import type { Scaler } from "../rules/scaler.js";
import type { Dataset } from "./dataset.js";

/** The parts of a graph that training uses. */
export interface Trainee {
  readonly memory: Memory;
  readonly training: Training;
  /** Of the shuffles. */
  readonly seed: number;
  /** The number of the next shuffle. */
  shuffles: number;
  /** The same data, but for live views of the engine's memory, which are copied. */
  hold(data: Dataset): Dataset;
  /** The pass towards the targets' outputs. */
  pass(data: Dataset): Pass;
  /** Puts what is given for a pass into its slots. Gives the rows, and which slots those are. Metrics want non-negative weights. */
  read(
    pass: Pass,
    data: Dataset,
    isScored: boolean,
  ): { readonly rows: number; readonly slots: readonly Slot[] };
  /** One step. Gives the cost before it. */
  step(data: Dataset, place: StepPlace): Last;
  /** Throws what a status means. */
  accept(pass: Pass, rows: number, status: number, place?: StepPlace): void;
  /** The error of what is not finite. */
  diverged(what: string, layer: string, pass: Pass, rows: number, place: Partial<StepPlace>): GraphError;
  /** The names of an output's scores, `cost` first; none where the pass, if it is known, has no such output. */
  measures(output: string, metrics: readonly Metric[] | undefined, pass: Pass | undefined): readonly string[];
  /** The graph's scalers, of which those of some layers are fitted to data. */
  fitScalers(data: Dataset, kinds: Readonly<Record<string, unknown>>): Scalers;
  scale(scalers: Scalers): void;
  toJSON(): object;
  /** The same, encoded in slices; what the optimizer keeps must not change meanwhile. */
  toJSONInSlices(rest: Rest): Promise<object>;
  /** A graph of the same topology, as `toJSON` gave it, whose numbers can be taken over. Throws `bad-file`, `bad-option`. */
  restore(saved: unknown): Saved;
}

/** By layers' names. */
export type Scalers = ReadonlyMap<string, Scaler>;

export interface Saved {
  readonly scalers: Scalers;
  /** Takes over parameters, optimizer, generators and scalers. */
  adopt(): void;
  free(): void;
}

/** Rows, and rows · cost summed over them. */
export interface Sum {
  readonly rows: number;
  readonly cost: number;
}

/** Sums over an epoch so far, and for each output over the rows that had a target for it. */
export interface Tally extends Sum {
  readonly outputs: Readonly<Record<string, Sum>>;
}

/** A tally of its own, empty or the same, which finds nothing under a name that it has not. */
export function tally({ rows, cost, outputs }: Tally = { rows: 0, cost: 0, outputs: {} }) {
  return { rows, cost, outputs: Object.assign(Object.create(null), outputs) as Record<string, Sum> };
}

/** The last step. */
export interface Last {
  readonly pass: Pass;
  readonly rows: number;
  readonly cost: number;
}

export interface BatchSource {
  /** The steps of an epoch, where they are known. */
  readonly batches: number | undefined;
  readonly last: Last | undefined;
  /** Of the epoch so far: samples; and all that is summed. */
  readonly rows: number;
  tally: Tally;
  /** Begins an epoch, after as many batches as were trained before. */
  begin(skipped: number): void | Promise<void>;
  /** Steps over `most` batches at most, from one of the epoch on. Gives how many; 0 is the epoch's end. */
  step(place: StepPlace, most: number): number | Promise<number>;
  /** Ends an epoch, maybe before all was read. May be called twice. */
  end(): unknown;
}
