// Pools, channel by channel: the mean or the largest of each window of positions. `big` is the pool's source, `small` its target.
//
//     averageForward   small += (Σ big of its window) / cells
//     averageBackward  big   += small / cells, for each window that a position lies in
//     maxForward       small += the largest of its window
//     maxBackward      big   += small, at the first of the largest alone
//
// Padding has no cells: windows are cut at the borders. A window is summed first, row by row, and divided once. Windows follow
// each other row by row, too. So the bits of a sample do not depend on its batch. A vector holds neighbouring channels.

import { bytes, lanes, put } from "./part";
import { Window } from "./window";

/** The operation on each window. */
const enum Way { mean, spread, largest, select }

/** Computes sum += the mean of each window. sum: (rows, small); x: (rows, big) */
export function averageForward<T>(w: Window, sum: usize, x: usize, rows: i32): void {
  overWindows<T>(Way.mean, w, x, sum, 0, rows, cellsOf(w));
}

/** Computes delta += d / cells over each window. delta: (rows, big); d: (rows, small) */
export function averageBackward<T>(w: Window, delta: usize, d: usize, rows: i32): void {
  overWindows<T>(Way.spread, w, delta, d, 0, rows, cellsOf(w));
}

/** Computes sum += the largest of each window; NaN if one is NaN. sum: (rows, small); x: (rows, big) */
export function maxForward<T>(w: Window, sum: usize, x: usize, rows: i32): void {
  overWindows<T>(Way.largest, w, x, sum, 0, rows, 1);
}

/** Computes delta += d at the first of the largest of each window. delta, x: (rows, big); d: (rows, small) */
export function maxBackward<T>(w: Window, delta: usize, d: usize, x: usize, rows: i32): void {
  overWindows<T>(Way.select, w, delta, d, x - delta, rows, 1);
}

/** Computes sum += d at all positions of each window. sum: (rows, big); x: (rows, small) */
export function upsampleForward<T>(w: Window, sum: usize, x: usize, rows: i32): void {
  overWindows<T>(Way.spread, w, sum, x, 0, rows, 1);
}

/** Computes delta += the sum of each window. delta: (rows, small); d: (rows, big) */
export function upsampleBackward<T>(w: Window, delta: usize, d: usize, rows: i32): void {
  overWindows<T>(Way.mean, w, d, delta, 0, rows, 1);
}

/** Returns the number of cells of each window; 0 if windows at a border have fewer. */
@inline
function cellsOf(w: Window): i32 {
  return w.countPadding ? w.kernelHeight * w.kernelWidth : 0;
}

/** Returns the first tap that lies behind the border before it. */
@inline
function firstTap(start: i32, dilation: i32): i32 {
  return start < 0 ? (dilation - 1 - start) / dilation : 0;
}

/** Returns the end of the taps that lie before the border behind them. */
@inline
function endTap(start: i32, kernel: i32, dilation: i32, extent: i32): i32 {
  return start + (kernel - 1) * dilation < extent ? kernel : (extent - 1 - start) / dilation + 1;
}

/** Visits each window, a vector of channels at a time. `apart`: bytes from `big` to another matrix of its shape. */
function overWindows<T>(way: Way, w: Window, big: usize, small: usize, apart: usize, rows: i32, cells: i32): void {
  const size = bytes<T>(w.bigChannels), line = size * w.bigWidth;
  const down = line * w.dilationHeight, across = size * w.dilationWidth;
  for (; rows > 0; rows--, big += line * w.bigHeight) {
    for (let i = 0, y = -w.top; i < w.smallHeight; i++, y += w.strideHeight) {
      const firstRow = firstTap(y, w.dilationHeight);
      const tall = endTap(y, w.kernelHeight, w.dilationHeight, w.bigHeight) - firstRow;
      const from = big + line * y + down * firstRow;
      for (let j = 0, x = -w.left; j < w.smallWidth; j++, x += w.strideWidth) {
        const first = firstTap(x, w.dilationWidth);
        const wide = endTap(x, w.kernelWidth, w.dilationWidth, w.bigWidth) - first;
        let at = from + size * x + across * first;
        const end = across * wide, bottom = down * tall;
        const count = v128.splat<T>(<T>(cells ? cells : tall * wide));
        for (let left = w.bigChannels; left > 0; left -= lanes<T>(), at += 16) {
          let v = v128.load(small);
          if (way == Way.spread) {
            v = v128.div<T>(v, count);
            for (let row = at; row < at + bottom; row += down) {
              for (let cell = row; cell < row + end; cell += across) put<T>(cell, v128.add<T>(v128.load(cell), v), left);
            }
          } else if (way == Way.mean) {
            let sum = v128.splat<T>(0);
            for (let row = at; row < at + bottom; row += down) {
              for (let cell = row; cell < row + end; cell += across) sum = v128.add<T>(sum, v128.load(cell));
            }
            put<T>(small, v128.add<T>(v, v128.div<T>(sum, count)), left);
          } else {
            // V8's `max` takes nine instructions, `pmax` one, which loses a NaN behind another number.
            let top = v128.load(at + apart), numbers = i64x2.splat(-1);
            for (let row = at + apart; row < at + apart + bottom; row += down) {
              for (let cell = row; cell < row + end; cell += across) {
                const x = v128.load(cell);
                top = v128.pmax<T>(top, x);
                numbers = v128.and(numbers, v128.eq<T>(x, x));
              }
            }
            top = v128.or(top, v128.not(numbers));
            if (way == Way.largest) put<T>(small, v128.add<T>(v, top), left);
            else {
              for (let row = at; row < at + bottom; row += down) {
                for (let cell = row; cell < row + end; cell += across) {
                  // NaN is not less than the largest. The first of the others takes all of v.
                  const less = v128.lt<T>(v128.load(cell + apart), top);
                  put<T>(cell, v128.add<T>(v128.load(cell), v128.andnot(v, less)), left);
                  v = v128.and(v, less);
                }
              }
            }
          }
          small += bytes<T>(min(left, lanes<T>()));
        }
      }
    }
  }
}
