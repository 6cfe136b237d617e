// Labels of the kinds of synapse.

import type { SynapseKind } from "../../index.js";
import type { SynapseNode } from "../../model/node.js";
import { channels } from "../../rules/shape.js";
import type { Window } from "../../rules/window.js";
import type { DrawnSynapse } from "./drawing.js";
import { count, percent } from "./number.js";

/** Returns one number for axes that are alike, and else all: 2, or 2×3. */
function alike(each: readonly number[]): string {
  return each.every((n) => n === each[0]) ? count(each[0]!) : each.map(count).join("×");
}

/** Returns a window: its kernel, the stride unless it is `usual`, and the dilation: 5×5 /2 dilated 3. */
function spell({ kernel, stride, dilation }: Window, usual: readonly number[]): string {
  return [
    kernel.map(count).join("×"),
    ...(stride.every((n, axis) => n === usual[axis]) ? [] : [`/${alike(stride)}`]),
    ...(dilation.every((n) => n === 1) ? [] : [`dilated ${alike(dilation)}`]),
  ].join(" ");
}

function conv(title: string, window: Window): string {
  const ones = window.kernel.map(() => 1);
  return `${title} ${spell(window, ones)}`;
}

function grouped(title: string, window: Window): string {
  return conv(title, window) + (window.groups === 1 ? "" : ` groups ${count(window.groups)}`);
}

function pool(title: string, window: Window): string {
  return `${title} ${spell(window, window.kernel)}`;
}

/** The label of each kind. A kind that is left out has its name as its label; dense synapses have none. */
const labels: Readonly<Partial<Record<SynapseKind, (node: SynapseNode) => string>>> = {
  sparse: ({ from, to, pattern }) => `sparse ${percent(pattern!.length / 2, from.size * to.size)}`,
  conv: ({ from, window }) => {
    const isDepthwise = window!.groups > 1 && window!.groups === channels(from.shape);
    return isDepthwise ? conv("depthwise", window!) : grouped("conv", window!);
  },
  convTranspose: ({ window }) => grouped("convTranspose", window!),
  averagePool: ({ window }) => pool("average", window!),
  maxPool: ({ window }) => pool("max", window!),
  upsample: ({ window }) => pool("up", window!),
  embedding: ({ from }) => `embedding ${count(from.classes!)}`,
};

/** Returns the label of a synapse's kind, such as "conv 5×5 /2"; none for a dense one. */
export function labelOf({ kind, node }: DrawnSynapse): string[] {
  if (kind === "dense") return [];
  return [labels[kind]?.(node) ?? kind];
}
