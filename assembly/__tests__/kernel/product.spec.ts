import { dotsInLanes } from "../../kernel/dots";
import { lanes } from "../../kernel/part";
import { multiply, multiplyOuter, multiplyOuterPart, multiplyTransposed, subtractOuter } from "../../kernel/product";
import * as naive from "../../kernel/naive";

// Room for the largest matrices below, with guards.
const ROOM: i32 = 5 << 20;
const GUARD: usize = 64;
const a = memory.data(ROOM, 64);
const b = memory.data(ROOM, 64);
const start = memory.data(ROOM, 64);
const fast = memory.data(ROOM, 64);
const slow = memory.data(ROOM, 64);
const room = memory.data(ROOM, 64);

const FORWARD = 0, TRANSPOSED = 1, OUTER = 2, FRESH = 3, SUBTRACT = 4, PARTS = 5, KINDS = 6;

/** Depth of the deepest product that is subtracted. */
const DEEPEST = 256;
const RATE = 0.3;

let state: u32 = 1;

/** Fills a matrix with numbers of many magnitudes, so that another order changes the bits, and some zeros of either sign. */
function number<T>(): T {
  state = state * 1664525 + 1013904223;
  const value = <f64>(<i32>state) / 2147483648.0;
  if ((state >> 8) % 29 == 0) return <T>0;
  if ((state >> 8) % 29 == 1) return <T>-0.0;
  return <T>(value * <f64>(1 << ((state >> 12) & 15)));
}

function fill<T>(to: usize, count: i32): void {
  for (let i = 0; i < count; i++) store<T>(to + <usize>i * sizeof<T>(), number<T>());
}

function same(left: usize, right: usize, bytes: usize): bool {
  return memory.compare(left, right, bytes) == 0;
}

// `shift` elements move the matrices off the vector's alignment.
function agrees<T>(kind: i32, rows: i32, inner: i32, columns: i32, shift: i32): bool {
  const move = <usize>shift * sizeof<T>();
  const bytes = <usize>rows * columns * sizeof<T>();
  assert(bytes + GUARD * 2 + move <= <usize>ROOM && <usize>rows * inner * sizeof<T>() + move + 16 <= <usize>ROOM);
  assert(<usize>inner * columns * sizeof<T>() + move + 16 <= <usize>ROOM);
  fill<T>(a + move, rows * inner);
  fill<T>(b + move, inner * columns);
  fill<T>(start, <i32>((bytes + GUARD * 2) / sizeof<T>()));
  memory.copy(fast + move, start, bytes + GUARD * 2);
  memory.copy(slow, start, bytes + GUARD * 2);
  const c = fast + move + GUARD, d = slow + GUARD;
  if (kind == FORWARD) {
    multiply<T>(c, a + move, b + move, rows, inner, columns);
    naive.multiply<T>(d, a + move, b + move, rows, inner, columns);
  } else if (kind == TRANSPOSED) {
    multiplyTransposed<T>(c, a + move, b + move, rows, inner, columns);
    naive.multiplyTransposed<T>(d, a + move, b + move, rows, inner, columns);
  } else if (kind == SUBTRACT) {
    subtractOuter<T>(c, a + move, b + move, rows, inner, columns, RATE, room, rows);
    naive.subtractOuter<T>(d, a + move, b + move, rows, inner, columns, RATE);
  } else if (kind == PARTS) {
    // Two parts of the columns of A are as good as one.
    const first = rows / 2;
    if (first) multiplyOuterPart<T>(c, a + move, b + move, first, inner, columns, true, rows);
    const more = <usize>first * sizeof<T>();
    multiplyOuterPart<T>(c + more * columns, a + move + more, b + move, rows - first, inner, columns, true, rows);
    naive.multiplyOuter<T>(d, a + move, b + move, rows, inner, columns, true);
  } else {
    multiplyOuter<T>(c, a + move, b + move, rows, inner, columns, kind == FRESH);
    naive.multiplyOuter<T>(d, a + move, b + move, rows, inner, columns, kind == FRESH);
  }
  return same(fast + move, slow, bytes + GUARD * 2);
}

/** Returns the first shape that differs, as kind, rows, inner and columns in three digits each; 0 if none differs. */
function small<T>(): f64 {
  for (let kind = 0; kind < KINDS; kind++) {
    for (let rows = 1; rows < 10; rows++) {
      for (let inner = 0; inner < 10; inner++) {
        for (let columns = 1; columns < 10; columns++) {
          if (!agrees<T>(kind, rows, inner, columns, (rows + columns) & 3)) {
            return <f64>kind * 1e9 + <f64>rows * 1e6 + <f64>inner * 1e3 + <f64>columns;
          }
        }
      }
    }
  }
  return 0;
}

