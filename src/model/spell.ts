// A refused loop as text, for the message of its refusal.

import { stepOf } from "../rules/step.js";
import type { LayerNode, SynapseNode } from "./node.js";
import type { PlannedSynapse } from "./time.js";

/** Names at either end of a long loop that are spelt, and delayed ones between. */
const SPELT = 12;

/** Returns a loop without delays that a planned synapse would close, as a sentence after a space. */
export function spellUndelayed(planned: PlannedSynapse): string {
  return spell([...path(planned.to, planned.from, true), planned]);
}

/** Returns the shortest closed walk that passes a planned synapse and some others in its loops, as a sentence after a space. */
export function spellWalk(planned: PlannedSynapse, through: readonly PlannedSynapse[]): string {
  const others = through.filter((synapse) => synapse !== planned);
  const [one, other] = [walk(planned, others), walk(planned, [...others].reverse())];
  return spell(one.length <= other.length ? one : other);
}

/** Returns a closed walk that passes some synapses of a planned synapse's loops in their order, and ends with the planned one. */
function walk(planned: PlannedSynapse, through: readonly PlannedSynapse[]): PlannedSynapse[] {
  const found: PlannedSynapse[] = [];
  for (const synapse of [...through, planned]) {
    found.push(...path(found.at(-1)?.to ?? planned.to, synapse.from), synapse);
  }
  return found;
}

/** Returns the synapses of a shortest path from a layer to one that it leads to, through delays too or without them. */
function path(from: LayerNode, to: LayerNode, isUndelayed = false): SynapseNode[] {
  const before = new Map<LayerNode, SynapseNode | undefined>([[from, undefined]]);
  for (const layer of before.keys()) {
    if (layer === to) break;
    for (const synapse of layer.outgoing) {
      if (!before.has(synapse.to) && !(isUndelayed && synapse.delay !== 0)) before.set(synapse.to, synapse);
    }
  }
  const found: SynapseNode[] = [];
  for (let last = before.get(to); last !== undefined; last = before.get(last.from)) found.push(last);
  return found.reverse();
}

/** Returns the sentence of a loop, a → b (t−1) → a; of the middle of a long one only some delayed layers, and a count. */
function spell(loop: readonly PlannedSynapse[]): string {
  const parts: string[] = [];
  let [more, delayed] = [0, 0];
  const end = () => {
    if (more > 0) parts.push(`… ${more} more …`);
    more = 0;
  };
  loop.forEach((synapse, i) => {
    const { from } = synapse;
    const step = stepOf(synapse);
    const isBetween = i >= SPELT && i <= loop.length - SPELT;
    if (isBetween && (step === undefined || ++delayed > SPELT)) more++;
    else {
      end();
      parts.push(step === undefined ? from.name : `${from.name} (${step})`);
    }
  });
  end();
  return ` The loop is ${[...parts, loop[0]!.from.name].join(" → ")}.`;
}
