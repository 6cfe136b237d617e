// Losses with logarithms, value beside derivative, and their joint forms with the activations that belong to them. t is the
// target, y the post-activation, z the pre-activation. A joint form stays exact where y is saturated, and its derivative is by
// z. In other forms logarithms are bounded below by -100 and divisors by 1e-12, as in PyTorch, and 0 · ln 0 is 0. poisson.ts
// has Poisson's loss.

import { exp } from "../lane/exp";
import { either, half, one, sign } from "../lane/lane";
import { log, log1pUnit } from "../lane/log";
import { largest, sum } from "../kernel/fold";
import { addSlope } from "../kernel/map";
import { bytes, lanes, storePart } from "../kernel/part";
import { HardSigmoid } from "./activation";

/** Computes costs[r], the sum over the units of the row r, in float64. z, y, t: (rows, n); costs: (rows) */
export type Cost = (z: usize, y: usize, t: usize, costs: usize, rows: i32, n: i32, parameter: f64) => void;
/** Computes delta += scale · derivative. z, y, t, delta: (rows, n) */
export type Slope = (
  z: usize, y: usize, t: usize, delta: usize, rows: i32, n: i32, scale: f64, parameter: f64,
) => void;

const FLOOR64 = memory.data<f64>([-100]), FLOOR32 = memory.data<f32>([-100]);
const LOWEST64 = memory.data<f64>([-f64.MAX_VALUE]), LOWEST32 = memory.data<f32>([-f32.MAX_VALUE]);
const MOST64 = memory.data<f64>([f64.MAX_VALUE]), MOST32 = memory.data<f32>([f32.MAX_VALUE]);
const LEAST64 = memory.data<f64>([1e-12]), LEAST32 = memory.data<f32>([1e-12]);

/** Returns ln y. It is not inlined, since losses are computed of few numbers, and log is long. */
function natural<T>(y: v128): v128 {
  return log<T>(y);
}

/** Returns ln y, but not below -100; NaN if y is below 0 or NaN. */
@inline
export function boundedLog<T>(y: v128): v128 {
  return v128.max<T>(natural<T>(y), either<T>(FLOOR64, FLOOR32));
}

/** Returns ln y, but not below -100. */
@inline
export function logarithm(y: f64): f64 {
  return f64x2.extract_lane(boundedLog<f64>(f64x2.splat(y)), 0);
}

/** Returns y, but not below 1e-12. */
@inline
function boundedDivisor<T>(y: v128): v128 {
  return v128.max<T>(y, either<T>(LEAST64, LEAST32));
}

/** Returns t (1 - s) + s / 2, a target smoothed by s. Szegedy et al., "Rethinking the Inception architecture", 2015 */
@inline
function smooth<T>(t: v128, s: v128): v128 {
  return v128.add<T>(t, v128.mul<T>(s, v128.sub<T>(half<T>(), t)));
}

/** -t ln y - (1 - t) ln(1 - y); (y - t) / (y (1 - y)); a: smoothing */
@unmanaged @final
export class Entropy {
  @inline value<T>(_z: v128, y: v128, t: v128, a: v128): v128 {
    t = smooth<T>(t, a);
    const hit = v128.mul<T>(t, boundedLog<T>(y));
    const miss = v128.mul<T>(v128.sub<T>(one<T>(), t), boundedLog<T>(v128.sub<T>(one<T>(), y)));
    return v128.neg<T>(v128.add<T>(hit, miss));
  }
  @inline slope<T>(_z: v128, y: v128, t: v128, a: v128): v128 {
    t = smooth<T>(t, a);
    return v128.div<T>(v128.sub<T>(y, t), boundedDivisor<T>(v128.mul<T>(y, v128.sub<T>(one<T>(), y))));
  }
}

/** -t ln y; -t / y; for t + a in place of t */
@unmanaged @final
class CrossEntropy {
  @inline value<T>(_z: v128, y: v128, t: v128, a: v128): v128 {
    return v128.neg<T>(v128.mul<T>(v128.add<T>(t, a), boundedLog<T>(y)));
  }
  @inline slope<T>(_z: v128, y: v128, t: v128, a: v128): v128 {
    return v128.neg<T>(v128.div<T>(v128.add<T>(t, a), boundedDivisor<T>(y)));
  }
}

