// Predictions: values of outputs, in one pass or in pieces.

import { GraphError } from "../base/error.js";
import { options } from "../base/options.js";
import { plain, record } from "../base/plain.js";
import type { FloatArray, Precision } from "../base/precision.js";
import type { Memory } from "../memory/memory.js";
import { type Bindable, type Bound, bindInputs } from "./bind.js";
import { inPieces } from "./pieces.js";
import { accept } from "./status.js";

type Values = Record<string, FloatArray<Precision>>;

/** Returns the values of the named outputs. */
export function predict(net: Bindable, xs: unknown, given: unknown): Values {
  const { memory } = net;
  memory.still();
  let outputs: unknown;
  if (given !== undefined) {
    const read = plain(given, "bad-option", "The options of predict");
    outputs = options(read, ["outputs"], "predict").outputs;
    memory.still();
  }
  const bound = bindInputs(net, xs, outputs, true);
  const { pass, rows } = bound;
  if (rows > pass.piece) return predictInPieces(memory, bound);
  const { core, states } = memory;
  accept(memory, pass, rows, core.call.predict(pass.record, rows));
  const results: Values = record();
  for (const layer of pass.outputs) {
    const values = core.copy(states.of(layer).post, rows * layer.size);
    if (layer.scaler !== undefined) values.set(layer.scaler.inverse(values));
    results[layer.name] = values;
  }
  return results;
}

/** Predicts more rows than a piece has. */
function predictInPieces(memory: Memory, bound: Bound): Values {
  const { pass, rows } = bound;
  const { core, states } = memory;
  const results: Values = record();
  for (const l of pass.outputs) results[l.name] = blank(core.bytes, rows * l.size, l.name);
  inPieces(memory, bound, (first, count) => {
    accept(memory, pass, count, core.call.predict(pass.record, count));
    for (const l of pass.outputs) {
      const values = core.view(states.of(l).post, count * l.size);
      results[l.name]!.set(l.scaler === undefined ? values : l.scaler.inverse(values), first * l.size);
    }
  });
  return results;
}

/** Returns zeros for an output's values. Throws `out-of-memory`. */
function blank(bytes: number, count: number, name: string): FloatArray<Precision> {
  try {
    return bytes === 8 ? new Float64Array(count) : new Float32Array(count);
  } catch (cause) {
    const sentence = `There is no room for the results of ${name}: ${count} numbers.`;
    throw new GraphError("out-of-memory", sentence, { cause });
  }
}
