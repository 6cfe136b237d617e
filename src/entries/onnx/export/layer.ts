// A layer in operators: the sum of its synapses, then norm, bias and activation.

import type { Layer, Synapse } from "../../../index.js";
import { EPSILON } from "../../../rules/norm.js";
import { activations, normalized } from "../form.js";
import type { ExportedLayer } from "./graph.js";
import { forms } from "./link.js";
import type { Writer } from "./writer.js";

/** Names of tensors in the file: the values of layers, and the weights of synapses. */
export interface Places {
  readonly values: Map<Layer, string>;
  readonly weights: Map<Synapse, string>;
}

/** Writes a layer. Its values get its name, unless it is an input: the file's input has that name. */
export function writeLayer(w: Writer, exported: ExportedLayer, places: Places): void {
  const { layer, name, kind, size, scaler } = exported;
  const before = w.nodes.length;
  let sum: string | undefined;
  if (kind === "input") {
    sum = name;
    if (scaler !== undefined) {
      const centred = w.op("Sub", [sum, w.constant(`${name}.offset`, [1, size], scaler.offset)]);
      sum = w.op("Div", [centred, w.constant(`${name}.divisor`, [1, size], scaler.divisor)]);
    }
  }
  const pre = biased(w, exported, sum, places);
  const forms = activations[exported.activation];
  const write = w.precision === "float64" ? (forms.exact ?? forms.plain) : forms.plain;
  const post = write(w, pre, exported.parameter);
  if (kind === "input") places.values.set(layer, post);
  else if (scaler === undefined) places.values.set(layer, w.assignName(post, name, before));
  else {
    places.values.set(layer, post);
    const scaled = w.op("Mul", [post, w.constant(`${name}.divisor`, [1, size], scaler.divisor)]);
    w.assignName(w.op("Add", [scaled, w.constant(`${name}.offset`, [1, size], scaler.offset)]), name, before);
  }
}

/** Returns the pre-activation, of a given sum or of the synapses' sum. */
function biased(w: Writer, exported: ExportedLayer, given: string | undefined, places: Places): string {
  const { name, size, bias, gain, incoming } = exported;
  if (gain !== undefined) return normed(w, exported, gain, given ?? summed(w, incoming, places));
  if (bias === undefined) return given ?? summed(w, incoming, places);
  if (incoming.some(({ kind }) => forms[kind].adds)) {
    return summed(w, incoming, places, w.constant(`${name}.bias`, [size], bias));
  }
  const sum = given ?? summed(w, incoming, places);
  return w.op("Add", [sum, w.constant(`${name}.bias`, [1, size], bias)]);
}

/** Adds the terms of synapses to a sum. Kinds whose operators add come first. */
function summed(w: Writer, incoming: readonly Synapse[], places: Places, start?: string): string {
  let sum = start;
  for (const adds of [true, false]) {
    for (const synapse of incoming) {
      const form = forms[synapse.kind];
      if (form.adds !== adds) continue;
      const source = places.values.get(synapse.from)!;
      const term = form.write(w, source, () => weights(w, synapse, places), sum);
      sum = adds || sum === undefined ? term : w.op("Add", [sum, term]);
    }
  }
  return sum!;
}

/** Returns a synapse's weights. Shared weights are written once. */
function weights(w: Writer, synapse: Synapse, { weights }: Places): string {
  const own = synapse.share ?? synapse;
  let matrix = weights.get(own);
  if (matrix === undefined) {
    const wanted = own.name ?? `${own.from.name}.${own.to.name}.weights`;
    matrix = w.constant(wanted, own.shape, own.weights);
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
