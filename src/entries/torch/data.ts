// A dataset as a file of safetensors for the script: `xs.<input>`, `ts.<output>`, `weights` or `mask.<output>`, and `steps`.

import type { FloatArray, Precision } from "../../base/precision.js";
import { write, zeros } from "../../base/read.js";
import { list, show } from "../../base/text.js";
import { classList } from "../../calls/classes.js";
import { eachRow, type SlotData, writeSteps } from "../../calls/stepdata.js";
import type { Dataset } from "../../fit/dataset.js";
import { ResidentData } from "../../fit/resident.js";
import { type BoundDataset, bindDataset, detachData } from "../../fit/rows.js";
import { container } from "../../format/container.js";
import { GraphError } from "../../index.js";
import type { Slot } from "../../memory/pass.js";
import type { Times } from "../../memory/times.js";
import type { LayerNode } from "../../model/node.js";

import { type Facts, isTimed, unsupported } from "./facts.js";

/** A tensor of the file: its numbers are row-major. */
interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float64Array | Float32Array | BigInt64Array;
}

/**
 * Returns the file of a dataset. Throws as `train` does for data; `bad-option` for targets of outputs that the script lacks;
 * `unsupported` for steps that the graph has no use for; `out-of-memory`.
 */
export function dataFile(facts: Facts, given: Dataset): Uint8Array<ArrayBuffer> {
  const { network, outputs } = facts;
  network.memory.live();
  const set = detachData(network, given);
  new ResidentData(network, set, false).free(); // checks every number
  const bound = bindDataset(network, set, false);
  try {
    const unknown = bound.pass.outputs.find((layer) => !outputs.includes(layer));
    if (unknown !== undefined) {
      const known = list(outputs.map(({ name }) => name));
      throw new GraphError(
        "bad-option",
        `The script has the outputs ${known}, and no ${show(unknown.name)}.`,
      );
    }
    if (bound.steps !== undefined && !facts.hasSteps) {
      throw unsupported("data with steps", "no synapse of the graph has a delay: give each step as a row");
    }
    // Numbers of 8 bytes first, so that each array lies at a multiple of its type's size.
    const arrays = arraysOf(facts, set, bound).sort(
      (a, b) => b.values.BYTES_PER_ELEMENT - a.values.BYTES_PER_ELEMENT,
    );
    return container(
      arrays.map(({ name, shape, values }) => ({ name, shape, dtype: typeOf(values), view: () => values })),
    );
  } finally {
    for (const slot of bound.slots) slot.data = undefined;
  }
}

/** Returns the name of an array's type in the format. */
function typeOf(values: NamedArray["values"]): string {
  if (values instanceof BigInt64Array) return "I64";
  return values instanceof Float64Array ? "F64" : "F32";
}

/** Returns the tensors of a bound dataset. */
function arraysOf(facts: Facts, set: Dataset, bound: BoundDataset): NamedArray[] {
  const { pass, rows, steps } = bound;
  const { precision } = facts.network.memory;
  const arrays = pass.slots.map((slot, i): NamedArray => {
    const { layer, matrix } = slot;
    const { name, size, scaler, classes } = layer;
    const values = valuesOf(facts, slot, bound, steps?.data[i]);
    const leading = leadingOf(facts, layer, rows, steps?.times);
    const member = matrix === "target" ? "ts" : "xs";
    if (isClassed(slot, set, rows, steps?.data[i])) {
      const parts = slot.parts;
      const found = BigInt64Array.from({ length: (values.length / size) * parts }, (_, i) =>
        BigInt(classAt(values, i, size / parts)),
      );
      return { name: `${member}.${name}`, shape: [...leading, ...(parts > 1 ? [parts] : [])], values: found };
    }
    if (classes !== undefined) {
      return {
        name: `${member}.${name}`,
        shape: [...leading, size],
        values: BigInt64Array.from(values, BigInt),
      };
    }
    // Numbers to be scaled are rounded to the graph's precision after.
    const rounded = precision === "float32" && scaler === undefined ? Float32Array.from(values) : values;
    return { name: `${member}.${name}`, shape: [...leading, size], values: rounded };
  });
  return [
    ...arrays,
    ...weightArrays(facts, set, bound),
    ...(facts.hasSteps ? [lengthsOf(rows, steps?.times)] : []),
  ];
}

