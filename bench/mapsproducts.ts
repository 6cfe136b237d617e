// The products of convolutions and of sparse matrices in both precisions, measured by bench/mapskernels.js, and their limit.

import { convolve, convolveBack, convolveOuter, convolveRoom } from "../assembly/kernel/conv";
import { Pattern, sparseBackward, sparseForward, sparseOuter, sparseRoom } from "../assembly/kernel/sparse";
import { Window } from "../assembly/kernel/window";

export { chains32, chains64 } from "./chains";

export function abort(_message: usize, _file: usize, _line: u32, _column: u32): void {
  unreachable();
}

export function alloc(bytes: i32): usize {
  return heap.alloc(bytes);
}

export function convRoom(w: Window): usize { return <usize>max(convolveRoom<f64>(w), convolveRoom<f32>(w)); }
export function patternRoom(p: Pattern): usize { return <usize>max(sparseRoom<f64>(p), sparseRoom<f32>(p)); }

// @ts-expect-error: decorator
@inline
function conv<T>(kind: i32, times: i32, w: Window, small: usize, big: usize, weights: usize, rows: i32, room: usize): void {
  for (let n = 0; n < times; n++) {
    if (kind == 0) convolve<T>(w, small, big, weights, rows, room);
    else if (kind == 1) convolveBack<T>(w, big, small, weights, rows, room);
    else convolveOuter<T>(w, weights, big, small, rows, true, room);
  }
}

// @ts-expect-error: decorator
@inline
function sparse<T>(kind: i32, times: i32, p: Pattern, sum: usize, x: usize, weights: usize, rows: i32, room: usize): void {
  for (let n = 0; n < times; n++) {
    if (kind == 0) sparseForward<T>(p, sum, x, weights, rows, room);
    else if (kind == 1) sparseBackward<T>(p, x, sum, weights, rows, room);
    else sparseOuter<T>(p, weights, x, sum, rows, true, room);
  }
}

export function conv64(kind: i32, times: i32, w: Window, to: usize, from: usize, weights: usize, rows: i32, room: usize): void {
  conv<f64>(kind, times, w, to, from, weights, rows, room);
}

export function conv32(kind: i32, times: i32, w: Window, to: usize, from: usize, weights: usize, rows: i32, room: usize): void {
  conv<f32>(kind, times, w, to, from, weights, rows, room);
}

export function sparse64(kind: i32, times: i32, p: Pattern, to: usize, from: usize, weights: usize, rows: i32, room: usize): void {
  sparse<f64>(kind, times, p, to, from, weights, rows, room);
}

export function sparse32(kind: i32, times: i32, p: Pattern, to: usize, from: usize, weights: usize, rows: i32, room: usize): void {
  sparse<f32>(kind, times, p, to, from, weights, rows, room);
}
