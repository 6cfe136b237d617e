// Matrices that stand for no weights of the file, such as a Slice's or a Concat's, don't learn; those of the file do.

import { fromOnnx } from "plexus-nn/onnx";
import { describe, expect, test } from "vitest";
import { type AnyGraph, Random, seed } from "../../support/helpers.js";
import { input, model, node, tensor } from "./wire.js";

const random = new Random(seed + 12);
const weights = (name: string, ...dims: number[]) =>
  tensor(name, dims, random.numbers(dims.reduce((a, b) => a * b, 1)));
const whole = (name: string, ...values: number[]) => tensor(name, [values.length], values, "int64");
const slice = (from: string, to: string) => node("Slice", [from, "start", "end", "axis"], [to]);
const ends = [whole("start", 1), whole("end", 3), whole("axis", 1)];

/** Returns the learning parts: layers with a bias, and synapses, by the layers that they join. */
function learning(graph: AnyGraph): { biases: string[]; weights: string[] } {
  const { layers, synapses } = graph;
  return {
    biases: layers
      .filter(({ kind, hasBias, frozen }) => kind !== "input" && hasBias && !frozen)
      .map(({ name }) => name),
    weights: synapses
      .filter(({ kind, frozen }) => kind === "dense" && !frozen)
      .map(({ from, to }) => `${from.name} > ${to.name}`),
  };
}

const cases: readonly (readonly [string, readonly unknown[], readonly unknown[], string[], string[]])[] = [
  ["a Slice alone", ends, [slice("x", "y")], [], []],
  ["a Slice with an activation", ends, [slice("x", "s"), node("Relu", ["s"], ["y"])], [], []],
  [
    "a Concat of layers",
    [],
    [node("Tanh", ["x"], ["t"]), node("Concat", ["x", "t"], ["y"], { axis: 1 })],
    [],
    [],
  ],
  [
    "a Concat with a constant",
    [tensor("c", [1, 1], [7])],
    [node("Concat", ["x", "c"], ["y"], { axis: 1 })],
    [],
    [],
  ],
  [
    "a Gather and a Transpose",
    [whole("i", 3, 0, 0)],
    [node("Gather", ["x", "i"], ["y"], { axis: 1 })],
    [],
    [],
  ],
  ["a product with a constant for each unit", [weights("c", 4)], [node("Mul", ["x", "c"], ["y"])], [], []],
  ["a mean", [], [node("ReduceMean", ["x"], ["y"], { keepdims: 1, axes: [1] })], [], []],
  [
    "a Slice before weights",
    [...ends, weights("w", 2, 3), weights("b", 3)],
    [slice("x", "s"), node("Gemm", ["s", "w", "b"], ["y"])],
    ["y"],
    ["s > y"],
  ],
  [
    "a Slice of what weights give",
    [...ends, weights("w", 4, 3), weights("b", 3)],
    [node("Gemm", ["x", "w", "b"], ["h"]), slice("h", "y")],
    ["y"],
    ["x > y"],
  ],
  [
    "a Concat before weights, whose rows are each layer's own",
    [weights("w", 8, 3), weights("b", 3)],
    [
      node("Tanh", ["x"], ["t"]),
      node("Concat", ["x", "t"], ["c"], { axis: 1 }),
      node("Gemm", ["c", "w", "b"], ["y"]),
    ],
    ["y"],
    ["x > y", "t > y"],
  ],
  [
    "a Concat of what weights give",
    [weights("w", 4, 3), weights("b", 3), weights("v", 4, 2)],
    [
      node("Gemm", ["x", "w", "b"], ["g"]),
      node("MatMul", ["x", "v"], ["m"]),
      node("Concat", ["g", "m"], ["c"], { axis: 1 }),
      node("Relu", ["c"], ["y"]),
    ],
    ["g"],
    ["x > g", "x > m"],
  ],
  ["a sum with a constant", [weights("b", 4)], [node("Add", ["x", "b"], ["y"])], ["y"], []],
];

describe(`weights of the file learn, and others do not, PLEXUS_SEED=${seed}`, () => {
  test.each(cases)("%s", (_, tensors, nodes, biases, synapses) => {
    const file = model({ inputs: [input("x", ["N", 4])], tensors, nodes, opset: 13 });
    const graph: AnyGraph = fromOnnx(file);
    expect(learning(graph)).toEqual({ biases, weights: synapses });
    const before = graph.synapses.map(({ weights }) => [...weights]);
    const biasesBefore = graph.layers.map(({ bias }) => [...bias]);
    for (let i = 0; i < 3; i++)
      graph.train({ x: random.numbers(4) }, { y: random.numbers(graph.layer("y").size) });
    for (const [i, { weights, frozen, kind }] of graph.synapses.entries()) {
      if (frozen || kind === "identity") expect([...weights]).toEqual(before[i]);
    }
    for (const [i, { bias, kind, frozen }] of graph.layers.entries()) {
      if (frozen && kind !== "input") expect([...bias]).toEqual(biasesBefore[i]);
    }
  });
});
