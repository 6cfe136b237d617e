// The choice of the number of threads, by a clock that only steps move.

import { describe, expect, it } from "vitest";
import { Pace } from "../../../src/entries/worker/pace.js";

/** Milliseconds of a step by a number of threads, at a time. */
type Cost = (size: number, time: number) => number;

/** Milliseconds of a slice, in which a run makes its steps. */
const SLICE = 10;

/** A run on threads whose steps take as long as `cost` says. */
class Clocked {
  time = 0;
  /** Milliseconds by number of threads. */
  readonly times = new Map<number, number>();
  readonly pace = new Pace(() => this.time);
  readonly #threads: number;
  readonly #cost: Cost;

  constructor(threads: number, cost: Cost) {
    this.#threads = threads;
    this.#cost = cost;
  }

  /** Makes steps for so many milliseconds. */
  run(duration: number): void {
    const end = this.time + duration;
    while (this.time < end) {
      const { size, steps } = this.pace.begin(this.#threads);
      const cost = this.#cost(size, this.time);
      const made = Math.min(steps, Math.max(1, Math.floor(SLICE / cost)));
      this.time += made * cost;
      this.times.set(size, (this.times.get(size) ?? 0) + made * cost);
      this.pace.end(made);
    }
  }

  /** Runs until so many threads are the fastest, for at most so many milliseconds. Returns these. */
  until(size: number, limit: number): number {
    const begin = this.time;
    while (this.pace.best !== size && this.time < begin + limit) this.run(SLICE);
    expect(this.pace.best).toBe(size);
    return this.time - begin;
  }
}

/** Milliseconds of a step of `work` on one thread, which each further thread shares at the price of a meeting. */
const shared =
  (work: number, meeting: number): Cost =>
  (size) =>
    work / size + (size - 1) * meeting;

describe("Pace", () => {
  it.each<[string, number, Cost, number]>([
    ["two of two for long steps", 2, shared(30, 0.02), 2],
    ["one of two for short steps", 2, shared(0.03, 0.02), 1],
    ["all of eight", 8, shared(100, 0.02), 8],
    ["half of eight", 8, shared(2, 0.08), 4],
    ["one of seven", 7, shared(0.2, 0.2), 1],
  ])("finds %s", (_, threads, cost, best) => {
    const run = new Clocked(threads, cost);
    run.run(1000);
    expect([run.pace.best, run.pace.most]).toEqual([best, best]);
  });

  it.each<[string, number, Cost]>([
    ["short steps", 2, shared(0.03, 0.02)],
    ["steps of 10 ms", 2, shared(20, 0.1)],
    ["steps of 10 ms that seven threads share", 7, shared(70, 0.1)],
    ["steps of a second", 4, shared(4000, 1)],
    ["steps of 10 s", 2, shared(20_000, 1)],
  ])("loses at most 2 %% with slower numbers after the first trial, in %s", (_, threads, cost) => {
    const run = new Clocked(threads, cost);
    while (run.pace.begin(threads).steps < Number.POSITIVE_INFINITY) run.run(1);
    const best = cost(run.pace.best, 0);
    run.times.clear();
    const begin = run.time;
    run.run(6_000_000);
    let needed = 0;
    for (const [size, time] of run.times) needed += (time / cost(size, 0)) * best;
    expect(needed / (run.time - begin)).toBeGreaterThan(0.98);
    expect(run.times.size).toBeGreaterThan(1); // others were tried
  });

  it("finds another number once that is faster, and the first one again", () => {
    const busy: Cost = (size, time) => (time > 60_000 && time < 120_000 ? 2 * size : 4 / size);
    const run = new Clocked(2, busy);
    run.run(60_000);
    expect(run.pace.best).toBe(2);
    expect(run.until(1, 20_000)).toBeLessThan(17_000); // the longest rest, and a trial
    run.run(120_000 - run.time);
    expect(run.until(2, 20_000)).toBeLessThan(17_000);
  });

  it("tries again soon after a change", () => {
    const run = new Clocked(2, (size, time) =>
      (time < 20_000 ? shared(4, 0.02) : shared(0.03, 0.02))(size, 0),
    );
    run.run(20_000);
    run.until(1, 20_000);
    run.times.clear();
    run.run(1000);
    expect(run.times.size).toBe(2);
  });

  it("needs three turns at first, since new threads are slow", () => {
    const run = new Clocked(2, (size, time) => (size === 2 && time < 40 ? 50 : 4 / size));
    run.run(300);
    expect(run.pace.best).toBe(2);
  });

  it("tries when another thread has joined, and never with one alone", () => {
    let time = 0;
    const pace = new Pace(() => time);
    for (let i = 0; i < 1000; i++) {
      expect(pace.begin(1)).toEqual({ size: 1, steps: Number.POSITIVE_INFINITY });
      time += 10;
      pace.end(10);
    }
    const sizes = new Set<number>();
    for (let i = 0; i < 100; i++) {
      const { size } = pace.begin(2);
      sizes.add(size);
      time += 10 / size;
      pace.end(1);
    }
    expect([...sizes].sort()).toEqual([1, 2]);
    expect([pace.best, pace.most]).toEqual([2, 1]);
  });
});
