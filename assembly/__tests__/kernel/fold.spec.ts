import { BLOCK_SAMPLES } from "../../abi";
import { Columns, addRow, firstNotFinite, firstOutside, largest, magnitude, overSamples } from "../../kernel/fold";
import { alloc, free } from "../../memory";

function put<T>(at: usize, index: i32, value: T): void {
  store<T>(at + <usize>index * sizeof<T>(), value);
}

function get<T>(at: usize, index: i32): T {
  return load<T>(at + <usize>index * sizeof<T>());
}

/** Fills a matrix with numbers whose sums depend on their order. */
function fillUneven<T>(at: usize, count: i32): void {
  for (let i = 0; i < count; i++) put<T>(at, i, <T>(1 / <f64>((i * 7919) % 1009 + 1)));
}

function rowsPlus<T>(): void {
  for (let n = 1; n < 10; n++) {
    const rows = 3;
    const bytes = <usize>(rows * n) * sizeof<T>();
    const x = alloc(bytes);
    const row = alloc(<usize>n * sizeof<T>());
    const y = alloc(bytes + 32);
    memory.fill(y, 0xaa, bytes + 32);
    fillUneven<T>(x, rows * n);
    fillUneven<T>(row, n);
    addRow<T>(y, x, row, rows, n);
    for (let i = 0; i < rows * n; i++) expect<T>(get<T>(y, i)).toBe(get<T>(x, i) + get<T>(row, i % n));
    expect<u8>(load<u8>(y + bytes)).toBe(0xaa, "nothing is written behind the last row");
    addRow<T>(y, 0, row, rows, n);
    for (let i = 0; i < rows * n; i++) expect<T>(get<T>(y, i)).toBe(get<T>(row, i % n));
    free(x);
    free(row);
    free(y);
  }
}

describe("rows", () => {
  it("have a row added, or copied, whatever their length", () => {
    rowsPlus<f64>();
    rowsPlus<f32>();
  });

  it("return their largest number", () => {
    for (let n = 1; n < 12; n++) {
      for (let place = 0; place < n; place++) {
        const x = alloc(<usize>n * 8);
        for (let i = 0; i < n; i++) put<f64>(x, i, i == place ? -1 : -2 - i);
        expect<f64>(largest<f64>(x, n)).toBe(-1);
        for (let i = 0; i < n; i++) put<f32>(x, i, i == place ? -1 : -2 - <f32>i);
        expect<f32>(largest<f32>(x, n)).toBe(-1);
        free(x);
      }
    }
  });
});

/** Computes a sum by the same tree, recursively: the left side of a join has the largest power of two of blocks. */
function tree<T>(d: usize, first: i32, rows: i32, n: i32, column: i32): T {
  if (rows <= BLOCK_SAMPLES) {
    let sum = get<T>(d, first * n + column);
    for (let r = 1; r < rows; r++) sum += get<T>(d, (first + r) * n + column);
    return sum;
  }
  let left = BLOCK_SAMPLES;
  while (left * 2 < rows) left *= 2;
  return tree<T>(d, first, left, n, column) + tree<T>(d, first + left, rows - left, n, column);
}

function sums<T>(rows: i32): void {
  const n = 3;
  const d = alloc(<usize>(rows * n) * sizeof<T>());
  const out = alloc(<usize>n * sizeof<T>());
  const partialSums = alloc(<usize>(n * 8) * sizeof<T>());
  fillUneven<T>(d, rows * n);
  overSamples<Columns, T>(out, n, 0, d, rows, 0, n, partialSums, BLOCK_SAMPLES);
  for (let j = 0; j < n; j++) expect<T>(get<T>(out, j)).toBe(tree<T>(d, 0, rows, n, j));
  free(d);
  free(out);
  free(partialSums);
}

describe("sums over samples", () => {
  it("go in blocks of 128, joined in pairs", () => {
    for (let blocks = 0; blocks < 10; blocks++) {
      for (let more = 1; more < 129; more += 63) {
        sums<f64>(blocks * 128 + more);
        sums<f32>(blocks * 128 + more);
      }
    }
  });
});

function finds<T>(): void {
  for (let n = 1; n < 12; n++) {
    const x = alloc(<usize>n * sizeof<T>() + 16);
    for (let i = 0; i < n; i++) put<T>(x, i, <T>0.5);
    put<T>(x, n, <T>NaN); // after the last number: not looked at
    expect<i32>(firstNotFinite<T>(x, n)).toBe(-1);
    expect<i32>(firstOutside<T>(x, n)).toBe(-1);
    for (let place = 0; place < n; place++) {
      put<T>(x, place, -<T>Infinity);
      expect<i32>(firstNotFinite<T>(x, n)).toBe(place);
      put<T>(x, place, <T>NaN);
      expect<i32>(firstNotFinite<T>(x, n)).toBe(place);
      expect<i32>(firstOutside<T>(x, n)).toBe(place);
      put<T>(x, place, <T>1.5);
      expect<i32>(firstOutside<T>(x, n)).toBe(place);
      put<T>(x, place, <T>(place % 2));
    }
    free(x);
  }
}

function magnitudes<T>(): void {
  for (let n = 1; n < 20; n++) {
    const x = alloc(<usize>n * sizeof<T>() + 16);
    let sum: f64 = 0;
    for (let i = 0; i < n; i++) {
      put<T>(x, i, <T>(i % 2 ? -i : i));
      sum += <f64>i;
    }
    put<T>(x, n, <T>NaN); // after the last number: not added
    expect<f64>(magnitude<T>(x, n)).toBe(sum);
    put<T>(x, n - 1, -<T>Infinity);
    expect<f64>(magnitude<T>(x, n)).toBe(Infinity);
    put<T>(x, n - 1, <T>NaN);
    expect<bool>(isNaN(magnitude<T>(x, n))).toBe(true);
    free(x);
  }
}

describe("magnitude", () => {
  it("adds the sizes of all numbers, and of no more", () => {
    magnitudes<f64>();
    magnitudes<f32>();
  });
});

describe("checks", () => {
  it("find the first number that is not finite, or outside [0, 1]", () => {
    finds<f64>();
    finds<f32>();
  });
});
