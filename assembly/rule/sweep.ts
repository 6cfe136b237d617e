// The sweeps of the optimizers over a block of parameters: p ← keep · p - step, where the step comes from the gradient and its
// moments. Formulas and defaults are PyTorch's (2.x), and for lion, which it lacks, its paper's. rule/optimizer.ts computes the
// factors.

import { OptimizerKind } from "../abi";
import { bytes } from "../kernel/part";
import { own } from "../own";

/** Factors of a step: vectors with one number in every lane. */
const PLACE = memory.data(11 * 16, 16);
/** The places of the factors. */
export const BETA1: usize = 0, REST1: usize = 16, BETA2: usize = 32, REST2: usize = 48, SHRINK: usize = 64;
export const CLIP: usize = 80, DECAY: usize = 96, KEEP: usize = 112;
/**
 * The rate times the gradient's share of a step, the rate times its moment's share, and the epsilon in the second moment's
 * root.
 */
export const FRESH: usize = 128, HELD: usize = 144, EPSILON: usize = 160;

/** Returns the address of the factors. */
@inline
export function factors(): usize {
  return own(PLACE);
}

/** Makes a step. p, g: (count); moments: (count) each, 0 for one that the optimizer lacks; padded with zeros to whole lanes */
type Sweep = (p: usize, g: usize, mean: usize, square: usize, momentum: usize, count: i32) => void;

/**
 * Returns sgd: b = momentum · b + g, p -= rate · b; with Nesterov's momentum rate (g + momentum · b); without momentum rate ·
 * g.
 */
function sgd<T>(): Sweep {
  return (p, g, _mean, _square, momentum, count) => {
    const inert = momentum != 0;
    const f = factors();
    const b1 = v128.load(f, BETA1), fresh = v128.load(f, FRESH), held = v128.load(f, HELD);
    for (const end = p + bytes<T>(count); p < end; p += 16, g += 16, momentum += 16) {
      const slope = v128.load(g);
      const b = inert ? blend<T>(momentum, b1, v128.splat<T>(1), slope) : slope;
      v128.store(p, v128.sub<T>(v128.load(p), both<T>(fresh, slope, held, b)));
    }
  };
}

/**
 * Returns rmsprop: v = alpha v + (1 - alpha) g², p -= rate g / (√v + ε); centered: √(v - a²), a = alpha a + (1 - alpha) g. With
 * momentum, b = momentum · b + g / (√v + ε), p -= rate · b. (Hinton's lecture 6e, 2012; centered: Graves, "Generating sequences
 * with recurrent neural networks", 2013.) adagrad has v = v + g² (Duchi, Hazan, Singer, "Adaptive subgradient methods", 2011).
 */
function rmsProp<T>(): Sweep {
  return (p, g, mean, square, momentum, count) => {
    const centered = mean != 0, inert = momentum != 0;
    const f = factors();
    const b1 = v128.load(f, BETA1), b2 = v128.load(f, BETA2), r2 = v128.load(f, REST2);
    const held = v128.load(f, HELD), epsilon = v128.load(f, EPSILON);
    for (const end = p + bytes<T>(count); p < end; p += 16, g += 16, mean += 16, square += 16, momentum += 16) {
      const slope = v128.load(g);
      let v = blend<T>(square, b2, r2, v128.mul<T>(slope, slope));
      if (centered) {
        const a = blend<T>(mean, b2, r2, slope);
        v = v128.pmax<T>(v128.sub<T>(v, v128.mul<T>(a, a)), v128.splat<T>(0)); // rounding alone brings it below 0
      }
      let way = v128.div<T>(slope, v128.add<T>(v128.sqrt<T>(v), epsilon));
      if (inert) way = blend<T>(momentum, b1, v128.splat<T>(1), way);
      v128.store(p, v128.sub<T>(v128.load(p), v128.mul<T>(held, way)));
    }
  };
}

