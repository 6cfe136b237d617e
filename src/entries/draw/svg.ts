// A drawing as an SVG without fonts, scripts or ids, light or dark as its page is.

import { linkOf } from "../../rules/link.js";
import { type Drawing, type DrawnLayer, type DrawnSynapse, parametersOf, totals } from "./drawing.js";
import { type Gate, type Placement, place, type Size } from "./layout.js";
import { box, count, ems, shown, tag } from "./text.js";

/** Pixels: of text and its lines, of labels, and of the padding in a box. */
const TEXT = 12;
const LINE = 16;
const SMALL = 10;
const PAD = 14;

const style = `
.plexus text{font-family:Helvetica,Arial,sans-serif;font-size:${TEXT}px;fill:#475569;text-anchor:middle}
.plexus .name{font-weight:bold;fill:#0f172a}
.plexus .page{fill:#fff}
.plexus .input rect{fill:#dbeafe;stroke:#2563eb}
.plexus .hidden rect{fill:#f1f5f9;stroke:#64748b}
.plexus .output rect{fill:#dcfce7;stroke:#16a34a}
.plexus .edge path{fill:none;stroke:#64748b}
.plexus .edge .head{fill:#64748b;stroke:none}
.plexus .edge rect{fill:#fff}
.plexus .edge text{font-size:${SMALL}px}
.plexus .weightless path{stroke-dasharray:5 4}
.plexus .shared path{stroke:#9333ea}
.plexus .shared .head{fill:#9333ea}
.plexus .shared text{fill:#9333ea}
@media (prefers-color-scheme:dark){
.plexus text{fill:#cbd5e1}
.plexus .name{fill:#fff}
.plexus .page,.plexus .edge rect{fill:#0f172a}
.plexus .input rect{fill:#172f5c;stroke:#60a5fa}
.plexus .hidden rect{fill:#1e293b;stroke:#94a3b8}
.plexus .output rect{fill:#14402a;stroke:#4ade80}
.plexus .edge path{stroke:#94a3b8}
.plexus .edge .head{fill:#94a3b8}
.plexus .shared path{stroke:#d8b4fe}
.plexus .shared .head,.plexus .shared text{fill:#d8b4fe}
}
`;

/** Renders a drawing. Throws `unsupported`. */
export function svg(drawing: Drawing): string {
  const texts = drawing.layers.map(box);
  const tags = drawing.synapses.map((synapse) => tag(synapse, drawing));
  const sizes = texts.map((lines) => ({
    width: Math.ceil(
      Math.max(72, ...lines.map((text, i) => ems(text) * (i === 0 ? TEXT : 0.9 * TEXT))) + 2 * PAD,
    ),
    height: lines.length * LINE + PAD,
  }));
  const labels = tags.map((text) => ({ width: Math.ceil(0.9 * SMALL * ems(text)) + 6, height: SMALL + 6 }));
  const placement = place(drawing, sizes, labels);
  const [width, height] = [Math.ceil(placement.width), Math.ceil(placement.height)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="plexus" role="img" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${escaped(`A graph of ${count(drawing.layers.length)} layers`)}</title>`,
    `<desc>${escaped(description(drawing))}</desc>`,
    `<style>${style}</style>`,
    `<rect class="page" width="${width}" height="${height}" rx="8"/>`,
    // Labels come after all edges, and so lie above them.
    ...drawing.synapses.map((synapse, i) => edge(synapse, placement, i)),
    ...drawing.synapses.map((synapse, i) => label(synapse, placement, i, tags[i]!, labels[i]!)),
    ...drawing.layers.map((layer, i) => node(layer, placement, i, texts[i]!, sizes[i]!)),
    "</svg>",
    "",
  ].join("\n");
}

function description(drawing: Drawing): string {
  const { trainable, frozen } = totals(drawing);
  const sentences = [
    `${count(drawing.synapses.length)} synapses and ${count(trainable + frozen)} parameters.`,
  ];
  for (const [kind, title] of [
    ["input", "Inputs"],
    ["output", "Outputs"],
  ] as const) {
    const names = drawing.layers.flatMap((layer) => (layer.kind === kind ? [shown(layer.name)] : []));
    const some = names.length > 12 ? [...names.slice(0, 12), `${names.length - 12} more`] : names;
    if (some.length > 0) sentences.push(`${title}: ${some.join(", ")}.`);
  }
  return sentences.join(" ");
}

function node(
  layer: DrawnLayer,
  { boxes }: Placement,
  i: number,
  lines: readonly string[],
  { width, height }: Size,
): string {
  const { x, y } = boxes[i]!;
  const frame = (inset: number, radius: number) =>
    `<rect x="${px(x - width / 2 + inset)}" y="${px(y - height / 2 + inset)}" width="${width - 2 * inset}" height="${height - 2 * inset}" rx="${radius}"/>`;
  const frames = { input: [frame(0, 16)], hidden: [frame(0, 6)], output: [frame(0, 6), frame(3, 4)] }[
    layer.kind
  ];
  const top = y - (lines.length * LINE) / 2 + TEXT;
  const texts = lines.map((text, k) => {
    const emphasis = k === 0 ? ' class="name"' : "";
    return `<text x="${px(x)}" y="${px(top + k * LINE)}"${emphasis}>${escaped(text)}</text>`;
  });
  const title = `${shown(layer.name, 200)}: ${count(parametersOf(layer))} parameters`;
  return `<g class="${layer.kind}"><title>${escaped(title)}</title>${[...frames, ...texts].join("")}</g>`;
}

function look(synapse: DrawnSynapse): string {
  return `edge${linkOf(synapse.kind).weights ? "" : " weightless"}${synapse.share === undefined ? "" : " shared"}`;
}

function edge(synapse: DrawnSynapse, { edges }: Placement, i: number): string {
  const { gates } = edges[i]!;
  const { x, y } = gates.at(-1)!;
  const head = `<path class="head" d="M${px(x - 4)} ${px(y - 8)}h8l-4 8z"/>`;
  return `<g class="${look(synapse)}"><path d="${route(gates)}"/>${head}</g>`;
}

/**
 * Returns the path of an edge: vertical through each gate, which keeps it off the boxes of the row, and curved between rows.
 */
function route(gates: readonly Gate[]): string {
  let [x, y] = [gates[0]!.x, gates[0]!.y];
  let path = `M${px(x)} ${px(y)}`;
  gates.slice(1).forEach((gate, i) => {
    // The last stretch ends where the arrow's head begins.
    const top = gate.y - (i === gates.length - 2 ? 6 : gate.reach);
    if (gate.x !== x) {
      const middle = px((y + top) / 2);
      path += `C${px(x)} ${middle} ${px(gate.x)} ${middle} ${px(gate.x)} ${px(top)}`;
    }
    [x, y] = [gate.x, Math.max(top, gate.y + (i === gates.length - 2 ? -6 : gate.reach))];
    path += `V${px(y)}`;
  });
  return path;
}

function label(
  synapse: DrawnSynapse,
  { edges }: Placement,
  i: number,
  text: string,
  { width, height }: Size,
): string {
  const { x, y } = edges[i]!.label;
  const back = `<rect x="${px(x - width / 2)}" y="${px(y - height / 2)}" width="${width}" height="${height}" rx="3"/>`;
  return `<g class="${look(synapse)}">${back}<text x="${px(x)}" y="${px(y + SMALL / 3)}">${escaped(text)}</text></g>`;
}

/** Returns a coordinate, rounded to a tenth. */
function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
