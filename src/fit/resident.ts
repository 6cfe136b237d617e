// Data in the engine's memory: checked once, copied once. Batches are gathered from it there.

import { FeedWord } from "../../assembly/abi.js";
import { GraphError } from "../base/error.js";
import { precisions } from "../base/precision.js";
import { acceptStep, type StepPlace } from "../calls/diverged.js";
import { enter } from "../calls/enter.js";
import type { Network } from "../calls/network.js";
import { checkValues } from "../calls/status.js";
import type { Memory } from "../memory/memory.js";
import type { Pass, Slot } from "../memory/pass.js";
import { wordOf } from "../memory/states.js";
import { type BatchSource, copyTally, type Stepped, type Tally } from "./batches.js";
import type { Dataset } from "./dataset.js";
import { bindDataset } from "./rows.js";
import type { Run } from "./run.js";
import type { Scalers } from "./scaling.js";

/** All rows of a dataset. Its pointers are good until it is freed, or its graph is disposed of: `live` is asked before. */
export class ResidentData {
  readonly pass: Pass;
  readonly rows: number;
  readonly slots: readonly Slot[];
  /** Whether samples or units are weighed. */
  readonly isWeighted: boolean;
  /** For each slot the pointer of its numbers, (rows, size). */
  readonly sources: readonly number[];
  /** Records of what a batch takes from where, one for each slot. */
  readonly feeds: number;
  readonly #memory: Memory;
  readonly #blocks: number[] = [];

  /** `data` has no live views. `scalers`: all that the graph will have, where these are others than now. Throws what `train` throws of data. */
  constructor(network: Network, data: Dataset, isScored: boolean, scalers?: Scalers) {
    const { memory } = network;
    this.#memory = memory;
    const { pass, rows, slots } = bindDataset(network, data, isScored);
    this.pass = pass;
    this.rows = rows;
    this.slots = slots;
    this.isWeighted = slots === pass.weightedSlots;
    const width = precisions[memory.precision];
    try {
      this.sources = slots.map(({ layer: l }) => this.take(rows * l.size * width, `the data of ${l.name}`));
      this.feeds = this.take(slots.length * FeedWord.words * 4, "the data");
      slots.forEach((slot, i) => {
        const { name, size, scaler } = slot.layer;
        const source = this.sources[i]!;
        const own = slot.matrix === "lossWeights" ? undefined : scalers ? scalers.get(name) : scaler;
        memory.read("bad-shape", "The data", () =>
          enter(slot.data, name, rows, size, memory.core, source, own),
        );
        if (slot.matrix !== "lossWeights") checkValues(memory, slot, source, rows, own);
        const at = (this.feeds >>> 2) + i * FeedWord.words;
        memory.core.u32[at + FeedWord.word] = memory.records.word(slot.layer, wordOf(slot.matrix));
        memory.core.u32[at + FeedWord.source] = source;
        memory.core.u32[at + FeedWord.bytes] = size * width;
      });
    } catch (error) {
      this.free();
      throw error;
    } finally {
      for (const slot of slots) slot.data = undefined;
    }
  }

  /** A block that is freed with the data. */
  take(bytes: number, what: string): number {
    const block = this.#memory.arena.alloc(bytes, what);
    this.#blocks.push(block);
    return block;
  }

  /** Throws `disposed` where its memory is no longer its own. */
  live(): void {
    if (this.#blocks.length > 0 && this.pass.record !== 0) return;
    throw new GraphError("disposed", "The data of this run was freed.");
  }

  free(): void {
    for (const block of this.#blocks.splice(0)) this.#memory.arena.free(block);
  }
}

/** Batches of resident data, in its own order or in another for each epoch. */
export class ResidentBatches implements BatchSource {
  readonly batches: number;
  readonly #network: Network;
  readonly #run: Run;
  readonly #data: ResidentData;
  readonly #size: number;
  /** Pointer of the rows' order, 0 where it is their own. */
  readonly #order: number;
  /** Pointer of float64: the last cost, rows · cost over the epoch, and that for each output. */
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
    const { core, seed } = network.memory;
    this.#data.live();
    if (this.#order !== 0) {
      // A resumed epoch has drawn its order before.
      const index = skipped > 0 ? network.shuffles - 1 : network.shuffles++;
      core.call.shuffle(this.#order, this.#data.rows, seed, index);
    }
    const sums = [cost, ...this.#data.pass.outputs.map(({ name }) => outputs[name]?.cost ?? 0)];
    core.f64.set(sums, this.#sums / 8 + 1);
  }

  step(place: StepPlace, most: number): Stepped | undefined {
    const { memory, training } = this.#network;
    const { call } = memory.core;
    const { pass, feeds, slots, rows, isWeighted } = this.#data;
    training.askRate();
    this.#data.live();
    training.useLossWeights(pass, isWeighted);
    const from = place.batch - 1;
    const isAsked = training.optimizer.rateOf !== undefined; // for each step
    const to = Math.min(this.batches, from + (isAsked ? 1 : most));
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
    pass.reached(rowsOf(to - 1));
    return { batches: to - from, ...this.#tally(Math.min(rows, to * size)) };
  }

  /** Returns the cost of the last batch, and the sums of the epoch, in which so many rows were trained. */
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
