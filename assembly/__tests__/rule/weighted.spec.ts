import { ActivationKind, LossKind } from "../../abi";
import { alloc, free } from "../../memory";
import { activate } from "../../rule/activation";
import { LossForm, addGradient, form, measure } from "../../rule/loss";
import { addWeightedGradient, measureWeighted } from "../../rule/weighted";

const ROWS = 3;
const N = 5;
const COUNT = ROWS * N;

function put<T>(at: usize, index: i32, value: f64): void {
  store<T>(at + <usize>index * sizeof<T>(), <T>value);
}

function get<T>(at: usize, index: i32): f64 {
  return <f64>load<T>(at + <usize>index * sizeof<T>());
}

/** Compares rows of weights 1, -2.5 and 0 with unweighted rows, and weights of opposite signs. */
function check<T>(kind: i32, activation: i32, bound: f64, a: f64 = 0): void {
  const bytes = <usize>COUNT * sizeof<T>();
  const z = alloc(bytes), y = alloc(bytes), t = alloc(bytes), e = alloc(bytes), spare = alloc(COUNT * 16);
  const costs = alloc(ROWS * 8), plain = alloc(ROWS * 8), delta = alloc(bytes), other = alloc(bytes);
  const counts: StaticArray<f64> = [1, -2.5, 0];
  for (let i = 0; i < COUNT; i++) {
    put<T>(z, i, <f64>((i * 37) % 29) / 7 - 2);
    put<T>(t, i, <f64>((i * 5) % 11) / 10);
    put<T>(e, i, counts[i / N]);
  }
  activate<T>(activation, z, y, ROWS, N, 0);
  measure<T>(kind, z, y, t, plain, ROWS, N, a);
  addGradient<T>(kind, z, y, t, other, ROWS, N, 0.5, a);
  measureWeighted<T>(kind, z, y, t, e, costs, ROWS, N, a, spare);
  addWeightedGradient<T>(kind, z, y, t, e, delta, ROWS, N, 0.5, a, spare);
  for (let r = 0; r < ROWS; r++) {
    const wanted = counts[r] * load<f64>(plain + (<usize>r << 3)), found = load<f64>(costs + (<usize>r << 3));
    expect<bool>(Math.abs(found - wanted) <= bound * Math.max(1, Math.abs(wanted))).toBe(true, `cost ${r} of the form ${kind}`);
  }
  for (let i = 0; i < COUNT; i++) {
    const wanted = counts[i / N] * get<T>(other, i);
    const near = Math.abs(get<T>(delta, i) - wanted) <= bound * Math.max(1, Math.abs(wanted));
    expect<bool>(near).toBe(true, `derivative ${i} of the form ${kind}`);
    put<T>(e, i, -get<T>(e, i));
    put<T>(other, i, 0);
  }
  memory.copy(plain, costs, ROWS * 8);
  measureWeighted<T>(kind, z, y, t, e, costs, ROWS, N, a, spare);
  addWeightedGradient<T>(kind, z, y, t, e, other, ROWS, N, 0.5, a, spare);
  for (let r = 0; r < ROWS; r++) expect<f64>(load<f64>(costs + (<usize>r << 3)) + load<f64>(plain + (<usize>r << 3))).toBe(0);
  for (let i = 0; i < COUNT; i++) expect<f64>(get<T>(other, i) + get<T>(delta, i)).toBe(0);
  free(z);
  free(y);
  free(t);
  free(e);
  free(spare);
  free(costs);
  free(plain);
  free(delta);
  free(other);
}

describe("weights below 0", () => {
  it("count as weights above 0 do, with the other sign", () => {
    for (let loss = 0; loss < LossKind.count; loss++) {
      const activations: StaticArray<i32> = [ActivationKind.sigmoid, ActivationKind.softmax, ActivationKind.softplus];
      for (let a = 0; a < activations.length; a++) {
        if (activations[a] == ActivationKind.softplus && (loss == LossKind.entropy || loss == LossKind.crossEntropy)) continue;
        const own = loss == LossKind.kl || loss == LossKind.poisson ? 0 : 0.3;
        check<f64>(form(loss, activations[a]), activations[a], 1e-13, own);
        check<f32>(form(loss, activations[a]), activations[a], 2e-6, own);
      }
    }
    check<f64>(LossForm.upstream, ActivationKind.sigmoid, 1e-15);
    check<f32>(LossForm.upstream, ActivationKind.softmax, 1e-7);
  });
});
