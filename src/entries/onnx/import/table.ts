// Tables by class numbers: an input of whole numbers that a Gather takes as its indices.

import type { NodeProto } from "onnx-buf";
import { damaged } from "../wire.js";
import { full } from "./arrange.js";
import type { Call } from "./call.js";
import { isValue, type Operand } from "./plan.js";
import { type Constant, count, shape } from "./tensor.js";
import { isTable, type Pick, type Value } from "./term.js";
import { layerOf, ofLayer, size } from "./value.js";

/** Returns whether an operand has class numbers. */
export function isClasses(operand: Operand | undefined): operand is Value {
  if (operand === undefined || !isValue(operand)) return false;
  return operand.terms.some(({ from, map }) => from.isClasses && !isTable(map));
}

/** Operators that class numbers pass. */
const passes: ReadonlySet<string> = new Set([
  "Cast",
  "Flatten",
  "Identity",
  "Reshape",
  "Slice",
  "Split",
  "Squeeze",
  "Transpose",
  "Unsqueeze",
]);

/** Returns whether whole numbers of an input name rows of a table, perhaps behind operators that pass them on. */
export function isLookedUp(nodes: readonly NodeProto[], input: string): boolean {
  const names = new Set([input]);
  for (const { opType, input, output } of nodes) {
    const [data = "", indices = ""] = input;
    if (opType === "Gather" && names.has(indices) && !names.has(data)) return true;
    if (passes.has(opType) && names.has(data)) for (const name of output) names.add(name);
  }
  return false;
}

/** Refuses class numbers for an operator that would take them as numbers. */
export function checkClasses(call: Call): void {
  const { opType } = call.node;
  call.inputs.forEach((operand, i) => {
    if (!isClasses(operand) || passes.has(opType) || opType === "Shape") return;
    if (opType === "Gather" && i === 1) return;
    throw call.refuse("takes whole numbers that an input has; only a Gather from a table of constants can");
  });
}

/** Returns the rows of a table that class numbers name. */
export function looked(call: Call, data: Constant, ids: Value): Value {
  if (call.axis(call.whole("axis", 0), data.dims.length) !== 0)
    throw call.refuse("takes no rows of its table");
  const [classes = 0, ...rest] = data.dims;
  const columns = count(rest);
  if (classes < 1 || columns < 1) throw damaged(`a table is ${shape(data.dims)}`);
  const [{ from, map, ...step }] = ids.terms as readonly [Value["terms"][number]];
  if (from.classes !== undefined && from.classes !== classes)
    throw call.refuse(`has a table of ${classes} rows, and another of the same input has ${from.classes}`);
  if (classes > 2 ** 24) throw call.refuse(`has a table of ${classes} rows`);
  from.classes = classes;
  const { index } = map as Pick;
  const slots = from.size;
  call.plan.charge(size(ids) * columns + slots * columns);
  const dims = [...full(ids), ...rest];
  const { axes } = ids;
  const units = dims.filter((_, i) => i !== axes.batch && i !== axes.time);
  const table = { from, map: { table: data.values }, ...step };
  const all: Value = { dims: units, axes, terms: [table], bias: undefined, gain: undefined };
  if (index === undefined) return all;
  const made = layerOf(
    call.plan.activate({ ...all, dims: [slots, columns] }, "linear", `${call.label}.all`),
  )!;
  const picked = Int32Array.from({ length: size(ids) * columns }, (_, at) => {
    return index[Math.floor(at / columns)]! * columns + (at % columns);
  });
  return call.plan.pick(ofLayer(made, [slots, columns], axes), units, picked, call.label);
}
