// The first sketch for each kind of data, placed for the boxes of this page.

import { load } from "../data/lesson.ts";
import { plane } from "../data/plane.ts";
import { layout } from "../model/layout.ts";
import type { DataSketch, Sketch } from "../model/sketch.ts";
import { firstData, starter } from "../model/starter.ts";
import { figureOf } from "./canvas/figure.ts";

/** Places the layers of a sketch by itself. */
export function arranged(sketch: Sketch): Sketch {
  const { kind } = sketch.data;
  const surfaces = kind === "plane" || kind === "curve";
  return layout(sketch, (layer) => figureOf(layer, surfaces));
}

/** Returns the sketch that stands in the page at its start. */
export function first(): Sketch {
  const data = firstData.plane;
  return arranged(starter(data, plane(data.name, data.noise, data.share, data.seed)));
}

/** Returns the first sketch for some data. Throws `bad-data`. */
export async function begun(data: DataSketch): Promise<Sketch> {
  return arranged(starter(data, await load(data)));
}

/** Returns the plan of a graph: all but places, names of data and training. */
function planOf({ layers, synapses }: Sketch): string {
  return JSON.stringify([layers.map(({ x: _, y: __, ...layer }) => layer), synapses]);
}

/** Whether the graph is still the one that its data began with. */
export async function isUnchanged(sketch: Sketch): Promise<boolean> {
  try {
    return planOf(await begun(sketch.data)) === planOf(sketch);
  } catch {
    return false;
  }
}
