// Convolutions, without a matrix of columns. Units with the same taps inside share a walk (kernel/walk.ts), also those of
// several samples: all of the interior, of an edge, of a corner. So padding costs nothing, and no sample is copied for it.
//
// The bits: a unit is one sum over its taps row-major, in each over the channels of its group. A weight's gradient is one over
// the samples, in each over the positions row-major. No order depends on the number of samples.

import { own } from "../own";
import { Axis, Run } from "./axis";
import { bytes, lanes } from "./part";
import { packRows, packTurned } from "./pack";
import { multiply, multiplyOuter, multiplyTransposed } from "./product";
import { LIST, Walk, WIDE, cover } from "./walk";
import { Window } from "./window";

// Blocks of samples, or of positions, whose matrices stay in the second, or the first, cache.
const SECOND: usize = 256 * 1024, FIRST: usize = 32 * 1024;

// Weights up to PACKED are read where they lie.
const PACKED: usize = 16 * 1024;

const WALK = memory.data(offsetof<Walk>(), 16);
const VERTICAL = memory.data(offsetof<Axis>(), 16), HORIZONTAL = memory.data(offsetof<Axis>(), 16);
const PADDED = memory.data(offsetof<Window>(), 16);

/** Returns the walk of this instance, and its axes. */
@inline
function walkOf(): Walk {
  return changetype<Walk>(own(WALK));
}
@inline
function verticalOf(): Axis {
  return changetype<Axis>(own(VERTICAL));
}
@inline
function horizontalOf(): Axis {
  return changetype<Axis>(own(HORIZONTAL));
}

/** Returns whether windows lie one behind the other along an axis, and fill it. */
function tiles(big: i32, small: i32, kernel: i32, stride: i32, span: i32): bool {
  return kernel * small == big && span == big && (small == 1 || stride == kernel);
}

/**
 * Returns whether the convolution is a product that is faster than a walk. Its windows are the units of the big end in their
 * order, and it has one position or one column. In other products a walk is 5 to 10 % faster.
 */
function isProduct(w: Window): bool {
  if (w.smallHeight * w.smallWidth > 1 && termsOf(w) > 1 && w.smallChannels > 1) return false;
  return w.groups == 1 && (w.top | w.left) == 0 && (w.kernelHeight == 1 || w.smallWidth == 1) &&
    tiles(w.bigHeight, w.smallHeight, w.kernelHeight, w.strideHeight, heightOf(w)) &&
    tiles(w.bigWidth, w.smallWidth, w.kernelWidth, w.strideWidth, widthOf(w));
}

/** Returns the number of terms of a unit's sum in a group. */
function termsOf(w: Window): i32 {
  return w.kernelHeight * w.kernelWidth * (w.bigChannels / w.groups);
}

/** Returns whether each channel is joined with the same channel only. */
function isDepthwise(w: Window): bool {
  return w.groups == w.bigChannels && w.groups == w.smallChannels && w.groups > 1;
}

/** Returns the most runs of an axis. */
function runsOf(big: i32, small: i32, kernel: i32, stride: i32): i32 {
  return min(2 * kernel + stride, max(kernel, max(big, small)));
}

/** Returns the bytes of the runs of both axes, which may be more than there are. */
function runsRoom(w: Window): u64 {
  const high = runsOf(w.bigHeight, w.smallHeight, w.kernelHeight, w.strideHeight);
  return <u64>(high + runsOf(w.bigWidth, w.smallWidth, w.kernelWidth, w.strideWidth)) * offsetof<Run>();
}

/** Returns the bytes of a row's panels. */
function panelled<T>(columns: i32): u64 {
  return <u64>((columns + lanes<T>() - 1) / lanes<T>()) * 16;
}

/** Returns the bytes of workspace that a convolution and its derivatives need. They may be more than there are. */
export function convolveRoom<T>(w: Window): u64 {
  const taps = w.kernelHeight * w.kernelWidth;
  const near = w.bigChannels / w.groups, far = w.smallChannels / w.groups;
  const packed = max(panelled<T>(far) * near, panelled<T>(near) * far) * taps;
  const copied: u64 = copiesPadding(w) ? <u64>(heightOf(w) * widthOf(w)) * w.bigChannels * sizeof<T>() : 0;
  return LIST + runsRoom(w) + max(packed, copied) + 64;
}

