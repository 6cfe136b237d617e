// Which layers have time, which passes need steps, and which synapses let a step depend on later ones.

import { describe, expect, it } from "vitest";
import { findAcausal, needsTime } from "../../src/model/time.js";
import { Topology } from "../../src/model/topology.js";
import { Random, seed } from "../support/helpers.js";
import { add, join } from "../support/topology.js";

describe("a layer has time", () => {
  it("if it is an input without `time: false`, or receives time other than by `at`, or anything by a delay", () => {
    const random = new Random(seed);
    let [timed, timeless] = [0, 0];
    for (let turn = 0; turn < 100; turn++) {
      const topology = new Topology();
      for (let i = 0; i < 12; i++) add(topology, i < 3 ? `x${i}` : `h${i}`, random.chance(0.4));
      const { layers, synapses } = topology;
      for (let i = 0; i < 20; i++) {
        const to = random.whole(3, 11);
        const from = random.whole(0, to - 1);
        const at = random.chance(0.4) ? "last" : undefined;
        const delay = at === undefined && random.chance(0.15) ? random.pick([-1, 2]) : 0;
        join(topology, layers[from]!, layers[to]!, delay, at);
      }
      const wanted = new Set(layers.filter(({ kind, time }) => kind === "input" && time));
      for (const { to, delay } of synapses) if (delay !== 0) wanted.add(to);
      for (let pass = 0; pass < 12; pass++) {
        for (const { from, to, at } of synapses) if (at === undefined && wanted.has(from)) wanted.add(to);
      }
      for (const layer of layers) {
        expect(topology.loops.timedOf(layer), `seed ${seed}, turn ${turn}`).toBe(wanted.has(layer));
        if (wanted.has(layer)) timed++;
        else timeless++;
      }
    }
    expect(Math.min(timed, timeless)).toBeGreaterThan(200);
  });
});

/** Joins layers of one letter by synapses such as "x b", "b a 1" and "a b last"; x is an input with time, xc without. */
function build(...edges: string[]): Topology {
  const topology = new Topology();
  for (const edge of edges) {
    const [from = "", to = "", step = "0"] = edge.split(" ");
    const [source, target] = [from, to].map(
      (name) => topology.find(name) ?? add(topology, name, name !== "xc"),
    );
    if (step === "last" || step === "first") join(topology, source!, target!, 0, step);
    else join(topology, source!, target!, Number(step));
  }
  return topology;
}

describe("a pass needs steps", () => {
  it.each([
    [["x h", "h y"], false],
    [["x h", "h h 1", "h y"], true],
    [["x h", "h y last"], true],
    [["x h", "h y first"], true],
    [["x h", "h y", "x z 1"], false],
    [["x y -1"], true],
  ])("with the synapses %j: %s", (edges, needs) => {
    const topology = build(...edges);
    expect(needsTime(topology.ancestors([topology.layer("y")]))).toBe(needs);
  });
});

describe("the synapse that no state can continue", () => {
  it.each([
    [["x h", "h y"], undefined],
    [["x h", "h h 1", "h y 3"], undefined],
    [["x h", "h h -1", "h y"], "h h"],
    [["x h", "h y -2"], "h y"],
    [["x h", "h y first"], "h y"],
    [["x h", "h h 1", "h y last"], undefined],
    [["x h", "h h 1", "h a last", "a y", "xc y"], undefined],
    [["x h", "h a last", "a b", "b y", "x y"], "h a"],
    [["x h", "h y last", "x y"], "h y"],
    [["x h", "h a last", "a y 1"], "h a"],
    [["x h", "h a last", "h y"], undefined],
  ])("of %j is %j", (edges, wanted) => {
    const topology = build(...edges);
    const layers = topology.ancestors([topology.layer("y")]);
    const found = findAcausal(layers, (layer) => topology.loops.timedOf(layer));
    expect(found && `${found.from.name} ${found.to.name}`).toBe(wanted);
  });
});
