// Batches of resident sequences, in windows of time steps.

import type { StepPlace } from "../calls/diverged.js";
import type { Network } from "../calls/network.js";
import type { Past } from "../calls/past.js";
import { type BatchSource, copyTally, type Stepped, type Tally, type WindowPlace } from "./batches.js";
import {
  checkCarried,
  hasWindows,
  makePast,
  type ResumedPlace,
  readPlace,
  type WindowOptions,
  writePlace,
} from "./carried.js";
import { drawOrder, type ResidentData } from "./resident.js";
import { addWindow, steppedBy, Windows } from "./windows.js";

/** Batches of sequences, in the order of the data or in a new one for each epoch. */
export class SequenceBatches implements BatchSource {
  readonly batches: number | undefined;
  readonly #network: Network;
  readonly #data: ResidentData;
  readonly #size: number;
  readonly #isCarried: boolean;
  readonly #windows: Windows;
  readonly #past: Past | undefined;
  /** Pointer of the samples' order; 0 for the order of the data. */
  readonly #order: number;
  /** The place of each sample in the order in which the data lies. */
  readonly #placeOf: Uint32Array;
  /** The batch of the next window, from 0. */
  #batch = 0;
  #tally: Tally = copyTally();
  /** The window where a resumed epoch begins. */
  #resumed: ResumedPlace | undefined;

  /** Throws `bad-option`, `out-of-memory`. */
  constructor(
    network: Network,
    data: ResidentData,
    batchSize: number,
    shuffle: boolean,
    options: WindowOptions,
  ) {
    const { window, carry = false } = options;
    const { pass, rows } = data;
    const times = data.times!;
    this.#network = network;
    this.#data = data;
    this.#size = Math.min(batchSize, rows);
    this.#isCarried = carry;
    if (carry) checkCarried(rows, this.#size, shuffle);
    if (hasWindows(options)) this.#past = makePast(network, pass, this.#size);
    const size = window ?? times.steps;
    this.#windows = new Windows(network, data, this.#size, size, this.#past);
    const batches = Math.ceil(rows / this.#size);
    if (size >= times.steps) this.batches = batches;
    else if (times.order === undefined && times.lengthOf(rows - 1) === times.steps) {
      const isEach = pass.outputs.some((layer) => pass.isTimed(layer));
      this.batches = batches * (isEach ? Math.ceil(times.steps / size) : 1);
    }
    this.#order = shuffle ? data.take(rows * 4, "the order of the data") : 0;
    this.#placeOf = new Uint32Array(rows);
    for (let place = 0; place < rows; place++) this.#placeOf[times.sampleAt(place)] = place;
  }

  begin(skipped: number, tally: Tally): void {
    const network = this.#network;
    this.#data.live();
    drawOrder(network, this.#order, this.#data.rows, skipped);
    this.#tally = tally;
    const resumed = this.#resumed;
    this.#resumed = undefined;
    this.#batch = resumed?.batch ?? skipped;
    this.#past?.reset();
    if (resumed !== undefined) this.#past!.follow(resumed.past);
    this.#windows.begin(this.#placesOf(this.#batch), resumed?.window);
  }

  resume(place: WindowPlace | undefined): void {
    if (this.#past !== undefined) this.#resumed = readPlace(this.#network, place, this.#size);
  }

  step(place: StepPlace): Stepped | undefined {
    if (this.#windows.isOver) {
      this.#batch++;
      if (!this.#isCarried) this.#past?.reset();
      this.#windows.begin(this.#placesOf(this.#batch));
      if (this.#windows.isOver) return undefined;
    }
    const result = this.#windows.step({ ...place, batch: this.#batch + 1 });
    this.#tally = addWindow(this.#tally, this.#data, result);
    return steppedBy(result, this.#tally);
  }

  /** The next window, with the state before it; `undefined` where no state is carried. */
  get place(): WindowPlace | undefined {
    const past = this.#past;
    return past && writePlace(this.#network, this.#batch, this.#windows.next, past);
  }

  /** Returns the places of the samples of a batch; none behind the last. */
  #placesOf(batch: number): number[] {
    const from = batch * this.#size;
    const count = Math.max(0, Math.min(this.#size, this.#data.rows - from));
    const order = this.#order >>> 2;
    const { u32 } = this.#network.memory.core;
    return Array.from({ length: count }, (_, i) => {
      const sample = order === 0 ? from + i : u32[order + from + i]!;
      return this.#placeOf[sample]!;
    });
  }

  end(): void {}
}
