// The optimizers: a step of some parameters. Plain descent comes first; it needs no moments. Its step stores the old parameters
// in the place of their gradients (`kept`), and if a new one is not finite, all are restored. `bad` is 0 until the first number
// that is not finite makes it NaN. Then come the factors that the other optimizers share within a pass.

import { OptimizerKind } from "../abi";
import { bytes, lanes, mask, put, storePart } from "../kernel/part";
import { grow } from "../kernel/tile";
import { power } from "./schedule";
import { BETA1, BETA2, DECAY, EPSILON, FRESH, HELD, KEEP, CLIP, REST1, REST2, SHRINK, factors, sweep } from "./sweep";

/** Plain descent: p - rate · g */
@unmanaged @final
export class Sgd {
  @inline value<T>(p: v128, g: v128, rate: v128): v128 { return v128.sub<T>(p, v128.mul<T>(rate, g)); }
}

/** Makes a step for a run of parameters. Returns whether all stay finite. p, g: (count), padded with zeros to whole lanes */
export function step<T>(p: usize, g: usize, count: i32, rate: f64): bool {
  const rates = v128.splat<T>(<T>rate);
  let bad = v128.splat<T>(0);
  for (const end = p + bytes<T>(count); p < end; p += 16, g += 16) {
    const old = v128.load(p);
    const next = changetype<Sgd>(0).value<T>(old, v128.load(g), rates);
    v128.store(p, next);
    v128.store(g, old);
    bad = v128.add<T>(bad, v128.mul<T>(next, v128.splat<T>(0)));
  }
  return !v128.any_true(v128.ne<T>(bad, bad));
}

/** Makes a step of plain descent that is sure to stay finite: p - rate · g. p, g: (count) */
export function subtractScaled<T>(p: usize, g: usize, count: i32, rate: f64): void {
  const rates = v128.splat<T>(<T>rate);
  for (let left = count; left > 0; left -= lanes<T>(), p += 16, g += 16) {
    put<T>(p, changetype<Sgd>(0).value<T>(v128.load(p), v128.load(g), rates), left);
  }
}

/** Makes the step of a bias by the delta of one sample. The padding keeps its numbers. p, delta: (n) */
@inline
export function stepBias<T>(p: usize, delta: usize, n: i32, rate: v128): void {
  for (; n >= lanes<T>(); n -= lanes<T>()) {
    v128.store(p, changetype<Sgd>(0).value<T>(v128.load(p), v128.load(delta), rate));
    p += 16;
    delta += 16;
  }
  // A whole vector, since a vector read of narrower stores waits for the cache.
  if (n) v128.store(p, changetype<Sgd>(0).value<T>(v128.load(p), v128.and(v128.load(delta), mask<T>(n)), rate));
}

/**
 * Makes the step of a matrix by xᵀ · d, the gradient of one sample, which is not stored. +0 is added, as in every sum.
 * p: (m, n); x: (m); d: (n)
 */
@inline
export function stepOuter<T>(p: usize, x: usize, d: usize, m: i32, n: i32, rate: v128): void {
  if (n == 1) return stepColumn<T>(p, x, d, m, rate);
  const part = n & (lanes<T>() - 1);
  const width = bytes<T>(n);
  let j: usize = 0;
  for (; j + 64 <= width; j += 64) strip<T>(4, p + j, x, d + j, m, width, rate);
  if (j + 32 <= width) {
    strip<T>(2, p + j, x, d + j, m, width, rate);
    j += 32;
  }
  if (j + 16 <= width) {
    strip<T>(1, p + j, x, d + j, m, width, rate);
    j += 16;
  }
  if (!part) return;
  const right = v128.load(d + j);
  p += j;
  for (const end = x + bytes<T>(m); x < end; x += sizeof<T>()) {
    storePart<T>(p, moved<T>(v128.load(p), v128.load_splat<T>(x), right, rate), part);
    p += width;
  }
}

