// The two ends of a synapse: how errors name it, which layers its kind joins, and whose weights it may share.

import { GraphError } from "../base/error.js";
import { show } from "../base/text.js";
import { type End, type Joined, linkOf, type SynapseKind } from "../rules/link.js";
import { type Shape, spellShape } from "../rules/shape.js";

/** Names a synapse in errors. */
export function spelt(from: End, to: End): string {
  return `the synapse from ${show(from.name)} to ${show(to.name)}`;
}

/** A synapse, some facts of it: one whose weights another shares, or one that is not made yet. */
export interface Shared extends Joined {
  readonly kind: SynapseKind;
}

/** Refuses sizes that a kind of synapse can't join. Throws `bad-option`. */
export function checkSizes(kind: SynapseKind, from: End, to: End): void {
  const { title, sizes } = linkOf(kind);
  if (from.classes !== undefined && kind !== "embedding") {
    const why = `${show(from.name)} has class numbers, and only embeddings leave it`;
    throw new GraphError("bad-option", `The kind of ${spelt(from, to)} can't be ${show(kind)}: ${why}.`);
  }
  if (sizes?.fit(from, to) !== false) return;
  const [source, target] = [from, to].map(({ name, shape }) => `${show(name)} being ${spellShape(shape)}`);
  const why = `${source} and ${target}: ${title} ${sizes.rule}`;
  throw new GraphError("bad-option", `The kind of ${spelt(from, to)} can't be ${show(kind)}, ${why}.`);
}

/** The kinds that may share weights with another kind: of one shape and as many groups. */
const tied: Readonly<Partial<Record<SynapseKind, SynapseKind>>> = {
  conv: "convTranspose",
  convTranspose: "conv",
};

/** Refuses to share weights of another kind or shape. Throws `bad-option`. */
export function checkShared(shared: Shared, synapse: Shared): void {
  const { kind, from, to, pattern } = synapse;
  const { weights, title } = linkOf(shared.kind);
  const ours = linkOf(kind).weights!.shape(synapse);
  const theirs = weights?.shape(shared);
  const isKind = shared.kind === kind || shared.kind === tied[kind];
  const isSame = theirs !== undefined && isSameShape(ours, theirs);
  // Each unit of a pattern must be there.
  const isSize = pattern === undefined || (shared.from.size === from.size && shared.to.size === to.size);
  if (isKind && isSame && isSize && shared.window?.groups === synapse.window?.groups) return;
  const units = isSize ? "" : ` between ${shared.from.size} and ${shared.to.size} units`;
  const others = isKind && theirs !== undefined && !isSame ? spellShape(theirs) : `those of ${title}${units}`;
  throw new GraphError(
    "bad-option",
    `The weights of ${spelt(from, to)} are ${spellShape(ours)}, and those to share ${others}.`,
  );
}

function isSameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}
