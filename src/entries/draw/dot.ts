// Graphviz's language: https://graphviz.org/doc/info/lang.html

import { linkOf } from "../../rules/link.js";
import { type Drawing, type DrawnSynapse, returns } from "./drawing.js";
import { framed, framesOf } from "./frame.js";
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
    const label = quoted([` ${tag(synapse, drawing)} `]);
    return `  l${synapse.from} -> l${synapse.to} [label=${label}${look(synapse)}];`;
  });
  const open = ({ name }: { name: string }, place: number) => [
    `  subgraph cluster_${place} {`,
    `    style="rounded,dashed"; color="#94a3b8"; fontname="Helvetica,Arial,sans-serif"; fontsize=12; label=${quoted([shown(name)])};`,
  ];
  return [
    "digraph {",
    "  rankdir=TB;",
    '  node [style=filled, fontname="Helvetica,Arial,sans-serif", fontsize=12];',
    '  edge [fontname="Helvetica,Arial,sans-serif", fontsize=10];',
    ...framed(framesOf(drawing), nodes, open, "  }"),
    ...edges,
    "}",
    "",
  ].join("\n");
}

/** Returns the attributes of an edge. Synapses that return don't rank their ends, so that a loop isn't stretched. */
function look(synapse: DrawnSynapse): string {
  const { kind, share, delay } = synapse;
  const isDashed = delay !== 0 || linkOf(kind).weights === undefined;
  return [
    isDashed ? ", style=dashed" : "",
    share === undefined ? (delay === 0 ? "" : ', color="#d97706"') : ', color="black:black"',
    returns(synapse) ? ", constraint=false" : "",
  ].join("");
}
