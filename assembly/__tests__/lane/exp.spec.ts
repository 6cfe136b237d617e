import { exp, expm1 } from "../../lane/exp";
import * as reference from "./reference";
import { bits, value, worst, worst32 } from "./sweep";

const exp64 = (x: v128): v128 => exp<f64>(x), exp32 = (x: v128): v128 => exp<f32>(x);
const expm1_64 = (x: v128): v128 => expm1<f64>(x), expm1_32 = (x: v128): v128 => expm1<f32>(x);

describe("exp", () => {
  it("knows the special values", () => {
    expect(isNaN(value<f64>(exp64, NaN)) && isNaN(value<f32>(exp32, NaN))).toBe(true);
    expect(value<f64>(exp64, Infinity)).toBe(Infinity);
    expect(value<f32>(exp32, Infinity)).toBe(f32.POSITIVE_INFINITY);
    expect(bits<f64>(value<f64>(exp64, -Infinity))).toBe(0);
    expect(bits<f32>(value<f32>(exp32, -Infinity))).toBe(0);
    expect(value<f64>(exp64, -0.0)).toBe(1);
    expect(value<f32>(exp32, -0.0)).toBe(1);
    expect(value<f64>(exp64, f64.MIN_VALUE)).toBe(1);
    expect(value<f32>(exp32, f32.MIN_VALUE)).toBe(1);
    expect(value<f64>(exp64, f64.MAX_VALUE)).toBe(Infinity);
    expect(bits<f32>(value<f32>(exp32, -f32.MAX_VALUE))).toBe(0);
  });

  it("overflows and underflows where it should", () => {
    expect(isFinite(value<f64>(exp64, 709.782712893384))).toBe(true);
    expect(value<f64>(exp64, 709.7827128933841)).toBe(Infinity);
    expect(value<f64>(exp64, -745.1332191019411)).toBe(f64.MIN_VALUE);
    expect(value<f64>(exp64, -745.1332191019412)).toBe(0);
    expect(isFinite(value<f32>(exp32, 88.72283))).toBe(true);
    expect(value<f32>(exp32, 88.72284)).toBe(f32.POSITIVE_INFINITY);
    expect(value<f32>(exp32, -103.97207)).toBe(f32.MIN_VALUE);
    expect(value<f32>(exp32, -103.97209)).toBe(0);
  });

  it("is within 1 ulp", () => {
    const most = worst(exp64, reference.exp);
    expect(most).toBeLessThan(0.52);
    expect(most).toBeGreaterThan(0.4);
    expect(worst(exp64, reference.underflow)).toBeLessThan(0.8);
    const up = worst32(exp32, exp64, 1e-9, 88.8, 100000), down = worst32(exp32, exp64, -1e-9, -104, 100000);
    expect(max(up, down)).toBeLessThan(1);
    expect(min(up, down)).toBeGreaterThan(0.4);
  });
});

describe("expm1", () => {
  it("knows the special values", () => {
    expect(isNaN(value<f64>(expm1_64, NaN)) && isNaN(value<f32>(expm1_32, NaN))).toBe(true);
    expect(value<f64>(expm1_64, Infinity)).toBe(Infinity);
    expect(value<f32>(expm1_32, Infinity)).toBe(f32.POSITIVE_INFINITY);
    expect(value<f64>(expm1_64, -Infinity)).toBe(-1);
    expect(value<f32>(expm1_32, -Infinity)).toBe(-1);
    expect(bits<f64>(value<f64>(expm1_64, 0))).toBe(0);
    expect(bits<f64>(value<f64>(expm1_64, -0.0))).toBe(bits<f64>(-0.0));
    expect(bits<f32>(value<f32>(expm1_32, 0))).toBe(0);
    expect(bits<f32>(value<f32>(expm1_32, -0.0))).toBe(bits<f32>(-0.0));
    expect(value<f64>(expm1_64, -f64.MIN_VALUE)).toBe(-f64.MIN_VALUE);
    expect(value<f32>(expm1_32, f32.MIN_VALUE)).toBe(f32.MIN_VALUE);
    expect(value<f64>(expm1_64, f64.MAX_VALUE)).toBe(Infinity);
    expect(value<f32>(expm1_32, -f32.MAX_VALUE)).toBe(-1);
    expect(isFinite(value<f64>(expm1_64, 709.782712893384))).toBe(true);
    expect(value<f64>(expm1_64, 709.7827128933841)).toBe(Infinity);
  });

  it("is within 1.3 ulp", () => {
    const most = worst(expm1_64, reference.expm1);
    expect(most).toBeLessThan(1.2);
    expect(most).toBeGreaterThan(0.4);
    const up = worst32(expm1_32, expm1_64, f32.MIN_VALUE, 88.8, 100000);
    const down = worst32(expm1_32, expm1_64, -f32.MIN_VALUE, -104, 100000);
    expect(max(up, down)).toBeLessThan(1.3);
    expect(min(up, down)).toBeGreaterThan(0.4);
  });
});
