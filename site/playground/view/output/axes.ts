// The axes of small drawings of functions.

import type { Sheet } from "../sheet.ts";
import { figure } from "../words.ts";

/** The places of values in pixels. */
interface Places {
  x(value: number): number;
  y(value: number): number;
}

/** Returns round values between two bounds, about `wanted` of them. */
export function ticks(low: number, high: number, wanted = 5): number[] {
  const raw = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= raw) ?? raw;
  const found: number[] = [];
  for (let value = Math.ceil(low / step) * step; value <= high + 1e-9 * step; value += step)
    found.push(value);
  return found;
}

/** Draws a grid with numbers, and returns the places of values. */
export function axes(
  { context, width, height, colors }: Sheet,
  [left, right]: readonly [number, number],
  [low, high]: readonly [number, number],
): Places {
  const margin = { left: 36, right: 8, top: 8, bottom: 22 };
  const x = (value: number) =>
    margin.left + ((value - left) / (right - left)) * (width - margin.left - margin.right);
  const y = (value: number) =>
    height - margin.bottom - ((value - low) / (high - low)) * (height - margin.top - margin.bottom);
  context.font = "11px 'IBM Plex Sans Variable', system-ui, sans-serif";
  context.fillStyle = colors.dark ? "#a9b7be" : "#4a5a63";
  context.strokeStyle = colors.dark ? "#263137" : "#e1e7ea";
  context.lineWidth = 1;
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const tick of ticks(low, high)) {
    context.beginPath();
    context.moveTo(margin.left, Math.round(y(tick)) + 0.5);
    context.lineTo(width - margin.right, Math.round(y(tick)) + 0.5);
    context.stroke();
    context.fillText(figure(Number(tick.toPrecision(6)), 3), margin.left - 6, y(tick));
  }
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  for (const tick of ticks(left, right, 6))
    context.fillText(figure(Number(tick.toPrecision(6)), 3), x(tick), height - 6);
  return { x, y };
}

/** Draws a curve through points. */
export function stroke(
  context: CanvasRenderingContext2D,
  points: readonly (readonly [number, number])[],
  color: string,
  width = 2,
  dash: number[] = [],
): void {
  context.beginPath();
  for (const [index, [x, y]] of points.entries()) {
    if (index === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  }
  context.setLineDash(dash);
  context.lineJoin = "round";
  context.lineWidth = width;
  context.strokeStyle = color;
  context.stroke();
  context.setLineDash([]);
}
