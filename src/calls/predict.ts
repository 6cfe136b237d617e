// Predictions: values of outputs, in one pass or in pieces.

import { options } from "../base/options.js";
import { plain, record } from "../base/plain.js";
import type { FloatArray, Precision } from "../base/precision.js";
import type { Pass } from "../memory/pass.js";
import type { Network } from "./network.js";
import { accept } from "./status.js";

/** The values of the named outputs. */
export function predict(net: Network, xs: unknown, given: unknown): Record<string, FloatArray<Precision>> {
  const { memory, binding } = net;
  memory.still();
  let outputs: unknown;
  if (given !== undefined) {
    const read = plain(given, "bad-option", "The options of predict");
    outputs = options(read, ["outputs"], "predict").outputs;
    memory.still();
  }
  const pass = binding.give(xs, outputs, true);
  const { rows } = pass;
  const results = record<FloatArray<Precision>>();
  if (rows > pass.piece) return predictInPieces(net, pass, results);
  accept(memory, pass, rows, memory.core.call.predict(pass.record, rows));
  for (const layer of pass.outputs) {
    const values = memory.copy(layer.post, rows * layer.size);
    if (layer.scaler !== undefined) values.set(layer.scaler.inverse(values));
    results[layer.name] = values;
  }
  return results;
}

/** The same for more rows than a piece has: a row's bits don't depend on the others, and states take a piece's room. */
function predictInPieces(
  { memory, binding }: Network,
  pass: Pass,
  results: Record<string, FloatArray<Precision>>,
) {
  for (const l of pass.outputs)
    results[l.name] = memory.blank(pass.rows * l.size, `the results of ${l.name}`);
  binding.inPieces(pass, false, false, (first, count) => {
    accept(memory, pass, count, memory.core.call.predict(pass.record, count));
    for (const l of pass.outputs) {
      const values = memory.view(l.post, count * l.size);
      results[l.name]!.set(l.scaler === undefined ? values : l.scaler.inverse(values), first * l.size);
    }
  });
  return results;
}
