// Short texts of parts, as the page shows them.

import type { Lesson } from "../model/lesson.ts";
import type { LayerSketch, SynapseSketch } from "../model/sketch.ts";
import { shapeOf } from "./figure.ts";

/** Returns an option's name, where it is a text or an object with a name. */
export function nameOf(option: unknown): string {
  if (typeof option === "string") return option;
  const { name } = (option ?? {}) as { name?: unknown };
  return typeof name === "string" ? name : "";
}

/** Returns a size as text, such as 4 or 28×28×1. */
export function sizeText(layer: LayerSketch): string {
  return shapeOf(layer).join("×");
}

/** Reads a size such as 8, or a shape such as 28 × 28 × 1. The engine refuses numbers that are no size. */
export function sizeOf(text: string): LayerSketch["size"] {
  const numbers = text
    .split(/[^\d.e+-]+/i)
    .filter((part) => part !== "")
    .map(Number);
  return numbers.length === 1 ? numbers[0]! : numbers;
}

/** Reads a seed: the nearest whole number from 0 to 2³² − 1, the bounds of seeds in links; 0 where the text is no number. */
export function seedOf(text: string | number): number {
  const number = Math.floor(Number(text)) || 0;
  return Math.min(2 ** 32 - 1, Math.max(0, number));
}

/** Returns the activation as text; of a cell, the kind of the cell. */
export function activationText({ kind, options }: LayerSketch): string {
  if (kind === "input") return "input";
  if (typeof options.cell === "string") return options.cell.toUpperCase();
  return nameOf(options.activation) || "sigmoid";
}

/** Returns the names of a layer's units; none for a hidden layer or an image. */
export function labelsOf(lesson: Lesson | undefined, layer: string): readonly string[] {
  const ends = lesson === undefined ? [] : [...lesson.inputs, ...lesson.outputs];
  const { size, labels } = ends.find(({ name }) => name === layer) ?? { size: 0, labels: [] };
  // A single unit has the share of the second of two classes.
  return size === 1 ? labels.slice(-1) : labels;
}

/** Returns the text at a synapse: its delay and its kind, where they are no defaults. */
export function synapseText({ options }: SynapseSketch): string {
  const parts: string[] = [];
  const kind = nameOf(options.kind) || "dense";
  if (kind !== "dense") parts.push(options.kernel === undefined ? kind : `${kind} ${String(options.kernel)}`);
  const delay = Number(options.delay ?? 0);
  if (delay !== 0) parts.push(`z${superscript(-delay)}`);
  if (typeof options.at === "string") parts.push(options.at);
  if (options.share !== undefined) parts.push("shared");
  return parts.join(" · ");
}

/** Returns the name of a synapse for screen readers. */
export function synapseName(synapse: SynapseSketch): string {
  return `Synapse from ${synapse.from} to ${synapse.to}, ${synapseText(synapse) || "dense"}`;
}

const digits = "⁰¹²³⁴⁵⁶⁷⁸⁹";

function superscript(value: number): string {
  return (
    (value < 0 ? "⁻" : "⁺") +
    [...String(Math.abs(value))].map((digit) => digits[Number(digit)] ?? "").join("")
  );
}

/** Returns a number with four significant digits at most, for tables and axes. */
export function figure(value: number | undefined, digits = 4): string {
  if (value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
  const size = Math.abs(value);
  const text =
    size !== 0 && (size < 1e-4 || size >= 1e6)
      ? value.toExponential(2)
      : Number(value.toPrecision(digits)).toString();
  return text.replace("-", "−");
}

/** Returns a cost in always the same width. */
export function costText(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return "–";
  return value >= 1e5 || (value < 1e-4 && value > 0) ? value.toExponential(2) : value.toFixed(4);
}

/** Returns a share as a percentage. */
export function percent(value: number | undefined): string {
  return value === undefined ? "–" : `${(100 * value).toFixed(1)} %`;
}

/** Returns a count with thin spaces between thousands. */
export function count(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, "\u202f");
}
