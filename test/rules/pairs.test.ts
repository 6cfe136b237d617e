// Activations and losses that don't go together: each refusal names pairs that do.

import { type Activation, Graph, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { activations } from "../../src/rules/activation.js";
import { type AnyGraph, everything, expectRefusal, filed } from "../support/helpers.js";

const names = Object.keys(activations) as Activation[];
const make = (): AnyGraph => new Graph({ seed: 1, inputs: { x: 2 } });

describe("crossEntropy", () => {
  it.each(names.filter((name) => name !== "softmax"))("is refused on %s", (activation) => {
    const graph = make();
    const before = everything(graph);
    for (const loss of ["crossEntropy", { name: "crossEntropy", smoothing: 0.1 }] as const) {
      for (const size of [1, 3]) {
        const add = () => graph.addOutput("y", size, activation, loss);
        expectRefusal(add, "bad-option", '"y"', '"crossEntropy"', activation, '"softmax"', '"entropy"', '"sigmoid"'); // biome-ignore format: a list
        const outputs = { y: { size, activation, loss } };
        expectRefusal(() => new Graph({ outputs }), "bad-option", '"y"', '"softmax"', '"entropy"');
      }
    }
    expect(everything(graph)).toBe(before);
  });

  it("is refused on the sigmoid that is there by default", () => {
    expectRefusal(() => new Graph({ outputs: { y: { size: 1, loss: "crossEntropy" } } }), "bad-option", '"entropy"'); // biome-ignore format: a list
    expectRefusal(() => make().addOutput("y", 4, undefined, "crossEntropy"), "bad-option", '"entropy"');
  });

  it("stays with softmax", () => {
    expect(make().addOutput("y", 2, "softmax", "crossEntropy").loss).toBe("crossEntropy");
  });
});

describe("softmax of one unit", () => {
  it("is refused in an input, a hidden layer and an output, by call and in a declaration", () => {
    const graph = make();
    const before = everything(graph);
    const calls = [
      () => graph.addInput("z", 1, "softmax"),
      () => graph.addHidden("z", 1, "softmax"),
      () => graph.addOutput("z", 1, "softmax"),
      () => graph.addOutput("z", 1, "softmax", "mse"),
      () => new Graph({ inputs: { z: { size: 1, activation: "softmax" } } }),
      () => new Graph({ hidden: { z: { size: 1, activation: "softmax" } } }),
      () => new Graph({ outputs: { z: { size: 1, activation: "softmax" } } }),
    ];
    for (const call of calls) expectRefusal(call, "bad-option", '"z"', '"softmax"', '"sigmoid"', "two units");
    expect(everything(graph)).toBe(before);
  });

  it("names the loss of the other activation, where there is one", () => {
    expectRefusal(() => make().addOutput("y", 1, "softmax", "crossEntropy"), "bad-option", '"entropy"');
  });
});

describe("entropy", () => {
  it.each(names.filter((name) => !activations[name].bounded))("is refused on %s", (activation) => {
    expectRefusal(() => make().addOutput("y", 1, activation, "entropy"), "bad-option", '"sigmoid"', '"mse"');
  });
});

describe("a file of an earlier release", () => {
  const xs = { x: [[1, 2], [3, -4]] }; // biome-ignore format: a matrix
  const declared = (size: number, precision: Precision = "float64"): AnyGraph =>
    new Graph({ seed: 4, precision, inputs: { x: 2 }, outputs: { y: size }, synapses: [["x", "y"]] });

  it.each(["float64", "float32"] as const)("loads, predicts, trains and saves as it did: %s", (precision) => {
    const old = filed(declared(2, precision), "y", "sigmoid", "crossEntropy");
    expect(old.layer("y").loss).toBe("crossEntropy");
    expect(old.predict(xs)).toEqual(declared(2, precision).predict(xs));
    for (const copy of [
      old.clone(),
      Graph.load(old.save()),
      Graph.fromJSON(JSON.parse(JSON.stringify(old))),
    ]) {
      expect(JSON.stringify(copy)).toBe(JSON.stringify(old));
      expect(copy.train(xs, { y: [1, 0, 0, 1] })).toBe(old.clone().train(xs, { y: [1, 0, 0, 1] }));
    }
    const one = filed(declared(1, precision), "y", "softmax", "crossEntropy");
    expect([...one.predict(xs).y!]).toEqual([1, 1]);
    expect([...Graph.load(one.save()).predict(xs).y!]).toEqual([1, 1]);
  });

  it("is refused where values leave [0, 1]", () => {
    for (const loss of ["entropy", "crossEntropy"] as const)
      expectRefusal(() => filed(declared(2), "y", "linear", loss), "bad-file", "layers[1]", '"y"');
  });
});
