// The status of a pass forward. Records the rows of a pass that was made, or throws the error of a value that is not finite.

import { PassWord, Status } from "../../assembly/abi.js";
import { GraphError } from "../base/error.js";
import { show } from "../base/text.js";
import type { Memory } from "../memory/memory.js";
import type { Pass, Slot } from "../memory/pass.js";
import type { LayerNode } from "../model/node.js";
import { unitName } from "../rules/shape.js";
import { placeIn } from "./stepdata.js";

/** Records the rows of a pass that was made. Throws `not-finite` for any other status of its inputs. */
export function accept(memory: Memory, pass: Pass, rows: number, status: number): void {
  if (status === Status.input) throw faultOf(memory, pass, "input", notFinite);
  if (status === Status.ok) pass.setRows(rows);
}

/** The place of a refused value in the data of a layer, which lies at the pointer `values`. */
export interface Fault {
  readonly memory: Memory;
  readonly layer: LayerNode;
  readonly matrix: Slot["matrix"];
  readonly values: number;
  readonly index: number;
  /** Names a row of the data. */
  readonly rowName: RowName;
}

/** Names a row of data by its index in memory. */
export type RowName = (row: number) => string;

/** Returns the names of rows of data without steps, which begins with row `first`. */
export function rowsFrom(first: number): RowName {
  return (row) => `row ${first + row}`;
}

/** Returns the names of a layer's rows in a pass. */
function rowsOf(pass: Pass, layer: LayerNode): RowName {
  const { times } = pass;
  if (times === undefined) return rowsFrom(0);
  return (row) => placeIn(pass.isTimed(layer), times, { times, first: 0, step: 0 }, row);
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
  const values = memory.states.of(layer)[matrix];
  return errorOf({ memory, layer, matrix, values, index, rowName: rowsOf(pass, layer) });
}

/** Returns the layer where a pass failed. */
export function faultyLayer({ core, records }: Memory, pass: Pass): LayerNode {
  const fault = core.u32[(pass.record >>> 2) + PassWord.faultLayer];
  return pass.layers.find((layer) => records.layer(layer) === fault)!;
}

/** Checks data for a layer, wherever it lies. Throws `not-finite`. */
export function checkFinite(
  memory: Memory,
  { layer, matrix }: Slot,
  values: number,
  rows: number,
  rowName: RowName = rowsFrom(0),
): void {
  const index = memory.core.call.notFinite(values, rows * layer.size);
  if (index >= 0) throw notFinite({ memory, layer, matrix, values, index, rowName });
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
export function placeOf({ layer, index, rowName }: Fault, value: number): string {
  const row = rowName(Math.floor(index / layer.size));
  return `${show(layer.name)} has ${show(value)} in ${row}, ${unitName(layer.shape, index % layer.size)}`;
}
