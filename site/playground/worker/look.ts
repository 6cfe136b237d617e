// The view of a session at a step: surfaces of units, weights, biases, states and gradients of a sample.

import { synapseIndexes } from "../model/build.ts";
import { cellOf } from "../model/calls.ts";
import type { Frame, Look } from "./message.ts";
import type { Session } from "./session.ts";

/** Most weights of a synapse in a frame. */
const MOST_WEIGHTS = 4096;

/** Numbers of states of all layers that a pass may have, below the engine's own limit for a piece. */
const PIECE = 2 ** 19;

type Values = Record<string, Float32Array>;
type Sample = Record<string, Float64Array>;

/** Returns an object for values by names, which may be `__proto__`, too. */
function byName<T>(): Record<string, T> {
  return Object.create(null);
}

/** Returns the surfaces of each layer's first units, over the plane of two input units or the line of one; none for other inputs. */
export function surfacesOf(session: Session, points: number, units = Number.POSITIVE_INFINITY): Values {
  const grid = gridOf(session, points);
  if (grid === undefined) return {};
  const surfaces: Values = byName();
  sweep(session, grid, (first, count) => {
    for (const layer of session.graph.layers) {
      const { post, size, name } = layer;
      if (post.length !== count * size) continue;
      const shown = Math.min(size, units);
      surfaces[name] ??= new Float32Array(grid.rows * shown);
      transpose(post, surfaces[name], { first, count, size, shown, rows: grid.rows });
    }
  });
  return surfaces;
}

/** Returns the surface of one unit; undefined without a plane or a line, or if the outputs don't depend on it. */
export function surfaceOf(session: Session, { layer, unit, points }: NonNullable<Look["large"]>) {
  const grid = gridOf(session, points);
  const found = session.graph.layers.find(({ name }) => name === layer);
  if (grid === undefined || found === undefined || unit >= found.size) return undefined;
  const surface = new Float32Array(grid.rows);
  let isReached = true;
  sweep(session, grid, (first, count) => {
    const { post, size } = found;
    isReached = post.length === count * size;
    for (let row = 0; isReached && row < count; row++) surface[first + row] = post[row * size + unit]!;
  });
  return isReached ? surface : undefined;
}

/** Copies values, row by row, to a surface, unit by unit. */
function transpose(
  post: ArrayLike<number>,
  surface: Float32Array,
  { first, count, size, shown, rows }: Record<"first" | "count" | "size" | "shown" | "rows", number>,
): void {
  for (let row = 0; row < count; row++) {
    for (let unit = 0; unit < shown; unit++) surface[unit * rows + first + row] = post[row * size + unit]!;
  }
}

interface Grid {
  readonly rows: number;
  /** Coordinates of each row. */
  readonly points: Float64Array;
  readonly axes: 1 | 2;
}

/** Returns the grid over the bounds of one or two input units, from the least x2 upwards and in it from the least x1. */
function gridOf({ lesson, sketch }: Session, points: number): Grid | undefined {
  const axes = lesson.bounds.length;
  // A value of a series says little without those before it.
  if (sketch.data.kind === "series" || sketch.data.kind === "characters") return undefined;
  if (points < 2 || (axes !== 1 && axes !== 2)) return undefined;
  const at = ([least, most]: readonly [number, number], k: number) =>
    least + ((most - least) * k) / (points - 1);
  const rows = axes === 1 ? points : points * points;
  const values = new Float64Array(rows * axes);
  for (let row = 0; row < rows; row++) {
    values[row * axes] = at(lesson.bounds[0]!, row % points);
    if (axes === 2) values[row * axes + 1] = at(lesson.bounds[1]!, Math.floor(row / points));
  }
  return { rows, points: values, axes };
}

/** Predicts the rows of a grid in pieces, after each of which the layers have its states. */
function sweep(
  session: Session,
  { rows, points, axes }: Grid,
  visit: (first: number, count: number) => void,
): void {
  const { graph, lesson } = session;
  const { steps = 1 } = lesson;
  const width = graph.layers.reduce((sum, { size }) => sum + size, 0);
  const piece = Math.max(1, Math.floor(PIECE / (width * steps)));
  const timed = lesson.steps === undefined ? {} : { steps };
  for (let first = 0; first < rows; first += piece) {
    const count = Math.min(piece, rows - first);
    const xs: Sample = byName();
    let unit = 0;
    for (const { name, size } of lesson.inputs) {
      const repeats = lesson.steps === undefined || !graph.layer(name).time ? 1 : steps;
      const values = new Float64Array(count * repeats * size);
      for (let row = 0; row < count * repeats; row++) {
        const from = (first + Math.floor(row / repeats)) * axes + unit;
        for (let k = 0; k < size; k++) values[row * size + k] = points[from + k]!;
      }
      xs[name] = values;
      unit += size;
    }
    graph.predict(xs, timed);
    visit(first, count);
  }
}

