// Convolutional networks as PyTorch exports them: test/reference/convnets.json has some, with what PyTorch computes.

import { readFileSync } from "node:fs";
import type { Graph, Layer } from "plexus-nn";
import { fromOnnx, obstacles } from "plexus-nn/onnx";
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
  readFileSync(new URL("../../reference/convnets.json", import.meta.url), "utf8"),
) as {
  cases: readonly Export[];
};
const bytes = (file: string) => new Uint8Array(Buffer.from(file, "base64"));

const refused: Readonly<Record<string, string>> = {
  bilinear: "linear, and mixes neighbours",
  "three dimensions": "3 dimensions",
};

/** Networks whose images have their channels last in the file, too. */
const last: ReadonlySet<string> = new Set(["channels last", "channels last to the end"]);

/** Returns values in the order of the graph: of an image, with the channels last. */
function ordered({ shape }: Layer, tensor: Tensor, isLast: boolean): readonly number[] {
  if (shape.length === 1 || isLast) return tensor.values;
  const [rows, channels, ...extents] = tensor.shape as [number, number, ...number[]];
  expect(shape).toEqual([...extents, channels]);
  const positions = extents.reduce((a, b) => a * b, 1);
  return Array.from({ length: rows * channels * positions }, (_, i) => {
    const [channel, position] = [i % channels, Math.floor(i / channels) % positions];
    return tensor.values[
      (Math.floor(i / (channels * positions)) * channels + channel) * positions + position
    ]!;
  });
}

const good = cases
  .filter(({ name }) => refused[name] === undefined)
  .map((one) => [one.name, one.opset, one] as const);

describe("a convolutional network as PyTorch exports it", () => {
  test.each(good)("%s, opset %i, predicts the same, channels last", (name, _, { file, inputs, outputs }) => {
    const graph = fromOnnx(bytes(file));
    expect(obstacles(bytes(file))).toEqual([]);
    expect(graph.precision).toBe(name === "float64" ? "float64" : "float32");
    const isLast = last.has(name);
    const xs = Object.entries(inputs).map(([input, tensor]) => [
      input,
      ordered(graph.layer(input), tensor, isLast),
    ]);
    const found = graph.predict(Object.fromEntries(xs));
    for (const [output, tensor] of Object.entries(outputs)) {
      const wanted = ordered(graph.layer(output), tensor, isLast);
      expectClose(found[output]!, wanted, name === "float64" ? 1e-12 : 5e-6, output);
    }
  });

  test.each(good)(
    "%s, opset %i, predicts the same in the file's order",
    (name, _, { file, inputs, outputs }) => {
      const graph = fromOnnx(bytes(file), { layout: "nchw" });
      const xs = Object.fromEntries(Object.entries(inputs).map(([input, { values }]) => [input, values]));
      const found = graph.predict(xs);
      for (const [output, { values }] of Object.entries(outputs))
        expectClose(found[output]!, values, name === "float64" ? 1e-12 : 5e-6, output);
    },
  );

  test.each(cases.filter(({ name }) => refused[name]).map((one) => [one.name, one.opset, one] as const))(
    "%s, opset %i, is refused",
    (name, _, { file }) => {
      expectRefusal(() => fromOnnx(bytes(file)), "unsupported", refused[name]!);
    },
  );
});

/** Describes a graph by its layers, with shape and activation, and the kinds of its synapses. */
function outline(graph: Graph): string {
  const layers = graph.layers.map(({ shape, activation, norm }) => {
    const rule = typeof activation === "string" ? activation : activation.name;
    return `${shape.join("×")} ${rule}${norm === undefined ? "" : `, ${norm === "layer" ? norm : norm.groups}`}`;
  });
  const synapses = graph.synapses.map(({ kind, share, frozen }) => {
    return `${frozen ? "frozen " : ""}${kind}${share === undefined ? "" : " shared"}`;
  });
  return `${layers.join("; ")}: ${synapses.join(", ")}`;
}

describe("an export comes out as the natural graph", () => {
  test.each([
    [
      "lenet",
      "10×12×1 linear; 8×10×3 relu; 4×5×3 linear; 3×4×4 relu; 1×2×4 linear; 5 softmax: conv, maxPool, conv, maxPool, dense",
    ],
    [
      "separable",
      "5×7×3 linear; 3×4×4 hardSigmoid; 3×4×4 hardSigmoid; 3×4×6 silu; 6 linear; 3 linear: conv, conv, conv, averagePool, dense",
    ],
    [
      "residual",
      "5×7×3 linear; 3×5×4 linear; 3×5×4 relu; 3×5×4 relu; 3×5×4 relu; 3×5×4 relu; 4 linear: conv, conv, identity, conv, conv, identity, conv, maxPool",
    ],
    [
      "decoder",
      "4 linear; 2×3×2 relu; 4×6×4 relu; 8×12×4 linear; 8×12×3 sigmoid: dense, convTranspose, upsample, conv",
    ],
    [
      "norms",
      "5×7×3 linear; 3×5×4 linear; 3×5×4 relu, 2; 2×4×6 linear; 2×4×6 gelu, 6; 2×4×6 linear, layer; 2×4×2 linear: conv, identity, conv, identity, identity, conv",
    ],
    [
      "siamese",
      "5×7×3 linear; 5×7×3 linear; 3×5×2 relu; 3×5×2 relu; 3×5×2 relu; 3×5×2 relu; 2 linear: conv, conv shared, identity, frozen oneToOne, frozen oneToOne, identity, dense, dense shared",
    ],
    [
      "wave",
      "11×2 linear; 11×4 relu; 5×4 linear; 3×3 elu; 3 linear; 3×2 linear: conv, maxPool, conv, averagePool, convTranspose",
    ],
    ["words", "6 linear; 6×4 linear; 4×5 relu; 5 linear; 2 linear: embedding, conv, maxPool, dense"],
    ["channels last", "5×7×3 linear; 4×6×4 relu; 2×3×4 linear: conv, maxPool"],
  ])("%s", (name, wanted) => {
    for (const { file } of cases.filter((one) => one.name === name))
      expect(outline(fromOnnx(bytes(file)))).toBe(wanted);
  });
});
