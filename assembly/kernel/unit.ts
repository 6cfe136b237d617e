// Unit by unit: products of matrices, and of a matrix with a row. Nothing is written behind the last number, since rows of
// other steps lie there.

import { bytes, lanes, put } from "./part";

/** Computes y = a ⊙ b. y, a, b: (count); y may be a or b */
export function multiplyUnits<T>(y: usize, a: usize, b: usize, count: i32): void {
  for (let left = count; left > 0; left -= lanes<T>(), y += 16, a += 16, b += 16) {
    put<T>(y, v128.mul<T>(v128.load(a), v128.load(b)), left);
  }
}

/** Computes y += x ⊙ row. y, x: (rows, n); row: (n) */
export function addScaled<T>(y: usize, x: usize, row: usize, rows: i32, n: i32): void {
  for (let r = 0; r < rows; r++, y += bytes<T>(n), x += bytes<T>(n)) {
    for (let j = 0; j < n; j += lanes<T>()) {
      const at = bytes<T>(j);
      put<T>(y + at, v128.add<T>(v128.load(y + at), v128.mul<T>(v128.load(x + at), v128.load(row + at))), n - j);
    }
  }
}

/** Computes out += Σ over rows of x ⊙ d, row by row, or from +0 if `fresh`. out: (n); x, d: (rows, n) */
export function addAlong<T>(out: usize, x: usize, d: usize, rows: i32, n: i32, fresh: bool): void {
  for (let j = 0; j < n; j += lanes<T>()) {
    const to = out + bytes<T>(j);
    let sum = fresh ? v128.splat<T>(0) : v128.load(to);
    let at = bytes<T>(j);
    for (let r = 0; r < rows; r++) {
      sum = v128.add<T>(sum, v128.mul<T>(v128.load(x + at), v128.load(d + at)));
      at += bytes<T>(n);
    }
    put<T>(to, sum, n - j);
  }
}

/** Copies a row to each row of a matrix; zeros where `row` is 0. y: (rows, n); row: (n) */
export function repeat<T>(y: usize, row: usize, rows: i32, n: i32): void {
  if (!row) memory.fill(y, 0, bytes<T>(rows * n));
  else for (let r = 0; r < rows; r++) memory.copy(y + bytes<T>(r * n), row, bytes<T>(n));
}
