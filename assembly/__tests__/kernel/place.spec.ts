import { embedForward, embedGradient, gatherBackward, gatherForward } from "../../kernel/place";
import { alloc } from "../../memory";
import { at, numbers } from "./numbers";

const ROWS = 3;

/** Adds a number of a list to a number of another. */
@inline
function addTo<T>(list: usize, index: i32, from: usize, source: i32): void {
  store<T>(at<T>(list, index), load<T>(at<T>(list, index)) + load<T>(at<T>(from, source)));
}

/** Compares numbers bit by bit, and the one behind them. */
function expectSame<T>(found: usize, wanted: usize, count: i32): void {
  let i = 0;
  while (i <= count && load<T>(at<T>(found, i)) == load<T>(at<T>(wanted, i))) i++;
  expect<i32>(i).toBe(count + 1);
}

/** Compares both passes of a gather with plain loops. */
function compareGather<T>(from: i32, to: i32): void {
  const units = alloc(to * 4), x = numbers<T>(ROWS * from, 1), d = numbers<T>(ROWS * to, 2);
  for (let j = 0; j < to; j++) store<i32>(units + j * 4, j % 4 == 3 ? -1 : j * 5 % from);
  const sum = numbers<T>(ROWS * to, 3), delta = numbers<T>(ROWS * from, 4);
  for (let r = 0; r < ROWS; r++) {
    for (let j = 0; j < to; j++) {
      if (j % 4 == 3) continue;
      addTo<T>(sum, r * to + j, x, r * from + j * 5 % from);
      addTo<T>(delta, r * from + j * 5 % from, d, r * to + j);
    }
  }
  let found = numbers<T>(ROWS * to, 3);
  gatherForward<T>(found, x, units, ROWS, from, to);
  expectSame<T>(found, sum, ROWS * to);
  found = numbers<T>(ROWS * from, 4);
  gatherBackward<T>(found, d, units, ROWS, from, to);
  expectSame<T>(found, delta, ROWS * from);
}

/** Compares both passes of an embedding with plain loops. Some classes are there twice, and some not at all. */
function compareEmbedding<T>(slots: i32, columns: i32): void {
  const classes = 7, count = classes * columns;
  const x = alloc(ROWS * slots * sizeof<T>()), table = numbers<T>(count, 1), d = numbers<T>(ROWS * slots * columns, 2);
  for (let i = 0; i < ROWS * slots; i++) store<T>(at<T>(x, i), <T>(i * 5 % 6));
  const sum = numbers<T>(ROWS * slots * columns, 3), slope = numbers<T>(count, 4), fresh = numbers<T>(count, 4);
  memory.fill(fresh, 0, count * sizeof<T>());
  for (let i = 0; i < ROWS * slots * columns; i++) {
    const place = i / columns * 5 % 6 * columns + i % columns;
    addTo<T>(sum, i, table, place);
    addTo<T>(slope, place, d, i);
    addTo<T>(fresh, place, d, i);
  }
  const found = numbers<T>(ROWS * slots * columns, 3);
  embedForward<T>(found, x, table, ROWS, slots, columns);
  expectSame<T>(found, sum, ROWS * slots * columns);
  const out = numbers<T>(count, 4);
  embedGradient<T>(out, x, d, ROWS, slots, columns, count, false);
  expectSame<T>(out, slope, count);
  embedGradient<T>(out, x, d, ROWS, slots, columns, count, true);
  expectSame<T>(out, fresh, count);
}

describe("gather", () => {
  it("equals plain loops, with units that are there twice, and with none", () => {
    for (let to = 1; to <= 9; to++) {
      compareGather<f64>(6, to);
      compareGather<f32>(6, to);
    }
  });
});

describe("embedding", () => {
  it("equals plain loops for any number of slots and columns, and writes nothing behind the last", () => {
    for (let slots = 1; slots <= 4; slots++) {
      for (let columns = 1; columns <= 9; columns++) {
        compareEmbedding<f64>(slots, columns);
        compareEmbedding<f32>(slots, columns);
      }
    }
  });
});
