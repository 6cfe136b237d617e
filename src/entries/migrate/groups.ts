// Groups of neurons that become layers.

import type { Group, Grouping, Neuron, Wire } from "./neuron.js";

/** Most rounds of refining groups by what comes from later neurons, and by gates. */
const ROUNDS = 8;

/** Groups neurons, which are in the order of their computation. No wire leads to an input. */
export function group(neurons: readonly Neuron[], wires: readonly Wire[]): Grouping {
  const incoming: Wire[][] = neurons.map(() => []);
  const gated: Wire[][] = neurons.map(() => []);
  for (const wire of wires) {
    incoming[wire.to]!.push(wire);
    if (wire.gater !== undefined) gated[wire.gater]!.push(wire);
  }
  // A later neuron's group is known from the round before; the first one takes all for one.
  let found = gather(neurons, incoming, gated, undefined);
  const isPlain = wires.every(({ from, to, gater }) => from < to && gater === undefined);
  for (let round = 1; !isPlain && round < ROUNDS; round++) {
    const next = gather(neurons, incoming, gated, found.groupOf);
    if (next.groups.length === found.groups.length) break;
    found = next;
  }
  return found;
}

/** Groups neurons by what they receive in the same step, and by the groups `before` of other neurons that they deal with. */
function gather(
  neurons: readonly Neuron[],
  incoming: readonly (readonly Wire[])[],
  gated: readonly (readonly Wire[])[],
  before: readonly number[] | undefined,
): Grouping {
  const groups: Group[] = [];
  const known = new Map<string, number>();
  const groupOf: number[] = [];
  const place: number[] = [];
  for (const [i, { kind, activation, isFrozen }] of neurons.entries()) {
    const groupAt = (neuron: number) =>
      neuron < i ? `${groupOf[neuron]!}` : neuron === i ? "own" : `later ${before?.[neuron] ?? 0}`;
    const heard = incoming[i]!.map(({ from, gater }) =>
      gater === undefined ? groupAt(from) : `${groupAt(from)} by ${groupAt(gater)}`,
    );
    // A neuron without sources is a constant; its layer will receive the inputs, with weights of 0.
    if (heard.length === 0 && kind !== "input") heard.push("0");
    const gates = gated[i]!.map(
      ({ from, to }) => `${from === to ? "own" : (before?.[from] ?? 0)} to ${before?.[to] ?? 0}`,
    );
    const key = JSON.stringify([kind, activation, isFrozen, unique(heard), unique(gates)]);
    let group = known.get(key);
    if (group === undefined) {
      group = groups.push({ kind, activation, hears: false, members: [] }) - 1;
      known.set(key, group);
    }
    groups[group]!.hears ||= incoming[i]!.length > 0;
    groupOf.push(group);
    place.push(groups[group]!.members.push(i) - 1);
  }
  return { groups, groupOf, place };
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
