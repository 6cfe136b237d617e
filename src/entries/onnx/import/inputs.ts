// The inputs of a file: their types, and which of their axes have the samples, the steps and the units.

import { TensorProto_DataType as DataType, type ValueInfoProto } from "onnx-buf";
import { show } from "../../../base/text.js";
import { GraphError } from "../../../index.js";
import { AXES, isFloat, typeName } from "./tensor.js";
import type { Axes } from "./term.js";

/** A free input: its name, the dimensions of its units, and the places of its samples and steps. */
export interface Input {
  readonly name: string;
  readonly dims: readonly number[];
  readonly axes: Axes;
  /** Whether it has whole numbers. */
  readonly isWhole: boolean;
}

/**
 * A way to read the inputs' axes: which one has the steps, and which one the samples, of an input with so many axes or more.
 * Without it the first axis has the samples, and all others are units.
 */
export interface Reading {
  readonly time: number;
  readonly batch: number;
  readonly rank: number;
}

/** Ways to read the inputs of a file with steps, in the order of trial. */
export const readings: readonly Reading[] = [
  { batch: 0, time: 1, rank: 3 },
  { batch: 1, time: 0, rank: 3 },
  { batch: 1, time: 0, rank: 2 },
  { batch: 0, time: 1, rank: 2 },
];

export type Dim = number | string | undefined;

/** Returns the declared dimensions of a tensor. */
export function dimsOf({ type }: ValueInfoProto): readonly Dim[] | undefined {
  if (type?.value.case !== "tensorType") return undefined;
  return type.value.value.shape?.dim.map(({ value }) =>
    value.case === "dimValue" ? Number(value.value) : value.value,
  );
}

/** Returns an input's element type, and its dimensions: numbers, names, or undefined. */
export function tensorType(
  info: ValueInfoProto,
  batched: boolean,
  isLookedUp: boolean,
): { type: number; dims: readonly Dim[] } {
  const { name, type } = info;
  const what = `The input ${show(name)}`;
  if (type?.value.case !== "tensorType") throw new GraphError("unsupported", `${what} is no tensor.`);
  const { elemType, shape } = type.value.value;
  if (!isFloat(elemType) && !(isLookedUp && isWhole(elemType))) {
    throw new GraphError(
      "unsupported",
      `${what} is of ${typeName(elemType)}; a layer has float32 or float64. \`bind\` can give its values.`,
    );
  }
  if (shape === undefined || (batched && shape.dim.length === 0) || shape.dim.length > AXES) {
    throw new GraphError("unsupported", `${what} has no axis for the batch, or more than ${AXES}.`);
  }
  return {
    type: elemType,
    dims: dimsOf(info)!,
  };
}

/** Returns whether a type is of whole numbers that class numbers can have. */
export function isWhole(type: number): boolean {
  return type === DataType.INT32 || type === DataType.INT64;
}

export function unitDim(input: string, dim: Dim, batched: boolean, hasSteps: boolean): number {
  if (typeof dim === "number" && dim >= 1 && dim <= 2 ** 31) return dim;
  const found = typeof dim === "number" ? dim : dim === undefined ? "not known" : show(dim);
  throw new GraphError(
    "unsupported",
    `The input ${show(input)} has a size that is ${found}; ${batched ? `after the batch${hasSteps ? " and the steps" : ""}` : "without a batch"}, sizes are fixed.`,
  );
}

/** Returns the number of samples or steps that is common to all inputs; undefined where it may be any. */
export function common(
  inputs: readonly { name: string; all: readonly Dim[]; axes: Axes }[],
  axis: "batch" | "time",
): number | undefined {
  // tf2onnx gives each unknown dimension a name of its own.
  const known = inputs
    .map(({ name, all, axes }) => ({ name, dim: all[axes[axis]] }))
    .filter(({ dim }) => dim !== undefined && !/^unk__/.test(`${dim}`));
  const [first, ...others] = known;
  const other = others.find(({ dim }) => dim !== first!.dim);
  if (other !== undefined) {
    const dims = `${show(first!.name)} has ${show(first!.dim)} and ${show(other.name)} ${show(other.dim)}`;
    const which = axis === "batch" ? "first dimensions, the batch," : "numbers of steps";
    throw new GraphError(
      "unsupported",
      `The inputs' ${which} differ: ${dims}. \`bind\` makes one a constant.`,
    );
  }
  return typeof first?.dim === "number" ? first.dim : undefined;
}
