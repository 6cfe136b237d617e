// One row by a matrix, and one value of k. Nothing is used twice, so nothing is packed. B is read in long runs, and C as seldom
// as registers allow.
import { lanes, storePart } from "./part";
import { grow, loadPart, VECTOR } from "./tile";

/** Computes C(columns) += a(inner) · B(inner, columns) */
export function row<T>(c: usize, a: usize, b: usize, inner: i32, columns: i32): void {
  const full = lanes<T>();
  const bRow = <usize>columns * sizeof<T>();
  if (columns >= 8 * full && inner >= 4) {
    const across = columns & ~(2 * full - 1);
    stream<T>(c, a, b, inner, across, bRow);
    const done = <usize>across * sizeof<T>();
    c += done;
    b += done;
    columns -= across;
  }
  // Few columns stay in registers through all of k. Five and six vectors go as halves, since one vector alone waits for its sums.
  while (columns > 4 * full) {
    const wide = columns > 6 * full ? 4 : 3;
    if (wide == 4) strip<T>(4, c, a, b, inner, bRow, 0);
    else strip<T>(3, c, a, b, inner, bRow, 0);
    c += <usize>wide * VECTOR;
    b += <usize>wide * VECTOR;
    columns -= wide * full;
  }
  const part = columns & (full - 1);
  if (columns > 3 * full) strip<T>(4, c, a, b, inner, bRow, part);
  else if (columns > 2 * full) strip<T>(3, c, a, b, inner, bRow, part);
  else if (columns > full) strip<T>(2, c, a, b, inner, bRow, part);
  else if (columns > 0) strip<T>(1, c, a, b, inner, bRow, part);
}

/**
 * Computes `across` columns, a multiple of two vectors. It takes four rows of B at a time, two vectors of each. So C is read
 * and written once for four values of k. More rows or vectors at a time were slower.
 */
function stream<T>(c: usize, a: usize, b: usize, inner: i32, across: i32, bRow: usize): void {
  const end = c + <usize>across * sizeof<T>();
  const second = bRow, third = bRow + bRow, fourth = third + bRow;
  for (; inner >= 4; inner -= 4) {
    const x0 = v128.load_splat<T>(a), x1 = v128.load_splat<T>(a, sizeof<T>());
    const x2 = v128.load_splat<T>(a, 2 * sizeof<T>()), x3 = v128.load_splat<T>(a, 3 * sizeof<T>());
    let from = b;
    for (let to = c; to < end; to += 32) {
      let s0 = v128.load(to), s1 = v128.load(to, 16);
      s0 = grow<T>(s0, x0, v128.load(from));
      s1 = grow<T>(s1, x0, v128.load(from, 16));
      s0 = grow<T>(s0, x1, v128.load(from + second));
      s1 = grow<T>(s1, x1, v128.load(from + second, 16));
      s0 = grow<T>(s0, x2, v128.load(from + third));
      s1 = grow<T>(s1, x2, v128.load(from + third, 16));
      s0 = grow<T>(s0, x3, v128.load(from + fourth));
      s1 = grow<T>(s1, x3, v128.load(from + fourth, 16));
      v128.store(to, s0);
      v128.store(to, s1, 16);
      from += 32;
    }
    a += 4 * sizeof<T>();
    b += fourth + bRow;
  }
  for (; inner > 0; inner--) {
    rankOne<T>(c, a, b, 1, across, false);
    a += sizeof<T>();
    b += bRow;
  }
}

/** Computes `wide` vectors of columns, a constant where this is inlined. If part > 0, the last vector has `part` lanes of C. */
@inline
function strip<T>(wide: i32, c: usize, a: usize, b: usize, inner: i32, bRow: usize, part: i32): void {
  const zero = i64x2.splat(0);
  const last = c + <usize>(wide - 1) * VECTOR;
  let s0 = wide > 1 ? v128.load(c) : zero;
  let s1 = wide > 2 ? v128.load(c, 16) : zero;
  let s2 = wide > 3 ? v128.load(c, 32) : zero;
  let s3 = part ? loadPart<T>(last, part) : v128.load(last);
  for (const end = a + <usize>inner * sizeof<T>(); a < end; a += sizeof<T>()) {
    const x = v128.load_splat<T>(a);
    if (wide > 1) s0 = grow<T>(s0, x, v128.load(b));
    if (wide > 2) s1 = grow<T>(s1, x, v128.load(b, 16));
    if (wide > 3) s2 = grow<T>(s2, x, v128.load(b, 32));
    s3 = grow<T>(s3, x, v128.load(b + <usize>(wide - 1) * VECTOR));
    b += bRow;
  }
  if (wide > 1) v128.store(c, s0);
  if (wide > 2) v128.store(c, s1, 16);
  if (wide > 3) v128.store(c, s2, 32);
  if (part) storePart<T>(last, s3, part);
  else v128.store(last, s3);
}

/** Computes C(rows, columns) += a(rows) · b(columns), the product for one value of k; `fresh` sums from +0. */
export function rankOne<T>(c: usize, a: usize, b: usize, rows: i32, columns: i32, fresh: bool): void {
  if (columns == 1) {
    // One column of C is contiguous: a and b change places.
    const column = a;
    a = b;
    b = column;
    columns = rows;
    rows = 1;
  }
  const width = <usize>columns * sizeof<T>();
  const whole = width & ~(VECTOR - 1);
  for (const end = a + <usize>rows * sizeof<T>(); a < end; a += sizeof<T>()) {
    const x = v128.load_splat<T>(a);
    // +0 is added if `fresh` too: it makes a product of −0 a +0, as in the other paths.
    if (fresh) {
      for (let j: usize = 0; j < whole; j += VECTOR) v128.store(c + j, grow<T>(i64x2.splat(0), x, v128.load(b + j)));
    } else {
      for (let j: usize = 0; j < whole; j += VECTOR) v128.store(c + j, grow<T>(v128.load(c + j), x, v128.load(b + j)));
    }
    for (let j = whole; j < width; j += sizeof<T>()) {
      store<T>(c + j, <T>((fresh ? <T>0 : load<T>(c + j)) + <T>(load<T>(a) * load<T>(b + j))));
    }
    c += width;
  }
}
