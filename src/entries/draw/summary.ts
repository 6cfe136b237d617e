// A graph as a table, in the way of Keras.

import { columns, cut } from "../../base/column.js";
import { stepOf } from "../../rules/step.js";
import { type Drawing, type DrawnLayer, parametersOf, totals } from "./drawing.js";
import { labelOf } from "./label.js";
import { count, sizes } from "./number.js";
import { extras, rules, shown } from "./text.js";

/** Columns of text of the whole table, and of the gap between two of its columns. */
const WIDTH = 80;
const GAP = 2;

const heads = ["Layer", "Size", "Activation", "Parameters", "Connected from"] as const;
/** Most columns of text for a name; the last column of the table takes the rest. */
const MOST = 24;

/** Returns the text of the table, no line wider than 80 columns. */
export function table(drawing: Drawing): string {
  const facts = drawing.layers.map(figures);
  const inner = heads.slice(1, -1).map((head, c) => widest([head, ...facts.flatMap((row) => row[c]!)]) + GAP);
  const room = WIDTH - inner.reduce((sum, width) => sum + width, GAP + heads[4].length);
  const rows = drawing.layers.map((layer, i) => [[title(layer, Math.min(MOST, room))], ...facts[i]!]);
  const widths = heads.slice(0, -1).map((head, c) => widest([head, ...rows.flatMap((row) => row[c]!)]));
  const left = widths.reduce((sum, width) => sum + width + GAP, 0);
  const wrapped = rows.map((row, i) => [
    ...row,
    wrap(sources(drawing.layers[i]!, drawing), Math.max(WIDTH - left, heads[4].length)),
  ]);
  const last = widest([heads[4], ...wrapped.flatMap((row) => row.at(-1)!)]);
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
  const { trainable, frozen } = totals(drawing);
  const bytes = (trainable + frozen) * (drawing.precision === "float64" ? 8 : 4);
  return [
    line(heads, widths),
    rule,
    ...lines,
    rule,
    `Parameters: ${count(trainable + frozen)} (${count(trainable)} trainable, ${count(frozen)} frozen)`,
    `Memory: ${count(bytes)} bytes in ${drawing.precision}`,
    "",
  ].join("\n");
}

/** Returns the columns of the widest text. A loop, since a call can't take any number of arguments. */
function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, columns(text)), 0);
}

/** Returns a layer's name and kind. */
function title({ name, kind }: DrawnLayer, most: number): string {
  const more = kind === "hidden" ? "" : ` (${kind})`;
  return fit(name, most - more.length) + more;
}

/** Returns the cells between name and sources, each a list of lines. */
function figures(layer: DrawnLayer): string[][] {
  return [[sizes(layer.shape)], [rules(layer).join(" "), ...extras(layer)], [count(parametersOf(layer))]];
}

/** Returns the sources in the last cell, each in parts: its name, and what its synapse has. */
function sources({ incoming }: DrawnLayer, { layers }: Drawing): string[][] {
  return incoming.map((synapse) => {
    const { name, from, share, frozen } = synapse;
    const step = stepOf(synapse);
    const marks = [
      ...(name === undefined ? [] : [fit(name, MOST)]),
      ...(step === undefined ? [] : [step]),
      ...labelOf(synapse),
      ...(share === undefined ? [] : ["shared"]),
      ...(frozen ? ["frozen"] : []),
    ];
    const last = marks.length - 1;
    const parts = marks.map((mark, i) => `${i === 0 ? "(" : ""}${mark}${i === last ? ")" : ","}`);
    return [fit(layers[from]!.name, MOST), ...parts];
  });
}

/** Cuts a name to at most so many columns. */
function fit(name: string, most: number): string {
  return cut(shown(name, most), most);
}

/** Joins items with commas to lines of a width. A wider item is broken between its parts, and a wider part is cut. */
function wrap(items: readonly (readonly string[])[], width: number): string[] {
  const lines: string[] = [];
  items.forEach((parts, i) => {
    const comma = i < items.length - 1 ? "," : "";
    const whole = parts.join(" ");
    const pieces = columns(whole + comma) <= width ? [whole] : parts;
    pieces.forEach((piece, k) => {
      const isLast = k === pieces.length - 1;
      const text = isLast ? fit(piece, width - comma.length) + comma : fit(piece, width);
      const longer = `${lines.at(-1)} ${text}`;
      if (lines.length > 0 && columns(longer) <= width) lines[lines.length - 1] = longer;
      else lines.push(text);
    });
  });
  return lines;
}

/** Returns a line of the table; sizes and parameters are aligned to the right. */
function line(parts: readonly string[], widths: readonly number[]): string {
  const padded = parts.map((part, c) => {
    const space = " ".repeat(Math.max(0, (widths[c] ?? 0) - columns(part)));
    return heads[c] === "Size" || heads[c] === "Parameters" ? space + part : part + space;
  });
  return padded.join(" ".repeat(GAP)).trimEnd();
}
