import { log, log1p, log1pUnit } from "../../lane/log";
import * as reference from "./reference";
import { bits, value, worst, worst32 } from "./sweep";

const log64 = (x: v128): v128 => log<f64>(x), log32 = (x: v128): v128 => log<f32>(x);
const log1p64 = (x: v128): v128 => log1p<f64>(x), log1p32 = (x: v128): v128 => log1p<f32>(x);
const unit64 = (x: v128): v128 => log1pUnit<f64>(x), unit32 = (x: v128): v128 => log1pUnit<f32>(x);

describe("log", () => {
  it("knows the special values", () => {
    expect(isNaN(value<f64>(log64, NaN)) && isNaN(value<f32>(log32, NaN))).toBe(true);
    expect(isNaN(value<f64>(log64, -1)) && isNaN(value<f32>(log32, -1))).toBe(true);
    expect(isNaN(value<f64>(log64, -f64.MIN_VALUE)) && isNaN(value<f32>(log32, -f32.MIN_VALUE))).toBe(true);
    expect(isNaN(value<f64>(log64, -Infinity)) && isNaN(value<f32>(log32, -Infinity))).toBe(true);
    expect(value<f64>(log64, Infinity)).toBe(Infinity);
    expect(value<f32>(log32, Infinity)).toBe(f32.POSITIVE_INFINITY);
    expect(value<f64>(log64, 0)).toBe(-Infinity);
    expect(value<f64>(log64, -0.0)).toBe(-Infinity);
    expect(value<f32>(log32, 0)).toBe(f32.NEGATIVE_INFINITY);
    expect(value<f32>(log32, -0.0)).toBe(f32.NEGATIVE_INFINITY);
    expect(bits<f64>(value<f64>(log64, 1))).toBe(0);
    expect(bits<f32>(value<f32>(log32, 1))).toBe(0);
    expect(value<f64>(log64, f64.MIN_VALUE)).toBe(-744.4400719213812);
    expect(value<f64>(log64, f64.MAX_VALUE)).toBe(709.782712893384);
    expect(value<f32>(log32, f32.MIN_VALUE)).toBe(<f32>-103.27893);
    expect(value<f32>(log32, f32.MAX_VALUE)).toBe(<f32>88.72284);
  });

  it("is within 1 ulp", () => {
    const most = worst(log64, reference.log);
    expect(most).toBeLessThan(0.9);
    expect(most).toBeGreaterThan(0.4);
    const all = worst32(log32, log64, f32.MIN_VALUE, f32.MAX_VALUE, 200000), near = worst32(log32, log64, 0.5, 2, 100000);
    expect(max(all, near)).toBeLessThan(0.9);
    expect(min(all, near)).toBeGreaterThan(0.4);
  });
});

describe("log1p", () => {
  it("knows the special values", () => {
    expect(isNaN(value<f64>(log1p64, NaN)) && isNaN(value<f32>(log1p32, NaN))).toBe(true);
    expect(isNaN(value<f64>(log1p64, -1.0000000000000002)) && isNaN(value<f32>(log1p32, -1.0000001))).toBe(true);
    expect(isNaN(value<f64>(log1p64, -Infinity)) && isNaN(value<f32>(log1p32, -Infinity))).toBe(true);
    expect(value<f64>(log1p64, Infinity)).toBe(Infinity);
    expect(value<f32>(log1p32, Infinity)).toBe(f32.POSITIVE_INFINITY);
    expect(value<f64>(log1p64, -1)).toBe(-Infinity);
    expect(value<f32>(log1p32, -1)).toBe(f32.NEGATIVE_INFINITY);
    expect(bits<f64>(value<f64>(log1p64, 0))).toBe(0);
    expect(bits<f64>(value<f64>(log1p64, -0.0))).toBe(bits<f64>(-0.0));
    expect(bits<f32>(value<f32>(log1p32, 0))).toBe(0);
    expect(bits<f32>(value<f32>(log1p32, -0.0))).toBe(bits<f32>(-0.0));
    expect(value<f64>(log1p64, -f64.MIN_VALUE)).toBe(-f64.MIN_VALUE);
    expect(value<f32>(log1p32, f32.MIN_VALUE)).toBe(f32.MIN_VALUE);
    expect(value<f64>(log1p64, f64.MAX_VALUE)).toBe(709.782712893384);
    expect(value<f32>(log1p32, f32.MAX_VALUE)).toBe(<f32>88.72284);
  });

  it("is within 1 ulp", () => {
    const most = worst(log1p64, reference.log1p);
    expect(most).toBeLessThan(0.9);
    expect(most).toBeGreaterThan(0.4);
    const up = worst32(log1p32, log1p64, f32.MIN_VALUE, f32.MAX_VALUE, 200000);
    const down = worst32(log1p32, log1p64, -f32.MIN_VALUE, -0.99999994, 100000);
    expect(max(up, down)).toBeLessThan(0.9);
    expect(min(up, down)).toBeGreaterThan(0.4);
  });
});

describe("log1p from 0 to 1", () => {
  it("knows the ends", () => {
    expect(isNaN(value<f64>(unit64, NaN)) && isNaN(value<f32>(unit32, NaN))).toBe(true);
    expect(value<f64>(unit64, 0)).toBe(0);
    expect(value<f32>(unit32, 0)).toBe(0);
    expect(value<f64>(unit64, 1)).toBe(0.6931471805599453);
    expect(value<f32>(unit32, 1)).toBe(<f32>0.6931472);
    expect(value<f64>(unit64, f64.MIN_VALUE)).toBe(f64.MIN_VALUE);
  });

  it("is within 1.5 ulp", () => {
    let most: f64 = 0;
    for (let i = 1; i <= 100000; i++) {
      const x = <f64>i / 100000;
      const exact = value<f64>(log1p64, x);
      most = max(most, abs(value<f64>(unit64, x) - exact) / (reinterpret<f64>(reinterpret<u64>(exact) + 1) - exact));
    }
    expect(most).toBeLessThan(2); // log1p's own 0.9 included
    const all = worst32(unit32, log1p64, 1e-20, 1, 100000), near = worst32(unit32, log1p64, 0.25, 1, 100000);
    expect(max(all, near)).toBeLessThan(1.5);
  });
});
