// A layer in operators: the sum or product of its synapses, then norm, bias and activation.

import type { Synapse } from "../../../index.js";
import { EPSILON } from "../../../rules/norm.js";
import { activations, normalized } from "../form.js";
import type { ExportedLayer } from "./graph.js";
import { forms } from "./link.js";
import type { Series } from "./series.js";
import type { Writer } from "./writer.js";

/** A synapse with the tensor of its source's values. */
export interface Term {
  readonly synapse: Synapse;
  readonly source: string;
}

/** Writes a layer in no loop. Its values get its name, unless it is an input: the file's input has that name. */
export function writeLayer(w: Writer, exported: ExportedLayer, series: Series): void {
  const { layer, name, kind, size, scaler, timed, incoming } = exported;
  let given: string | undefined;
  if (kind === "input") {
    given = timed ? series.flat(name, size) : name;
    if (scaler !== undefined) {
      const centred = w.op("Sub", [given, w.constant(`${name}.offset`, [1, size], scaler.offset)]);
      given = w.op("Div", [centred, w.constant(`${name}.divisor`, [1, size], scaler.divisor)]);
    }
  }
  const terms = incoming.map((synapse) => ({ synapse, source: series.arriving(synapse) }));
  const before = w.nodes.length;
  const post = writeValues(w, exported, given, terms, series);
  if (kind === "input") series.setRows(layer, post);
  else if (kind === "output") {
    series.setRows(layer, post);
    writeOutput(w, exported, series, before);
  } else series.setRows(layer, w.assignName(post, name, before));
}

/** Writes the file's output of a layer, scaled back and with its name. */
export function writeOutput(w: Writer, exported: ExportedLayer, series: Series, before: number): void {
  const { layer, name, size, scaler, timed } = exported;
  if (scaler !== undefined) {
    const divisor = w.constant(`${name}.divisor`, [1, size], scaler.divisor);
    const scaled = w.op("Mul", [series.rows(layer), divisor]);
    const moved = w.op("Add", [scaled, w.constant(`${name}.offset`, [1, size], scaler.offset)]);
    w.assignName(timed ? series.unflat(moved, size) : moved, name, before);
  } else if (timed) {
    const steps = series.ownSteps(layer) ?? series.unflat(series.rows(layer), size);
    if (steps !== name) series.setSteps(layer, w.assignName(steps, name, before));
  } else series.setRows(layer, w.assignName(series.rows(layer), name, before));
}

/** Writes the activation of a layer, of its terms and a tensor that is joined to them, if there is one. */
export function writeValues(
  w: Writer,
  exported: ExportedLayer,
  given: string | undefined,
  terms: readonly Term[],
  series: Series,
): string {
  const pre = biased(w, exported, given, terms, series);
  const { plain, exact = plain } = activations[exported.activation];
  return (w.precision === "float64" ? exact : plain)(w, pre, exported.parameter);
}

/** Returns the pre-activation. */
function biased(
  w: Writer,
  exported: ExportedLayer,
  given: string | undefined,
  terms: readonly Term[],
  series: Series,
): string {
  const { name, size, bias, gain, join } = exported;
  const joined = () => joinedTerms(w, exported, terms, series, given);
  if (gain !== undefined) return normed(w, exported, gain, joined());
  if (bias === undefined) return joined();
  if (given === undefined && join === "sum" && terms.some(({ synapse }) => forms[synapse.kind]!.adds))
    return summed(w, terms, series, w.constant(`${name}.bias`, [size], bias));
  return w.op("Add", [joined(), w.constant(`${name}.bias`, [1, size], bias)]);
}

/** Returns the sum or the product of terms and of a tensor to start with, if there is one. */
export function joinedTerms(
  w: Writer,
  { join }: ExportedLayer,
  terms: readonly Term[],
  series: Series,
  start?: string,
): string {
  if (join === "sum") return summed(w, terms, series, start);
  let product = start;
  for (const { synapse, source } of terms) {
    const factor = forms[synapse.kind]!.write(w, source, () => weights(w, synapse, series), undefined);
    product = product === undefined ? factor : w.op("Mul", [product, factor]);
  }
  return product!;
}

/** Adds terms to a sum. Kinds whose operators add come first. */
function summed(w: Writer, terms: readonly Term[], series: Series, start?: string): string {
  let sum = start;
  for (const adds of [true, false]) {
    for (const { synapse, source } of terms) {
      const form = forms[synapse.kind]!;
      if (form.adds !== adds) continue;
      const term = form.write(w, source, () => weights(w, synapse, series), sum);
      sum = adds || sum === undefined ? term : w.op("Add", [sum, term]);
    }
  }
  return sum!;
}

/** Returns a synapse's weights. Shared weights are written once. */
function weights(w: Writer, synapse: Synapse, { weights }: Series): string {
  const own = synapse.share ?? synapse;
  let matrix = weights.get(own);
  if (matrix === undefined) {
    const wanted = own.name ?? `${own.from.name}.${own.to.name}.weights`;
    const dims = own.shape.length === 1 ? [1, ...own.shape] : own.shape;
    matrix = w.constant(wanted, dims, own.weights);
    weights.set(own, matrix);
  }
  return matrix;
}

/** Returns bias + gain ⊙ normalized(sum). In float64 the norm is written out, since the operator's epsilon is a float32. */
function normed(w: Writer, exported: ExportedLayer, gain: ArrayLike<number>, sum: string): string {
  const { name, size } = exported;
  const bias = exported.bias ?? new Float64Array(size);
  if (w.precision === "float32") {
    const numbers = [w.constant(`${name}.gain`, [size], gain), w.constant(`${name}.bias`, [size], bias)];
    return w.op("LayerNormalization", [sum, ...numbers], { epsilon: EPSILON, axis: 1 });
  }
  const scaled = w.op("Mul", [normalized(w, sum, EPSILON), w.constant(`${name}.gain`, [1, size], gain)]);
  return w.op("Add", [scaled, w.constant(`${name}.bias`, [1, size], bias)]);
}
