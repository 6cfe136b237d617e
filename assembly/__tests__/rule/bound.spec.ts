import { keepsFinite } from "../../rule/bound";

/** Returns whether the step of the largest parameters by the largest gradients stays finite in the precision's arithmetic. */
function stays<T>(rate: f64, slope: f64): bool {
  const most = sizeof<T>() == 8 ? f64.MAX_VALUE : <f64>f32.MAX_VALUE;
  const next = <T>(<T>-most - <T>(<T>rate * <T>slope));
  return isFinite<T>(next) && isFinite<T>(<T>slope);
}

/** Checks rates and gradients of all powers of two, and 0. */
function all<T>(low: i32, high: i32): void {
  let sure = 0, spared = 0;
  for (let r = low - 1; r <= high; r++) {
    const rate = r < low ? 0 : Math.pow(2, r);
    for (let s = low - 1; s <= high; s++) {
      const slope = s < low ? 0 : Math.pow(2, s);
      const stay = stays<T>(rate, slope) && stays<T>(rate, 0);
      if (keepsFinite<T>(rate, slope)) {
        sure++;
        if (!stay) spared = i32.MIN_VALUE;
      } else if (stay) {
        spared++; // not sure, and so checked
      }
    }
  }
  expect<bool>(spared >= 0).toBe(true, "a step that is sure to stay finite did not");
  expect<bool>(sure > 8 * spared).toBe(true, "few are looked at in vain");
}

describe("a step that is sure to stay finite", () => {
  it("does, in the precision's arithmetic, at every exponent", () => {
    all<f64>(-1074, 1023);
    all<f32>(-149, 160);
  });

  it("is never a step with NaN", () => {
    expect<bool>(keepsFinite<f64>(NaN, 1)).toBe(false);
    expect<bool>(keepsFinite<f64>(0, NaN)).toBe(false);
    expect<bool>(keepsFinite<f32>(0, Infinity)).toBe(false);
    expect<bool>(keepsFinite<f32>(1e39, 0)).toBe(false);
    expect<bool>(keepsFinite<f32>(0, 2.25e38)).toBe(false);
    expect<bool>(keepsFinite<f32>(0, 1e38)).toBe(true);
  });
});
