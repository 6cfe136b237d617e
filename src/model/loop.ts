// The loops of a graph: its strongly connected components over all synapses, those with delays included. Tarjan, "Depth-first
// search and linear graph algorithms", SIAM Journal on Computing 1(2), 1972; with a stack in memory, which bounds no depth.

import { ordered } from "../base/order.js";
import type { LayerNode, SynapseNode } from "./node.js";
import { timedLayers } from "./time.js";

/** Facts about the loops and the time of a graph's layers, which hold until its next edit. */
export class Loops {
  readonly #layers: readonly LayerNode[];
  /** The loop of each layer, by the layers' indices; empty for a graph without loops. */
  readonly #loops: (readonly LayerNode[] | undefined)[];
  /** For each layer 1 if it has time, from the first request on. */
  #timed: Uint8Array | undefined;

  /** `hasDelays` says whether a synapse has a delay, without which there is no loop. */
  constructor(layers: readonly LayerNode[], hasDelays: boolean) {
    this.#layers = layers;
    this.#loops = hasDelays ? new Array(layers.length) : [];
    if (!hasDelays) return;
    for (const component of components(layers)) {
      if (component.length === 1 && !isOwnSource(component[0]!)) continue;
      const loop = inCoreOrder(component);
      for (const { index } of loop) this.#loops[index] = loop;
    }
  }

  /** Returns the loop of a layer, in the order of the core: by its undelayed synapses. `undefined` for a layer in no loop. */
  loopOf({ index }: LayerNode): readonly LayerNode[] | undefined {
    return this.#loops[index];
  }

  /** Returns whether both ends of a synapse are layers of one loop. */
  isInside({ from, to }: SynapseNode): boolean {
    const loop = this.loopOf(to);
    return loop !== undefined && loop === this.loopOf(from);
  }

  /** Returns whether a loop runs from the last step to the first: its delays are negative. */
  isReversed(loop: readonly LayerNode[]): boolean {
    return loop.some(({ incoming }) =>
      incoming.some((synapse) => synapse.delay < 0 && this.isInside(synapse)),
    );
  }

  /** Returns whether a layer has time: a value for each step, rather than one for all steps. */
  timedOf({ index }: LayerNode): boolean {
    this.#timed ??= timedLayers(this.#layers);
    return this.#timed[index] === 1;
  }

  /** Returns some layers and all their ancestors, each after its sources, which `before` returns, and each loop in one piece. */
  ancestors(
    ends: readonly LayerNode[],
    before: (layer: LayerNode, end: LayerNode) => readonly LayerNode[],
  ): LayerNode[] {
    if (this.#loops.length === 0) return ordered(ends, before);
    // Of a loop, the first layer stands for all.
    const first = (layer: LayerNode) => this.loopOf(layer)?.[0] ?? layer;
    const firsts = ordered(ends, (layer, end) => {
      const loop = this.loopOf(layer);
      if (loop === undefined) return before(layer, end).map(first);
      if (layer !== loop[0]) return [loop[0]!]; // an end
      return loop.flatMap((member) => before(member, end).map(first)).filter((source) => source !== layer);
    });
    return firsts.flatMap((layer) => {
      const loop = this.loopOf(layer);
      return loop === undefined ? [layer] : layer === loop[0] ? loop : [];
    });
  }
}

/** Returns whether a synapse leads from a layer to itself. */
function isOwnSource(layer: LayerNode): boolean {
  return layer.incoming.some(({ from }) => from === layer);
}

/** Sorts the layers of a loop: each after its sources without a delay, otherwise in the order of their creation. */
function inCoreOrder(component: LayerNode[]): readonly LayerNode[] {
  const inside = new Set(component);
  return ordered(
    component.sort((a, b) => a.index - b.index),
    ({ incoming }) =>
      incoming.filter(({ from, delay }) => delay === 0 && inside.has(from)).map(({ from }) => from),
  );
}

/** Returns the strongly connected components of all layers, each after the components of its sources. */
function components(layers: readonly LayerNode[]): LayerNode[][] {
  const found: LayerNode[][] = [];
  /** By the layers' indices: the turn of the first visit, from 1; the earliest turn that it leads back to; its next source. */
  const [turn, low, next] = [0, 1, 2].map(() => new Int32Array(layers.length)) as [
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  const isOpen = new Uint8Array(layers.length);
  /** Visited layers whose component isn't complete, and the path from a start to the layer that is looked at. */
  const open: LayerNode[] = [];
  const path: LayerNode[] = [];
  let turns = 0;
  const enter = (layer: LayerNode) => {
    turn[layer.index] = low[layer.index] = ++turns;
    isOpen[layer.index] = 1;
    open.push(layer);
    path.push(layer);
  };
  for (const start of layers) {
    if (turn[start.index] !== 0) continue;
    enter(start);
    for (let layer = path.at(-1); layer !== undefined; layer = path.at(-1)) {
      const { index, incoming } = layer;
      const at = next[index]!;
      if (at < incoming.length) {
        next[index] = at + 1;
        const { from } = incoming[at]!;
        if (turn[from.index] === 0) enter(from);
        else if (isOpen[from.index] === 1) low[index] = Math.min(low[index]!, turn[from.index]!);
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) low[parent.index] = Math.min(low[parent.index]!, low[index]!);
      if (low[index] !== turn[index]) continue;
      const component: LayerNode[] = [];
      for (let member = open.pop()!; ; member = open.pop()!) {
        isOpen[member.index] = 0;
        component.push(member);
        if (member === layer) break;
      }
      found.push(component);
    }
  }
  return found;
}
