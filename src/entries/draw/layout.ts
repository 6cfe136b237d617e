// The places of a drawing's boxes and edges: by dagre, in layers from the inputs down. Sources: Gansner, Koutsofios, North,
// Vo, "A technique for drawing directed graphs", 1993. Brandes, Köpf, "Fast and simple horizontal coordinate assignment",
// 2001.

import { Graph as Dagre, layout } from "@dagrejs/dagre";
import { GraphError } from "../../base/error.js";
import { type Course, coursesOf } from "./course.js";
import type { Drawing, DrawnSynapse } from "./drawing.js";
import type { Frame } from "./frame.js";
import {
  type Box,
  type Gate,
  HEAD,
  type Line,
  type Point,
  type Route,
  roomBeside,
  routes,
  type Size,
} from "./route.js";

export interface Placement extends Size {
  readonly boxes: readonly Box[];
  /** The edges, in the order of the synapses. */
  readonly edges: readonly Route[];
  readonly frames: readonly Box[];
}

const MARGIN = 16;

/**
 * Most boxes, and most rows of boxes that edges pass: the largest drawing takes 1.5 to 4 s. A layer in a frame counts twice, and
 * so does a label that is a box of its own count as one.
 */
const BOXES = 1000;
const ROWS = 4000;
/** Boxes beyond which frames and loops are ranked in less time, with edges that can be longer. */
const MANY = 200;

/** Places boxes and labels of given sizes, and frames. Throws `unsupported` for a graph that would take too long. */
export function place(
  drawing: Drawing,
  sizes: readonly Size[],
  labels: readonly Size[],
  frames: readonly Frame[],
): Placement {
  const { synapses, layers } = drawing;
  const { courses, passed } = coursesOf(drawing);
  const more = frames.reduce((sum, frame) => sum + frame.layers.length, 0) + courses.filter(isAside).length;
  const count = layers.length + more;
  if (count > BOXES || passed > ROWS) {
    const boxes = `${count}${more === 0 ? "" : " (more for frames and loops)"}`;
    throw new GraphError(
      "unsupported",
      `toSvg draws up to ${BOXES} layers whose synapses go down ${ROWS} rows in all, not ${boxes} and ${passed}; toDot has no limit.`,
    );
  }
  const room = roomBeside(sizes.length, synapses, courses, labels);
  // As much room on the left as on the right keeps the edges of a box straight.
  const wide = sizes.map(({ width, height }, i) => ({ width: width + 2 * room[i]!, height }));
  const ranker = more > 0 && count > MANY ? "tight-tree" : "network-simplex";
  const dagre = arrange(synapses, courses, wide, labels, frames, ranker);
  const boxes = sizes.map((size, i): Box => ({ ...size, ...point(dagre.node(`${i}`)) }));
  const lines = linesOf(dagre, synapses, courses, boxes, labels);
  const { width, height } = dagre.graph() as Size;
  return {
    // Of an empty graph, dagre returns -Infinity.
    width: Math.max(width, 2 * MARGIN),
    height: Math.max(height, 2 * MARGIN),
    boxes,
    edges: routes(synapses, courses, lines, boxes, labels),
    frames: frames.map((_, f) => dagre.node(`frame ${f}`) as Box),
  };
}

function isAside(course: Course): boolean {
  return course === "aside";
}

/** Arranges boxes, labels and frames. A synapse of the course `aside` has its label as a box of its own, below both ends. */
function arrange(
  synapses: readonly DrawnSynapse[],
  courses: readonly Course[],
  boxes: readonly Size[],
  labels: readonly Size[],
  frames: readonly Frame[],
  ranker: "tight-tree" | "network-simplex",
): Dagre {
  const dagre = new Dagre({ multigraph: true, compound: frames.length > 0 });
  dagre.setGraph({ nodesep: 28, edgesep: 16, ranksep: 56, marginx: MARGIN, marginy: MARGIN, ranker });
  boxes.forEach((size, i) => {
    dagre.setNode(`${i}`, { ...size });
  });
  const frameOf = new Map<number, string>();
  frames.forEach(({ layers }, f) => {
    dagre.setNode(`frame ${f}`, {});
    for (const i of layers) {
      frameOf.set(i, `frame ${f}`);
      dagre.setParent(`${i}`, `frame ${f}`);
    }
  });
  synapses.forEach(({ from, to }, i) => {
    const join = (source: number, target: number | string, size: Size) =>
      dagre.setEdge(`${source}`, `${target}`, { ...size, labelpos: "c" }, `${i}`);
    if (courses[i] === "down") join(from, to, labels[i]!);
    if (courses[i] === "up") join(to, from, labels[i]!);
    if (courses[i] !== "aside") return;
    const label = `label ${i}`;
    dagre.setNode(label, { ...labels[i]! });
    const frame = frameOf.get(from);
    if (frame !== undefined && frame === frameOf.get(to)) dagre.setParent(label, frame);
    for (const end of [from, to]) join(end, label, { width: 0, height: 0 });
  });
  layout(dagre);
  return dagre;
}

/** Returns the lines of edges between the rows of their ends; undefined for one round its own box. */
function linesOf(
  dagre: Dagre,
  synapses: readonly DrawnSynapse[],
  courses: readonly Course[],
  boxes: readonly Box[],
  labels: readonly Size[],
): (Line | undefined)[] {
  // Boxes of a row have their centres on a line: an edge is vertical for half the height of the highest box.
  const reaches = new Map<number, number>();
  for (const { y, height } of boxes) {
    reaches.set(Math.round(y), Math.max(reaches.get(Math.round(y)) ?? 0, height / 2));
  }
  const gates = (source: number, target: number | string, i: number): Gate[] => {
    const { points, y: middle } = dagre.edge({ v: `${source}`, w: `${target}`, name: `${i}` });
    return (points as Point[]).slice(1, -1).map(({ x, y }) => {
      const reach = reaches.get(Math.round(y)) ?? (y === middle ? labels[i]!.height / 2 : 0);
      return { x, enter: y - reach, leave: y + reach };
    });
  };
  return synapses.map(({ from, to }, i): Line | undefined => {
    if (courses[i] === "round") return undefined;
    if (courses[i] === "aside") {
      const label = point(dagre.node(`label ${i}`));
      const [before, after] = [gates(from, `label ${i}`, i), gates(to, `label ${i}`, i)];
      const top = label.y - labels[i]!.height / 2;
      const half = before.at(-1)!.x < after.at(-1)!.x ? HEAD : -HEAD;
      const bottom = [
        { x: label.x - half, enter: top, leave: label.y },
        { x: label.x + half, enter: label.y, leave: top },
      ];
      return { gates: [...before, ...bottom, ...turned(after)], label };
    }
    const [source, target] = courses[i] === "up" ? [to, from] : [from, to];
    const label = point(dagre.edge({ v: `${source}`, w: `${target}`, name: `${i}` }));
    const found = gates(source, target, i);
    return { gates: courses[i] === "up" ? turned(found) : found, label };
  });
}

/** Returns the gates of the way back. */
function turned(gates: readonly Gate[]): Gate[] {
  return gates.map(({ x, enter, leave }) => ({ x, enter: leave, leave: enter })).reverse();
}

function point({ x, y }: { x?: number; y?: number }): Point {
  return { x: x!, y: y! };
}