/** Returns the weights of each synapse of the sketch. Of a source of a cell they are those of the candidate. */
export function weightsOf({ graph, sketch }: Session): (Float32Array | undefined)[] {
  const { synapses } = graph;
  return synapseIndexes(
    sketch,
    synapses.map(({ from, to }) => ({ from: from.name, to: to.name })),
  ).map((index, place) => {
    const { from, to } = sketch.synapses[place]!;
    const isSource = cellOf(sketch.layers.find(({ name }) => name === to)) !== undefined;
    const gate = `${to}.candidate`;
    const synapse =
      index !== undefined || !isSource
        ? synapses[index!]
        : synapses.find((one) => one.from.name === from && one.to.name === gate);
    const weights = synapse?.weights;
    if (weights === undefined || weights.length === 0) return undefined;
    if (weights.length <= MOST_WEIGHTS) return Float32Array.from(weights);
    return Float32Array.from(
      { length: MOST_WEIGHTS },
      (_, k) => weights[Math.floor((k * weights.length) / MOST_WEIGHTS)]!,
    );
  });
}

/** Returns the biases of all layers that have some. */
export function biasesOf({ graph }: Session): Values {
  const own = graph.layers.filter(({ hasBias }) => hasBias);
  return Object.fromEntries(own.map(({ name, bias }) => [name, Float32Array.from(bias)]));
}

/** Returns the inputs of a sample; undefined where there is no such row. */
function sampleOf({ graph, lesson }: Session, sample: Look["sample"]): Sample | undefined {
  if (sample === undefined || lesson.inputs.length === 0) return undefined;
  if ("values" in sample) {
    // Values without time are repeated, as rows of data without time are.
    const { steps = 1 } = lesson;
    return Object.fromEntries(
      Object.entries(sample.values).map(([name, values]) => {
        const { size, time } = graph.layer(name);
        const isRow = time && values.length === size;
        return [
          name,
          isRow
            ? Float64Array.from({ length: steps * size }, (_, at) => values[at % size]!)
            : Float64Array.from(values),
        ];
      }),
    );
  }
  const { count, xs } = lesson[sample.rows];
  if (!(sample.row >= 0 && sample.row < count)) return undefined;
  return Object.fromEntries(
    Object.entries(xs).map(([name, values]) => {
      const width = values.length / count;
      return [name, values.subarray(sample.row * width, (sample.row + 1) * width)];
    }),
  );
}

/** Returns the states of all layers for a sample, the predictions, and the gradient of a unit by the inputs. */
export function sampleLook(
  session: Session,
  { sample, gradient }: Look,
): Pick<Frame, "states" | "predictions" | "gradients"> {
  const [states, predictions, gradients]: [Values, Values, Values] = [byName(), byName(), byName()];
  const xs = sampleOf(session, sample);
  if (xs === undefined) return { states, predictions, gradients };
  const { graph, lesson } = session;
  const timed = timing(session, xs);
  for (const [name, values] of Object.entries(graph.predict(xs, timed))) {
    predictions[name] = Float32Array.from(values);
  }
  for (const { name, post, size } of graph.layers) {
    if (post.length === size) states[name] = Float32Array.from(post);
  }
  const output = gradient && lesson.outputs.find(({ name }) => name === gradient.output);
  if (gradient !== undefined && output !== undefined && gradient.unit < output.size) {
    const dy = new Float64Array(predictions[output.name]!.length);
    // With steps, the unit of the last one.
    dy[dy.length - output.size + gradient.unit] = 1;
    const { inputs } = graph.gradients(xs, null, { outputs: { [output.name]: dy }, ...timed } as never);
    for (const [name, values] of Object.entries(inputs as Record<string, ArrayLike<number>>)) {
      gradients[name] = Float32Array.from(values);
    }
  }
  return { states, predictions, gradients };
}

/** Returns the option `steps` for a sample, which may be shorter or longer than the rows of the lesson. */
function timing({ graph, lesson }: Session, xs: Sample): { readonly steps?: number } {
  if (lesson.steps === undefined) return {};
  const timed = lesson.inputs.find(({ name }) => graph.layer(name).time && xs[name] !== undefined);
  return { steps: timed === undefined ? lesson.steps : xs[timed.name]!.length / timed.size };
}
