// The windows of a batch of sequences: a step of training for each, over some time steps. A state is carried from window to
// window.

import type { StepPlace } from "../calls/diverged.js";
import type { Network } from "../calls/network.js";
import type { Past } from "../calls/past.js";
import { accept } from "../calls/status.js";
import { trainStep } from "../calls/train.js";
import { useSteps } from "../memory/steps.js";
import { Times } from "../memory/times.js";
import type { LayerNode } from "../model/node.js";
import { addMean, copyTally, type Stepped, type Tally } from "./batches.js";
import { Gatherer } from "./gather.js";
import type { ResidentData } from "./resident.js";

/** The result of a window. */
export interface WindowResult {
  /** Cost of its step; `undefined` for a window without a target, which makes no step. */
  readonly cost: number | undefined;
  /** Time steps of its samples together. */
  readonly rows: number;
  /** For each output the rows that had a target, and rows · cost. */
  readonly outputs: readonly { readonly rows: number; readonly cost: number }[];
  /** Number of samples that ended in it. */
  readonly ended: number;
}

/** The samples of a window. */
interface Part {
  readonly times: Times;
  /** First step of the window. */
  readonly step: number;
  /** Index of each sample in its batch. */
  readonly chosen: readonly number[];
  /** Whether each sample ends in the window. */
  readonly ends: readonly boolean[];
}

/** The windows of one batch after another, with the state between them. */
export class Windows {
  readonly #network: Network;
  readonly #data: ResidentData;
  readonly #size: number;
  readonly #past: Past | undefined;
  readonly #gatherer: Gatherer;
  /** The place of each sample of the batch in the order of the data. */
  #places: readonly number[] = [];
  #next = 0;
  #times: Times | undefined;

  /**
   * Allocates room for batches of at most `samples` samples in windows of `size` steps. `past` is carried from window to
   * window. Throws `out-of-memory`.
   */
  constructor(network: Network, data: ResidentData, samples: number, size: number, past: Past | undefined) {
    const { times } = data;
    this.#network = network;
    this.#data = data;
    this.#size = Math.min(size, times!.steps);
    this.#past = past;
    // The longest samples come first.
    const lengths = Array.from({ length: samples }, (_, i) =>
      Math.min(this.#size, times!.lengthOf(times!.sampleAt(i))),
    );
    const most = new Times(samples, lengths);
    const isWeighted = data.isWeighted || this.#canMix;
    network.training.ensureSteps(data.pass, most, "gradients", isWeighted, past !== undefined);
    this.#gatherer = new Gatherer(network.memory, data, most);
  }

  /** Whether some samples can end in a window while others count for its cost. */
  get #canMix(): boolean {
    const { pass, times } = this.#data;
    return this.#size < times!.steps && pass.outputs.some((layer) => !pass.isTimed(layer));
  }

  /** Begins a batch of samples, at their places in the order of the data. Its first window is `window`. */
  begin(places: readonly number[], window = 0): void {
    this.#places = places;
    this.#next = window;
  }

  /** The next window of the batch. */
  get next(): number {
    return this.#next;
  }

  /** Whether all windows of the batch were computed. */
  get isOver(): boolean {
    const step = this.#next * this.#size;
    return !this.#places.some((place) => this.#lengthAt(place) > step);
  }

