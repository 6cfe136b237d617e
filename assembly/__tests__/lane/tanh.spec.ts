import { sigmoid, tanh } from "../../lane/tanh";
import * as reference from "./reference";
import { bits, value, worst, worst32 } from "./sweep";

const tanh64 = (x: v128): v128 => tanh<f64>(x), tanh32 = (x: v128): v128 => tanh<f32>(x);
const sigmoid64 = (x: v128): v128 => sigmoid<f64>(x), sigmoid32 = (x: v128): v128 => sigmoid<f32>(x);

describe("tanh", () => {
  it("knows the special values", () => {
    expect(isNaN(value<f64>(tanh64, NaN)) && isNaN(value<f32>(tanh32, NaN))).toBe(true);
    expect(value<f64>(tanh64, Infinity)).toBe(1);
    expect(value<f32>(tanh32, Infinity)).toBe(1);
    expect(value<f64>(tanh64, -Infinity)).toBe(-1);
    expect(value<f32>(tanh32, -Infinity)).toBe(-1);
    expect(value<f64>(tanh64, f64.MAX_VALUE)).toBe(1);
    expect(value<f32>(tanh32, -f32.MAX_VALUE)).toBe(-1);
    expect(bits<f64>(value<f64>(tanh64, 0))).toBe(0);
    expect(bits<f64>(value<f64>(tanh64, -0.0))).toBe(bits<f64>(-0.0));
    expect(bits<f32>(value<f32>(tanh32, 0))).toBe(0);
    expect(bits<f32>(value<f32>(tanh32, -0.0))).toBe(bits<f32>(-0.0));
    expect(value<f64>(tanh64, -f64.MIN_VALUE)).toBe(-f64.MIN_VALUE);
    expect(value<f32>(tanh32, f32.MIN_VALUE)).toBe(f32.MIN_VALUE);
  });

  it("is within 2 ulp", () => {
    const most = worst(tanh64, reference.tanh);
    expect(most).toBeLessThan(1.8);
    expect(most).toBeGreaterThan(0.4);
    const up = worst32(tanh32, tanh64, f32.MIN_VALUE, 30, 100000), down = worst32(tanh32, tanh64, -1e-6, -10, 100000);
    expect(max(up, down)).toBeLessThan(1.85);
    expect(min(up, down)).toBeGreaterThan(0.4);
  });
});

describe("sigmoid", () => {
  it("knows the special values", () => {
    expect(isNaN(value<f64>(sigmoid64, NaN)) && isNaN(value<f32>(sigmoid32, NaN))).toBe(true);
    expect(value<f64>(sigmoid64, Infinity)).toBe(1);
    expect(value<f32>(sigmoid32, Infinity)).toBe(1);
    expect(bits<f64>(value<f64>(sigmoid64, -Infinity))).toBe(0);
    expect(bits<f32>(value<f32>(sigmoid32, -Infinity))).toBe(0);
    expect(value<f64>(sigmoid64, f64.MAX_VALUE)).toBe(1);
    expect(bits<f32>(value<f32>(sigmoid32, -f32.MAX_VALUE))).toBe(0);
    expect(value<f64>(sigmoid64, -0.0)).toBe(0.5);
    expect(value<f32>(sigmoid32, 0)).toBe(0.5);
    expect(value<f64>(sigmoid64, f64.MIN_VALUE)).toBe(0.5);
    expect(value<f64>(sigmoid64, -745)).toBe(f64.MIN_VALUE);
    expect(value<f64>(sigmoid64, -746)).toBe(0);
    expect(value<f32>(sigmoid32, -103.9)).toBe(f32.MIN_VALUE);
    expect(value<f32>(sigmoid32, -104.1)).toBe(0);
  });

  it("is within 2 ulp", () => {
    expect(worst(sigmoid64, reference.underflow)).toBeLessThan(0.8); // there it is e^x
    const most = worst(sigmoid64, reference.sigmoid);
    expect(most).toBeLessThan(1.7);
    expect(most).toBeGreaterThan(0.4);
    const up = worst32(sigmoid32, sigmoid64, 1e-9, 30, 100000), down = worst32(sigmoid32, sigmoid64, -1e-9, -104, 100000);
    expect(max(up, down)).toBeLessThan(1.85);
    expect(min(up, down)).toBeGreaterThan(0.4);
  });
});
