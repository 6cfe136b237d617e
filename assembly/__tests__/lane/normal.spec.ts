import { normal } from "../../lane/normal";
import * as reference from "./reference";
import { bits, value, worst, worst32 } from "./sweep";

const from = memory.data(16, 16), areas = memory.data(32, 16);

/** Returns Φ of a vector. Both vectors are computed at once, and must agree. */
function normal64(x: v128): v128 {
  v128.store(from, x);
  normal<f64>(from, from, areas);
  const first = v128.load(areas), second = v128.load(areas, 16);
  expect(v128.any_true(v128.xor(first, second))).toBe(false);
  return first;
}

function normal32(x: v128): v128 {
  v128.store(from, x);
  normal<f32>(from, from, areas);
  return v128.load(areas);
}

describe("normal", () => {
  it("knows the special values", () => {
    expect(isNaN(value<f64>(normal64, NaN)) && isNaN(value<f32>(normal32, NaN))).toBe(true);
    expect(bits<f64>(value<f64>(normal64, -Infinity))).toBe(0);
    expect(bits<f32>(value<f32>(normal32, -Infinity))).toBe(0);
    expect(value<f64>(normal64, Infinity)).toBe(1);
    expect(value<f32>(normal32, Infinity)).toBe(1);
    expect(value<f64>(normal64, f64.MAX_VALUE)).toBe(1);
    expect(bits<f32>(value<f32>(normal32, -f32.MAX_VALUE))).toBe(0);
    expect(value<f64>(normal64, 0)).toBe(0.5);
    expect(value<f64>(normal64, -0.0)).toBe(0.5);
    expect(value<f32>(normal32, 0)).toBe(0.5);
    expect(value<f32>(normal32, -f32.MIN_VALUE)).toBe(0.5);
    expect(value<f64>(normal64, -38.4)).toBeGreaterThan(0);
    expect(value<f64>(normal64, -38.6)).toBe(0);
    expect(value<f32>(normal32, -14.1)).toBeGreaterThan(0);
    expect(value<f32>(normal32, -14.3)).toBe(0);
  });

  it("is within 2 ulp, and rounded right in float32", () => {
    const most = worst(normal64, reference.normal);
    expect(most).toBeLessThan(2);
    expect(most).toBeGreaterThan(0.4);
    const up = worst32(normal32, normal64, 1e-9, 6, 100000), down = worst32(normal32, normal64, -1e-9, -15, 100000);
    expect(max(up, down)).toBeLessThan(0.51);
    expect(min(up, down)).toBeGreaterThan(0.4);
  });
});
