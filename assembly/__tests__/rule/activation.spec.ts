import { ActivationKind } from "../../abi";
import { alloc, free } from "../../memory";
import { activate, deactivate } from "../../rule/activation";

const ROWS = 3;
const N = 5;
const COUNT = ROWS * N;

function put<T>(at: usize, index: i32, value: f64): void {
  store<T>(at + <usize>index * sizeof<T>(), <T>value);
}

function get<T>(at: usize, index: i32): f64 {
  return <f64>load<T>(at + <usize>index * sizeof<T>());
}

/** Returns whether two numbers agree, relative to the larger of 1 and the second. */
function near(a: f64, b: f64, bound: f64): bool {
  return Math.abs(a - b) <= bound * Math.max(1, Math.abs(b));
}

/** Returns the normal distribution's Φ by its series: ½ + φ(x) (x + x³/3 + x⁵/(3·5) + …). */
function normal(x: f64): f64 {
  let term = x;
  let sum = x;
  for (let k = 3; k < 200; k += 2) {
    term *= (x * x) / <f64>k;
    sum += term;
  }
  return 0.5 + (sum * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
}

/** Returns the parameter that an activation is tested with. */
function parameterOf(kind: i32): f64 {
  return kind == ActivationKind.leakyRelu ? 0.2 : kind == ActivationKind.elu ? 1.7 : 0;
}

const SCALE: f64 = 1.0507009873554805;
const ALPHA: f64 = 1.6732632423543772;

function value(kind: i32, x: f64): f64 {
  const a = parameterOf(kind);
  if (kind == ActivationKind.sigmoid) return 1 / (1 + Math.exp(-x));
  if (kind == ActivationKind.tanh) return Math.tanh(x);
  if (kind == ActivationKind.relu) return x > 0 ? x : 0;
  if (kind == ActivationKind.leakyRelu) return x > 0 ? x : a * x;
  if (kind == ActivationKind.elu) return x > 0 ? x : a * Math.expm1(x);
  if (kind == ActivationKind.selu) return SCALE * (x > 0 ? x : ALPHA * Math.expm1(x));
  if (kind == ActivationKind.gelu) return x * normal(x);
  if (kind == ActivationKind.silu) return x / (1 + Math.exp(-x));
  if (kind == ActivationKind.mish) return x * Math.tanh(Math.log1p(Math.exp(x)));
  if (kind == ActivationKind.softplus) return Math.log1p(Math.exp(x));
  if (kind == ActivationKind.softsign) return x / (1 + Math.abs(x));
  if (kind == ActivationKind.hardSigmoid) return Math.min(Math.max(x / 6 + 0.5, 0), 1);
  if (kind == ActivationKind.exp) return Math.exp(x);
  if (kind == ActivationKind.sin) return Math.sin(x);
  return x;
}

function forward<T>(kind: i32, pre: usize, post: usize): void {
  if (kind == ActivationKind.linear) memory.copy(post, pre, COUNT * sizeof<T>());
  else activate<T>(kind, pre, post, ROWS, N, parameterOf(kind));
}

/** Compares values with scalar arithmetic, and Jᵀ·d with central differences of ⟨d, y⟩. */
function check<T>(kind: i32, bound: f64, step: f64, slopeBound: f64): void {
  const bytes = <usize>COUNT * sizeof<T>();
  const pre = alloc(bytes);
  const post = alloc(bytes);
  const delta = alloc(bytes);
  const d = alloc(bytes);
  for (let i = 0; i < COUNT; i++) {
    put<T>(pre, i, <f64>((i * 37) % 29) / 7 - 2 + 0.01);
    put<T>(d, i, <f64>((i * 17) % 11) / 5 - 1);
  }
  forward<T>(kind, pre, post);
  for (let i = 0; i < COUNT; i++) {
    let wanted = value(kind, get<T>(pre, i));
    if (kind == ActivationKind.softmax) {
      let total: f64 = 0;
      for (let j = 0; j < N; j++) total += Math.exp(get<T>(pre, i - (i % N) + j));
      wanted = Math.exp(get<T>(pre, i)) / total;
    }
    expect<bool>(near(get<T>(post, i), wanted, bound)).toBe(true, `value ${i} of the activation ${kind}`);
  }
  memory.copy(delta, d, bytes);
  deactivate<T>(kind, pre, post, delta, ROWS, N, parameterOf(kind));
  for (let i = 0; i < COUNT; i++) {
    const x = get<T>(pre, i);
    const ends = new StaticArray<f64>(2);
    for (let side = 0; side < 2; side++) {
      put<T>(pre, i, side == 0 ? x - step : x + step);
      forward<T>(kind, pre, post);
      for (let j = 0; j < COUNT; j++) ends[side] += get<T>(d, j) * get<T>(post, j);
    }
    put<T>(pre, i, x);
    const slope = (ends[1] - ends[0]) / (2 * step);
    expect<bool>(near(get<T>(delta, i), slope, slopeBound)).toBe(true, `derivative ${i} of the activation ${kind}`);
  }
  free(pre);
  free(post);
  free(delta);
  free(d);
}

let last: f64 = 0;

/** Returns an activation at one number, alone in its row, with its derivative in `last`. */
function at<T>(kind: i32, x: f64): f64 {
  const pre = alloc(16);
  const post = alloc(16);
  const delta = alloc(16);
  put<T>(pre, 0, x);
  put<T>(delta, 0, 1);
  activate<T>(kind, pre, post, 1, 1, parameterOf(kind));
  deactivate<T>(kind, pre, post, delta, 1, 1, parameterOf(kind));
  const y = get<T>(post, 0);
  last = get<T>(delta, 0);
  free(pre);
  free(post);
  free(delta);
  return y;
}

/** Returns the limits of an activation: value and derivative at -∞, then at ∞. */
function ends(kind: i32): StaticArray<f64> {
  if (kind == ActivationKind.sigmoid || kind == ActivationKind.hardSigmoid) return [0, 0, 1, 0];
  if (kind == ActivationKind.tanh || kind == ActivationKind.softsign) return [-1, 0, 1, 0];
  if (kind == ActivationKind.leakyRelu) return [-Infinity, parameterOf(kind), Infinity, 1];
  if (kind == ActivationKind.elu) return [-parameterOf(kind), 0, Infinity, 1];
  if (kind == ActivationKind.selu) return [-SCALE * ALPHA, 0, Infinity, SCALE];
  if (kind == ActivationKind.exp) return [0, 0, Infinity, Infinity];
  if (kind == ActivationKind.sin) return [NaN, NaN, NaN, NaN];
  return [0, 0, Infinity, 1];
}

/** Returns the value far out, if the limit is infinite: the slope times x, but Infinity for e^x. */
function far(kind: i32, x: f64, limit: f64, slope: f64): f64 {
  return isFinite(limit) || kind == ActivationKind.exp ? limit : slope * x;
}

/** Returns whether two numbers agree to a relative bound, or are both NaN. */
function same(a: f64, b: f64, bound: f64): bool {
  return a == b || (isNaN(a) && isNaN(b)) || Math.abs(a - b) <= bound * Math.abs(b);
}

function checkEnds<T>(kind: i32, large: f64, bound: f64): void {
  const want = ends(kind);
  for (let side = 0; side < 2; side++) {
    const x = side == 0 ? -Infinity : Infinity;
    expect<bool>(same(at<T>(kind, x), want[2 * side], bound)).toBe(true, `the activation ${kind} at ${x}`);
    expect<bool>(same(last, want[2 * side + 1], bound)).toBe(true, `the derivative of ${kind} at ${x}`);
    if (kind == ActivationKind.sin) continue;
    const big = side == 0 ? -large : large;
    const wanted = far(kind, big, want[2 * side], want[2 * side + 1]);
    expect<bool>(same(at<T>(kind, big), wanted, bound)).toBe(true, `the activation ${kind} at ${big}`);
    expect<bool>(same(last, want[2 * side + 1], bound)).toBe(true, `the derivative of ${kind} at ${big}`);
  }
  expect<bool>(isNaN(at<T>(kind, NaN))).toBe(true, `the activation ${kind} at NaN`);
}

describe("activations", () => {
  it("have the values of scalar arithmetic and the derivatives of central differences", () => {
    for (let kind = 0; kind < ActivationKind.count; kind++) {
      check<f64>(kind, 2e-15, 1e-5, 1e-9);
      check<f32>(kind, 1e-6, 1e-2, 2e-3);
    }
  });

  it("have PyTorch's derivatives at the kinks, at 0 of either sign", () => {
    for (let side = 0; side < 2; side++) {
      const zero: f64 = side == 0 ? 0 : -0.0;
      at<f64>(ActivationKind.relu, zero);
      expect<f64>(last).toBe(0);
      at<f64>(ActivationKind.leakyRelu, zero);
      expect<f64>(last).toBe(0.2);
      at<f64>(ActivationKind.elu, zero);
      expect<f64>(last).toBe(1.7);
      at<f64>(ActivationKind.selu, zero);
      expect<f64>(last).toBe(1.7580993408473768); // rounded once
      at<f64>(ActivationKind.gelu, zero);
      expect<f64>(last).toBe(0.5);
      at<f32>(ActivationKind.gelu, zero);
      expect<f64>(last).toBe(0.5);
    }
    for (let side = 0; side < 2; side++) {
      at<f64>(ActivationKind.hardSigmoid, side == 0 ? 3 : -3);
      expect<f64>(last).toBe(0);
    }
  });

  it("keep the sign of 0 where they are 0 there, but relu", () => {
    for (let kind = 1; kind < ActivationKind.count; kind++) {
      if (kind == ActivationKind.softmax || value(kind, 0) != 0) continue;
      const sign: f64 = kind == ActivationKind.relu ? 1 : -1;
      expect<f64>(1 / at<f64>(kind, -0.0)).toBe(sign * Infinity, `${kind}`);
      expect<f64>(1 / at<f32>(kind, -0.0)).toBe(sign * Infinity, `${kind}`);
      expect<f64>(1 / at<f64>(kind, 0)).toBe(Infinity, `${kind}`);
    }
  });

  it("come to their limits at the infinities and far out, and keep NaN", () => {
    for (let kind = 1; kind < ActivationKind.count; kind++) {
      if (kind == ActivationKind.softmax) continue;
      checkEnds<f64>(kind, 1e300, 4e-16);
      checkEnds<f32>(kind, 1e30, 2e-7);
    }
  });

  it("are as exact in the left tail, where they are small", () => {
    // Φ(-30) and φ(-30), to 60 digits.
    const area: f64 = 4.906713927148187e-198, density: f64 = 1.4736461348785476e-196;
    expect<bool>(same(at<f64>(ActivationKind.gelu, -30), -30 * area, 2e-15)).toBe(true);
    expect<bool>(same(last, area - 30 * density, 2e-15)).toBe(true);
    const e = Math.exp(-700);
    expect<bool>(same(at<f64>(ActivationKind.silu, -700), -700 * e, 2e-15)).toBe(true);
    expect<bool>(same(last, -699 * e, 2e-15)).toBe(true);
    expect<bool>(same(at<f64>(ActivationKind.mish, -700), -700 * e, 2e-15)).toBe(true);
    expect<bool>(same(last, -699 * e, 2e-15)).toBe(true);
    expect<bool>(same(at<f64>(ActivationKind.softplus, -700), e, 2e-15)).toBe(true);
    expect<bool>(same(last, e, 2e-15)).toBe(true);
    expect<bool>(same(at<f64>(ActivationKind.sigmoid, -700), e, 2e-15)).toBe(true);
    expect<bool>(same(last, e, 2e-15)).toBe(true);
  });

  it("bend in the middle as they should where powers could overflow", () => {
    expect<f64>(at<f64>(ActivationKind.mish, 400)).toBe(400);
    expect<f64>(last).toBe(1);
    expect<f64>(at<f64>(ActivationKind.softplus, 800)).toBe(800);
    expect<f64>(last).toBe(1);
    expect<f64>(at<f32>(ActivationKind.mish, 100)).toBe(100);
    expect<f64>(at<f32>(ActivationKind.softplus, 100)).toBe(100);
    expect<f64>(at<f64>(ActivationKind.exp, -1e300)).toBe(0);
  });

  it("softmax takes numbers of any size", () => {
    const x = alloc(24);
    const y = alloc(24);
    put<f64>(x, 0, -1e308);
    put<f64>(x, 1, 1e308);
    put<f64>(x, 2, -Infinity);
    activate<f64>(ActivationKind.softmax, x, y, 1, 3, 0);
    expect<f64>(get<f64>(y, 0)).toBe(0);
    expect<f64>(get<f64>(y, 1)).toBe(1);
    expect<f64>(get<f64>(y, 2)).toBe(0);
    put<f64>(x, 2, NaN);
    activate<f64>(ActivationKind.softmax, x, y, 1, 3, 0);
    for (let i = 0; i < 3; i++) expect<bool>(isNaN(get<f64>(y, i))).toBe(true);
    free(x);
    free(y);
  });
});
