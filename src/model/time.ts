// Time in a graph: the layers that have a value for each step, and what a pass over them needs.

import type { LayerNode, SynapseNode } from "./node.js";

/**
 * Returns for each layer 1 if it has time, else 0. Inputs have time, unless made with `time: false`, and so have layers that
 * receive a layer with time, unless by `at`. Layers that receive anything by a delay have time, too.
 */
export function timedLayers(layers: readonly LayerNode[]): Uint8Array {
  const timed = new Uint8Array(layers.length);
  const open = layers.filter(({ kind, time, incoming }) => {
    return (kind === "input" && time) || incoming.some(({ delay }) => delay !== 0);
  });
  for (const { index } of open) timed[index] = 1;
  for (let layer = open.pop(); layer !== undefined; layer = open.pop()) {
    for (const { to, at } of layer.outgoing) {
      if (at !== undefined || timed[to.index] === 1) continue;
      timed[to.index] = 1;
      open.push(to);
    }
  }
  return timed;
}

/** Returns whether a pass over some layers needs steps: a synapse among them has a delay or an `at`. */
export function needsTime(layers: readonly LayerNode[]): boolean {
  return layers.some(({ incoming }) => incoming.some(({ delay, at }) => delay !== 0 || at !== undefined));
}

/**
 * Returns a synapse by which values of a step depend on later steps, so that no state can continue the layers; `undefined` if
 * there is none. The layers are a pass's, in its order.
 */
export function findAcausal(
  layers: readonly LayerNode[],
  timedOf: (layer: LayerNode) => boolean,
): SynapseNode | undefined {
  // Layers without time whose values depend on the last step.
  const late = new Map<LayerNode, SynapseNode>();
  for (const layer of layers) {
    let last: SynapseNode | undefined;
    for (const synapse of layer.incoming) {
      if (synapse.delay < 0 || synapse.at === "first") return synapse;
      last ??= synapse.at === "last" ? synapse : late.get(synapse.from);
    }
    if (last === undefined) continue;
    if (timedOf(layer)) return last;
    late.set(layer, last);
  }
  return undefined;
}

/** Returns the steps that a state remembers of a layer: the largest delay of its synapses, 0 without a positive one. */
export function depthOf({ outgoing }: LayerNode): number {
  return outgoing.reduce((most, { delay }) => Math.max(most, delay), 0);
}

/** The facts of a synapse that isn't there yet. */
export type PlannedSynapse = Pick<SynapseNode, "from" | "to" | "delay" | "at">;

/** Counts of the synapses that bring other steps than the target's own. */
export class StepCounts {
  /** Synapses with a positive delay, with a negative one, and with an `at`. */
  later = 0;
  earlier = 0;
  picks = 0;

  /** Counts a synapse that is added (1) or removed (-1). */
  count({ delay, at }: PlannedSynapse, by: 1 | -1): void {
    if (delay > 0) this.later += by;
    if (delay < 0) this.earlier += by;
    if (at !== undefined) this.picks += by;
  }

  /** Whether a synapse has a delay: without one there is no loop. */
  get hasDelays(): boolean {
    return this.later + this.earlier > 0;
  }

  /** Returns whether a loop with a planned synapse can have delays of both signs, or an `at`. */
  canMix({ delay, at }: PlannedSynapse): boolean {
    const later = this.later > 0 || delay > 0;
    const earlier = this.earlier > 0 || delay < 0;
    const picks = this.picks > 0 || at !== undefined;
    return (later && earlier) || (picks && (later || earlier));
  }
}
