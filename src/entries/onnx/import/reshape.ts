// Reshapes of values with steps: which axis of the new shape is the batch, which the steps, or both at once. Sizes are products
// of a number with the number of samples, N, and of steps, T.

import { damaged } from "../wire.js";
import { full, reshaped } from "./arrange.js";
import type { Call } from "./call.js";
import { BATCH, ROWS, STEPS, shape } from "./tensor.js";
import { type Axes, placesOf, type Value } from "./term.js";

/** The size number · N^samples · T^steps. */
interface Size {
  readonly number: number;
  readonly samples: number;
  readonly steps: number;
}

/** An axis of the old shape, and the axes that it has. */
interface Axis extends Size {
  readonly kind: "batch" | "time" | "both" | "units";
}

const ONE: Size = { number: 1, samples: 0, steps: 0 };

const times = (a: Size, b: Size): Size => ({
  number: a.number * b.number,
  samples: a.samples + b.samples,
  steps: a.steps + b.steps,
});
const over = (a: Size, b: Size): Size => ({
  number: a.number / b.number,
  samples: a.samples - b.samples,
  steps: a.steps - b.steps,
});
const isSame = (a: Size, b: Size) => a.number === b.number && a.samples === b.samples && a.steps === b.steps;
const isWhole = ({ number, samples, steps }: Size) => Number.isInteger(number) && samples >= 0 && steps >= 0;
const isOne = (a: Size) => isSame(a, ONE);
const total = (sizes: readonly Size[]) => sizes.reduce(times, ONE);

/** Returns a value in a shape, whose numbers are those of the node: 0 copies a dimension, -1 is the rest. */
export function reshapedSteps(
  call: Call,
  v: Value,
  wanted: readonly number[],
  copies: boolean,
  refusal: () => Error,
): Value {
  const from = axesOf(call, v);
  const to = sizesOf(call, from, wanted, copies);
  if (to === undefined) throw damaged(`${shape(full(v))} can't have the shape ${shape(wanted)}`);
  const axes = placed(from, to, v.axes, call.plan.batch === 1);
  if (axes === undefined) throw refusal();
  const dims = to.map((size, i) => (placesOf(axes).includes(i) ? 1 : size.number));
  return reshaped(v, dims, axes) as Value;
}

function axesOf({ plan }: Call, v: Value): Axis[] {
  const { batch, time } = v.axes;
  const samples: Size = plan.batch === undefined ? { ...ONE, samples: 1 } : { ...ONE, number: plan.batch };
  const steps: Size = plan.steps === undefined ? { ...ONE, steps: 1 } : { ...ONE, number: plan.steps };
  return full(v).map((dim, i): Axis => {
    if (i === batch && i === time) return { ...times(samples, steps), kind: "both" };
    if (i === batch) return { ...samples, kind: "batch" };
    if (i === time) return { ...steps, kind: "time" };
    return { ...ONE, number: dim, kind: "units" };
  });
}

/** Returns the sizes of the new axes; `undefined` where they don't fit. */
function sizesOf(
  { plan }: Call,
  from: readonly Axis[],
  wanted: readonly number[],
  copies: boolean,
): Size[] | undefined {
  const samples: Size = plan.batch === undefined ? { ...ONE, samples: 1 } : { ...ONE, number: plan.batch };
  const steps: Size = plan.steps === undefined ? { ...ONE, steps: 1 } : { ...ONE, number: plan.steps };
  const known = wanted.map((dim, i): Size | undefined => {
    if (dim === 0 && copies) return from[i];
    if (Object.is(dim, BATCH)) return samples;
    if (dim === STEPS) return steps;
    if (dim === ROWS) return times(samples, steps);
    return dim === -1 ? undefined : { ...ONE, number: dim };
  });
  if (known.filter((size) => size === undefined).length > 1) return undefined;
  const rest = over(total(from), total(known.map((size) => size ?? ONE)));
  const sizes = known.map((size) => size ?? rest);
  return sizes.every(({ number }) => number > 0) && isWhole(rest) && isSame(total(sizes), total(from))
    ? sizes
    : undefined;
}

/** Returns the places of the old axes among the new ones; `undefined` where a new axis mixes them with units. */
function placed(from: readonly Axis[], to: readonly Size[], old: Axes, isSingle: boolean): Axes | undefined {
  let [batch, time, isStepwise] = [-1, -1, old.isStepwise ?? false];
  const put = ({ kind }: Axis, place: number) => {
    if (kind !== "time") batch = place;
    if (kind !== "batch") time = place;
  };
  for (const { before, after } of groups(from, to)) {
    const taken = before.filter(({ kind }) => kind !== "units");
    const [first, second] = taken.filter((axis) => !isOne(axis));
    const large = after.filter((i) => !isOne(to[i]!));
    const ones = after.filter((i) => isOne(to[i]!));
    const isMixed = before.some((axis) => axis.kind === "units" && !isOne(axis));
    if (taken.length > 0 && first !== undefined && (isMixed || large.length > 2)) return undefined;
    if (first?.kind === "both" && (large.length === 2 || (isSingle && ones.length > 0))) {
      const pair = large.length === 2 ? large : [large[0]!, ones[0]!].sort((a, b) => a - b);
      [batch, time] = isStepwise ? [pair[1]!, pair[0]!] : [pair[0]!, pair[1]!];
      if (isSingle && large.length === 1) [batch, time] = [ones[0]!, large[0]!];
      if (to[batch]!.steps > 0 || to[time]!.samples > 0) return undefined;
    } else if (first !== undefined && large.length === 1) {
      put(first, large[0]!);
      if (second !== undefined) put(second, large[0]!);
      if (second !== undefined) isStepwise = first.kind === "time";
    } else if (first !== undefined) return undefined;
    for (const axis of taken.filter(isOne)) {
      const olds = before.filter(isOne);
      const at = olds.indexOf(axis);
      const isLast = at === olds.length - 1 && ones.length < olds.length;
      const place = isLast ? ones.at(-1) : ones[at];
      if (place === undefined && first === undefined) return undefined;
      put(axis, place ?? large[0]!);
    }
  }
  return { batch, time, ...(batch === time && isStepwise ? { isStepwise } : {}) };
}

/** A run of old axes that has as many elements as a run of new ones. */
interface Group {
  readonly before: Axis[];
  /** Places of the new axes. */
  readonly after: number[];
}

/** Splits both shapes into the shortest runs of equal size. Axes of 1 belong to the run before them. */
function groups(from: readonly Axis[], to: readonly Size[]): Group[] {
  const found: Group[] = [];
  let [i, j] = [0, 0];
  while (i < from.length || j < to.length) {
    const group: Group = { before: [], after: [] };
    let [a, b] = [ONE, ONE];
    const takeOld = () => {
      a = times(a, from[i]!);
      group.before.push(from[i++]!);
    };
    const takeNew = () => {
      b = times(b, to[j]!);
      group.after.push(j++);
    };
    if (i < from.length) takeOld();
    if (j < to.length) takeNew();
    while (!isSame(a, b) && (i < from.length || j < to.length)) {
      if (i < from.length && (j === to.length || isWhole(over(b, a)))) takeOld();
      else if (j < to.length) takeNew();
      else takeOld();
    }
    while (i < from.length && isOne(from[i]!)) takeOld();
    while (j < to.length && isOne(to[j]!)) takeNew();
    found.push(group);
  }
  return found;
}
