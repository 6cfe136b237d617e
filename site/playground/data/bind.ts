// A lesson with the names of a graph's own inputs and outputs. A graph may take the columns of the data in several inputs, and
// several outputs may learn the same targets.

import { type AnyGraph, hasTime } from "../model/build.ts";
import type { Lesson, Rows, ScalerSketch } from "../model/lesson.ts";
import { Refused } from "../model/refusal.ts";

/** Steps for which a graph with loops is shown each row of data without time. */
const REPEATS = 4;

/** A run of columns: those of a lesson's input or output, for a layer of the graph. */
interface Feed {
  readonly layer: string;
  readonly size: number;
  readonly shape: readonly number[];
  readonly isTimed: boolean;
  readonly source: string;
  /** First column, and the columns of the source. */
  readonly first: number;
  readonly width: number;
  /** Whether one column of two classes feeds two units. */
  readonly isSpread: boolean;
}

interface Source {
  readonly name: string;
  readonly size: number;
}

/** Returns the lesson for a graph. Throws `bad-data` where sizes don't agree. */
export function bind(lesson: Lesson, graph: AnyGraph): Lesson {
  if (lesson.training.count === 0) return unbound(lesson, graph);
  const inputs = feeds(lesson.inputs, graph.inputs, "inputs", () => false);
  const isPair = ({ name }: Source) => {
    const output = lesson.outputs.find((one) => one.name === name)!;
    return output.goal === "classes" && output.labels.length === 2;
  };
  const outputs = feeds(lesson.outputs, graph.outputs, "outputs", isPair);
  const steps = lesson.steps ?? (hasTime(graph) ? REPEATS : undefined);
  const rows = (given: Rows): Rows => ({
    count: given.count,
    xs: Object.fromEntries(
      inputs.map((feed) => [feed.layer, fed(given.xs, feed, given.count, lesson.steps, steps)]),
    ),
    ts: Object.fromEntries(
      outputs.map((feed) => [feed.layer, fed(given.ts, feed, given.count, lesson.steps, steps)]),
    ),
  });
  const scalers: Record<string, ScalerSketch> = Object.create(null);
  for (const feed of [...inputs, ...outputs]) {
    const scaler = lesson.scalers[feed.source];
    if (scaler !== undefined && feed.shape.length === 1 && !feed.isSpread)
      scalers[feed.layer] = cut(scaler, feed);
  }
  const places = placesOf(lesson);
  return {
    inputs: inputs.map(({ layer, size, shape, source, first }) => {
      const { labels } = lesson.inputs.find(({ name }) => name === source)!;
      return { name: layer, size, shape, labels: labels.slice(first, first + size) };
    }),
    outputs: outputs.map(({ layer, size, source, first }) => {
      const { goal, labels } = lesson.outputs.find(({ name }) => name === source)!;
      return {
        name: layer,
        size,
        goal,
        labels: goal === "classes" ? labels : labels.slice(first, first + size),
      };
    }),
    training: rows(lesson.training),
    heldOut: rows(lesson.heldOut),
    ...(steps === undefined ? {} : { steps }),
    scalers,
    bounds: inputs.flatMap(({ source, first, size }) => {
      const from = places.get(source)! + first;
      return lesson.bounds.slice(from, from + size);
    }),
  };
}

/** Returns a lesson without data for a graph: its inputs and outputs, which can be given values by hand. */
function unbound(lesson: Lesson, graph: AnyGraph): Lesson {
  return {
    ...lesson,
    inputs: graph.inputs.map(({ name, size, shape }) => ({
      name,
      size,
      shape,
      labels: shape.length > 1 ? [] : numbered(name, size),
    })),
    outputs: graph.outputs.map(({ name, size, activation }) => {
      const goal = activation === "sigmoid" || activation === "softmax" ? "classes" : "number";
      const classes = Array.from({ length: Math.max(2, size) }, (_, place) => String(place));
      return { name, size, goal, labels: goal === "classes" ? classes : numbered(name, size) };
    }),
    ...(hasTime(graph) ? { steps: REPEATS } : {}),
    bounds: graph.inputs.flatMap(({ size, scaler }) =>
      Array.from({ length: size }, (_, unit) => boundOf(scaler?.offset[unit], scaler?.divisor[unit])),
    ),
  };
}

/** Returns names of units: the layer's own, with numbers from 1 if there are several. */
function numbered(name: string, size: number): string[] {
  return size === 1 ? [name] : Array.from({ length: size }, (_, unit) => `${name} ${unit + 1}`);
}

