import { alloc, free } from "../../memory";
import { ACTIVATIONS, SIGMOID, SOFTMAX, activate } from "../../rule/activation";
import { CROSS_ENTROPY, ENTROPY, LOSSES, MSE, addGradient, form, measure } from "../../rule/loss";

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

/** The cost of both rows, by scalar arithmetic on y. */
function naive<T>(loss: u32, y: usize, t: usize): f64 {
  let total: f64 = 0;
  for (let i = 0; i < COUNT; i++) {
    const a = get<T>(y, i);
    const b = get<T>(t, i);
    if (loss == ENTROPY) total -= b * Math.log(a) + (1 - b) * Math.log(1 - a);
    if (loss == MSE) total += (a - b) * (a - b);
    if (loss == CROSS_ENTROPY) total -= b * Math.log(a);
  }
  return total;
}

function total<T>(kind: u32, z: usize, y: usize, t: usize, costs: usize): f64 {
  measure<T>(kind, z, y, t, costs, ROWS, N);
  return load<f64>(costs) + load<f64>(costs, 8);
}

/** The value against scalar arithmetic; the derivative, by y or in a joint form by z, against central differences. */
function check<T>(loss: u32, activation: u32, bound: f64, step: f64, slopeBound: f64): void {
  const bytes = <usize>COUNT * sizeof<T>();
  const z = alloc(bytes);
  const y = alloc(bytes);
  const t = alloc(bytes);
  const d = alloc(bytes);
  const costs = alloc(16);
  const kind = form(loss, activation);
  const joint = kind >= LOSSES;
  for (let i = 0; i < COUNT; i++) {
    put<T>(z, i, <f64>((i * 37) % 29) / 7 - 2);
    put<T>(y, i, <f64>((i * 7) % 11) / 12 + 0.04);
    put<T>(t, i, <f64>((i * 5) % 11) / 10);
    put<T>(d, i, 1);
  }
  if (joint) activate<T>(activation, z, y, ROWS, N);
  const cost = total<T>(kind, z, y, t, costs);
  expect<bool>(near(cost, naive<T>(loss, y, t), bound)).toBe(true, `the value of the form ${kind}`);
  addGradient<T>(kind, z, y, t, d, ROWS, N, 0.5);
  const by = joint ? z : y;
  for (let i = 0; i < COUNT; i++) {
    const x = get<T>(by, i);
    put<T>(by, i, x - step);
    if (joint) activate<T>(activation, z, y, ROWS, N);
    const low = total<T>(kind, z, y, t, costs);
    put<T>(by, i, x + step);
    if (joint) activate<T>(activation, z, y, ROWS, N);
    const high = total<T>(kind, z, y, t, costs);
    put<T>(by, i, x);
    const slope = 1 + (0.5 * (high - low)) / (2 * step);
    expect<bool>(near(get<T>(d, i), slope, slopeBound)).toBe(true, `derivative ${i} of the form ${kind}`);
  }
  free(z);
  free(y);
  free(t);
  free(d);
  free(costs);
}

describe("losses", () => {
  it("have the values of scalar arithmetic and the derivatives of central differences", () => {
    for (let loss: u32 = 0; loss < LOSSES; loss++) {
      for (let activation: u32 = 0; activation < ACTIVATIONS; activation++) {
        check<f64>(loss, activation, 1e-14, 1e-5, 1e-8);
        check<f32>(loss, activation, 2e-6, 4e-3, 2e-2);
      }
    }
  });

  it("have joint forms for entropy on sigmoid and crossEntropy on softmax", () => {
    expect<bool>(form(ENTROPY, SIGMOID) >= LOSSES).toBe(true);
    expect<bool>(form(CROSS_ENTROPY, SOFTMAX) >= LOSSES).toBe(true);
    expect<u32>(form(MSE, SIGMOID)).toBe(MSE);
    expect<u32>(form(CROSS_ENTROPY, SIGMOID)).toBe(CROSS_ENTROPY);
  });

  it("are exact where an output is saturated, and bounded where they can't be", () => {
    const z = alloc(16);
    const y = alloc(16);
    const t = alloc(16);
    const costs = alloc(8);
    put<f64>(z, 0, 800);
    put<f64>(y, 0, 1);
    measure<f64>(form(ENTROPY, SIGMOID), z, y, t, costs, 1, 1);
    expect<f64>(load<f64>(costs)).toBe(800);
    measure<f64>(ENTROPY, z, y, t, costs, 1, 1);
    expect<f64>(load<f64>(costs)).toBe(100);
    put<f64>(z, 1, 0);
    put<f64>(t, 1, 1);
    measure<f64>(form(CROSS_ENTROPY, SOFTMAX), z, y, t, costs, 1, 2);
    expect<f64>(load<f64>(costs)).toBe(800);
    put<f64>(t, 0, 1);
    measure<f64>(ENTROPY, z, y, t, costs, 1, 1);
    expect<f64>(load<f64>(costs)).toBe(0, "0 · ln 0 is 0");
    free(z);
    free(y);
    free(t);
    free(costs);
  });
});
