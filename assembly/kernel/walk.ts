// The register tile of convolutions: sums of 4 units × 1 or 2 vectors stay in registers through all taps.
//
//     turns ×  subs ×  depth        jumps of A and B between them
//     kernel   kernel  channels     a unit's sum: its taps row-major, in each the channels ascending
//     rows     columns
//
// The units of a tile have places of their own in A and C, from a list. They share B and the walk, since the same taps are inside
// for them. Contract: C += A · B, as kernel/tile.ts has it. In a depthwise convolution each lane has its own channel of A and B.

import { lanes, storePart } from "./part";
import { grow, loadPart } from "./tile";

/** Vectors of columns in a full panel of B. */
export const WIDE: i32 = 2;

/** Most units of a list, a multiple of 3 and 4, and the bytes of a list, whose last tile is filled up. */
const UNITS: usize = 2016;
export const LIST: usize = (2016 + 3) * 8;

/** A walk through A and B, and the units that take it. Steps, jumps and strides of A and C count bytes. */
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
  /** Units: far × middle × near. */
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
  /** Pointer of the list, `LIST` bytes: of each unit the offsets in A and C. */
  list: usize;
}

/** Computes all units and columns of a walk, k beginning at `k`. `isLanes`: each column of A and B is by itself. */
export function cover<T>(isLanes: bool, walk: Walk, c: usize, a: usize, b: usize, k: i32): void {
  let to = walk.list;
  const full = to + UNITS * 8;
  for (let far = 0; far < walk.far; far++) {
    for (let middle = 0; middle < walk.middle; middle++) {
      let aUnit = walk.aFar * far + walk.aMiddle * middle, cUnit = walk.cFar * far + walk.cMiddle * middle;
      for (let near = 0; near < walk.near; near++) {
        store<u32>(to, aUnit);
        store<u32>(to, cUnit, 4);
        to += 8;
        aUnit += walk.aNear;
        cUnit += walk.cNear;
        if (to == full) {
          panels<T>(isLanes, walk, c, a, b, k, to);
          to = walk.list;
        }
      }
    }
  }
  if (to == walk.list) return;
  // A last tile of fewer than 4 units computes one of them more than once.
  for (let u: usize = 0; u < 24; u += 8) store<u64>(to + u, load<u64>(to - 8));
  panels<T>(isLanes, walk, c, a, b, k, to);
}

/** Computes all columns of the units that are listed. */
function panels<T>(isLanes: bool, walk: Walk, c: usize, a: usize, b: usize, k: i32, end: usize): void {
  for (let left = walk.columns; left > 0; left -= WIDE * lanes<T>()) {
    const part = left < WIDE * lanes<T>() ? left % lanes<T>() : 0;
    const isWide = left > lanes<T>();
    const bRow = walk.bRow ? walk.bRow : isWide ? 32 : 16, from = b + bRow * k;
    if (isLanes) {
      if (isWide) lanes2<T>(walk, c, a, from, bRow, part, end);
      else lanes1<T>(walk, c, a, from, bRow, part, end);
      a += WIDE * 16;
    } else if (isWide) units2<T>(walk, c, a, from, bRow, part, end);
    else units1<T>(walk, c, a, from, bRow, part, end);
    c += WIDE * 16;
    b += walk.apart;
  }
}

function units2<T>(walk: Walk, c: usize, a: usize, b: usize, bRow: usize, part: i32, end: usize): void {
  units<T>(2, false, walk, c, a, b, bRow, part, end);
}

function units1<T>(walk: Walk, c: usize, a: usize, b: usize, bRow: usize, part: i32, end: usize): void {
  units<T>(1, false, walk, c, a, b, bRow, part, end);
}

function lanes2<T>(walk: Walk, c: usize, a: usize, b: usize, bRow: usize, part: i32, end: usize): void {
  units<T>(2, true, walk, c, a, b, bRow, part, end);
}

function lanes1<T>(walk: Walk, c: usize, a: usize, b: usize, bRow: usize, part: i32, end: usize): void {
  units<T>(1, true, walk, c, a, b, bRow, part, end);
}

/** Loads the first `part` lanes at `c`. As a call it saves 580 bytes, and costs 3 % in the tiles of odd channels. */
function begin<T>(c: usize, part: i32): v128 {
  return loadPart<T>(c, part);
}

/** Loads a factor: lanes of A, or one number for all lanes. */
@inline
function take<T>(isLanes: bool, a: usize): v128 {
  return isLanes ? v128.load(a) : v128.load_splat<T>(a);
}

