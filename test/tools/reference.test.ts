// The formulas of docs/reference.md and docs/mathematics.md are the engine's: values and derivatives of activations and losses,
// and ranges.

import { readFileSync } from "node:fs";
import { type Activation, Graph, type Loss } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { formula, plain } from "../support/formula.js";

const textOf = (name: string) => readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), "utf8");
const page = textOf("reference");

/** Returns value and derivative of a rule in docs/mathematics.md. */
function inMathematics(rule: string): [value: string, slope: string] {
  const [, value = "", slope = ""] = new RegExp(`^\\| \`${rule}\` \\| (.*?) \\| (.*?) \\|$`, "m").exec(
    textOf("mathematics"),
  )!;
  return [plain(value), plain(slope)];
}

/** Returns the cells of a table of the page, row by row, without code marks. */
function rowsOf(table: string): string[][] {
  const [, text = ""] = new RegExp(`<!-- table: ${table} -->([^]*?)<!-- end -->`).exec(page)!;
  const lines = text.trim().split("\n").slice(2);
  return lines.map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll("\\|", "|").replaceAll("`", "")),
  );
}

/** The numbers at which formulas are compared. None is a kink. */
const points = [-5.5, -3.2, -1.7, -1, -0.3, 0.2, 0.9, 1.4, 2.9, 4.1, 5.9];

/** Returns a graph y = activation(x), unit by unit. */
function unitwise(activation: Activation, size: number, loss: Loss = "mse") {
  const graph = new Graph({ inputs: { x: size }, outputs: { y: { size, activation, loss } } });
  graph.connect("x", "y", { kind: "identity" });
  return graph;
}

describe("the activation", () => {
  const rows = rowsOf("activations").filter(([name]) => name !== "softmax");
  it.each(rows)("%s is %s, with the derivative %s", (name, value, slope, _, parameter) => {
    const [, given, number] = /^(\w+) ([\d.]+)/.exec(parameter!) ?? [];
    const own = given === undefined ? {} : { [given]: Number(number) };
    const graph = unitwise(name as Activation, points.length);
    const ys = graph.predict({ x: points }).y!;
    const ones = { y: points.map(() => 1) };
    const slopes = graph.gradients({ x: points }, null, { outputs: ones }).inputs.x!;
    const [λ, α] = name === "selu" ? [1.0507009873554805, 1.6732632423543772] : [1, 1];
    const letters = { λ, α, a: Number(number) };
    const [set, setSlope] = inMathematics(name!);
    for (const [i, x] of points.entries()) {
      const names = { x, y: ys[i]!, ...own, ...letters };
      expect(formula(value!)(names)).toBeCloseTo(ys[i]!, name === "selu" ? 3 : 9);
      expect(formula(slope!)(names)).toBeCloseTo(slopes[i]!, name === "selu" ? 3 : 9);
      expect(formula(set)(names)).toBeCloseTo(ys[i]!, 9);
      expect(formula(setSlope)(names)).toBeCloseTo(slopes[i]!, 9);
    }
  });

  it.each(rows)("%s has the range $3", (name, _value, _slope, range) => {
    const all = Array.from({ length: 20_001 }, (_, i) => (i - 10_000) / 1000).concat(-1e4, 1e4);
    const ys = unitwise(name as Activation, 1).predict({ x: all }).y!;
    const [low, high] = range!
      .replaceAll("−", "-")
      .replace("alpha", "1")
      .match(/-?(?:[\d.]+|∞)/g)!;
    const least = ys.reduce((a, b) => Math.min(a, b));
    const most = ys.reduce((a, b) => Math.max(a, b));
    if (low === "-∞") expect(least).toBeLessThan(-50);
    else expect(least).toBeCloseTo(Number(low), 3);
    if (high === "∞") expect(most).toBeGreaterThan(50);
    else expect(most).toBeCloseTo(Number(high), 3);
  });

  it("softmax has the derivatives y_i (1 − y_i) and −y_i y_j", () => {
    expect(rowsOf("activations").find(([name]) => name === "softmax")![2]).toMatch(
      /^y_i \(1 − y_i\) .*, −y_i y_j /,
    );
    const graph = unitwise("softmax", 3, "crossEntropy");
    const xs = { x: [0.3, -1.2, 0.8] };
    const y = graph.predict(xs).y!;
    const { x } = graph.gradients(xs, null, { outputs: { y: [0, 1, 0] } }).inputs;
    for (const [j, found] of x!.entries()) {
      expect(found).toBeCloseTo(j === 1 ? y[1]! * (1 - y[1]!) : -y[1]! * y[j]!, 14);
    }
  });
});

describe("the loss", () => {
  const rows = rowsOf("losses");
  it.each(rows)("%s is %s, with the derivative %s", (name, text, slope, parameter) => {
    const value = text!.replace(", for each unit", "").replace(/, t being .*$/, "");
    const [, given, number] = /^(\w+) ([\d.]+)/.exec(parameter!) ?? [];
    const own = given === undefined || given === "smoothing" ? {} : { [given]: Number(number) };
    // Logarithms need a y between 0 and 1, and entropy an activation that stays there.
    const isShare = /entropy|kl|poisson/.test(name!);
    const [activation, factor]: [Activation, number] =
      name === "entropy" ? ["hardSigmoid", 6] : ["linear", 1];
    const targets = name === "hinge" ? [-1, 1] : isShare ? [0.2, 0.7] : [-2.1, 0.4];
    if (name === "crossEntropy") return;
    const graph = unitwise(activation, 1, name as Loss);
    const [set, setSlope] = inMathematics(name!);
    for (const t of targets) {
      for (const x of isShare ? [0.3, 0.55, 0.9] : points) {
        const y = graph.predict({ x: [x] }).y![0]!;
        const { cost, inputs } = graph.gradients({ x: [x] }, { y: [t] });
        const names = { y, t, δ: Number(number), ...own };
        for (const one of [value.replace("Σ ", ""), set]) expect(formula(one)(names)).toBeCloseTo(cost, 12);
        for (const one of [slope!, setSlope]) {
          expect(formula(one)(names)).toBeCloseTo(factor * inputs.x![0]!, 12);
        }
      }
    }
  });

  it("crossEntropy has the derivatives of its formula behind softmax", () => {
    const [, text, slope] = rows.find(([name]) => name === "crossEntropy")!;
    const graph = unitwise("softmax", 3, "crossEntropy");
    const [xs, ts] = [{ x: [0.3, -1.2, 0.8] }, { y: [0.2, 0.5, 0.3] }];
    const y = [...graph.predict(xs).y!];
    const { cost, inputs } = graph.gradients(xs, ts);
    const term = formula(text!.replace("Σ ", ""));
    expect(y.reduce((sum, value, i) => sum + term({ y: value, t: ts.y[i]! }), 0)).toBeCloseTo(cost, 14);
    const by = y.map((value, i) => formula(slope!)({ y: value, t: ts.y[i]! }));
    for (const [j, found] of inputs.x!.entries()) {
      const sum = by.reduce((all, d, i) => all + d * y[i]! * ((i === j ? 1 : 0) - y[j]!), 0);
      expect(found).toBeCloseTo(sum, 14);
    }
  });
});