/** Returns the bounds of a unit for a drawing: two divisors of its scaler to both sides. */
function boundOf(offset = 0, divisor = 0.5): readonly [number, number] {
  return [offset - 2 * divisor, offset + 2 * divisor];
}

/** Returns for each input of a lesson its first unit among the units of all. */
function placesOf({ inputs }: Lesson): Map<string, number> {
  let place = 0;
  return new Map(
    inputs.map(({ name, size }) => {
      place += size;
      return [name, place - size];
    }),
  );
}

/** A layer of a graph, as a feed needs it. */
type Target = Pick<AnyGraph["layers"][number], "name" | "size" | "shape" | "time">;

/** Joins sources to layers: by names, by the one size of all, or column by column. */
function feeds(
  sources: readonly Source[],
  layers: readonly Target[],
  what: "inputs" | "outputs",
  isPair: (source: Source) => boolean,
): Feed[] {
  const fits = (source: Source, { size }: Target) =>
    source.size === size || (source.size === 1 && size === 2 && isPair(source));
  const feed = (source: Source, { name, size, shape, time }: Target, first = 0): Feed => ({
    layer: name,
    size,
    shape,
    isTimed: time,
    source: source.name,
    first,
    width: source.size,
    isSpread: source.size !== size && isPair(source) && size === 2 && source.size === 1,
  });
  const named = layers.map((layer) => sources.find(({ name }) => name === layer.name));
  if (named.every((source, at) => source !== undefined && fits(source, layers[at]!))) {
    return layers.map((layer, at) => feed(named[at]!, layer));
  }
  const [only] = sources;
  if (sources.length === 1 && layers.every((layer) => fits(only!, layer))) {
    // Several inputs of the data's size all receive it, and several outputs all learn it.
    return layers.map((layer) => feed(only!, layer));
  }
  if (sources.length === layers.length && sources.every((source, at) => fits(source, layers[at]!))) {
    return layers.map((layer, at) => feed(sources[at]!, layer));
  }
  const columns = sources.flatMap((source) =>
    Array.from({ length: source.size }, (_, first) => ({ source, first })),
  );
  const units = layers.reduce((sum, { size }) => sum + size, 0);
  let at = 0;
  const cuts = layers.map((layer) => {
    const run = columns.slice(at, at + layer.size);
    at += layer.size;
    const isOne = run.length === layer.size && run.every(({ source }) => source === run[0]!.source);
    return isOne ? feed(run[0]!.source, layer, run[0]!.first) : undefined;
  });
  if (units === columns.length && cuts.every((one) => one !== undefined)) return cuts;
  const wanted = sources.map(({ name, size }) => `${name} (${size})`).join(", ");
  const found = layers.map(({ name, size }) => `${name} (${size})`).join(", ");
  const message = `The data has the ${what} ${wanted}; the graph has ${found === "" ? "none" : found}.`;
  const [first] = layers;
  throw new Refused("bad-data", message, first && { layer: first.name });
}

/** Returns a layer's values, row by row and step by step. */
function fed(
  values: Readonly<Record<string, Float64Array>>,
  { source, size, first, width, isSpread, isTimed }: Feed,
  count: number,
  given: number | undefined,
  steps: number | undefined,
): Float64Array {
  const from = values[source]!;
  const isPlain = size === width && steps === given && (isTimed || steps === undefined);
  if (isPlain) return from;
  const all = given ?? 1;
  const wanted = isTimed ? (steps ?? 1) : 1;
  const made = new Float64Array(count * wanted * size);
  for (let row = 0; row < count; row++) {
    for (let step = 0; step < wanted; step++) {
      // A layer without time learns the last step's value; data without time is repeated.
      const old = given === undefined ? 0 : isTimed ? step : all - 1;
      const at = (row * all + old) * width + first;
      const to = (row * wanted + step) * size;
      if (isSpread) {
        made[to] = 1 - from[at]!;
        made[to + 1] = from[at]!;
      } else for (let unit = 0; unit < size; unit++) made[to + unit] = from[at + unit]!;
    }
  }
  return made;
}

/** Returns the scaler of a run of columns. */
function cut({ kind, offset, divisor }: ScalerSketch, { first, size }: Feed): ScalerSketch {
  return { kind, offset: offset.slice(first, first + size), divisor: divisor.slice(first, first + size) };
}
