// The products in both precisions, measured by bench/kernels.js, and their limit.

import { multiply, multiplyOuter, multiplyTransposed } from "../assembly/kernel/product";

export { chains32, chains64 } from "./chains";

export function abort(_message: usize, _file: usize, _line: u32, _column: u32): void {
  unreachable();
}

export function alloc(bytes: i32): usize {
  return heap.alloc(bytes);
}

// @ts-expect-error: decorator
@inline
function run<T>(kind: i32, times: i32, c: usize, a: usize, b: usize, rows: i32, inner: i32, columns: i32): void {
  for (let n = 0; n < times; n++) {
    if (kind == 0) multiply<T>(c, a, b, rows, inner, columns);
    else if (kind == 1) multiplyTransposed<T>(c, a, b, rows, inner, columns);
    else multiplyOuter<T>(c, a, b, rows, inner, columns, true);
  }
}

export function run64(kind: i32, times: i32, c: usize, a: usize, b: usize, rows: i32, inner: i32, columns: i32): void {
  run<f64>(kind, times, c, a, b, rows, inner, columns);
}

export function run32(kind: i32, times: i32, c: usize, a: usize, b: usize, rows: i32, inner: i32, columns: i32): void {
  run<f32>(kind, times, c, a, b, rows, inner, columns);
}
