// The ways of synapses between boxes: straight on, over boxes that stand between, or back around as a loop.

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Heights of its pins, from its top. */
  readonly pins: readonly number[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A cable: cubic curves by their points, four for the first and three for each other. */
export interface Route {
  readonly direct: boolean;
  readonly curves: readonly Point[];
  readonly label: Point;
}

const CLEAR = 24;
const APART = 14;

/** Returns the height at which cables meet a box. */
export function middleOf({ y, pins }: Box): number {
  return y + (pins[0]! + pins.at(-1)!) / 2;
}

function point(x: number, y: number): Point {
  return { x, y };
}

/** Returns the way along a level above or below the boxes. */
function around(start: Point, end: Point, level: number, bend: number): Route {
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

/** Returns the way between two boxes. `rank` keeps ways apart that share a level. */
export function routeOf(from: Box, to: Box, others: readonly Box[], rank = 0, straight = true): Route {
  const start = point(from.x + from.width, middleOf(from));
  const end = point(to.x, middleOf(to));
  if (end.x < start.x + 12) {
    // A loop goes back below the boxes that it encloses.
    const inside = others.filter((box) => box.x < start.x && box.x + box.width > end.x);
    const level =
      Math.max(...[from, to, ...inside].map(({ y, height }) => y + height)) + CLEAR + rank * APART;
    return around(start, end, level, 52);
  }
  const obstacles = others.filter((box) => blocks(box, from, to));
  if (obstacles.length === 0 && straight) {
    const half = (end.x - start.x) / 2;
    const curves = [start, point(start.x + half, start.y), point(end.x - half, end.y), end];
    return { direct: true, curves, label: point(start.x + half, (start.y + end.y) / 2) };
  }
  const all = obstacles.length > 0 ? obstacles : [from, to];
  const above = Math.min(...all.map(({ y }) => y)) - CLEAR - rank * APART;
  const below = Math.max(...all.map(({ y, height }) => y + height)) + CLEAR + rank * APART;
  const far = (level: number) => Math.abs(level - start.y) + Math.abs(level - end.y);
  const level = far(above) <= far(below) ? above : below;
  return around(start, end, level, Math.min(64, (end.x - start.x) / 2.5));
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
