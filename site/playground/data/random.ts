// The generator of all data: the same seed draws the same numbers on every machine.

import { cos, log, PI } from "./maths.ts";

/** Draws from a 32-bit seed: the generator sfc32, with counters, of PractRand. */
export class Random {
  #a = 0;
  #b = 0;
  #c: number;
  #count = 1;

  constructor(seed: number) {
    this.#c = seed >>> 0;
    for (let k = 0; k < 12; k++) this.#next();
  }

  #next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#count) | 0;
    this.#count = (this.#count + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }

  /** Returns a number from 0 to below 1, with 53 bits. */
  uniform(): number {
    const high = this.#next() >>> 5;
    const low = this.#next() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** Returns a number between two others. */
  between(least: number, most: number): number {
    return least + (most - least) * this.uniform();
  }

  /** Returns a normal number of deviation 1, by Box and Muller (1958). */
  normal(): number {
    const radius = Math.sqrt(-2 * log(1 - this.uniform()));
    return radius * cos(2 * PI * this.uniform());
  }

  /** Returns a whole number from 0 to below a count. */
  below(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** Returns the numbers from 0 to below a count in a drawn order (Fisher and Yates). */
  order(count: number): Uint32Array {
    const order = Uint32Array.from({ length: count }, (_, k) => k);
    for (let k = count - 1; k > 0; k--) {
      const other = this.below(k + 1);
      [order[k], order[other]] = [order[other]!, order[k]!];
    }
    return order;
  }
}
