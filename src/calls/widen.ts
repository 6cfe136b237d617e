// Widens a hidden layer by copies of its units, so that the graph computes the same. (Chen, Goodfellow, Shlens, "Net2Net:
// accelerating learning via knowledge transfer", 2016.) docs/structure.md has the rules.

import { GraphError } from "../base/error.js";
import { zeros } from "../base/read.js";
import { show } from "../base/text.js";
import { drawCopies } from "../memory/places.js";
import type { Block } from "../model/block.js";
import { spelt } from "../model/joint.js";
import type { LayerNode, SynapseNode } from "../model/node.js";
import { linkOf } from "../rules/link.js";
import { inRoom } from "../rules/pattern.js";
import { channels, product, readShape, type Shape, spellShape } from "../rules/shape.js";
import { readWindow } from "../rules/window.js";
import type { Network } from "./network.js";
import { type Change, reshape } from "./reshape.js";

/** The copies of channels, or of the units of a plain layer. */
interface Copies {
  readonly before: number;
  readonly after: number;
  /** For each new channel the old one. */
  readonly copied: Int32Array;
  /** For each old channel its copies, itself included. */
  readonly counts: Uint32Array;
}

/** A block of parameters whose rows belong to the layer as a source, or its columns as a target; in a loop, both. */
interface Part {
  readonly block: Block;
  readonly isSource: boolean;
  readonly isTarget: boolean;
}

/** Widens a layer, as `Graph.widen` does. `size` is a plain value. */
export function widen(net: Network, l: LayerNode, size: unknown): void {
  const { memory, topology } = net;
  const shape = readShape(size, `The size of ${show(l.name)}`);
  check(l, shape);
  const [before, after] = [channels(l.shape), channels(shape)];
  if (before === after) return;
  const of = `${show(l.name)}, which has ${spellShape(shape)} units`;
  const parts: Part[] = [...new Set([...l.incoming, ...l.outgoing])].map((s) => {
    return { block: s.weights!, isSource: s.from === l, isTarget: s.to === l };
  });
  for (const block of [l.bias, l.initial]) if (block) parts.push({ block, isSource: false, isTarget: true });
  const more = parts.reduce((sum, { block, isSource, isTarget }) => {
    const factor = (isSource ? after / before : 1) * (isTarget ? after / before : 1);
    return sum + block.count * (factor - 1);
  }, 0);
  memory.parameters.check(more, of);
  memory.place();
  const changes = inRoom(of, () => {
    const copied = drawCopies(memory, net.connections, before, after);
    const counts = new Uint32Array(before);
    for (const channel of copied) counts[channel]!++;
    return parts.map((part) => grown(net, part, { before, after, copied, counts }));
  });
  reshape(net, changes);
  for (const { block, values } of changes) memory.viewOf(block).set(values);
  memory.states.free(l);
  l.size = product(shape);
  l.shape = shape;
  net.connections++;
  topology.edits++;
}

/** Refuses a layer that can't be widened, or not to a shape. Throws `bad-option`, `bad-size`. */
function check(l: LayerNode, shape: Shape): void {
  const refuse = (why: string): never => {
    throw new GraphError("bad-option", `The layer ${show(l.name)} can't be widened: ${why}.`);
  };
  if (l.kind !== "hidden") refuse(`it is an ${l.kind}, and not hidden`);
  const axes = l.shape.length - 1;
  const isSame =
    shape.length === l.shape.length && shape.every((n, axis) => n === l.shape[axis] || axis === axes);
  if (!isSame || shape[axes]! < l.shape[axes]!) {
    const what = axes > 0 ? "channels" : "units";
    const found = `the layer ${show(l.name)} is ${spellShape(l.shape)}`;
    throw new GraphError(
      "bad-size",
      `\`widen\` adds ${what} alone: ${found}, and can't be ${spellShape(shape)}.`,
    );
  }
  if (l.norm !== undefined) refuse("it has a norm, which depends on all its units");
  if (l.activation.name === "softmax") refuse("its softmax depends on all its units");
  for (const s of [...l.incoming, ...l.outgoing]) checkSynapse(s, l, shape, refuse);
}

function checkSynapse(s: SynapseNode, l: LayerNode, shape: Shape, refuse: (why: string) => never): void {
  const { kind, window } = s;
  const of = spelt(s.from, s.to);
  if (s.isShared) refuse(`${of} shares weights`);
  if (kind === "dense") return;
  if (kind !== "conv") refuse(`${of} is ${linkOf(kind).title}`);
  if (window!.groups > 1) refuse(`${of} is a conv with groups`);
  const [from, to] = [s.from, s.to].map((end) => (end === l ? { name: l.name, shape } : end));
  readWindow(kind, { ...window, countPadding: undefined }, from!, to!); // the padded sample may be too large
}

/** Returns the change of a block, with its values. Moments of new rows and columns are 0, so that copies learn apart. */
function grown(
  { memory }: Network,
  { block, isSource, isTarget }: Part,
  { before, after, copied, counts }: Copies,
): Change & { readonly values: Float64Array } {
  const length = (count: number, isGrown: boolean) => (isGrown ? (count / before) * after : count);
  const [rows, columns] = [length(block.rows, isSource), length(block.columns, isTarget)];
  /** Returns the index before, of channels in runs. */
  const old = (index: number) => Math.floor(index / after) * before + copied[index % after]!;
  const weights = memory.viewOf(block);
  const values = zeros(rows * columns, "copies");
  const picks = new Int32Array(rows * columns);
  for (let row = 0, at = 0; row < rows; row++) {
    const first = (isSource ? old(row) : row) * block.columns;
    const count = isSource ? counts[copied[row % after]!]! : 1;
    for (let column = 0; column < columns; column++, at++) {
      const from = first + (isTarget ? old(column) : column);
      const isNew = (isSource && row % after >= before) || (isTarget && column % after >= before);
      values[at] = weights[from]! / count;
      picks[at] = isNew ? -1 : from;
    }
  }
  return { block, rows, columns, picks, values };
}