/** Returns the height of a sample with its padding. */
function heightOf(w: Window): i32 {
  return (w.smallHeight - 1) * w.strideHeight + (w.kernelHeight - 1) * w.dilationHeight + 1;
}

/** Returns the width of a sample with its padding. */
function widthOf(w: Window): i32 {
  return (w.smallWidth - 1) * w.strideWidth + (w.kernelWidth - 1) * w.dilationWidth + 1;
}

/**
 * Returns whether the gradient of the weights copies each sample with its padding. Otherwise a tile of few channels would be
 * empty, since taps have different positions inside.
 */
function copiesPadding(w: Window): bool {
  if (w.bigChannels / w.groups >= 4) return false;
  return (w.top | w.left) != 0 || heightOf(w) > w.bigHeight || widthOf(w) > w.bigWidth;
}

/** Computes small += conv(big). small, big: (rows, positions, channels); weights: (taps, channels of a group, channels) */
export function convolve<T>(w: Window, small: usize, big: usize, weights: usize, rows: i32, room: usize): void {
  if (isProduct(w)) {
    return multiply<T>(small, big, weights, rows * w.smallHeight * w.smallWidth, termsOf(w), w.smallChannels);
  }
  walkOf().list = room;
  room += LIST;
  room = verticalOf().set(w.smallHeight, w.kernelHeight, w.bigHeight, w.strideHeight, w.dilationHeight, -w.top, 1, room);
  room = horizontalOf().set(w.smallWidth, w.kernelWidth, w.bigWidth, w.strideWidth, w.dilationWidth, -w.left, 1, room);
  sumTaps<T>(w, false, small, big, weights, rows, room);
}

/** Computes big += convᵀ(small), the transpose of `convolve`. */
export function convolveBack<T>(w: Window, big: usize, small: usize, weights: usize, rows: i32, room: usize): void {
  if (isProduct(w)) {
    return multiplyTransposed<T>(big, small, weights, rows * w.smallHeight * w.smallWidth, w.smallChannels, termsOf(w));
  }
  walkOf().list = room;
  room += LIST;
  room = verticalOf().set(w.bigHeight, w.kernelHeight, w.smallHeight, 1, -w.dilationHeight, w.top, w.strideHeight, room);
  room = horizontalOf().set(w.bigWidth, w.kernelWidth, w.smallWidth, 1, -w.dilationWidth, w.left, w.strideWidth, room);
  sumTaps<T>(w, true, big, small, weights, rows, room);
}

/** Packs a group's weights, rows `row` bytes apart, to panels(taps, inner, up to 2 vectors). With `back`, taps are transposed. */
function pack<T>(to: usize, from: usize, back: bool, taps: i32, inner: i32, columns: i32, row: usize): void {
  const apart = row * columns;
  for (; columns > 0; columns -= WIDE * lanes<T>()) {
    const taken = min(columns, WIDE * lanes<T>()), wide = taken > lanes<T>() ? 2 : 1;
    if (back) {
      let tap = from, next = to;
      for (let t = 0; t < taps; t++) {
        packTurned<T>(next, tap, taken, taken, 0, inner, row);
        next += <usize>inner * wide * 16;
        tap += apart;
      }
      from += row * WIDE * lanes<T>();
    } else {
      packRows(to, from, wide, taps * inner, row);
      from += WIDE * 16;
    }
    to += <usize>taps * inner * WIDE * 16;
  }
}

