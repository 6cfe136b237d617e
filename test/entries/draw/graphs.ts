// Graphs that have all that a drawing can show, and names that a drawing has to be careful with.

import { Graph, Scaler } from "plexus-nn";
import type { AnyGraph } from "../../support/helpers.js";

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
