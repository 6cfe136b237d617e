import { ActivationKind, LossKind } from "../../abi";
import { alloc, free } from "../../memory";
import { activate, deactivate } from "../../rule/activation";
import { addGradient, form, measure } from "../../rule/loss";

const ROWS = 2;
const N = 5;
const COUNT = ROWS * N;

function put<T>(at: usize, index: i32, value: f64): void {
  store<T>(at + <usize>index * sizeof<T>(), <T>value);
}

function get<T>(at: usize, index: i32): f64 {
  return <f64>load<T>(at + <usize>index * sizeof<T>());
}

function near(a: f64, b: f64, bound: f64): bool {
  return Math.abs(a - b) <= bound * Math.max(1, Math.abs(b));
}

/** Returns one unit's cost, by scalar arithmetic. a: the loss's parameter */
function naive(loss: i32, y: f64, t: f64, a: f64): f64 {
  const d = y - t;
  if (loss == LossKind.entropy) {
    const goal = t * (1 - a) + a / 2;
    return -goal * Math.log(y) - (1 - goal) * Math.log(1 - y);
  }
  if (loss == LossKind.crossEntropy) return -(t * (1 - a) + a / <f64>N) * Math.log(y);
  if (loss == LossKind.mse) return d * d;
  if (loss == LossKind.mae) return Math.abs(d);
  if (loss == LossKind.huber) return Math.abs(d) <= a ? (d * d) / 2 : a * (Math.abs(d) - a / 2);
  if (loss == LossKind.logCosh) return Math.log(Math.cosh(d));
  if (loss == LossKind.hinge) return Math.max(0, 1 - t * y);
  if (loss == LossKind.kl) return t == 0 ? 0 : t * Math.log(t / y);
  if (loss == LossKind.poisson) return y - t * Math.log(y);
  return NaN;
}

function total<T>(kind: i32, z: usize, y: usize, t: usize, costs: usize, a: f64): f64 {
  measure<T>(kind, z, y, t, costs, ROWS, N, a);
  return load<f64>(costs) + load<f64>(costs, 8);
}

/** Compares the value with scalar arithmetic, and the derivative, by y or in a joint form by z, with central differences. */
function check<T>(loss: i32, activation: i32, a: f64, bound: f64, step: f64, slopeBound: f64): void {
  const bytes = <usize>COUNT * sizeof<T>();
  const z = alloc(bytes);
  const y = alloc(bytes);
  const t = alloc(bytes);
  const d = alloc(bytes);
  const costs = alloc(16);
  const kind = form(loss, activation);
  const joint = kind >= LossKind.count;
  for (let i = 0; i < COUNT; i++) {
    put<T>(z, i, <f64>((i * 37) % 29) / 7 - 2);
    put<T>(y, i, <f64>((i * 7) % 11) / 13 + 0.1);
    put<T>(t, i, <f64>((i * 5) % 11) / 10);
    put<T>(d, i, 1);
  }
  if (joint) activate<T>(activation, z, y, ROWS, N, 0);
  let wanted: f64 = 0;
  for (let i = 0; i < COUNT; i++) wanted += naive(loss, get<T>(y, i), get<T>(t, i), a);
  const cost = total<T>(kind, z, y, t, costs, a);
  expect<bool>(near(cost, wanted, bound)).toBe(true, `the value of the form ${kind} with ${a}`);
  addGradient<T>(kind, z, y, t, d, ROWS, N, 0.5, a);
  const by = joint ? z : y;
  for (let i = 0; i < COUNT; i++) {
    const x = get<T>(by, i);
    put<T>(by, i, x - step);
    if (joint) activate<T>(activation, z, y, ROWS, N, 0);
    const low = total<T>(kind, z, y, t, costs, a);
    put<T>(by, i, x + step);
    if (joint) activate<T>(activation, z, y, ROWS, N, 0);
    const high = total<T>(kind, z, y, t, costs, a);
    put<T>(by, i, x);
    const slope = 1 + (0.5 * (high - low)) / (2 * step);
    expect<bool>(near(get<T>(d, i), slope, slopeBound)).toBe(true, `derivative ${i} of the form ${kind} with ${a}`);
  }
  free(z);
  free(y);
  free(t);
  free(d);
  free(costs);
}

let last: f64 = 0;

/** Returns the cost of a row of one unit, with the derivative in `last`. */
function at<T>(kind: i32, z: f64, y: f64, t: f64, a: f64): f64 {
  const place = alloc(64);
  const costs = alloc(8);
  put<T>(place, 0, z);
  put<T>(place + 16, 0, y);
  put<T>(place + 32, 0, t);
  measure<T>(kind, place, place + 16, place + 32, costs, 1, 1, a);
  addGradient<T>(kind, place, place + 16, place + 32, place + 48, 1, 1, 1, a);
  const cost = load<f64>(costs);
  last = get<T>(place + 48, 0);
  free(place);
  free(costs);
  return cost;
}

