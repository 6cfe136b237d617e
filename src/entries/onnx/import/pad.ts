// Padding of axes of units, as selections whose cells outside are a number, or the cells at the border.

import { along, offsets, unitsOf } from "./arrange.js";
import type { Call } from "./call.js";
import { count, places } from "./tensor.js";
import type { Value } from "./term.js";

/** Returns the cell for a place outside an axis, by the mode of a node. */
const modes: Readonly<Record<string, (at: number, length: number) => number>> = {
  constant: () => -1,
  edge: (at, length) => Math.min(Math.max(at, 0), length - 1),
  wrap: (at, length) => ((at % length) + length) % length,
  reflect: (at, length) => {
    const period = Math.max(2 * (length - 1), 1);
    const place = ((at % period) + period) % period;
    return place < length ? place : period - place;
  },
};

/** Pads axes of units, or cuts them where a padding is below 0. */
export function paddedUnits(
  call: Call,
  given: Value,
  ends: readonly (readonly [number, number])[],
  mode: string,
  value: number,
): Value {
  if (!Object.hasOwn(modes, mode)) throw call.refuse(`pads by ${mode}`);
  const inner = call.plan.picks(given, call.label);
  const all = offsets(call, inner);
  const lengths = all.map(({ length }, i) => length + ends[i]![0] + ends[i]![1]);
  if (lengths.some((length) => !(length >= 1 && length <= 2 ** 31)))
    throw call.refuse(`makes axes of ${lengths}`);
  call.plan.charge(count(lengths));
  let outside = new Uint8Array(1);
  const picked = all.map((axis, i) => {
    const places = Int32Array.from({ length: lengths[i]! }, (_, to) => {
      const at = to - ends[i]![0];
      return at >= 0 && at < axis.length ? at : modes[mode]!(at, axis.length);
    });
    const next = new Uint8Array(outside.length * places.length);
    outside.forEach((isOut, before) => {
      places.forEach((at, to) => {
        next[before * places.length + to] = isOut | Number(at < 0);
      });
    });
    outside = next;
    return places.map((at) => axis[Math.max(at, 0)]!);
  });
  if (mode !== "constant" || !outside.includes(1)) return along(call, inner, picked) as Value;
  const index = places(picked).map((place, i) => (outside[i] ? -1 : place));
  const dims = unitsOf(inner.axes, lengths);
  const moved = { ...call.plan.pick(inner, dims, index, call.label), axes: inner.axes };
  const filled =
    value === 0
      ? moved
      : call.plan.shifted(
          moved,
          Float64Array.from(outside, (isOut) => isOut * value || 0),
        );
  const pads = ends.filter((_, axis) => axis !== inner.axes.batch && axis !== inner.axes.time);
  call.plan.padded.set(filled, { inner, pads, value });
  return filled;
}