/**
 * Computes the listed units for one panel of B: tiles of 4 units × `wide` vectors, a constant where this is inlined. Lanes of A
 * take 3 × 2: V8 loads all factors of a value of k first, and those of 4 × 2 spilled registers (half the speed).
 */
@inline
function units<T>(
  wide: i32, isLanes: bool, walk: Walk, c: usize, a: usize, b: usize, bRow: usize, part: i32, endOfList: usize,
): void {
  const zero = i64x2.splat(0);
  const isFull = !isLanes || wide == 1;
  const last: usize = (wide - 1) * 16;
  const turns = walk.turns, subs = walk.subs;
  const aStep = walk.aStep, aSub = walk.aSub, aTurn = walk.aTurn;
  const bStep = bRow * walk.bStep, bSub = bRow * walk.bSub, bTurn = bRow * walk.bTurn;
  const depth = <usize>walk.depth * bStep;
  for (let unit = walk.list; unit < endOfList; unit += isFull ? 32 : 24) {
    const c0 = c + load<u32>(unit, 4), c1 = c + load<u32>(unit, 12), c2 = c + load<u32>(unit, 20);
    const c3 = isFull ? c + load<u32>(unit, 28) : 0;
    // s.1 is the last vector, or the only one. One branch for all loads: V8 would jump around each of them.
    let s00 = zero, s10 = zero, s20 = zero, s30 = zero, s01: v128, s11: v128, s21: v128, s31 = zero;
    if (wide > 1) {
      s00 = v128.load(c0);
      s10 = v128.load(c1);
      s20 = v128.load(c2);
      if (isFull) s30 = v128.load(c3);
    }
    if (part) {
      s01 = begin<T>(c0 + last, part);
      s11 = begin<T>(c1 + last, part);
      s21 = begin<T>(c2 + last, part);
      if (isFull) s31 = begin<T>(c3 + last, part);
    } else {
      s01 = v128.load(c0 + last);
      s11 = v128.load(c1 + last);
      s21 = v128.load(c2 + last);
      if (isFull) s31 = v128.load(c3 + last);
    }
    let p0 = a + load<u32>(unit), p1 = a + load<u32>(unit, 8), p2 = a + load<u32>(unit, 16);
    let p3 = isFull ? a + load<u32>(unit, 24) : 0;
    let q = b;
    let t = turns;
    do {
      let s = subs;
      do {
        const end = q + depth;
        do {
          const x0 = take<T>(isLanes, p0), x1 = take<T>(isLanes, p1), x2 = take<T>(isLanes, p2);
          const x3 = isFull ? take<T>(isLanes, p3) : zero;
          const y0 = v128.load(q);
          if (wide > 1) {
            s00 = grow<T>(s00, x0, y0);
            s10 = grow<T>(s10, x1, y0);
            s20 = grow<T>(s20, x2, y0);
            if (isFull) s30 = grow<T>(s30, x3, y0);
          }
          const y1 = wide > 1 ? v128.load(q, 16) : y0;
          s01 = grow<T>(s01, isLanes && wide > 1 ? v128.load(p0, 16) : x0, y1);
          s11 = grow<T>(s11, isLanes && wide > 1 ? v128.load(p1, 16) : x1, y1);
          s21 = grow<T>(s21, isLanes && wide > 1 ? v128.load(p2, 16) : x2, y1);
          if (isFull) s31 = grow<T>(s31, isLanes && wide > 1 ? v128.load(p3, 16) : x3, y1);
          p0 += aStep;
          p1 += aStep;
          p2 += aStep;
          if (isFull) p3 += aStep;
          q += bStep;
        } while (q < end);
        p0 += aSub;
        p1 += aSub;
        p2 += aSub;
        if (isFull) p3 += aSub;
        q += bSub;
      } while (--s > 0);
      p0 += aTurn;
      p1 += aTurn;
      p2 += aTurn;
      if (isFull) p3 += aTurn;
      q += bTurn;
    } while (--t > 0);
    if (wide > 1) {
      v128.store(c0, s00);
      v128.store(c1, s10);
      v128.store(c2, s20);
      if (isFull) v128.store(c3, s30);
    }
    if (part) {
      storePart<T>(c0 + last, s01, part);
      storePart<T>(c1 + last, s11, part);
      storePart<T>(c2 + last, s21, part);
      if (isFull) storePart<T>(c3 + last, s31, part);
    } else {
      v128.store(c0 + last, s01);
      v128.store(c1 + last, s11);
      v128.store(c2 + last, s21);
      if (isFull) v128.store(c3 + last, s31);
    }
  }
}
