// Functions of our own against the host's, to a few units in the last place.

import { describe, expect, it } from "vitest";
import { cos, exp, log, pow, sin, tan, tanh } from "../playground/data/maths.ts";

const own = { sin, cos, tan, exp, tanh };

const points = Array.from({ length: 4001 }, (_, k) => (k - 2000) / 97);

describe("functions of our own", () => {
  it.each(["sin", "cos", "tan", "exp", "tanh"] as const)("agree with the host's %s", (name) => {
    for (const x of points) {
      const expected = Math[name](x);
      const scale = Math.max(Math.abs(expected), name === "exp" || name === "tan" ? 1e-3 : 1);
      expect(Math.abs(own[name](x) - expected) / scale).toBeLessThan(2e-14);
    }
  });

  it("agree with the host's log, from the smallest to the largest numbers", () => {
    for (const x of [5e-324, 1e-300, 1e-9, 0.1, 0.5, 0.7, 0.9999, 1, 1.4143, 2, 3, 1e6, 1e300, 1.7e308]) {
      const expected = Math.log(x);
      expect(Math.abs(log(x) - expected)).toBeLessThanOrEqual(4e-16 * Math.max(1e-4, Math.abs(expected)));
    }
    expect([log(0), log(-1)]).toEqual([Number.NEGATIVE_INFINITY, Number.NaN]);
  });

  it("raise to powers, exactly to whole ones", () => {
    expect([pow(3, 4), pow(-2, 3), pow(2, -2), pow(0, 0)]).toEqual([81, -8, 0.25, 1]);
    expect(pow(2, 0.5)).toBeCloseTo(Math.SQRT2, 14);
    expect(exp(-800)).toBe(0);
    expect(exp(710)).toBe(Number.POSITIVE_INFINITY);
  });
});
