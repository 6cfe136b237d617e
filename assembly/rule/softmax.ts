// Softmax, the one activation that mixes the units of a row, and the types of all activations' loops.

import { largest } from "../kernel/fold";
import { bytes, lanes, mask, storePart } from "../kernel/part";
import { exp } from "../lane/exp";

/** Computes post = activation(pre). pre, post: (rows, n), the same matrix for `linear` */
export type Forward = (pre: usize, post: usize, rows: i32, n: i32, parameter: f64) => void;
/** Computes delta = Jᵀ · delta. pre, post, delta: (rows, n) */
export type Backward = (pre: usize, post: usize, delta: usize, rows: i32, n: i32, parameter: f64) => void;

/** Returns the loop of y_j = e^(x_j - max x) / Σ e^(x_k - max x), for each row. */
export function softmaxForward<T>(): Forward {
  return (pre, post, rows, n, _a) => {
    for (let r = 0; r < rows; r++) {
      const top = v128.splat<T>(largest<T>(pre, n));
      let sums = v128.splat<T>(0);
      for (let j = 0; j < n; j += lanes<T>()) {
        const e = exp<T>(v128.sub<T>(v128.load(pre + bytes<T>(j)), top));
        sums = v128.add<T>(sums, put<T>(post + bytes<T>(j), e, n - j));
      }
      const total = v128.splat<T>(lanesum<T>(sums));
      for (let j = 0; j < n; j += lanes<T>()) {
        const at = post + bytes<T>(j);
        put<T>(at, v128.div<T>(v128.load(at), total), n - j);
      }
      pre += bytes<T>(n);
      post += bytes<T>(n);
    }
  };
}

/** Stores the first `left` numbers of a vector, and returns them, with zeros behind. */
@inline
function put<T>(at: usize, v: v128, left: i32): v128 {
  if (left >= lanes<T>()) {
    v128.store(at, v);
    return v;
  }
  storePart<T>(at, v, left);
  return v128.and(v, mask<T>(left));
}

/** Returns the loop of d = y ⊙ (d - ⟨d, y⟩), for each row. */
export function softmaxBackward<T>(): Backward {
  return (_pre, post, delta, rows, n, _a) => {
    for (let r = 0; r < rows; r++) {
      let sums = v128.splat<T>(0);
      for (let j = 0; j < n; j += lanes<T>()) {
        const terms = v128.mul<T>(v128.load(delta + bytes<T>(j)), v128.load(post + bytes<T>(j)));
        sums = v128.add<T>(sums, n - j < lanes<T>() ? v128.and(terms, mask<T>(n - j)) : terms);
      }
      const inner = v128.splat<T>(lanesum<T>(sums));
      for (let j = 0; j < n; j += lanes<T>()) {
        const at = bytes<T>(j);
        const d = v128.mul<T>(v128.load(post + at), v128.sub<T>(v128.load(delta + at), inner));
        put<T>(delta + at, d, n - j);
      }
      post += bytes<T>(n);
      delta += bytes<T>(n);
    }
  };
}

/** Returns the sum of a vector's numbers. */
@inline
function lanesum<T>(v: v128): T {
  if (sizeof<T>() == 8) return <T>(f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1));
  return <T>(
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}
