// Batches of a caller's sequence, one after another.

import { GraphError } from "../base/error.js";
import { bind } from "../calls/bind.js";
import type { StepPlace } from "../calls/diverged.js";
import type { Network } from "../calls/network.js";
import type { Past } from "../calls/past.js";
import { readTiming } from "../calls/timing.js";
import { trainStep } from "../calls/train.js";
import { datasetWeighting } from "../calls/weighting.js";
import {
  addMean,
  type BatchSource,
  copyTally,
  type Stepped,
  type Tally,
  type WindowPlace,
} from "./batches.js";
import {
  hasWindows,
  makePast,
  type ResumedPlace,
  readPlace,
  type WindowOptions,
  writePlace,
} from "./carried.js";
import { type Batched, type Dataset, dataset, iterate, resultOf, type Sequence } from "./dataset.js";
import { ResidentData } from "./resident.js";
import { detachData } from "./rows.js";
import { interrupted, type Run } from "./run.js";
import { addWindow, steppedBy, Windows } from "./windows.js";

/** A batch that is trained window by window. */
interface OpenBatch {
  readonly data: ResidentData;
  readonly windows: Windows;
}

export class Stream implements BatchSource {
  readonly batches = undefined;
  readonly #network: Network;
  readonly #run: Run;
  readonly #data: Sequence | (() => Sequence);
  readonly #options: WindowOptions;
  #iterator: Batched | undefined;
  #tally: Tally = copyTally();
  /** Number of batches that are done in the epoch. */
  #done = 0;
  #open: OpenBatch | undefined;
  /** The state after the last window; with `carry` that of the epoch, else that of the batch. */
  #past: Past | undefined;
  /** The window where a resumed epoch begins. */
  #resumed: ResumedPlace | undefined;
  /** First window of the next batch. */
  #first = 0;

  constructor(network: Network, run: Run, data: Sequence | (() => Sequence), options: WindowOptions) {
    this.#network = network;
    this.#run = run;
    this.#data = data;
    this.#options = options;
  }

  async begin(skipped: number, tally: Tally): Promise<void> {
    this.#tally = tally;
    const resumed = this.#resumed;
    this.#resumed = undefined;
    this.#past = resumed?.past;
    this.#done = resumed?.batch ?? skipped;
    this.#first = resumed?.window ?? 0;
    this.#iterator = iterate(typeof this.#data === "function" ? this.#data() : this.#data);
    for (let n = 0; n < this.#done; n++) {
      const found = await this.#run.wait(this.#iterator.next());
      if (found === interrupted || this.#run.stop !== undefined) return;
      if (!resultOf(found).done) continue;
      throw new GraphError("bad-shape", `The data has ${n} batches, and ${this.#done} were trained before.`);
    }
  }

  resume(place: WindowPlace | undefined): void {
    if (hasWindows(this.#options)) this.#resumed = readPlace(this.#network, place);
  }

  get place(): WindowPlace | undefined {
    return this.#past && writePlace(this.#network, this.#done, this.#open?.windows.next ?? 0, this.#past);
  }

  step(place: StepPlace): Stepped | undefined | Promise<Stepped | undefined> {
    if (this.#open !== undefined) return this.#trainWindow(this.#open, place);
    const next = this.#run.wait(this.#iterator!.next());
    return next instanceof Promise
      ? next.then((found) => this.#train(found, place))
      : this.#train(next, place);
  }

  #train(found: unknown, place: StepPlace): Stepped | undefined {
    const { memory } = this.#network;
    memory.live();
    if (found === interrupted || this.#run.stop !== undefined) return undefined;
    const { done, value } = resultOf(found);
    memory.live();
    if (done) {
      this.#iterator = undefined;
      return undefined;
    }
    const batch = dataset(value);
    if (!hasWindows(this.#options)) return this.#trainWhole(batch, place);
    this.#open = this.#openBatch(batch);
    return this.#trainWindow(this.#open, place);
  }

  /** Makes a step over a whole batch. */
  #trainWhole(batch: Dataset, place: StepPlace): Stepped {
    const network = this.#network;
    const { memory, training, topology } = network;
    const weighting = datasetWeighting(topology, batch);
    const timing = readTiming(topology, batch.steps, undefined);
    memory.live();
    training.askRate();
    const { pass, rows } = bind(network, batch.xs, batch.ts, "gradients", weighting, false, timing);
    const cost = trainStep(network, pass, rows, place);
    const { outputs } = copyTally(this.#tally);
    pass.outputs.forEach((layer, o) => {
      const { name } = layer;
      outputs[name] = addMean(outputs[name], pass.rowsOf(layer, rows), training.outputCost(pass, o));
    });
    const tally = { ...addMean(this.#tally, pass.times?.rows ?? rows, cost), outputs };
    this.#tally = tally;
    this.#done++;
    return { batches: 1, cost, tally, samples: rows };
  }

  /** Copies a batch to the engine, to train it window by window. */
  #openBatch(batch: Dataset): OpenBatch {
    const network = this.#network;
    const { carry = false, window } = this.#options;
    const data = new ResidentData(network, detachData(network, batch), false, undefined, this.#options);
    try {
      const { rows, pass } = data;
      const first = this.#first;
      this.#first = 0;
      if (this.#past === undefined || !(carry || first > 0)) this.#past = makePast(network, pass, rows);
      else this.#past.checkPass(pass, rows, this.#past.rows);
      const windows = new Windows(network, data, rows, window ?? data.times!.steps, this.#past);
      const { times } = data;
      const places = Array.from({ length: rows }, () => 0);
      for (let place = 0; place < rows; place++) places[times!.sampleAt(place)] = place;
      windows.begin(places, first);
      return { data, windows };
    } catch (error) {
      data.free();
      throw error;
    }
  }

  #trainWindow({ data, windows }: OpenBatch, place: StepPlace): Stepped {
    const result = windows.step({ ...place, batch: this.#done + 1 });
    this.#tally = addWindow(this.#tally, data, result);
    if (windows.isOver) {
      this.#close();
      this.#done++;
    }
    return steppedBy(result, this.#tally);
  }

  /** Frees the batch that is trained window by window. */
  #close(): void {
    this.#open?.data.free();
    this.#open = undefined;
  }

  /** Closes a sequence that was not read to its end. */
  end(): unknown {
    this.#close();
    const iterator = this.#iterator;
    this.#iterator = undefined;
    return iterator?.end();
  }
}
