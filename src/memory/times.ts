// The steps of a call's samples: their lengths, and the order in which the core has their rows.
//
// Samples lie longest first, in blocks of BLOCK_SAMPLES. A block has its rows step by step: of step t those of its samples that are
// longer than t. So nothing is computed past an end, and a delay is a shift within a block.

import { BLOCK_SAMPLES, TimesWord } from "../../assembly/abi.js";
import { GraphError } from "../base/error.js";

/** The most rows of a call: an index of a row is a 32-bit number. */
const MOST_ROWS = 2 ** 31 - 1;

export class Times {
  readonly samples: number;
  /** Steps of the longest sample. */
  readonly steps: number;
  /** Rows of all steps: the sum of the lengths. */
  readonly rows: number;
  /** Index of each sample in the caller's order, in the core's order; `undefined` where the two agree. */
  readonly order: Uint32Array | undefined;
  /** The words of its record: `TimesWord`, the places of the blocks' lists, the lists. */
  readonly words: Uint32Array;
  /** Length of each sample in the caller's order; `undefined` where all are `steps`. */
  readonly #lengths: Uint32Array | undefined;

  /** `lengths` are in the caller's order, or one for all samples; whole and at least 1. Throws `out-of-memory`. */
  constructor(samples: number, lengths: number | ArrayLike<number>) {
    const isEven = typeof lengths === "number" || !isUneven(lengths);
    this.samples = samples;
    this.steps = typeof lengths === "number" ? lengths : longest(lengths);
    this.rows = isEven ? samples * this.steps : sum(lengths as ArrayLike<number>);
    try {
      if (this.rows > MOST_ROWS) throw new RangeError("Too many rows");
      this.#lengths = isEven ? undefined : Uint32Array.from(lengths as ArrayLike<number>);
      this.order = this.#lengths && longestFirst(this.#lengths);
      this.words = this.#lists();
    } catch (cause) {
      const found = `${samples} samples of up to ${this.steps} steps`;
      throw new GraphError("out-of-memory", `There is no room for ${found}.`, { cause });
    }
  }

  /** Returns the number of steps of a sample, by the caller's order. */
  lengthOf(sample: number): number {
    return this.#lengths === undefined ? this.steps : this.#lengths[sample]!;
  }

  /** Returns whether these are so many samples of so many steps each. */
  isOf(samples: number, steps: number): boolean {
    return this.samples === samples && this.steps === steps && this.#lengths === undefined;
  }

  /** Whether all samples take their steps together, in one block: then the rows of a step are neighbours. */
  get isInStep(): boolean {
    return this.samples <= BLOCK_SAMPLES && this.#lengths === undefined;
  }

  /** Whether the rows lie as the caller's, sample by sample, since there is one sample, or one step. */
  get isPlain(): boolean {
    return this.samples === 1 || (this.steps === 1 && this.#lengths === undefined);
  }

  /** Returns the caller's index of the sample at a place of the core's order. */
  sampleAt(place: number): number {
    return this.order === undefined ? place : this.order[place]!;
  }

  /** Returns where the list of a block begins in `words`: the first row of each step, then the row behind the last. */
  list(block: number): number {
    return this.words[TimesWord.words + block]!;
  }

  /** Returns the row of a sample's step in the core's order. */
  row(place: number, step: number): number {
    return this.words[this.list(Math.floor(place / BLOCK_SAMPLES)) + step]! + (place % BLOCK_SAMPLES);
  }

  /** Returns the place of a row's sample in the core's order, and its step. */
  at(row: number): { readonly place: number; readonly step: number } {
    const { words } = this;
    let block = 0;
    while (words[this.list(block + 1) - 1]! <= row) block++;
    const list = this.list(block);
    let step = 0;
    while (words[list + step + 1]! <= row) step++;
    return { place: block * BLOCK_SAMPLES + row - words[list + step]!, step };
  }

  /** Makes the words of the record. */
  #lists(): Uint32Array {
    const blocks = Math.ceil(this.samples / BLOCK_SAMPLES);
    const stepsOf = (block: number) => this.lengthOf(this.sampleAt(block * BLOCK_SAMPLES));
    let length: number = TimesWord.words + blocks + 1;
    for (let block = 0; block < blocks; block++) length += stepsOf(block) + 1;
    const words = new Uint32Array(length);
    words[TimesWord.rows] = this.rows;
    words[TimesWord.blocks] = blocks;
    let at: number = TimesWord.words + blocks + 1;
    let row = 0;
    for (let block = 0; block < blocks; block++) {
      words[TimesWord.words + block] = at;
      const first = block * BLOCK_SAMPLES;
      let count = Math.min(BLOCK_SAMPLES, this.samples - first);
      const steps = stepsOf(block);
      for (let step = 0; step < steps; step++) {
        while (this.lengthOf(this.sampleAt(first + count - 1)) <= step) count--;
        words[at++] = row;
        row += count;
      }
      words[at++] = row;
    }
    words[TimesWord.words + blocks] = at;
    return words;
  }
}

function isUneven(lengths: ArrayLike<number>): boolean {
  for (let i = 1; i < lengths.length; i++) if (lengths[i] !== lengths[0]) return true;
  return false;
}

function longest(lengths: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < lengths.length; i++) most = Math.max(most, lengths[i]!);
  return most;
}

function sum(lengths: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < lengths.length; i++) total += lengths[i]!;
  return total;
}

/** Returns the indices of samples, longest first, equal ones in their order; `undefined` where that is their order. */
function longestFirst(lengths: Uint32Array): Uint32Array | undefined {
  if (lengths.every((length, i) => i === 0 || length <= lengths[i - 1]!)) return undefined;
  return Uint32Array.from(lengths.keys()).sort((a, b) => lengths[b]! - lengths[a]! || a - b);
}
