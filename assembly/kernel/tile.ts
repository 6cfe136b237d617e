// The register tile: up to 4 rows × 4 vectors of C stay in registers while k runs.
//
//              b: one k of B, `bStep` bytes to the next
//              ┌────┬────┬────┬────┐
//              │ b0 │ b1 │ b2 │ b3 │     a vector holds neighbouring columns: every lane
//     a   ┌──┐ ├────┼────┼────┼────┤     is one element's own sequential sum
//   aRow ↓│a0│ │c00 │c01 │c02 │c03 │
//         │a1│ │c10 │c11 │c12 │c13 │
//         └──┘ └────┴────┴────┴────┘
//     aStep bytes to the next k
//
// Contract: C += A · B over `depth` ≥ 1 values of k; the sums start from C, or from +0 if `fresh`. If `part` > 0, only
// the first `part` lanes of the last vector are C's. The steps allow A and B to be packed or not.

import { storePart } from "./part";

/** Bytes in a vector. */
export const VECTOR: usize = 16;

/** Loads a vector of C; of the last one `part` lanes. */
@inline
function begin<T>(c: usize, last: bool, part: i32): v128 {
  return last && part ? loadPart<T>(c, part) : v128.load(c);
}

/** Stores a vector of C; of the last one `part` lanes. */
@inline
function finish<T>(c: usize, sum: v128, last: bool, part: i32): void {
  if (last && part) storePart<T>(c, sum, part);
  else v128.store(c, sum);
}

/** Loads the first `part` lanes (1 ≤ part < lanes) at `from`, with zeros in the others. */
@inline
export function loadPart<T>(from: usize, part: i32): v128 {
  if (sizeof<T>() == 8) return v128.load64_zero(from);
  if (part == 1) return v128.load32_zero(from);
  const pair = v128.load64_zero(from);
  return part == 2 ? pair : v128.load_lane<f32>(from, pair, 2, 8);
}

/** Returns sum + x · y, the product rounded first. */
@inline
export function grow<T>(sum: v128, x: v128, y: v128): v128 {
  return v128.add<T>(sum, v128.mul<T>(x, y));
}

/**
 * Computes a tile. `high` rows and `wide` vectors are constants where this is inlined, so that their branches vanish. `beside`:
 * two rows of A lie side by side, and need one address.
 */