/** Checks the derivative by z for a target of 3: -3 down to e^-100, and towards 0 below. */
function far<T>(bound: f64): void {
  const activations: StaticArray<i32> = [ActivationKind.exp, ActivationKind.softplus, ActivationKind.sigmoid];
  for (let i = 0; i < activations.length; i++) {
    const joint = form(LossKind.poisson, activations[i]);
    for (let z: f64 = -140; z < -30; z += 0.5) {
      const y = Math.exp(z), wanted = 3 * Math.min(1, Math.exp(z + 100));
      const cost = at<T>(joint, z, y, 3, 0);
      expect<bool>(near(last, -wanted, bound)).toBe(true, `${last} at ${z}`);
      expect<bool>(near(cost, 3 * Math.min(-z, 100), bound)).toBe(true, `${cost} at ${z}`);
    }
  }
}

/** Returns |poisson's derivative at 0| after relu's derivative. */
function zero<T>(t: f64): f64 {
  at<T>(LossKind.poisson, -1, 0, t, 0);
  const delta = alloc(16), pre = alloc(16);
  put<T>(delta, 0, last);
  put<T>(pre, 0, -1);
  deactivate<T>(ActivationKind.relu, pre, pre, delta, 1, 1, 0);
  return Math.abs(get<T>(delta, 0));
}

/** Returns the cost of the logits z0, z1 with the targets t0, t1. */
function onSoftmax<T>(loss: i32, z0: f64, z1: f64, t0: f64, t1: f64): f64 {
  const place = alloc(48);
  const costs = alloc(8);
  put<T>(place, 0, z0);
  put<T>(place, 1, z1);
  put<T>(place + 16, 0, t0);
  put<T>(place + 16, 1, t1);
  activate<T>(ActivationKind.softmax, place, place + 32, 1, 2, 0);
  measure<T>(form(loss, ActivationKind.softmax), place, place + 32, place + 16, costs, 1, 2, 0);
  const cost = load<f64>(costs);
  free(place);
  free(costs);
  return cost;
}

