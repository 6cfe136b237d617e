// Dense matrix products in both precisions, row-major, as BLIS does them: blocks that fit the caches, packed where that pays,
// around one register tile.
//
// The bits: every element is its own sequential sum over k, acc = acc + round(a · b). Between blocks over k the sum is stored
// in C and loaded again. So packed, unpacked, narrow and one-row paths equal `naive.ts` bit for bit.
//
// C overlaps neither A nor B. Nothing is written outside C. Up to 15 bytes behind a matrix may be read, and are not used.
// The packed blocks belong to the instance: one product runs at a time.
import { own } from "../own";
import { dots } from "./dots";
import { packAlong, packPairs, packPanels, packRows, packTurned } from "./pack";
import { bytes, lanes, storePart } from "./part";
import { rankOne, row } from "./row";
import { sweep, sweepPanels, VECTOR } from "./tile";

// A packed panel of B (DEPTH × 4 vectors, 16 kB) fits the first cache; all its panels and a block of A fit the second.
// Together they take 493 kB.
const DEPTH = 256;
const HEIGHT = 48;
const PANELS = 24;

// A matrix up to SMALL fits the first cache beside the others, and is read where it lies. THIN is the limit for a matrix that is
// read across its rows, of which each line is used in part.
const SMALL: usize = 24 * 1024, THIN: usize = 12 * 1024;

// Panels lie a line more than their length apart. Otherwise the same line of all panels would fall into one set of the cache.
const PACKED_B = memory.data((DEPTH + 1) * 4 * 16 * PANELS, 64);
const PACKED_A = memory.data(DEPTH * HEIGHT * 8, 64);

/** Computes C(rows, columns) += A(rows, inner) · B(inner, columns) */
export function multiply<T>(c: usize, a: usize, b: usize, rows: i32, inner: i32, columns: i32): void {
  if (rows == 1) return row<T>(c, a, b, inner, columns);
  // One column: C and B are contiguous, and A takes the place of a transposed B.
  if (columns == 1) return dots<T>(c, b, a, inner, rows);
  if (inner == 1) return rankOne<T>(c, a, b, rows, columns, false);
  const aRow = <usize>inner * sizeof<T>();
  product<T>(c, a, b, rows, inner, columns, aRow, sizeof<T>(), false, false);
}

/** Computes C(rows, columns) += A(rows, inner) · B(columns, inner)ᵀ */
export function multiplyTransposed<T>(c: usize, a: usize, b: usize, rows: i32, inner: i32, columns: i32): void {
  if (inner == 1) return rankOne<T>(c, a, b, rows, columns, false);
  if (rows == 1) return dots<T>(c, a, b, inner, columns);
  if (columns == 1) return dots<T>(c, b, a, inner, rows);
  const aRow = <usize>inner * sizeof<T>();
  product<T>(c, a, b, rows, inner, columns, aRow, sizeof<T>(), true, false);
}

/** Computes C(rows, columns) += A(inner, rows)ᵀ · B(inner, columns); `fresh` sums from +0 and does not read C. */
export function multiplyOuter<T>(c: usize, a: usize, b: usize, rows: i32, inner: i32, columns: i32, fresh: bool): void {
  if (inner == 1) return rankOne<T>(c, a, b, rows, columns, fresh);
  if (inner == 0 || rows == 1 || columns == 1) {
    if (fresh) memory.fill(c, 0, <usize>rows * columns * sizeof<T>());
    if (rows == 1) row<T>(c, a, b, inner, columns);
    else if (columns == 1) row<T>(c, b, a, inner, rows);
    return;
  }
  const aStep = <usize>rows * sizeof<T>();
  product<T>(c, a, b, rows, inner, columns, sizeof<T>(), aStep, false, fresh);
}

/**
 * Computes `multiplyOuter` for some columns of a wider A, whose rows have `width` numbers: A(inner, rows) is a part of it. The
 * parts of C are disjoint, so threads may share a product.
 */
export function multiplyOuterPart<T>(
  c: usize, a: usize, b: usize, rows: i32, inner: i32, columns: i32, fresh: bool, width: i32,
): void {
  if (inner == 1) return rankOne<T>(c, a, b, rows, columns, fresh);
  if (inner == 0 && fresh) memory.fill(c, 0, bytes<T>(rows * columns));
  product<T>(c, a, b, rows, inner, columns, sizeof<T>(), bytes<T>(width), false, fresh);
}

/**
 * Computes C(rows, columns) -= rate · A(inner, rows)ᵀ · B(inner, columns), each element of the product summed first; inner ≤
 * DEPTH. room: workspace for as many numbers as C has. A few rows of the product lie there, still in the cache when they are
 * subtracted. width: numbers of a row of A, as in `multiplyOuterPart`
 */
export function subtractOuter<T>(
  c: usize, a: usize, b: usize, rows: i32, inner: i32, columns: i32, rate: f64, room: usize, width: i32,
): void {
  if (inner != 1) return product<T>(c, a, b, rows, inner, columns, sizeof<T>(), bytes<T>(width), false, true, room, rate);
  for (let i = 0; i < rows; i += HEIGHT) {
    const tall = min(HEIGHT, rows - i);
    rankOne<T>(room, a + bytes<T>(i), b, tall, columns, true);
    subtract<T>(c + bytes<T>(i * columns), bytes<T>(columns), room, tall, columns, rate);
  }
}

