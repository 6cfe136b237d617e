// The padding of a window: its forms, and the number of windows that fit between its ends.

import { GraphError } from "../base/error.js";
import { choice, number } from "../base/options.js";
import { show } from "../base/text.js";
import { spellShape } from "./shape.js";

/** Positions of padding on an axis. */
export type Pads = readonly [before: number, after: number];

/** A window on one axis, without its padding. `big` has the positions inside windows, `small` one for each window. */
export interface Axis {
  readonly big: number;
  readonly small: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
}

/** A form of padding: its name in errors, and its positions on each axis. */
export interface Form {
  readonly label: string;
  readonly padding: readonly Pads[];
}

/** Bound of kernels, strides, dilations and padding: the core counts in 32 bits with a sign. */
export const MOST = 0x7fff_ffff;

/** Throws `bad-option`. */
export function refuse(why: string): never {
  throw new GraphError("bad-option", why);
}

/** Reads one value for all axes, or an array with one for each. Throws `bad-option`. */
export function perAxis<V>(
  given: unknown,
  rank: number,
  what: string,
  wanted: string,
  read: (one: unknown) => V,
): V[] {
  const each: unknown[] = Array.isArray(given) ? given : new Array(rank).fill(given);
  if (each.length === rank) return Array.from(each, (one) => read(one));
  return refuse(`${what} is ${wanted} for each axis: an array of ${rank}, not ${show(given)}.`);
}

/** Returns the positions that a kernel covers, gaps included. */
function span({ kernel, dilation }: Axis): number {
  return dilation * (kernel - 1) + 1;
}

/** Returns the number of windows on an axis. */
function windows(axis: Axis, [before, after]: Pads): number {
  return Math.max(Math.floor((axis.big + before + after - span(axis)) / axis.stride) + 1, 0);
}

/** Returns the padding for ⌈big / stride⌉ windows; an odd position is after. */
function same(axis: Axis): Pads {
  const total = Math.max((Math.ceil(axis.big / axis.stride) - 1) * axis.stride + span(axis) - axis.big, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/** Reads padding. Returns its form, or two where it is left out: `"valid"` and `"same"`. Throws `bad-option`. */
export function readForms(given: unknown, axes: readonly Axis[], of: string): Form[] {
  const what = `The padding of ${of}`;
  if (given === undefined || typeof given === "string") {
    const named: Record<string, Pads[]> = { valid: axes.map(() => [0, 0]), same: axes.map(same) };
    const names = given === undefined ? Object.keys(named) : [choice(given, named, what)];
    return names.map((name) => ({ label: show(name), padding: named[name]! }));
  }
  const count = (one: unknown) => number(one, { least: 0, most: MOST, whole: true }, what) + 0; // no -0
  const padding = perAxis(given, axes.length, what, "a number or [before, after]", (one): Pads => {
    if (!Array.isArray(one)) return [count(one), count(one)];
    if (one.length === 2) return [count(one[0]), count(one[1])];
    return refuse(`${what} is a number or [before, after] for each axis, not ${show(one)}.`);
  });
  return [{ label: `padding ${JSON.stringify(given)}`, padding }];
}

/** Returns whether padding gives the extents of both ends. */
export function fits(axes: readonly Axis[], { padding }: Form): boolean {
  return axes.every((axis, i) => windows(axis, padding[i]!) === axis.small);
}

/** Spells the extents that forms of padding give: those of `small`, or with `turned` those of `big`. */
export function spellForms(axes: readonly Axis[], forms: readonly Form[], turned: boolean): string {
  const given = forms.map(({ label, padding }) => {
    const ranges = axes.map((axis, i): readonly [least: number, most: number] => {
      const count = windows(axis, padding[i]!);
      if (!turned) return [count, count];
      // The padding of "same" depends on `big`, and has ⌈big / stride⌉ windows.
      const first = label === '"same"' ? 1 : span(axis) - padding[i]![0] - padding[i]![1];
      const least = (axis.small - 1) * axis.stride + first;
      return [Math.max(least, 1), least + axis.stride - 1];
    });
    const ends = [0, 1].map((end) => spellShape(ranges.map((range) => range[end]!)));
    const extents = ranges.every(([, most]) => most > 0) ? [...new Set(ends)].join(" to ") : "nothing";
    return `${extents} (${label})`;
  });
  return given.join(" or ");
}

/** Refuses padding of a pool that has room for a whole window. Throws `bad-option`. */
export function checkPads(axes: readonly Axis[], padding: readonly Pads[], of: string): void {
  axes.forEach((axis, i) => {
    const { big, small, stride, dilation } = axis;
    const [before, after] = padding[i]!;
    const most = Math.max(before, after);
    if (most >= span(axis)) {
      refuse(`The padding of ${of} is below the span of its kernel, ${span(axis)}, not ${most}.`);
    }
    // A larger dilation than the extent may step over all of it.
    const turns = Math.min(small, Math.ceil(before / stride), dilation); // the remainders repeat
    for (let q = 0; dilation > big && q < turns; q++) {
      const beyond = (before - q * stride) % dilation;
      if (beyond !== 0 && dilation - beyond >= big) refuse(`A window of ${of} lies in its padding alone.`);
    }
  });
}

/** Extents along the axes: one number for all, or one for each. */
export type Extents = number | readonly number[];

/** Padding as a caller writes it: a form, a number for both ends of every axis, or a number or two for each axis. */
export type Padding = "valid" | "same" | number | readonly (number | Pads)[];
