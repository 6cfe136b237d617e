// Graphs of shapes and of every kind of synapse, against the values in reference/maps.json.

import { readFileSync } from "node:fs";
import { Graph, type SynapseKind, type SynapseOptions } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, expectClose } from "../support/helpers.js";
import { type MapCase, mapGraph } from "../support/mapcases.js";

interface ConvCase {
  readonly kind: SynapseKind;
  readonly from: number[];
  readonly to: number[];
  readonly options: SynapseOptions;
  readonly shape: number[];
  readonly w: number[];
  readonly x: number[][];
  readonly y: number[][];
  readonly dy: number[][];
  readonly dx: number[][];
  readonly dw: number[];
}

const here = new URL("../reference/maps.json", import.meta.url);
const { graphs, convs } = JSON.parse(readFileSync(here, "utf8")) as {
  graphs: MapCase[];
  convs: ConvCase[];
};

describe.each([
  ["float64", 1e-10],
  ["float32", 1e-4],
] as const)("in %s", (precision, tolerance) => {
  it.each(graphs)("$name has the reference values", (given) => {
    const graph = mapGraph(given, precision);
    const owners = given.synapses.flatMap(({ weights }, i) => (weights === undefined ? [] : [i]));
    expect(given.steps).toHaveLength(3);
    given.steps.forEach(({ xs, ts, cost, predict, gradients, after }, i) => {
      const near = (found: ArrayLike<number>, wanted: number[], what: string) =>
        expectClose(found, wanted, tolerance, `step ${i}, ${what}`);
      const ys = graph.predict(xs);
      for (const [name, rows] of Object.entries(predict)) near(ys[name]!, rows.flat(), name);
      const found = graph.gradients(xs, ts);
      near([found.cost], [cost], "cost");
      for (const part of ["bias", "gain"] as const) {
        for (const [name, values] of Object.entries(gradients[part])) {
          near(found[part][name]!, values, `gradient of the ${part} of ${name}`);
        }
      }
      expect(Object.keys(found.inputs).sort()).toEqual(Object.keys(gradients.inputs).sort());
      for (const [name, rows] of Object.entries(gradients.inputs)) {
        near(found.inputs[name]!, rows.flat(), `gradient of the input ${name}`);
      }
      expect(found.weights).toHaveLength(owners.length);
      owners.forEach((k, place) => {
        const { values, shape } = found.weights[place]!;
        expect(shape).toEqual(given.synapses[k]!.shape);
        near(values, gradients.weights[k]!, `gradient of synapse ${k}`);
      });
      near([graph.train(xs, ts)], [cost], "cost of the step");
      for (const part of ["bias", "gain"] as const) {
        for (const [name, values] of Object.entries(after[part])) {
          near(graph.layer(name)[part]!, values, `${part} of ${name}`);
        }
      }
      for (const k of owners) near(graph.synapses[k]!.weights, after.weights[k]!, `weights of ${k}`);
    });
    graph.dispose();
  });

  it.each(convs)("a $kind from $from to $to has PyTorch's values", (given) => {
    const { kind, from, to, options, shape, w, x, y, dy, dx, dw } = given;
    const graph: AnyGraph = new Graph({ precision });
    graph.addInput("x", from, "linear", { bias: false });
    graph.addOutput("y", to, "linear", "mse", { bias: false });
    const values = w.length === 0 ? {} : { init: { values: w } };
    const synapse = graph.connect("x", "y", { kind, ...options, ...values });
    if (w.length > 0) expect(synapse.shape).toEqual(shape);
    expectClose(graph.predict({ x }).y!, y.flat(), tolerance, "y");
    const found = graph.gradients({ x }, null, { outputs: { y: dy } });
    expectClose(found.inputs.x!, dx.flat(), tolerance, "dx");
    if (w.length > 0) expectClose(found.weights[0]!.values, dw, tolerance, "dw");
    graph.dispose();
  });
});
