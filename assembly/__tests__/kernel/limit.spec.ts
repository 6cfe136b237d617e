import { constrainNumbers, constrainPattern, constrainRows, constrainTransposed } from "../../kernel/limit";
import { Pattern } from "../../kernel/sparse";
import { Window } from "../../kernel/window";
import { alloc } from "../../memory";
import { BEHIND, numbers } from "./numbers";

/** Returns a number of a list in float64. */
@inline
function numberAt<T>(list: usize, index: i32): f64 {
  return <f64>load<T>(list + <usize>index * sizeof<T>());
}

/** Returns whether the sets of a list have the norms of another's, at most `most`. `sets` has the set of each number. */
function isBounded<T>(found: usize, before: usize, sets: StaticArray<i32>, most: f64): bool {
  const bound: f64 = sizeof<T>() == 8 ? 1e-14 : 1e-6;
  for (let i = 0; i < sets.length; i++) {
    let square: f64 = 0;
    for (let j = 0; j < sets.length; j++) if (sets[j] == sets[i]) square += numberAt<T>(before, j) * numberAt<T>(before, j);
    const norm = Math.sqrt(square);
    const wanted = norm > most ? numberAt<T>(before, i) * (most / norm) : numberAt<T>(before, i);
    // A number of a short set keeps its bits.
    if (Math.abs(numberAt<T>(found, i) - wanted) > (norm > most ? bound : 0)) return false;
  }
  return numberAt<T>(found, sets.length) == BEHIND;
}

/** Bounds each number, and each row. */
function compareRows<T>(rows: i32, columns: i32): void {
  const count = rows * columns, before = numbers<T>(count, 1), sets = new StaticArray<i32>(count);
  for (let i = 0; i < count; i++) sets[i] = i;
  let found = numbers<T>(count, 1);
  constrainNumbers<T>(found, count, 0.4);
  expect<bool>(isBounded<T>(found, before, sets, 0.4)).toBe(true, `${count} numbers`);
  for (let i = 0; i < count; i++) sets[i] = i / columns;
  found = numbers<T>(count, 1);
  constrainRows<T>(found, rows, columns, 0.9);
  expect<bool>(isBounded<T>(found, before, sets, 0.9)).toBe(true, `${rows} rows of ${columns}`);
}

/** Bounds the weights into each of some targets, which the connections join in turn. */
function comparePattern<T>(targets: i32, count: i32): void {
  const p = changetype<Pattern>(alloc(offsetof<Pattern>())), sets = new StaticArray<i32>(count);
  p.targets = targets;
  p.startsInto = alloc((targets + 1) * 4);
  p.place = alloc(count * 4);
  for (let i = 0; i < count; i++) sets[i] = i % targets;
  for (let j = 0, k = 0; j < targets; j++) {
    for (let i = j; i < count; i += targets) store<u32>(p.place + k++ * 4, i);
    store<u32>(p.startsInto + (j + 1) * 4, k);
  }
  const before = numbers<T>(count, 1), found = numbers<T>(count, 1);
  constrainPattern<T>(found, p, 0.9);
  expect<bool>(isBounded<T>(found, before, sets, 0.9)).toBe(true, `${count} connections into ${targets}`);
}

/** Bounds the weights into each channel of a convTranspose's target. */
function compareTransposed<T>(taps: i32, own: i32, groups: i32, sources: i32): void {
  const w = changetype<Window>(alloc(offsetof<Window>())), count = taps * own * groups * sources;
  w.kernelHeight = 1;
  w.kernelWidth = taps;
  w.bigChannels = own * groups;
  w.smallChannels = sources * groups;
  w.groups = groups;
  const sets = new StaticArray<i32>(count);
  for (let i = 0; i < count; i++) sets[i] = i / w.smallChannels % own * groups + i % w.smallChannels / sources;
  const before = numbers<T>(count, 1), found = numbers<T>(count, 1);
  constrainTransposed<T>(found, w, 0.9);
  expect<bool>(isBounded<T>(found, before, sets, 0.9)).toBe(true, `${taps} taps, ${own} channels, ${groups} groups, ${sources}`);
}

describe("max-norm constraint", () => {
  it("bounds numbers, rows, the weights into a target and into a channel, and keeps the bits of short ones", () => {
    for (let n = 1; n <= 7; n++) {
      compareRows<f64>(5, n);
      compareRows<f32>(5, n);
      comparePattern<f64>(n, 17);
      comparePattern<f32>(n, 17);
      for (let groups = 1; groups <= 3; groups++) {
        compareTransposed<f64>(3, 2, groups, n);
        compareTransposed<f32>(3, 2, groups, n);
      }
    }
  });

  it("bounds numbers whose squares overflow", () => {
    const w = alloc(24);
    store<f64>(w, 3e200);
    store<f64>(w + 8, 4e200);
    constrainRows<f64>(w, 1, 2, 5);
    expect<bool>(Math.abs(load<f64>(w) - 3) < 1e-14 && Math.abs(load<f64>(w + 8) - 4) < 1e-14).toBe(true);
  });
});
