import { Start } from "../abi";
import { alloc, free } from "../memory";
import { normal, uniform } from "../random";
import { draw } from "../start";

/** Returns the largest error of the products of all columns, or rows if there are fewer, from gain² times the identity. */
function offOrthogonal<T>(from: i32, to: i32, gain: f64): f64 {
  const values = alloc(<usize>(from * to) * sizeof<T>());
  const room = alloc(<usize>(from * to + min(from, to)) * 8);
  draw<T>(Start.orthogonal, values, from, to, 7, 3, gain, 0, room, 0);
  const fewer = min(from, to), more = max(from, to);
  let worst: f64 = 0;
  for (let a = 0; a < fewer; a++) {
    for (let b = 0; b < fewer; b++) {
      let sum: f64 = a == b ? -gain * gain : 0;
      for (let k = 0; k < more; k++) {
        const x = from < to ? a * to + k : k * to + a, y = from < to ? b * to + k : k * to + b;
        sum += <f64>load<T>(values + <usize>x * sizeof<T>()) * <f64>load<T>(values + <usize>y * sizeof<T>());
      }
      worst = max(worst, abs(sum));
    }
  }
  free(values);
  free(room);
  return worst;
}

describe("orthogonal weights", () => {
  it("have orthonormal columns or rows, times the gain", () => {
    const sizes: i32[] = [1, 1, 1, 7, 7, 1, 2, 2, 3, 2, 2, 3, 16, 16, 33, 9, 9, 33, 64, 64];
    for (let i = 0; i < sizes.length; i += 2) {
      expect<bool>(offOrthogonal<f64>(sizes[i], sizes[i + 1], 1) < 1e-14).toBe(true);
      expect<bool>(offOrthogonal<f64>(sizes[i], sizes[i + 1], -3) < 1e-13).toBe(true);
      expect<bool>(offOrthogonal<f32>(sizes[i], sizes[i + 1], 1) < 1e-6).toBe(true);
    }
  });

  it("are Q of normal numbers, with R's diagonal positive", () => {
    const n = 12;
    const values = alloc(n * n * 8);
    const normals = alloc(n * n * 8);
    const room = alloc((n * n + n) * 8);
    draw<f64>(Start.orthogonal, values, n, n, 7, 3, 1, 0, room, 0);
    normal<f64>(normals, n * n, 7, 3, 0, 1); // n vectors
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let sum: f64 = 0; // column i of Q by vector j
        for (let k = 0; k < n; k++) sum += load<f64>(values + ((k * n + i) << 3)) * load<f64>(normals + ((j * n + k) << 3));
        if (i == j) expect<bool>(sum > 0).toBe(true);
        if (i > j) expect<bool>(abs(sum) < 1e-13).toBe(true);
      }
    }
    free(values);
    free(normals);
    free(room);
  });
});

describe("uniform and normal initial weights", () => {
  it("are the generator's", () => {
    const a = alloc(48);
    const b = alloc(48);
    draw<f64>(Start.uniform, a, 2, 3, 7, 3, -2, 5, 0, 0);
    uniform<f64>(b, 6, 7, 3, -2, 5);
    expect<i32>(memory.compare(a, b, 48)).toBe(0);
    draw<f64>(Start.normal, a, 2, 3, 7, 3, -2, 5, 0, 0);
    normal<f64>(b, 6, 7, 3, -2, 5);
    expect<i32>(memory.compare(a, b, 48)).toBe(0);
    free(a);
    free(b);
  });
});

describe("weights with a reach each", () => {
  it("are those of a draw with that reach for all", () => {
    const reaches = alloc(8 * 6), each = alloc(8 * 8), all = alloc(8 * 8);
    for (let i = 0; i < 6; i++) store<f64>(reaches + i * 8, <f64>(i + 1) / 4);
    for (let i = 0; i < 6; i++) {
      const reach = <f64>(i + 1) / 4;
      draw<f64>(Start.uniform, each, 2, 3, 7, 3, 0, 0, reaches, 1);
      draw<f64>(Start.uniform, all, 2, 3, 7, 3, -reach, reach, 0, 0);
      expect<f64>(load<f64>(each + i * 8)).toBe(load<f64>(all + i * 8));
      draw<f64>(Start.normal, each, 2, 3, 7, 3, 0, 0, reaches, 1);
      draw<f64>(Start.normal, all, 2, 3, 7, 3, 0, reach, 0, 0);
      expect<f64>(load<f64>(each + i * 8)).toBe(load<f64>(all + i * 8));
    }
  });
});
