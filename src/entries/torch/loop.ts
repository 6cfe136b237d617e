// The lines of a loop in `forward`: terms from outside for all steps at once, then its layers step by step.

import type { LayerNode, SynapseNode } from "../../model/node.js";
import { activated } from "./activation.js";
import { type Facts, isTimed } from "./facts.js";
import { joined, preActivation, type StoresPre } from "./layer.js";
import { termOf, weights } from "./link.js";
import { of, outside, type Term, term } from "./term.js";
import { indent, literal, number, operand } from "./text.js";

/** Returns the lines of a loop, whose layers are in the order of their computation at a step. */
export function loopLines(facts: Facts, loop: readonly LayerNode[], storesPre: StoresPre): string[] {
  const members = new Set(loop);
  const isInside = ({ from }: SynapseNode) => members.has(from);
  const isRead = ({ outgoing }: LayerNode) =>
    outgoing.some(({ to }) => facts.inside.has(to) && !members.has(to));
  const isAsked = (layer: LayerNode) => isRead(layer) || facts.outputs.includes(layer);
  const isReversed = facts.network.topology.loops.isReversed(loop);
  const dropped = loop.filter(({ dropout }) => dropout > 0);
  const kept = loop.filter(storesPre);
  const reached = new Set(
    loop.flatMap(({ incoming }) =>
      incoming
        .filter(isInside)
        .filter(isLater)
        .map(({ from }) => from),
    ),
  );
  return [
    "# A loop over time.",
    ...loop.flatMap((layer) => outerLine(facts, layer, isInside)),
    ...[...reached].map((layer) => `${of("beyond", layer)} = ${beyond(layer)}`),
    ...dropped.map((layer) => {
      const ones = `self.tensors[0].new_ones(samples, ${layer.size})`;
      return `${of("mask", layer)} = F.dropout(${ones}, ${number(layer.dropout)}, self.training)`;
    }),
    `run = {name: [None] * steps for name in [${loop.map(({ name }) => literal(name)).join(", ")}]}`,
    ...(kept.length === 0
      ? []
      : [`sums = {name: [None] * steps for name in [${kept.map(({ name }) => literal(name)).join(", ")}]}`]),
    ...(dropped.length === 0
      ? []
      : [
          `left = {name: [None] * steps for name in [${dropped.map(({ name }) => literal(name)).join(", ")}]}`,
        ]),
    `for t in ${isReversed ? "reversed(range(steps))" : "range(steps)"}:`,
    ...indent(
      loop.flatMap((layer) => stepLines(layer, isInside, isReversed, storesPre)),
      1,
    ),
    ...loop.filter(isAsked).map((layer) => `${of("post", layer)} = torch.stack(${of("run", layer)}, 1)`),
    ...kept.map((layer) => `${of("pre", layer)} = torch.stack(${of("sums", layer)}, 1)`),
    ...dropped.filter(isRead).map((layer) => `${of("sent", layer)} = torch.stack(${of("left", layer)}, 1)`),
  ];
}

const isLater = ({ delay }: SynapseNode) => delay !== 0;

/** Returns the values of a layer outside of a sequence, for each sample. */
function beyond(layer: LayerNode): string {
  if (layer.initial === undefined) return `self.tensors[0].new_zeros(samples, ${layer.size})`;
  return `${outside(layer)}.expand(samples, -1)`;
}

/** Returns the line that joins what a layer receives from outside of its loop, (samples, steps, units); none without any. */
function outerLine(facts: Facts, layer: LayerNode, isInside: (synapse: SynapseNode) => boolean): string[] {
  const outer = layer.incoming.filter((synapse) => !isInside(synapse));
  if (outer.length === 0) return [];
  const sum = joined(
    layer,
    outer.map((synapse) => term(facts, synapse, true)),
  );
  const isEach = outer.some(
    ({ from, at, delay }) => delay !== 0 || (at === undefined && isTimed(facts, from)),
  );
  // Steps apart: the gradients of slices would each be as large as all steps.
  const each = isEach ? operand(sum) : `(${sum}).expand(-1, steps, -1)`;
  return [`${of("outer", layer)} = ${each}.unbind(1)`];
}

/** Returns the lines of a layer at a step, t. */
function stepLines(
  layer: LayerNode,
  isInside: (synapse: SynapseNode) => boolean,
  isReversed: boolean,
  storesPre: StoresPre,
): string[] {
  const inner = layer.incoming.filter(isInside).map((synapse): Term => {
    const { from, delay, kind } = synapse;
    const run = from.dropout > 0 ? of("left", from) : of("run", from);
    const more = isReversed ? ", lengths" : "";
    const x =
      delay === 0
        ? `${run}[t]`
        : `at(${run}, t ${delay > 0 ? "-" : "+"} ${Math.abs(delay)}, ${of("beyond", from)}${more})`;
    const text = termOf(synapse, x);
    return kind === "dense" ? { text, product: { x, weights: weights(synapse) } } : { text };
  });
  const hasOuter = layer.incoming.some((synapse) => !isInside(synapse));
  const terms = hasOuter ? [{ text: `${of("outer", layer)}[t]` }, ...inner] : inner;
  const z = preActivation(layer, terms);
  const stored = `${of("sums", layer)}[t]`;
  const lines = storesPre(layer) ? [`${stored} = ${z}`] : [];
  const value = storesPre(layer) ? stored : layer.activation.name === "softmax" ? `(${z})` : z;
  const post = `${of("run", layer)}[t]`;
  return [
    ...lines,
    `${post} = ${activated(layer, value)}`,
    ...(layer.dropout > 0 ? [`${of("left", layer)}[t] = ${post} * ${of("mask", layer)}`] : []),
  ];
}

/** Functions that the lines call, each with its text. */
export const helpers: Readonly<Record<string, string>> = {
  at: `def at(run, t, beyond, lengths=None):
    """Returns step t of a layer, (samples, units); \`beyond\` outside of a sample's steps."""
    if not 0 <= t < len(run):
        return beyond
    return run[t] if lengths is None else torch.where((t < lengths)[:, None], run[t], beyond)
`,
};
