// Files as PyTorch exports them: test/reference/exports.json has some, with what PyTorch computes.

import { readFileSync } from "node:fs";
import { type Graph, GraphError } from "plexus-nn";
import { fromOnnx } from "plexus-nn/onnx";
import { describe, expect, test } from "vitest";
import { expectClose, expectRefusal } from "../../support/helpers.js";
import type { Tensor } from "./cases.js";

interface Export {
  readonly name: string;
  readonly opset: number;
  readonly file: string;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
}

const { cases } = JSON.parse(
  readFileSync(new URL("../../reference/exports.json", import.meta.url), "utf8"),
) as {
  cases: readonly Export[];
};
const bytes = (file: string) => new Uint8Array(Buffer.from(file, "base64"));

/** Models with operators that no layer computes, or that mix samples; hard swish is an operator from version 14 on. */
const refused: Readonly<Record<string, string>> = {
  "hardswish 16": "HardSwish",
  "log softmax": "LogSoftmax",
  "over the batch": "sums over the batch",
};
const reasonOf = ({ name, opset }: Export) => refused[name] ?? refused[`${name} ${opset}`];

describe("a network as PyTorch exports it", () => {
  test.each(
    cases.filter((one) => reasonOf(one) === undefined).map((one) => [one.name, one.opset, one] as const),
  )("%s, opset %i, predicts the same", (name, _, { file, inputs, outputs }) => {
    const graph = fromOnnx(bytes(file));
    expect(graph.inputs.map((input) => input.name)).toEqual(Object.keys(inputs));
    expect(graph.outputs.map((output) => output.name)).toEqual(Object.keys(outputs));
    expect(graph.precision).toBe(name === "float64" ? "float64" : "float32");
    const xs = Object.fromEntries(Object.entries(inputs).map(([name, { values }]) => [name, values]));
    const found = graph.predict(xs);
    for (const [output, { values }] of Object.entries(outputs)) {
      expectClose(found[output]!, values, name === "float64" ? 1e-12 : 2e-6, output);
    }
  });

  test.each(
    cases.filter((one) => reasonOf(one) !== undefined).map((one) => [one.name, one.opset, one] as const),
  )("%s, opset %i, is refused", (_, __, one) => {
    expectRefusal(() => fromOnnx(bytes(one.file)), "unsupported", reasonOf(one)!);
  });
});

/** Describes a graph by its layers, with size and activation, and its synapses. */
function outline(graph: Graph): string {
  const names = new Map(graph.layers.map((layer, i) => [layer, "abcdefghij"[i]!]));
  const layers = graph.layers.map((layer) => {
    const activation = typeof layer.activation === "string" ? layer.activation : layer.activation.name;
    const own = [layer.norm && "norm", !layer.hasBias && "no bias"]
      .filter(Boolean)
      .map((word) => `, ${word}`);
    return `${names.get(layer)}: ${layer.size} ${activation}${own.join("")}`;
  });
  const synapses = graph.synapses.map(({ from, to, kind, share }) => {
    const how = kind === "identity" ? "=" : share === undefined ? ">" : "~";
    return `${names.get(from)}${how}${names.get(to)}`;
  });
  return [...layers, synapses.sort().join(" ")].join("; ");
}

describe("an export comes out as the natural graph", () => {
  test.each([
    ["relu", "a: 4 linear; b: 6 relu; c: 3 linear; a>b b>c"],
    ["gelu", "a: 4 linear; b: 6 gelu; c: 3 linear; a>b b>c"],
    ["mish", "a: 4 linear; b: 6 mish; c: 3 linear; a>b b>c"],
    ["leakyRelu", "a: 4 linear; b: 6 leakyRelu; c: 3 linear; a>b b>c"],
    ["relu6", "a: 4 linear; b: 6 hardSigmoid; c: 3 linear; a>b b>c"],
    ["layer norm", "a: 4 linear; b: 6 linear; c: 6 linear, norm; d: 3 linear; a>b b=c c>d"],
    ["no bias", "a: 4 linear; b: 5 relu; c: 2 linear, no bias; a>b b>c"],
    ["two inputs", "a: 4 linear; b: 3 linear; c: 3 tanh; d: 2 linear; a>d b>c c>d"],
    ["two outputs", "a: 4 linear; b: 5 relu; c: 2 linear; d: 1 sigmoid; a>b b>c b>d"],
    ["flatten", "a: 6 linear; b: 2 relu; a>b"],
    ["view", "a: 6 linear; b: 2 linear; a>b"],
    ["shared", "a: 4 linear; b: 4 linear; c: 5 tanh; d: 5 tanh; e: 2 linear; a>c b~d c>e d~e"],
  ])("%s", (name, wanted) => {
    for (const { file } of cases.filter((one) => one.name === name))
      expect(outline(fromOnnx(bytes(file)))).toBe(wanted);
  });
});

test("another precision can be asked for", () => {
  const { file, inputs, outputs } = cases.find(({ name }) => name === "gelu")!;
  const graph = fromOnnx(bytes(file), { precision: "float64" });
  expect(graph.precision).toBe("float64");
  expectClose(graph.predict({ in0: inputs.in0!.values }).out0!, outputs.out0!.values, 1e-6, "out0");
  expect(() => fromOnnx(bytes(file), { precision: "float16" as never })).toThrow(GraphError);
});
