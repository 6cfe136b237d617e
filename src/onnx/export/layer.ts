// A layer in operators: what its synapses bring is summed, normed, biased and activated.

import type { Layer, Synapse } from "../../index.js";
import { activations, EPSILON, normalized } from "../form.js";
import { isIdentity, owner, type Part } from "./graph.js";
import type { Writer } from "./writer.js";

/** Where the values of layers and the weights of synapses are in the file. */
export interface Places {
  readonly values: Map<Layer, string>;
  readonly weights: Map<Synapse, string>;
}

/** Writes a layer, whose values get its name, unless it is an input, whose name the given values have. */
export function writeLayer(w: Writer, part: Part, places: Places): void {
  const { layer, name, kind, size, scale } = part;
  let sum: string | undefined;
  if (kind === "input") {
    sum = name;
    if (scale !== undefined) {
      const centred = w.op("Sub", [sum, w.constant(`${name}.offset`, [1, size], scale.offset)]);
      sum = w.op("Div", [centred, w.constant(`${name}.divisor`, [1, size], scale.divisor)]);
    }
  }
  const pre = biased(w, part, sum, places);
  const forms = activations[part.activation];
  const write = w.precision === "float64" ? (forms.exact ?? forms.plain) : forms.plain;
  const post = write(w, pre, part.own);
  if (kind === "input") places.values.set(layer, post);
  else if (scale === undefined) places.values.set(layer, w.settle(post, name));
  else {
    places.values.set(layer, post);
    const scaled = w.op("Mul", [post, w.constant(`${name}.divisor`, [1, size], scale.divisor)]);
    w.settle(w.op("Add", [scaled, w.constant(`${name}.offset`, [1, size], scale.offset)]), name);
  }
}

/** The pre-activation: of a given sum, or of what the synapses bring. */
function biased(w: Writer, part: Part, given: string | undefined, places: Places): string {
  const { name, size, bias, gain, incoming } = part;
  if (gain !== undefined) return normed(w, part, gain, given ?? summed(w, incoming, places));
  if (bias === undefined) return given ?? summed(w, incoming, places);
  const [first, ...rest] = incoming;
  if (given === undefined && first !== undefined && !isIdentity(first)) {
    const [post, weights] = operands(w, first, places);
    const pre = w.op("Gemm", [post, weights, w.constant(`${name}.bias`, [size], bias)]);
    return summed(w, rest, places, pre);
  }
  const sum = given ?? summed(w, incoming, places);
  return w.op("Add", [sum, w.constant(`${name}.bias`, [1, size], bias)]);
}

/** What synapses bring, added to what is there already. */
function summed(w: Writer, incoming: readonly Synapse[], places: Places, start?: string): string {
  let sum = start;
  for (const synapse of incoming) {
    const [post, weights] = operands(w, synapse, places);
    const term = isIdentity(synapse) ? post : w.op("MatMul", [post, weights]);
    sum = sum === undefined ? term : w.op("Add", [sum, term]);
  }
  return sum!;
}

/** A synapse's source and its weights, which are written once, however many share them. */
function operands(w: Writer, synapse: Synapse, { values, weights }: Places): [string, string] {
  const post = values.get(synapse.from)!;
  if (isIdentity(synapse)) return [post, ""];
  const own = owner(synapse);
  let matrix = weights.get(own);
  if (matrix === undefined) {
    const wanted = own.name ?? `${own.from.name}.${own.to.name}.weights`;
    matrix = w.constant(wanted, own.shape, own.weights);
    weights.set(own, matrix);
  }
  return [post, matrix];
}

/** bias + gain ⊙ normalized(sum); in float64 written out, since the operator's epsilon is a float32. */
function normed(w: Writer, part: Part, gain: ArrayLike<number>, sum: string): string {
  const { name, size } = part;
  const bias = part.bias ?? new Float64Array(size);
  if (w.precision === "float32") {
    const numbers = [w.constant(`${name}.gain`, [size], gain), w.constant(`${name}.bias`, [size], bias)];
    return w.op("LayerNormalization", [sum, ...numbers], { epsilon: EPSILON, axis: 1 });
  }
  const scaled = w.op("Mul", [normalized(w, sum, EPSILON), w.constant(`${name}.gain`, [1, size], gain)]);
  return w.op("Add", [scaled, w.constant(`${name}.bias`, [1, size], bias)]);
}