/** Computes C += the sums over taps, from A. With `back`, C is the big end, and the weights of a tap are transposed. */
function sumTaps<T>(w: Window, back: bool, c: usize, a: usize, weights: usize, rows: i32, room: usize): void {
  const walk = walkOf(), vertical = verticalOf(), horizontal = horizontalOf();
  const aChannels = back ? w.smallChannels : w.bigChannels, cChannels = back ? w.bigChannels : w.smallChannels;
  const aPixel = bytes<T>(aChannels), cPixel = bytes<T>(cChannels), weightRow = bytes<T>(w.smallChannels);
  const aRow = aPixel * (back ? w.smallWidth : w.bigWidth), cRow = cPixel * (back ? w.bigWidth : w.smallWidth);
  const aSample = aRow * (back ? w.smallHeight : w.bigHeight), cSample = cRow * (back ? w.bigHeight : w.smallHeight);
  const depthwise = isDepthwise(w), groups = depthwise ? 1 : w.groups;
  const inner = depthwise ? 1 : aChannels / groups, columns = cChannels / groups;
  const taps = w.kernelHeight * w.kernelWidth;
  const packed = !depthwise && (back || (rows * w.smallHeight * w.smallWidth > 32 && <usize>taps * inner * weightRow > PACKED));
  const chunk = min(rows, max(4, <i32>(SECOND / (aSample + cSample))));
  // Values of k: one for each tap; or taps of neighbouring columns are contiguous in A and B; or each tap is a loop of its own.
  const aTap = aPixel * horizontal.sourceAcross, bTap = horizontal.step * inner;
  const merged = inner == 1 || (groups == 1 && horizontal.sourceAcross == 1 && horizontal.step == 1);
  walk.columns = columns;
  walk.apart = packed ? <usize>taps * inner * WIDE * 16 : WIDE * 16;
  walk.bRow = packed ? 0 : weightRow;
  walk.aStep = inner == 1 ? aTap : sizeof<T>();
  walk.bStep = inner == 1 ? bTap : 1;
  walk.aSub = merged ? 0 : aTap - bytes<T>(inner);
  walk.bSub = merged ? 0 : bTap - inner;
  walk.aFar = aSample;
  walk.aMiddle = aRow * vertical.sourceAlong;
  walk.aNear = aPixel * horizontal.sourceAlong;
  walk.cFar = cSample;
  walk.cMiddle = cRow * vertical.period;
  walk.cNear = cPixel * horizontal.period;
  for (let group = 0; group < groups; group++) {
    let b = weights + bytes<T>(group * columns);
    if (packed) {
      if (back) b = weights + bytes<T>(group * inner);
      pack<T>(room, b, back, taps, inner, columns, weightRow);
      b = room;
    }
    for (let row = 0; row < rows; row += chunk) {
      walk.far = min(chunk, rows - row);
      const to = c + cSample * row + bytes<T>(group * columns), from = a + aSample * row + bytes<T>(group * inner);
      for (let i = 0; i < vertical.count; i++) {
        const y = vertical.run(i);
        walk.middle = y.count;
        walk.turns = y.partners;
        for (let j = 0; j < horizontal.count; j++) {
          const x = horizontal.run(j);
          walk.near = x.count;
          walk.subs = merged ? 1 : x.partners;
          walk.depth = merged ? x.partners * inner : inner;
          walk.aTurn = aRow * vertical.sourceAcross - aTap * x.partners;
          walk.bTurn = vertical.step * w.kernelWidth * inner - bTap * x.partners;
          cover<T>(
            depthwise, walk, to + cRow * y.at + cPixel * x.at, from + aRow * y.source + aPixel * x.source, b,
            (y.first * w.kernelWidth + x.first) * inner,
          );
        }
      }
    }
  }
}

