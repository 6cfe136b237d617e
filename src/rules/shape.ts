// The shape of a layer: [units], [length, channels] or [height, width, channels]. Units are row-major, channels last.

import { GraphError } from "../base/error.js";
import { show } from "../base/text.js";

/** A layer's shape: [units], [length, channels] or [height, width, channels]. */
export type Shape = readonly number[];

/** A number of units, or a shape. */
export type Size = number | Shape;

/** Most units of a layer. */
const MOST_UNITS = 0xffff_ffff;

/** Reads a size or a shape, as a plain value. Returns it as a frozen shape; throws `bad-size`. */
export function readShape(given: unknown, what: string): Shape {
  if (isCount(given)) return Object.freeze([given]);
  let [wanted, wrong] = [
    `a whole number of units, from 1 to ${MOST_UNITS}, or a shape in an array`,
    show(given),
  ];
  if (Array.isArray(given)) {
    wanted = "one to three whole numbers, each at least 1";
    if (given.length >= 1 && given.length <= 3) {
      const shape: unknown[] = Array.from(given);
      wrong = `[${shape.map(show).join(", ")}]`;
      if (shape.every(isCount)) {
        if (product(shape) <= MOST_UNITS) return Object.freeze(shape);
        wanted = `a shape of at most ${MOST_UNITS} units`;
      }
    }
  }
  throw new GraphError("bad-size", `${what} is ${wanted}, not ${wrong}.`);
}

/** Returns whether a value is a number of units that a layer can have. */
function isCount(given: unknown): given is number {
  return typeof given === "number" && Number.isInteger(given) && given >= 1 && given <= MOST_UNITS;
}

/** Returns the product of some numbers, which is the number of units for a shape. */
export function product(numbers: readonly number[]): number {
  return numbers.reduce((all, n) => all * n, 1);
}

/** Returns the number of channels, which is the size for a plain one. */
export function channels(shape: Shape): number {
  return shape.at(-1)!;
}

/** Returns the number of biases of a layer, and of gains of a norm: one for each channel, or one for each unit. */
export function biasesOf({ shape, perUnit }: { readonly shape: Shape; readonly perUnit: boolean }): number {
  return perUnit ? product(shape) : channels(shape);
}

/** Returns the number of positions: 1 for a plain size. */
export function positions(shape: Shape): number {
  return product(shape.slice(0, -1));
}

/** Returns the extents on `rank` axes: those of a plain size are 1. */
export function extents(shape: Shape, rank: number): number[] {
  return shape.length === 1 ? new Array(rank).fill(1) : shape.slice(0, -1);
}

/**
 * Returns the axes of a layer's nested samples: its shape, and the shape without a last axis of 1. With `classes` a sample may
 * also be a class number for each position.
 */
export function nestings(shape: Shape, classes = false): readonly Shape[] {
  const extents = shape.slice(0, -1);
  const found = [shape, ...(classes ? [[...extents, 1]] : [])];
  if (classes || channels(shape) === 1) found.push(extents);
  return found.filter(({ length }) => length > 1);
}

/** Names a unit of a layer in errors: unit 5, at [0][1][2] where a shape has several axes. */
export function unitName(shape: Shape, unit: number): string {
  if (shape.length === 1) return `unit ${unit}`;
  let [rest, place] = [unit, ""];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const at = rest % shape[axis]!;
    rest = (rest - at) / shape[axis]!;
    place = `[${at}]${place}`;
  }
  return `unit ${unit}, at ${place}`;
}

/** Spells a shape, such as 24 × 24 × 8. */
export function spellShape(shape: Shape): string {
  return shape.join(" × ");
}
