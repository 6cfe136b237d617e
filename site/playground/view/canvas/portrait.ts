// The pictures of a layer's units, drawn on one canvas a box.

import { type Figure, GAP, MOST } from "../figure.ts";
import { colorOf, type Palette, paint, type Range, spanOf, stepOf } from "../palette.ts";

/** The numbers and marks of a portrait. */
export interface Sitter {
  readonly figure: Figure;
  readonly range: Range;
  readonly shape: readonly number[];
  /** Values over the plane or line, unit by unit; absent without one. */
  readonly surface?: Float32Array | undefined;
  /** Axes of the surface: 1 or 2. */
  readonly axes: number;
  /** Values for one sample. */
  readonly states?: Float32Array | undefined;
  /** Place of that sample in the picture, as shares from the left and the bottom. */
  readonly mark?: readonly number[] | undefined;
  readonly chosen?: number | undefined;
}

interface Tile {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

let sheet: HTMLCanvasElement | undefined;

/** Returns the place of a picture in the canvas of its box, whose width is `width`. */
export function tileOf({ figure }: Pick<Sitter, "figure">, index: number, width: number): Tile {
  const { form, side, columns } = figure;
  if (form === "bars") return { x: 0, y: index * (side + 2), width, height: side };
  const gap = form === "cells" ? 2 : GAP;
  const inner = columns * (side + gap) - gap;
  const x = (width - inner) / 2 + (index % columns) * (side + gap);
  return { x, y: Math.floor(index / columns) * (side + gap), width: side, height: side };
}

/** Returns the unit whose picture is at a place of the canvas. */
export function unitAt(
  sitter: Pick<Sitter, "figure">,
  x: number,
  y: number,
  width: number,
): number | undefined {
  if (sitter.figure.form === "image" || sitter.figure.form === "channels") return undefined;
  for (let index = 0; index < sitter.figure.shown; index++) {
    const tile = tileOf(sitter, index, width);
    const [right, bottom] = [x - tile.x, y - tile.y];
    if (right >= -2 && bottom >= -2 && right <= tile.width + 2 && bottom <= tile.height + 2) return index;
  }
  return undefined;
}

/** Returns a canvas with pictures one above the other, all `width` by `height` values. */
function pictures(
  values: ArrayLike<number>,
  count: number,
  [width, height]: readonly [number, number],
  range: Range,
  colors: Palette,
): HTMLCanvasElement {
  sheet ??= document.createElement("canvas");
  sheet.width = width;
  sheet.height = height * count;
  const image = new ImageData(width, height * count);
  const pixels = new Uint32Array(image.data.buffer);
  const size = width * height;
  for (let unit = 0; unit < count; unit++) {
    paint(
      pixels.subarray(unit * size, (unit + 1) * size),
      values,
      unit * size,
      [width, height],
      range,
      colors.packed,
    );
  }
  sheet.getContext("2d")!.putImageData(image, 0, 0);
  return sheet;
}

function frame(context: CanvasRenderingContext2D, tile: Tile, isChosen: boolean, colors: Palette): void {
  context.beginPath();
  context.roundRect(tile.x + 0.5, tile.y + 0.5, tile.width - 1, tile.height - 1, 5);
  context.lineWidth = isChosen ? 2 : 1;
  context.strokeStyle = isChosen
    ? colors.ink
    : colors.dark
      ? "rgb(255 255 255 / 0.14)"
      : "rgb(24 36 43 / 0.16)";
  context.stroke();
}

/** Writes a number that stands out from a picture. */
function label(context: CanvasRenderingContext2D, text: string, tile: Tile, colors: Palette): void {
  context.font = "600 9px 'IBM Plex Mono', ui-monospace, monospace";
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  context.lineJoin = "round";
  context.lineWidth = 3;
  context.strokeStyle = colors.ground;
  context.fillStyle = colors.ink;
  const [x, y] = [tile.x + tile.width / 2, tile.y + tile.height - 4];
  context.strokeText(text, x, y);
  context.fillText(text, x, y);
}

/** Returns a value with as many digits as a picture has room for. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return value.toExponential(0).replace("e+", "e");
  const text = value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
  return text.replace("-", "−");
}

/** Draws a function of one variable. */
function curve(
  context: CanvasRenderingContext2D,
  values: Float32Array,
  start: number,
  points: number,
  tile: Tile,
  range: Range,
  colors: Palette,
): void {
  const [factor, term] = spanOf(values, range, start, start + points);
  context.fillStyle = colors.dark ? "#1d252a" : "#f5f6f7";
  context.beginPath();
  context.roundRect(tile.x, tile.y, tile.width, tile.height, 5);
  context.fill();
  const middle = tile.y + tile.height / 2;
  context.strokeStyle = colors.dark ? "rgb(255 255 255 / 0.12)" : "rgb(24 36 43 / 0.12)";
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(tile.x + 1, middle);
  context.lineTo(tile.x + tile.width - 1, middle);
  context.stroke();
  const reach = tile.height / 2 - 4;
  let before: number | undefined;
  context.lineWidth = 2;
  context.lineCap = "round";
  for (let index = 0; index < points; index++) {
    const value = Math.max(-1, Math.min(1, values[start + index]! * factor + term));
    const x = tile.x + 3 + ((tile.width - 6) * index) / (points - 1);
    if (before !== undefined) {
      context.beginPath();
      context.strokeStyle = colorOf(value * 0.55 + Math.sign(value) * 0.45, colors);
      context.moveTo(x - (tile.width - 6) / (points - 1), middle - reach * before);
      context.lineTo(x, middle - reach * value);
      context.stroke();
    }
    before = value;
  }
}

function surfaces(
  context: CanvasRenderingContext2D,
  sitter: Sitter,
  surface: Float32Array,
  width: number,
  colors: Palette,
): void {
  const { figure, shape, axes } = sitter;
  const units = shape.reduce((all, one) => all * one, 1);
  const points = surface.length / Math.min(units, MOST);
  const side = Math.round(Math.sqrt(points));
  const image = axes === 2 ? pictures(surface, figure.shown, [side, side], sitter.range, colors) : undefined;
  for (let unit = 0; unit < figure.shown; unit++) {
    const tile = tileOf(sitter, unit, width);
    if (image === undefined) curve(context, surface, unit * points, points, tile, sitter.range, colors);
    else {
      context.save();
      context.beginPath();
      context.roundRect(tile.x, tile.y, tile.width, tile.height, 5);
      context.clip();
      context.drawImage(image, 0, unit * side, side, side, tile.x, tile.y, tile.width, tile.height);
      context.restore();
    }
    if (sitter.mark !== undefined && axes === 2) {
      const [across, up] = sitter.mark;
      context.beginPath();
      context.arc(tile.x + across! * tile.width, tile.y + (1 - up!) * tile.height, 3, 0, 7);
      context.lineWidth = 1.5;
      context.strokeStyle = colors.ink;
      context.stroke();
    }
    if (sitter.mark !== undefined && sitter.states !== undefined) {
      label(context, short(sitter.states[unit] ?? 0), tile, colors);
    }
  }
}

/** Returns the factor and the term of values that stand alone: a share of 0 has the ground's colour, not the one of a negative value. */
export function tintOf(values: Float32Array | undefined, range: Range): readonly [number, number] {
  if (values === undefined) return [0, 0];
  return range === "share" ? [1, 0] : spanOf(values, range);
}

/** Draws each unit as a cell in the colour of its value. */
function states(context: CanvasRenderingContext2D, sitter: Sitter, width: number, colors: Palette): void {
  const { figure, states: values } = sitter;
  const isSmall = figure.form === "cells";
  const [factor, term] = tintOf(values, sitter.range);
  for (let unit = 0; unit < figure.shown; unit++) {
    const tile = tileOf(sitter, unit, width);
    const value = values === undefined ? 0 : values[unit]! * factor + term;
    context.fillStyle = colorOf(value, colors);
    context.beginPath();
    context.roundRect(tile.x, tile.y, tile.width, tile.height, isSmall ? 2 : 5);
    context.fill();
    if (!isSmall && values !== undefined) label(context, short(values[unit]!), tile, colors);
  }
}

/** Draws the channels of an image, whose values lie as (height, width, channels). */
function channels(context: CanvasRenderingContext2D, sitter: Sitter, width: number, colors: Palette): void {
  const { figure, shape, states: values } = sitter;
  const isImage = figure.form === "image";
  const count = isImage ? 1 : shape.at(-1)!;
  const [rows, columns] = [shape[0]!, shape.length > 2 || isImage ? shape[1]! : 1];
  sheet ??= document.createElement("canvas");
  sheet.width = columns;
  sheet.height = rows;
  const image = new ImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  const [factor, term] = tintOf(values, sitter.range);
  for (let unit = 0; unit < figure.shown; unit++) {
    for (let place = 0; place < rows * columns; place++) {
      const value = values === undefined ? 0 : values[place * count + unit]! * factor + term;
      pixels[place] = colors.packed[stepOf(value)]!;
    }
    sheet.getContext("2d")!.putImageData(image, 0, 0);
    const tile = tileOf(sitter, unit, width);
    context.save();
    context.beginPath();
    context.roundRect(tile.x, tile.y, tile.width, tile.height, 5);
    context.clip();
    context.imageSmoothingEnabled = false;
    context.drawImage(sheet, tile.x, tile.y, tile.width, tile.height);
    context.restore();
    frame(context, tile, false, colors);
  }
}

/** Draws a bar for each unit from the middle, or from the left where values are shares; the names stand beside it in the page. */
function bars(context: CanvasRenderingContext2D, sitter: Sitter, width: number, colors: Palette): void {
  const { figure, states: values, range } = sitter;
  const [factor, term] = values === undefined ? [1, 0] : spanOf(values, range);
  const left = width * 0.46;
  const room = width - left;
  for (let unit = 0; unit < figure.shown; unit++) {
    const { y, height } = tileOf(sitter, unit, width);
    context.fillStyle = colors.dark ? "rgb(255 255 255 / 0.07)" : "rgb(24 36 43 / 0.06)";
    context.beginPath();
    context.roundRect(left, y + 3, room, height - 6, 3);
    context.fill();
    if (values === undefined) continue;
    const value = values[unit]! * factor + term;
    const isShare = range === "share";
    const part = isShare ? (value + 1) / 2 : Math.abs(value) / 2;
    const start = isShare ? left : value < 0 ? left + room * (0.5 - part) : left + room / 2;
    context.fillStyle = colorOf(isShare ? 0.75 : value < 0 ? -0.8 : 0.8, colors);
    context.beginPath();
    context.roundRect(start, y + 3, Math.max(1.5, room * part), height - 6, 3);
    context.fill();
  }
}

/** Draws a layer's pictures. The canvas is `width` pixels wide. */
export function portray(
  context: CanvasRenderingContext2D,
  sitter: Sitter,
  width: number,
  colors: Palette,
): void {
  const { form } = sitter.figure;
  if (form === "image" || form === "channels") channels(context, sitter, width, colors);
  else if (form === "bars") bars(context, sitter, width, colors);
  else if (form === "cells") states(context, sitter, width, colors);
  else {
    if (sitter.surface === undefined || sitter.surface.length === 0) states(context, sitter, width, colors);
    else surfaces(context, sitter, sitter.surface, width, colors);
    for (let unit = 0; unit < sitter.figure.shown; unit++) {
      frame(context, tileOf(sitter, unit, width), unit === sitter.chosen, colors);
    }
  }
}
