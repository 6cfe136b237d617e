import { cosine, sine } from "../../lane/sine";
import * as reference from "./reference";
import { bits, value, worst, worst32 } from "./sweep";

const sine64 = (x: v128): v128 => sine<f64>(x), sine32 = (x: v128): v128 => sine<f32>(x);
const cosine64 = (x: v128): v128 => cosine<f64>(x), cosine32 = (x: v128): v128 => cosine<f32>(x);

describe("sine", () => {
  it("knows the special values", () => {
    expect(isNaN(value<f64>(sine64, NaN)) && isNaN(value<f32>(sine32, NaN))).toBe(true);
    expect(isNaN(value<f64>(sine64, Infinity)) && isNaN(value<f64>(sine64, -Infinity))).toBe(true);
    expect(isNaN(value<f32>(sine32, f32.POSITIVE_INFINITY)) && isNaN(value<f32>(sine32, f32.NEGATIVE_INFINITY))).toBe(true);
    expect(bits<f64>(value<f64>(sine64, 0))).toBe(0);
    expect(bits<f64>(value<f64>(sine64, -0.0))).toBe(bits<f64>(-0.0));
    expect(bits<f32>(value<f32>(sine32, 0))).toBe(0);
    expect(bits<f32>(value<f32>(sine32, -0.0))).toBe(bits<f32>(-0.0));
    expect(value<f64>(sine64, f64.MIN_VALUE)).toBe(f64.MIN_VALUE);
    expect(value<f32>(sine32, -f32.MIN_VALUE)).toBe(-f32.MIN_VALUE);
    expect(value<f64>(sine64, Math.PI)).toBe(1.2246467991473532e-16);
    expect(value<f64>(sine64, f64.MAX_VALUE)).toBe(0.004961954789184062);
  });

  it("is within 2 ulp, for numbers of every size", () => {
    const most = worst(sine64, reference.sine);
    expect(most).toBeLessThan(1.2);
    expect(most).toBeGreaterThan(0.4);
    const up = worst32(sine32, sine64, f32.MIN_VALUE, f32.MAX_VALUE, 200000);
    const down = worst32(sine32, sine64, -0.01, -1000, 100000);
    expect(max(up, down)).toBeLessThan(0.51);
    expect(min(up, down)).toBeGreaterThan(0.4);
  });
});

describe("cosine", () => {
  it("knows the special values", () => {
    expect(isNaN(value<f64>(cosine64, NaN)) && isNaN(value<f32>(cosine32, NaN))).toBe(true);
    expect(isNaN(value<f64>(cosine64, Infinity)) && isNaN(value<f64>(cosine64, -Infinity))).toBe(true);
    expect(isNaN(value<f32>(cosine32, f32.POSITIVE_INFINITY))).toBe(true);
    expect(value<f64>(cosine64, 0)).toBe(1);
    expect(value<f64>(cosine64, -0.0)).toBe(1);
    expect(value<f32>(cosine32, -0.0)).toBe(1);
    expect(value<f64>(cosine64, f64.MIN_VALUE)).toBe(1);
    expect(value<f64>(cosine64, Math.PI / 2)).toBe(6.123233995736766e-17);
    expect(value<f64>(cosine64, Math.PI)).toBe(-1);
  });

  it("is within 2 ulp, for numbers of every size", () => {
    const most = worst(cosine64, reference.cosine);
    expect(most).toBeLessThan(1.2);
    expect(most).toBeGreaterThan(0.4);
    const up = worst32(cosine32, cosine64, f32.MIN_VALUE, f32.MAX_VALUE, 200000);
    const down = worst32(cosine32, cosine64, -0.01, -1000, 100000);
    expect(max(up, down)).toBeLessThan(0.51);
    expect(min(up, down)).toBeGreaterThan(0.4);
  });

  it("and sine are even and odd, and their squares make 1", () => {
    for (let i = 1; i <= 1000; i++) {
      const x = <f64>i * 1.7e5 + 0.1;
      const s = value<f64>(sine64, x), c = value<f64>(cosine64, x);
      expect(value<f64>(sine64, -x)).toBe(-s);
      expect(value<f64>(cosine64, -x)).toBe(c);
      expect(abs(s * s + c * c - 1)).toBeLessThan(4e-16);
    }
  });
});