describe("losses", () => {
  it("have the values of scalar arithmetic and the derivatives of central differences", () => {
    for (let loss = 0; loss < LossKind.count; loss++) {
      const smoothed = loss == LossKind.entropy || loss == LossKind.crossEntropy;
      for (let activation = 0; activation < ActivationKind.count; activation++) {
        for (let round = 0; round < 2; round++) {
          const a: f64 = loss == LossKind.huber ? (round ? 0.3 : 1) : smoothed && round ? 0.2 : 0;
          check<f64>(loss, activation, a, 1e-14, 1e-5, 1e-8);
          check<f32>(loss, activation, a, 2e-6, 4e-3, 2e-2);
        }
      }
    }
  });

  it("have joint forms for entropy on sigmoid, crossEntropy and kl on softmax", () => {
    expect<bool>(form(LossKind.entropy, ActivationKind.sigmoid) >= LossKind.count).toBe(true);
    expect<bool>(form(LossKind.crossEntropy, ActivationKind.softmax) >= LossKind.count).toBe(true);
    expect<bool>(form(LossKind.kl, ActivationKind.softmax) >= LossKind.count).toBe(true);
    expect<i32>(form(LossKind.mse, ActivationKind.sigmoid)).toBe(LossKind.mse);
    expect<i32>(form(LossKind.crossEntropy, ActivationKind.sigmoid)).toBe(LossKind.crossEntropy);
    expect<bool>(form(LossKind.entropy, ActivationKind.hardSigmoid) >= LossKind.count).toBe(true);
    expect<i32>(form(LossKind.poisson, ActivationKind.relu)).toBe(LossKind.poisson);
    expect<i32>(form(LossKind.kl, ActivationKind.sigmoid)).toBe(LossKind.kl);
  });

  it("have the derivative of poisson's cost far below 0, on activations that come near 0", () => {
    far<f64>(1e-12);
    far<f32>(1e-5);
    for (let n: f64 = 1; n < 1e5; n *= 100) {
      expect<f64>(zero<f64>(n)).toBe(0, "relu");
      expect<f64>(zero<f32>(n)).toBe(0, "relu");
    }
  });

  it("have as many digits of 1 - y on softmax as of y", () => {
    const units: StaticArray<i32> = [LossKind.entropy, LossKind.poisson];
    for (let loss = 0; loss < 2; loss++) {
      for (let gap: f64 = 0; gap < 99; gap += 3) {
        const other = 1 / (1 + Math.exp(gap)), y = 1 / (1 + Math.exp(-gap));
        for (let t: f64 = 0; t <= 1; t += 0.5) {
          const wanted = loss == 0
            ? -t * Math.log(y) + (1 - t) * Math.log(1 + Math.exp(gap)) - t * Math.log(other) - (1 - t) * Math.log(y)
            : 1 - t * (Math.log(y) + Math.log(other));
          const wide = onSoftmax<f64>(units[loss], gap, 0, t, t), narrow = onSoftmax<f32>(units[loss], gap, 0, t, t);
          expect<bool>(near(wide, wanted, 1e-13)).toBe(true, `${wide}, not ${wanted}`);
          expect<bool>(near(narrow, wanted, 1e-5)).toBe(true, `${narrow}, not ${wanted}`);
        }
      }
    }
  });

  it("are exact where an output is saturated: entropy on sigmoid", () => {
    const joint = form(LossKind.entropy, ActivationKind.sigmoid);
    expect<f64>(at<f64>(joint, 800, 1, 0, 0)).toBe(800);
    expect<f64>(last).toBe(1);
    expect<f64>(at<f64>(joint, 1e300, 1, 1, 0)).toBe(0);
    expect<f64>(at<f64>(joint, 1e300, 1, 0, 0)).toBe(1e300);
    expect<f64>(at<f64>(joint, Infinity, 1, 1, 0)).toBe(0);
    expect<f64>(at<f64>(joint, -Infinity, 0, 0, 0)).toBe(0);
    expect<f64>(at<f64>(joint, -Infinity, 0, 1, 0)).toBe(f64.MAX_VALUE);
    expect<f64>(at<f32>(joint, Infinity, 1, 1, 0)).toBe(0);
    expect<f64>(at<f32>(joint, Infinity, 1, 0, 0)).toBe(<f64>f32.MAX_VALUE);
    expect<f64>(at<f64>(joint, -1e300, 0, 1, 0)).toBe(1e300);
    expect<f64>(last).toBe(-1);
    expect<f64>(at<f64>(joint, -1e300, 0, 0, 0)).toBe(0);
    expect<f64>(at<f32>(joint, 1e30, 1, 1, 0)).toBe(0);
    expect<f64>(at<f32>(joint, -1e30, 0, 0, 0)).toBe(0);
  });

  it("are exact where an output is saturated: crossEntropy and kl on softmax", () => {
    expect<f64>(onSoftmax<f64>(LossKind.crossEntropy, 800, 0, 0, 1)).toBe(800);
    expect<f64>(onSoftmax<f64>(LossKind.crossEntropy, 800, 0, 1, 0)).toBe(0);
    expect<f64>(onSoftmax<f64>(LossKind.crossEntropy, -1e300, 1e300, 0, 1)).toBe(0);
    expect<f64>(onSoftmax<f64>(LossKind.crossEntropy, -1e300, 1e300, 1, 0)).toBe(2e300);
    expect<f64>(onSoftmax<f64>(LossKind.crossEntropy, -1e308, 1e308, 0, 1)).toBe(0, "z - top overflows");
    expect<f64>(onSoftmax<f64>(LossKind.kl, -1e308, 1e308, 0, 1)).toBe(0);
    expect<f64>(onSoftmax<f64>(LossKind.kl, 800, 0, 0, 1)).toBe(800);
    expect<f64>(onSoftmax<f32>(LossKind.crossEntropy, 800, 0, 0, 1)).toBe(800);
    expect<f64>(onSoftmax<f32>(LossKind.kl, -3e38, 3e38, 0, 1)).toBe(0);
  });

  it("are bounded where they can't be exact, and 0 · ln 0 is 0", () => {
    for (let side = 0; side < 2; side++) {
      const y: f64 = side;
      expect<f64>(at<f64>(LossKind.entropy, 0, y, 1 - y, 0)).toBe(100);
      expect<f64>(last).toBe(side ? 1e12 : -1e12);
      expect<f64>(at<f64>(LossKind.entropy, 0, y, y, 0)).toBe(0);
      expect<f64>(last).toBe(0);
      expect<f64>(at<f32>(LossKind.entropy, 0, y, 1 - y, 0)).toBe(100);
      expect<f64>(at<f32>(LossKind.entropy, 0, y, y, 0)).toBe(0);
    }
    expect<f64>(at<f64>(LossKind.crossEntropy, 0, 0, 1, 0)).toBe(100);
    expect<f64>(last).toBe(-1e12);
    expect<f64>(at<f64>(LossKind.crossEntropy, 0, 0, 0, 0)).toBe(0);
    expect<f64>(at<f64>(LossKind.kl, 0, 0, 1, 0)).toBe(100);
    expect<f64>(last).toBe(-1e12);
    expect<f64>(at<f64>(LossKind.kl, 0, 0, 0, 0)).toBe(0);
    expect<f64>(at<f64>(LossKind.kl, 0, 1, 1, 0)).toBe(0);
    expect<f64>(at<f64>(LossKind.poisson, 0, 0, 1, 0)).toBe(100);
    expect<f64>(last).toBe(1 - 1 / 3.7e-44);
    expect<f64>(at<f64>(LossKind.poisson, 0, 0, 0, 0)).toBe(0);
    expect<f64>(last).toBe(1);
    expect<f64>(at<f64>(LossKind.crossEntropy, 0, f64.MIN_VALUE, 1, 0)).toBe(100, "denormal");
    expect<f64>(at<f32>(LossKind.crossEntropy, 0, f32.MIN_VALUE, 1, 0)).toBe(100, "denormal");
  });

  it("have PyTorch's derivatives at the kinks", () => {
    expect<f64>(at<f64>(LossKind.mae, 0, 0.5, 0.5, 0)).toBe(0);
    expect<f64>(last).toBe(0);
    at<f64>(LossKind.mae, 0, 0.5, 1, 0);
    expect<f64>(last).toBe(-1);
    expect<f64>(at<f64>(LossKind.hinge, 0, 1, 1, 0)).toBe(0);
    expect<f64>(last).toBe(0);
    expect<f64>(at<f64>(LossKind.hinge, 0, -2, -1, 0)).toBe(0);
    expect<f64>(last).toBe(0);
    expect<f64>(at<f64>(LossKind.hinge, 0, 2, -1, 0)).toBe(3);
    expect<f64>(last).toBe(1);
    expect<f64>(at<f64>(LossKind.huber, 0, 2, 0.5, 1.5)).toBe(1.125);
    expect<f64>(last).toBe(1.5);
    expect<f64>(at<f64>(LossKind.huber, 0, -2, 0.5, 1.5)).toBe(2.625);
    expect<f64>(last).toBe(-1.5);
  });

  it("don't overflow where the result is finite", () => {
    expect<f64>(at<f64>(LossKind.logCosh, 0, 1e300, 0, 0)).toBe(1e300);
    expect<f64>(last).toBe(1);
    expect<f64>(at<f64>(LossKind.logCosh, 0, 0, 1e300, 0)).toBe(1e300);
    expect<f64>(last).toBe(-1);
    expect<f64>(at<f32>(LossKind.logCosh, 0, 100, 0, 0)).toBe(<f64>(<f32>100 - <f32>0.6931472));
    expect<f64>(at<f64>(LossKind.huber, 0, 1e300, 0, 1)).toBe(1e300);
    expect<f64>(last).toBe(1);
    expect<f64>(at<f64>(LossKind.mae, 0, -1e308, 0, 0)).toBe(1e308);
  });

  it("logCosh is exact near 0 and in its straight part", () => {
    expect<bool>(Math.abs(at<f64>(LossKind.logCosh, 0, 1e-8, 0, 0) - 5e-17) < 1e-31).toBe(true);
    expect<f64>(at<f64>(LossKind.logCosh, 0, 0.25, 0.25, 0)).toBe(0);
    for (let i = 0; i <= 100; i++) {
      const d = <f64>i / 4;
      expect<bool>(near(at<f64>(LossKind.logCosh, 0, d, 0, 0), Math.log(Math.cosh(d)), 1e-15)).toBe(true, `${d}`);
      expect<bool>(near(last, Math.tanh(d), 1e-15)).toBe(true, `${d}`);
      expect<bool>(near(at<f32>(LossKind.logCosh, 0, d, 0, 0), Math.log(Math.cosh(d)), 3e-7)).toBe(true, `${d}`);
    }
  });

  it("keep NaN", () => {
    for (let loss = 0; loss < LossKind.count; loss++) {
      expect<bool>(isNaN(at<f64>(loss, NaN, NaN, 1, 1))).toBe(true, `${loss}`);
      expect<bool>(isNaN(at<f32>(loss, NaN, NaN, 1, 1))).toBe(true, `${loss}`);
    }
    expect<bool>(isNaN(at<f64>(form(LossKind.entropy, ActivationKind.sigmoid), NaN, NaN, 1, 0))).toBe(true);
    expect<bool>(isNaN(onSoftmax<f64>(LossKind.crossEntropy, NaN, 0, 1, 0))).toBe(true);
    expect<bool>(isNaN(onSoftmax<f64>(LossKind.kl, 0, NaN, 1, 0))).toBe(true);
  });
});
