import { addAlong, addScaled, multiplyUnits, repeat } from "../../kernel/unit";
import { BEHIND, numbers } from "./numbers";

/** Returns a number of a list. */
@inline
function numberAt<T>(list: usize, index: i32): T {
  return load<T>(list + <usize>index * sizeof<T>());
}

/** Compares all four loops with plain ones, for some rows of n units. */
function compare<T>(rows: i32, n: i32): void {
  const count = rows * n;
  const a = numbers<T>(count, 1), b = numbers<T>(count, 2), row = numbers<T>(n, 3);
  const product = numbers<T>(count, 4), scaled = numbers<T>(count, 5), copies = numbers<T>(count, 6);
  const along = numbers<T>(n, 7), begun = numbers<T>(n, 8), fresh = numbers<T>(n, 8);
  const before = numbers<T>(count, 5);
  multiplyUnits<T>(product, a, b, count);
  addScaled<T>(scaled, a, row, rows, n);
  addAlong<T>(along, a, b, rows, n, true);
  addAlong<T>(begun, a, b, rows, n, false);
  repeat<T>(copies, row, rows, n);
  for (let i = 0; i < count; i++) {
    expect<T>(numberAt<T>(product, i)).toBe(numberAt<T>(a, i) * numberAt<T>(b, i));
    expect<T>(numberAt<T>(scaled, i)).toBe(numberAt<T>(before, i) + numberAt<T>(a, i) * numberAt<T>(row, i % n));
    expect<T>(numberAt<T>(copies, i)).toBe(numberAt<T>(row, i % n));
  }
  for (let j = 0; j < n; j++) {
    let sum: T = 0, more = numberAt<T>(fresh, j);
    for (let r = 0; r < rows; r++) {
      const term = numberAt<T>(a, r * n + j) * numberAt<T>(b, r * n + j);
      sum += term;
      more += term;
    }
    expect<T>(numberAt<T>(along, j)).toBe(sum);
    expect<T>(numberAt<T>(begun, j)).toBe(more);
  }
  expect<T>(numberAt<T>(product, count)).toBe(<T>BEHIND);
  expect<T>(numberAt<T>(scaled, count)).toBe(<T>BEHIND);
  expect<T>(numberAt<T>(along, n)).toBe(<T>BEHIND);
  expect<T>(numberAt<T>(copies, count)).toBe(<T>BEHIND);
  repeat<T>(copies, 0, rows, n);
  for (let i = 0; i < count; i++) expect<T>(numberAt<T>(copies, i)).toBe(0);
}

describe("loops over units", () => {
  it("are those of plain code, and write nothing behind the last number", () => {
    for (let n = 1; n <= 9; n++) {
      for (let rows = 1; rows <= 4; rows++) {
        compare<f64>(rows, n);
        compare<f32>(rows, n);
      }
    }
  });
});
