// The automatic layout of a drawing: layers from left to right, or from top to bottom, in the order of their synapses. Loops are
// allowed.

import { layout as arrange, Graph as Drawing } from "@dagrejs/dagre";
import type { Flow, LayerSketch, Sketch } from "./sketch.ts";

/** The size of a layer's box in pixels. */
export interface Extent {
  readonly width: number;
  readonly height: number;
}

/** The size of a box where the page gives none. */
const usual: Extent = { width: 132, height: 96 };

/** Pixels between boxes of a rank, between synapses that pass them, and between ranks. A narrow screen has less room. */
const spaces = {
  right: { nodesep: 40, edgesep: 80, ranksep: 96 },
  down: { nodesep: 24, edgesep: 56, ranksep: 64 },
} as const;

/** Returns the sketch with a place for every layer: the upper left corner of its box, the first at (0, 0) or beside it. */
export function layout(
  sketch: Sketch,
  extentOf: (layer: LayerSketch) => Extent = () => usual,
  flow: Flow = "right",
): Sketch {
  const drawing = new Drawing({ multigraph: true });
  // One alignment of dagre's four keeps long synapses straight, and the boxes that they skip clear of them.
  drawing.setGraph({
    rankdir: flow === "right" ? "LR" : "TB",
    align: "UL",
    ...spaces[flow],
    marginx: 0,
    marginy: 0,
  });
  drawing.setDefaultEdgeLabel(() => ({}));
  // By numbers, since dagre takes the name __proto__ for the prototype of all objects.
  const nodes = new Map(sketch.layers.map(({ name }, place) => [name, String(place)]));
  for (const [place, layer] of sketch.layers.entries()) {
    const { width, height } = extentOf(layer);
    drawing.setNode(String(place), { width, height });
  }
  for (const [place, { from: source, to: target, options }] of sketch.synapses.entries()) {
    const [from, to] = [nodes.get(source), nodes.get(target)];
    if (from === to || from === undefined || to === undefined) continue;
    // A delayed synapse mostly leads back, and has less to say about the order.
    const weight = Number(options.delay ?? 0) === 0 ? 2 : 0;
    drawing.setEdge(from, to, { weight }, String(place));
  }
  arrange(drawing);
  const layers = sketch.layers.map((layer, place) => {
    const { x, y } = drawing.node(String(place)) as { x: number; y: number };
    const { width, height } = extentOf(layer);
    return { ...layer, x: Math.round(x - width / 2), y: Math.round(y - height / 2) };
  });
  const { flow: _, ...rest } = sketch;
  return { ...rest, layers, ...(flow === "down" && { flow }) };
}
