// Nested samples of layers with shapes, unfolded to rows of numbers.

import type { GraphError } from "./error.js";
import { isTyped, lengthOfData } from "./read.js";
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

/** Returns whether data is nested as samples of steps. */
export function hasSteps(data: unknown, nests: readonly Nest[]): boolean {
  const axes = axesOf(data);
  return axes.length - (nestOf(data, axes, nests)?.length ?? 1) === 2;
}

/** Spells axes or indices: [28][28][1]. */
function spell(axes: readonly number[]): string {
  return axes.map((n) => `[${n}]`).join("");
}

/** Returns the fault of nested data that fits none of `nests`; `undefined` for steps, each a flat row. */
function faultOf(axes: readonly number[], nests: readonly Nest[]): string | undefined {
  const sizes = nests.map((one) => one.reduce((a, b) => a * b));
  if (axes.length < 4 && sizes.includes(axes.at(-1)!)) return undefined;
  const isSample = nests.some((one) => spell(one) === spell(axes));
  if (isSample) return `has no axis of samples, but is one, nested as ${spell(axes)}`;
  return axes.length < 3 ? undefined : `has arrays nested as ${spell(axes)}`;
}

/**
 * Returns data with each sample that is nested as one of `nests` as a row: rows, or with steps arrays of rows. Other data is
 * returned as it is. `errorOf` makes the error for nested data that fits none of them, from its fault.
 */
export function unfold(
  data: unknown,
  nests: readonly Nest[],
  errorOf: (fault: string) => GraphError,
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
  const depth = axes.length - nest.length;
  const path: number[] = [];
  const append = (row: unknown[], part: unknown, axis: number): unknown[] => {
    const isLast = axis === nest.length - 1;
    const isList = Array.isArray(part) || (isLast && isTyped(part));
    if (!isList || lengthOfData(part) !== nest[axis]) {
      const found = isList ? `${lengthOfData(part)} elements` : show(part);
      throw errorOf(`has ${found} at ${spell(path.slice(0, depth + axis))}`);
    }
    for (let i = 0; i < nest[axis]!; i++) {
      path[depth + axis] = i;
      if (isLast) row.push(part[i]);
      else append(row, part[i], axis + 1);
    }
    return row;
  };
  const rows = (list: unknown, axis: number): unknown =>
    Array.isArray(list)
      ? Array.from(list as readonly unknown[], (part, i) => {
          path[axis] = i;
          return axis === depth - 1 ? append([], part, 0) : rows(part, axis + 1);
        })
      : list;
  return rows(data, 0);
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
