// Nested samples of layers with shapes, unfolded to flat rows of numbers.

import type { GraphError } from "./error.js";
import { isTyped, lengthOfData, type Vector, zeros } from "./read.js";
import { show } from "./text.js";

/** Axes of a nested sample, such as [28, 28, 1]. */
type Nest = readonly number[];

/** Most axes of data: samples, steps, and three of a shape. A list that has itself as an element has no end. */
const MOST_AXES = 5;

/** Returns the lengths of nested arrays along their first elements. */
function axesOf(data: unknown): number[] {
  const axes: number[] = [];
  for (let part = data; axes.length <= MOST_AXES; part = (part as readonly unknown[])[0]) {
    if (!Array.isArray(part) && !isTyped(part)) break;
    axes.push(lengthOfData(part));
  }
  return axes;
}

/** Returns the axes of the nested samples of data, behind the axis of samples, and another of steps. */
function nestOf(data: unknown, axes: readonly number[], nests: readonly Nest[]): Nest | undefined {
  return nests.find((one) => {
    const first = axes.length - one.length;
    // The one step of a first sample looks like an axis of 1; the others have more of them.
    const isStep = (part: unknown) => Array.isArray(part) && part.length !== 1;
    if (first === 1 && one[0] === 1 && (data as readonly unknown[]).some(isStep)) return false;
    return (first === 1 || first === 2) && one.every((length, axis) => length === axes[first + axis]);
  });
}

/** Returns whether data is nested as samples without steps, which `unfold` makes flat. */
export function isUnfoldable(data: unknown, nests: readonly Nest[]): data is readonly unknown[] {
  const axes = axesOf(data);
  return axes.length - (nestOf(data, axes, nests)?.length ?? axes.length) === 1;
}

/** Returns whether data is nested as samples of steps. */
export function hasSteps(data: unknown, nests: readonly Nest[]): boolean {
  const axes = axesOf(data);
  return axes.length - (nestOf(data, axes, nests)?.length ?? 1) === 2;
}

function product(axes: Nest): number {
  return axes.reduce((a, b) => a * b);
}

/** Spells axes or indices: [28][28][1]. */
function spell(axes: readonly number[]): string {
  return axes.map((n) => `[${n}]`).join("");
}

/** Returns the fault of nested data that fits none of `nests`; `undefined` for steps, each a flat row. */
function faultOf(axes: readonly number[], nests: readonly Nest[]): string | undefined {
  const sizes = nests.map(product);
  if (axes.length < 4 && sizes.includes(axes.at(-1)!)) return undefined;
  const isSample = nests.some((one) => spell(one) === spell(axes));
  if (isSample) return `has no axis of samples, but is one, nested as ${spell(axes)}`;
  return axes.length < 3 ? undefined : `has arrays nested as ${spell(axes)}`;
}

/**
 * Returns data whose samples are nested as one of `nests` without that: flat, or with steps as arrays of rows. Other data is
 * returned as it is. `errorOf` makes the error for nested data that fits none of them, from its fault. `first` is the first
 * sample of a part of the data.
 */
export function unfold(
  data: unknown,
  nests: readonly Nest[],
  errorOf: (fault: string) => GraphError,
  first = 0,
): unknown {
  if (nests.length === 0) return data;
  const axes = axesOf(data);
  if (axes.length < 2) return data;
  const nest = nestOf(data, axes, nests);
  if (nest === undefined) {
    const fault = faultOf(axes, nests);
    if (fault === undefined) return data;
    throw errorOf(fault);
  }
  const [depth, size] = [axes.length - nest.length, product(nest)];
  const path: number[] = [];
  /** Values that are no numbers, by their places in flat data, as masked targets may have. */
  const others = new Map<number, unknown>();
  const append = (row: Float64Array, at: number, part: unknown, axis: number): number => {
    const length = nest[axis]!;
    const isLast = axis === nest.length - 1;
    const isList = Array.isArray(part) || (isLast && isTyped(part));
    if (!isList || lengthOfData(part) !== length) {
      const found = isList ? `${lengthOfData(part)} elements` : show(part);
      throw errorOf(`has ${found} at ${spell(path.slice(0, depth + axis))}`);
    }
    for (let i = 0; i < length; i++) {
      const value: unknown = part[i];
      if (!isLast) {
        path[depth + axis] = i;
        at = append(row, at, value, axis + 1);
      } else if (typeof value === "number") row[at++] = value;
      else others.set(at++, value);
    }
    return at;
  };
  const flat = (samples: readonly unknown[], axis: number, first: number): Vector => {
    const numbers = zeros(samples.length * size, "nested samples");
    for (let i = 0; i < samples.length; i++) {
      path[axis] = first + i;
      append(numbers, i * size, samples[i], 0);
    }
    if (others.size === 0) return numbers;
    const mixed = Array.from<unknown>(numbers);
    for (const [at, value] of others) mixed[at] = value;
    others.clear();
    return mixed as number[];
  };
  const all = data as readonly unknown[];
  if (depth === 1) return flat(all, 0, first);
  return Array.from(all, (steps, i) => {
    if (!Array.isArray(steps)) return steps;
    path[0] = first + i;
    const numbers = flat(steps, 1, 0);
    return steps.map((_, t) => numbers.slice(t * size, (t + 1) * size));
  });
}

/** Returns the text of further forms of data in errors: of nested samples, and of class numbers, `parts` a sample. */
export function formsText(nests: readonly Nest[], parts: number | undefined): string {
  const nested = nests.map(spell).join(" or ");
  const samples = nested && `an array of k samples nested as ${nested}, also where k is 1`;
  const classes =
    parts === undefined ? "" : parts === 1 ? "k class numbers, one a sample" : `k × ${parts} class numbers`;
  const forms = [samples, classes].filter(Boolean);
  return forms.map((form, i) => `, ${i === forms.length - 1 ? "or " : ""}${form}`).join("");
}
