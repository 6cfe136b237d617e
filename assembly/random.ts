// Philox 4x32-10, a generator that is a function of a key and a counter: a draw needs no earlier draws. So a synapse's weights
// depend on the seed and its index only, and the state of a stream is one number.
// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.

import { Stream } from "./abi";
import { log } from "./lane/log";
import { sine } from "./lane/sine";

let word0: u32 = 0;
let word1: u32 = 0;
let word2: u32 = 0;
let word3: u32 = 0;

/** Computes four random words, which `word` returns, by ten rounds over the counter (c0, c1, c2, c3) with the key (k0, k1). */
export function philox(c0: u32, c1: u32, c2: u32, c3: u32, k0: u32, k1: u32): void {
  for (let round = 0; round < 10; round++) {
    const p0 = 0xd2511f53 * <u64>c0;
    const p1 = 0xcd9e8d57 * <u64>c2;
    c0 = <u32>(p1 >> 32) ^ c1 ^ k0;
    c1 = <u32>p1;
    c2 = <u32>(p0 >> 32) ^ c3 ^ k1;
    c3 = <u32>p0;
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  word0 = c0;
  word1 = c1;
  word2 = c2;
  word3 = c3;
}

/** Returns one of the four words of the last `philox`. */
export function word(index: u32): u32 {
  return index == 0 ? word0 : index == 1 ? word1 : index == 2 ? word2 : word3;
}

let lanes0 = i32x4.splat(0);
let lanes1 = i32x4.splat(0);
let lanes2 = i32x4.splat(0);
let lanes3 = i32x4.splat(0);

/** Returns the high words of the products of even and of odd lanes. */
@inline
function upper(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(low, high, 1, 3, 5, 7);
}

/** Returns the low words of the products of even and of odd lanes. */
@inline
function lower(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(low, high, 0, 2, 4, 6);
}

/** Computes `philox` for the four counters (c0 + lane, c1, c2, c3). `wordLanes` returns the words, a vector each. */
export function philoxLanes(c0: u32, c1: u32, c2: u32, c3: u32, k0: u32, k1: u32): void {
  let a = i32x4.add(i32x4.splat(c0), i32x4(0, 1, 2, 3));
  let b = i32x4.splat(c1);
  let c = i32x4.splat(c2);
  let d = i32x4.splat(c3);
  const m0 = i32x4.splat(0xd2511f53), m1 = i32x4.splat(0xcd9e8d57);
  for (let round = 0; round < 10; round++) {
    const low0 = i64x2.extmul_low_i32x4_u(a, m0), high0 = i64x2.extmul_high_i32x4_u(a, m0);
    const low1 = i64x2.extmul_low_i32x4_u(c, m1), high1 = i64x2.extmul_high_i32x4_u(c, m1);
    a = v128.xor(v128.xor(upper(low1, high1), b), i32x4.splat(k0));
    b = lower(low1, high1);
    c = v128.xor(v128.xor(upper(low0, high0), d), i32x4.splat(k1));
    d = lower(low0, high0);
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  lanes0 = a;
  lanes1 = b;
  lanes2 = c;
  lanes3 = d;
}

/** Returns one of the four vectors of the last `philoxLanes`. */
export function wordLanes(index: u32): v128 {
  return index == 0 ? lanes0 : index == 1 ? lanes1 : index == 2 ? lanes2 : lanes3;
}

/** Returns the leading 52 of 64 random bits with a one behind them: odd, below 2^53, and so exact. */
@inline
function odd(high: u32, low: u32): f64 {
  return <f64>(((((<u64>high << 32) | low) >> 12) << 1) | 1);
}

/**
 * Returns a number uniform in (-1, 1): an odd multiple of 2^-52 (float32: of 2^-22, from the same leading bits) less 1. It is
 * exact, and so neither -1, nor 0, nor 1.
 */
@inline
function symmetric<T>(high: u32, low: u32): T {
  if (sizeof<T>() == 8) return <T>(odd(high, low) * 2.220446049250313e-16 - 1);
  return <T>(<f32>(((high >> 10) << 1) | 1) * <f32>2.384185791015625e-7 - 1);
}

/**
 * Draws numbers uniform in (low, high), from the weight stream of `seed` at the synapse `index`. If rounding reaches an end, the
 * middle takes its place, so that neither end occurs. values: (count); reaches: float64 (count), for each number the end
 * `high` of a draw around 0, or 0 for the same ends for all
 */
export function uniform<T>(
  values: usize, count: i32, seed: u32, index: u32, low: f64, high: f64, reaches: usize = 0,
): void {
  for (let i = 0; i < count; i++) {
    if (reaches) high = load<f64>(reaches + ((<usize>i) << 3));
    if (reaches) low = -high;
    const middle = <T>(low / 2 + high / 2), reach = <T>(high / 2 - low / 2);
    const second = i & 1;
    if (!second) philox(i >>> 1, 0, index, 0, seed, Stream.weights);
    const drawn = second ? symmetric<T>(word2, word3) : symmetric<T>(word0, word1);
    const value = <T>(middle + <T>(reach * drawn));
    store<T>(values + (<usize>i) * sizeof<T>(), <f64>value > low && <f64>value < high ? value : middle);
  }
}

/**
 * Draws normal numbers with a mean and a standard deviation, from the same stream, in float64 first. values: (count); reaches:
 * float64 (count), the deviation of each number, or 0 for the same for all
 */
export function normal<T>(
  values: usize, count: i32, seed: u32, index: u32, mean: f64, deviation: f64, reaches: usize = 0,
): void {
  for (let i = 0; i < count; i++) {
    if (!(i & 1)) pair(i >>> 1, seed, index);
    if (reaches) deviation = load<f64>(reaches + ((<usize>i) << 3));
    store<T>(values + (<usize>i) * sizeof<T>(), <T>(mean + deviation * (i & 1 ? second : first)));
  }
}

let first: f64 = 0;
let second: f64 = 0;

/**
 * Draws two standard normal numbers into `first` and `second`, from two uniform in (0, 1), which are odd multiples of 2^-53.
 * They are √(-2 ln u) times the cosine and the sine of 2π v, at most 8.6. Box and Muller, "A note on the generation of random
 * normal deviates", 1958.
 */
function pair(block: u32, seed: u32, index: u32): void {
  philox(block, 0, index, 0, seed, Stream.weights);
  const u = odd(word0, word1) * 1.1102230246251565e-16, v = odd(word2, word3) * 1.1102230246251565e-16;
  const radius = f64x2.sqrt(f64x2.mul(f64x2.splat(-2), log<f64>(f64x2.splat(u))));
  const turned = sine<f64>(f64x2.mul(f64x2(v + 0.25, v), f64x2.splat(6.283185307179586)));
  const both = f64x2.mul(radius, turned);
  first = f64x2.extract_lane(both, 0);
  second = f64x2.extract_lane(both, 1);
}

/**
 * Puts 0 ... count-1 into `order` (u32) in random order: the shuffle number `index` of `seed`, by Fisher and Yates. A draw
 * below n is the high word of n times a random word. It is drawn again if it would favour some numbers (Lemire, "Fast random
 * integer generation in an interval", 2019).
 */
export function shuffle(order: usize, count: u32, seed: u32, index: u32): void {
  for (let i: u32 = 0; i < count; i++) store<u32>(order + ((<usize>i) << 2), i);
  let drawn: u32 = 0;
  for (let n = count; n > 1; n--) {
    const threshold: u32 = (0 - n) % n;
    let product: u64;
    do {
      if ((drawn & 3) == 0) philox(drawn >>> 2, 0, index, 0, seed, Stream.shuffle);
      product = <u64>n * word(drawn & 3);
      drawn++;
    } while (<u32>product < threshold);
    const a = order + ((<usize>n - 1) << 2);
    const b = order + (<usize>(product >> 32) << 2);
    const kept = load<u32>(a);
    store<u32>(a, load<u32>(b));
    store<u32>(b, kept);
  }
}

/** Draws numbers uniform in (0, 1) for a random pattern: the stream of the synapse at `index`. values: float64 (count) */
export function draws(values: usize, count: i32, seed: u32, index: u32): void {
  for (let i = 0; i < count; i++) {
    if (!(i & 1)) philox(i >>> 1, 0, index, 0, seed, Stream.patterns);
    const bits = i & 1 ? odd(word2, word3) : odd(word0, word1);
    store<f64>(values + ((<usize>i) << 3), bits * 1.1102230246251565e-16);
  }
}
