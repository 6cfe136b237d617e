// Gathers rows of resident data with steps for a pass: time steps for layers with time, samples for others.

import { FeedWord } from "../../assembly/abi.js";
import type { Memory } from "../memory/memory.js";
import type { Times } from "../memory/times.js";
import type { ResidentData } from "./resident.js";

/** Feeds of slots that take the same rows. */
interface FeedGroup {
  readonly isTimed: boolean;
  readonly isInput: boolean;
  /** Pointer of the first, and their number. */
  readonly at: number;
  readonly count: number;
}

/** The time steps of a pass, from the step `step` of its samples. */
export interface Cut {
  readonly times: Times;
  readonly step: number;
  /** For each sample of `times` its place in the order of the data. */
  readonly places: ArrayLike<number>;
}

export class Gatherer {
  readonly #memory: Memory;
  readonly #data: ResidentData;
  readonly #whole: Times;
  readonly #groups: readonly FeedGroup[];
  /** Pointers of the indices of rows and of samples, u32. */
  readonly #rows: number;
  readonly #samples: number;

  /** Allocates room for passes of at most so many rows and samples. Throws `out-of-memory`. */
  constructor(memory: Memory, data: ResidentData, most: { readonly rows: number; readonly samples: number }) {
    this.#memory = memory;
    this.#data = data;
    this.#whole = data.times!;
    this.#rows = data.take(most.rows * 4, "the rows of a batch");
    this.#samples = data.take(most.samples * 4, "the samples of a batch");
    this.#groups = groupFeeds(memory, data);
  }

  /** Copies the rows of a cut to the matrices of inputs; of targets and loss weights, too, unless `inputsOnly`. */
  gather(cut: Cut, inputsOnly: boolean): void {
    this.#list(cut);
    const { call } = this.#memory.core;
    const { rows, samples } = cut.times;
    for (const { isTimed, isInput, at, count } of this.#groups) {
      if (inputsOnly && !isInput) continue;
      if (isTimed) call.gather(at, count, this.#rows, 0, rows);
      else call.gather(at, count, this.#samples, 0, samples);
    }
  }

  /** Lists the rows and the samples of a cut, in the core's order. */
  #list({ times, step, places }: Cut): void {
    const { u32 } = this.#memory.core;
    const whole = this.#whole;
    const rows = this.#rows >>> 2;
    const samples = this.#samples >>> 2;
    for (let i = 0; i < times.samples; i++) {
      const sample = times.sampleAt(i);
      const place = places[sample]!;
      const length = times.lengthOf(sample);
      u32[samples + i] = place;
      for (let t = 0; t < length; t++) u32[rows + times.row(i, t)] = whole.row(place, step + t);
    }
  }

  /** Throws `disposed` if the data was freed. */
  live(): void {
    this.#data.live();
  }
}

/** Copies the feeds of a dataset, so that those that take the same rows are neighbours. */
function groupFeeds({ core }: Memory, data: ResidentData): FeedGroup[] {
  const { slots, pass, feeds } = data;
  const bytes = FeedWord.words * 4;
  let at = data.take(slots.length * bytes, "the data");
  const groups: FeedGroup[] = [];
  for (const isInput of [true, false]) {
    for (const isTimed of [true, false]) {
      const begin = at;
      slots.forEach(({ layer, matrix }, i) => {
        if ((matrix === "input") !== isInput || pass.isTimed(layer) !== isTimed) return;
        core.u8.copyWithin(at, feeds + i * bytes, feeds + (i + 1) * bytes);
        at += bytes;
      });
      if (at > begin) groups.push({ isTimed, isInput, at: begin, count: (at - begin) / bytes });
    }
  }
  return groups;
}
