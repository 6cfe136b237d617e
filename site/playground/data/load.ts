// The lesson of any data: one place that knows all kinds.

import type { Lesson } from "../model/lesson.ts";
import type { DataSketch } from "../model/sketch.ts";
import { characters } from "./characters.ts";
import { curve } from "./curve.ts";
import { digits } from "./digits.ts";
import { iris } from "./iris.ts";
import { plane } from "./plane.ts";
import { timeSeries } from "./series.ts";
import { table } from "./table.ts";

/** The lesson of no data. */
const nothing: Lesson = {
  inputs: [],
  outputs: [],
  training: { count: 0, xs: {}, ts: {} },
  heldOut: { count: 0, xs: {}, ts: {} },
  scalers: {},
  bounds: [],
};

/** The last lesson, since each edit of a graph opens its data again. Nobody writes to a lesson. */
let last: { readonly key: string; readonly lesson: Lesson } | undefined;

/**
 * Returns the lesson of some data; the same data has the same lesson on every machine. `fetchDigits` replaces the fetch of the
 * file of digits. Throws `bad-data`, or `bad-formula`, with a sentence for people.
 */
export async function load(
  data: DataSketch,
  fetchDigits?: () => Promise<Uint8Array<ArrayBuffer>>,
): Promise<Lesson> {
  const key = JSON.stringify(data);
  if (last?.key === key) return last.lesson;
  const lesson = await made(data, fetchDigits);
  last = { key, lesson };
  return lesson;
}

async function made(
  data: DataSketch,
  fetchDigits: (() => Promise<Uint8Array<ArrayBuffer>>) | undefined,
): Promise<Lesson> {
  switch (data.kind) {
    case "plane":
      return plane(data.name, data.noise, data.share, data.seed);
    case "curve":
      return curve(data.formula, data.noise, data.share, data.seed);
    case "digits":
      return digits(data.count, data.share, data.seed, fetchDigits);
    case "iris":
      return iris(data.share, data.seed);
    case "series":
      return timeSeries(data.name, data.noise, data.share, data.seed);
    case "characters":
      return characters(data.text, data.steps, data.share, data.seed);
    case "table":
      return table(data);
    case "none":
      return nothing;
  }
}