@inline
function tile<T>(
  high: i32, wide: i32, beside: bool, c: usize, a: usize, b: usize, depth: i32, part: i32,
  cRow: usize, aRow: usize, aPair: usize, aStep: usize, bStep: usize, fresh: bool
): void {
  const zero = i64x2.splat(0);
  const c1 = c + cRow, c2 = c1 + cRow, c3 = c2 + cRow;
  let s00 = zero, s01 = zero, s02 = zero, s03 = zero, s10 = zero, s11 = zero, s12 = zero, s13 = zero;
  let s20 = zero, s21 = zero, s30 = zero, s31 = zero;
  // One branch for all loads: V8 would jump around each of them.
  if (!fresh) {
    s00 = begin<T>(c, wide == 1, part);
    if (wide > 1) s01 = begin<T>(c + 16, wide == 2, part);
    if (wide > 2) s02 = begin<T>(c + 32, wide == 3, part);
    if (wide > 3) s03 = begin<T>(c + 48, wide == 4, part);
    if (high > 1) s10 = begin<T>(c1, wide == 1, part);
    if (high > 1 && wide > 1) s11 = begin<T>(c1 + 16, wide == 2, part);
    if (high > 1 && wide > 2) s12 = begin<T>(c1 + 32, wide == 3, part);
    if (high > 1 && wide > 3) s13 = begin<T>(c1 + 48, wide == 4, part);
    if (high > 2) s20 = begin<T>(c2, wide == 1, part);
    if (high > 2 && wide > 1) s21 = begin<T>(c2 + 16, wide == 2, part);
    if (high > 3) s30 = begin<T>(c3, wide == 1, part);
    if (high > 3 && wide > 1) s31 = begin<T>(c3 + 16, wide == 2, part);
  }

  let a0 = a, a1 = a + aRow, a2 = a + aPair, a3 = a2 + aRow;
  const end = b + <usize>depth * bStep;
  do {
    const x0 = v128.load_splat<T>(a0);
    const x1 = high < 2 ? zero : beside ? v128.load_splat<T>(a0, sizeof<T>()) : v128.load_splat<T>(a1);
    if (high > 1 && !beside) a1 += aStep;
    a0 += aStep;
    const x2 = high > 2 ? v128.load_splat<T>(a2) : zero;
    if (high > 2) a2 += aStep;
    const x3 = high > 3 ? v128.load_splat<T>(a3) : zero;
    if (high > 3) a3 += aStep;
    const y0 = v128.load(b);
    s00 = grow<T>(s00, x0, y0);
    if (high > 1) s10 = grow<T>(s10, x1, y0);
    if (high > 2) s20 = grow<T>(s20, x2, y0);
    if (high > 3) s30 = grow<T>(s30, x3, y0);
    if (wide > 1) {
      const y1 = v128.load(b, 16);
      s01 = grow<T>(s01, x0, y1);
      if (high > 1) s11 = grow<T>(s11, x1, y1);
      if (high > 2) s21 = grow<T>(s21, x2, y1);
      if (high > 3) s31 = grow<T>(s31, x3, y1);
    }
    if (wide > 2) {
      const y2 = v128.load(b, 32);
      s02 = grow<T>(s02, x0, y2);
      if (high > 1) s12 = grow<T>(s12, x1, y2);
    }
    if (wide > 3) {
      const y3 = v128.load(b, 48);
      s03 = grow<T>(s03, x0, y3);
      if (high > 1) s13 = grow<T>(s13, x1, y3);
    }
    b += bStep;
  } while (b < end);

  finish<T>(c, s00, wide == 1, part);
  if (wide > 1) finish<T>(c + 16, s01, wide == 2, part);
  if (wide > 2) finish<T>(c + 32, s02, wide == 3, part);
  if (wide > 3) finish<T>(c + 48, s03, wide == 4, part);
  if (high > 1) {
    finish<T>(c1, s10, wide == 1, part);
    if (wide > 1) finish<T>(c1 + 16, s11, wide == 2, part);
    if (wide > 2) finish<T>(c1 + 32, s12, wide == 3, part);
    if (wide > 3) finish<T>(c1 + 48, s13, wide == 4, part);
  }
  if (high > 2) {
    finish<T>(c2, s20, wide == 1, part);
    if (wide > 1) finish<T>(c2 + 16, s21, wide == 2, part);
  }
  if (high > 3) {
    finish<T>(c3, s30, wide == 1, part);
    if (wide > 1) finish<T>(c3 + 16, s31, wide == 2, part);
  }
}

/** Computes all rows for one panel of B: tiles of 4 rows if the panel is narrow, then of 2, then the odd last row. */
@inline
function panel<T>(
  wide: i32, beside: bool, c: usize, a: usize, b: usize, rows: i32, depth: i32, part: i32,
  cRow: usize, aRow: usize, aPair: usize, aStep: usize, bStep: usize, fresh: bool
): void {
  if (wide < 3) {
    for (; rows >= 4; rows -= 4) {
      tile<T>(4, wide, beside, c, a, b, depth, part, cRow, aRow, aPair, aStep, bStep, fresh);
      c += 4 * cRow;
      a += 2 * aPair;
    }
  }
  for (; rows >= 2; rows -= 2) {
    tile<T>(2, wide, beside, c, a, b, depth, part, cRow, aRow, aPair, aStep, bStep, fresh);
    c += 2 * cRow;
    a += aPair;
  }
  if (rows) tile<T>(1, wide, beside, c, a, b, depth, part, cRow, aRow, aPair, aStep, bStep, fresh);
}