/** Returns the a of CrossEntropy that smooths targets by s: (1 - s) (t + a) = (1 - s) t + s / n. */
@inline
function raise(s: f64, n: i32): f64 {
  return s / ((1 - s) * <f64>n);
}

/** Returns the loop of crossEntropy. */
export function crossEntropyCost<T>(): Cost {
  return (z, y, t, costs, rows, n, s) => {
    for (let r = 0; r < rows; r++) {
      const at = bytes<T>(r * n);
      const total = sum<CrossEntropy, T>(z + at, y + at, t + at, n, v128.splat<T>(<T>raise(s, n)));
      store<f64>(costs + ((<usize>r) << 3), (1 - s) * total);
    }
  };
}

/** Returns the loop of crossEntropy's derivative. */
export function crossEntropySlope<T>(): Slope {
  return (z, y, t, delta, rows, n, scale, s) =>
    addSlope<CrossEntropy, T>(z, y, t, delta, rows * n, <T>(scale * (1 - s)), <T>raise(s, n));
}

/** t (ln t - ln y); -t / y. Kullback and Leibler, "On information and sufficiency", 1951 */
@unmanaged @final
export class Kl {
  @inline value<T>(_z: v128, y: v128, t: v128, _a: v128): v128 {
    return v128.mul<T>(t, v128.sub<T>(boundedLog<T>(t), boundedLog<T>(y)));
  }
  @inline slope<T>(_z: v128, y: v128, t: v128, _a: v128): v128 { return v128.neg<T>(v128.div<T>(t, boundedDivisor<T>(y))); }
}

/** Entropy on sigmoid: max(z, 0) - t z + log1p(e^-|z|); y - t; a: smoothing */
@unmanaged @final
export class EntropyOnSigmoid {
  @inline value<T>(z: v128, _y: v128, t: v128, a: v128): v128 {
    t = smooth<T>(t, a);
    z = v128.pmin<T>(v128.pmax<T>(z, either<T>(LOWEST64, LOWEST32)), either<T>(MOST64, MOST32)); // 0 times it is 0
    const rest = log1pUnit<T>(exp<T>(v128.or(z, sign<T>())));
    const top = v128.max<T>(z, v128.splat<T>(0));
    return v128.add<T>(v128.sub<T>(top, v128.mul<T>(t, z)), rest);
  }
  @inline slope<T>(_z: v128, y: v128, t: v128, a: v128): v128 {
    return v128.sub<T>(y, smooth<T>(t, a));
  }
}

/** Entropy on hardSigmoid, whose 1 - y is that of -z: -t ln y - (1 - t) ln(1 - y); (y - t) y' / (y (1 - y)); a: smoothing */
@unmanaged @final
export class EntropyOnHardSigmoid {
  @inline value<T>(z: v128, y: v128, t: v128, a: v128): v128 {
    t = smooth<T>(t, a);
    const rest = changetype<HardSigmoid>(0).value<T>(v128.neg<T>(z), a);
    const miss = v128.mul<T>(v128.sub<T>(one<T>(), t), boundedLog<T>(rest));
    return v128.neg<T>(v128.add<T>(v128.mul<T>(t, boundedLog<T>(y)), miss));
  }
  @inline slope<T>(z: v128, y: v128, t: v128, a: v128): v128 {
    t = smooth<T>(t, a);
    const rest = changetype<HardSigmoid>(0).value<T>(v128.neg<T>(z), a);
    const distance = v128.bitselect(
      v128.sub<T>(v128.sub<T>(one<T>(), t), rest), v128.sub<T>(y, t), v128.gt<T>(z, v128.splat<T>(0)),
    );
    const slope = changetype<HardSigmoid>(0).slope<T>(z, y, a);
    return v128.mul<T>(v128.div<T>(distance, boundedDivisor<T>(v128.mul<T>(y, rest))), slope);
  }
}

/** Returns z - top, bounded below, so that 0 times it is 0. */
@inline
function below<T>(z: v128, top: v128): v128 {
  return v128.pmax<T>(v128.sub<T>(z, top), either<T>(LOWEST64, LOWEST32));
}

