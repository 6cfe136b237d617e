// The status of a pass forward. Records the rows of a pass that was made, or throws the error of a value that is not finite.

import { PassWord, Status } from "../../assembly/abi.js";
import { GraphError } from "../base/error.js";
import { show } from "../base/text.js";
import type { Memory } from "../memory/memory.js";
import type { Pass, Slot } from "../memory/pass.js";
import type { LayerNode } from "../model/node.js";

/** Records the rows of a pass that was made. Throws `not-finite` for any other status of its inputs. */
export function accept(memory: Memory, pass: Pass, rows: number, status: number): void {
  if (status === Status.input) throw faultOf(memory, pass, "input", notFinite);
  if (status === Status.ok) pass.setRows(rows);
}

/** The place of a refused value in the data of a layer, which begins with row `first` and lies at the pointer `values`. */
export interface Fault {
  readonly memory: Memory;
  readonly layer: LayerNode;
  readonly matrix: Slot["matrix"];
  readonly values: number;
  readonly index: number;
  readonly first: number;
}

/** Returns the error about the value where a pass failed. */
export function faultOf(
  memory: Memory,
  pass: Pass,
  matrix: Slot["matrix"],
  errorOf: (fault: Fault) => GraphError,
): GraphError {
  const layer = faultyLayer(memory, pass);
  const index = memory.core.u32[(pass.record >>> 2) + PassWord.faultIndex]!;
  return errorOf({ memory, layer, matrix, values: memory.states.of(layer)[matrix], index, first: 0 });
}

/** Returns the layer where a pass failed. */
export function faultyLayer({ core, records }: Memory, pass: Pass): LayerNode {
  const fault = core.u32[(pass.record >>> 2) + PassWord.faultLayer];
  return pass.layers.find((layer) => records.layer(layer) === fault)!;
}

/** Checks data for a layer, wherever it lies; `first`: the row that it begins with. Throws `not-finite`. */
export function checkFinite(
  memory: Memory,
  { layer, matrix }: Slot,
  values: number,
  rows: number,
  first = 0,
): void {
  const index = memory.core.call.notFinite(values, rows * layer.size);
  if (index >= 0) throw notFinite({ memory, layer, matrix, values, index, first });
}

/** Returns the error about a value that is not finite. */
export function notFinite(fault: Fault): GraphError {
  const what = fault.matrix === "input" ? "The input" : "The target of";
  const place = placeOf(fault, wrongValue(fault));
  return new GraphError("not-finite", `${what} ${place}, in ${fault.memory.precision}.`);
}

/** Returns the value of a fault. */
export function wrongValue({ memory, values, index }: Fault): number {
  return memory.core.view(values, index + 1)[index]!;
}

/** Names the place of a fault, and a value there. */
export function placeOf({ layer, index, first }: Fault, value: number): string {
  const row = first + Math.floor(index / layer.size);
  return `${show(layer.name)} has ${show(value)} in row ${row}, unit ${index % layer.size}`;
}
