// Data in the engine's memory: checked once, copied once. Batches are gathered from it there.

import { FeedWord } from "../../assembly/abi.js";
import { GraphError } from "../base/error.js";
import { precisions } from "../base/precision.js";
import type { StepPlace } from "../calls/diverged.js";
import { enter } from "../calls/enter.js";
import { checkValues } from "../calls/status.js";
import type { Pass, Slot } from "../memory/pass.js";
import { wordOf } from "../memory/states.js";
import type { Dataset } from "./dataset.js";
import type { Run } from "./run.js";
import { type BatchSource, type Last, type Scalers, type Tally, type Trainee, tally } from "./source.js";

/** All rows of a dataset. Its pointers are good until it is freed, or its graph is disposed of: `live` is asked before. */
export class ResidentData {
  readonly pass: Pass;
  readonly rows: number;
  readonly slots: readonly Slot[];
  /** Whether samples or units are weighed. */
  readonly isWeighed: boolean;
  /** For each slot the pointer of its numbers, (rows, size). */
  readonly sources: readonly number[];
  /** Records of what a batch takes from where, one for each slot. */
  readonly feeds: number;
  readonly #trainee: Trainee;
  readonly #blocks: number[] = [];

  /** `data` has no live views. `scalers`: all that the graph will have, where these are others than now. Throws what `train` throws of data. */
  constructor(trainee: Trainee, data: Dataset, isScored: boolean, scalers?: Scalers) {
    const { memory } = trainee;
    this.#trainee = trainee;
    this.pass = trainee.pass(data);
    const { rows, slots } = trainee.read(this.pass, data, isScored);
    this.rows = rows;
    this.slots = slots;
    this.isWeighed = slots === this.pass.weightedSlots;
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
    const block = this.#trainee.memory.arena.alloc(bytes, what);
    this.#blocks.push(block);
    return block;
  }

  /** Throws `disposed` where its memory is no longer its own. */
  live(): void {
    if (this.#blocks.length > 0 && this.pass.record !== 0) return;
    throw new GraphError("disposed", "The data of this run was freed.");
  }

  free(): void {
    for (const block of this.#blocks.splice(0)) this.#trainee.memory.arena.free(block);
  }
}

/** Batches of resident data, in its own order or in another for each epoch. */
export class ResidentBatches implements BatchSource {
  readonly batches: number;
  last: Last | undefined;
  readonly #trainee: Trainee;
  readonly #run: Run;
  readonly #data: ResidentData;
  readonly #size: number;
  /** Pointer of the rows' order, 0 where it is their own. */
  readonly #order: number;
  /** Pointer of float64: the last cost, rows · cost over the epoch, and that for each output. */
  readonly #sums: number;
  rows = 0;

  constructor(trainee: Trainee, run: Run, data: ResidentData, size: number, shuffle: boolean) {
    this.#trainee = trainee;
    this.#run = run;
    this.#data = data;
    this.#size = Math.min(size, data.rows);
    this.batches = Math.ceil(data.rows / this.#size);
    trainee.training.ensure(data.pass, this.#size, "gradients", data.isWeighed);
    this.#order = shuffle ? data.take(data.rows * 4, "the order of the data") : 0;
    this.#sums = data.take((2 + data.pass.outputs.length) * 8, "the costs");
  }

  begin(skipped: number): void {
    const { memory, seed } = this.#trainee;
    this.#data.live();
    if (this.#order !== 0) {
      // A resumed epoch has drawn its order before.
      const index = skipped > 0 ? this.#trainee.shuffles - 1 : this.#trainee.shuffles++;
      memory.core.call.shuffle(this.#order, this.#data.rows, seed, index);
    }
    this.tally = tally();
  }

  get tally(): Tally {
    const { rows } = this;
    const { outputs } = tally();
    this.#data.pass.outputs.forEach(({ name }, o) => {
      outputs[name] = { rows, cost: this.#sum(2 + o) };
    });
    return { rows, cost: this.#sum(1), outputs };
  }

  set tally(given: Tally) {
    const { rows, cost, outputs } = tally(given);
    this.#data.live();
    this.rows = rows;
    const sums = [cost, ...this.#data.pass.outputs.map(({ name }) => outputs[name]?.cost ?? 0)];
    this.#trainee.memory.core.f64.set(sums, this.#sums / 8 + 1);
  }

  #sum(place: number): number {
    this.#data.live();
    return this.#trainee.memory.core.f64[this.#sums / 8 + place]!;
  }

  step(place: StepPlace, most: number): number {
    const { memory, training } = this.#trainee;
    const { call } = memory.core;
    const { pass, feeds, slots, rows, isWeighed } = this.#data;
    training.askRate();
    this.#data.live();
    training.weigh(pass, isWeighed);
    const from = place.batch - 1;
    const isAsked = training.optimizer.rateOf !== undefined; // for each step
    const to = Math.min(this.batches, from + (isAsked ? 1 : most));
    const size = this.#size;
    const reached = call.batches(
      pass.record,
      feeds,
      slots.length,
      this.#order,
      rows,
      size,
      from,
      to,
      this.#sums,
    );
    const rowsOf = (batch: number) => Math.min(size, rows - batch * size);
    if (reached < to) {
      const skipped = reached - from;
      const failed = { epoch: place.epoch, batch: place.batch + skipped, step: place.step + skipped };
      this.#run.history.steps = failed.step - 1;
      this.#trainee.accept(pass, rowsOf(reached), call.fault(), failed);
    }
    if (to > from) pass.reached(rowsOf(to - 1));
    this.rows = Math.min(rows, to * size);
    this.last = { pass, rows: rowsOf(to - 1), cost: this.#sum(0) };
    return to - from;
  }

  end(): void {}
}