/** Makes the step of one column, which is contiguous. p, x: (m) */
@inline
function stepColumn<T>(p: usize, x: usize, d: usize, m: i32, rate: v128): void {
  const v = v128.load_splat<T>(d);
  for (; m >= lanes<T>(); m -= lanes<T>()) {
    v128.store(p, moved<T>(v128.load(p), v128.load(x), v, rate));
    p += 16;
    x += 16;
  }
  if (m) v128.store(p, moved<T>(v128.load(p), v128.and(v128.load(x), mask<T>(m)), v, rate));
}

/** Returns a vector of weights after a step by x · d. */
@inline
export function moved<T>(p: v128, x: v128, d: v128, rate: v128): v128 {
  return changetype<Sgd>(0).value<T>(p, grow<T>(i64x2.splat(0), x, d), rate);
}

/** Makes the step of `wide` vectors of columns, a constant where this is inlined. Their deltas stay in registers. */
@inline
function strip<T>(wide: i32, p: usize, x: usize, d: usize, m: i32, width: usize, rate: v128): void {
  const none = i64x2.splat(0);
  const d0 = v128.load(d);
  const d1 = wide > 1 ? v128.load(d, 16) : none;
  const d2 = wide > 2 ? v128.load(d, 32) : none;
  const d3 = wide > 2 ? v128.load(d, 48) : none;
  for (const end = x + bytes<T>(m); x < end; x += sizeof<T>()) {
    const v = v128.load_splat<T>(x);
    v128.store(p, moved<T>(v128.load(p), v, d0, rate));
    if (wide > 1) v128.store(p, moved<T>(v128.load(p, 16), v, d1, rate), 16);
    if (wide > 2) v128.store(p, moved<T>(v128.load(p, 32), v, d2, rate), 32);
    if (wide > 2) v128.store(p, moved<T>(v128.load(p, 48), v, d3, rate), 48);
    p += width;
  }
}

/** Restores the parameters before a step. p, kept: (count) */
export function retract<T>(p: usize, kept: usize, count: i32): void {
  memory.copy(p, kept, bytes<T>(count));
}

/** An optimizer: `OptimizerWord`. */
@unmanaged @final
export class Optimizer {
  steps: f64;
  rate: f64;
  momentBound: f64;
  weightDecay: f64;
  clipNorm: f64;
  clipValue: f64;
  beta1: f64;
  beta2: f64;
  epsilon: f64;
  momentumDecay: f64;
  kind: OptimizerKind;
  flag: u32;
  plain: u32;
  mean: usize;
  square: usize;
  momentum: usize;
}

/** State of a block of parameters: `BlockWord`. */
@unmanaged @final
export class Block {
  steps: f64;
  product: f64;
}

/** Clips gradients, and adds weight decay that is not decoupled. p, g: (count) */
function ready<T>(p: usize, g: usize, count: i32): void {
  const most = v128.load(factors(), CLIP);
  for (const end = p + bytes<T>(count); p < end; p += 16, g += 16) {
    const shrunk = v128.mul<T>(v128.load(factors(), SHRINK), v128.load(g));
    const clipped = v128.pmin<T>(v128.pmax<T>(shrunk, v128.neg<T>(most)), most);
    v128.store(g, v128.add<T>(clipped, v128.mul<T>(v128.load(factors(), DECAY), v128.load(p))));
  }
}

/** nadam: the product of its momenta, including this step's. */
let product: f64 = 0;
/** Steps and product of the block that the factors were computed for. */
let known: f64 = -1, before: f64 = 0;
/** Whether `ready` changes gradients. */
let changes = false;

/** Returns the weight decay that is added to gradients; 0 if it is decoupled. */
export function coupled(o: Optimizer): f64 {
  return o.kind == OptimizerKind.adamw || o.kind == OptimizerKind.lion ? 0 : o.weightDecay;
}

