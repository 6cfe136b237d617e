// Synapses as lines on one canvas: width by strength, colour by sign. Between small layers each weight has its line.
// Elsewhere a cable stands for all weights, as wide as their root mean square, in the colour of their mean.

import type { Figure } from "../figure.ts";
import { colorOf, type Palette } from "../palette.ts";
import { type Box, curveOf, endsOf, type Point, type Route } from "../route.ts";

/** A synapse as it is drawn. */
export interface Wire {
  readonly route: Route;
  readonly from: { readonly box: Box; readonly figure: Figure; readonly units: number };
  readonly to: { readonly box: Box; readonly figure: Figure; readonly units: number };
  readonly kind: string;
  readonly weights: Float32Array | undefined;
  readonly isChosen: boolean;
}

/** A unit whose own lines are brought out. */
export interface Focus {
  readonly layer: Box;
  readonly unit: number;
}

function widthOf(weight: number): number {
  return Math.min(5, 0.6 + 2.2 * Math.sqrt(Math.abs(weight)));
}

/** Returns a line's colour: the scale's ends alone, since its middle is the ground's own. */
function inkOf(weight: number, colors: Palette): string {
  const strength = Math.min(1, 0.35 + Math.abs(weight) * 0.45);
  return colorOf(weight < 0 ? -strength : strength, colors);
}

function trace(context: CanvasRenderingContext2D, curves: readonly Point[]): void {
  context.beginPath();
  context.moveTo(curves[0]!.x, curves[0]!.y);
  for (let index = 1; index + 2 < curves.length; index += 3) {
    const [first, second, end] = [curves[index]!, curves[index + 1]!, curves[index + 2]!];
    context.bezierCurveTo(first.x, first.y, second.x, second.y, end.x, end.y);
  }
  context.stroke();
}

/** Returns the root mean square and the mean of weights. */
function summary(weights: Float32Array): readonly [strength: number, mean: number] {
  let [sum, squares] = [0, 0];
  for (const weight of weights) {
    sum += weight;
    squares += weight * weight;
  }
  return [Math.sqrt(squares / weights.length), sum / weights.length];
}

/** Calls for each pair of shown units that a weight joins. */
function pairs(
  { kind, weights, from, to }: Wire,
  each: (from: number, to: number, weight: number) => void,
): void {
  if (kind === "dense") {
    for (let source = 0; source < from.figure.shown; source++) {
      for (let target = 0; target < to.figure.shown; target++) {
        each(source, target, weights?.[source * to.units + target] ?? 0);
      }
    }
  } else {
    const count = Math.min(from.figure.shown, to.figure.shown);
    for (let unit = 0; unit < count; unit++) each(unit, unit, weights?.[unit] ?? 1);
  }
}

/** Returns whether each weight has a line of its own. */
function isFine({ route, kind, from, to, weights }: Wire): boolean {
  if (!route.direct || (from.figure.pins.length < 2 && to.figure.pins.length < 2)) return false;
  const fits = (end: Wire["from"]) => end.figure.pins.length === end.figure.shown;
  const known = kind === "dense" ? weights === undefined || weights.length === from.units * to.units : true;
  return (kind === "dense" || kind === "oneToOne" || kind === "identity") && fits(from) && fits(to) && known;
}

/** The state of the drawing in which wires are drawn. */
interface Pen {
  readonly context: CanvasRenderingContext2D;
  readonly focus: Focus | undefined;
  readonly colors: Palette;
  readonly alpha: number;
}

function fine({ context, focus, colors, alpha }: Pen, wire: Wire): void {
  const { from, to } = wire;
  const { flow } = wire.route;
  const involved = focus !== undefined && (focus.layer === from.box || focus.layer === to.box);
  pairs(wire, (source, target, weight) => {
    const isFocus =
      (focus?.layer === from.box && focus.unit === source) ||
      (focus?.layer === to.box && focus.unit === target);
    context.globalAlpha = alpha * (involved && !isFocus ? 0.12 : 0.9);
    context.lineWidth = widthOf(weight);
    context.strokeStyle = inkOf(weight, colors);
    const start = endsOf(from.box, from.figure.pins[source]!, flow).exit;
    const end = endsOf(to.box, to.figure.pins[target]!, flow).entry;
    trace(context, curveOf(start, end, flow));
  });
}

function cable({ context, colors, alpha }: Pen, { route, weights, kind }: Wire): void {
  context.globalAlpha = alpha;
  const [strength, mean] = weights === undefined || weights.length === 0 ? [0.6, 0] : summary(weights);
  const isPlain = weights === undefined || kind === "identity";
  context.lineWidth = isPlain ? 2 : widthOf(strength);
  context.strokeStyle = isPlain
    ? colors.faint
    : inkOf(mean === 0 ? strength : (Math.sign(mean) * strength * 2) / 1.2, colors);
  trace(context, route.curves);
}

function draw(pen: Pen, wire: Wire): void {
  if (isFine(wire)) fine(pen, wire);
  else cable(pen, wire);
}

/** Draws all wires; the context has the transform of the drawing. */
export function drawWires(
  context: CanvasRenderingContext2D,
  wires: readonly Wire[],
  focus: Focus | undefined,
  colors: Palette,
): void {
  context.lineCap = "round";
  // The chosen synapse stands out, and is drawn last.
  const chosen = wires.find(({ isChosen }) => isChosen);
  const pen = { context, focus, colors, alpha: chosen === undefined ? 1 : 0.16 };
  for (const wire of wires) if (wire !== chosen) draw(pen, wire);
  if (chosen !== undefined) draw({ ...pen, alpha: 1 }, chosen);
  context.globalAlpha = 1;
}
