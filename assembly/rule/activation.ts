// The table of activations: a class with the value y beside its derivative y', and a row in the table at the end. In formulas a
// is the activation's parameter, such as leakyRelu's slope. CONTRIBUTING.md has the steps to add one.

import { ActivationKind } from "../abi";
import { exp, expBelow, expm1 } from "../lane/exp";
import { either, half, one, sign, two, withSign } from "../lane/lane";
import { log1pUnit } from "../lane/log";
import { normal } from "../lane/normal";
import { cosine, sine } from "../lane/sine";
import { sigmoid, tanh } from "../lane/tanh";
import { mapPairs, mapSlope, mapSlopePairs, mapValue } from "../kernel/map";
import { bytes } from "../kernel/part";
import { own } from "../own";
import { Backward, Forward, softmaxBackward, softmaxForward } from "./softmax";

/** y = 1 / (1 + e^-x); y' = y (1 - y) */
@unmanaged @final
export class Sigmoid {
  @inline value<T>(x: v128, _a: v128): v128 { return sigmoid<T>(x); }
  @inline slope<T>(_x: v128, y: v128, _a: v128): v128 { return v128.mul<T>(y, v128.sub<T>(one<T>(), y)); }
}

/** y = (e^x - e^-x) / (e^x + e^-x); y' = 1 - y² = (1 - y)(1 + y) */
@unmanaged @final
class Tanh {
  @inline value<T>(x: v128, _a: v128): v128 { return tanh<T>(x); }
  @inline slope<T>(_x: v128, y: v128, _a: v128): v128 {
    return v128.mul<T>(v128.sub<T>(one<T>(), y), v128.add<T>(one<T>(), y));
  }
}

/** y = max(x, 0); y' = 1 for x > 0, else 0 (at 0 as PyTorch does) */
@unmanaged @final
class Relu {
  @inline value<T>(x: v128, _a: v128): v128 { return v128.max<T>(x, none<T>()); }
  @inline slope<T>(x: v128, _y: v128, _a: v128): v128 { return v128.and(positive<T>(x), one<T>()); }
}

/** y = x for x > 0, else a x; y' = 1, a. Maas et al., "Rectifier nonlinearities improve neural network acoustic models", 2013 */
@unmanaged @final
class LeakyRelu {
  @inline value<T>(x: v128, a: v128): v128 { return v128.bitselect(x, v128.mul<T>(x, a), positive<T>(x)); }
  @inline slope<T>(x: v128, _y: v128, a: v128): v128 { return v128.bitselect(one<T>(), a, positive<T>(x)); }
}

/** y = x for x > 0, else a (e^x - 1); y' = 1, a e^x. Clevert et al., "Fast and accurate … exponential linear units", 2015 */
@unmanaged @final
class Elu {
  @inline value<T>(x: v128, a: v128): v128 { return v128.bitselect(x, v128.mul<T>(a, expm1<T>(x)), positive<T>(x)); }
  @inline slope<T>(x: v128, _y: v128, a: v128): v128 {
    return v128.bitselect(one<T>(), v128.mul<T>(a, exp<T>(x)), positive<T>(x));
  }
}

const SCALE64 = memory.data<f64>([1.0507009873554804934193349852946]), SCALE32 = memory.data<f32>([1.05070098]);
const ALPHA64 = memory.data<f64>([1.7580993408473768599402175208123]), ALPHA32 = memory.data<f32>([1.75809934]); // times scale

/** elu with a = 1.6732…, times 1.0507…: Klambauer et al., "Self-normalizing neural networks", 2017 */
@unmanaged @final
class Selu {
  @inline value<T>(x: v128, _a: v128): v128 {
    const up = v128.mul<T>(x, either<T>(SCALE64, SCALE32));
    return v128.bitselect(up, v128.mul<T>(expm1<T>(x), either<T>(ALPHA64, ALPHA32)), positive<T>(x));
  }
  @inline slope<T>(x: v128, _y: v128, _a: v128): v128 {
    const down = v128.mul<T>(exp<T>(x), either<T>(ALPHA64, ALPHA32));
    return v128.bitselect(either<T>(SCALE64, SCALE32), down, positive<T>(x));
  }
}

