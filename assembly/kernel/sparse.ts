// Products with a matrix that has weights for some pairs of units alone.
//
// The bits: each number is one sequential sum, which starts from the number that was there. A target adds its sources in
// ascending order, a source its targets in `sparseBackward`, and a weight's derivative its rows. Each product is rounded first.
// So the result is that of `naive.ts` for all pairs, and does not depend on the number of rows.
//
// Blocks of rows are turned, so that a vector holds a unit's numbers in neighbouring rows: one weight multiplies four vectors.
//
//     rows  ┌ a0 b0 c0 … ┐  turned  ┌ a0 a1 a2 … ┐  a unit's BLOCK bytes: 16 rows in float32, 8 in float64
//           └ a1 b1 c1 … ┘          └ b0 b1 b2 … ┘
//
// A single row is read where it lies.

import { turn } from "./pack";
import { bytes, lanes, put } from "./part";
import { grow } from "./tile";

/** The pairs of connected units, sorted by source, then target, and their order by target: `PatternWord`. */
@unmanaged @final
export class Pattern {
  /** Number of connections. */
  count: i32;
  sources: i32;
  targets: i32;
  /** (sources + 1) of u32: where the connections of each source begin. */
  starts: usize;
  /** (count) of u32: the target of each connection. */
  to: usize;
  /** (targets + 1) of u32: where those of each target begin in the order by target. */
  startsInto: usize;
  /** (count) of u32: in the order by target, the index of each connection. */
  place: usize;
  /** (count) of u32: in the order by target, the source of each connection. */
  from: usize;
}

// Bytes of a unit in a turned block: a line of the cache. V8 would spill the sums of a longer one, but that of `sparseOuter` is
// a sum of all its rows. There a longer block saves 15 % of the time.
const BLOCK: usize = 64, OUTER_BLOCK: usize = 128;

/** Returns the bytes of workspace that products with a pattern need. They may be more than there are. */
export function sparseRoom<T>(p: Pattern): u64 {
  return (<u64>p.sources + <u64>p.targets + 1) * OUTER_BLOCK;
}

/** Computes sum += x · W. sum: (rows, targets); x: (rows, sources); w: (count) */
export function sparseForward<T>(p: Pattern, sum: usize, x: usize, w: usize, rows: i32, room: usize): void {
  while (rows > 0) {
    const taken = min(rows, <i32>(BLOCK / sizeof<T>()));
    if (taken == 1) scatter<T>(sum, x, w, p.starts, p.to, 0, p.sources);
    else collect<T>(sum, x, w, p.startsInto, p.from, p.place, taken, p.targets, p.sources, room);
    sum += bytes<T>(taken * p.targets);
    x += bytes<T>(taken * p.sources);
    rows -= taken;
  }
}

/** Computes delta += d · Wᵀ. delta: (rows, sources); d: (rows, targets); w: (count) */
export function sparseBackward<T>(p: Pattern, delta: usize, d: usize, w: usize, rows: i32, room: usize): void {
  while (rows > 0) {
    const taken = min(rows, <i32>(BLOCK / sizeof<T>()));
    if (taken == 1) scatter<T>(delta, d, w, p.startsInto, p.from, p.place, p.targets);
    else collect<T>(delta, d, w, p.starts, p.to, 0, taken, p.sources, p.targets, room);
    delta += bytes<T>(taken * p.sources);
    d += bytes<T>(taken * p.targets);
    rows -= taken;
  }
}

/** Returns a number of a list of u32. */
@inline
function at(list: usize, index: i32): i32 {
  return load<i32>(list + (<usize>index << 2));
}

/** Returns the address of the weight of a connection, whose index is listed in `place`, if that is given. */
@inline
function weight<T>(w: usize, place: usize, k: i32): usize {
  return w + bytes<T>(place ? at(place, k) : k);
}

