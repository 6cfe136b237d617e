// The places of a drawing's boxes and edges: by dagre, in layers from the inputs down. Sources: Gansner, Koutsofios, North,
// Vo, "A technique for drawing directed graphs", 1993. Brandes, Köpf, "Fast and simple horizontal coordinate assignment",
// 2001.

import { Graph as Dagre, layout } from "@dagrejs/dagre";
import { GraphError } from "../../base/error.js";
import { type Drawing, inOrder } from "./drawing.js";

export interface Size {
  readonly width: number;
  readonly height: number;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A point where an edge is vertical, from `reach` above it to `reach` below it. */
export interface Gate extends Point {
  readonly reach: number;
}

export interface Placement extends Size {
  /** Centres of the boxes. */
  readonly boxes: readonly Point[];
  /** Edges from the lower side of a box to the upper side of another, and the centres of their labels. */
  readonly edges: readonly { readonly gates: readonly Gate[]; readonly label: Point }[];
}

const MARGIN = 16;
/** Distance between the ends of edges at a box. */
const GAP = 14;
/** Distance of an edge's end from the corners of a box. */
const CORNER = 18;

/** Most layers, and most rows of boxes that edges pass: the largest drawing takes 1.5 to 4 s. */
const LAYERS = 1000;
const ROWS = 4000;

/** Places boxes and labels of given sizes. Throws `unsupported` for a graph that would take too long. */
export function place(drawing: Drawing, boxes: readonly Size[], labels: readonly Size[]): Placement {
  const rows = span(drawing);
  if (drawing.layers.length > LAYERS || rows > ROWS) {
    throw new GraphError(
      "unsupported",
      `toSvg draws up to ${LAYERS} layers whose synapses go down ${ROWS} rows in all, not ${drawing.layers.length} and ${rows}; toDot has no limit.`,
    );
  }
  const dagre = new Dagre({ multigraph: true });
  dagre.setGraph({ nodesep: 28, edgesep: 16, ranksep: 56, marginx: MARGIN, marginy: MARGIN });
  boxes.forEach((size, i) => {
    dagre.setNode(`${i}`, { ...size });
  });
  drawing.synapses.forEach(({ from, to }, i) => {
    dagre.setEdge(`${from}`, `${to}`, { ...labels[i]!, labelpos: "c" }, `${i}`);
  });
  layout(dagre);
  const middles = boxes.map((_, i) => point(dagre.node(`${i}`)));
  // Boxes of a row have their centres on a line: an edge is vertical for half the height of the highest box.
  const reaches = new Map<number, number>();
  middles.forEach(({ y }, i) => {
    reaches.set(Math.round(y), Math.max(reaches.get(Math.round(y)) ?? 0, boxes[i]!.height / 2));
  });
  const routes = drawing.synapses.map(({ from, to }, i) => {
    const { points, x, y } = dagre.edge({ v: `${from}`, w: `${to}`, name: `${i}` });
    const inner = (points as Point[]).slice(1, -1).map((at): Gate => {
      const reach = reaches.get(Math.round(at.y)) ?? (at.y === y ? labels[i]!.height / 2 : 0);
      return { x: at.x, y: at.y, reach };
    });
    return { from, to, inner, label: { x, y } as Point };
  });
  const ends = (side: "from" | "to") => {
    const places: number[] = [];
    const next = (i: number) => routes[i]!.inner.at(side === "from" ? 0 : -1)!.x;
    const members: number[][] = boxes.map(() => []);
    routes.forEach((route, i) => {
      members[route[side]]!.push(i);
    });
    members.forEach((edges, box) => {
      edges.sort((a, b) => next(a) - next(b) || a - b);
      const xs = spread(edges.map(next), middles[box]!.x, boxes[box]!.width);
      edges.forEach((edge, i) => {
        places[edge] = xs[i]!;
      });
    });
    return places;
  };
  const [starts, stops] = [ends("from"), ends("to")];
  const { width, height } = dagre.graph() as Size;
  return {
    // Of an empty graph, dagre returns -Infinity.
    width: Math.max(width, 2 * MARGIN),
    height: Math.max(height, 2 * MARGIN),
    boxes: middles,
    edges: routes.map(({ from, to, inner, label }, i) => {
      const first = { x: starts[i]!, y: middles[from]!.y + boxes[from]!.height / 2, reach: 0 };
      const last = { x: stops[i]!, y: middles[to]!.y - boxes[to]!.height / 2, reach: 0 };
      return { gates: [first, ...inner, last], label };
    }),
  };
}

function point({ x, y }: { x?: number; y?: number }): Point {
  return { x: x!, y: y! };
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

/** Counts the rows of boxes that all edges pass, with each layer as high as possible. */
function span({ layers, synapses }: Drawing): number {
  const rank = layers.map(() => 0);
  for (const i of inOrder(layers)) {
    for (const { from } of layers[i]!.incoming) rank[i] = Math.max(rank[i]!, rank[from]! + 1);
  }
  return synapses.reduce((sum, { from, to }) => sum + rank[to]! - rank[from]!, 0);
}
