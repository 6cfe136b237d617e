// Mermaid's flowcharts: https://mermaid.js.org/syntax/flowchart.html

import { linkOf } from "../../rules/link.js";
import type { Drawing, DrawnSynapse } from "./drawing.js";
import { framed, framesOf } from "./frame.js";
import { box, shown, tag } from "./text.js";

/** Shape and colour of inputs, hidden layers and outputs. */
const looks = {
  input: { open: "([", close: "])", style: "fill:#dbeafe,stroke:#2563eb,color:#0f172a" },
  hidden: { open: "[", close: "]", style: "fill:#f1f5f9,stroke:#64748b,color:#0f172a" },
  output: { open: "[[", close: "]]", style: "fill:#dcfce7,stroke:#16a34a,color:#0f172a" },
} as const;

/**
 * Returns a quoted label. All but letters, numbers and harmless signs become entities, as Mermaid writes them, without the &.
 */
function quoted(lines: readonly string[]): string {
  const safe = lines.map((line) =>
    line.replace(
      /(?!(?<=\d)\.\d)[^\p{L}\p{N}\p{M} (),·×−→…]/gu,
      (character) => `#${character.codePointAt(0)};`,
    ),
  );
  return `"${safe.join("<br/>")}"`;
}

export function mermaid(drawing: Drawing): string {
  const nodes = drawing.layers.map((layer, i) => {
    const { open, close } = looks[layer.kind];
    return `  l${i}${open}${quoted(box(layer))}${close}`;
  });
  const edges = drawing.synapses.map((synapse) => {
    return `  l${synapse.from} ${arrow(synapse)}|${quoted([tag(synapse, drawing)])}| l${synapse.to}`;
  });
  const styles = Object.entries(looks).flatMap(([kind, { style }]) => {
    const members = drawing.layers.flatMap((layer, i) => (layer.kind === kind ? [`l${i}`] : []));
    return members.length === 0
      ? []
      : [`  classDef ${kind} ${style}`, `  class ${members.join(",")} ${kind}`];
  });
  const open = ({ name }: { name: string }, place: number) => [
    `  subgraph f${place}[${quoted([shown(name)])}]`,
  ];
  return ["flowchart TB", ...framed(framesOf(drawing), nodes, open, "  end"), ...edges, ...styles, ""].join(
    "\n",
  );
}

function arrow({ kind, share, delay }: DrawnSynapse): string {
  if (delay !== 0 || linkOf(kind).weights === undefined) return "-.->";
  return share === undefined ? "-->" : "==>";
}
