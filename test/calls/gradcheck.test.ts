// `gradCheck`: the whole vocabulary at once, over a thousand random graphs; and that it finds what is wrong.

import { Graph } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { everything, Random, seed } from "../support/helpers.js";
import { build, dressedCase, isSmooth } from "../support/random.js";

const GRAPHS = 1000;

describe("gradCheck", () => {
  it(`passes on ${GRAPHS} random graphs that mix everything, PLEXUS_SEED=${seed}`, () => {
    let checked = 0;
    const kinds = new Set<string>();
    for (let i = 0, draw = 0; i < GRAPHS; draw++) {
      const drawn = dressedCase(new Random(seed * 700_001 + draw), true);
      if (!isSmooth(drawn)) continue;
      const { naive, xs, ts, options } = drawn;
      const graph = build(naive);
      const found = graph.gradCheck(xs, ts, options);
      if (!found.ok) throw new Error(`graph ${draw}: ${JSON.stringify(found.worst)}`);
      checked += found.checked;
      kinds.add(found.worst.kind);
      graph.dispose();
      i++;
    }
    expect(checked).toBeGreaterThan(GRAPHS * 30);
    expect([...kinds].sort()).toEqual(["bias", "gain", "inputs", "weights"]);
  });

  it("checks float32 on a float64 copy, and changes nothing", () => {
    for (let i = 0; i < 20; i++) {
      const { naive, xs, ts, options } = dressedCase(new Random(seed * 900_001 + i), true);
      const graph = build(naive, "float32");
      const before = everything(graph);
      const { checked, worst } = graph.gradCheck(xs, ts, options);
      expect(checked).toBeGreaterThan(0);
      expect(worst.error).toBeLessThan(1);
      expect(everything(graph)).toBe(before);
      graph.dispose();
    }
  });

  it("names the worst, and says no where a derivative is none", () => {
    // A relu at its kink: the derivative is 0, the difference quotient half the weight behind it.
    const graph = new Graph({
      inputs: { x: { size: 2, bias: false } },
      hidden: { h: { size: 2, activation: "relu", bias: false } },
      outputs: { y: { size: 1, activation: "linear", loss: "mae", bias: false } },
    });
    graph.connect("x", "h", { init: { values: [1, 0, 0, 1] } });
    graph.connect("h", "y", { init: { values: [1, 8] } });
    const found = graph.gradCheck({ x: [1, 0] }, { y: [-5] });
    expect(found).toMatchObject({
      ok: false,
      worst: { kind: "weights", name: "x → h", index: 1, analytic: 0 },
    });
    expect(found.worst.numeric).toBeCloseTo(4, 6);
    expect(found.worst.error).toBeCloseTo(4, 6);
    expect(graph.gradCheck({ x: [1, 0] }, { y: [-5] }, { atol: 5 }).ok).toBe(true);
    expect(graph.gradCheck({ x: [1, 0.5] }, { y: [-5] }, { epsilon: 1 }).ok).toBe(false);
    expect(graph.gradCheck({ x: [1, 1] }, { y: [-5] }).ok).toBe(true);
  });

  it("says no where the cost is no number", () => {
    const graph = new Graph({
      inputs: { x: 1 },
      outputs: { y: { size: 1, activation: "exp" } },
      synapses: [["x", "y"]],
    });
    graph.synapses[0]!.weights[0] = 1e6;
    expect(graph.gradCheck({ x: [1] }, { y: [0] }).ok).toBe(false);
  });
});
