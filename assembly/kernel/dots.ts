// One row by a transposed matrix: sums along rows of B. Lanes must run along columns nevertheless, so eight rows of B are read
// side by side and transposed in registers.
import { lanes, storePart } from "./part";
import { grow, loadPart } from "./tile";

/** Computes C(columns) += a(inner) · B(columns, inner)ᵀ */
export function dots<T>(c: usize, a: usize, b: usize, inner: i32, columns: i32): void {
  const bRow = <usize>inner * sizeof<T>();
  // For few products the registers of eight columns would cost more than the sums.
  const alone = columns * inner <= 16 ? columns : 1;
  for (; columns > alone; columns -= 8) {
    eight<T>(c, a, b, inner, min(columns, 8), bRow);
    c += 8 * sizeof<T>();
    b += bRow * 8;
  }
  for (; columns > 0; columns--) {
    store<T>(c, dot<T>(load<T>(c), a, b, inner));
    c += sizeof<T>();
    b += bRow;
  }
}

/**
 * Computes the products of `dots` for `inner` of whole lanes, in other bits. Each lane has its own sum, and the sums of lanes
 * are joined in pairs. It saves the transposing, which takes most of the time of `dots`. Only for sums that no other path
 * computes.
 */
export function dotsInLanes<T>(c: usize, a: usize, b: usize, inner: i32, columns: i32): void {
  const bRow = <usize>inner * sizeof<T>();
  const end = a + bRow;
  for (; columns >= 8; columns -= 8, c += 8 * sizeof<T>(), b += 7 * bRow) {
    let s0 = i64x2.splat(0), s1 = i64x2.splat(0), s2 = i64x2.splat(0), s3 = i64x2.splat(0);
    let s4 = i64x2.splat(0), s5 = i64x2.splat(0), s6 = i64x2.splat(0), s7 = i64x2.splat(0);
    for (let at = a; at < end; at += 16, b += 16) {
      const x = v128.load(at), far = b + 4 * bRow;
      s0 = grow<T>(s0, x, v128.load(b));
      s1 = grow<T>(s1, x, v128.load(b + bRow));
      s2 = grow<T>(s2, x, v128.load(b + 2 * bRow));
      s3 = grow<T>(s3, x, v128.load(b + 3 * bRow));
      s4 = grow<T>(s4, x, v128.load(far));
      s5 = grow<T>(s5, x, v128.load(far + bRow));
      s6 = grow<T>(s6, x, v128.load(far + 2 * bRow));
      s7 = grow<T>(s7, x, v128.load(far + 3 * bRow));
    }
    if (sizeof<T>() == 8) {
      v128.store(c, f64x2.add(v128.load(c), halves(s0, s1)));
      v128.store(c, f64x2.add(v128.load(c, 16), halves(s2, s3)), 16);
      v128.store(c, f64x2.add(v128.load(c, 32), halves(s4, s5)), 32);
      v128.store(c, f64x2.add(v128.load(c, 48), halves(s6, s7)), 48);
    } else {
      v128.store(c, f32x4.add(v128.load(c), quarters(s0, s1, s2, s3)));
      v128.store(c, f32x4.add(v128.load(c, 16), quarters(s4, s5, s6, s7)), 16);
    }
  }
  if (columns > 0) dots<T>(c, a, b, inner, columns);
}

/** Returns the sums of two vectors' lanes. */
@inline
function halves(a: v128, b: v128): v128 {
  return f64x2.add(v128.shuffle<f64>(a, b, 0, 2), v128.shuffle<f64>(a, b, 1, 3));
}

/** Returns the sums of four vectors' lanes. */
@inline
function quarters(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f64>(ab, cd, 0, 2), v128.shuffle<f64>(ab, cd, 1, 3));
}

/** Returns a sum with the products of two rows added in order. */
@inline
function dot<T>(sum: T, a: usize, b: usize, inner: i32): T {
  for (const end = a + <usize>inner * sizeof<T>(); a < end; a += sizeof<T>()) {
    sum = <T>(sum + <T>(load<T>(a) * load<T>(b)));
    b += sizeof<T>();
  }
  return sum;
}

