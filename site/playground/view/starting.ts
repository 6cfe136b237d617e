// The first sketch for each kind of data, placed for the boxes of this page.

import { load } from "../data/load.ts";
import { plane } from "../data/plane.ts";
import { layout } from "../model/layout.ts";
import type { Lesson } from "../model/lesson.ts";
import { type DataSketch, type Flow, flowOf, type Sketch } from "../model/sketch.ts";
import { firstData, starter } from "../model/starter.ts";
import { figureOf } from "./figure.ts";

/** Checks whether boxes show values over a plane or a line: data of two numbers, or of one, that are not a series. */
export function isSpread({ kind }: DataSketch, lesson?: Lesson): boolean {
  if (kind === "table") return lesson?.bounds.length === 2 && lesson.outputs[0]?.goal === "classes";
  return kind === "plane" || kind === "curve";
}

/** Screens on which boxes side by side would be tiny; the style sheets have the same width. */
export const NARROW = "(max-width: 719px)";

/** Returns the direction in which this page lays out a drawing. */
function pageFlow(): Flow {
  return matchMedia(NARROW).matches ? "down" : "right";
}

/** Places the layers of a sketch by itself, in the direction of this page if none is given. */
export function arranged(sketch: Sketch, surfaces = isSpread(sketch.data), flow = pageFlow()): Sketch {
  return centred(
    layout(sketch, (layer) => figureOf(layer, surfaces, flow), flow),
    surfaces,
  );
}

/** Puts the boxes of a chain, where no two layers share a rank, on one line: skips then lead around them. */
function centred(sketch: Sketch, surfaces: boolean): Sketch {
  const flow = flowOf(sketch);
  const [axis, extent] = flow === "right" ? (["x", "width"] as const) : (["y", "height"] as const);
  const boxes = sketch.layers.map((layer) => ({ layer, ...figureOf(layer, surfaces, flow) }));
  const meet = (one: (typeof boxes)[number], other: (typeof boxes)[number]) =>
    one.layer[axis] < other.layer[axis] + other[extent] && other.layer[axis] < one.layer[axis] + one[extent];
  if (boxes.some((one, place) => boxes.some((other, at) => at > place && meet(one, other)))) return sketch;
  const layers = boxes.map(({ layer, width, height }) =>
    flow === "right" ? { ...layer, y: Math.round(-height / 2) } : { ...layer, x: Math.round(-width / 2) },
  );
  return { ...sketch, layers };
}

/**
 * Lays a sketch out for this page, such as one from a larger screen. A drawing in which a person has moved a layer stays as it
 * is: its places are none of an automatic layout.
 */
export function adapted(sketch: Sketch, flow = pageFlow()): Sketch {
  const former = flowOf(sketch);
  if (former === flow) return sketch;
  // A table shows surfaces only once its rows are read.
  const surfaces = [false, true].find((one) => hasPlaces(arranged(sketch, one, former), sketch));
  return surfaces === undefined ? sketch : arranged(sketch, surfaces, flow);
}

/** Checks whether the layers of two sketches have the same places. */
function hasPlaces({ layers }: Sketch, other: Sketch): boolean {
  return layers.every(({ x, y }, place) => x === other.layers[place]!.x && y === other.layers[place]!.y);
}

/** Returns the sketch that stands in the page at its start. */
export function first(flow = pageFlow()): Sketch {
  const data = firstData.plane;
  const sketch = starter(data, plane(data.name, data.noise, data.share, data.seed));
  return arranged(sketch, isSpread(data), flow);
}

/** Returns the first sketch for some data. Throws `bad-data`. */
export async function begun(data: DataSketch): Promise<Sketch> {
  const lesson = await load(data);
  return arranged(starter(data, lesson), isSpread(data, lesson));
}

/** Returns the plan of a graph: all but places, names of data and training. */
function planOf({ layers, synapses }: Sketch): string {
  return JSON.stringify([layers.map(({ x: _, y: __, ...layer }) => layer), synapses]);
}

/** Returns whether the graph is still the one that its data began with. */
export async function isUnchanged(sketch: Sketch): Promise<boolean> {
  try {
    return planOf(await begun(sketch.data)) === planOf(sketch);
  } catch {
    return false;
  }
}
