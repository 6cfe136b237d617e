// Loops with delays: which synapses may close one, the order of layers around them, and how long a large one takes.

import { describe, expect, it } from "vitest";
import { GraphError } from "../../src/base/error.js";
import { ordered } from "../../src/base/order.js";
import type { LayerNode, SynapseNode } from "../../src/model/node.js";
import { remove, sorted, Topology } from "../../src/model/topology.js";
import { Random, seed } from "../support/helpers.js";
import { add, join } from "../support/topology.js";

type Edge = Pick<SynapseNode, "from" | "to" | "delay" | "at">;

/** Returns all layers that a layer leads to by some synapses, one or more. */
function ahead(layer: LayerNode, edges: readonly Edge[]): Set<LayerNode> {
  const found = new Set<LayerNode>();
  const open = [layer];
  for (const one of open) {
    for (const { from, to } of edges) {
      if (from !== one || found.has(to)) continue;
      found.add(to);
      open.push(to);
    }
  }
  return found;
}

/** Returns the layers of a layer's loop, in no order; none outside of loops. */
function loopOf(layer: LayerNode, layers: readonly LayerNode[], edges: readonly Edge[]): LayerNode[] {
  const reached = ahead(layer, edges);
  return reached.has(layer) ? layers.filter((one) => reached.has(one) && ahead(one, edges).has(layer)) : [];
}

/** Returns whether a pass can compute the loops of some synapses. */
function isSound(layers: readonly LayerNode[], edges: readonly Edge[]): boolean {
  const undelayed = edges.filter(({ delay }) => delay === 0);
  if (layers.some((layer) => ahead(layer, undelayed).has(layer))) return false;
  return layers.every((layer) => {
    const loop = new Set(loopOf(layer, layers, edges));
    const inside = edges.filter(({ from, to }) => loop.has(from) && loop.has(to));
    const signs = new Set(inside.map(({ delay }) => Math.sign(delay)).filter((sign) => sign !== 0));
    return signs.size < 2 && inside.every(({ at }) => at === undefined);
  });
}

function checkFacts(topology: Topology, what: string): void {
  const { layers, synapses, loops } = topology;
  const all = sorted(topology);
  for (const layer of layers) {
    const wanted = loopOf(layer, layers, synapses);
    expect(new Set(loops.loopOf(layer) ?? []), what).toEqual(new Set(wanted));
  }
  const places = new Map(all.map((layer, place) => [layer, place]));
  expect(places.size, what).toBe(layers.length);
  for (const synapse of synapses) {
    const { from, to, delay } = synapse;
    const isInside = loopOf(to, layers, synapses).includes(from);
    expect(loops.isInside(synapse), what).toBe(isInside);
    if (!isInside || delay === 0) expect(places.get(from), what).toBeLessThan(places.get(to)!);
    if (isInside && delay !== 0) expect(loops.isReversed(loops.loopOf(to)!)).toBe(delay < 0);
  }
  for (const loop of new Set(layers.flatMap((layer) => [loops.loopOf(layer) ?? []]))) {
    const first = all.indexOf(loop[0]!);
    expect(all.slice(first, first + loop.length), what).toEqual(loop.length === 0 ? [] : loop);
  }
  for (const layer of layers) {
    const sources = layers.filter((one) => one === layer || ahead(one, synapses).has(layer));
    const order = loops.ancestors([layer], ({ incoming }) => incoming.map(({ from }) => from));
    expect(new Set(order), what).toEqual(new Set(sources));
    expect(order.length, what).toBe(sources.length);
    const own = new Map(order.map((one, place) => [one, place]));
    for (const { from, to, delay } of synapses) {
      if (!own.has(to) || (delay !== 0 && loopOf(to, layers, synapses).includes(from))) continue;
      expect(own.get(from), what).toBeLessThan(own.get(to)!);
    }
    for (const one of order) {
      const loop = loops.loopOf(one);
      if (loop !== undefined)
        expect(order.slice(own.get(loop[0]!)).slice(0, loop.length), what).toEqual(loop);
    }
  }
}

describe("loops of random graphs", () => {
  it("are refused or found, after any synapses that were made, refused and removed", () => {
    const random = new Random(seed);
    let [refused, loops] = [0, 0];
    for (let turn = 0; turn < 60; turn++) {
      const topology = new Topology();
      const count = random.whole(1, 9);
      for (let i = 0; i < count; i++) add(topology, `h${i}`);
      const { layers, synapses } = topology;
      // Some graphs have delays of one sign, some of both, and some an `at`.
      const delays = [[0, 0, 1, 2], [0, 0, -1], [0, 0, 1, -3], [0]][turn % 4]!;
      for (let edit = 0; edit < 40; edit++) {
        const what = `seed ${seed}, turn ${turn}, edit ${edit}`;
        if (synapses.length > 0 && random.chance(0.15)) {
          remove(topology, new Set(), new Set([random.pick(synapses)]));
        } else {
          const [from, to] = [random.pick(layers), random.pick(layers)];
          const at = random.chance(0.1) ? random.pick(["last", "first"] as const) : undefined;
          const delay = at === undefined ? random.pick(delays) : 0;
          const fits = isSound(layers, [...synapses, { from, to, delay, at }]);
          let isRefused = false;
          try {
            join(topology, from, to, delay, at);
          } catch (error) {
            isRefused = true;
            expect((error as GraphError).code, what).toBe("cycle");
          }
          expect(isRefused, what).toBe(!fits);
          if (isRefused) refused++;
        }
        if (edit % 8 === 7) checkFacts(topology, what);
        loops += layers.filter((layer) => topology.loops.loopOf(layer) !== undefined).length;
      }
    }
    expect(refused).toBeGreaterThan(200);
    expect(loops).toBeGreaterThan(200);
  });
});

