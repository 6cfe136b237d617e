import { denormaliseGroups, normaliseGroups } from "../../kernel/groupnorm";
import { denormalise, normalise } from "../../kernel/norm";
import { alloc } from "../../memory";
import { BEHIND, numbers } from "./numbers";

const ROWS = 3;

/** Returns a number of a list in float64. */
function numberAt<T>(list: usize, index: i32): f64 {
  return <f64>load<T>(list + <usize>index * sizeof<T>());
}

function near(a: f64, b: f64, bound: f64): bool {
  return Math.abs(a - b) <= bound * Math.max(1, Math.abs(b));
}

/** Compares values and derivatives with scalar arithmetic in float64. */
function compare<T>(positions: i32, channels: i32, groups: i32, period: i32, bound: f64): void {
  const n = positions * channels, count = ROWS * n, own = channels / groups, parts = <f64>(n / groups);
  const sums = numbers<T>(count, 1), d = numbers<T>(count, 2), gain = numbers<T>(period, 3), bias = numbers<T>(period, 4);
  const normalized = numbers<T>(count, 1), delta = numbers<T>(count, 2), pre = numbers<T>(count, 5);
  const rstd = numbers<T>(ROWS * groups, 6);
  normaliseGroups<T>(normalized, rstd, pre, gain, bias, ROWS, positions, channels, groups, period);
  denormaliseGroups<T>(delta, normalized, rstd, gain, ROWS, positions, channels, groups, period);
  const name = `${positions} positions, ${channels} channels, ${groups} groups, ${period} gains`;
  for (let r = 0; r < ROWS; r++) {
    for (let g = 0; g < groups; g++) {
      let mean: f64 = 0, square: f64 = 0, slope: f64 = 0, along: f64 = 0;
      for (let i = 0; i < n; i++) if (i % channels / own == g) mean += numberAt<T>(sums, r * n + i) / parts;
      for (let i = 0; i < n; i++) {
        if (i % channels / own == g) square += Math.pow(numberAt<T>(sums, r * n + i) - mean, 2) / parts;
      }
      const scale = 1 / Math.sqrt(square + 1e-5);
      expect<bool>(near(numberAt<T>(rstd, r * groups + g), scale, 100 * bound)).toBe(true, `rstd of ${name}`);
      for (let i = 0; i < n; i++) {
        if (i % channels / own != g) continue;
        const e = numberAt<T>(d, r * n + i) * numberAt<T>(gain, i % period);
        slope += e / parts;
        along += e * (numberAt<T>(sums, r * n + i) - mean) * scale / parts;
      }
      for (let i = 0; i < n; i++) {
        if (i % channels / own != g) continue;
        const h = (numberAt<T>(sums, r * n + i) - mean) * scale;
        const wanted = numberAt<T>(bias, i % period) + numberAt<T>(gain, i % period) * h;
        expect<bool>(near(numberAt<T>(pre, r * n + i), wanted, 10 * bound)).toBe(true, `unit ${i} of ${name}`);
        const e = numberAt<T>(d, r * n + i) * numberAt<T>(gain, i % period);
        const derivative = scale * (e - slope - h * along);
        expect<bool>(near(numberAt<T>(delta, r * n + i), derivative, 1000 * bound)).toBe(true, `derivative ${i} of ${name}`);
      }
    }
  }
  expect<f64>(numberAt<T>(normalized, count) + numberAt<T>(delta, count) + numberAt<T>(pre, count)).toBe(3 * BEHIND, name);
  expect<f64>(numberAt<T>(rstd, ROWS * groups)).toBe(BEHIND, name);
}

/** Compares one group of one position with the norm of a plain layer, bit by bit. */
function comparePlain<T>(n: i32): void {
  const count = ROWS * n, gain = numbers<T>(n, 3), bias = numbers<T>(n, 4);
  const a = numbers<T>(count, 1), preA = numbers<T>(count, 5), deltaA = numbers<T>(count, 2), rstdA = numbers<T>(ROWS, 6);
  const b = numbers<T>(count, 1), preB = numbers<T>(count, 5), deltaB = numbers<T>(count, 2), rstdB = numbers<T>(ROWS, 6);
  normalise<T>(a, rstdA, preA, gain, bias, ROWS, n);
  denormalise<T>(deltaA, a, rstdA, gain, ROWS, n);
  normaliseGroups<T>(b, rstdB, preB, gain, bias, ROWS, 1, n, 1, n);
  denormaliseGroups<T>(deltaB, b, rstdB, gain, ROWS, 1, n, 1, n);
  for (let i = 0; i <= count; i++) {
    expect<f64>(numberAt<T>(a, i)).toBe(numberAt<T>(b, i));
    expect<f64>(numberAt<T>(preA, i)).toBe(numberAt<T>(preB, i));
    expect<f64>(numberAt<T>(deltaA, i)).toBe(numberAt<T>(deltaB, i));
  }
  for (let r = 0; r < ROWS; r++) expect<f64>(numberAt<T>(rstdA, r)).toBe(numberAt<T>(rstdB, r));
}

describe("group normalization", () => {
  it("has the values and derivatives of scalar arithmetic, and writes nothing behind", () => {
    for (let groups = 1; groups <= 3; groups++) {
      for (let own = 1; own <= 5; own++) {
        const channels = groups * own;
        compare<f64>(4, channels, groups, channels, 1e-14);
        compare<f64>(3, channels, groups, 3 * channels, 1e-14);
        compare<f32>(4, channels, groups, channels, 1e-6);
        compare<f32>(3, channels, groups, 3 * channels, 1e-6);
      }
    }
  });

  it("equals the norm over a plain layer bit by bit, for one group of one position", () => {
    for (let n = 1; n <= 9; n++) {
      comparePlain<f64>(n);
      comparePlain<f32>(n);
    }
  });

  it("makes NaN of a group whose variance overflows, and of no other", () => {
    const s = numbers<f64>(8, 1), rstd = alloc(16), pre = alloc(64), gain = numbers<f64>(4, 2), bias = numbers<f64>(4, 3);
    store<f64>(s, 1e200);
    normaliseGroups<f64>(s, rstd, pre, gain, bias, 1, 2, 4, 2, 4);
    for (let i = 0; i < 8; i++) expect<bool>(isNaN(load<f64>(pre + i * 8))).toBe(i % 4 < 2);
  });
});
