import { Along, denormalise, normalise } from "../../kernel/norm";
import { alloc, free } from "../../memory";

const ROWS = 3;

function at<T>(block: usize, index: i32): usize {
  return block + <usize>index * sizeof<T>();
}

function near(a: f64, b: f64, bound: f64): bool {
  return Math.abs(a - b) <= bound * Math.max(1, Math.abs(b));
}

/** Compares values with scalar arithmetic, and derivatives with central differences of Σ d · pre. */
function check<T>(n: i32, bound: f64, step: f64, slopeBound: f64): void {
  const matrix = <usize>(ROWS * n) * sizeof<T>();
  const sums = alloc(matrix), normalized = alloc(matrix), pre = alloc(matrix), d = alloc(matrix), kept = alloc(matrix);
  const rstd = alloc(ROWS * sizeof<T>()), gain = alloc(n * sizeof<T>()), bias = alloc(n * sizeof<T>());
  for (let i = 0; i < ROWS * n; i++) {
    store<T>(at<T>(sums, i), <T>(<f64>((i * 37) % 29) / 7 - 2));
    store<T>(at<T>(d, i), <T>(<f64>((i * 17) % 11) / 5 - 1));
  }
  for (let j = 0; j < n; j++) {
    store<T>(at<T>(gain, j), <T>(1.5 - <f64>j / 4));
    store<T>(at<T>(bias, j), <T>(<f64>j / 8));
  }
  memory.copy(normalized, sums, matrix);
  normalise<T>(normalized, rstd, pre, gain, bias, ROWS, n);
  for (let r = 0; r < ROWS; r++) {
    let mean: f64 = 0, square: f64 = 0;
    for (let j = 0; j < n; j++) mean += <f64>load<T>(at<T>(sums, r * n + j)) / <f64>n;
    for (let j = 0; j < n; j++) square += Math.pow(<f64>load<T>(at<T>(sums, r * n + j)) - mean, 2) / <f64>n;
    for (let j = 0; j < n; j++) {
      const h = (<f64>load<T>(at<T>(sums, r * n + j)) - mean) / Math.sqrt(square + 1e-5);
      const wanted = <f64>load<T>(at<T>(bias, j)) + <f64>load<T>(at<T>(gain, j)) * h;
      expect<bool>(near(<f64>load<T>(at<T>(pre, r * n + j)), wanted, bound)).toBe(true, `row ${r}, unit ${j} of ${n}`);
    }
  }
  memory.copy(kept, d, matrix);
  denormalise<T>(d, normalized, rstd, gain, ROWS, n);
  for (let i = 0; i < ROWS * n; i++) {
    const ends = new StaticArray<f64>(2);
    for (let side = 0; side < 2; side++) {
      memory.copy(normalized, sums, matrix);
      store<T>(at<T>(normalized, i), <T>(<f64>load<T>(at<T>(sums, i)) + (side == 0 ? -step : step)));
      normalise<T>(normalized, rstd, pre, gain, bias, ROWS, n);
      for (let k = 0; k < ROWS * n; k++) ends[side] += <f64>load<T>(at<T>(kept, k)) * <f64>load<T>(at<T>(pre, k));
    }
    const slope = (ends[1] - ends[0]) / (2 * step);
    expect<bool>(near(<f64>load<T>(at<T>(d, i)), slope, slopeBound)).toBe(true, `derivative ${i} of ${n}`);
  }
  free(sums);
  free(normalized);
  free(pre);
  free(d);
  free(kept);
  free(rstd);
  free(gain);
  free(bias);
}

describe("layer normalisation", () => {
  it("has the values of scalar arithmetic and the derivatives of central differences", () => {
    for (let n = 1; n <= 9; n++) {
      check<f64>(n, 1e-14, 1e-6, 1e-8);
      check<f32>(n, 1e-6, 1e-2, 3e-2);
    }
  });

  it("returns the bias if all sums are equal", () => {
    const normalized = alloc(40), rstd = alloc(8), pre = alloc(40), gain = alloc(40), bias = alloc(40);
    for (let j: usize = 0; j < 5; j++) {
      store<f64>(normalized + j * 8, 3);
      store<f64>(gain + j * 8, 2);
      store<f64>(bias + j * 8, <f64>j);
    }
    normalise<f64>(normalized, rstd, pre, gain, bias, 1, 5);
    for (let j: usize = 0; j < 5; j++) expect<f64>(load<f64>(pre + j * 8)).toBe(<f64>j);
    free(normalized);
    free(rstd);
    free(pre);
    free(gain);
    free(bias);
  });

  it("sums products over samples for the gain", () => {
    const x = alloc(96), d = alloc(96), out = alloc(32);
    for (let i: usize = 0; i < 12; i++) {
      store<f64>(x + i * 8, <f64>i);
      store<f64>(d + i * 8, 2);
    }
    changetype<Along>(0).block<f64>(out, x, d, 4, 3, 3);
    for (let j: usize = 0; j < 3; j++) expect<f64>(load<f64>(out + j * 8)).toBe(2 * (<f64>(4 * j) + 18));
    expect<f64>(load<f64>(out, 24)).toBe(0, "nothing is written behind the row");
    free(x);
    free(d);
    free(out);
  });
});