/** e^(z - a); a: the largest z of a row */
@unmanaged @final
export class Fall {
  @inline value<T>(z: v128, _y: v128, _t: v128, a: v128): v128 { return exp<T>(v128.sub<T>(z, a)); }
}

/** t (z - a) */
@unmanaged @final
class Drop {
  @inline value<T>(z: v128, _y: v128, t: v128, a: v128): v128 { return v128.mul<T>(t, below<T>(z, a)); }
}

/** z - a */
@unmanaged @final
class Depth {
  @inline value<T>(z: v128, _y: v128, _t: v128, a: v128): v128 { return below<T>(z, a); }
}

/** t */
@unmanaged @final
class Mass {
  @inline value<T>(_z: v128, _y: v128, t: v128, _a: v128): v128 { return t; }
}

/** t ln t */
@unmanaged @final
class Order {
  @inline value<T>(_z: v128, _y: v128, t: v128, _a: v128): v128 { return v128.mul<T>(t, boundedLog<T>(t)); }
}

/**
 * Returns crossEntropy on softmax, Σ t' (logsumexp z - z), where t' is t smoothed by s towards 1 / n. logsumexp z is
 * top + ln Σ e^(z - top); the code uses differences to the top, so that large z lose no digits. z, t: (n)
 */
function onSoftmax<T>(z: usize, t: usize, n: i32, s: f64): f64 {
  const top = v128.splat<T>(largest<T>(z, n));
  const level = logarithm(sum<Fall, T>(z, z, t, n, top));
  const hit = level * sum<Mass, T>(z, z, t, n, top) - sum<Drop, T>(z, z, t, n, top);
  if (s == 0) return hit;
  return (1 - s) * hit + s * (level - sum<Depth, T>(z, z, t, n, top) / <f64>n);
}

/** Returns the loop of crossEntropy on softmax. */
export function crossEntropyOnSoftmax<T>(): Cost {
  return (z, _y, t, costs, rows, n, s) => {
    for (let r = 0; r < rows; r++) {
      const at = bytes<T>(r * n);
      store<f64>(costs + ((<usize>r) << 3), onSoftmax<T>(z + at, t + at, n, s));
    }
  };
}

/** Returns the loop of kl on softmax, which adds Σ t ln t. */
export function klOnSoftmax<T>(): Cost {
  return (z, _y, t, costs, rows, n, _a) => {
    for (let r = 0; r < rows; r++) {
      const at = bytes<T>(r * n);
      const order = sum<Order, T>(z + at, z + at, t + at, n, v128.splat<T>(0));
      store<f64>(costs + ((<usize>r) << 3), order + onSoftmax<T>(z + at, t + at, n, 0));
    }
  };
}

/**
 * Returns the loop of the derivative of crossEntropy and kl on softmax, y Σt' - t' for t' = (1 - s) t + s / n. It is y - t'
 * if a row's targets sum to 1.
 */
export function slopeOnSoftmax<T>(): Slope {
  return (_z, y, t, delta, rows, n, scale, s) => {
    const factor = v128.splat<T>(<T>scale);
    const kept = v128.splat<T>(<T>(1 - s)), share = v128.splat<T>(<T>(s / <f64>n));
    for (let r = 0; r < rows; r++) {
      const mass = v128.splat<T>(<T>((1 - s) * sum<Mass, T>(y, y, t, n, factor) + s));
      const whole = n & -lanes<T>();
      for (let j = 0; j < n; j += lanes<T>()) {
        const at = bytes<T>(j);
        const goal = v128.add<T>(v128.mul<T>(kept, v128.load(t + at)), share);
        const d = v128.sub<T>(v128.mul<T>(v128.load(y + at), mass), goal);
        const next = v128.add<T>(v128.load(delta + at), v128.mul<T>(d, factor));
        if (j < whole) v128.store(delta + at, next);
        else storePart<T>(delta + at, next, n - whole);
      }
      y += bytes<T>(n);
      t += bytes<T>(n);
      delta += bytes<T>(n);
    }
  };
}

