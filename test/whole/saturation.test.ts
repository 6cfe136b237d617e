// Outputs at their limits: cost and gradients stay finite and right.

import { type Activation, Graph, type Loss, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { expectClose, filed } from "../support/helpers.js";

/** Makes an output of given pre-activations, which are its inputs. */
function through(size: number, activation: Activation, loss: Loss, precision: Precision = "float64") {
  const plain = new Graph<string, string, string, Precision>({ seed: 1, precision });
  plain.addInput("x", size);
  plain.addOutput("y", size);
  plain.connect("x", "y", { kind: "identity" });
  // By a file, which may have pairs that no call declares.
  const graph = filed(plain, "y", activation, loss);
  return (z: number[], t: number[]) => {
    const { cost, inputs } = graph.gradients({ x: z }, { y: t });
    expect(graph.evaluate({ x: z }, { y: t }).cost).toBe(cost);
    return { cost, dz: [...inputs.x!], y: [...graph.predict({ x: z }).y!] };
  };
}

const precisions = [
  ["float64", 1e-15],
  ["float32", 1e-6],
] as const;

describe.each(precisions)(
  "entropy on saturated sigmoid is finite and right in %s",
  (precision, tolerance) => {
    const at = through(1, "sigmoid", "entropy", precision);

    // z, t, cost, gradient: max(z, 0) - tz + log1p(e^-|z|), and y - t.
    it.each([
      [40, 1, 4.248354255291589e-18, -4.248354255291589e-18],
      [40, 0, 40, 1],
      [-40, 0, 4.248354255291589e-18, 4.248354255291589e-18],
      [-40, 1, 40, -1],
      [800, 1, 0, 0],
      [800, 0, 800, 1],
      [-800, 1, 800, -1],
      [-800, 0, 0, 0],
      [800, 0.25, 600, 0.75],
      [-800, 0.25, 200, -0.25],
      [0, 0.5, Math.LN2, 0],
      [1e30, 0, 1e30, 1],
      [-1e30, 1, 1e30, -1],
    ])("at %d towards %d", (z, t, cost, gradient) => {
      const found = at([z], [t]);
      expectClose([found.cost], [cost], tolerance, "cost");
      expectClose(found.dz, [gradient], tolerance, "gradient");
      expect(found.y.every((y) => y >= 0 && y <= 1)).toBe(true);
    });

    it("has a cost and a gradient where y is 1 to the last bit", () => {
      const { cost, dz, y } = at([60], [0]);
      expect(y).toEqual([1]);
      expect(cost).toBe(60);
      expect(dz).toEqual([1]);
    });

    it("tells small costs apart", () => {
      // log1p(e^-z) is e^-z there, far below the spacing of numbers near 1.
      for (const z of [20, 30, 50, 80]) {
        const { cost } = at([z], [1]);
        expect(Math.abs(cost / Math.exp(-z) - 1)).toBeLessThan(precision === "float64" ? 1e-8 : 1e-5);
      }
    });
  },
);

describe.each(precisions)(
  "crossEntropy on saturated softmax is finite and right in %s",
  (precision, tolerance) => {
    const at = through(3, "softmax", "crossEntropy", precision);

    it.each<[number[], number[], number, number[]]>([
      [[40, 0, -40], [1, 0, 0], Math.log1p(Math.exp(-40)), [-Math.exp(-40), Math.exp(-40), 0]],
      [[40, 0, -40], [0, 0, 1], 80, [1, 0, -1]],
      [[800, 0, -800], [1, 0, 0], 0, [0, 0, 0]],
      [[800, 0, -800], [0, 1, 0], 800, [1, -1, 0]],
      [[800, 0, -800], [0, 0, 1], 1600, [1, 0, -1]],
      [[-800, -800, -800], [0, 1, 0], Math.log(3), [1 / 3, -2 / 3, 1 / 3]],
      [[800, 800, 800], [0.5, 0.5, 0], Math.log(3), [1 / 3 - 0.5, 1 / 3 - 0.5, 1 / 3]],
      [[1e30, 0, 0], [0, 0, 1], 1e30, [1, 0, -1]],
      // Targets that don't sum to 1: y · Σt - t.
      [[0, 0, 0], [1, 1, 0], 2 * Math.log(3), [2 / 3 - 1, 2 / 3 - 1, 2 / 3]],
      [[800, 0, 0], [0.25, 0.25, 0], 200, [0.5 - 0.25, -0.25, 0]],
      [[800, 0, -800], [0, 0, 0], 0, [0, 0, 0]],
    ])("at %j towards %j", (z, t, cost, gradient) => {
      const found = at(z, t);
      expectClose([found.cost], [cost], tolerance, "cost");
      expectClose(found.dz, gradient, tolerance, "gradient");
      expectClose([found.y.reduce((a, b) => a + b)], [1], tolerance, "the sum of y");
    });
  },
);

describe("other pairs", () => {
  it("0 · ln 0 is 0, and logarithms are bounded below by -100: entropy on softmax", () => {
    const at = through(2, "softmax", "entropy");
    expect(at([800, -800], [1, 0]).cost).toBe(0);
    expect(at([800, -800], [0, 0]).cost).toBe(100);
    expect(at([800, -800], [0, 1]).cost).toBe(200);
    expect(at([800, -800], [0.5, 1]).cost).toBe(150);
  });

  it("0 · ln 0 is 0, and logarithms are bounded below by -100: crossEntropy on sigmoid", () => {
    const at = through(2, "sigmoid", "crossEntropy");
    expect(at([-800, 800], [0, 1]).cost).toBe(0);
    expect(at([-800, 800], [1, 1]).cost).toBe(100);
    expect(at([-800, -800], [0.25, 0.5]).cost).toBe(75);
  });

  it.each<[Activation, Loss]>([
    ["softmax", "entropy"],
    ["sigmoid", "crossEntropy"],
    ["sigmoid", "mse"],
    ["softmax", "mse"],
    ["tanh", "mse"],
    ["relu", "mse"],
  ])("%s with %s is finite at ±40, ±800 and 0", (activation, loss) => {
    for (const precision of ["float64", "float32"] as const) {
      const at = through(3, activation, loss, precision);
      for (const size of [40, 800]) {
        for (const z of [
          [size, 0, -size],
          [size, size, size],
          [-size, -size, -size],
          [0, 0, 0],
        ]) {
          for (const t of [
            [1, 0, 0],
            [0, 0, 1],
            [0, 0, 0],
            [1, 1, 1],
            [0.5, 0.25, 0.25],
          ]) {
            const { cost, dz, y } = at(z, t);
            expect([cost, ...dz, ...y].every(Number.isFinite)).toBe(true);
          }
        }
      }
    }
  });

  it("divisors are bounded below by 1e-12", () => {
    // One unit: softmax is 1 whatever comes in, and its J is 0; y (1 - y) is 0 where it divides.
    expect(through(1, "softmax", "entropy")([7], [0]).dz).toEqual([0]);
    // -t / y at y = e^-40, which is below the bound: -1 / 1e-12, through y (1 - y).
    const y = Math.exp(-40);
    expectClose(through(1, "sigmoid", "crossEntropy")([-40], [1]).dz, [-y / 1e-12], 1e-15, "gradient");
    // And above it: the bound does nothing.
    expectClose(
      through(1, "sigmoid", "crossEntropy")([-20], [1]).dz,
      [-1 / (1 + Math.exp(-20))],
      1e-12,
      "gradient",
    );
  });

  it("what comes back from further layers goes through the saturated unit's J", () => {
    const graph: Graph = new Graph({ seed: 1 });
    graph.addInput("x", 1);
    graph.addOutput("y", 1);
    graph.addOutput("z", 1, "linear");
    graph.connect("x", "y").weights[0] = 1;
    graph.connect("y", "z").weights[0] = 5;
    const { cost, inputs } = graph.gradients({ x: [800] }, { y: [0], z: [0] });
    expect(cost).toBe(825);
    expect([...inputs.x!]).toEqual([1]);
  });

  it("training goes on from saturation", () => {
    const graph: Graph = new Graph({ seed: 1, optimizer: { name: "sgd", rate: 10 } });
    graph.addInput("x", 1);
    graph.addOutput("y", 1);
    graph.connect("x", "y").weights[0] = 800;
    for (let i = 0; i < 200; i++) graph.train({ x: [1] }, { y: [0] });
    expect(graph.predict({ x: [1] }).y![0]).toBeLessThan(0.01);
  });
});
