// The routes of a drawing's edges: where they begin and end at boxes, and what lies between.

import type { Course } from "./course.js";
import type { DrawnSynapse } from "./drawing.js";

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A box by its centre. */
export type Box = Point & Size;

/** A stretch where an edge is vertical. */
export interface Gate {
  readonly x: number;
  readonly enter: number;
  readonly leave: number;
}

/** An edge between the rows of its ends, and the centre of its label. */
export interface Line {
  readonly gates: readonly Gate[];
  readonly label: Point;
}

/** The way of an edge's last stretch: into a box from above, from below or from the right. */
export type Way = "down" | "up" | "left";

export interface Route extends Line {
  /** The end of the edge, at a box. */
  readonly tip: Point;
  readonly way: Way;
}

/** Distance between the ends of edges at a box. */
const GAP = 14;
/** Distance of an edge's end from the corners of a box. */
const CORNER = 18;
/** Length of an arrow's head that the edge itself leaves out. */
export const HEAD = 6;
/** Distance of a label beside a box from the box, and from the label before it. */
const BESIDE = 30;
const NEXT = 16;

/** Returns the room to the right of each box that the labels of synapses round it take. */
export function roomBeside(
  count: number,
  synapses: readonly DrawnSynapse[],
  courses: readonly Course[],
  labels: readonly Size[],
): number[] {
  const room = new Array<number>(count).fill(0);
  synapses.forEach(({ to }, i) => {
    if (courses[i] === "round") room[to]! += labels[i]!.width + (room[to] === 0 ? BESIDE : NEXT);
  });
  return room;
}

/** Returns the routes of all edges from their lines; a synapse round its box has none. */
export function routes(
  synapses: readonly DrawnSynapse[],
  courses: readonly Course[],
  lines: readonly (Line | undefined)[],
  boxes: readonly Box[],
  labels: readonly Size[],
): Route[] {
  const [starts, stops] = ends(synapses, courses, lines, boxes);
  const used = new Map<number, { right: number; drop: number }>();
  return synapses.map(({ from, to }, i): Route => {
    const [source, target] = [boxes[from]!, boxes[to]!];
    const line = lines[i];
    if (line === undefined) {
      // Beside the box, one label after the other; the routes lie within each other.
      const { right, drop } = used.get(to) ?? { right: target.x + target.width / 2 + BESIDE - NEXT, drop: 6 };
      const { width } = labels[i]!;
      used.set(to, { right: right + NEXT + width, drop: Math.min(drop + 9, target.height / 2 - 4) });
      const label = { x: right + NEXT + width / 2, y: target.y };
      return { gates: [], label, tip: { x: target.x + target.width / 2, y: target.y - drop }, way: "left" };
    }
    const begin = source.y + (courses[i] === "up" ? -1 : 1) * (source.height / 2);
    const way = courses[i] === "down" ? "down" : "up";
    const turn = way === "down" ? -1 : 1;
    const tip = { x: stops[i]!, y: target.y + turn * (target.height / 2) };
    const neck = tip.y + turn * HEAD;
    return {
      gates: [
        { x: starts[i]!, enter: begin, leave: begin },
        ...line.gates,
        { x: tip.x, enter: neck, leave: neck },
      ],
      label: line.label,
      tip,
      way,
    };
  });
}

/** Returns where each edge starts and stops along the side of a box that its course takes. */
function ends(
  synapses: readonly DrawnSynapse[],
  courses: readonly Course[],
  lines: readonly (Line | undefined)[],
  boxes: readonly Box[],
): [starts: number[], stops: number[]] {
  const found: [number[], number[]] = [[], []];
  /** By box and side: the edges there, with the place that each goes to or comes from. */
  const sides = boxes.map(() => ({ top: [] as End[], bottom: [] as End[] }));
  synapses.forEach(({ from, to }, i) => {
    const line = lines[i];
    if (line === undefined) return;
    sides[from]![courses[i] === "up" ? "top" : "bottom"].push({ i, end: 0, next: line.gates[0]!.x });
    sides[to]![courses[i] === "down" ? "top" : "bottom"].push({ i, end: 1, next: line.gates.at(-1)!.x });
  });
  sides.forEach(({ top, bottom }, box) => {
    for (const side of [top, bottom]) {
      side.sort((a, b) => a.next - b.next || a.i - b.i);
      const { x, width } = boxes[box]!;
      const places = spread(
        side.map(({ next }) => next),
        x,
        width,
      );
      side.forEach(({ i, end }, place) => {
        found[end][i] = places[place]!;
      });
    }
  });
  return found;
}

interface End {
  readonly i: number;
  readonly end: 0 | 1;
  readonly next: number;
}

/** Returns the ends of edges along a box: sorted, with a gap between them, each as near to its edge as possible. */
function spread(wanted: readonly number[], middle: number, width: number): number[] {
  const half = Math.max(0, width / 2 - CORNER);
  const gap = Math.min(GAP, (2 * half) / Math.max(1, wanted.length - 1));
  const xs = wanted.map((x) => Math.min(Math.max(x, middle - half), middle + half));
  for (let i = 1; i < xs.length; i++) xs[i] = Math.max(xs[i]!, xs[i - 1]! + gap);
  let most = middle + half;
  for (let i = xs.length - 1; i >= 0; i--, most -= gap) xs[i] = Math.min(xs[i]!, most);
  return xs;
}