/** Adds one row: each of the m numbers of x, times its weights, to numbers of y. */
function scatter<T>(y: usize, x: usize, w: usize, starts: usize, units: usize, place: usize, m: i32): void {
  for (let i = 0, k = 0; i < m; i++) {
    const value = load<T>(x + bytes<T>(i));
    for (const end = at(starts, i + 1); k < end; k++) {
      const to = y + bytes<T>(at(units, k));
      store<T>(to, <T>(load<T>(to) + <T>(value * load<T>(weight<T>(w, place, k)))));
    }
  }
}

/** Adds a block of rows: to each of the m units of y, the units of x times their weights. y: (rows, m); x: (rows, n) */
function collect<T>(
  y: usize, x: usize, w: usize, starts: usize, units: usize, place: usize, rows: i32, m: i32, n: i32, room: usize
): void {
  const turned = align(room), sums = turned + <usize>n * BLOCK;
  turnRows<T>(turned, BLOCK, x, rows, n);
  turnRows<T>(sums, BLOCK, y, rows, m);
  let to = sums;
  for (let j = 0, k = 0; j < m; j++, to += BLOCK) {
    let s0 = v128.load(to), s1 = v128.load(to, 16), s2 = v128.load(to, 32), s3 = v128.load(to, 48);
    for (const end = at(starts, j + 1); k < end; k++) {
      const from = turned + <usize>at(units, k) * BLOCK, each = v128.load_splat<T>(weight<T>(w, place, k));
      s0 = grow<T>(s0, each, v128.load(from));
      s1 = grow<T>(s1, each, v128.load(from, 16));
      s2 = grow<T>(s2, each, v128.load(from, 32));
      s3 = grow<T>(s3, each, v128.load(from, 48));
    }
    v128.store(to, s0);
    v128.store(to, s1, 16);
    v128.store(to, s2, 32);
    v128.store(to, s3, 48);
  }
  turnBack<T>(y, sums, rows, m);
}

/** Returns the first address of a line in a workspace. */
@inline
function align(room: usize): usize {
  return (room + OUTER_BLOCK - 1) & ~(OUTER_BLOCK - 1);
}

/** Turns rows to a block. The places of missing rows have any numbers. to: (units, `step` bytes); x: (rows, units) */
function turnRows<T>(to: usize, step: usize, x: usize, rows: i32, units: i32): void {
  for (; rows > 0; rows -= 4, to += bytes<T>(4), x += bytes<T>(4 * units)) {
    turn<T>(to, step, x, rows, units, bytes<T>(units));
  }
}

/** Turns a block back to rows. y: (rows, units); from: (units, BLOCK bytes) */
function turnBack<T>(y: usize, from: usize, rows: i32, units: i32): void {
  const width = bytes<T>(units), end = y + width;
  for (; y + bytes<T>(4) <= end; y += bytes<T>(4), from += 4 * BLOCK) turn<T>(y, width, from, 4, rows, BLOCK);
  for (; y < end; y += sizeof<T>(), from += BLOCK) {
    for (let r = 0; r < rows; r++) store<T>(y + width * r, load<T>(from + bytes<T>(r)));
  }
}

/** Computes out += Σ over rows of x · d for each connection, or from +0 if `fresh`. out: (count); x, d: as above */
export function sparseOuter<T>(p: Pattern, out: usize, x: usize, d: usize, rows: i32, fresh: bool, room: usize): void {
  while (rows > 0) {
    const taken = min(rows, <i32>(OUTER_BLOCK / sizeof<T>()));
    if (taken == 1) outerRow<T>(p, out, x, d, fresh);
    else outerRows<T>(p, out, x, d, taken, fresh, room);
    x += bytes<T>(taken * p.sources);
    d += bytes<T>(taken * p.targets);
    rows -= taken;
    fresh = false;
  }
}