/** Computes `columns` columns of C, 1 < columns ≤ 8. Lanes beyond the last column repeat it and are not stored. */
function eight<T>(c: usize, a: usize, b0: usize, inner: i32, columns: i32, bRow: usize): void {
  const b1 = b0 + bRow;
  const b2 = columns > 2 ? b1 + bRow : b1, b3 = columns > 3 ? b2 + bRow : b2, b4 = columns > 4 ? b3 + bRow : b3;
  const b5 = columns > 5 ? b4 + bRow : b4, b6 = columns > 6 ? b5 + bRow : b5, b7 = columns > 7 ? b6 + bRow : b6;
  const whole = columns == 8; // usually: no lane is looked at
  let s0 = whole ? v128.load(c) : take<T>(c, columns);
  let s1 = whole ? v128.load(c, 16) : take<T>(c + 16, columns - lanes<T>());
  let k: usize = 0;
  if (sizeof<T>() == 8) {
    let s2 = whole ? v128.load(c, 32) : take<T>(c + 32, columns - 4);
    let s3 = whole ? v128.load(c, 48) : take<T>(c + 48, columns - 6);
    for (; k + 16 <= bRow; k += 16) {
      const xs = v128.load(a + k);
      const x = v128.shuffle<f64>(xs, xs, 0, 0), y = v128.shuffle<f64>(xs, xs, 1, 1);
      const r0 = v128.load(b0 + k), r1 = v128.load(b1 + k), r2 = v128.load(b2 + k), r3 = v128.load(b3 + k);
      const r4 = v128.load(b4 + k), r5 = v128.load(b5 + k), r6 = v128.load(b6 + k), r7 = v128.load(b7 + k);
      s0 = grow<T>(s0, x, v128.shuffle<f64>(r0, r1, 0, 2));
      s1 = grow<T>(s1, x, v128.shuffle<f64>(r2, r3, 0, 2));
      s2 = grow<T>(s2, x, v128.shuffle<f64>(r4, r5, 0, 2));
      s3 = grow<T>(s3, x, v128.shuffle<f64>(r6, r7, 0, 2));
      s0 = grow<T>(s0, y, v128.shuffle<f64>(r0, r1, 1, 3));
      s1 = grow<T>(s1, y, v128.shuffle<f64>(r2, r3, 1, 3));
      s2 = grow<T>(s2, y, v128.shuffle<f64>(r4, r5, 1, 3));
      s3 = grow<T>(s3, y, v128.shuffle<f64>(r6, r7, 1, 3));
    }
    if (k < bRow) {
      const x = v128.load_splat<T>(a + k);
      s0 = grow<T>(s0, x, v128.load_lane<T>(b1 + k, v128.load64_zero(b0 + k), 1));
      s1 = grow<T>(s1, x, v128.load_lane<T>(b3 + k, v128.load64_zero(b2 + k), 1));
      s2 = grow<T>(s2, x, v128.load_lane<T>(b5 + k, v128.load64_zero(b4 + k), 1));
      s3 = grow<T>(s3, x, v128.load_lane<T>(b7 + k, v128.load64_zero(b6 + k), 1));
    }
    if (whole) {
      v128.store(c, s2, 32);
      v128.store(c, s3, 48);
    } else {
      give<T>(c + 32, s2, columns - 4);
      give<T>(c + 48, s3, columns - 6);
    }
  } else {
    for (; k + 16 <= bRow; k += 16) {
      // One load and four shuffles, not four loads: V8 puts loads first, and more of them would spill registers.
      const xs = v128.load(a + k);
      const r0 = v128.load(b0 + k), r1 = v128.load(b1 + k), r2 = v128.load(b2 + k), r3 = v128.load(b3 + k);
      const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      const r4 = v128.load(b4 + k), r5 = v128.load(b5 + k), r6 = v128.load(b6 + k), r7 = v128.load(b7 + k);
      const low45 = v128.shuffle<f32>(r4, r5, 0, 4, 1, 5), high45 = v128.shuffle<f32>(r4, r5, 2, 6, 3, 7);
      const low67 = v128.shuffle<f32>(r6, r7, 0, 4, 1, 5), high67 = v128.shuffle<f32>(r6, r7, 2, 6, 3, 7);
      const x = v128.shuffle<f32>(xs, xs, 0, 0, 0, 0);
      s0 = grow<T>(s0, x, v128.shuffle<f64>(low01, low23, 0, 2));
      s1 = grow<T>(s1, x, v128.shuffle<f64>(low45, low67, 0, 2));
      const y = v128.shuffle<f32>(xs, xs, 1, 1, 1, 1);
      s0 = grow<T>(s0, y, v128.shuffle<f64>(low01, low23, 1, 3));
      s1 = grow<T>(s1, y, v128.shuffle<f64>(low45, low67, 1, 3));
      const z = v128.shuffle<f32>(xs, xs, 2, 2, 2, 2);
      s0 = grow<T>(s0, z, v128.shuffle<f64>(high01, high23, 0, 2));
      s1 = grow<T>(s1, z, v128.shuffle<f64>(high45, high67, 0, 2));
      const w = v128.shuffle<f32>(xs, xs, 3, 3, 3, 3);
      s0 = grow<T>(s0, w, v128.shuffle<f64>(high01, high23, 1, 3));
      s1 = grow<T>(s1, w, v128.shuffle<f64>(high45, high67, 1, 3));
    }
    for (; k < bRow; k += 4) {
      const x = v128.load_splat<T>(a + k);
      s0 = grow<T>(s0, x, gather<T>(b0 + k, b1 + k, b2 + k, b3 + k));
      s1 = grow<T>(s1, x, gather<T>(b4 + k, b5 + k, b6 + k, b7 + k));
    }
  }
  if (whole) {
    v128.store(c, s0);
    v128.store(c, s1, 16);
  } else {
    give<T>(c, s0, columns);
    give<T>(c + 16, s1, columns - lanes<T>());
  }
}

/** Returns a vector of four numbers. */
@inline
function gather<T>(b0: usize, b1: usize, b2: usize, b3: usize): v128 {
  return v128.load_lane<T>(b3, v128.load_lane<T>(b2, v128.load_lane<T>(b1, v128.load32_zero(b0), 1), 2), 3);
}

/** Loads the first `count` lanes of C: all lanes for more, and none for less than 1. */
function take<T>(c: usize, count: i32): v128 {
  if (count >= lanes<T>()) return v128.load(c);
  return count > 0 ? loadPart<T>(c, count) : i64x2.splat(0);
}

/** Stores the first `count` lanes of C. */
function give<T>(c: usize, sum: v128, count: i32): void {
  if (count >= lanes<T>()) v128.store(c, sum);
  else if (count > 0) storePart<T>(c, sum, count);
}
