// The terms of a layer's sum, as expressions of values of other layers.
//
// The gradient of a linear input's bias would take a product of the whole batch, as large as that of the weights. A linear map of
// x + bias is that of x plus that of bias, which is one row: so its bias goes apart through dense synapses and convs.

import { type LayerNode, learnsBias, type SynapseNode } from "../../model/node.js";
import { biasesOf } from "../../rules/shape.js";
import { type Facts, isTimed, layerTensor } from "./facts.js";
import { parameter, termOf, weights } from "./link.js";
import { literal } from "./text.js";

/** A term of a layer's sum, and what it is made of. */
export interface Term {
  readonly text: string;
  /** The product of values (samples, units) and a matrix, and a row that is added to it. */
  readonly product?: Product;
}

interface Product {
  readonly x: string;
  readonly weights: string;
  readonly row?: string;
}

/** Returns the member of a dictionary by a layer's name. */
export const of = (dictionary: string, { name }: LayerNode) => `${dictionary}[${literal(name)}]`;

/** Returns the values that a layer sends, after dropout. */
const sent = (layer: LayerNode) => of(layer.dropout > 0 ? "sent" : "post", layer);

/** Returns whether the bias of a synapse's source goes apart. */
export function goesApart(facts: Facts, { from, kind, delay, at }: SynapseNode): boolean {
  const isLinear = from.kind === "input" && from.activation.name === "linear" && from.norm === undefined;
  const isMoved = delay !== 0 || (at !== undefined && isTimed(facts, from));
  const isWide = kind === "dense" || kind === "conv";
  return isLinear && learnsBias(from) && from.dropout === 0 && isWide && !isMoved;
}

/** Returns the term of the bias of a synapse's source, which goes apart. */
export function rowOf(synapse: SynapseNode): string {
  const bias = each(synapse.from, "bias");
  return termOf(synapse, synapse.kind === "dense" ? bias : `${bias}[None]`);
}

/** Returns whether nothing reads the values of an input with its bias. */
export function isReadApart(facts: Facts, layer: LayerNode): boolean {
  return (
    layer.kind === "input" &&
    layer.outgoing.every((synapse) => !facts.inside.has(synapse.to) || goesApart(facts, synapse))
  );
}

/** Returns the term of a synapse for all samples, and where its target has time for all steps. */
export function term(facts: Facts, synapse: SynapseNode, timed: boolean): Term {
  const { from } = synapse;
  const fromTimed = isTimed(facts, from);
  if (goesApart(facts, synapse)) {
    const [x, row] = [of("xs", from), rowOf(synapse)];
    return fromTimed ? { text: `${termOf(synapse, x)} + ${row}` } : spread(synapse, x, timed, row);
  }
  const values = arriving(facts, synapse);
  return values.timed ? { text: termOf(synapse, values.x) } : spread(synapse, values.x, timed);
}

/** Returns the values that a synapse brings of its source, and whether they have a row for each step. */
export function arriving(
  facts: Facts,
  { from, at, delay }: SynapseNode,
): { readonly x: string; readonly timed: boolean } {
  const fromTimed = isTimed(facts, from);
  const x = sent(from);
  if (at !== undefined && fromTimed)
    return { x: at === "first" ? `${x}[:, 0]` : `last(${x}, lengths)`, timed: false };
  if (delay === 0) return { x, timed: fromTimed };
  const source = fromTimed ? x : `${x}[:, None].expand(-1, steps, -1)`;
  return { x: `delayed(${source}, ${delay}, ${outside(from)}, lengths)`, timed: true };
}

/** Returns the term of values without time, and of a row that is added. */
function spread(synapse: SynapseNode, x: string, timed: boolean, row?: string): Term {
  const own = termOf(synapse, x);
  const text = row === undefined ? own : `${own} + ${row}`;
  if (timed) return { text: `(${text})[:, None]` };
  if (synapse.kind !== "dense") return { text };
  return { text, product: { x, weights: weights(synapse), ...(row === undefined ? {} : { row }) } };
}

/** Returns the values outside of a sequence. */
export function outside(layer: LayerNode): string {
  return layer.initial === undefined ? "None" : parameter(layerTensor(layer, "initial"));
}

/** Returns a bias or a gain, of a shape repeated at each position. */
export function each(layer: LayerNode, member: "bias" | "gain"): string {
  const count = biasesOf(layer);
  const text = parameter(layerTensor(layer, member));
  return count === layer.size ? text : `${text}.repeat(${layer.size / count})`;
}

/** Functions that terms call, each with its text. */
export const helpers: Readonly<Record<string, string>> = {
  last: `def last(x, lengths):
    """Returns the last step of each sample. x: (samples, steps, units)"""
    return x[torch.arange(len(x), device=x.device), lengths - 1]
`,
  delayed: `def delayed(x, delay, outside, lengths):
    """Returns the steps that came so many steps before; \`outside\`, or 0, beyond a sample's own. x: (samples, steps, units)"""
    steps = x.shape[1]
    source = torch.arange(steps, device=x.device) - delay
    isInside = ((source >= 0) & (source < lengths[:, None]))[..., None]
    values = x.index_select(1, source.clamp(0, steps - 1))
    return values.masked_fill(~isInside, 0) if outside is None else torch.where(isInside, values, outside)
`,
};