/** Adds the products of one row. */
function outerRow<T>(p: Pattern, out: usize, x: usize, d: usize, fresh: bool): void {
  for (let i = 0, k = 0; i < p.sources; i++) {
    const value = load<T>(x + bytes<T>(i));
    for (const end = at(p.starts, i + 1); k < end; k++) {
      const to = out + bytes<T>(k);
      store<T>(to, <T>((fresh ? <T>0 : load<T>(to)) + <T>(value * load<T>(d + bytes<T>(at(p.to, k))))));
    }
  }
}

/**
 * Adds the products of a block of rows: a vector of connections at a time. The products of some rows of each connection are
 * turned to the products of all in one row, which are added row by row. Missing rows add +0, which changes no sum from +0.
 */
function outerRows<T>(p: Pattern, out: usize, x: usize, d: usize, rows: i32, fresh: bool, room: usize): void {
  const xs = align(room), ds = xs + <usize>p.sources * OUTER_BLOCK;
  turnRows<T>(xs, OUTER_BLOCK, x, rows, p.sources);
  turnRows<T>(ds, OUTER_BLOCK, d, rows, p.targets);
  clear<T>(xs, rows, p.sources + p.targets);
  const width = bytes<T>((rows + lanes<T>() - 1) & -lanes<T>());
  for (let i = 0, k = 0, from = xs; i < p.sources; i++, from += OUTER_BLOCK) {
    const end = at(p.starts, i + 1), last = end - 1;
    for (; k < end; k += lanes<T>()) {
      // Lanes behind the source's last connection repeat it.
      const d0 = ds + OUTER_BLOCK * at(p.to, k), d1 = ds + OUTER_BLOCK * at(p.to, min(k + 1, last));
      const to = out + bytes<T>(k);
      let sum = fresh ? v128.splat<T>(0) : v128.load(to), r: usize = 0;
      if (sizeof<T>() == 8) {
        do {
          const v = v128.load(from + r), p0 = v128.mul<T>(v, v128.load(d0 + r)), p1 = v128.mul<T>(v, v128.load(d1 + r));
          sum = v128.add<T>(sum, v128.shuffle<f64>(p0, p1, 0, 2));
          sum = v128.add<T>(sum, v128.shuffle<f64>(p0, p1, 1, 3));
          r += 16;
        } while (r < width);
      } else {
        const d2 = ds + OUTER_BLOCK * at(p.to, min(k + 2, last)), d3 = ds + OUTER_BLOCK * at(p.to, min(k + 3, last));
        do {
          const v = v128.load(from + r);
          const p0 = v128.mul<T>(v, v128.load(d0 + r)), p1 = v128.mul<T>(v, v128.load(d1 + r));
          const p2 = v128.mul<T>(v, v128.load(d2 + r)), p3 = v128.mul<T>(v, v128.load(d3 + r));
          const low01 = v128.shuffle<f32>(p0, p1, 0, 4, 1, 5), high01 = v128.shuffle<f32>(p0, p1, 2, 6, 3, 7);
          const low23 = v128.shuffle<f32>(p2, p3, 0, 4, 1, 5), high23 = v128.shuffle<f32>(p2, p3, 2, 6, 3, 7);
          sum = v128.add<T>(sum, v128.shuffle<f64>(low01, low23, 0, 2));
          sum = v128.add<T>(sum, v128.shuffle<f64>(low01, low23, 1, 3));
          sum = v128.add<T>(sum, v128.shuffle<f64>(high01, high23, 0, 2));
          sum = v128.add<T>(sum, v128.shuffle<f64>(high01, high23, 1, 3));
          r += 16;
        } while (r < width);
      }
      put<T>(to, sum, end - k);
    }
    k = end;
  }
}

/** Writes zeros to the places of missing rows in the last vector of each unit. block: (units, OUTER_BLOCK bytes) */
function clear<T>(block: usize, rows: i32, units: i32): void {
  for (; rows & (lanes<T>() - 1); rows++) {
    for (let i = 0; i < units; i++) store<T>(block + bytes<T>(rows) + OUTER_BLOCK * i, 0);
  }
}
