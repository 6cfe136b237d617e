// The lines of layers in `forward`: each layer after its sources.

import type { LayerNode, SynapseNode } from "../../model/node.js";
import { groupsOf } from "../../rules/norm.js";
import { biasesOf, channels } from "../../rules/shape.js";
import { activated } from "./activation.js";
import { type Facts, isTimed, layerTensor } from "./facts.js";
import { parameter, termOf } from "./link.js";
import { literal, number } from "./text.js";

/** A term of a layer's sum, and what it is made of. */
export interface Term {
  readonly text: string;
  /** A product of a matrix and weights, of values (samples, units): its source and its synapse. */
  readonly product?: { readonly x: string; readonly synapse: SynapseNode };
}

/** Most terms of a sum in one expression: Python bounds the depth of an expression. */
const MOST_TERMS = 12;

/** Returns the member of a dictionary by a layer's name. */
export const of = (dictionary: string, { name }: LayerNode) => `${dictionary}[${literal(name)}]`;

/** Returns the values that a layer sends, after dropout. */
export const sent = (layer: LayerNode) => of(layer.dropout > 0 ? "sent" : "post", layer);

/** Returns whether a layer's values before the activation are stored: some losses are computed from them. */
export type StoresPre = (layer: LayerNode) => boolean;

/** Returns the lines of a layer in no loop. */
export function layerLines(facts: Facts, layer: LayerNode, storesPre: StoresPre): string[] {
  const timed = isTimed(facts, layer);
  const terms =
    layer.kind === "input" ? [{ text: of("xs", layer) }] : layer.incoming.map((s) => term(facts, s, timed));
  const z = preActivation(layer, terms);
  const lines = storesPre(layer) ? [`${of("pre", layer)} = ${z}`] : [];
  const y = activated(layer, storesPre(layer) ? of("pre", layer) : grouped(layer, z));
  return [...lines, `${of("post", layer)} = ${y}`, ...dropoutLines(layer, timed)];
}

/** Returns an expression that a method can be called on. */
function grouped({ activation }: LayerNode, z: string): string {
  return activation.name === "softmax" ? `(${z})` : z;
}

/** Returns the line that draws dropout: for each sample once, for all its steps. */
function dropoutLines(layer: LayerNode, timed: boolean): string[] {
  if (layer.dropout === 0) return [];
  const post = of("post", layer);
  const share = number(layer.dropout);
  const values = timed
    ? `${post} * F.dropout(torch.ones_like(${post}[:, :1]), ${share}, self.training)`
    : `F.dropout(${post}, ${share}, self.training)`;
  return [`${of("sent", layer)} = ${values}`];
}

/** Returns the term of a synapse for all samples, and where its target has time for all steps. */
export function term(facts: Facts, synapse: SynapseNode, timed: boolean): Term {
  const { from, at, delay } = synapse;
  const x = sent(from);
  const fromTimed = isTimed(facts, from);
  if (at !== undefined && fromTimed) {
    const picked = at === "first" ? `${x}[:, 0]` : `last(${x}, lengths)`;
    return spread(synapse, picked, timed);
  }
  if (delay !== 0) {
    const source = fromTimed ? x : `${x}[:, None].expand(-1, steps, -1)`;
    return { text: termOf(synapse, `delayed(${source}, ${delay}, ${outside(from)}, lengths)`) };
  }
  return fromTimed ? { text: termOf(synapse, x) } : spread(synapse, x, timed);
}

/** Returns the term of values without time. */
function spread(synapse: SynapseNode, x: string, timed: boolean): Term {
  const text = termOf(synapse, x);
  if (timed) return { text: `(${text})[:, None]` };
  return synapse.kind === "dense" ? { text, product: { x, synapse } } : { text };
}

/** Returns the values outside of a sequence. */
export function outside(layer: LayerNode): string {
  return layer.initial === undefined ? "None" : parameter(layerTensor(layer, "initial"));
}

/** Returns the pre-activation of a layer, of its terms. */
export function preActivation(layer: LayerNode, terms: readonly Term[]): string {
  const bias = layer.hasBias ? each(layer, "bias") : undefined;
  if (layer.norm !== undefined) return normed(layer, joined(layer, terms), bias);
  if (bias === undefined) return joined(layer, terms);
  const first = layer.join === "sum" ? terms.findIndex(({ product }) => product !== undefined) : -1;
  if (first < 0) return `${joined(layer, terms)} + ${bias}`;
  const { x, synapse } = terms[first]!.product!;
  const start = { text: `torch.addmm(${bias}, ${x}, ${termOf(synapse, "").slice(" @ ".length)})` };
  return joined(layer, [start, ...terms.filter((_, i) => i !== first)]);
}

/** Returns the sum or the product of terms. */
export function joined({ join }: LayerNode, terms: readonly Term[]): string {
  const texts = terms.map(({ text }) => text);
  if (texts.length === 1) return texts[0]!;
  const isSum = join === "sum";
  if (texts.length > MOST_TERMS) return `${isSum ? "sum" : "math.prod"}([${texts.join(", ")}])`;
  return isSum ? texts.join(" + ") : texts.map((text) => `(${text})`).join(" * ");
}

/** Returns a bias or a gain, of a shape repeated at each position. */
function each(layer: LayerNode, member: "bias" | "gain"): string {
  const count = biasesOf(layer);
  const text = parameter(layerTensor(layer, member));
  return count === layer.size ? text : `${text}.repeat(${layer.size / count})`;
}

function normed(layer: LayerNode, sum: string, bias: string | undefined): string {
  const gain = each(layer, "gain");
  const groups = groupsOf(layer.norm!);
  if (groups === 1)
    return `F.layer_norm(${[sum, `(${layer.size},)`, gain, ...(bias ? [bias] : [])].join(", ")})`;
  const values = `${gain} * normalized(${sum}, ${channels(layer.shape)}, ${groups})`;
  return bias === undefined ? values : `${values} + ${bias}`;
}

/** Functions that the lines call, each with its text. */
export const helpers: Readonly<Record<string, string>> = {
  normalized: `def normalized(x, channels, groups):
    """Returns x less the mean of its group of channels, over the group's deviation. x: (..., units), channels last"""
    parts = x.unflatten(-1, (-1, groups, channels // groups))
    parts = parts - parts.mean((-3, -1), keepdim=True)
    deviation = (parts.square().mean((-3, -1), keepdim=True) + 1e-05).sqrt()
    return (parts / deviation).flatten(-3)
`,
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
