// A drawing as an SVG without fonts, scripts or ids, light or dark as its page is.

import { linkOf } from "../../rules/link.js";
import { type Drawing, type DrawnLayer, type DrawnSynapse, parametersOf, totals } from "./drawing.js";
import { type Frame, framesOf } from "./frame.js";
import { type Placement, place } from "./layout.js";
import { count } from "./number.js";
import { HEAD, type Point, type Route, type Size, type Way } from "./route.js";
import { box, ems, shown, tag } from "./text.js";

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
.plexus .delayed path{stroke:#d97706;stroke-dasharray:7 3}
.plexus .delayed .head,.plexus .delayed text{fill:#b45309}
.plexus .shared path{stroke:#9333ea}
.plexus .shared .head{fill:#9333ea}
.plexus .shared text{fill:#9333ea}
.plexus .frame rect{fill:none;stroke:#94a3b8;stroke-dasharray:2 3}
.plexus .frame text{text-anchor:start}
@media (prefers-color-scheme:dark){
.plexus text{fill:#cbd5e1}
.plexus .name{fill:#fff}
.plexus .page,.plexus .edge rect{fill:#0f172a}
.plexus .input rect{fill:#172f5c;stroke:#60a5fa}
.plexus .hidden rect{fill:#1e293b;stroke:#94a3b8}
.plexus .output rect{fill:#14402a;stroke:#4ade80}
.plexus .edge path{stroke:#94a3b8}
.plexus .edge .head{fill:#94a3b8}
.plexus .delayed path{stroke:#fbbf24}
.plexus .delayed .head,.plexus .delayed text{fill:#fbbf24}
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
  const frames = framesOf(drawing);
  const placement = place(drawing, sizes, labels, frames);
  const [width, height] = [Math.ceil(placement.width), Math.ceil(placement.height)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="plexus" role="img" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${escaped(`A graph of ${count(drawing.layers.length)} layers`)}</title>`,
    `<desc>${escaped(description(drawing))}</desc>`,
    `<style>${style}</style>`,
    `<rect class="page" width="${width}" height="${height}" rx="8"/>`,
    ...frames.map((frame, i) => outline(frame, placement, i)),
    // Labels come after all edges, and so lie above them.
    ...drawing.synapses.map((synapse, i) => edge(synapse, placement, i, labels[i]!)),
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
  const border = (inset: number, radius: number) =>
    `<rect x="${px(x - width / 2 + inset)}" y="${px(y - height / 2 + inset)}" width="${width - 2 * inset}" height="${height - 2 * inset}" rx="${radius}"/>`;
  const borders = { input: [border(0, 16)], hidden: [border(0, 6)], output: [border(0, 6), border(3, 4)] }[
    layer.kind
  ];
  const top = y - (lines.length * LINE) / 2 + TEXT;
  const texts = lines.map((text, k) => {
    const emphasis = k === 0 ? ' class="name"' : "";
    return `<text x="${px(x)}" y="${px(top + k * LINE)}"${emphasis}>${escaped(text)}</text>`;
  });
  const title = `${shown(layer.name, 200)}: ${count(parametersOf(layer))} parameters`;
  return `<g class="${layer.kind}"><title>${escaped(title)}</title>${[...borders, ...texts].join("")}</g>`;
}

/** Returns the rectangle and the name of a frame. */
function outline({ name }: Frame, { frames }: Placement, i: number): string {
  const { x, y, width, height } = frames[i]!;
  const [left, top] = [x - width / 2, y - height / 2];
  const rect = `<rect x="${px(left)}" y="${px(top)}" width="${px(width)}" height="${px(height)}" rx="8"/>`;
  return `<g class="frame">${rect}<text x="${px(left + 10)}" y="${px(top + 18)}">${escaped(shown(name))}</text></g>`;
}

function look({ kind, delay, share }: DrawnSynapse): string {
  return [
    "edge",
    ...(linkOf(kind).weights ? [] : ["weightless"]),
    ...(delay === 0 ? [] : ["delayed"]),
    ...(share === undefined ? [] : ["shared"]),
  ].join(" ");
}

/** Arrow heads, from the tip on. */
const heads: Readonly<Record<Way, string>> = {
  down: "l-4 -8h8z",
  up: "l4 8h-8z",
  left: "l8 4v-8z",
};

function edge(synapse: DrawnSynapse, { edges }: Placement, i: number, size: Size): string {
  const { tip, way } = edges[i]!;
  const head = `<path class="head" d="M${px(tip.x)} ${px(tip.y)}${heads[way]}"/>`;
  return `<g class="${look(synapse)}"><path d="${path(edges[i]!, size)}"/>${head}</g>`;
}

/**
 * Returns the path of an edge: vertical through each gate, which keeps it off the boxes of the row, and curved between rows.
 */
function path({ gates, tip, label }: Route, size: Size): string {
  if (gates.length === 0) return loop(tip, label, size);
  let { x, leave: y } = gates[0]!;
  let path = `M${px(x)} ${px(y)}`;
  for (const gate of gates.slice(1)) {
    if (gate.x !== x) {
      const middle = px((y + gate.enter) / 2);
      path += `C${px(x)} ${middle} ${px(gate.x)} ${middle} ${px(gate.x)} ${px(gate.enter)}`;
    }
    x = gate.x;
    y = gate.leave;
    path += `V${px(y)}`;
  }
  return path;
}

/** Returns the path of a loop on the right side of a box, from below to above, as far as its label. */
function loop(tip: Point, label: Point, { width }: Size): string {
  // A cubic curve reaches three quarters of its control points' distance.
  const x = px(tip.x + (label.x - width / 2 - tip.x) / 0.75);
  const [below, above] = [px(2 * label.y - tip.y), px(tip.y)];
  return `M${px(tip.x)} ${below}C${x} ${below} ${x} ${above} ${px(tip.x + HEAD)} ${above}`;
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
