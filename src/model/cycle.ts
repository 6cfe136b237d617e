// Refuses synapses whose loops no pass could compute: loops without a delay, with delays of both signs, or with an `at`.

import { GraphError } from "../base/error.js";
import { stepOf } from "../rules/step.js";
import type { Levels } from "./level.js";
import type { LayerNode, SynapseNode } from "./node.js";
import type { PlannedSynapse, StepCounts } from "./time.js";

/**
 * Refuses a synapse that would close a loop without a delay, with delays of both signs, or with an `at`. `synapses` is the
 * number of those there are. Throws `cycle`.
 */
export function checkLoops(
  levels: Levels,
  counts: StepCounts,
  planned: PlannedSynapse,
  synapses: number,
): void {
  const { from, to, delay } = planned;
  if (delay === 0 && levels.closes(from, to, synapses)) {
    throw refusal("a loop", [...path(to, from, true), planned], "");
  }
  if (counts.canMix(planned)) checkMixed(planned);
}

/** Refuses a synapse whose loops have delays of both signs, or an `at`. */
function checkMixed(planned: PlannedSynapse): void {
  const loop = loopWith(planned);
  if (loop === undefined) return;
  const inside = [...loop].flatMap(({ outgoing }) => outgoing.filter(({ to }) => loop.has(to)));
  const find = (is: (synapse: PlannedSynapse) => boolean) => (is(planned) ? planned : inside.find(is));
  const pick = find(({ at }) => at !== undefined);
  if (pick !== undefined) throw refusal("a loop with `at`", walk(planned, [pick]), " in its place");
  const later = find(({ delay }) => delay > 0);
  const earlier = find(({ delay }) => delay < 0);
  if (later === undefined || earlier === undefined) return;
  const [one, other] = [walk(planned, [later, earlier]), walk(planned, [earlier, later])];
  const shorter = one.length <= other.length ? one : other;
  throw refusal("a loop with delays of both signs", shorter, " of the other sign");
}

function refusal(what: string, loop: readonly PlannedSynapse[], remedy: string): GraphError {
  const hint = `give one of its synapses a \`delay\`${remedy}`;
  return new GraphError("cycle", `That would close ${what}: ${spell(loop)}; ${hint}.`);
}

/** Returns the layers of the loops that a synapse would close; `undefined` if it would close none. */
function loopWith({ from, to }: PlannedSynapse): Set<LayerNode> | undefined {
  const [ahead, behind] = [new Set([to]), new Set([from])];
  const [next, previous] = [ahead.values(), behind.values()];
  // Both searches take turns, and the shorter one ends them: mostly a layer is joined that has no synapses on one side yet.
  while (!ahead.has(from)) {
    const target = next.next();
    if (target.done) return undefined;
    for (const synapse of target.value.outgoing) ahead.add(synapse.to);
    const source = previous.next();
    if (!source.done) for (const synapse of source.value.incoming) behind.add(synapse.from);
    else if (!behind.has(to)) return undefined;
  }
  for (const { outgoing } of next) for (const synapse of outgoing) ahead.add(synapse.to);
  for (const { incoming } of previous) for (const synapse of incoming) behind.add(synapse.from);
  return new Set([...ahead].filter((layer) => behind.has(layer)));
}

/** Returns a closed walk that passes some synapses of a planned synapse's loops, and ends with the planned one. */
function walk(planned: PlannedSynapse, through: readonly PlannedSynapse[]): PlannedSynapse[] {
  const found: PlannedSynapse[] = [];
  for (const synapse of [...through.filter((one) => one !== planned), planned]) {
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

/** Names at either end of a long loop that are spelt. */
const SPELT = 12;

/** Returns a loop as text, a → b (t−1) → a; of the middle of a long one only delayed layers, and the number of the others. */
function spell(loop: readonly PlannedSynapse[]): string {
  const parts: string[] = [];
  let more = 0;
  const end = () => {
    if (more > 0) parts.push(`… ${more} more …`);
    more = 0;
  };
  loop.forEach((synapse, i) => {
    const { from } = synapse;
    const step = stepOf(synapse);
    if (step === undefined && i >= SPELT && i <= loop.length - SPELT) more++;
    else {
      end();
      parts.push(step === undefined ? from.name : `${from.name} (${step})`);
    }
  });
  end();
  return [...parts, loop[0]!.from.name].join(" → ");
}
