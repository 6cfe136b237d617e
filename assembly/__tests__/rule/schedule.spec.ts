import { ScheduleKind, ScheduleWord } from "../../abi";
import { alloc } from "../../memory";
import { Schedule, power, rateAt } from "../../rule/schedule";

function schedule(kind: i32): Schedule {
  const made = changetype<Schedule>(alloc(ScheduleWord.words * 4));
  made.kind = kind;
  made.rate = 0.2;
  made.period = 10;
  made.factor = 0.5;
  return made;
}

function near(a: f64, b: f64): bool {
  return Math.abs(a - b) <= 1e-14 * Math.max(1, Math.abs(b));
}

describe("schedules", () => {
  it("end with reduceOnPlateau, whose rate src/ writes", () => {
    expect<i32>(ScheduleKind.reduceOnPlateau).toBe(ScheduleKind.count - 1);
    expect<i32>(ScheduleKind.oneCycle).toBe(ScheduleKind.reduceOnPlateau - 1);
  });

  it("warm up", () => {
    const plan = schedule(ScheduleKind.constant);
    plan.warmup = 4;
    for (let s = 0; s < 9; s++) expect<bool>(near(rateAt(plan, s), s < 4 ? 0.2 * (s + 1) / 4 : 0.2)).toBe(true);
  });

  it("fall in steps, and steadily", () => {
    const steps = schedule(ScheduleKind.step);
    const steady = schedule(ScheduleKind.exponential);
    for (let s = 0; s < 45; s++) {
      expect<bool>(near(rateAt(steps, s), 0.2 * Math.pow(0.5, Math.floor(<f64>s / 10)))).toBe(true);
      expect<bool>(near(rateAt(steady, s), 0.2 * Math.pow(0.5, <f64>s / 10))).toBe(true);
    }
  });

  it("follow cosines, cycle after cycle, to the floor", () => {
    const plan = schedule(ScheduleKind.cosine);
    plan.warmup = 3;
    plan.floor = 0.01;
    plan.restarts = 2;
    for (let growth = 1; growth < 3; growth++) {
      plan.factor = growth;
      for (let s = 3; s < 90; s++) {
        let left = <f64>s - 3, length: f64 = 10;
        let cycle = 0;
        for (; cycle < 2 && left >= length; cycle++) {
          left -= length;
          length *= growth;
        }
        const t = Math.min(1, left / length);
        const wanted = 0.01 + 0.19 * (1 + Math.cos(Math.PI * t)) / 2;
        expect<bool>(near(rateAt(plan, s), wanted)).toBe(true, `growth ${growth}, step ${s}`);
      }
      expect<f64>(rateAt(plan, 1e6)).toBe(0.01);
    }
  });

  it("restart at the same steps as cycles walked one by one", () => {
    const plan = schedule(ScheduleKind.cosine);
    plan.floor = 0.01;
    const growths: StaticArray<f64> = [1, 1.0000001, 1.0005, 1.003, 1.1, 1.5, 2, 3];
    const spans: StaticArray<f64> = [1, 7, 1000];
    for (let g = 0; g < growths.length; g++) {
      for (let k = 0; k < spans.length; k++) {
        plan.factor = growths[g];
        plan.period = spans[k];
        plan.restarts = 6000;
        let start: f64 = 0, length = plan.period;
        for (let cycle = 0; cycle <= 6000 && start < 1e15; cycle++) {
          const next = start + length, width = length;
          length *= plan.factor;
          const from = start;
          start = next;
          if (cycle > 9 && (cycle < 1020 || cycle > 1034) && cycle % 593 != 0) continue;
          // On both sides of a border between cycles, and in the middle. A hundredth of a cycle away from a border that is
          // rounded.
          const exact = Math.floor(plan.factor) == plan.factor;
          const away = exact ? 1e-9 : 0.01;
          const high = rateAt(plan, from + away * width), low = rateAt(plan, from + (1 - away) * width);
          const mid = rateAt(plan, from + width / 2);
          const place = `growth ${plan.factor}, span ${plan.period}, cycle ${cycle}`;
          if (exact) expect<f64>(rateAt(plan, from)).toBe(0.2, place);
          expect<bool>(high > 0.1999).toBe(true, place);
          expect<bool>(low < 0.0101).toBe(true, place);
          expect<bool>(Math.abs(mid - 0.105) < 1e-6).toBe(true, place);
        }
        if (start < 1e15) expect<f64>(rateAt(plan, start * 1.001)).toBe(0.01);
      }
    }
  });

  it("find their place among any number of cycles", () => {
    const plan = schedule(ScheduleKind.cosine);
    const restarts: StaticArray<f64> = [1e9, 1e18, 1e300];
    const growths: StaticArray<f64> = [1, 1 + f64.EPSILON, 1 + 1e-12, 1 + 1e-7, 1e300];
    for (let r = 0; r < restarts.length; r++) {
      for (let g = 0; g < growths.length; g++) {
        plan.period = 1;
        plan.restarts = restarts[r];
        plan.factor = growths[g];
        for (let s: f64 = 1; s < 1e16; s = s * 7 + 3) {
          const rate = rateAt(plan, s);
          expect<bool>(rate >= 0 && rate <= 0.2).toBe(true, `growth ${plan.factor}, step ${s}`);
        }
      }
    }
    plan.factor = 1;
    plan.period = 10;
    plan.restarts = 1e15;
    expect<f64>(rateAt(plan, 1e15)).toBe(0.2);
    expect<bool>(near(rateAt(plan, 1e15 + 5), 0.1)).toBe(true);
  });

  it("go up and down in one cycle", () => {
    const plan = schedule(ScheduleKind.oneCycle);
    plan.period = 20;
    plan.start = 0.3;
    plan.divisor = 25;
    plan.finalDivisor = 1e4;
    expect<bool>(near(rateAt(plan, 0), 0.2 / 25)).toBe(true);
    expect<bool>(near(rateAt(plan, 5), 0.2)).toBe(true);
    expect<bool>(near(rateAt(plan, 19), 0.2 / 25e4)).toBe(true);
    expect<bool>(near(rateAt(plan, 12), 0.2 / 25e4 + (0.2 - 0.2 / 25e4) / 2)).toBe(true);
    expect<bool>(near(rateAt(plan, 50), 0.2 / 25e4)).toBe(true);
    plan.start = 0;
    expect<bool>(rateAt(plan, 0) < 0.2).toBe(true);
    plan.start = 1;
    expect<bool>(near(rateAt(plan, 19), 0.2)).toBe(true);
    plan.period = 1;
    expect<bool>(near(rateAt(plan, 0), 0.2)).toBe(true);
  });

  it("take powers", () => {
    for (let i = 0; i < 200; i++) {
      const x = <f64>((i * 37) % 23) / 10, y = <f64>((i * 53) % 61) / 7;
      const wanted = Math.pow(x, y);
      expect<bool>(Math.abs(power(x, y) - wanted) <= 2e-14 * wanted).toBe(true, `${x} to the ${y}`);
    }
    expect<f64>(power(0, 0)).toBe(1);
    expect<f64>(power(3, 5)).toBe(243);
  });
});