// Beyond these bounds, products of x with a factor like e^-|x| are 0, at infinity too.
const FAR64 = memory.data<f64>([800]), FAR32 = memory.data<f32>([120]);

/** Returns x, but not below -far. */
@inline
function floored<T>(x: v128): v128 {
  return v128.pmax<T>(x, v128.neg<T>(either<T>(FAR64, FAR32)));
}

/** Returns x, but not beyond ±far. */
@inline
function near<T>(x: v128): v128 {
  return v128.pmin<T>(floored<T>(x), either<T>(FAR64, FAR32));
}

const DENSITY64 = memory.data<f64>([0.39894228040143267794]), DENSITY32 = memory.data<f32>([0.39894228]); // 1 / √2π
const MINUS_HALF64 = memory.data<f64>([-0.5]), MINUS_HALF32 = memory.data<f32>([-0.5]);
const TINY64 = memory.data<f64>([1e-150]), TINY32 = memory.data<f32>([1e-18]);

/** y = x Φ(x); y' = Φ(x) + x φ(x), the normal distribution's. Hendrycks and Gimpel, "Gaussian error linear units", 2016 */
@unmanaged @final
class Gelu {
  // Φ(x) is computed as y / x, which costs less.
  @inline slope<T>(x: v128, y: v128, _a: v128): v128 {
    const v = near<T>(x);
    const e = expBelow<T>(v128.mul<T>(v128.mul<T>(v, v), either<T>(MINUS_HALF64, MINUS_HALF32)));
    const tiny = v128.lt<T>(v128.abs<T>(x), either<T>(TINY64, TINY32));
    const share = v128.bitselect(half<T>(), v128.div<T>(v128.pmin<T>(y, either<T>(FAR64, FAR32)), v), tiny);
    return v128.add<T>(share, v128.mul<T>(v, v128.mul<T>(e, either<T>(DENSITY64, DENSITY32))));
  }
}

const AREAS = memory.data(32, 16);

/**
 * Returns gelu's loop: by pairs of vectors of Φ in float64, of which the last may be a repeated vector, and by one in float32.
 */
function geluForward<T>(): Forward {
  return (pre, post, rows, n, _a) => {
    const end = pre + bytes<T>(rows * n);
    const stride: usize = sizeof<T>() == 8 ? 32 : 16;
    for (; pre < end; pre += stride, post += stride) {
      const other: usize = pre + 16 < end ? 16 : 0;
      normal<T>(pre, pre + other, own(AREAS));
      v128.store(post, v128.mul<T>(floored<T>(v128.load(pre)), v128.load(own(AREAS))));
      if (sizeof<T>() == 4) continue;
      v128.store(post + other, v128.mul<T>(floored<T>(v128.load(pre + other)), v128.load(own(AREAS), 16)));
    }
  };
}

/** y = x σ(x); y' = σ(x) (1 + x σ(-x)). Elfwing et al., "Sigmoid-weighted linear units", 2017; also called swish */
@unmanaged @final
class Silu {
  @inline value<T>(x: v128, _a: v128): v128 { return v128.mul<T>(floored<T>(x), sigmoid<T>(x)); }
  @inline slope<T>(x: v128, _y: v128, _a: v128): v128 {
    const s = sigmoid<T>(x);
    return v128.mul<T>(s, v128.add<T>(one<T>(), v128.mul<T>(near<T>(x), v128.sub<T>(one<T>(), s))));
  }
}

// From these bounds on, tanh(softplus x) is 1, and the powers of e^x are still far from overflow.
const FLAT64 = memory.data<f64>([40]), FLAT32 = memory.data<f32>([20]);
/**
 * y = x tanh(ln(1 + e^x)) = x n / (n + 2), n = e^x (e^x + 2); y' = n / (n + 2) + 4 x e^x (1 + e^x) / (n + 2)².
 * Misra, "Mish: a self regularized non-monotonic activation function", 2019
 */
