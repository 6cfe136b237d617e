// Graphs of shapes and of every kind of synapse, whose axes all differ, with values for them.

import { Graph, type Precision, Scaler } from "plexus-nn";
import type { Random } from "../../support/helpers.js";

export type MapGraph = Graph<string, string, string, Precision>;

/** Builds a graph, whose image is 5 × 7 × 3 if it has one. */
type Build = (graph: MapGraph) => void;

const image: Build = (graph) => {
  graph.addInput("image", [5, 7, 3]);
};
const end = (graph: MapGraph, from: string) => {
  graph.addOutput("y", 4, "softmax");
  graph.connect(from, "y");
};
const chain =
  (...parts: readonly Build[]): Build =>
  (graph) => {
    for (const part of parts) part(graph);
  };
const image_ = (part: Build) => chain(image, part);

/** The graphs by name. */
export const builds: Readonly<Record<string, Build>> = {
  "a conv and a dense one": image_((graph) => {
    graph.addHidden("c", [3, 5, 4], "relu");
    graph.connect("image", "c", { kind: "conv", kernel: 3 });
    end(graph, "c");
  }),
  "stride, dilation, padding": image_((graph) => {
    graph.addHidden("c", [4, 3, 6], "tanh");
    graph.connect("image", "c", {
      kind: "conv",
      kernel: [2, 3],
      stride: [1, 2],
      dilation: [2, 1],
      padding: [[1, 0], 0],
    });
    graph.addOutput("y", [4, 3, 2], "linear");
    graph.connect("c", "y", { kind: "conv", kernel: 1 });
  }),
  "a depthwise conv, two channels each": image_((graph) => {
    graph.addHidden("c", [5, 7, 6], "relu");
    graph.connect("image", "c", { kind: "conv", kernel: 3, groups: 3 });
    end(graph, "c");
  }),
  "a conv beside a dense one, an identity and a one-to-one": image_((graph) => {
    graph.addInput("z", 2);
    graph.addHidden("c", [5, 7, 3], "relu");
    graph.connect("image", "c", { kind: "conv", kernel: 3 });
    graph.connect("image", "c", { kind: "identity", name: "same" });
    graph.connect("image", "c", { kind: "oneToOne", name: "scaled" });
    graph.connect("z", "c");
    graph.addHidden("flat", 105, "linear");
    graph.connect("c", "flat", { kind: "identity" });
    graph.connect("c", "flat", { kind: "oneToOne", name: "each" });
    graph.addOutput("y", [7, 5, 3], "linear");
    graph.connect("flat", "y", { kind: "identity" });
    graph.connect("c", "y", { kind: "oneToOne" });
  }),
  "biases for each unit": image_((graph) => {
    graph.addHidden("c", [3, 5, 4], "relu", {
      bias: Float64Array.from({ length: 60 }, (_, i) => i / 30 - 1),
    });
    graph.connect("image", "c", { kind: "conv", kernel: 3 });
    end(graph, "c");
  }),
  pools: image_((graph) => {
    graph.addHidden("a", [3, 4, 3], "linear");
    graph.connect("image", "a", { kind: "averagePool", kernel: 3, stride: 2, padding: 1 });
    graph.addHidden("b", [3, 4, 3], "linear");
    graph.connect("image", "b", {
      kind: "averagePool",
      kernel: 3,
      stride: 2,
      padding: [[2, 0], 1],
      countPadding: true,
    });
    graph.addHidden("m", [3, 4, 3], "relu");
    graph.connect("image", "m", { kind: "maxPool", kernel: [3, 2], stride: 2, padding: [1, [0, 1]] });
    graph.addOutput("y", [3, 4, 3], "linear");
    for (const from of ["a", "b", "m"]) graph.connect(from, "y", { kind: "oneToOne" });
  }),
  "pools with dilation": image_((graph) => {
    graph.addHidden("a", [3, 3, 3], "linear");
    graph.connect("image", "a", {
      kind: "averagePool",
      kernel: 2,
      stride: [1, 2],
      dilation: 2,
      padding: [0, [1, 0]],
    });
    graph.addHidden("m", [3, 3, 3], "linear");
    graph.connect("image", "m", {
      kind: "maxPool",
      kernel: 2,
      stride: [1, 2],
      dilation: 2,
      padding: [0, [1, 0]],
    });
    graph.addOutput("y", [3, 3, 3], "linear");
    for (const from of ["a", "m"]) graph.connect(from, "y", { kind: "identity" });
  }),
  "global pools, and their way back": image_((graph) => {
    graph.addHidden("a", 3, "linear");
    graph.connect("image", "a", { kind: "averagePool" });
    graph.addHidden("m", 3, "tanh");
    graph.connect("image", "m", { kind: "maxPool" });
    graph.addHidden("s", 3, "sigmoid");
    graph.connect("a", "s");
    graph.connect("m", "s");
    graph.addOutput("y", [5, 7, 3], "linear", "mse", { join: "product" });
    graph.connect("image", "y", { kind: "identity" });
    graph.connect("s", "y", { kind: "upsample" });
  }),
  "a tied decoder": image_((graph) => {
    graph.addHidden("c", [3, 3, 4], "relu");
    const shared = graph.connect("image", "c", {
      kind: "conv",
      kernel: [2, 3],
      stride: 2,
      padding: [[0, 1], 0],
    });
    graph.addOutput("y", [5, 7, 3], "sigmoid");
    graph.connect("c", "y", {
      kind: "convTranspose",
      kernel: [2, 3],
      stride: 2,
      padding: [[0, 1], 0],
      share: shared,
    });
  }),
  "a decoder of a plain layer": (graph) => {
    graph.addInput("code", 6);
    graph.addHidden("a", [2, 3, 4], "relu");
    graph.connect("code", "a", { kind: "convTranspose", kernel: [2, 3], groups: 2 });
    graph.addHidden("b", [4, 6, 4], "linear");
    graph.connect("a", "b", { kind: "upsample" });
    graph.addHidden("d", [4, 6, 4], "linear");
    graph.connect("code", "d");
    graph.connect("b", "d", { kind: "identity" });
    graph.addOutput("y", [9, 12, 2], "linear");
    graph.connect("d", "y", { kind: "convTranspose", kernel: 3, stride: 2, padding: [0, [1, 1]] });
    graph.addOutput("w", 5, "linear");
    graph.connect("a", "w", { kind: "conv", kernel: [2, 3] });
  },
  "a plain layer before windows of one and of two dimensions": (graph) => {
    graph.addInput("code", 6);
    graph.addOutput("y", [3, 6], "linear");
    graph.connect("code", "y", { kind: "upsample" });
    graph.addOutput("z", [2, 3, 4], "linear");
    graph.connect("code", "z", { kind: "convTranspose", kernel: [2, 3] });
  },
  "a window in padding alone": (graph) => {
    graph.addInput("x", [1, 3]);
    graph.addOutput("y", 2, "linear");
    graph.connect("x", "y", { kind: "conv", kernel: 1, stride: 6, padding: [[2, 1]] });
    graph.connect("x", "y", { name: "dense" });
  },
  "one dimension": (graph) => {
    graph.addInput("x", [11, 3]);
    graph.addHidden("c", [11, 4], "gelu");
    graph.connect("x", "c", { kind: "conv", kernel: 3, padding: [[2, 0]] });
    graph.addHidden("p", [5, 4], "relu");
    graph.connect("c", "p", { kind: "maxPool", kernel: 3, stride: 2 });
    graph.addOutput("y", [10, 4], "softmax");
    graph.connect("p", "y", { kind: "upsample" });
  },
  "softmax over channels": image_((graph) => {
    graph.addOutput("y", [5, 7, 4], "softmax");
    graph.connect("image", "y", { kind: "conv", kernel: 3 });
  }),
  "norms over channels": image_((graph) => {
    graph.addHidden("c", [5, 7, 4], "relu", { norm: { name: "group", groups: 2 } });
    graph.connect("image", "c", { kind: "conv", kernel: 3 });
    graph.addHidden("d", [5, 7, 4], "tanh", { norm: "layer" });
    graph.connect("c", "d", { kind: "conv", kernel: 3, groups: 2 });
    graph.addHidden("e", [5, 7, 4], "linear", {
      norm: { name: "group", groups: 4 },
      bias: new Float64Array(140),
    });
    graph.connect("d", "e", { kind: "identity" });
    graph.addHidden("p", 12, "linear", { norm: { name: "group", groups: 3 } });
    graph.connect("e", "p");
    end(graph, "p");
  }),
  "a sparse one and gathers": (graph) => {
    graph.addInput("x", 6);
    graph.addHidden("s", 5, "tanh");
    graph.connect("x", "s", { kind: "sparse", density: 0.3 });
    graph.addHidden("t", [2, 2, 3], "linear");
    graph.connect("s", "t", { kind: "gather", units: [0, 1, -1, 3, 4, 4, 2, -1, 0, 1, 2, 3] });
    graph.connect("x", "t", {
      kind: "sparse",
      connections: [
        [0, 11],
        [5, 2],
        [3, 3],
      ],
    });
    graph.addOutput("y", 4, "linear");
    graph.connect("t", "y", { kind: "gather", units: [11, 5, 0, 7] });
    graph.connect("t", "y", { name: "all" });
  },
  "class numbers, wide and deep": (graph) => {
    graph.addInput("ids", 3, "linear", { classes: 9 });
    graph.addInput("x", 2);
    graph.addHidden("e", [3, 4], "linear");
    graph.connect("ids", "e", { kind: "embedding" });
    graph.addHidden("f", 6, "tanh");
    const table = graph.connect("ids", "f", { kind: "embedding" });
    graph.addHidden("g", 6, "relu");
    graph.connect("ids", "g", { kind: "embedding", share: table });
    graph.addHidden("c", [2, 5], "relu");
    graph.connect("e", "c", { kind: "conv", kernel: 2 });
    graph.addOutput("y", 2, "linear");
    for (const from of ["c", "f", "g", "x"]) graph.connect(from, "y");
  },
  "inputs with biases and activations": (graph) => {
    graph.addInput("image", [5, 7, 3], "tanh", { bias: [0.1, -0.2, 0.3] });
    graph.addHidden("c", [5, 7, 3], "linear");
    graph.connect("image", "c", { kind: "conv", kernel: 3 });
    end(graph, "c");
  },
  "an output that others hear": image_((graph) => {
    graph.addOutput("c", [3, 5, 4], "relu");
    graph.connect("image", "c", { kind: "conv", kernel: 3 });
    graph.addOutput("d", [3, 5, 4], "linear", "mse", { bias: false });
    graph.connect("c", "d", { kind: "identity" });
    end(graph, "c");
    graph.connect("d", "y");
  }),
  scalers: image_((graph) => {
    graph.addOutput("c", [3, 5, 4], "linear");
    graph.connect("image", "c", { kind: "conv", kernel: 3 });
    graph.scale(
      "image",
      Scaler.fit(
        [
          [1, 2, 3],
          [4, 7, 1],
          [0, 2, 9],
        ],
        3,
      ),
    );
    graph.scale(
      "c",
      Scaler.fit(
        [
          [1, 2, 3, 4],
          [4, 7, 1, 1],
        ],
        4,
      ),
    );
    end(graph, "c");
  }),
};

