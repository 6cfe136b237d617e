// Products of synapses, and the ends of sequences: zeros among factors, delays beyond a sequence, sequences of one step.

import { Graph } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { expectClose } from "../support/helpers.js";

/** Makes a product of some inputs of one unit. */
function product(factors: number) {
  const graph = new Graph({ seed: 1 });
  const names = Array.from({ length: factors }, (_, i) => `f${i}`);
  for (const name of names) graph.addInput(name, 1);
  graph.addOutput("y", 1, "linear", "mse", { join: "product", bias: false });
  for (const name of names) graph.connect(name, "y", { kind: "identity" });
  return { graph, names };
}

describe.each([1, 2, 3, 5])("a product of %i factors", (factors) => {
  const { graph, names } = product(factors);
  /** Returns the product, and its gradient by each factor. */
  const run = (values: readonly number[]) => {
    const xs = Object.fromEntries(names.map((name, i) => [name, [values[i]!]]));
    const { inputs } = graph.gradients(xs, null, { outputs: { y: [1] } });
    return { y: graph.predict(xs).y![0]!, slopes: names.map((name) => inputs[name]![0]!) };
  };

  it("has for each factor the product of the others", () => {
    const values = [2, -3, 5, 7, 0.5].slice(0, factors);
    const all = values.reduce((a, b) => a * b);
    const { y, slopes } = run(values);
    expect(y).toBe(all);
    expectClose(
      slopes,
      values.map((value) => all / value),
      1e-15,
      "slopes",
    );
  });

  it("has with one zero a gradient by that factor only", () => {
    const values = [2, 0, 5, 7, 0.5].slice(0, factors);
    const at = values.indexOf(0);
    const { y, slopes } = run(values);
    const others = values.filter((_, i) => i !== at).reduce((a, b) => a * b, 1);
    if (at < 0) return expect(slopes).toEqual([1]);
    expect(y).toBe(0);
    expect(slopes.map(Math.abs)).toEqual(values.map((_, i) => (i === at ? others : 0)));
  });

  it("has with two zeros no gradient at all", () => {
    const values = [0, 0, 5, 7, 0.5].slice(0, factors);
    const { slopes } = run(values);
    expect(slopes.every((slope) => slope === (factors === 1 ? 1 : 0))).toBe(true);
  });
});

it("nothing beyond the end of a sample is read", () => {
  const graph = new Graph({ seed: 1, inputs: { x: 1 }, outputs: { y: { size: 1, activation: "linear" } } });
  graph.connect("x", "y", { delay: 1, init: { name: "constant", value: 1 } });
  // Samples of one to four steps: the numbers beyond an end are NaN.
  const x = [1, NaN, NaN, NaN, 1, 2, NaN, NaN, 1, 2, 3, 4, 1, 2, 3, NaN];
  const { y } = graph.predict({ x }, { steps: [1, 2, 4, 3] });
  expect([...y]).toEqual([0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 2, 3, 0, 1, 2, 0]);
});

it("a delay beyond the sequence brings `initial` at every step", () => {
  const graph = new Graph({ seed: 1 });
  graph.addInput("x", 1, "linear", { initial: 3 });
  graph.addOutput("later", 1, "linear", "mse", { bias: false });
  graph.addOutput("earlier", 1, "linear", "mse", { bias: false });
  graph.connect("x", "later", { delay: 7, kind: "identity" });
  graph.connect("x", "earlier", { delay: -7, kind: "identity" });
  const { later, earlier } = graph.predict({ x: [1, 2, 4, 5, 6] }, { steps: 5 });
  expect([...later!]).toEqual([3, 3, 3, 3, 3]);
  expect([...earlier!]).toEqual([3, 3, 3, 3, 3]);
  const { initial } = graph.gradients({ x: [1, 2] }, null, {
    outputs: { later: [1, 10], earlier: [100, 1000] },
    steps: 2,
  });
  expect([...initial.x!]).toEqual([1111]);
});

it("a loop of 100,000 layers with one delay runs forward and back", () => {
  const graph = new Graph({ seed: 1, init: { name: "constant", value: 1 } });
  const count = 100_000;
  graph.addInput("x", 1);
  for (let i = 0; i < count; i++) graph.addHidden(`h${i}`, 1, "linear", { bias: false });
  graph.addOutput("y", 1, "linear");
  graph.connect("x", "h0");
  for (let i = 1; i < count; i++) graph.connect(`h${i - 1}`, `h${i}`);
  graph.connect(`h${count - 1}`, "h0", { delay: 1 });
  graph.connect(`h${count - 1}`, "y");
  expect([...graph.predict({ x: [1, 2, 3] }, { steps: 3 }).y!]).toEqual([1, 3, 6]);
  const { inputs } = graph.gradients({ x: [1, 2, 3] }, null, { outputs: { y: [1, 1, 1] }, steps: 3 });
  expect([...inputs.x!]).toEqual([3, 2, 1]);
  graph.dispose();
});
