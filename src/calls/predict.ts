// Predictions: values of outputs, in one pass or in pieces.

import { options } from "../base/options.js";
import { plain, record } from "../base/plain.js";
import type { FloatArray, Precision } from "../base/precision.js";
import type { Memory } from "../memory/memory.js";
import { bindInputs } from "./bind.js";
import type { Bindable, Bound } from "./bound.js";
import { carry } from "./carry.js";
import { inPieces } from "./pieces.js";
import { blank, blankResult, resultOf, scatter } from "./results.js";
import { isSpanned, Spans, type Stepped } from "./spans.js";
import { accept } from "./status.js";
import { readTiming } from "./timing.js";

type Values = Record<string, FloatArray<Precision>>;

/** Returns the values of the named outputs. */
export function predict(net: Bindable, xs: unknown, given: unknown): Values {
  const { memory } = net;
  memory.still();
  const read = given === undefined ? undefined : readOptions(net, given);
  const bound = bindInputs(net, xs, read?.outputs, true, read?.timing);
  const { pass, rows, steps } = bound;
  if (steps !== undefined) return predictSteps(net, { ...bound, steps });
  if (rows > pass.piece) return predictInPieces(memory, bound);
  const { core, states } = memory;
  accept(memory, pass, rows, core.call.predict(pass.record, rows));
  const results: Values = record();
  for (const layer of pass.outputs) {
    const values = core.copy(states.of(layer).post, rows * layer.size);
    if (layer.scaler !== undefined) values.set(layer.scaler.inverse(values));
    results[layer.name] = values;
  }
  if (read !== undefined) carry(memory, bound);
  return results;
}

const known = ["outputs", "steps", "state"];

/** Reads the options of `predict`. Throws `bad-option`, `foreign-layer`. */
function readOptions({ topology, memory }: Bindable, given: unknown) {
  const { outputs, steps, state } = options(given, known, "predict");
  const read = plain(outputs, "bad-option", "The outputs");
  const timing = readTiming(topology, plain(steps, "bad-option", "The steps"), state);
  memory.still();
  return { outputs: read, timing };
}

/** Returns the values of outputs over steps. */
function predictSteps(net: Bindable, bound: Stepped): Values {
  if (isSpanned(bound)) return predictInSpans(net, bound);
  const { memory } = net;
  const { pass, rows } = bound;
  const { core, states } = memory;
  accept(memory, pass, rows, core.call.predict(pass.record, rows));
  const results: Values = record();
  for (const layer of pass.outputs) {
    results[layer.name] = resultOf(core, pass, layer, states.of(layer).post, rows, layer.scaler);
  }
  carry(memory, bound);
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

/** Predicts more rows of steps than a piece has. */
function predictInSpans(net: Bindable, bound: Stepped): Values {
  const { core, states } = net.memory;
  const { pass, steps } = bound;
  const { times: whole } = steps;
  const results: Values = record();
  for (const l of pass.outputs) results[l.name] = blankResult(core, pass, l, whole);
  const spans = new Spans(net, bound);
  spans.run((span) => {
    const { samples } = span.times;
    accept(net.memory, pass, samples, core.call.predict(pass.record, samples));
    for (const l of pass.outputs) {
      const values = core.view(states.of(l).post, pass.rowsOf(l, samples) * l.size);
      const given = l.scaler === undefined ? values : l.scaler.inverse(values);
      scatter(results[l.name]!, given, whole, span, pass.isTimed(l), l.size);
    }
  });
  spans.finish();
  return results;
}