/** Computes the factors that all steps of a pass share. shrink: factor that clips the norm of the gradients */
export function begin<T>(o: Optimizer, shrink: f64): void {
  known = -1;
  common(o, shrink);
  divide<T>(o.epsilon);
  splatAll<T>(factors(), 11);
}

/** Computes the factors of `begin` in float64. */
function common(o: Optimizer, shrink: f64): void {
  const decay = coupled(o);
  changes = shrink < 1 || o.clipValue < Infinity || decay > 0;
  store<f64>(factors(), o.beta1, BETA1);
  store<f64>(factors(), 1 - o.beta1, REST1);
  store<f64>(factors(), o.beta2, BETA2);
  store<f64>(factors(), o.kind == OptimizerKind.adagrad ? 1 : 1 - o.beta2, REST2);
  store<f64>(factors(), shrink, SHRINK);
  store<f64>(factors(), o.clipValue, CLIP);
  store<f64>(factors(), decay, DECAY);
  store<f64>(factors(), decay > 0 ? 1 : 1 - o.rate * o.weightDecay, KEEP); // decoupled, or 0
  store<f64>(factors(), o.flag ? o.rate : 0, FRESH);
  store<f64>(factors(), o.flag ? o.rate * o.beta1 : o.rate, HELD);
}

/** Sets the epsilon of divisors: never 0, or a parameter without a gradient would be 0 / 0. */
@inline
function divide<T>(epsilon: f64): void {
  store<f64>(factors(), max(epsilon, sizeof<T>() == 8 ? f64.MIN_VALUE : <f64>f32.MIN_VALUE), EPSILON);
}

/** Converts `count` float64, each at the start of a vector, to vectors with the number in every lane. */
function splatAll<T>(at: usize, count: i32): void {
  for (; count > 0; count--, at += 16) v128.store(at, v128.splat<T>(<T>load<f64>(at)));
}

/**
 * Computes the factors that correct the bias of moments towards 0 in the step t of a block: of dividend and divisor, by √v̂ /
 * √v.
 */
function unbias<T>(o: Optimizer, t: f64): void {
  const root = sqrt(1 - power(o.beta2, t));
  const rate = o.rate * root;
  let fresh: f64 = 0, held = rate / (1 - power(o.beta1, t));
  if (o.kind == OptimizerKind.nadam) {
    const now = o.beta1 * (1 - 0.5 * power(0.96, t * o.momentumDecay));
    const next = o.beta1 * (1 - 0.5 * power(0.96, (t + 1) * o.momentumDecay));
    product = (t == 1 ? 1 : before) * now;
    fresh = rate * (1 - now) / (1 - product);
    held = rate * next / (1 - product * next);
  }
  store<f64>(factors(), fresh, FRESH);
  store<f64>(factors(), held, HELD);
  divide<T>(o.epsilon * root);
}

/** Computes the factors of a block's step, unless the last block has the same. */
@inline
export function prepare<T>(o: Optimizer, block: Block): void {
  if (o.kind < OptimizerKind.adam || o.kind > OptimizerKind.nadam) return;
  if (block.steps == known && block.product == before) return;
  known = block.steps;
  before = block.product;
  unbias<T>(o, known + 1);
  splatAll<T>(factors() + FRESH, 3);
}

/** Makes a step of a block, or of a part of it. `count` then counts it. */
export function move<T>(
  o: Optimizer, block: Block, p: usize, g: usize, mean: usize, square: usize, momentum: usize, count: i32,
): void {
  prepare<T>(o, block);
  if (changes) ready<T>(p, g, count);
  sweep<T>(o.kind, p, g, mean, square, momentum, count);
}

/** Counts the step of a block that `move` made. */
@inline
export function count(o: Optimizer, block: Block): void {
  block.steps += 1;
  if (o.kind == OptimizerKind.nadam) block.product = product;
}

/** Returns the pointer of a moment, `distance` bytes from its parameters; 0 if the optimizer has no such moment. */
@inline
export function moment(p: usize, distance: usize): usize {
  return distance ? p + distance : 0;
}
