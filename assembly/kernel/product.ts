// Dense matrix products of either precision, row-major, in the manner of BLIS: blocks that fit the caches, packed where
// that pays, around one register tile.
//
// The bits: every element is its own sequential sum over k, acc = acc + round(a · b). Blocks over k only put the sum
// down in C and take it up again, so that packed, unpacked, narrow and one-row paths equal `naive.ts` bit for bit.
//
// C overlaps neither A nor B. Nothing is written outside C; up to 15 bytes behind a matrix may be read, and are not used.
// The packed blocks belong to the instance: one product runs at a time.
import { dots } from "./dots";
import { packColumns, packPairs, packPanels, packRows } from "./pack";
import { lanes } from "./part";
import { rankOne, row } from "./row";
import { sweep, VECTOR } from "./tile";

// A packed panel of B (DEPTH × 4 vectors, 16 kB) fits the first cache; all its panels and a block of A fit the second.
// Together they take 493 kB.
const DEPTH = 256;
const HEIGHT = 48;
const PANELS = 24;

// A matrix that fits the first cache beside its companions is read where it lies.
const SMALL: usize = 24 * 1024;

// Panels lie a line more than their length apart, or the same line of all of them would fall into one set of the cache.
const packedB = memory.data((DEPTH + 1) * 4 * 16 * PANELS, 64);
const packedA = memory.data(DEPTH * HEIGHT * 8, 64);

/** C(rows, columns) += A(rows, inner) · B(inner, columns) */
export function multiply<T>(c: usize, a: usize, b: usize, rows: i32, inner: i32, columns: i32): void {
  if (rows == 1) return row<T>(c, a, b, inner, columns);
  // One column: C and B are contiguous, and A takes the place of a transposed B.
  if (columns == 1) return dots<T>(c, b, a, inner, rows);
  if (inner == 1) return rankOne<T>(c, a, b, rows, columns, false);
  const aRow = <usize>inner * sizeof<T>();
  product<T>(c, a, b, rows, inner, columns, aRow, sizeof<T>(), false, false);
}

/** C(rows, columns) += A(rows, inner) · B(columns, inner)ᵀ */
export function multiplyTransposed<T>(c: usize, a: usize, b: usize, rows: i32, inner: i32, columns: i32): void {
  if (inner == 1) return rankOne<T>(c, a, b, rows, columns, false);
  if (rows == 1) return dots<T>(c, a, b, inner, columns);
  if (columns == 1) return dots<T>(c, b, a, inner, rows);
  const aRow = <usize>inner * sizeof<T>();
  product<T>(c, a, b, rows, inner, columns, aRow, sizeof<T>(), true, false);
}

/** C(rows, columns) += A(inner, rows)ᵀ · B(inner, columns); `fresh` sums from +0 and does not read C. */
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

// The next block of what is left: equal blocks, so that no short one comes last.
@inline
function share(left: i32, most: i32): i32 {
  if (left <= most) return left;
  const blocks = (left + most - 1) / most;
  return (left + blocks - 1) / blocks;
}

// A's elements lie `aRow` bytes apart along rows and `aStep` along k; `turned` says that B is (columns, inner).
function product<T>(
  c: usize, a: usize, b: usize, rows: i32, inner: i32, columns: i32,
  aRow: usize, aStep: usize, turned: bool, fresh: bool
): void {
  const full = lanes<T>();
  const cRow = <usize>columns * sizeof<T>();
  const bRow = <usize>(turned ? inner : columns) * sizeof<T>();
  const packB = turned || (rows > 8 && <usize>inner * cRow > SMALL);
  // The lines of few rows of Aᵀ stay in the first cache where they lie, unless they fall into one set of it.
  const few = inner <= 64 && (aStep & 255) != 0;
  const packA = aStep != sizeof<T>() && columns > 16 && <usize>inner * aStep > SMALL && !few;
  const width = PANELS * 4 * full;

  for (let j = 0; j < columns; j += width) {
    const across = min(width, columns - j);
    for (let k = 0, depth = 0; k < inner; k += depth) {
      depth = share(inner - k, DEPTH);
      const stride = <usize>(depth + 1) * 4 * VECTOR;
      const bBlock = b + (turned ? <usize>j * bRow + <usize>k * sizeof<T>() : <usize>k * bRow + <usize>j * sizeof<T>());
      for (let i = 0; i < rows; i += HEIGHT) {
        const tall = min(HEIGHT, rows - i);
        let aBlock = a + <usize>i * aRow + <usize>k * aStep;
        let row: usize = aRow, pair: usize = aRow * 2, step: usize = aStep;
        if (packA) {
          packPairs<T>(packedA, aBlock, tall, depth, aStep);
          aBlock = packedA;
          row = sizeof<T>();
          step = 2 * sizeof<T>();
          pair = <usize>depth * step;
        }
        let panel = packedB;
        for (let n = 0; n < across; ) {
          const left = (across - n + full - 1) / full;
          const wide = left == 5 ? 3 : min(left, 4);
          const taken = min(wide * full, across - n);
          let from = bBlock + <usize>n * (turned ? bRow : sizeof<T>()), next = bRow;
          if (packB) {
            if (i == 0) {
              if (turned) packColumns<T>(panel, from, taken, depth, bRow);
              else if (wide < 4) packRows(panel, from, wide, depth, bRow);
              else if (n == 0) packPanels(panel, from, left / 4, stride, depth, bRow);
            }
            from = panel;
            next = <usize>wide * VECTOR;
            panel += stride;
          }
          const at = c + <usize>i * cRow + <usize>(j + n) * sizeof<T>();
          sweep<T>(wide, at, aBlock, from, tall, depth, taken % full, cRow, row, pair, step, next, fresh && k == 0);
          n += taken;
        }
      }
    }
  }
}