/** Computes C(rows, columns) -= rate · D(rows, columns), whose rows lie one behind the other. */
function subtract<T>(c: usize, cRow: usize, d: usize, rows: i32, columns: i32, rate: f64): void {
  const rates = v128.splat<T>(<T>rate);
  if (cRow == bytes<T>(columns)) {
    columns *= rows;
    rows = 1;
  }
  const part = columns & (lanes<T>() - 1);
  for (; rows > 0; rows--) {
    let to = c;
    const end = c + bytes<T>(columns - part);
    for (; to + 48 < end; to += 64, d += 64) {
      const p0 = v128.load(to), p1 = v128.load(to, 16), p2 = v128.load(to, 32), p3 = v128.load(to, 48);
      v128.store(to, v128.sub<T>(p0, v128.mul<T>(rates, v128.load(d))));
      v128.store(to, v128.sub<T>(p1, v128.mul<T>(rates, v128.load(d, 16))), 16);
      v128.store(to, v128.sub<T>(p2, v128.mul<T>(rates, v128.load(d, 32))), 32);
      v128.store(to, v128.sub<T>(p3, v128.mul<T>(rates, v128.load(d, 48))), 48);
    }
    for (; to < end; to += VECTOR, d += VECTOR) {
      v128.store(to, v128.sub<T>(v128.load(to), v128.mul<T>(rates, v128.load(d))));
    }
    if (part) storePart<T>(to, v128.sub<T>(v128.load(to), v128.mul<T>(rates, v128.load(d))), part);
    d += bytes<T>(part);
    c += cRow;
  }
}

/** Returns the size of the next block: blocks are equal, so that the last one is not short. */
@inline
function share(left: i32, most: i32): i32 {
  if (left <= most) return left;
  const blocks = (left + most - 1) / most;
  return (left + blocks - 1) / blocks;
}

/**
 * Computes a product. Elements of A lie `aRow` bytes apart along rows and `aStep` along k. `turned`: B is (columns, inner). With
 * `room`, the product times `rate` is subtracted from C.
 */
function product<T>(
  c: usize, a: usize, b: usize, rows: i32, inner: i32, columns: i32,
  aRow: usize, aStep: usize, turned: bool, fresh: bool, room: usize = 0, rate: f64 = 0,
): void {
  const packedA = own(PACKED_A), packedB = own(PACKED_B);
  const full = lanes<T>();
  const cRow = <usize>columns * sizeof<T>();
  const bRow = <usize>(turned ? inner : columns) * sizeof<T>();
  const packB = turned || (rows > 8 && <usize>inner * cRow > SMALL);
  // The lines of few rows of Aᵀ stay in the first cache where they lie, unless they fall into one set of it.
  const few = inner <= 64 && (aStep & 255) != 0;
  const along = aStep == sizeof<T>();
  const packA = along ? cRow >= 256 : columns > 16 && <usize>inner * aStep > THIN && !few;
  const width = PANELS * 4 * full;

  for (let j = 0; j < columns; j += width) {
    const across = min(width, columns - j);
    const toRow = room ? bytes<T>(across) : cRow;
    for (let k = 0, depth = 0; k < inner; k += depth) {
      depth = share(inner - k, DEPTH);
      const stride = <usize>(depth + 1) * 4 * VECTOR;
      const bBlock = b + (turned ? <usize>j * bRow + <usize>k * sizeof<T>() : <usize>k * bRow + <usize>j * sizeof<T>());
      for (let i = 0; i < rows; i += HEIGHT) {
        const tall = min(HEIGHT, rows - i);
        let aBlock = a + <usize>i * aRow + <usize>k * aStep;
        let row: usize = aRow, pair: usize = aRow * 2, step: usize = aStep;
        if (packA) {
          if (along) packAlong<T>(packedA, aBlock, tall, depth, aRow);
          else packPairs<T>(packedA, aBlock, tall, depth, aStep);
          aBlock = packedA;
          row = sizeof<T>();
          step = 2 * sizeof<T>();
          pair = <usize>depth * step;
        }
        const to = c + <usize>i * cRow + bytes<T>(j);
        let panel = packedB;
        for (let n = 0; n < across; ) {
          const left = (across - n + full - 1) / full, whole = left - i32(across % full != 0);
          // A panel of one vector comes alone, and a panel of four is whole.
          const wide = left == 5 ? 3 : left == 4 && whole == 3 ? 2 : min(left, 4);
          const panels = wide < 4 ? 1 : (left % 4 == 1 ? left - 5 : whole) / 4;
          const taken = min(panels * wide * full, across - n);
          let from = bBlock + <usize>n * (turned ? bRow : sizeof<T>()), next = bRow;
          let apart: usize = 4 * VECTOR;
          if (packB) {
            if (i == 0) {
              if (turned) packTurned<T>(panel, from, taken, wide * full, stride, depth, bRow);
              else if (wide < 4) packRows(panel, from, wide, depth, bRow);
              else packPanels(panel, from, panels, stride, depth, bRow);
            }
            from = panel;
            next = <usize>wide * VECTOR;
            apart = stride;
            panel += stride * panels;
          }
          const at = (room ? room : to) + bytes<T>(n), anew = fresh && k == 0;
          if (wide == 4) sweepPanels<T>(panels, at, aBlock, from, tall, depth, toRow, row, pair, step, next, apart, anew);
          else sweep<T>(wide, at, aBlock, from, tall, depth, taken % full, toRow, row, pair, step, next, anew);
          n += taken;
        }
        if (room) subtract<T>(to, cRow, room, tall, across, rate);
      }
    }
  }
}
