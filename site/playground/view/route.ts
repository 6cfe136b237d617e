// The ways of synapses between boxes: straight on, over boxes that stand between, or back around as a loop.

import type { Flow } from "../model/sketch.ts";

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Places of its pins: from its top, or in a drawing that leads down from its left. */
  readonly pins: readonly number[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A cable: cubic curves by their points, four for the first and three for each other. */
export interface Route {
  readonly flow: Flow;
  readonly direct: boolean;
  readonly curves: readonly Point[];
  readonly label: Point;
}

const CLEAR = 24;
const APART = 14;

/** Returns the middle of a box's pins. */
function middleOf({ pins }: Box): number {
  return (pins[0]! + pins.at(-1)!) / 2;
}

function point(x: number, y: number): Point {
  return { x, y };
}

/** Returns the points at which synapses leave a box, or enter it, at a pin. */
export function endsOf({ x, y, width, height }: Box, pin: number, flow: Flow) {
  return flow === "right"
    ? { exit: point(x + width, y + pin), entry: point(x, y + pin) }
    : { exit: point(x + pin, y + height), entry: point(x + pin, y) };
}

/** Returns the cubic curve from a pin of one box to a pin of another. */
export function curveOf(start: Point, end: Point, flow: Flow): readonly Point[] {
  const [across, down] = [(end.x - start.x) / 2, (end.y - start.y) / 2];
  const bend = flow === "right" ? point(across, 0) : point(0, down);
  return [start, point(start.x + bend.x, start.y + bend.y), point(end.x - bend.x, end.y - bend.y), end];
}

/** Swaps the axes: a drawing that leads down is one to the right, mirrored. */
function turned<T extends Point>(place: T): T {
  return { ...place, x: place.y, y: place.x };
}
function turnedBox(box: Box): Box {
  return { ...turned(box), width: box.height, height: box.width };
}

/** The ways between two boxes in a drawing to the right. */
type Way = Omit<Route, "flow">;

/** Returns the way along a level above or below the boxes. */
function around(start: Point, end: Point, level: number, bend: number): Way {
  const back = end.x < start.x + 2 * bend;
  const [left, right] = back ? [start.x, end.x] : [start.x + bend, end.x - bend];
  const reach = back ? bend : bend / 2;
  const curves = [
    start,
    point(start.x + reach, start.y),
    back ? point(start.x + reach, level) : point(left - reach, level),
    point(left, level),
    point(left, level),
    point(right, level),
    point(right, level),
    back ? point(end.x - reach, level) : point(right + reach, level),
    point(end.x - reach, end.y),
    end,
  ];
  return { direct: false, curves, label: point((left + right) / 2, level) };
}

/** Returns whether a box stands between two others, in the way of the lines between their pins. */
function blocks(box: Box, from: Box, to: Box): boolean {
  const [left, right] = [from.x + from.width, to.x];
  if (box.x + box.width <= left || box.x >= right) return false;
  const share = (box.x + box.width / 2 - left) / (right - left);
  const high = from.y + from.pins[0]! + share * (to.y + to.pins[0]! - from.y - from.pins[0]!);
  const low = from.y + from.pins.at(-1)! + share * (to.y + to.pins.at(-1)! - from.y - from.pins.at(-1)!);
  return Math.min(high, low) < box.y + box.height + 6 && Math.max(high, low) > box.y - 6;
}

function wayOf(from: Box, to: Box, others: readonly Box[], rank: number, straight: boolean): Way {
  const start = endsOf(from, middleOf(from), "right").exit;
  const end = endsOf(to, middleOf(to), "right").entry;
  if (end.x < start.x + 12) {
    // A loop goes back below the boxes that it encloses.
    const inside = others.filter((box) => box.x < start.x && box.x + box.width > end.x);
    const level =
      Math.max(...[from, to, ...inside].map(({ y, height }) => y + height)) + CLEAR + rank * APART;
    return around(start, end, level, 52);
  }
  const obstacles = others.filter((box) => blocks(box, from, to));
  if (obstacles.length === 0 && straight) {
    const label = point((start.x + end.x) / 2, (start.y + end.y) / 2);
    return { direct: true, curves: curveOf(start, end, "right"), label };
  }
  const all = obstacles.length > 0 ? obstacles : [from, to];
  const above = Math.min(...all.map(({ y }) => y)) - CLEAR - rank * APART;
  const below = Math.max(...all.map(({ y, height }) => y + height)) + CLEAR + rank * APART;
  const far = (level: number) => Math.abs(level - start.y) + Math.abs(level - end.y);
  const level = far(above) <= far(below) ? above : below;
  return around(start, end, level, Math.min(64, (end.x - start.x) / 2.5));
}

/** The direction of a drawing, and the choices that keep ways apart. */
export interface Routing {
  readonly flow: Flow;
  /** Number of the ways that have left the straight line, each of which has a level of its own. */
  readonly rank: number;
  /** Whether the way may be straight: the second synapse of a pair's leads around. */
  readonly straight: boolean;
}

/** Returns the way between two boxes among others. */
export function routeOf(
  from: Box,
  to: Box,
  others: readonly Box[],
  { flow, rank, straight }: Routing,
): Route {
  if (flow === "right") return { flow, ...wayOf(from, to, others, rank, straight) };
  const way = wayOf(turnedBox(from), turnedBox(to), others.map(turnedBox), rank, straight);
  return { flow, direct: way.direct, curves: way.curves.map(turned), label: turned(way.label) };
}

/** Returns a route as the path of an SVG. */
export function pathOf({ curves }: Route): string {
  const text = ({ x, y }: Point) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  let path = `M${text(curves[0]!)}`;
  for (let index = 1; index + 2 < curves.length; index += 3) {
    path += `C${curves
      .slice(index, index + 3)
      .map(text)
      .join(" ")}`;
  }
  return path;
}
