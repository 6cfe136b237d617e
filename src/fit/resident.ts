// Resident data: a dataset checked once and copied once to the engine's memory, where batches are gathered from it.

import { FeedWord } from "../../assembly/abi.js";
import { GraphError } from "../base/error.js";
import { acceptStep, type StepPlace } from "../calls/diverged.js";
import { enter } from "../calls/enter.js";
import type { Network } from "../calls/network.js";
import { checkTargets } from "../calls/range.js";
import { checkFinite, type RowName, rowsFrom } from "../calls/status.js";
import { enterSteps, placeIn } from "../calls/stepdata.js";
import { wordOf } from "../memory/matrices.js";
import type { Memory } from "../memory/memory.js";
import type { Pass, Slot } from "../memory/pass.js";
import { dropSteps } from "../memory/steps.js";
import type { Times } from "../memory/times.js";
import type { LayerNode } from "../model/node.js";
import type { Scaling } from "../rules/scaling.js";
import { type BatchSource, copyTally, type Stepped, type Tally } from "./batches.js";
import type { WindowOptions } from "./carried.js";
import type { Dataset } from "./dataset.js";
import { type BoundDataset, bindDataset } from "./rows.js";
import type { Run } from "./run.js";
import type { Scalers } from "./scaling.js";

/** All rows of a dataset. Its pointers are valid until it is freed, or its graph is disposed of; `live` checks that. */
export class ResidentData {
  readonly pass: Pass;
  /** Number of samples. */
  readonly rows: number;
  /** The steps of its samples, in whose order the rows lie; `undefined` without steps. */
  readonly times: Times | undefined;
  readonly slots: readonly Slot[];
  /** Whether the loss has weights for samples or units. */
  readonly isWeighted: boolean;
  /** For each slot the pointer of its numbers, (rows, size). */
  readonly sources: readonly number[];
  /** Records of the copies for a batch, one for each slot. */
  readonly feeds: number;
  readonly #memory: Memory;
  readonly #blocks: number[] = [];

