// A graph as a table, the way Keras prints a model.

import { type LayerPlan, type Plan, parametersOf, totals } from "./plan.js";
import { columns, count, extras, rule, shown } from "./text.js";

/** Columns of the whole table, and of the space between two of its own. */
const WIDTH = 80;
const GAP = 2;

const heads = ["Layer", "Size", "Activation", "Parameters", "Connected from"] as const;
/** The columns that a name may take; the last column takes the room that is left. */
const MOST = 24;

/** The lines of the table, none wider than 80 columns, but for a graph whose numbers alone are wider. */
export function table(plan: Plan): string {
  const rows = plan.layers.map((layer) => cells(layer, plan));
  const widths = heads
    .slice(0, -1)
    .map((head, c) => Math.max(...[head, ...rows.flatMap((row) => row[c]!)].map(columns)));
  const left = widths.reduce((sum, width) => sum + width + GAP, 0);
  const wrapped = rows.map((row) => [
    ...row.slice(0, -1),
    wrap(row.at(-1)!, Math.max(WIDTH - left, heads[4].length)),
  ]);
  const last = Math.max(heads[4].length, ...wrapped.flatMap((row) => row.at(-1)!).map(columns));
  const rule = "─".repeat(left + last);
  const lines = wrapped.flatMap((row) => {
    const height = Math.max(...row.map((cell) => cell.length));
    return Array.from({ length: height }, (_, i) =>
      line(
        row.map((cell) => cell[i] ?? ""),
        widths,
      ),
    );
  });
  const { trainable, frozen } = totals(plan);
  const bytes = (trainable + frozen) * (plan.precision === "float64" ? 8 : 4);
  return [
    line(heads, widths),
    rule,
    ...lines,
    rule,
    `Parameters: ${count(trainable + frozen)} (${count(trainable)} trainable, ${count(frozen)} frozen)`,
    `Memory: ${count(bytes)} bytes in ${plan.precision}`,
    "",
  ].join("\n");
}

/** A row's cells, each of lines; the last one of names that are still to be put together. */
function cells(layer: LayerPlan, { layers }: Plan): string[][] {
  const sources = layer.incoming.map(({ name, from, kind, share, frozen }) => {
    const marks = [
      ...(name === undefined ? [] : [fit(name, MOST)]),
      ...(kind === "identity" ? ["identity"] : []),
      ...(share === undefined ? [] : ["shared"]),
      ...(frozen ? ["frozen"] : []),
    ];
    return fit(layers[from]!.name, MOST) + (marks.length === 0 ? "" : ` (${marks.join(", ")})`);
  });
  const kind = layer.kind === "hidden" ? "" : ` (${layer.kind})`;
  return [
    [fit(layer.name, MOST - kind.length) + kind],
    [count(layer.size)],
    [rule(layer.activation), ...extras(layer)],
    [count(parametersOf(layer))],
    sources,
  ];
}

/** A name in at most so many columns. */
function fit(name: string, most: number): string {
  const all = shown(name, most);
  if (columns(all) <= most) return all;
  let cut = "";
  for (const character of all) {
    if (columns(cut + character) > most - 1) break;
    cut += character;
  }
  return `${cut}…`;
}

/** Items, put together with commas in lines of a width; an item that is wider is cut. */
function wrap(items: readonly string[], width: number): string[] {
  const lines: string[] = [];
  items.forEach((item, i) => {
    const text = fit(item, width - 1) + (i < items.length - 1 ? "," : "");
    const longer = `${lines.at(-1)} ${text}`;
    if (lines.length > 0 && columns(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(text);
  });
  return lines;
}

/** A line of the table; sizes and parameters stand at the right. */
function line(parts: readonly string[], widths: readonly number[]): string {
  const padded = parts.map((part, c) => {
    const space = " ".repeat(Math.max(0, (widths[c] ?? 0) - columns(part)));
    return heads[c] === "Size" || heads[c] === "Parameters" ? space + part : part + space;
  });
  return padded.join(" ".repeat(GAP)).trimEnd();
}
