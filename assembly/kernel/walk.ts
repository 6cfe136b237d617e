// The register tile of convolutions: sums of 4 units × 1 or 2 vectors stay in registers through all taps.
//
//     turns ×  subs ×  depth        jumps of A and B between them
//     kernel   kernel  channels     a unit's sum: its taps row-major, in each the channels ascending
//     rows     columns
//
// The units of a tile have addresses of their own in A and C. They share B and the walk, since the same taps are inside for them.
// Contract: C += A · B, as kernel/tile.ts has it.

import { bytes, lanes, storePart } from "./part";
import { grow, loadPart } from "./tile";

/** Vectors of columns in a full panel of B. */
export const WIDE: i32 = 2;

/** A walk through A and B, and the units that take it. Steps, jumps and strides count bytes. */
@unmanaged @final
export class Walk {
  /** Numbers of values of k. */
  turns: i32;
  subs: i32;
  depth: i32;
  /** To the next value, and added after `depth` values, and after `subs` times that. B counts rows; `bRow` is 0 if packed. */
  aStep: usize;
  aSub: usize;
  aTurn: usize;
  bStep: i32;
  bSub: i32;
  bTurn: i32;
  bRow: usize;
  /** Units: far × middle × near, with the strides of A and C. */
  far: i32;
  middle: i32;
  near: i32;
  aFar: usize;
  aMiddle: usize;
  aNear: usize;
  cFar: usize;
  cMiddle: usize;
  cNear: usize;
  /** Columns of B and C, and bytes between panels of B. */
  columns: i32;
  apart: usize;
}

/** Computes all units and columns of a walk, k beginning at `k`. `isLanes`: each column of A and B is by itself. */
export function cover<T>(isLanes: bool, walk: Walk, c: usize, a: usize, b: usize, k: i32): void {
  for (let left = walk.columns; left > 0; left -= WIDE * lanes<T>()) {
    const part = left < WIDE * lanes<T>() ? left % lanes<T>() : 0;
    const isWide = left > lanes<T>();
    const bRow = walk.bRow ? walk.bRow : isWide ? 32 : 16, from = b + bRow * k;
    if (isLanes) {
      if (isWide) lanes2<T>(walk, c, a, from, bRow, part);
      else lanes1<T>(walk, c, a, from, bRow, part);
      a += WIDE * 16;
    } else if (isWide) units2<T>(walk, c, a, from, bRow, part);
    else units1<T>(walk, c, a, from, bRow, part);
    c += WIDE * 16;
    b += walk.apart;
  }
}

function units2<T>(walk: Walk, c: usize, a: usize, b: usize, bRow: usize, part: i32): void {
  units<T>(2, false, walk, c, a, b, bRow, part);
}

function units1<T>(walk: Walk, c: usize, a: usize, b: usize, bRow: usize, part: i32): void {
  units<T>(1, false, walk, c, a, b, bRow, part);
}

function lanes2<T>(walk: Walk, c: usize, a: usize, b: usize, bRow: usize, part: i32): void {
  units<T>(2, true, walk, c, a, b, bRow, part);
}

function lanes1<T>(walk: Walk, c: usize, a: usize, b: usize, bRow: usize, part: i32): void {
  units<T>(1, true, walk, c, a, b, bRow, part);
}

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

/** Loads a factor: lanes of A, or one number for all lanes. */
@inline
function take<T>(isLanes: bool, a: usize): v128 {
  return isLanes ? v128.load(a) : v128.load_splat<T>(a);
}