/** Computes C(rows, wide vectors) += A(rows, depth) · B(depth, wide vectors), 1 ≤ wide ≤ 3, by the tile's contract. */
export function sweep<T>(
  wide: i32, c: usize, a: usize, b: usize, rows: i32, depth: i32, part: i32,
  cRow: usize, aRow: usize, aPair: usize, aStep: usize, bStep: usize, fresh: bool
): void {
  if (wide == 3) panel3<T>(c, a, b, rows, depth, part, cRow, aRow, aPair, aStep, bStep, fresh);
  else if (wide == 2) panel2<T>(c, a, b, rows, depth, part, cRow, aRow, aPair, aStep, bStep, fresh);
  else panel1<T>(c, a, b, rows, depth, part, cRow, aRow, aPair, aStep, bStep, fresh);
}

/** Computes C(rows, panels · 4 vectors) += A(rows, depth) · B, whose panels(depth, 4 vectors) lie `apart` bytes apart. */
export function sweepPanels<T>(
  panels: i32, c: usize, a: usize, b: usize, rows: i32, depth: i32,
  cRow: usize, aRow: usize, aPair: usize, aStep: usize, bStep: usize, apart: usize, fresh: bool
): void {
  if (aRow == sizeof<T>()) panels4Beside<T>(panels, c, a, b, rows, depth, cRow, aPair, aStep, bStep, apart, fresh);
  else panels4<T>(panels, c, a, b, rows, depth, cRow, aRow, aPair, aStep, bStep, apart, fresh);
}

/**
 * Computes panels of four vectors. Their loop is here because V8 unrolls a loop the more, the deeper it lies: three values of k
 * to a turn, or two.
 */
function panels4<T>(
  panels: i32, c: usize, a: usize, b: usize, rows: i32, depth: i32,
  cRow: usize, aRow: usize, aPair: usize, aStep: usize, bStep: usize, apart: usize, fresh: bool
): void {
  for (; panels > 0; panels--) {
    panel<T>(4, false, c, a, b, rows, depth, 0, cRow, aRow, aPair, aStep, bStep, fresh);
    c += 4 * VECTOR;
    b += apart;
  }
}

/** Computes panels of four vectors, where rows of A lie side by side. */
function panels4Beside<T>(
  panels: i32, c: usize, a: usize, b: usize, rows: i32, depth: i32,
  cRow: usize, aPair: usize, aStep: usize, bStep: usize, apart: usize, fresh: bool
): void {
  for (; panels > 0; panels--) {
    panel<T>(4, true, c, a, b, rows, depth, 0, cRow, 0, aPair, aStep, bStep, fresh);
    c += 4 * VECTOR;
    b += apart;
  }
}

/** Computes a panel of three vectors. */
function panel3<T>(
  c: usize, a: usize, b: usize, rows: i32, depth: i32, part: i32,
  cRow: usize, aRow: usize, aPair: usize, aStep: usize, bStep: usize, fresh: bool
): void {
  panel<T>(3, false, c, a, b, rows, depth, part, cRow, aRow, aPair, aStep, bStep, fresh);
}

/** Computes a panel of two vectors. */
function panel2<T>(
  c: usize, a: usize, b: usize, rows: i32, depth: i32, part: i32,
  cRow: usize, aRow: usize, aPair: usize, aStep: usize, bStep: usize, fresh: bool
): void {
  panel<T>(2, false, c, a, b, rows, depth, part, cRow, aRow, aPair, aStep, bStep, fresh);
}

/** Computes a panel of one vector. */
function panel1<T>(
  c: usize, a: usize, b: usize, rows: i32, depth: i32, part: i32,
  cRow: usize, aRow: usize, aPair: usize, aStep: usize, bStep: usize, fresh: bool
): void {
  panel<T>(1, false, c, a, b, rows, depth, part, cRow, aRow, aPair, aStep, bStep, fresh);
}
