// Graphs that have all that a drawing can show, and names that a drawing has to be careful with.

import { Graph, Scaler } from "plexus-nn";

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
