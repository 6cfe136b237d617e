// Graphviz's language: https://graphviz.org/doc/info/lang.html

import { linkOf } from "../../rules/link.js";
import type { Drawing } from "./drawing.js";
import { box, shown, tag } from "./text.js";

/** Shape and colour of inputs, hidden layers and outputs. */
const looks = {
  input: 'shape=ellipse, fillcolor="#dbeafe", color="#2563eb"',
  hidden: 'shape=box, fillcolor="#f1f5f9", color="#64748b"',
  output: 'shape=box, peripheries=2, fillcolor="#dcfce7", color="#16a34a"',
} as const;

/**
 * Returns a quoted label. Graphviz reads backslashes and HTML's entities in labels. `<` becomes an entity, so that it can't
 * end a script around the text.
 */
function quoted(lines: readonly string[]): string {
  const safe = lines.map((line) =>
    line.replace(/[\\"]/g, "\\$&").replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`),
  );
  return `"${safe.join("\\n")}"`;
}

export function dot(drawing: Drawing): string {
  const nodes = drawing.layers.map(
    (layer, i) =>
      `  l${i} [${looks[layer.kind]}, label=${quoted(box(layer))}, tooltip=${quoted([shown(layer.name, 200)])}];`,
  );
  const edges = drawing.synapses.map((synapse) => {
    const style =
      linkOf(synapse.kind).weights === undefined
        ? ", style=dashed"
        : synapse.share === undefined
          ? ""
          : ', color="black:black"';
    return `  l${synapse.from} -> l${synapse.to} [label=${quoted([` ${tag(synapse, drawing)} `])}${style}];`;
  });
  return [
    "digraph {",
    "  rankdir=TB;",
    '  node [style=filled, fontname="Helvetica,Arial,sans-serif", fontsize=12];',
    '  edge [fontname="Helvetica,Arial,sans-serif", fontsize=10];',
    ...nodes,
    ...edges,
    "}",
    "",
  ].join("\n");
}