/**
 * Returns adam: m = β1 m + (1 - β1) g, v = β2 v + (1 - β2) g², p -= rate m̂ / (√v̂ + ε), with corrected bias. (Kingma and Ba,
 * "Adam", 2015.) nadam's m̂ has a share of g (Dozat, "Incorporating Nesterov momentum into Adam", 2016). adamw's decay is
 * decoupled (Loshchilov and Hutter, "Decoupled weight decay regularization", 2019).
 */
function adam<T>(): Sweep {
  return (p, g, mean, square, _momentum, count) => {
    const f = factors();
    const b1 = v128.load(f, BETA1), r1 = v128.load(f, REST1), b2 = v128.load(f, BETA2), r2 = v128.load(f, REST2);
    const fresh = v128.load(f, FRESH), held = v128.load(f, HELD), epsilon = v128.load(f, EPSILON), keep = v128.load(f, KEEP);
    const end = p + bytes<T>(count);
    if (sizeof<T>() == 8 && count >= 4 && f64x2.extract_lane(epsilon, 0) > LEAST) {
      const pairs = bytes<T>(count & -4);
      adamPairs(p, g, mean, square, p + pairs);
      p += pairs;
      g += pairs;
      mean += pairs;
      square += pairs;
    }
    for (; p < end; p += 16, g += 16, mean += 16, square += 16) {
      const slope = v128.load(g);
      const m = both<T>(fresh, slope, held, blend<T>(mean, b1, r1, slope));
      const d = v128.add<T>(v128.sqrt<T>(blend<T>(square, b2, r2, v128.mul<T>(slope, slope))), epsilon);
      v128.store(p, v128.sub<T>(v128.mul<T>(keep, v128.load(p)), v128.div<T>(m, d)));
    }
  };
}

/** Bounds of √v̂ + ε in pairs, within which products of two and their inverses are finite. */
const LEAST: f64 = 1e-150, MOST_ROOT = memory.data<f64>([1e150, 1e150], 16);

/**
 * Makes adam's step in float64 for two vectors at a time. The divider, which computes roots too, limits the speed, and one
 * division serves both vectors: 1 / d0 = d1 / (d0 d1). A pair is finished during the roots of the next. It takes 0.86 of the
 * time.
 */
function adamPairs(p: usize, g: usize, mean: usize, square: usize, end: usize): void {
  const f = factors();
  const b1 = v128.load(f, BETA1), r1 = v128.load(f, REST1), b2 = v128.load(f, BETA2), r2 = v128.load(f, REST2);
  const fresh = v128.load(f, FRESH), held = v128.load(f, HELD), epsilon = v128.load(f, EPSILON), keep = v128.load(f, KEEP);
  let g0 = v128.load(g), g1 = v128.load(g, 16);
  let m0 = both<f64>(fresh, g0, held, blend<f64>(mean, b1, r1, g0));
  let m1 = both<f64>(fresh, g1, held, blend<f64>(mean + 16, b1, r1, g1));
  let d0 = root(square, b2, r2, g0, epsilon), d1 = root(square + 16, b2, r2, g1, epsilon);
  for (; p + 32 < end; p += 32) {
    g += 32;
    mean += 32;
    square += 32;
    g0 = v128.load(g);
    g1 = v128.load(g, 16);
    const n0 = both<f64>(fresh, g0, held, blend<f64>(mean, b1, r1, g0));
    const n1 = both<f64>(fresh, g1, held, blend<f64>(mean + 16, b1, r1, g1));
    const e0 = root(square, b2, r2, g0, epsilon), e1 = root(square + 16, b2, r2, g1, epsilon);
    part(p, m0, m1, d0, d1, keep);
    m0 = n0;
    m1 = n1;
    d0 = e0;
    d1 = e1;
  }
  part(p, m0, m1, d0, d1, keep);
}

/** Updates a second moment and returns √v + ε. */
@inline
function root(at: usize, share: v128, rest: v128, slope: v128, epsilon: v128): v128 {
  return f64x2.add(f64x2.sqrt(blend<f64>(at, share, rest, f64x2.mul(slope, slope))), epsilon);
}

