import { ScheduleWord } from "../../abi";
import { alloc } from "../../memory";
import { GIVEN, SCHEDULES, Schedule, power, rateAt } from "../../rule/schedule";

const CONSTANT: u32 = 0, STEP: u32 = 1, EXPONENTIAL: u32 = 2, COSINE: u32 = 3, ONE_CYCLE: u32 = 4;

function schedule(kind: u32): Schedule {
  const made = changetype<Schedule>(alloc(ScheduleWord.words * 4));
  made.kind = kind;
  made.rate = 0.2;
  made.span = 10;
  made.factor = 0.5;
  return made;
}

function near(a: f64, b: f64): bool {
  return Math.abs(a - b) <= 1e-14 * Math.max(1, Math.abs(b));
}

describe("schedules", () => {
  it("are all but the one whose rate is given", () => {
    expect<u32>(GIVEN).toBe(SCHEDULES - 1);
    expect<u32>(ONE_CYCLE).toBe(GIVEN - 1);
  });

  it("warm up", () => {
    const plan = schedule(CONSTANT);
    plan.warmup = 4;
    for (let s = 0; s < 9; s++) expect<bool>(near(rateAt(plan, s), s < 4 ? 0.2 * (s + 1) / 4 : 0.2)).toBe(true);
  });

  it("fall in steps, and steadily", () => {
    const steps = schedule(STEP);
    const steady = schedule(EXPONENTIAL);
    for (let s = 0; s < 45; s++) {
      expect<bool>(near(rateAt(steps, s), 0.2 * Math.pow(0.5, Math.floor(<f64>s / 10)))).toBe(true);
      expect<bool>(near(rateAt(steady, s), 0.2 * Math.pow(0.5, <f64>s / 10))).toBe(true);
    }
  });

  it("follow cosines, cycle after cycle, to the floor", () => {
    const plan = schedule(COSINE);
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

  it("go up and down in one cycle", () => {
    const plan = schedule(ONE_CYCLE);
    plan.span = 20;
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
    plan.span = 1;
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
