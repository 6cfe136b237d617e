// The table of schedules: the rate of a step, by its number from 0. Scalar float64, once a step.

import { ScheduleKind } from "../abi";
import { cosine } from "../lane/sine";

/** A schedule: `ScheduleWord`. */
@unmanaged @final
export class Schedule {
  rate: f64;
  warmup: f64;
  period: f64;
  factor: f64;
  floor: f64;
  restarts: f64;
  start: f64;
  divisor: f64;
  finalDivisor: f64;
  kind: ScheduleKind;
}

/** Returns the rate of a step, by a schedule other than reduceOnPlateau. step: from 0 */
export function rateAt(plan: Schedule, step: f64): f64 {
  const kind = plan.kind;
  if (kind == ScheduleKind.oneCycle) return oneCycle(plan, step);
  if (step < plan.warmup) return plan.rate * (step + 1) / plan.warmup;
  if (kind == ScheduleKind.step) return plan.rate * power(plan.factor, floor(step / plan.period));
  if (kind == ScheduleKind.exponential) return plan.rate * power(plan.factor, step / plan.period);
  return kind == ScheduleKind.cosine ? cycles(plan, step - plan.warmup) : plan.rate;
}

/** Limit of growing cycles that are walked one by one; above a growth of 1.04, these are all cycles within 2^53 steps. */
const SINGLY = 1024;

/**
 * Returns a rate by cosine annealing with warm restarts (Loshchilov and Hutter, "SGDR", 2017): `restarts` cycles after the
 * first, each `factor` times longer than the one before, and the floor after the last. The time is bounded for any number of
 * cycles. After the first cycles, the largest power of two of past cycles is skipped at once, and so on.
 */
function cycles(plan: Schedule, step: f64): f64 {
  let length = plan.period;
  let left = plan.restarts;
  for (let n = 0; n < SINGLY && plan.factor > 1 && step >= length && left > 0; n++, left--) {
    step -= length;
    length *= plan.factor;
  }
  while (step >= length && left > 0) {
    // `many` cycles, the sum of their lengths and the growth over all of them, in units of the first one's
    let many: f64 = 1, sum: f64 = 1, growth = plan.factor;
    while (2 * many <= left && length * sum * (1 + growth) <= step) {
      many *= 2;
      sum *= 1 + growth;
      growth *= growth;
    }
    step -= length * sum;
    length *= growth;
    left -= many;
  }
  return step < length ? anneal(plan.rate, plan.floor, step / length) : plan.floor;
}

/** Returns a rate by Smith and Topin, "Super-convergence", 2018, as in PyTorch's OneCycleLR, both phases along cosines. */
function oneCycle(plan: Schedule, step: f64): f64 {
  const first = plan.rate / plan.divisor;
  const last = first / plan.finalDivisor;
  const top = plan.start * plan.period - 1;
  const end = plan.period - 1;
  if (step <= top) return top > 0 ? anneal(first, plan.rate, step / top) : plan.rate;
  return step < end ? anneal(plan.rate, last, (step - top) / (end - top)) : last;
}

/** Returns a number from a to b along half a cosine, for t from 0 to 1. */
function anneal(a: f64, b: f64, t: f64): f64 {
  return b + (a - b) / 2 * (1 + f64x2.extract_lane(cosine<f64>(f64x2.splat(3.141592653589793 * t)), 0));
}

/**
 * Returns x^y for x, y ≥ 0: by squares for the whole part of y, and by a square root for each bit of the rest. Within 60 ulp, and
 * within 2 log y ulp for whole y. For numbers that are computed once a step.
 */
export function power(x: f64, y: f64): f64 {
  let result: f64 = 1;
  let square = x;
  for (let n = <u64>y; n > 0; n >>= 1) {
    if (n & 1) result *= square;
    square *= square;
  }
  for (let rest = y - floor(y); rest > 0;) {
    x = sqrt(x);
    rest *= 2;
    if (rest < 1) continue;
    result *= x;
    rest -= 1;
  }
  return result;
}