it("a graph without delays has the order of a search from its outputs", () => {
  const random = new Random(seed);
  for (let turn = 0; turn < 20; turn++) {
    const topology = new Topology();
    const layers = Array.from({ length: 12 }, (_, i) => add(topology, i < 3 ? `x${i}` : `h${i}`));
    for (const [i, layer] of layers.entries()) {
      if (i >= 3)
        for (const from of random.shuffled(layers.slice(0, i)).slice(0, 3)) join(topology, from, layer);
    }
    const ends = random.shuffled([...layers]).slice(0, 2);
    const wanted = ordered(ends, ({ incoming }) => incoming.map(({ from }) => from));
    expect(topology.ancestors(ends)).toEqual(wanted);
  }
});

describe("a refused loop is spelt", () => {
  /** Joins layers of one letter by synapses such as "a b", "b a 1" and "a b last". */
  const build = (...edges: string[]) => {
    const topology = new Topology();
    for (const edge of edges) {
      const [from = "", to = "", step = "0"] = edge.split(" ");
      const [source, target] = [from, to].map((name) => topology.find(name) ?? add(topology, name)) as [
        LayerNode,
        LayerNode,
      ];
      if (step === "last" || step === "first") join(topology, source, target, 0, step);
      else join(topology, source, target, Number(step));
    }
  };
  const long = Array.from({ length: 100 }, (_, i) => `${i} ${(i + 1) % 100} ${i === 50 ? 1 : 0}`);

  it.each([
    [["a b", "b a"], "a loop: give one of its synapses a `delay`. The loop is a → b → a."],
    [["a a"], "a loop: give one of its synapses a `delay`. The loop is a → a."],
    [["a b 1", "b a", "a c", "c a"], "a loop: give one of its synapses a `delay`. The loop is a → c → a."],
    [
      ["a b", "b a 1", "b a -2"],
      "a loop with delays of both signs: give one of its synapses a `delay` of the other sign. The loop is a → b (t−1) → a → b (t+2) → a.",
    ],
    [
      ["a b -1", "b c", "c d 3", "d a"],
      "a loop with delays of both signs: give one of its synapses a `delay` of the other sign. The loop is a (t+1) → b → c (t−3) → d → a.",
    ],
    [
      ["a b last", "b a 1"],
      "a loop with `at`: give one of its synapses a `delay` in its place. The loop is a (last) → b (t−1) → a.",
    ],
    [
      ["a a 1", "b a", "a b first"],
      "a loop: give one of its synapses a `delay` in place of its `at`. The loop is b → a (first) → b.",
    ],
    [[...long.map((edge) => edge.replace(/.$/, "1")), "0 0 -1"], "→ 23 (t−1) → … 66 more … → 90 (t−1)"],
    [[...long, "7 6 -1"], "… 32 more … → 50 (t−1) → … 46 more …"],
  ] as const)("as %$", (edges, message) => {
    try {
      build(...edges);
    } catch (error) {
      expect(error).toBeInstanceOf(GraphError);
      expect((error as GraphError).code).toBe("cycle");
      expect((error as GraphError).message).toContain(message);
      return;
    }
    expect.unreachable();
  });
});

describe("a loop of 100,000 layers with one delay", () => {
  const count = 100_000;
  it.each([
    ["from its start on", (links: number[]) => links],
    ["from its end back", (links: number[]) => links.reverse()],
    ["in random order", (links: number[]) => new Random(seed).shuffled(links)],
  ])(
    "is joined %s, with a delay of the other sign and an `at` outside, in seconds",
    { timeout: 60_000 },
    (_, order) => {
      const topology = new Topology();
      const layers = Array.from({ length: count }, (_, i) => add(topology, `h${i}`));
      const outer = ["x", "y", "ya"].map((name) => add(topology, name)) as [LayerNode, LayerNode, LayerNode];
      const begin = performance.now();
      join(topology, outer[0], layers[5]!, -1);
      join(topology, layers[9]!, outer[1], 0);
      join(topology, layers[9]!, outer[2], 0, "last");
      for (const i of order(Array.from({ length: count }, (_, i) => i))) {
        join(topology, layers[i]!, layers[(i + 1) % count]!, i === 777 ? 2 : 0);
      }
      const loop = topology.loops.loopOf(layers[0]!)!;
      expect([loop.length, topology.loops.isReversed(loop)]).toEqual([count, false]);
      expect(loop[0]).toBe(layers[778]);
      expect(topology.ancestors([outer[1]])).toEqual([outer[0], ...loop, outer[1]]);
      expect(topology.loops.timedOf(outer[1])).toBe(true);
      expect(topology.loops.timedOf(outer[2])).toBe(false);
      // 0.5 to 1.3 s on an idle machine; minutes if a synapse took steps by the layers.
      expect(performance.now() - begin).toBeLessThan(20_000);
    },
  );
});
