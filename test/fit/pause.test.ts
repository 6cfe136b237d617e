// Giving way, with a clock of our own: how long slices are, and how often the event loop turns.

import { describe, expect, it } from "vitest";
import { Pause } from "../../src/fit/pause.js";
import { Random, seed } from "../support/helpers.js";

/** Trains for some milliseconds in batches of a given cost. Gives the lengths of the slices. */
async function slices(total: number, cost: () => number, tick = 0) {
  let time = 0;
  const read = () => (tick === 0 ? time : Math.floor(time / tick) * tick);
  const lengths: number[] = [];
  let since = 0;
  const pause = new Pause(read, {
    next: async () => {
      lengths.push(time - since);
      time += 1; // what others do meanwhile
      since = time;
    },
    end: () => {},
  });
  while (time < total) {
    const count = pause.room();
    const before = read();
    for (let b = 0; b < count; b++) time += cost();
    pause.measured(count, read() - before);
    if (pause.due) await pause.turn();
  }
  return lengths;
}

describe("slices", () => {
  it.each([0.0005, 0.003, 0.02, 0.5, 1, 2, 3, 4])("of batches of %d ms are at most 12 ms", async (cost) => {
    const lengths = await slices(3000, () => cost);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(12);
    // And no shorter than need be: at most 5 % of the time, if a turn takes half a millisecond, goes to turns.
    const mean = lengths.reduce((a, b) => a + b) / lengths.length;
    expect(mean).toBeGreaterThan(cost > 2 ? 6 : 8);
  });

  it("are at most 12 ms where batches differ by a fifth, and where the clock is coarse", async () => {
    const random = new Random(seed);
    for (const cost of [0.001, 0.05, 1]) {
      const lengths = await slices(3000, () => cost * (0.8 + 0.4 * random.next()));
      expect(Math.max(...lengths)).toBeLessThanOrEqual(12);
      expect(Math.max(...(await slices(3000, () => cost, 1)))).toBeLessThanOrEqual(12);
    }
  });

  it("have room for a batch where they are over as exactly as no batch has taken time", () => {
    let time = 0;
    const pause = new Pause(() => time);
    for (let n = 0; n < 5; n++) pause.measured(pause.room(), 0);
    expect(pause.room()).toBe(32);
    time = 10;
    expect(pause.room()).toBe(1);
  });

  it("of batches longer than that are a batch each", async () => {
    const lengths = await slices(3000, () => 25);
    expect(new Set(lengths)).toEqual(new Set([25]));
  });

  it("recover where a batch was slow once", async () => {
    let n = 0;
    const lengths = await slices(3000, () => (n++ === 1000 ? 40 : 0.1));
    expect(lengths.filter((length) => length > 12)).toHaveLength(1);
    expect(lengths.at(-1)).toBeGreaterThan(8);
  });
});

describe("a turn", () => {
  it("lets timers and messages in", async () => {
    const pause = new Pause();
    let turns = 0;
    const timer = setTimeout(() => turns++);
    for (let _n = 0; turns === 0; _n++) await pause.turn();
    clearTimeout(timer);
    expect(turns).toBe(1);
    pause.end();
  });

  it("is by messages where there is no setImmediate, as in a page", async () => {
    const { setImmediate } = globalThis;
    Object.assign(globalThis, { setImmediate: undefined });
    try {
      const pause = new Pause();
      for (let n = 0; n < 3; n++) await pause.turn();
      pause.end();
    } finally {
      Object.assign(globalThis, { setImmediate });
    }
  });
});
