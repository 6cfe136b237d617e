// The lines of layers in `forward`: each layer after its sources.

import type { LayerNode } from "../../model/node.js";
import { groupsOf } from "../../rules/norm.js";
import { channels } from "../../rules/shape.js";
import { activated } from "./activation.js";
import { type Facts, isTimed } from "./facts.js";
import { each, isReadApart, of, type Term, term } from "./term.js";
import { number, operand } from "./text.js";

/** Most terms of a sum in one expression: Python bounds the depth of an expression. */
const MOST_TERMS = 12;

/** Returns whether a layer's values before the activation are stored: some losses are computed from them. */
export type StoresPre = (layer: LayerNode) => boolean;

/** Returns the lines of a layer in no loop. `isRead` says whether a loss or another layer reads its post-activation. */
export function layerLines(
  facts: Facts,
  layer: LayerNode,
  storesPre: StoresPre,
  isRead: (layer: LayerNode) => boolean,
): string[] {
  if (isReadApart(facts, layer)) return [];
  const timed = isTimed(facts, layer);
  const terms =
    layer.kind === "input" ? [{ text: of("xs", layer) }] : layer.incoming.map((s) => term(facts, s, timed));
  const z = preActivation(layer, terms);
  const lines = storesPre(layer) ? [`${of("pre", layer)} = ${z}`] : [];
  const y = activated(layer, storesPre(layer) ? of("pre", layer) : grouped(layer, z));
  if (storesPre(layer) && !isRead(layer)) {
    // A training needs the pre-activation alone.
    return [...lines, "if not self.training:", `    ${of("post", layer)} = ${y}`];
  }
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

/** Returns the pre-activation of a layer, of its terms. */
export function preActivation(layer: LayerNode, terms: readonly Term[]): string {
  const bias = layer.hasBias ? each(layer, "bias") : undefined;
  if (layer.norm !== undefined) return normed(layer, joined(layer, terms), bias);
  if (bias === undefined) return joined(layer, terms);
  const first = layer.join === "sum" ? terms.findIndex(({ product }) => product !== undefined) : -1;
  if (first < 0) return `${joined(layer, terms)} + ${bias}`;
  const { x, weights, row } = terms[first]!.product!;
  const start = { text: `torch.addmm(${row === undefined ? bias : `${bias} + ${row}`}, ${x}, ${weights})` };
  return joined(layer, [start, ...terms.filter((_, i) => i !== first)]);
}

/** Returns the sum or the product of terms. */
export function joined({ join }: LayerNode, terms: readonly Term[]): string {
  const texts = terms.map(({ text }) => text);
  if (texts.length === 1) return texts[0]!;
  const isSum = join === "sum";
  if (texts.length > MOST_TERMS) return `${isSum ? "sum" : "math.prod"}([${texts.join(", ")}])`;
  return isSum ? texts.join(" + ") : texts.map(operand).join(" * ");
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
};
