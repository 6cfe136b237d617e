// The number of threads that is fastest now. Small steps are faster on one, and every step where others use the cores. So a trial
// makes some steps with all threads, with half of them and so on. The fastest number then makes the steps until the next trial.
// The bits don't depend on it.

import { clock } from "../../fit/pause.js";

/**
 * Most steps of a turn of a trial, and the milliseconds after which it ends. In the first trial each number of threads has
 * several turns, since new threads are slow.
 */
const TURN = { steps: 8, time: 16, count: 3 } as const;
/**
 * Milliseconds between two trials: at first, and at most. Each trial that has the same winner doubles them. A rest has at least
 * `loss` times the milliseconds that the trial has lost with slower numbers of threads, so that trials lose 2 % of a run. It is
 * `longest` at most.
 */
const REST = { least: 200, most: 16000, loss: 50, longest: 600_000 } as const;

export class Pace {
  readonly #now: () => number;
  /** The numbers of threads of the turns that are left, and the least times of those that were tried, in ms for a step. */
  #left: number[] = [];
  readonly #tried = new Map<number, number>();
  /** Milliseconds and steps of the trial. */
  #spent = 0;
  #made = 0;
  /** Threads that had joined at the last trial. */
  #threads = 1;
  #best = 1;
  /** The time of the next trial, and of the rest after it. */
  #next = 0;
  #rest: number = REST.least;
  /** The turn: its number of threads, steps and time so far, and its beginning. */
  #size = 1;
  #steps = 0;
  #time = 0;
  #since = 0;
  /** Steps by number of threads. */
  readonly #counts = new Map<number, number>();

  constructor(now = clock()) {
    this.#now = now;
  }

  /** The number of threads that was fastest in the last trial. */
  get best(): number {
    return this.#best;
  }

  /** The number of threads that made most steps. */
  get most(): number {
    let [most, steps] = [1, 0];
    for (const [size, count] of this.#counts) if (count > steps) [most, steps] = [size, count];
    return most;
  }

  /** Begins some steps with at most so many threads. Returns the number of threads, and how many steps to make at once. */
  begin(threads: number): { readonly size: number; readonly steps: number } {
    this.#since = this.#now();
    if (threads === 1 && this.#threads === 1) return { size: 1, steps: Number.POSITIVE_INFINITY };
    if (threads !== this.#threads || (this.#left.length === 0 && this.#since >= this.#next))
      this.#try(threads);
    this.#size = this.#left[0] ?? this.#best;
    return {
      size: this.#size,
      steps: this.#left.length > 0 ? TURN.steps - this.#steps : Number.POSITIVE_INFINITY,
    };
  }

  /** Begins some steps with so many threads, whatever the best number is. */
  force(threads: number): { readonly size: number; readonly steps: number } {
    this.#size = threads;
    return { size: threads, steps: Number.POSITIVE_INFINITY };
  }

  /** Begins a trial. */
  #try(threads: number): void {
    if (threads !== this.#threads) this.#rest = REST.least;
    this.#threads = threads;
    this.#tried.clear();
    const sizes = [1];
    for (let size = threads; size > 1; size = Math.ceil(size / 2)) sizes.push(size);
    const turns = this.#rest === REST.least ? TURN.count : 1;
    this.#left = Array.from({ length: turns }, () => sizes).flat();
    this.#steps = this.#time = this.#made = this.#spent = 0;
  }

  /** Ends the steps. */
  end(steps: number): void {
    this.#counts.set(this.#size, (this.#counts.get(this.#size) ?? 0) + steps);
    if (this.#left.length === 0) return;
    const now = this.#now();
    this.#time += now - this.#since;
    this.#steps += steps;
    if (this.#steps < TURN.steps && this.#time < TURN.time) return;
    const time = this.#time / Math.max(1, this.#steps);
    this.#tried.set(this.#size, Math.min(time, this.#tried.get(this.#size) ?? Number.POSITIVE_INFINITY));
    this.#spent += this.#time;
    this.#made += this.#steps;
    this.#steps = this.#time = 0;
    this.#left.shift();
    if (this.#left.length > 0) return;
    const [[size, least]] = [...this.#tried].sort(([, a], [, b]) => a - b) as [[number, number]];
    this.#rest = size === this.#best ? Math.min(2 * this.#rest, REST.most) : REST.least;
    this.#best = size;
    const loss = this.#spent - this.#made * least;
    this.#next = now + Math.max(this.#rest, Math.min(REST.loss * loss, REST.longest));
  }
}