// Around every edge of the blocks: depth 256, height 48, 192 or 384 columns, tiles of 1 to 4 vectors.
const edges: StaticArray<i32> = [
  2, 3, 2049, 3, 513, 17, 1, 257, 2049, 1, 784, 128, 1, 33, 10, 1, 300, 1, 2, 600, 5, 9, 257, 19,
  97, 257, 13, 97, 65, 37, 193, 96, 128, 101, 257, 133, 98, 31, 260, 33, 258, 259, 16, 256, 256,
  5, 784, 21, 32, 128, 10, 31, 127, 11, 64, 64, 64, 257, 33, 3, 2049, 5, 2, 600, 3, 1, 2049, 1, 33, 1, 700, 1,
  130, 9, 70, 49, 30, 385, 50, 300, 192, 40, 1, 40, 12, 12, 12, 17, 17, 17, 96, 256, 64, 784, 32, 24
];

function large<T>(): f64 {
  for (let kind = 0; kind < KINDS; kind++) {
    for (let at = 0; at < edges.length; at += 3) {
      const rows = edges[at], inner = edges[at + 1], columns = edges[at + 2];
      if (kind == SUBTRACT && inner > DEEPEST) continue;
      if (!agrees<T>(kind, rows, inner, columns, at & 3)) {
        return <f64>kind * 1e12 + <f64>rows * 1e8 + <f64>inner * 1e4 + <f64>columns;
      }
    }
  }
  return 0;
}

describe("products equal the naive sums bit for bit, and write nothing outside C", () => {
  it("in float64, for every small shape", () => { expect<f64>(small<f64>()).toBe(0); });
  it("in float32, for every small shape", () => { expect<f64>(small<f32>()).toBe(0); });
  it("in float64, around the edges of blocks", () => { expect<f64>(large<f64>()).toBe(0); });
  it("in float32, around the edges of blocks", () => { expect<f64>(large<f32>()).toBe(0); });
});

const LINE = 24 * 8;

function agreesInLanes<T>(inner: i32, columns: i32): bool {
  fill<T>(a, inner);
  fill<T>(b, inner * columns);
  fill<T>(fast, 24);
  memory.copy(slow, fast, LINE);
  dotsInLanes<T>(fast, a, b, inner, columns);
  const whole = columns & -8;
  naive.dotsInLanes<T>(slow, a, b, inner, whole);
  const done = <usize>whole * sizeof<T>();
  naive.multiplyTransposed<T>(slow + done, a, b + done * inner, 1, inner, columns - whole);
  return same(fast, slow, LINE);
}

describe("dots in lanes", () => {
  it("are the sums of each lane, joined in pairs, and write nothing beside the columns", () => {
    for (let columns = 0; columns <= 21; columns++) {
      for (let inner = 0; inner <= 40; inner += lanes<f64>()) expect(agreesInLanes<f64>(inner, columns)).toBe(true);
      for (let inner = 0; inner <= 40; inner += lanes<f32>()) expect(agreesInLanes<f32>(inner, columns)).toBe(true);
    }
  });
});

describe("special values", () => {
  it("leave C unchanged if inner is 0, and clear it if fresh", () => {
    store<f64>(fast, 3.0);
    multiply<f64>(fast, a, b, 1, 0, 1);
    multiplyTransposed<f64>(fast, a, b, 1, 0, 1);
    multiplyOuter<f64>(fast, a, b, 1, 0, 1, false);
    expect<f64>(load<f64>(fast)).toBe(3.0);
    multiplyOuter<f64>(fast, a, b, 1, 0, 1, true);
    expect<f64>(load<f64>(fast)).toBe(0.0);
  });
  it("do not read C if fresh", () => {
    for (let columns = 1; columns < 12; columns++) {
      for (let i = 0; i < 3 * columns; i++) store<f64>(fast + 8 * i, NaN);
      for (let i = 0; i < 3 * 12; i++) { store<f64>(a + 8 * i, 1.0); store<f64>(b + 8 * i, 2.0); }
      multiplyOuter<f64>(fast, a, b, 3, 3, columns, true);
      for (let i = 0; i < 3 * columns; i++) expect<f64>(load<f64>(fast + 8 * i)).toBe(6.0);
    }
  });
});