/** Returns the steps of each sample. */
function lengthsOf(rows: number, times: Times | undefined): NamedArray {
  const values = BigInt64Array.from({ length: rows }, (_, sample) => BigInt(times?.lengthOf(sample) ?? 1));
  return { name: "steps", shape: [rows], values };
}

/** Returns the axes of a layer's samples, and of its steps. */
function leadingOf(facts: Facts, layer: LayerNode, rows: number, times: Times | undefined): number[] {
  return isTimed(facts, layer) ? [rows, times?.steps ?? 1] : [rows];
}

/** Returns whether a slot's targets were given as class numbers. */
function isClassed(slot: Slot, { ts }: Dataset, rows: number, data: SlotData | undefined): boolean {
  if (slot.matrix !== "target" || !slot.classes) return false;
  if (data !== undefined) return data.isClass;
  return classList((ts as Readonly<Record<string, unknown>>)[slot.name], rows, slot.parts) !== undefined;
}

/** Returns the index of the 1 in a position's run of units; 0 where there is none, in a row that weighs nothing. */
function classAt(values: Float64Array, position: number, units: number): number {
  const found = values.subarray(position * units, (position + 1) * units).indexOf(1);
  return Math.max(found, 0);
}

/** Returns the values of a slot in the caller's order, in float64, (rows, size) or (samples, steps, size). */
function valuesOf(
  facts: Facts,
  slot: Slot,
  { rows, steps }: BoundDataset,
  data: SlotData | undefined,
): Float64Array {
  const { layer, name, size } = slot;
  if (steps === undefined || data === undefined) {
    const values = zeros(rows * size, `the data for ${show(name)}`);
    write(slot.data, name, rows, size, values, 0);
    return values;
  }
  const { times } = steps;
  const count = data.isTimed ? times.rows : times.samples;
  const values = zeros(count * size, `the data for ${show(name)}`);
  writeSteps(data, times, { times, first: 0, step: 0 }, values, 0);
  return inOrder(values, times, isTimed(facts, layer), size);
}

/** Returns rows of the core's order in the caller's, with zeros behind the end of a sample. */
function inOrder(values: FloatArray<Precision>, times: Times, timed: boolean, size: number): Float64Array {
  const { samples, steps } = times;
  const found = zeros(samples * (timed ? steps : 1) * size, "the data");
  eachRow(timed, times, { times, first: 0, step: 0 }, (sample, step, row) => {
    const to = (timed ? sample * steps + step : sample) * size;
    found.set(values.subarray(row * size, (row + 1) * size), to);
  });
  return found;
}

/** Returns the weights of samples, or of the rows and units of each output. */
function weightArrays(facts: Facts, set: Dataset, { pass, slots, steps, rows }: BoundDataset): NamedArray[] {
  if (slots === pass.slots) return [];
  const { precision } = facts.network.memory;
  const rounded = (values: Float64Array) => (precision === "float32" ? Float32Array.from(values) : values);
  const arrays = pass.outputs.map((layer, i) => {
    const { size } = layer;
    const data = steps?.data[pass.slots.length - pass.outputs.length + i];
    const own = data?.lossWeights ?? (slots[pass.slots.length + i]!.data as Float64Array);
    const values = steps === undefined ? own : inOrder(own, steps.times, isTimed(facts, layer), size);
    const leading = leadingOf(facts, layer, rows, steps?.times);
    const isEach = values.every((value, j) => value === values[j - (j % size)]);
    const found = isEach ? values.filter((_, j) => j % size === 0) : values;
    return {
      name: `mask.${layer.name}`,
      shape: isEach ? leading : [...leading, size],
      values: rounded(found),
    };
  });
  const isShared = set.mask === undefined && !facts.hasSteps;
  return isShared ? [{ ...arrays[0]!, name: "weights" }] : arrays;
}
