import { multiply, multiplyOuter, multiplyTransposed } from "../../kernel/naive";
import { Pattern, sparseBackward, sparseForward, sparseOuter, sparseRoom } from "../../kernel/sparse";
import { alloc } from "../../memory";
import { at, BEHIND, numbers } from "./numbers";

/** Returns whether two units are connected: some pairs in a period, or all. */
function connected(i: i32, j: i32, period: i32): bool {
  return (i * 7 + j * 3) % period == 0;
}

/** Returns a pattern of the connected units. */
function patternOf(sources: i32, targets: i32, period: i32): Pattern {
  const p = changetype<Pattern>(alloc(offsetof<Pattern>())), size = sources * targets * 4;
  p.sources = sources;
  p.targets = targets;
  p.starts = alloc((sources + 1) * 4);
  p.to = alloc(size);
  p.startsInto = alloc((targets + 1) * 4);
  p.place = alloc(size);
  p.from = alloc(size);
  const index = new StaticArray<i32>(sources * targets);
  for (let i = 0, k = 0; i < sources; i++) {
    for (let j = 0; j < targets; j++) {
      if (!connected(i, j, period)) continue;
      index[i * targets + j] = k;
      store<u32>(p.to + k++ * 4, j);
    }
    store<u32>(p.starts + (i + 1) * 4, k);
    p.count = k;
  }
  for (let j = 0, k = 0; j < targets; j++) {
    for (let i = 0; i < sources; i++) {
      if (!connected(i, j, period)) continue;
      store<u32>(p.place + k * 4, index[i * targets + j]);
      store<u32>(p.from + k++ * 4, i);
    }
    store<u32>(p.startsInto + (j + 1) * 4, k);
  }
  return p;
}

/** Compares numbers bit by bit, and the one behind them. */
function expectSame<T>(found: usize, wanted: usize, count: i32, name: string): void {
  let i = 0;
  while (i <= count && load<T>(at<T>(found, i)) == load<T>(at<T>(wanted, i))) i++;
  expect<i32>(i).toBe(count + 1, name);
}

/** Compares the three products with those of a dense matrix. Its zeros change no bit of finite numbers. */
function compare<T>(sources: i32, targets: i32, period: i32, rows: i32): void {
  const p = patternOf(sources, targets, period);
  const name = `${p.count} connections from ${sources} to ${targets}, ${rows} rows`;
  const x = numbers<T>(rows * sources, 1), d = numbers<T>(rows * targets, 2), w = numbers<T>(p.count, 3);
  const sum = numbers<T>(rows * targets, 4), delta = numbers<T>(rows * sources, 5);
  const needs = <usize>sparseRoom<T>(p), room = alloc(needs + 8);
  store<f64>(room + (needs & ~7), BEHIND);
  const dense = alloc(sources * targets * sizeof<T>()), slopes = alloc(sources * targets * sizeof<T>());
  for (let i = 0, k = 0; i < sources; i++) {
    for (; k < load<i32>(p.starts + (i + 1) * 4); k++) {
      store<T>(at<T>(dense, i * targets + load<i32>(p.to + k * 4)), load<T>(at<T>(w, k)));
    }
  }
  multiply<T>(sum, x, dense, rows, sources, targets);
  multiplyTransposed<T>(delta, d, dense, rows, targets, sources);
  let found = numbers<T>(rows * targets, 4);
  sparseForward<T>(p, found, x, w, rows, room);
  expectSame<T>(found, sum, rows * targets, `forward, ${name}`);
  found = numbers<T>(rows * sources, 5);
  sparseBackward<T>(p, found, d, w, rows, room);
  expectSame<T>(found, delta, rows * sources, `backward, ${name}`);
  for (let fresh = 0; fresh < 2; fresh++) {
    const out = numbers<T>(p.count, 6), wanted = numbers<T>(p.count, 6);
    for (let i = 0, k = 0; i < sources; i++) {
      for (; k < load<i32>(p.starts + (i + 1) * 4); k++) {
        store<T>(at<T>(slopes, i * targets + load<i32>(p.to + k * 4)), load<T>(at<T>(wanted, k)));
      }
    }
    multiplyOuter<T>(slopes, x, d, sources, rows, targets, fresh != 0);
    for (let i = 0, k = 0; i < sources; i++) {
      for (; k < load<i32>(p.starts + (i + 1) * 4); k++) {
        store<T>(at<T>(wanted, k), load<T>(at<T>(slopes, i * targets + load<i32>(p.to + k * 4))));
      }
    }
    sparseOuter<T>(p, out, x, d, rows, fresh != 0, room);
    expectSame<T>(out, wanted, p.count, `gradient, ${name}`);
  }
  expect<f64>(load<f64>(room + (needs & ~7))).toBe(BEHIND, "nothing is written behind the workspace");
}

/** Compares both precisions. */
function compareBoth(sources: i32, targets: i32, period: i32, rows: i32): void {
  compare<f64>(sources, targets, period, rows);
  compare<f32>(sources, targets, period, rows);
}

describe("sparse products", () => {
  it("equal those of naive.ts for all pairs", () => {
    for (let targets = 1; targets <= 9; targets++) compareBoth(10 - targets, targets, 1, 5);
  });

  it("equal dense products with zeros, for units with few connections and with none", () => {
    for (let period = 2; period <= 12; period += 2) compareBoth(13, 11, period, 6);
    compareBoth(1, 40, 5, 9);
    compareBoth(40, 1, 5, 9);
  });

  it("equal them for any number of rows", () => {
    for (let rows = 1; rows <= 35; rows++) compareBoth(6, 7, 3, rows);
    compareBoth(6, 7, 3, 300);
  });
});
