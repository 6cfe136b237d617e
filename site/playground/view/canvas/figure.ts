// The box of a layer: its pictures and its pins, in pixels of the drawing. Nothing is measured in the page, so a drawing stands at once.

import type { LayerSketch } from "../../model/sketch.ts";

/** Pictures of a layer's units: values over the plane, images, cells by value, or named bars. */
export type Form = "surfaces" | "image" | "channels" | "cells" | "bars";

export interface Figure {
  readonly form: Form;
  readonly width: number;
  readonly height: number;
  /** Units, or channels, that have a picture, and those that have none. */
  readonly shown: number;
  readonly more: number;
  /** Side of a picture, or height of a bar. */
  readonly side: number;
  /** Pictures in a row. */
  readonly columns: number;
  /** Heights at which synapses meet the box: one for each shown unit, or a single one. */
  readonly pins: readonly number[];
}

export const WIDTH = 112;
export const HEAD = 48;
export const GAP = 8;
const FOOT = 14;
const MORE = 18;
const TILE = 38;
const CELL = 10;
const BAR = 16;

/** Most units with a surface of their own. */
export const MOST = 8;
const MOST_BARS = 10;
const MOST_CELLS = 64;

/** Returns the numbers of a shape, of which the last counts channels. */
export function shapeOf({ size }: LayerSketch): readonly number[] {
  return typeof size === "number" ? [size] : size;
}

/** Returns the number of units. */
export function unitsOf(layer: LayerSketch): number {
  return shapeOf(layer).reduce((all, one) => all * one, 1);
}

/** Returns the form of a layer's pictures. `surfaces` is whether the data are a plane or a line. */
export function formOf(layer: LayerSketch, surfaces: boolean): Form {
  const shape = shapeOf(layer);
  if (shape.length > 1 && shape[0]! > 1)
    return shape.length === 2 || shape.at(-1) === 1 ? "image" : "channels";
  if (surfaces) return "surfaces";
  return layer.kind !== "hidden" && unitsOf(layer) <= MOST_BARS ? "bars" : "cells";
}

function box(
  form: Form,
  units: number,
  shown: number,
  side: number,
  columns: number,
  gap: number,
  width = WIDTH,
): Figure {
  const rows = Math.ceil(shown / columns);
  const more = units - shown;
  const inner = rows * (side + gap) - gap;
  const height = HEAD + inner + FOOT + (more > 0 ? MORE : 0);
  const single = columns > 1 || form === "image";
  const pins = single
    ? [HEAD + inner / 2]
    : Array.from({ length: shown }, (_, row) => HEAD + row * (side + gap) + side / 2);
  return { form, width, height, shown, more, side, columns, pins };
}

/** Returns the box of a layer. */
export function figureOf(layer: LayerSketch, surfaces: boolean): Figure {
  const form = formOf(layer, surfaces);
  const units = unitsOf(layer);
  if (form === "image") return box(form, 1, 1, 84, 1, 0);
  if (form === "channels") {
    const channels = shapeOf(layer).at(-1)!;
    return box(form, channels, Math.min(channels, MOST), TILE, 2, GAP);
  }
  if (form === "bars") return box(form, units, units, BAR, 1, 2, 136);
  if (form === "cells") return box(form, units, Math.min(units, MOST_CELLS), CELL, 8, 2);
  return box(form, units, Math.min(units, MOST), TILE, 1, GAP);
}
