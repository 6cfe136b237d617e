// The box of a layer: its pictures and its pins, in pixels of the drawing. Nothing is measured in the page, so a drawing stands at once.

import type { Flow, LayerSketch } from "../model/sketch.ts";

/** Pictures of a layer's units: values over the plane, images, cells by value, or named bars. */
export type Form = "surfaces" | "image" | "channels" | "cells" | "bars";

export interface Figure {
  readonly form: Form;
  readonly width: number;
  readonly height: number;
  /** The size of the pictures together. */
  readonly inner: { readonly width: number; readonly height: number };
  /** Units, or channels, that have a picture, and those that have none. */
  readonly shown: number;
  readonly more: number;
  /** Side of a picture, or height of a bar. */
  readonly side: number;
  /** Pictures in a row. */
  readonly columns: number;
  /**
   * Places along the box's sides at which synapses meet it: from its top, or from its left in a drawing that leads down. There is
   * one for each shown unit, or a single one.
   */
  readonly pins: readonly number[];
}

const WIDTH = 112;
const HEAD = 48;
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

/** Forms whose units may have a pin each. */
const formsOfUnits: Readonly<Record<Flow, readonly Form[]>> = {
  right: ["surfaces", "cells", "bars"],
  down: ["surfaces", "cells"],
};

/** Pixels beside a box's pictures. */
const SIDE = 20;

/** Pictures of a form: their side, the gap between them, those in a row, and the width that their box has at least. */
interface Grid {
  readonly side: number;
  readonly gap: number;
  readonly columns: number;
  readonly width?: number;
}

function box(form: Form, units: number, shown: number, grid: Grid, flow: Flow): Figure {
  const { side, gap, columns } = grid;
  const rows = Math.ceil(shown / columns);
  const more = units - shown;
  const [across, down] = [columns, rows].map((count) => count * (side + gap) - gap) as [number, number];
  const width = grid.width ?? Math.max(WIDTH, across + SIDE);
  const height = HEAD + down + FOOT + (more > 0 ? MORE : 0);
  // Each unit has a pin where the pictures stand in one line along the sides that synapses meet.
  const isLine = formsOfUnits[flow].includes(form) && (flow === "right" ? columns : rows) === 1;
  const [first, whole] = flow === "right" ? [HEAD, down] : [(width - across) / 2, across];
  const pins = isLine
    ? Array.from({ length: shown }, (_, unit) => first + unit * (side + gap) + side / 2)
    : [first + whole / 2];
  const inner = { width: width - SIDE, height: down };
  return { form, width, height, inner, shown, more, side, columns, pins };
}

/** Returns the box of a layer. Units with surfaces stand across the direction of the drawing. */
export function figureOf(layer: LayerSketch, surfaces: boolean, flow: Flow): Figure {
  const form = formOf(layer, surfaces);
  const units = unitsOf(layer);
  const made = (all: number, most: number, grid: Grid) => box(form, all, Math.min(all, most), grid, flow);
  if (form === "image") return made(1, 1, { side: 84, gap: 0, columns: 1 });
  if (form === "channels") {
    const channels = shapeOf(layer).at(-1)!;
    return made(channels, MOST, {
      side: TILE,
      gap: GAP,
      columns: flow === "right" ? 2 : Math.min(channels, 4),
    });
  }
  if (form === "bars") return made(units, units, { side: BAR, gap: 2, columns: 1, width: 136 });
  if (form === "cells") return made(units, MOST_CELLS, { side: CELL, gap: 2, columns: Math.min(units, 8) });
  return made(units, MOST, { side: TILE, gap: GAP, columns: flow === "right" ? 1 : Math.min(units, MOST) });
}
