// Graphs that have all that a drawing can show, and names that a drawing has to be careful with.

import { Graph, type Precision, Scaler } from "plexus-nn";
import { type AnyGraph, Random, seed } from "../../support/helpers.js";

/** Names that would leave their quotes, their element or their script, or turn the text around. */
export const hostile: readonly string[] = [
  "</script><script>alert(1)</script>",
  '"];alert(1)//',
  "]]>",
  "a\u2028b\u2029c",
  `it's "quoted" \`twice\``,
  "line\nbreak\ttab\u0000null\u009f",
  "__proto__",
  "constructor",
  "\\",
  '\\N \\l \\"',
  "<img src=x onerror=alert(1)>",
  "&lt;&#60;#lt;#60;",
  "-->",
  "<!--",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: that is what is tried
  "${alert(1)}",
  "end",
  "style x:#f; classDef",
  "%% comment",
  "1. list",
  "`**bold**`",
  "\u202eturned\ufffe",
  "x".repeat(5000),
  "字".repeat(100),
  "😀".repeat(100),
  " ",
];

/** Makes a graph whose layers all have such names, a chain with skips from the first to all. */
export function hostileGraph(): Graph<string, string, string> {
  const graph = new Graph<string, string, string>({ seed: 1 });
  hostile.forEach((name, i) => {
    if (i === 0) graph.addInput(name, 2);
    else if (i === hostile.length - 1) graph.addOutput(name, 1);
    else graph.addHidden(name, 2, "tanh");
    if (i > 0) graph.connect(hostile[i - 1]!, name);
    if (i > 1) graph.connect(hostile[0]!, name, { name: `${name} again` });
  });
  return graph;
}

/** Makes a residual block with a normalized layer, a shared synapse, a frozen one, dropout, and an output with a weight. */
export function richGraph(): Graph<string, string, string> {
  const graph = new Graph<string, string, string>({ seed: 1 });
  graph.addInput("x", 4);
  graph.scale("x", Scaler.fit([0, 1, 2, 3, 4, 5, 6, 7], 4));
  graph.addHidden("a", 4, "gelu", { norm: "layer", dropout: 0.25 });
  graph.addHidden("b", 4, { name: "elu", alpha: 0.5 }, { frozen: true });
  graph.addHidden("sum", 4, "linear", { bias: false });
  graph.addOutput("y", 1, "sigmoid", "entropy", { weight: 0.5 });
  const share = graph.connect("x", "a");
  graph.connect("a", "b", { share });
  graph.connect("b", "sum", { kind: "identity" });
  graph.connect("x", "sum", { kind: "identity" });
  graph.connect("sum", "y", { name: "last", frozen: true });
  return graph;
}

/** Adds the layers of an LSTM with peepholes, by hand. A delay of -1 makes it run backward. */
export function addCell(graph: AnyGraph, name: string, size: number, from: string, delay = 1): void {
  const gates = ["input", "forget", "candidate", "output"];
  for (const gate of gates)
    graph.addHidden(`${name}.${gate}`, size, gate === "candidate" ? "tanh" : "sigmoid");
  const product = { bias: false, join: "product" } as const;
  graph.addHidden(`${name}.write`, size, "linear", product);
  graph.addHidden(`${name}.keep`, size, "linear", product);
  graph.addHidden(`${name}.state`, size, "linear", { bias: false });
  graph.addHidden(`${name}.squash`, size, "tanh", { bias: false });
  graph.addHidden(name, size, "linear", product);
  for (const gate of gates) {
    graph.connect(from, `${name}.${gate}`);
    graph.connect(name, `${name}.${gate}`, { delay });
  }
  for (const gate of ["input", "forget"])
    graph.connect(`${name}.state`, `${name}.${gate}`, { kind: "oneToOne", delay });
  graph.connect(`${name}.state`, `${name}.output`, { kind: "oneToOne" });
  for (const [source, target, ago = 0] of [
    [".input", ".write"],
    [".candidate", ".write"],
    [".forget", ".keep"],
    [".state", ".keep", delay],
    [".keep", ".state"],
    [".write", ".state"],
    [".state", ".squash"],
    [".output", ""],
    [".squash", ""],
  ] as const)
    graph.connect(`${name}${source}`, `${name}${target}`, { kind: "identity", delay: ago });
}

/** Makes a graph of a cell and its readout. */
export function cellGraph(delay = 1): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: 1, inputs: { x: 3 } });
  addCell(graph, "cell", 4, "x", delay);
  graph.addOutput("y", 2, "softmax");
  graph.connect("cell", "y");
  return graph;
}

