// Refuses synapses whose loops no pass could compute: loops without a delay, with delays of both signs, or with an `at`.

import { GraphError } from "../base/error.js";
import type { Levels } from "./level.js";
import type { LayerNode } from "./node.js";
import { spellUndelayed, spellWalk } from "./spell.js";
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
    throw refusal("a loop", spellUndelayed(planned), planned.at === undefined ? "" : " in place of its `at`");
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
  if (pick !== undefined) throw refusal("a loop with `at`", spellWalk(planned, [pick]), " in its place");
  const later = find(({ delay }) => delay > 0);
  const earlier = find(({ delay }) => delay < 0);
  if (later === undefined || earlier === undefined) return;
  throw refusal(
    "a loop with delays of both signs",
    spellWalk(planned, [later, earlier]),
    " of the other sign",
  );
}

function refusal(what: string, spelt: string, remedy: string): GraphError {
  const hint = `give one of its synapses a \`delay\`${remedy}`;
  return new GraphError("cycle", `That would close ${what}: ${hint}.${spelt}`);
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