/** Graphs with steps, by name. */
export const stepped: Readonly<Record<string, Build>> = {
  "frames, and an earlier one": image_((graph) => {
    graph.addHidden("c", [3, 5, 4], "relu", { norm: { name: "group", groups: 2 } });
    graph.connect("image", "c", { kind: "conv", kernel: 3 });
    graph.connect("image", "c", { kind: "conv", kernel: 3, delay: 2, name: "before" });
    graph.addOutput("y", [3, 5, 4], "linear");
    graph.connect("c", "y", { kind: "identity" });
    graph.connect("c", "y", { kind: "conv", kernel: 1, at: "last", name: "end" });
    graph.addOutput("w", 2, "linear");
    graph.connect("c", "w", { at: "last" });
  }),
  "a loop of convs": image_((graph) => {
    graph.addInput("z", 2, "linear", { time: false });
    graph.addHidden("h", [3, 5, 4], "tanh");
    graph.connect("image", "h", { kind: "conv", kernel: 3 });
    graph.connect("z", "h");
    graph.connect("h", "h", { kind: "conv", kernel: 3, delay: 1 });
    graph.addOutput("y", [3, 5, 4], "softmax");
    graph.connect("h", "y", { kind: "identity" });
    graph.connect("y", "h", { kind: "oneToOne", delay: 2 });
    graph.addOutput("w", 2, "linear");
    graph.connect("h", "w");
  }),
  "words one after the other": (graph) => {
    graph.addInput("ids", 1, "linear", { classes: 7 });
    graph.addHidden("e", 4, "linear");
    graph.connect("ids", "e", { kind: "embedding" });
    graph.addLstm("cell", 5, "e");
    graph.addOutput("y", 3, "linear");
    graph.connect("cell", "y");
  },
};

/** Returns a graph of a build, whose biases and gains are random. */
export function built(random: Random, name: string, precision: Precision): MapGraph {
  const graph: MapGraph = new Graph<string, string, string, Precision>({
    seed: random.whole(0, 1e6),
    precision,
  });
  (builds[name] ?? stepped[name]!)(graph);
  for (const { kind, hasBias, bias, gain, classes } of graph.layers) {
    if (kind !== "input" && hasBias && classes === undefined) bias.set(random.numbers(bias.length));
    gain?.set(random.numbers(gain.length));
  }
  return graph;
}

/** Returns values for the inputs of a graph: class numbers, or numbers, flat. */
export function valuesFor(
  random: Random,
  graph: MapGraph,
  rows: number,
  steps = 1,
): Record<string, number[]> {
  return Object.fromEntries(
    graph.inputs.map(({ name, size, classes, time }) => {
      const count = rows * size * (time ? steps : 1);
      const whole = () => Array.from({ length: count }, () => random.whole(0, classes! - 1));
      return [name, classes === undefined ? random.numbers(count) : whole()];
    }),
  );
}