  /** Computes the next window, and moves the state. */
  step(place: StepPlace): WindowResult {
    const { memory, training } = this.#network;
    const { pass, isWeighted } = this.#data;
    const past = this.#past;
    const part = this.#part();
    const { times, step, chosen, ends } = part;
    const ended = ends.filter(Boolean).length;
    const hasTarget = (layer: LayerNode) => pass.isTimed(layer) || ended > 0;
    const trains = pass.outputs.some(hasTarget);
    const isMixed = trains && ended < ends.length && pass.outputs.some((layer) => !pass.isTimed(layer));
    if (trains) training.askRate();
    this.#data.live();
    training.ensureSteps(pass, times, "gradients", isWeighted || isMixed, past !== undefined);
    useSteps(memory, pass, times, past !== undefined);
    past?.enter(memory, pass, times, chosen);
    training.useLossWeights(pass, isWeighted || isMixed);
    this.#gatherer.gather({ times, step, places: chosen.map((i) => this.#places[i]!) }, !trains);
    if (isMixed) this.#maskUnended(part);
    const { samples } = times;
    let cost: number | undefined;
    if (trains) cost = trainStep(this.#network, pass, samples, { ...place, from: step });
    else accept(memory, pass, samples, memory.core.call.predict(pass.record, samples));
    past?.carry(memory, pass, times, chosen);
    this.#next++;
    const outputs = pass.outputs.map((layer, o) => {
      if (!hasTarget(layer)) return { rows: 0, cost: 0 };
      const isTimed = pass.isTimed(layer);
      const sum = (isTimed ? times.rows : samples) * training.outputCost(pass, o);
      return { rows: isTimed ? times.rows : ended, cost: sum };
    });
    return { cost, rows: times.rows, outputs, ended };
  }

  /** Returns the length of the sample at a place of the data. */
  #lengthAt(place: number): number {
    const times = this.#data.times!;
    return times.lengthOf(times.sampleAt(place));
  }

  /** Finds the samples of the next window: those that haven't ended. */
  #part(): Part {
    const step = this.#next * this.#size;
    const chosen: number[] = [];
    const lengths: number[] = [];
    const ends: boolean[] = [];
    this.#places.forEach((place, i) => {
      const left = this.#lengthAt(place) - step;
      if (left <= 0) return;
      chosen.push(i);
      lengths.push(Math.min(left, this.#size));
      ends.push(left <= this.#size);
    });
    const [first] = lengths as [number];
    const isEven = lengths.every((length) => length === first);
    if (!isEven) return { times: new Times(lengths.length, lengths), step, chosen, ends };
    if (!this.#times?.isOf(lengths.length, first)) this.#times = new Times(lengths.length, first);
    return { times: this.#times, step, chosen, ends };
  }

  /** Masks outputs without time, except in the last window of each sample. */
  #maskUnended({ times, ends }: Part): void {
    const { core, states } = this.#network.memory;
    const { pass, isWeighted } = this.#data;
    for (const layer of pass.outputs) {
      const { size } = layer;
      const { target, lossWeights } = states.of(layer);
      const rows = (pointer: number, from: number, to: number) => {
        const at = pointer / core.bytes;
        return core.numbers.subarray(at + from * size, at + to * size);
      };
      if (!isWeighted) rows(lossWeights, 0, pass.rowsOf(layer, times.samples)).fill(1);
      if (pass.isTimed(layer)) continue;
      for (let i = 0; i < times.samples; i++) {
        if (ends[times.sampleAt(i)]) continue;
        // A target of weight 0 has no effect.
        for (const pointer of [lossWeights, target]) rows(pointer, i, i + 1).fill(0);
      }
    }
  }
}

/** Adds the results of a window to the sums of an epoch. */
export function addWindow(
  before: Tally,
  { pass }: ResidentData,
  { cost, rows, outputs }: WindowResult,
): Tally {
  if (cost === undefined) return before;
  const { outputs: sums } = copyTally(before);
  pass.outputs.forEach(({ name }, o) => {
    const more = outputs[o]!;
    if (more.rows === 0) return;
    const sum = sums[name] ?? { rows: 0, cost: 0 };
    sums[name] = { rows: sum.rows + more.rows, cost: sum.cost + more.cost };
  });
  return { ...addMean(before, rows, cost), outputs: sums };
}

/** Returns a window's result as that of a step. */
export function steppedBy({ cost, ended }: WindowResult, tally: Tally): Stepped {
  return { batches: cost === undefined ? 0 : 1, cost: cost ?? Number.NaN, tally, samples: ended };
}
