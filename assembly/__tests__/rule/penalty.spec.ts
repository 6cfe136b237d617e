import { alloc, free } from "../../memory";
import { addPenalty, constrainNorms, penalty } from "../../rule/penalty";

const M = 3;

function fill<T>(block: usize, count: i32, scale: f64): void {
  for (let i = 0; i < count; i++) {
    store<T>(block + <usize>i * sizeof<T>(), <T>(scale * (i % 4 == 3 ? 0 : <f64>((i * 5) % 7) - 3)));
  }
}

/** Returns the norm of column j. */
function norm<T>(w: usize, n: i32, j: i32): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < M; i++) sum += Math.pow(<f64>load<T>(w + <usize>(i * n + j) * sizeof<T>()), 2);
  return Math.sqrt(sum);
}

function check<T>(bound: f64): void {
  for (let n = 1; n <= 9; n++) {
    const count = M * n;
    const w = alloc(count * sizeof<T>()), d = alloc(count * sizeof<T>()), old = alloc(count * sizeof<T>());
    fill<T>(w, count, 1);
    let sizes: f64 = 0, squares: f64 = 0;
    for (let i = 0; i < count; i++) {
      const v = <f64>load<T>(w + <usize>i * sizeof<T>());
      sizes += Math.abs(v);
      squares += v * v;
    }
    expect<bool>(Math.abs(penalty<T>(w, count, 0.5, 0.25) - (0.5 * sizes + 0.25 * squares)) < 1e-12).toBe(true);
    addPenalty<T>(d, w, count, 0.5, 0.25);
    for (let i = 0; i < count; i++) {
      const v = <f64>load<T>(w + <usize>i * sizeof<T>());
      const wanted = (v > 0 ? 0.5 : v < 0 ? -0.5 : 0) + 0.5 * v;
      expect<f64>(<f64>load<T>(d + <usize>i * sizeof<T>())).toBe(wanted);
    }
    memory.copy(old, w, count * sizeof<T>());
    constrainNorms<T>(w, M, n, 3);
    for (let j = 0; j < n; j++) {
      const before = norm<T>(old, n, j), after = norm<T>(w, n, j);
      expect<bool>(Math.abs(after - Math.min(before, 3)) < bound).toBe(true, `column ${j} of ${n}`);
      for (let i = 0; i < M && before <= 3; i++) {
        const at = <usize>(i * n + j) * sizeof<T>();
        expect<T>(load<T>(w + at)).toBe(load<T>(old + at), "a short column stays as it is");
      }
    }
    expect<T>(load<T>(w + <usize>count * sizeof<T>())).toBe(0, "nothing is written behind the matrix");
    free(w);
    free(d);
    free(old);
  }
}

describe("penalties", () => {
  it("are those of scalar arithmetic, and norms of columns are bounded", () => {
    check<f64>(1e-14);
    check<f32>(1e-6);
  });

  it("bound the norms of columns whose squares overflow", () => {
    const w = alloc(48);
    fill<f64>(w, 6, 1e300);
    constrainNorms<f64>(w, 3, 2, 2);
    for (let j = 0; j < 2; j++) expect<bool>(Math.abs(norm<f64>(w, 2, j) - 2) < 1e-14).toBe(true);
    fill<f32>(w, 6, 1e37);
    constrainNorms<f32>(w, 3, 2, 2);
    for (let j = 0; j < 2; j++) expect<bool>(Math.abs(norm<f32>(w, 2, j) - 2) < 1e-6).toBe(true);
    free(w);
  });
});
