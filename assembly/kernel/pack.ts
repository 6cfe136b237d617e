// Copies of blocks in the order in which the tile reads them, so that a panel lies in consecutive cache lines for any row length.
// No arithmetic happens here.
import { lanes } from "./part";
import { VECTOR } from "./tile";

/**
 * Packs B(depth, panels · 4 vectors), rows `bRow` bytes apart, to panels(depth, 4 vectors), `stride` bytes apart. Rows of B are
 * read in full length: read panel by panel, each line would come from another page.
 */
export function packPanels(to: usize, b: usize, panels: i32, stride: usize, depth: i32, bRow: usize): void {
  for (; depth > 0; depth--) {
    let from = b, next = to;
    for (const end = b + <usize>panels * 64; from < end; from += 64) {
      v128.store(next, v128.load(from));
      v128.store(next, v128.load(from, 16), 16);
      v128.store(next, v128.load(from, 32), 32);
      v128.store(next, v128.load(from, 48), 48);
      next += stride;
    }
    to += 64;
    b += bRow;
  }
}

/** Packs B(depth, wide vectors), wide < 4, to one panel(depth, wide vectors). Reads past the last column, within a vector. */
export function packRows(to: usize, b: usize, wide: i32, depth: i32, bRow: usize): void {
  for (; depth > 0; depth--) {
    v128.store(to, v128.load(b));
    if (wide > 1) v128.store(to, v128.load(b, 16), 16);
    if (wide > 2) v128.store(to, v128.load(b, 32), 32);
    to += <usize>wide * VECTOR;
    b += bRow;
  }
}

/**
 * Packs Bᵀ: B(columns, depth), rows `bRow` bytes apart, to panels(depth, wide vectors) of `across` columns, `stride` bytes apart.
 * The last panel may be narrower, wide = ⌈columns / lanes⌉. Lanes beyond the last column repeat it.
 */
export function packTurned<T>(
  to: usize, b: usize, columns: i32, across: i32, stride: usize, depth: i32, bRow: usize,
): void {
  for (; columns > 0; columns -= across) {
    const taken = min(columns, across);
    const step = <usize>((taken + lanes<T>() - 1) / lanes<T>()) * VECTOR;
    let next = to;
    for (let left = taken; left > 0; left -= 4) {
      turn<T>(next, step, b, left, depth, bRow);
      next += 4 * sizeof<T>();
      b += bRow * 4;
    }
    to += stride;
  }
}

/** Packs up to four columns, read as four streams: square blocks by transposing in registers, the rest one by one. */
export function turn<T>(to: usize, step: usize, b0: usize, columns: i32, depth: i32, bRow: usize): void {
  let b1 = columns > 1 ? b0 + bRow : b0, b2 = columns > 2 ? b1 + bRow : b1, b3 = columns > 3 ? b2 + bRow : b2;
  let k = depth;
  if (sizeof<T>() == 8) {
    const second = columns > 2;
    for (; k >= 2; k -= 2) {
      const r0 = v128.load(b0), r1 = v128.load(b1);
      v128.store(to, v128.shuffle<f64>(r0, r1, 0, 2));
      v128.store(to + step, v128.shuffle<f64>(r0, r1, 1, 3));
      if (second) {
        const r2 = v128.load(b2), r3 = v128.load(b3);
        v128.store(to, v128.shuffle<f64>(r2, r3, 0, 2), 16);
        v128.store(to + step, v128.shuffle<f64>(r2, r3, 1, 3), 16);
        b2 += 16;
        b3 += 16;
      }
      to += step * 2;
      b0 += 16;
      b1 += 16;
    }
    if (k) {
      store<T>(to, load<T>(b0));
      store<T>(to, load<T>(b1), 8);
      if (second) {
        store<T>(to, load<T>(b2), 16);
        store<T>(to, load<T>(b3), 24);
      }
    }
  } else {
    for (; k >= 4; k -= 4) {
      const r0 = v128.load(b0), r1 = v128.load(b1), r2 = v128.load(b2), r3 = v128.load(b3);
      const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      v128.store(to, v128.shuffle<f64>(low01, low23, 0, 2));
      v128.store(to + step, v128.shuffle<f64>(low01, low23, 1, 3));
      to += step * 2;
      v128.store(to, v128.shuffle<f64>(high01, high23, 0, 2));
      v128.store(to + step, v128.shuffle<f64>(high01, high23, 1, 3));
      to += step * 2;
      b0 += 16;
      b1 += 16;
      b2 += 16;
      b3 += 16;
    }
    for (; k > 0; k--) {
      store<T>(to, load<T>(b0));
      store<T>(to, load<T>(b1), 4);
      store<T>(to, load<T>(b2), 8);
      store<T>(to, load<T>(b3), 12);
      to += step;
      b0 += 4;
      b1 += 4;
      b2 += 4;
      b3 += 4;
    }
  }
}

/**
 * Packs Aᵀ: A(depth, rows), rows `aStep` bytes apart, to pairs(⌈rows / 2⌉, depth, 2). The place beside an odd last row keeps its
 * contents.
 */
export function packPairs<T>(to: usize, a: usize, rows: i32, depth: i32, aStep: usize): void {
  const pair = <usize>depth * 2 * sizeof<T>();
  for (; rows >= 4; rows -= 4) {
    let from = a, first = to, second = to + pair;
    for (let k = 0; k < depth; k++) {
      if (sizeof<T>() == 8) {
        v128.store(first, v128.load(from));
        v128.store(second, v128.load(from, 16));
      } else {
        store<u64>(first, load<u64>(from));
        store<u64>(second, load<u64>(from, 8));
      }
      first += 2 * sizeof<T>();
      second += 2 * sizeof<T>();
      from += aStep;
    }
    to += pair * 2;
    a += 4 * sizeof<T>();
  }
  for (; rows > 0; rows -= 2) {
    let from = a, next = to;
    for (let k = 0; k < depth; k++) {
      store<T>(next, load<T>(from));
      if (rows > 1) store<T>(next, load<T>(from, sizeof<T>()), sizeof<T>());
      next += 2 * sizeof<T>();
      from += aStep;
    }
    to += pair;
    a += 2 * sizeof<T>();
  }
}

/** Packs A(rows, depth), rows `aRow` bytes apart, to pairs as `packPairs` does. An odd last row is paired with itself. */
export function packAlong<T>(to: usize, a: usize, rows: i32, depth: i32, aRow: usize): void {
  const whole = <usize>(depth & -lanes<T>()) * sizeof<T>(), width = <usize>depth * sizeof<T>();
  for (; rows > 0; rows -= 2) {
    const b = rows > 1 ? a + aRow : a;
    let k: usize = 0;
    for (; k < whole; k += VECTOR, to += 2 * VECTOR) {
      const r0 = v128.load(a + k), r1 = v128.load(b + k);
      if (sizeof<T>() == 8) {
        v128.store(to, v128.shuffle<f64>(r0, r1, 0, 2));
        v128.store(to, v128.shuffle<f64>(r0, r1, 1, 3), 16);
      } else {
        v128.store(to, v128.shuffle<f32>(r0, r1, 0, 4, 1, 5));
        v128.store(to, v128.shuffle<f32>(r0, r1, 2, 6, 3, 7), 16);
      }
    }
    for (; k < width; k += sizeof<T>(), to += 2 * sizeof<T>()) {
      store<T>(to, load<T>(a + k));
      store<T>(to, load<T>(b + k), sizeof<T>());
    }
    a += 2 * aRow;
  }
}
