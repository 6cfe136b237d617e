import { averageBackward, averageForward, maxBackward, maxForward, upsampleBackward, upsampleForward } from "../../kernel/pool";
import { Window } from "../../kernel/window";
import { alloc } from "../../memory";
import { at, numbers } from "./numbers";

/** Adds to a number of a list. */
@inline
function addTo<T>(list: usize, index: i32, x: T): void {
  store<T>(at<T>(list, index), load<T>(at<T>(list, index)) + x);
}

/** Returns a window of some extents, whose target takes all windows that fit. */
function windowOf(
  height: i32, width: i32, channels: i32, kernelHeight: i32, kernelWidth: i32, stride: i32, dilation: i32, pad: i32
): Window {
  const w = changetype<Window>(alloc(offsetof<Window>()));
  w.bigHeight = height;
  w.bigWidth = width;
  w.bigChannels = channels;
  w.smallHeight = (height + 2 * pad - dilation * (kernelHeight - 1) - 1) / stride + 1;
  w.smallWidth = (width + 2 * pad - dilation * (kernelWidth - 1) - 1) / stride + 1;
  w.smallChannels = channels;
  w.kernelHeight = kernelHeight;
  w.kernelWidth = kernelWidth;
  w.strideHeight = stride;
  w.strideWidth = stride;
  w.dilationHeight = dilation;
  w.dilationWidth = dilation;
  w.top = pad;
  w.left = pad;
  w.groups = 1;
  return w;
}

/** Returns the place of a cell's first channel in a sample; -1 in the padding. */
function cellOf(w: Window, i: i32, j: i32, tap: i32): i32 {
  const y = i * w.strideHeight - w.top + tap / w.kernelWidth * w.dilationHeight;
  const x = j * w.strideWidth - w.left + tap % w.kernelWidth * w.dilationWidth;
  const inside = y >= 0 && y < w.bigHeight && x >= 0 && x < w.bigWidth;
  return inside ? (y * w.bigWidth + x) * w.bigChannels : -1;
}

/** Compares numbers bit by bit, and the one behind them. */
function expectSame<T>(found: usize, wanted: usize, count: i32, name: string): void {
  let i = 0;
  while (i <= count && load<T>(at<T>(found, i)) == load<T>(at<T>(wanted, i))) i++;
  expect<i32>(i).toBe(count + 1, name);
}

/** Compares the passes of a window with plain loops. `coarse`: the source has few values, so that the largest is there twice. */
function compare<T>(w: Window, rows: i32, coarse: bool): void {
  const channels = w.bigChannels, big = w.bigHeight * w.bigWidth * channels, small = w.smallHeight * w.smallWidth * channels;
  const x = numbers<T>(rows * big, 1), d = numbers<T>(rows * small, 2);
  if (coarse) for (let i = 0; i < rows * big; i++) store<T>(at<T>(x, i), <T>Math.round(<f64>load<T>(at<T>(x, i)) * 2));
  const taps = w.kernelHeight * w.kernelWidth;
  const mean = numbers<T>(rows * small, 3), top = numbers<T>(rows * small, 3), sums = numbers<T>(rows * small, 3);
  const spread = numbers<T>(rows * big, 4), chosen = numbers<T>(rows * big, 4), copied = numbers<T>(rows * big, 4);
  for (let r = 0; r < rows; r++) {
    for (let p = 0; p < w.smallHeight * w.smallWidth; p++) {
      for (let c = 0; c < channels; c++) {
        const to = r * small + p * channels + c;
        let sum: T = 0, largest = -<T>Infinity, first = 0, cells = 0;
        for (let tap = 0; tap < taps; tap++) {
          const cell = cellOf(w, p / w.smallWidth, p % w.smallWidth, tap);
          if (cell < 0) continue;
          const from = r * big + cell + c, value = load<T>(at<T>(x, from));
          cells++;
          sum += value;
          if (value > largest) {
            largest = value;
            first = from;
          }
          addTo<T>(copied, from, load<T>(at<T>(d, to)));
        }
        if (w.countPadding) cells = taps;
        addTo<T>(sums, to, sum);
        addTo<T>(mean, to, sum / <T>cells);
        addTo<T>(top, to, largest);
        addTo<T>(chosen, first, load<T>(at<T>(d, to)));
        for (let tap = 0; tap < taps; tap++) {
          const cell = cellOf(w, p / w.smallWidth, p % w.smallWidth, tap);
          if (cell >= 0) addTo<T>(spread, r * big + cell + c, load<T>(at<T>(d, to)) / <T>cells);
        }
      }
    }
  }
  let found = numbers<T>(rows * small, 3);
  averageForward<T>(w, found, x, rows);
  expectSame<T>(found, mean, rows * small, "mean");
  found = numbers<T>(rows * big, 4);
  averageBackward<T>(w, found, d, rows);
  expectSame<T>(found, spread, rows * big, "derivative of the mean");
  found = numbers<T>(rows * small, 3);
  maxForward<T>(w, found, x, rows);
  expectSame<T>(found, top, rows * small, "largest");
  found = numbers<T>(rows * big, 4);
  maxBackward<T>(w, found, d, x, rows);
  expectSame<T>(found, chosen, rows * big, "derivative of the largest");
  if (w.strideHeight != w.kernelHeight || w.strideWidth != w.kernelWidth) return;
  found = numbers<T>(rows * big, 4);
  upsampleForward<T>(w, found, d, rows);
  expectSame<T>(found, copied, rows * big, "upsample");
  found = numbers<T>(rows * small, 3);
  upsampleBackward<T>(w, found, x, rows);
  expectSame<T>(found, sums, rows * small, "derivative of upsample");
}

/** Compares both precisions, with distinct and with equal values, with padding counted and not. */
function compareAll(w: Window): void {
  for (let way = 0; way < 4; way++) {
    w.countPadding = way & 1;
    compare<f64>(w, 2, way > 1);
    compare<f32>(w, 2, way > 1);
  }
}

describe("pools", () => {
  it("equal plain loops for any number of channels, and write nothing behind the last", () => {
    for (let channels = 1; channels <= 9; channels++) compareAll(windowOf(4, 6, channels, 2, 2, 2, 1, 0));
  });

  it("equal plain loops where windows overlap, leave gaps, are dilated, or reach into the padding", () => {
    for (let stride = 1; stride <= 4; stride++) {
      for (let dilation = 1; dilation <= 2; dilation++) {
        compareAll(windowOf(7, 6, 3, 3, 2, stride, dilation, 1));
        compareAll(windowOf(6, 7, 5, 2, 3, stride, dilation, 0));
      }
    }
    compareAll(windowOf(1, 9, 4, 1, 3, 2, 1, 0));
    compareAll(windowOf(5, 4, 6, 5, 4, 1, 1, 0));
  });

  it("keep a NaN in any cell, whose derivative stays in the window", () => {
    const w = windowOf(1, 3, 1, 1, 3, 1, 1, 0);
    for (let place = 0; place < 3; place++) {
      const x = alloc(24), top = alloc(8), d = alloc(8), delta = alloc(24);
      store<f64>(x + 8, 2);
      store<f64>(x + place * 8, NaN);
      store<f64>(d, 5);
      maxForward<f64>(w, top, x, 1);
      expect<bool>(isNaN(load<f64>(top))).toBe(true);
      maxBackward<f64>(w, delta, d, x, 1);
      expect<f64>(load<f64>(delta) + load<f64>(delta, 8) + load<f64>(delta, 16)).toBe(5);
    }
  });
});