  /**
   * Copies data without live views. `scalers` are all that the graph will have, if they differ from now. `isScored` and
   * `options` are as in `bindDataset`. Throws as `train` does for data.
   */
  constructor(
    network: Network,
    data: Dataset,
    isScored: boolean,
    scalers?: Scalers,
    options?: WindowOptions,
  ) {
    const { memory } = network;
    this.#memory = memory;
    const bound = bindDataset(network, data, isScored, options);
    const { pass, rows, slots, steps } = bound;
    this.pass = pass;
    this.rows = rows;
    this.times = steps?.times;
    this.slots = slots;
    this.isWeighted = slots === pass.weightedSlots;
    const { bytes } = memory.core;
    try {
      this.sources = slots.map(({ layer: l }) =>
        this.take(this.rowsOf(l) * l.size * bytes, `the data of ${l.name}`),
      );
      this.feeds = this.take(slots.length * FeedWord.words * 4, "the data");
      slots.forEach((slot, i) => {
        const { name, size, scaler } = slot.layer;
        const source = this.sources[i]!;
        const own = slot.matrix === "lossWeights" ? undefined : scalers ? scalers.get(name) : scaler;
        memory.read("bad-shape", "The data", () => this.#enter(bound, i, own));
        const count = this.rowsOf(slot.layer);
        if (slot.matrix === "input") checkFinite(memory, slot, source, count, this.#rowName(slot));
        if (slot.matrix === "target") checkTargets(memory, slot, source, count, own, this.#rowName(slot));
        const at = (this.feeds >>> 2) + i * FeedWord.words;
        memory.core.u32[at + FeedWord.word] = memory.records.word(slot.layer, wordOf(slot.matrix));
        memory.core.u32[at + FeedWord.source] = source;
        memory.core.u32[at + FeedWord.bytes] = size * bytes;
      });
    } catch (error) {
      this.free();
      throw error;
    } finally {
      for (const slot of slots) slot.data = undefined;
    }
  }

  /** Writes the numbers of a slot to their place. */
  #enter({ slots, steps, rows }: BoundDataset, i: number, scaler: Scaling | undefined): void {
    const { core } = this.#memory;
    const slot = slots[i]!;
    const source = this.sources[i]!;
    if (steps === undefined) {
      enter(slot.data, slot.name, rows, slot.size, core, source, scaler);
      return;
    }
    const { times, data } = steps;
    if (slot.matrix === "lossWeights") {
      core.numbers.set(data[i - this.pass.outputs.length]!.lossWeights!, source / core.bytes);
    } else enterSteps({ ...data[i]!, scaler }, times, { times, first: 0, step: 0 }, core, source);
  }

  /** Returns the rows that a layer has in the data. */
  rowsOf(layer: LayerNode): number {
    return this.times !== undefined && this.pass.isTimed(layer) ? this.times.rows : this.rows;
  }

  /** Returns the names of the rows of a slot. */
  #rowName({ layer }: Slot): RowName {
    const { times, pass } = this;
    if (times === undefined) return rowsFrom(0);
    return (row) => placeIn(pass.isTimed(layer), times, { times, first: 0, step: 0 }, row);
  }

  /** Allocates a block that is freed with the data. */
  take(bytes: number, what: string): number {
    const block = this.#memory.arena.alloc(bytes, what);
    this.#blocks.push(block);
    return block;
  }

  /** Throws `disposed` if its memory was freed. */
  live(): void {
    if (this.#blocks.length > 0 && this.pass.record !== 0) return;
    throw new GraphError("disposed", "The data of this run was freed.");
  }

  free(): void {
    for (const block of this.#blocks.splice(0)) this.#memory.arena.free(block);
  }
}

/**
 * Draws the order of an epoch's rows, u32 (rows), at a pointer; none at 0. An epoch that is resumed behind its first batch has
 * drawn it before.
 */
export function drawOrder(network: Network, order: number, rows: number, skipped: number): void {
  if (order === 0) return;
  const { core, seed } = network.memory;
  core.call.shuffle(order, rows, seed, skipped > 0 ? network.shuffles - 1 : network.shuffles++);
}

/** Batches of resident data, in its own order or in another for each epoch. */
export class ResidentBatches implements BatchSource {
  readonly batches: number;
  readonly #network: Network;
  readonly #run: Run;
  readonly #data: ResidentData;
  readonly #size: number;
  /** Pointer of the rows' order; 0 for the order of the data. */
  readonly #order: number;
  /** Pointer of float64 sums: the last cost, rows · cost over the epoch, and rows · cost of each output. */
  readonly #sums: number;

  constructor(network: Network, run: Run, data: ResidentData, size: number, shuffle: boolean) {
    this.#network = network;
    this.#run = run;
    this.#data = data;
    this.#size = Math.min(size, data.rows);
    this.batches = Math.ceil(data.rows / this.#size);
    network.training.ensure(data.pass, this.#size, "gradients", data.isWeighted);
    this.#order = shuffle ? data.take(data.rows * 4, "the order of the data") : 0;
    this.#sums = data.take((2 + data.pass.outputs.length) * 8, "the costs");
  }

  begin(skipped: number, { cost, outputs }: Tally): void {
    const network = this.#network;
    const { core } = network.memory;
    this.#data.live();
    drawOrder(network, this.#order, this.#data.rows, skipped);
    const sums = [cost, ...this.#data.pass.outputs.map(({ name }) => outputs[name]?.cost ?? 0)];
    core.f64.set(sums, this.#sums / 8 + 1);
  }

  step(place: StepPlace, limit: number): Stepped | undefined {
    const { memory, training } = this.#network;
    const { call } = memory.core;
    const { pass, feeds, slots, rows, isWeighted } = this.#data;
    training.askRate();
    this.#data.live();
    // A call of the caller's, between two slices, may have had steps.
    dropSteps(memory, pass);
    training.useLossWeights(pass, isWeighted);
    const from = place.batch - 1;
    const isAsked = training.optimizer.rateOf !== undefined; // a function, called for each step
    const to = Math.min(this.batches, from + (isAsked ? 1 : limit));
    const size = this.#size;
    const order = this.#order;
    const done = call.batches(pass.record, feeds, slots.length, order, rows, size, from, to, this.#sums);
    const rowsOf = (batch: number) => Math.min(size, rows - batch * size);
    if (done < to) {
      const skipped = done - from;
      const failed = { epoch: place.epoch, batch: place.batch + skipped, step: place.step + skipped };
      this.#run.history.steps = failed.step - 1;
      acceptStep(this.#network, pass, rowsOf(done), call.fault(), failed);
    }
    if (to <= from) return undefined;
    pass.setRows(rowsOf(to - 1));
    return { batches: to - from, ...this.#tally(Math.min(rows, to * size)) };
  }

  /** Returns the cost of the last batch, and the sums of the epoch so far, over so many rows. */
  #tally(rows: number): Omit<Stepped, "batches"> {
    const { f64 } = this.#network.memory.core;
    const at = this.#sums / 8;
    const { outputs } = copyTally();
    this.#data.pass.outputs.forEach(({ name }, o) => {
      outputs[name] = { rows, cost: f64[at + 2 + o]! };
    });
    return { cost: f64[at]!, tally: { rows, cost: f64[at + 1]!, outputs } };
  }

  end(): void {}
}