@unmanaged @final
class Mish {
  @inline value<T>(x: v128, _a: v128): v128 {
    const e = exp<T>(v128.pmin<T>(x, either<T>(FLAT64, FLAT32)));
    const n = v128.mul<T>(e, v128.add<T>(e, two<T>()));
    return v128.mul<T>(floored<T>(x), v128.div<T>(n, v128.add<T>(n, two<T>())));
  }
  @inline slope<T>(x: v128, _y: v128, _a: v128): v128 {
    const v = v128.pmin<T>(floored<T>(x), either<T>(FLAT64, FLAT32));
    const e = exp<T>(v);
    const m = v128.add<T>(v128.mul<T>(e, v128.add<T>(e, two<T>())), two<T>());
    const w = v128.div<T>(v128.add<T>(e, e), m); // 2 e^x / (n + 2)
    const bend = v128.mul<T>(v128.mul<T>(v128.add<T>(v, v), w), v128.div<T>(v128.add<T>(one<T>(), e), m));
    return v128.add<T>(v128.div<T>(v128.mul<T>(e, v128.add<T>(e, two<T>())), m), bend);
  }
}

/** y = ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|); y' = σ(x). Dugas et al., 2001 */
@unmanaged @final
class Softplus {
  @inline value<T>(x: v128, _a: v128): v128 {
    return v128.add<T>(v128.max<T>(x, none<T>()), log1pUnit<T>(exp<T>(v128.or(x, sign<T>()))));
  }
  @inline slope<T>(x: v128, _y: v128, _a: v128): v128 { return sigmoid<T>(x); }
}

const MOST64 = memory.data<f64>([f64.MAX_VALUE]), MOST32 = memory.data<f32>([f32.MAX_VALUE]);

/** y = x / (1 + |x|); y' = 1 / (1 + |x|)². Turian et al., 2009 */
@unmanaged @final
class Softsign {
  @inline value<T>(x: v128, _a: v128): v128 {
    const up = v128.pmin<T>(v128.abs<T>(x), either<T>(MOST64, MOST32));
    return withSign<T>(v128.div<T>(up, v128.add<T>(one<T>(), up)), x);
  }
  @inline slope<T>(x: v128, _y: v128, _a: v128): v128 {
    const part = v128.div<T>(one<T>(), v128.add<T>(one<T>(), v128.abs<T>(x)));
    return v128.mul<T>(part, part);
  }
}

const SIXTH64 = memory.data<f64>([0.16666666666666666]), SIXTH32 = memory.data<f32>([0.16666667]);
const THREE64 = memory.data<f64>([3]), THREE32 = memory.data<f32>([3]);

/**
 * y = x / 6 + ½ between 0 and 1, as (x + 3) / 6, which keeps its digits near 0; y' = 1/6 for |x| < 3, else 0. Howard et al.,
 * "Searching for MobileNetV3", 2019
 */
@unmanaged @final
export class HardSigmoid {
  @inline value<T>(x: v128, _a: v128): v128 {
    const line = v128.mul<T>(v128.add<T>(x, either<T>(THREE64, THREE32)), either<T>(SIXTH64, SIXTH32));
    return v128.min<T>(v128.max<T>(line, none<T>()), one<T>());
  }
  @inline slope<T>(x: v128, _y: v128, _a: v128): v128 {
    return v128.and(v128.lt<T>(v128.abs<T>(x), either<T>(THREE64, THREE32)), either<T>(SIXTH64, SIXTH32));
  }
}

/** y = e^x; y' = y */
@unmanaged @final
class Exp {
  @inline value<T>(x: v128, _a: v128): v128 { return exp<T>(x); }
  @inline slope<T>(_x: v128, y: v128, _a: v128): v128 { return y; }
}

/** y = sin x; y' = cos x. Sitzmann et al., "Implicit neural representations with periodic activation functions", 2020 */
@unmanaged @final
class Sin {
  @inline value<T>(x: v128, _a: v128): v128 { return sine<T>(x); }
  @inline slope<T>(x: v128, _y: v128, _a: v128): v128 { return cosine<T>(x); }
}

/** Returns 0 in every lane. */
@inline
function none<T>(): v128 {
  return v128.splat<T>(0);
}

/** Returns a mask of the lanes above 0. */
@inline
function positive<T>(x: v128): v128 {
  return v128.gt<T>(x, none<T>());
}

/** Returns no work: post is pre. */
function linearForward<T>(): Forward {
  return (_pre, _post, _rows, _n, _a) => {};
}

