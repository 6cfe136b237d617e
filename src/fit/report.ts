// A history as text, of at most 80 columns.

import { columns, cut } from "../base/column.js";
import { GraphError } from "../base/error.js";
import { reading } from "../base/options.js";
import { show } from "../base/text.js";
import type { OutputScore } from "../rules/metric.js";
import type { History, Progress } from "./history.js";

const ends: Readonly<Record<History["stopped"], string>> = {
  epochs: "all epochs are done",
  patience: "no epoch was better for long enough",
  time: "the time was over",
  aborted: "it was aborted",
  break: "its reader left",
};

/** Most epochs that are shown: the first and the last ones of a longer history. */
const SHOWN = 20;
/** Columns of text of a cell. */
const WIDTH = 11;

/**
 * Returns the report of a training: a row for each epoch, the reason for the end, and the best epoch. Throws `bad-option` for
 * anything but a history.
 */
export function report(history: History): string {
  const isHistory = reading("bad-option", "The history", () => Array.isArray(Object(history).epochs));
  if (isHistory) return reading("bad-option", "The history", () => tabulate(history));
  throw new GraphError(
    "bad-option",
    `A report is made of the history that \`fit\` resolves to, not ${show(history)}.`,
  );
}

function tabulate({ epochs, stopped, steps, seconds, best }: History): string {
  const scores = ({ validation, outputs = {} }: Progress) => validation?.outputs ?? outputs;
  const first = epochs[0];
  const heads = ["epoch", "rate", "cost", ...(first?.validation === undefined ? [] : ["validation"])];
  const measures = Object.entries(first === undefined ? {} : scores(first)).flatMap(([output, score]) =>
    Object.entries(score)
      .filter(([, value]) => typeof value === "number")
      .map(([measure]) => ({ output, measure: measure as keyof OutputScore })),
  );
  // A single output with a cost alone has the cost that is shown already.
  const shown = measures.length < 2 ? [] : measures.slice(0, Math.floor(80 / WIDTH) - heads.length);
  const { length } = epochs;
  const left = length - SHOWN;
  const at = (i: number) => epochs[i < SHOWN / 2 || left < 0 ? i : i + left]!;
  const rows = Array.from({ length: Math.min(length, SHOWN) }, (_, i) => at(i)).map((p) =>
    line([
      `${p.epoch}${p.epoch === best?.epoch ? "*" : " "}`,
      ...[p.rate, p.cost, ...(p.validation === undefined ? [] : [p.validation.cost])].map(brief),
      ...shown.map(({ output, measure }) => brief(scores(p)[output]?.[measure])),
    ]),
  );
  if (left > 0) rows.splice(SHOWN / 2, 0, line([`${left} more`]));
  const counts = `${count(length, "epoch")}, ${count(steps, "step")}`;
  return [
    ...(shown.length === 0 ? [] : [line([...heads.map(() => ""), ...shown.map(({ output }) => output)])]),
    line([...heads, ...shown.map(({ measure }) => measure)]),
    ...rows,
    safe(`${counts}, ${seconds.toFixed(1)} s: ${ends[stopped] ?? "it goes on"}.`, 80),
    ...(best === undefined ? [] : [safe(`* best: ${brief(best.value)} by ${best.monitor}`, 80)]),
  ].join("\n");
}

function line(cells: readonly string[]): string {
  return cells
    .map((text) => {
      const cell = safe(text, WIDTH - 1);
      return " ".repeat(WIDTH - columns(cell)) + cell;
    })
    .join("")
    .trimEnd();
}

/** Returns a text that is printable, in at most so many columns. */
function safe(text: string, most: number): string {
  return cut(text.replace(/\p{C}/gu, "\ufffd"), most);
}

function count(value: number, noun: string): string {
  return `${value} ${noun}${value === 1 ? "" : "s"}`;
}

function brief(value: unknown): string {
  return typeof value === "number" ? value.toPrecision(4) : "-";
}
