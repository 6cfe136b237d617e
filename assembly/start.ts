// The initial weights of a synapse. They depend on the seed and the synapse's index only, and in float32 they have the leading
// bits of float64.

import { Start } from "./abi";
import { dots } from "./kernel/dots";
import { zero } from "./kernel/map";
import { bytes } from "./kernel/part";
import { row } from "./kernel/row";
import { normal, uniform } from "./random";

/**
 * Draws the weights of a synapse. values: (from, to); room: workspace of `orthonormal`, or where `each` is not 0 the reach of
 * each weight
 */
export function draw<T>(
  way: Start, values: usize, from: i32, to: i32, seed: u32, index: u32, a: f64, b: f64, room: usize, each: i32,
): void {
  const reaches = each ? room : 0;
  if (way == Start.uniform) uniform<T>(values, from * to, seed, index, a, b, reaches);
  else if (way == Start.normal) normal<T>(values, from * to, seed, index, a, b, reaches);
  else orthogonal<T>(values, from, to, seed, index, a, room);
}

/** Draws orthonormal columns, or rows if there are fewer rows, times `gain`. values: (from, to); room: as in `orthonormal` */
function orthogonal<T>(values: usize, from: i32, to: i32, seed: u32, index: u32, gain: f64, room: usize): void {
  const wide = from < to;
  orthonormal(room, wide ? from : to, wide ? to : from, seed, index);
  for (let i = 0; i < from; i++) {
    for (let j = 0; j < to; j++, values += sizeof<T>()) {
      store<T>(values, <T>(gain * load<f64>(room + bytes<f64>(wide ? i * to + j : j * from + i))));
    }
  }
}

/**
 * Draws orthonormal vectors: the factor Q of normal numbers, with R's diagonal positive. Q is uniform over all such matrices.
 * (Saxe, McClelland, Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks", 2014;
 * Mezzadri, "How to generate random matrices from the classical compact groups", 2007.) Gram and Schmidt's method, applied
 * twice to each vector, makes it orthogonal to the others to within rounding. (Giraud, Langou, Rozložník, van den Eshof,
 * "Rounding error analysis of the classical Gram-Schmidt orthogonalization process", 2005.)
 *
 * room: (fewer, more) and (fewer) numbers, where `fewer` is the smaller of the two sizes and `more` the larger
 */
function orthonormal(room: usize, fewer: i32, more: i32, seed: u32, index: u32): void {
  const parts = room + bytes<f64>(fewer * more);
  normal<f64>(room, fewer * more, seed, index, 0, 1);
  for (let i = 0, vector = room; i < fewer; i++, vector += bytes<f64>(more)) {
    for (let twice = 0; twice < 2; twice++) {
      onto(parts, vector, room, i, more);
      scale(parts, i, -1);
      row<f64>(vector, parts, room, i, more);
    }
    onto(parts, vector, vector, 1, more);
    scale(vector, more, 1 / sqrt<f64>(load<f64>(parts)));
  }
}

/** Computes the products of a vector with others. parts: (count); vector: (n); others: (count, n) */
function onto(parts: usize, vector: usize, others: usize, count: i32, n: i32): void {
  zero<f64>(parts, count);
  dots<f64>(parts, vector, others, n, count);
}

/** Multiplies numbers by a factor. x: (count) */
function scale(x: usize, count: i32, factor: f64): void {
  for (const end = x + bytes<f64>(count); x < end; x += 8) store<f64>(x, factor * load<f64>(x));
}
