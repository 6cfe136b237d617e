import { alloc, free } from "../../memory";
import { ACTIVATIONS, LINEAR, RELU, SIGMOID, SOFTMAX, TANH, activate, deactivate } from "../../rule/activation";

const ROWS = 3;
const N = 5;
const COUNT = ROWS * N;

function put<T>(at: usize, index: i32, value: f64): void {
  store<T>(at + <usize>index * sizeof<T>(), <T>value);
}

function get<T>(at: usize, index: i32): f64 {
  return <f64>load<T>(at + <usize>index * sizeof<T>());
}

/** Whether two numbers agree, relative to the larger of 1 and the second. */
function near(a: f64, b: f64, bound: f64): bool {
  return Math.abs(a - b) <= bound * Math.max(1, Math.abs(b));
}

function value(kind: u32, x: f64): f64 {
  if (kind == SIGMOID) return 1 / (1 + Math.exp(-x));
  if (kind == TANH) return Math.tanh(x);
  if (kind == RELU) return x > 0 ? x : 0;
  return x;
}

function forward<T>(kind: u32, pre: usize, post: usize): void {
  if (kind == LINEAR) memory.copy(post, pre, COUNT * sizeof<T>());
  else activate<T>(kind, pre, post, ROWS, N);
}

/** Against scalar arithmetic, and Jᵀ·d against central differences of ⟨d, y⟩. */
function check<T>(kind: u32, bound: f64, step: f64, slopeBound: f64): void {
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
    if (kind == SOFTMAX) {
      let total: f64 = 0;
      for (let j = 0; j < N; j++) total += Math.exp(get<T>(pre, i - (i % N) + j));
      wanted = Math.exp(get<T>(pre, i)) / total;
    }
    expect<bool>(near(get<T>(post, i), wanted, bound)).toBe(true, `value ${i} of the activation ${kind}`);
  }
  memory.copy(delta, d, bytes);
  deactivate<T>(kind, pre, post, delta, ROWS, N);
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

describe("activations", () => {
  it("have the values of scalar arithmetic and the derivatives of central differences", () => {
    for (let kind: u32 = 0; kind < ACTIVATIONS; kind++) {
      check<f64>(kind, 1e-15, 1e-5, 1e-9);
      check<f32>(kind, 1e-6, 1e-2, 2e-3);
    }
  });

  it("have PyTorch's derivative at the kink", () => {
    const x = alloc(16);
    const d = alloc(16);
    store<f64>(d, 1);
    deactivate<f64>(RELU, x, x, d, 1, 1);
    expect<f64>(load<f64>(d)).toBe(0);
    free(x);
    free(d);
  });

  it("stay finite far out", () => {
    const x = alloc(24);
    const y = alloc(24);
    for (let kind: u32 = 1; kind < ACTIVATIONS; kind++) {
      put<f64>(x, 0, -1e300);
      put<f64>(x, 1, 800);
      put<f64>(x, 2, 0);
      activate<f64>(kind, x, y, 1, 3);
      for (let i = 0; i < 3; i++) expect<bool>(isFinite(get<f64>(y, i))).toBe(true);
    }
    free(x);
    free(y);
  });
});