/** Returns no work: the Jacobian is the identity. */
function linearBackward<T>(): Backward {
  return (_pre, _post, _delta, _rows, _n, _a) => {};
}

/** Returns the loop of a class's value. */
function forward<F, T>(): Forward {
  return (pre, post, rows, n, a) => mapValue<F, T>(pre, post, rows * n, <T>a);
}

/** Returns the loop of a class's value by pairs of vectors. */
function forwardPairs<F, T>(): Forward {
  return (pre, post, rows, n, a) => mapPairs<F, T>(pre, post, rows * n, <T>a);
}

/** Returns the loop of a class's derivative, by pairs of vectors. */
function backwardPairs<F, T>(): Backward {
  return (pre, post, delta, rows, n, a) => mapSlopePairs<F, T>(pre, post, delta, rows * n, <T>a);
}

/** Returns the loop of a class's derivative, vector by vector. */
function backward<F, T>(): Backward {
  return (pre, post, delta, rows, n, a) => mapSlope<F, T>(pre, post, delta, rows * n, <T>a);
}

/** A row of the table: an activation and its derivative, each over a matrix. */
@unmanaged @final
class Row {
  forward: Forward;
  backward: Backward;
}

/** Returns the table of a precision, with a row for each `ActivationKind`. */
function tableOf<T>(): usize {
  const table = memory.data(ActivationKind.count * 8, 4);
  put(table, ActivationKind.linear, linearForward<T>(), linearBackward<T>());
  put(table, ActivationKind.sigmoid, forwardPairs<Sigmoid, T>(), backward<Sigmoid, T>());
  put(table, ActivationKind.tanh, forwardPairs<Tanh, T>(), backward<Tanh, T>());
  put(table, ActivationKind.relu, forward<Relu, T>(), backward<Relu, T>());
  put(table, ActivationKind.leakyRelu, forward<LeakyRelu, T>(), backward<LeakyRelu, T>());
  put(table, ActivationKind.elu, forward<Elu, T>(), backward<Elu, T>());
  put(table, ActivationKind.selu, forward<Selu, T>(), backward<Selu, T>());
  put(table, ActivationKind.gelu, geluForward<T>(), backwardPairs<Gelu, T>());
  put(table, ActivationKind.silu, forward<Silu, T>(), backward<Silu, T>());
  put(table, ActivationKind.mish, forward<Mish, T>(), backward<Mish, T>());
  put(table, ActivationKind.softplus, forward<Softplus, T>(), backward<Softplus, T>());
  put(table, ActivationKind.softsign, forward<Softsign, T>(), backward<Softsign, T>());
  put(table, ActivationKind.hardSigmoid, forward<HardSigmoid, T>(), backward<HardSigmoid, T>());
  put(table, ActivationKind.softmax, softmaxForward<T>(), softmaxBackward<T>());
  put(table, ActivationKind.exp, forward<Exp, T>(), backward<Exp, T>());
  put(table, ActivationKind.sin, forward<Sin, T>(), backward<Sin, T>());
  return table;
}

/** Returns the row of a kind. */
@inline
function rowOf(table: usize, kind: ActivationKind): Row {
  return changetype<Row>(table + kind * offsetof<Row>());
}

/** Fills the row of a kind. */
function put(table: usize, kind: ActivationKind, forward: Forward, backward: Backward): void {
  const row = rowOf(table, kind);
  row.forward = forward;
  row.backward = backward;
}

@lazy const table32 = tableOf<f32>();
@lazy const table64 = tableOf<f64>();

/** Computes post = activation(pre). pre, post: (rows, n) */
@inline
export function activate<T>(kind: ActivationKind, pre: usize, post: usize, rows: i32, n: i32, parameter: f64): void {
  rowOf(sizeof<T>() == 8 ? table64 : table32, kind).forward(pre, post, rows, n, parameter);
}

/** Computes delta = Jᵀ · delta. pre, post, delta: (rows, n) */
@inline
export function deactivate<T>(
  kind: ActivationKind, pre: usize, post: usize, delta: usize, rows: i32, n: i32, parameter: f64,
): void {
  rowOf(sizeof<T>() == 8 ? table64 : table32, kind).backward(pre, post, delta, rows, n, parameter);
}