/** Makes the steps of a pair: p0 -= m0 / d0, p1 -= m1 / d1. */
@inline
function part(p: usize, m0: v128, m1: v128, d0: v128, d1: v128, keep: v128): void {
  let r0 = d1, r1 = d0, product = f64x2.mul(d0, d1);
  if (v128.any_true(f64x2.gt(f64x2.pmax(d0, d1), v128.load(MOST_ROOT)))) {
    r0 = f64x2.div(f64x2.splat(1), d0);
    r1 = f64x2.div(f64x2.splat(1), d1);
    product = f64x2.splat(1);
  }
  const r = f64x2.div(f64x2.splat(1), product);
  v128.store(p, f64x2.sub(f64x2.mul(keep, v128.load(p)), f64x2.mul(m0, f64x2.mul(r0, r))));
  v128.store(p, f64x2.sub(f64x2.mul(keep, v128.load(p, 16)), f64x2.mul(m1, f64x2.mul(r1, r))), 16);
}

/**
 * Returns lion: p -= rate · sign(β1 m + (1 - β1) g), m = β2 m + (1 - β2) g (Chen et al., "Symbolic discovery of optimization
 * algorithms", 2023). Its decay is decoupled.
 */
function lion<T>(): Sweep {
  return (p, g, mean, _square, _momentum, count) => {
    const f = factors();
    const b1 = v128.load(f, BETA1), r1 = v128.load(f, REST1), b2 = v128.load(f, BETA2), r2 = v128.load(f, REST2);
    const held = v128.load(f, HELD), keep = v128.load(f, KEEP), none = v128.splat<T>(0);
    for (const end = p + bytes<T>(count); p < end; p += 16, g += 16, mean += 16) {
      const slope = v128.load(g);
      const u = both<T>(b1, v128.load(mean), r1, slope);
      blend<T>(mean, b2, r2, slope);
      const way = v128.sub<T>(v128.and(v128.gt<T>(u, none), held), v128.and(v128.lt<T>(u, none), held));
      v128.store(p, v128.sub<T>(v128.mul<T>(keep, v128.load(p)), way));
    }
  };
}

/** Returns a · x + b · y. */
@inline
function both<T>(a: v128, x: v128, b: v128, y: v128): v128 {
  return v128.add<T>(v128.mul<T>(a, x), v128.mul<T>(b, y));
}

/** Updates a moment in place to share · moment + rest · x, and returns it. */
@inline
function blend<T>(at: usize, share: v128, rest: v128, x: v128): v128 {
  const next = both<T>(share, v128.load(at), rest, x);
  v128.store(at, next);
  return next;
}

/** Returns the table of a precision, with a sweep for each `OptimizerKind`. */
function tableOf<T>(): usize {
  const table = memory.data(OptimizerKind.count * 4, 4);
  const rms = rmsProp<T>(), moments = adam<T>();
  put(table, OptimizerKind.sgd, sgd<T>());
  put(table, OptimizerKind.rmsprop, rms);
  put(table, OptimizerKind.adagrad, rms);
  put(table, OptimizerKind.adam, moments);
  put(table, OptimizerKind.adamw, moments);
  put(table, OptimizerKind.nadam, moments);
  put(table, OptimizerKind.lion, lion<T>());
  return table;
}

/** Fills the row of a kind. */
function put(table: usize, kind: OptimizerKind, sweep: Sweep): void {
  store<Sweep>(table + (kind << 2), sweep);
}

@lazy const table32 = tableOf<f32>();
@lazy const table64 = tableOf<f64>();

/** Makes a step of an optimizer over a run of parameters, by its factors. */
@inline
export function sweep<T>(kind: OptimizerKind, p: usize, g: usize, mean: usize, square: usize, momentum: usize, count: i32): void {
  load<Sweep>((sizeof<T>() == 8 ? table64 : table32) + (kind << 2))(p, g, mean, square, momentum, count);
}
