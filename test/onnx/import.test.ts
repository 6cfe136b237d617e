// What went out comes in again; and files as other tools write them.

import { Graph } from "plexus-nn";
import { fromOnnx, toOnnx } from "plexus-nn/onnx";
import { describe, expect, test } from "vitest";
import { expectClose, Random, seed } from "../helpers.js";
import { needed, randomGraph, randomRows } from "./graphs.js";

describe("fromOnnx(toOnnx(graph))", () => {
  for (const precision of ["float64", "float32"] as const) {
    test(`predicts as the graph does, in ${precision} (seed ${seed})`, () => {
      const random = new Random(seed + 2);
      for (let i = 0; i < 200; i++) {
        const graph = randomGraph(random, precision);
        const copy = fromOnnx(toOnnx(graph));
        const xs = randomRows(random, graph);
        expect(copy.precision).toBe(precision);
        expect(copy.outputs.map(({ name }) => name)).toEqual(graph.outputs.map(({ name }) => name));
        const [found, wanted] = [copy.predict(needed({ input: copy.inputs }, xs)), graph.predict(xs)];
        for (const [name, values] of Object.entries(wanted)) {
          expectClose(found[name]!, values, precision === "float64" ? 1e-12 : 1e-5, `graph ${i}: ${name}`);
        }
      }
    });

    test(`has the same layers again, in ${precision}`, () => {
      const graph = new Graph<string, string, string>({ seed: 3, precision: precision as "float64" });
      const activations = [
        "sigmoid",
        "tanh",
        "relu",
        "leakyRelu",
        "elu",
        "selu",
        "gelu",
        "silu",
        "mish",
        "softplus",
      ] as const;
      const others = [
        "softsign",
        "hardSigmoid",
        "softmax",
        "exp",
        "sin",
        { name: "elu", alpha: 0.7 },
      ] as const;
      graph.addInput("x", 3);
      [...activations, ...others].forEach((activation, i) => {
        graph.addHidden(`h${i}`, 3, activation);
        graph.connect("x", `h${i}`);
      });
      graph.addOutput("y", 2, { name: "leakyRelu", slope: 0.3 });
      for (const { name } of graph.layers.slice(1, -1)) graph.connect(name, "y");
      const copy = fromOnnx(toOnnx(graph));
      const shape = (g: Graph<string, string, string>) => ({
        layers: g.layers.map(({ name, kind, size, activation }) => ({ name, kind, size, activation })),
        synapses: g.synapses.map(({ from, to }) => `${from.name} → ${to.name}`).sort(),
      });
      expect(shape(copy)).toEqual(shape(graph));
    });
  }
});
