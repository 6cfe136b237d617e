// Results of a pass with steps, in the caller's order: (samples, steps, size), or (samples, size) without time.

import { GraphError } from "../base/error.js";
import type { FloatArray, Precision } from "../base/precision.js";
import type { Core } from "../memory/core.js";
import type { Pass } from "../memory/pass.js";
import type { Times } from "../memory/times.js";
import type { LayerNode } from "../model/node.js";
import type { Scaling } from "../rules/scaling.js";
import type { Span } from "./sequence.js";
import { eachRow } from "./stepdata.js";

/**
 * Copies the rows of a layer's matrix, which `scaler` has scaled; behind a sample's end there are zeros. Throws
 * `out-of-memory`.
 */
export function resultOf(
  core: Core,
  pass: Pass,
  layer: LayerNode,
  pointer: number,
  samples: number,
  scaler?: Scaling,
): FloatArray<Precision> {
  const { times } = pass;
  const isTimed = times !== undefined && pass.isTimed(layer);
  const isInOrder = times === undefined || (isTimed ? times.isPlain : times.order === undefined);
  const count = pass.rowsOf(layer, samples) * layer.size;
  if (isInOrder) {
    const values = core.copy(pointer, count);
    if (scaler !== undefined) values.set(scaler.inverse(values));
    return values;
  }
  const result = blankResult(core, pass, layer, times);
  const view = core.view(pointer, count);
  const values = scaler === undefined ? view : scaler.inverse(view);
  scatter(result, values, times, { times, first: 0, step: 0 }, isTimed, layer.size);
  return result;
}

/** Returns for each row of a layer its row in a result; `undefined` where the two agree. */
export function givenRows(pass: Pass, layer: LayerNode): Uint32Array | undefined {
  const { times } = pass;
  if (times === undefined) return undefined;
  const isTimed = pass.isTimed(layer);
  const rows = new Uint32Array(pass.rowsOf(layer, times.samples));
  eachRow(isTimed, times, { times, first: 0, step: 0 }, (sample, step, row) => {
    rows[row] = isTimed ? sample * times.steps + step : sample;
  });
  return rows;
}

/** Returns zeros for a layer's rows in a call with steps. Throws `out-of-memory`. */
export function blankResult({ bytes }: Core, pass: Pass, layer: LayerNode, { samples, steps }: Times) {
  return blank(bytes, samples * (pass.isTimed(layer) ? steps : 1) * layer.size, layer.name);
}

/** Returns zeros for an output's values. Throws `out-of-memory`. */
export function blank(bytes: number, count: number, name: string): FloatArray<Precision> {
  try {
    return bytes === 8 ? new Float64Array(count) : new Float32Array(count);
  } catch (cause) {
    const sentence = `There is no room for the results of ${name}: ${count} numbers.`;
    throw new GraphError("out-of-memory", sentence, { cause });
  }
}

/** Copies rows of a part of a call to their places in its result. */
export function scatter(
  result: FloatArray<Precision>,
  values: FloatArray<Precision>,
  whole: Times,
  span: Span,
  isTimed: boolean,
  size: number,
): void {
  eachRow(isTimed, whole, span, (sample, step, row) => {
    const to = (isTimed ? sample * whole.steps + step : sample) * size;
    if (size > 16) result.set(values.subarray(row * size, (row + 1) * size), to);
    else for (let i = 0; i < size; i++) result[to + i] = values[row * size + i]!;
  });
}
