// Finds and names parameters that are not finite: a caller can write any number to a live view.

import { GraphError } from "../base/error.js";
import { holds, type Precision } from "../base/precision.js";
import { show } from "../base/text.js";
import type { Block } from "../model/block.js";
import type { LayerNode, SynapseNode } from "../model/node.js";
import type { Topology } from "../model/topology.js";
import { shapeOf } from "../rules/link.js";
import type { Memory } from "./memory.js";

/** Layers and synapses of a graph, some or all, with views of their parameters. */
interface Parts {
  readonly layers: readonly {
    readonly name: string;
    readonly bias: ArrayLike<number>;
    readonly gain: ArrayLike<number> | undefined;
    readonly initial: ArrayLike<number> | undefined;
  }[];
  readonly synapses: readonly {
    readonly from: { readonly name: string };
    readonly to: { readonly name: string };
    readonly shape: readonly number[];
    readonly weights: ArrayLike<number>;
  }[];
}

/** Views the parameters of layers and synapses. */
export function viewed(
  memory: Memory,
  layers: readonly LayerNode[],
  synapses: readonly SynapseNode[],
): Parts {
  const view = (block: Block | undefined) => block && memory.viewOf(block);
  return {
    layers: layers.map(({ name, bias, gain, initial }) => {
      return { name, bias: view(bias)!, gain: view(gain), initial: view(initial) };
    }),
    synapses: synapses.map((synapse) => {
      const { from, to, weights } = synapse;
      return { from, to, shape: shapeOf(synapse), weights: view(weights) ?? [] };
    }),
  };
}

/** Names the first parameter that is not finite in a precision: `the bias of the layer "y" has NaN in unit 0`. */
export function findNotFinite({ layers, synapses }: Parts, precision: Precision): string | undefined {
  for (const { name, bias, gain, initial } of layers) {
    for (const [kind, values] of [
      ["bias", bias],
      ["gain", gain ?? []],
      ["initial", initial ?? []],
    ] as const) {
      const unit = first(values, precision);
      if (unit >= 0) return `the ${kind} of the layer ${show(name)} has ${values[unit]} in unit ${unit}`;
    }
  }
  for (const { from, to, shape, weights } of synapses) {
    const at = first(weights, precision);
    if (at < 0) continue;
    const columns = shape.at(-1)!;
    const row = shape.length === 1 ? "" : `row ${Math.floor(at / columns)}, `;
    const of = `the synapse from ${show(from.name)} to ${show(to.name)}`;
    return `the weights of ${of} have ${weights[at]} in ${row}unit ${at % columns}`;
  }
  return undefined;
}

/** Returns the index of the first number that is not finite in a precision, or -1. */
function first(values: ArrayLike<number>, precision: Precision): number {
  for (let i = 0; i < values.length; i++) if (!holds(precision, values[i]!)) return i;
  return -1;
}

/** Refuses parameters that are not finite. `done` is the participle of the call in the error. Throws `not-finite`. */
export function checkFinite(parts: Parts, precision: Precision, done: string): void {
  const found = findNotFinite(parts, precision);
  if (found === undefined) return;
  const needed = precision === "float32" ? "finite in float32" : "finite";
  const sentence = `A graph is ${done} only if its parameters are ${needed}, and ${found}.`;
  throw new GraphError("not-finite", sentence);
}

/** Refuses a graph with parameters that are not finite. The core looks at all of them at once. */
export function checkAllFinite(memory: Memory, { layers, synapses }: Topology, done: string): void {
  const { byteOffset, length } = memory.all;
  if (memory.core.call.notFinite(byteOffset, length) < 0) return;
  checkFinite(viewed(memory, layers, synapses), memory.precision, done);
}
