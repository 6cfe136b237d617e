// The first sketch for each kind of data, placed for the boxes of this page.

import { load } from "../data/load.ts";
import { plane } from "../data/plane.ts";
import { layout } from "../model/layout.ts";
import type { Lesson } from "../model/lesson.ts";
import type { DataSketch, Sketch } from "../model/sketch.ts";
import { firstData, starter } from "../model/starter.ts";
import { figureOf } from "./canvas/figure.ts";

/** Checks whether boxes show values over a plane or a line: data of two numbers, or of one, that are not a series. */
export function isSpread({ kind }: DataSketch, lesson?: Lesson): boolean {
  if (kind === "table") return lesson?.bounds.length === 2 && lesson.outputs[0]?.goal === "classes";
  return kind === "plane" || kind === "curve";
}

/** Places the layers of a sketch by itself. */
export function arranged(sketch: Sketch, surfaces = isSpread(sketch.data)): Sketch {
  return centred(
    layout(sketch, (layer) => figureOf(layer, surfaces)),
    surfaces,
  );
}

/** Puts the boxes of a chain, where no two layers share a column, on one line: skips then lead around them. */
function centred(sketch: Sketch, surfaces: boolean): Sketch {
  const boxes = sketch.layers.map((layer) => ({ layer, ...figureOf(layer, surfaces) }));
  const meet = (one: (typeof boxes)[number], other: (typeof boxes)[number]) =>
    one.layer.x < other.layer.x + other.width && other.layer.x < one.layer.x + one.width;
  if (boxes.some((one, place) => boxes.some((other, at) => at > place && meet(one, other)))) return sketch;
  const layers = boxes.map(({ layer, height }) => ({ ...layer, y: Math.round(-height / 2) }));
  return { ...sketch, layers };
}

/** Returns the sketch that stands in the page at its start. */
export function first(): Sketch {
  const data = firstData.plane;
  return arranged(starter(data, plane(data.name, data.noise, data.share, data.seed)));
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