/** Computes the gradient of the weights over all samples, with +0 before it if `fresh`. */
export function convolveOuter<T>(w: Window, out: usize, big: usize, small: usize, rows: i32, fresh: bool, room: usize): void {
  if (isProduct(w)) {
    return multiplyOuter<T>(out, big, small, termsOf(w), rows * w.smallHeight * w.smallWidth, w.smallChannels, fresh);
  }
  if (fresh) memory.fill(out, 0, bytes<T>(termsOf(w) * w.smallChannels));
  // Few channels would leave a tile of one tap's weights empty: with its padding copied, a sample has all taps inside.
  if (copiesPadding(w)) {
    const height = heightOf(w), width = widthOf(w), padded = changetype<Window>(own(PADDED));
    memory.copy(changetype<usize>(padded), changetype<usize>(w), offsetof<Window>());
    padded.bigHeight = height;
    padded.bigWidth = width;
    padded.top = padded.left = 0;
    const at = room + LIST + <usize>runsRoom(w);
    memory.fill(at, 0, bytes<T>(height * width * w.bigChannels));
    const pixel = bytes<T>(w.bigChannels), line = pixel * max(0, min(w.bigWidth, width - w.left));
    for (let row = 0; row < rows; row++) {
      for (let y = 0; y < min(w.bigHeight, height - w.top); y++) {
        memory.copy(at + pixel * ((y + w.top) * width + w.left), big + pixel * (y * w.bigWidth), line);
      }
      sumPositions<T>(padded, out, at, small, 1, room);
      big += pixel * w.bigHeight * w.bigWidth;
      small += bytes<T>(w.smallHeight * w.smallWidth * w.smallChannels);
    }
    return;
  }
  sumPositions<T>(w, out, big, small, rows, room);
}

/** Computes C += the sums over positions. A tile has neighbouring channels and taps, B are the positions of the small end. */
function sumPositions<T>(w: Window, c: usize, a: usize, b: usize, rows: i32, room: usize): void {
  const walk = walkOf(), vertical = verticalOf(), horizontal = horizontalOf();
  const depthwise = isDepthwise(w), groups = depthwise ? 1 : w.groups;
  const near = w.bigChannels / w.groups, columns = w.smallChannels / groups;
  walk.list = room;
  room += LIST;
  room = vertical.set(w.kernelHeight, w.smallHeight, w.bigHeight, w.dilationHeight, w.strideHeight, -w.top, 1, room);
  horizontal.set(w.kernelWidth, w.smallWidth, w.bigWidth, w.dilationWidth, w.strideWidth, -w.left, 1, room);
  const aPixel = bytes<T>(w.bigChannels), aRow = aPixel * w.bigWidth, aSample = aRow * w.bigHeight;
  const bPixel = bytes<T>(w.smallChannels), bRow = bPixel * w.smallWidth, bSample = bRow * w.smallHeight;
  const cTap = bPixel * near;
  const tall = min(w.smallHeight, max(1, <i32>(FIRST / bRow)));
  const chunk = tall < w.smallHeight ? 1 : max(1, <i32>(FIRST / bSample));
  const aStep = aPixel * w.strideWidth;
  walk.columns = columns;
  walk.apart = WIDE * 16;
  walk.bRow = bPixel;
  walk.aStep = aStep;
  walk.bStep = 1;
  walk.near = near;
  walk.aNear = sizeof<T>();
  walk.cNear = bPixel;
  walk.aMiddle = aPixel * w.dilationWidth;
  walk.cMiddle = cTap;
  walk.aFar = aRow * w.dilationHeight;
  walk.cFar = cTap * w.kernelWidth;
  for (let row = 0; row < rows; row += chunk) {
    walk.turns = min(chunk, rows - row);
    for (let top = 0; top < w.smallHeight; top += tall) {
      for (let i = 0; i < vertical.count; i++) {
        const y = vertical.run(i);
        const first = max(y.first, top), high = min(y.first + y.partners, top + tall) - first;
        if (high <= 0) continue;
        const source = y.source + (first - y.first) * w.strideHeight;
        walk.far = y.count;
        walk.subs = high;
        walk.aTurn = aSample - aRow * (high * w.strideHeight);
        walk.bTurn = w.smallWidth * (w.smallHeight - high);
        for (let j = 0; j < horizontal.count; j++) {
          const x = horizontal.run(j);
          walk.middle = x.count;
          walk.depth = x.partners;
          walk.aSub = aRow * w.strideHeight - aStep * x.partners;
          walk.bSub = w.smallWidth - x.partners;
          for (let group = 0; group < groups; group++) {
            const shift = bytes<T>(group * columns);
            cover<T>(
              depthwise, walk, c + cTap * (y.at * w.kernelWidth + x.at) + shift,
              a + aSample * row + aRow * source + aPixel * x.source + bytes<T>(group * near),
              b + bSample * row + shift, first * w.smallWidth + x.first,
            );
          }
        }
      }
    }
  }
}