/** Makes a graph with delays of both signs, an initial value, both kinds of `at`, and an input without steps. */
export function timeGraph(): AnyGraph {
  const graph: AnyGraph = new Graph({
    seed: 1,
    inputs: { x: 4, context: { size: 3, time: false } },
    hidden: { ahead: { size: 6, activation: "tanh", initial: true }, back: 6, sum: 6 },
    outputs: { y: 2, label: 3 },
    synapses: [
      ["x", "ahead"],
      ["ahead", "ahead", { delay: 1 }],
      ["ahead", "ahead", { delay: 3, kind: "oneToOne", name: "slow" }],
      ["x", "back"],
      ["back", "back", { delay: -1 }],
      ["context", "sum"],
      ["ahead", "sum", { kind: "identity" }],
      ["back", "sum", { kind: "identity" }],
      ["sum", "y"],
      ["x", "y", { delay: 2 }],
      ["ahead", "label", { at: "last" }],
      ["back", "label", { at: "first" }],
    ],
  });
  return graph;
}

/** Makes hidden layers that all receive each other's last step, and their own. */
export function meshGraph(count: number): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: 1, inputs: { x: 2 } });
  const names = Array.from({ length: count }, (_, i) => `h${i}`);
  for (const name of names) graph.addHidden(name, 3, "tanh");
  graph.addOutput("y", 1);
  for (const name of names) {
    graph.connect("x", name);
    graph.connect(name, "y");
    for (const source of names) graph.connect(source, name, { delay: 1 });
  }
  return graph;
}

/** Makes a LeNet of digits. */
export function lenet(): AnyGraph {
  return new Graph({
    seed: 1,
    precision: "float32",
    inputs: { image: [28, 28, 1] },
    hidden: {
      c1: { size: [24, 24, 8], activation: "linear" },
      p1: { size: [12, 12, 8], activation: "relu" },
      c2: { size: [8, 8, 16], activation: "linear" },
      p2: { size: [4, 4, 16], activation: "relu" },
    },
    outputs: { digit: { size: 10, activation: "softmax" } },
    synapses: [
      ["image", "c1", { kind: "conv", kernel: 5 }],
      ["c1", "p1", { kind: "maxPool" }],
      ["p1", "c2", { kind: "conv", kernel: 5 }],
      ["c2", "p2", { kind: "maxPool" }],
      ["p2", "digit"],
    ],
  });
}

/** Makes a graph of class numbers, with a causal depthwise convolution, a norm over groups and a mean over slots. */
export function wordGraph(): AnyGraph {
  return new Graph({
    seed: 1,
    inputs: { words: { size: 4, classes: 10_000 } },
    hidden: {
      table: { size: [4, 16], activation: "linear", bias: false },
      mixed: { size: [4, 16], activation: "relu", norm: { name: "group", groups: 4 } },
      mean: 16,
    },
    outputs: { y: { size: 10, activation: "softmax" } },
    synapses: [
      ["words", "table", { kind: "embedding" }],
      [
        "table",
        "mixed",
        { name: "causal", kind: "conv", kernel: 3, dilation: 2, padding: [[4, 0]], groups: 16 },
      ],
      ["mixed", "mean", { kind: "averagePool" }],
      ["mean", "y"],
    ],
  });
}

/** Makes a graph of all kinds of synapse, without a curved activation. */
export function kindsGraph(precision: Precision = "float64"): AnyGraph {
  const graph: AnyGraph = new Graph({
    seed: 1,
    precision,
    inputs: { image: [8, 8, 3], words: { size: 5, classes: 20 } },
    hidden: {
      small: { size: [4, 4, 6], activation: "relu" },
      deep: { size: [4, 4, 12], activation: { name: "leakyRelu", slope: 0.2 } },
      most: { size: [2, 2, 12], activation: "relu" },
      mean: { size: [2, 2, 12], activation: "linear" },
      wide: { size: [6, 6, 12], activation: "linear" },
      sums: { size: 10, activation: "relu" },
      rows: { size: [5, 4], activation: "relu" },
    },
    outputs: {
      copy: { size: [8, 8, 3], activation: "linear" },
      y: { size: 20, activation: "softsign" },
    },
    synapses: [
      ["image", "small", { kind: "conv", kernel: 3, stride: 2 }],
      ["small", "deep", { kind: "conv", kernel: [3, 2], groups: 6 }],
      ["deep", "most", { kind: "maxPool", kernel: 3, stride: 2 }],
      ["deep", "mean", { kind: "averagePool", kernel: 3, stride: 2, padding: "same" }],
      ["most", "mean", { kind: "oneToOne" }],
      ["most", "wide", { kind: "upsample" }],
      ["wide", "sums", { kind: "sparse", density: 0.25 }],
      ["words", "rows", { kind: "embedding" }],
      ["rows", "y", { kind: "identity" }],
      ["sums", "y"],
      ["deep", "y", { kind: "gather", units: Array.from({ length: 20 }, (_, i) => 9 * i - 1) }],
    ],
  });
  graph.connect("small", "copy", {
    kind: "convTranspose",
    kernel: 3,
    stride: 2,
    share: graph.synapse("image", "small"),
  });
  const random = new Random(seed);
  for (const layer of graph.layers) if (layer.hasBias) layer.bias = random.numbers(layer.bias.length);
  return graph;
}
