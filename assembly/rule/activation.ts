// The table of activations. A row is a class with the value beside its derivative; the kind of an activation is its row's
// place in the table at the end, and src/rule.ts names the kinds in the same order. To add one, add a row here and there.

import { exp } from "../lane/exp";
import { sigmoid } from "../lane/tanh";
import { tanh } from "../lane/tanh";
import { largest } from "../kernel/fold";
import { mapSlope, mapValue } from "../kernel/map";
import { bytes, lanes, mask, storePart } from "../kernel/part";

/** post = activation(pre). pre, post: (rows, n); equal pointers for `linear` alone */
export type Forward = (pre: usize, post: usize, rows: i32, n: i32) => void;
/** delta = Jᵀ · delta. pre, post, delta: (rows, n) */
export type Backward = (pre: usize, post: usize, delta: usize, rows: i32, n: i32) => void;

/** y = 1 / (1 + e^-x); y' = y (1 - y) */
@unmanaged @final
export class Sigmoid {
  @inline value<T>(x: v128): v128 { return sigmoid<T>(x); }
  @inline slope<T>(_x: v128, y: v128): v128 { return v128.mul<T>(y, v128.sub<T>(v128.splat<T>(1), y)); }
}

/** y = (e^x - e^-x) / (e^x + e^-x); y' = 1 - y² = (1 - y)(1 + y) */
@unmanaged @final
class Tanh {
  @inline value<T>(x: v128): v128 { return tanh<T>(x); }
  @inline slope<T>(_x: v128, y: v128): v128 {
    const one = v128.splat<T>(1);
    return v128.mul<T>(v128.sub<T>(one, y), v128.add<T>(one, y));
  }
}

/** y = max(x, 0); y' = 1 for x > 0, else 0 (at 0 as PyTorch does) */
@unmanaged @final
class Relu {
  @inline value<T>(x: v128): v128 { return v128.max<T>(x, v128.splat<T>(0)); }
  @inline slope<T>(x: v128, _y: v128): v128 {
    return v128.and(v128.gt<T>(x, v128.splat<T>(0)), v128.splat<T>(1));
  }
}

function linearForward<T>(): Forward {
  return (_pre, _post, _rows, _n) => {};
}

function linearBackward<T>(): Backward {
  return (_pre, _post, _delta, _rows, _n) => {};
}

function forward<F, T>(): Forward {
  return (pre, post, rows, n) => mapValue<F, T>(pre, post, rows * n);
}

function backward<F, T>(): Backward {
  return (pre, post, delta, rows, n) => mapSlope<F, T>(pre, post, delta, rows * n);
}

/** y_j = e^(x_j - max x) / Σ e^(x_k - max x), for each row */
function softmaxForward<T>(): Forward {
  return (pre, post, rows, n) => {
    const whole = n & -lanes<T>();
    for (let r = 0; r < rows; r++) {
      const top = v128.splat<T>(largest<T>(pre, n));
      let sums = v128.splat<T>(0);
      for (let j = 0; j < whole; j += lanes<T>()) {
        const e = exp<T>(v128.sub<T>(v128.load(pre + bytes<T>(j)), top));
        v128.store(post + bytes<T>(j), e);
        sums = v128.add<T>(sums, e);
      }
      if (whole < n) {
        const e = exp<T>(v128.sub<T>(v128.load(pre + bytes<T>(whole)), top));
        storePart<T>(post + bytes<T>(whole), e, n - whole);
        sums = v128.add<T>(sums, v128.and(e, mask<T>(n - whole)));
      }
      const total = v128.splat<T>(lanesum<T>(sums));
      for (let j = 0; j < whole; j += lanes<T>()) {
        v128.store(post + bytes<T>(j), v128.div<T>(v128.load(post + bytes<T>(j)), total));
      }
      if (whole < n) {
        storePart<T>(post + bytes<T>(whole), v128.div<T>(v128.load(post + bytes<T>(whole)), total), n - whole);
      }
      pre += bytes<T>(n);
      post += bytes<T>(n);
    }
  };
}

/** d = y ⊙ (d - ⟨d, y⟩), for each row */
function softmaxBackward<T>(): Backward {
  return (_pre, post, delta, rows, n) => {
    const whole = n & -lanes<T>();
    for (let r = 0; r < rows; r++) {
      let sums = v128.splat<T>(0);
      for (let j = 0; j < whole; j += lanes<T>()) {
        sums = v128.add<T>(sums, v128.mul<T>(v128.load(delta + bytes<T>(j)), v128.load(post + bytes<T>(j))));
      }
      if (whole < n) {
        const terms = v128.mul<T>(v128.load(delta + bytes<T>(whole)), v128.load(post + bytes<T>(whole)));
        sums = v128.add<T>(sums, v128.and(terms, mask<T>(n - whole)));
      }
      const inner = v128.splat<T>(lanesum<T>(sums));
      for (let j = 0; j < whole; j += lanes<T>()) {
        const at = bytes<T>(j);
        v128.store(delta + at, v128.mul<T>(v128.load(post + at), v128.sub<T>(v128.load(delta + at), inner)));
      }
      if (whole < n) {
        const at = bytes<T>(whole);
        const d = v128.mul<T>(v128.load(post + at), v128.sub<T>(v128.load(delta + at), inner));
        storePart<T>(delta + at, d, n - whole);
      }
      post += bytes<T>(n);
      delta += bytes<T>(n);
    }
  };
}

/** The sum of a vector's numbers. */
@inline
function lanesum<T>(v: v128): T {
  if (sizeof<T>() == 8) return <T>(f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1));
  return <T>(
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

/** The kinds; src/rule.ts has the same names in the same order. */
export const LINEAR: u32 = 0;
export const SIGMOID: u32 = 1;
export const TANH: u32 = 2;
export const RELU: u32 = 3;
export const SOFTMAX: u32 = 4;
export const ACTIVATIONS: u32 = 5;

function forwards<T>(): StaticArray<Forward> {
  return [linearForward<T>(), forward<Sigmoid, T>(), forward<Tanh, T>(), forward<Relu, T>(), softmaxForward<T>()];
}

function backwards<T>(): StaticArray<Backward> {
  return [linearBackward<T>(), backward<Sigmoid, T>(), backward<Tanh, T>(), backward<Relu, T>(), softmaxBackward<T>()];
}

const forwards32 = forwards<f32>();
const forwards64 = forwards<f64>();
const backwards32 = backwards<f32>();
const backwards64 = backwards<f64>();

/** post = activation(pre). */
@inline
export function activate<T>(kind: u32, pre: usize, post: usize, rows: i32, n: i32): void {
  (sizeof<T>() == 8 ? forwards64 : forwards32)[kind](pre, post, rows, n);
}

/** delta = Jᵀ · delta. */
@inline
export function deactivate<T>(kind: u32, pre: usize, post: usize, delta: usize, rows: i32, n: i32): void {
  (sizeof<T>() == 8 ? backwards64 : backwards32)[kind](pre, post, delta, rows, n);
}