/** Computes all units for one panel of B. */
@inline
function units<T>(wide: i32, isLanes: bool, walk: Walk, c: usize, a: usize, b: usize, bRow: usize, part: i32): void {
  const zero = i64x2.splat(0);
  const turns = walk.turns, subs = walk.subs;
  const aStep = walk.aStep, aSub = walk.aSub, aTurn = walk.aTurn;
  const bStep = bRow * walk.bStep, bSub = bRow * walk.bSub, bTurn = bRow * walk.bTurn;
  const depth = <usize>walk.depth * bStep;
  const near = walk.near, middle = walk.middle;
  const aNear = walk.aNear, cNear = walk.cNear;
  const aMiddle = walk.aMiddle - aNear * near, cMiddle = walk.cMiddle - cNear * near;
  const aFar = walk.aFar - walk.aMiddle * middle, cFar = walk.cFar - walk.cMiddle * middle;
  let x = 0, y = 0;
  let count = walk.far * middle * near;
  let a0 = a, a1 = a, a2 = a, a3 = a, c0 = c, c1 = c, c2 = c, c3 = c;
  while (count > 0) {
    // A tile of fewer than 4 units computes the last one more than once.
    for (let u = 0; u < 4; u++) {
      a0 = a1;
      a1 = a2;
      a2 = a3;
      c0 = c1;
      c1 = c2;
      c2 = c3;
      if (count <= 0) continue;
      a3 = a;
      c3 = c;
      count--;
      a += aNear;
      c += cNear;
      if (++x == near) {
        x = 0;
        a += aMiddle;
        c += cMiddle;
        if (++y == middle) {
          y = 0;
          a += aFar;
          c += cFar;
        }
      }
    }
    let s00 = begin<T>(c0, wide == 1, part), s10 = begin<T>(c1, wide == 1, part);
    let s20 = begin<T>(c2, wide == 1, part), s30 = begin<T>(c3, wide == 1, part);
    let s01 = zero, s11 = zero, s21 = zero, s31 = zero;
    if (wide > 1) {
      s01 = begin<T>(c0 + 16, true, part);
      s11 = begin<T>(c1 + 16, true, part);
      s21 = begin<T>(c2 + 16, true, part);
      s31 = begin<T>(c3 + 16, true, part);
    }
    let p0 = a0, p1 = a1, p2 = a2, p3 = a3, q = b;
    let t = turns;
    do {
      let s = subs;
      do {
        const end = q + depth;
        do {
          const x0 = take<T>(isLanes, p0), x1 = take<T>(isLanes, p1), x2 = take<T>(isLanes, p2), x3 = take<T>(isLanes, p3);
          const y0 = v128.load(q);
          s00 = grow<T>(s00, x0, y0);
          s10 = grow<T>(s10, x1, y0);
          s20 = grow<T>(s20, x2, y0);
          s30 = grow<T>(s30, x3, y0);
          if (wide > 1) {
            const y1 = v128.load(q, 16);
            s01 = grow<T>(s01, isLanes ? v128.load(p0, 16) : x0, y1);
            s11 = grow<T>(s11, isLanes ? v128.load(p1, 16) : x1, y1);
            s21 = grow<T>(s21, isLanes ? v128.load(p2, 16) : x2, y1);
            s31 = grow<T>(s31, isLanes ? v128.load(p3, 16) : x3, y1);
          }
          p0 += aStep;
          p1 += aStep;
          p2 += aStep;
          p3 += aStep;
          q += bStep;
        } while (q < end);
        p0 += aSub;
        p1 += aSub;
        p2 += aSub;
        p3 += aSub;
        q += bSub;
      } while (--s > 0);
      p0 += aTurn;
      p1 += aTurn;
      p2 += aTurn;
      p3 += aTurn;
      q += bTurn;
    } while (--t > 0);
    finish<T>(c0, s00, wide == 1, part);
    finish<T>(c1, s10, wide == 1, part);
    finish<T>(c2, s20, wide == 1, part);
    finish<T>(c3, s30, wide == 1, part);
    if (wide > 1) {
      finish<T>(c0 + 16, s01, true, part);
      finish<T>(c1 + 16, s11, true, part);
      finish<T>(c2 + 16, s21, true, part);
      finish<T>(c3 + 16, s31, true, part);
    }
  }
}
