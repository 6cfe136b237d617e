// The two ends of a synapse: how errors name it, which layers its kind joins, and whose weights it may share.

import { GraphError } from "../base/error.js";
import { show } from "../base/text.js";
import { linkOf, type SynapseKind } from "../rules/link.js";

/** A layer at one end of a synapse. */
export interface End {
  readonly name: string;
  readonly size: number;
}

/** Names a synapse in errors. */
export function spelt(from: End, to: End): string {
  return `the synapse from ${show(from.name)} to ${show(to.name)}`;
}

/** A synapse whose weights another has too. */
export interface Shared {
  readonly kind: SynapseKind;
  readonly from: End;
  readonly to: End;
}

/** Refuses sizes that a kind of synapse can't join. Throws `bad-option`. */
export function checkSizes(kind: SynapseKind, from: End, to: End): void {
  const { title, sizes } = linkOf(kind);
  if (sizes?.fit(from.size, to.size) !== false) return;
  const why = `its sizes being ${from.size} × ${to.size}: ${title} ${sizes.rule}`;
  throw new GraphError("bad-option", `The kind of ${spelt(from, to)} can't be ${show(kind)}, ${why}.`);
}

/** Refuses to share weights of another kind or shape. */
export function checkShared(shared: Shared, kind: SynapseKind, from: End, to: End): void {
  const shapeOf = (kind: SynapseKind, from: End, to: End) =>
    linkOf(kind).weights?.shape(from.size, to.size).join(" × ");
  const ours = shapeOf(kind, from, to);
  const theirs = shapeOf(shared.kind, shared.from, shared.to);
  if (kind === shared.kind && ours === theirs) return;
  const others = kind === shared.kind ? theirs : `those of ${linkOf(shared.kind).title}`;
  throw new GraphError(
    "bad-option",
    `The weights of ${spelt(from, to)} are ${ours}, and those to share ${others}.`,
  );
}
