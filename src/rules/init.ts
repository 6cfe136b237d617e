// Initial weights: the table of names, and the reader. assembly/start.ts draws the numbers.

import { Start } from "../../assembly/abi.js";
import { GraphError } from "../base/error.js";
import { named, options, reading } from "../base/options.js";
import type { FloatArray, Precision } from "../base/precision.js";
import { type Data, LEVELS, rowsOrLevels, write } from "../base/read.js";
import { show } from "../base/text.js";

interface Row {
  /** The core's way to draw; a row without it sets all weights to one number. */
  readonly way?: Start;
  /** Its parameters, with their defaults. */
  readonly own?: Readonly<Record<string, number | undefined>>;
  /** The condition on the parameters, in words and as a function, in the graph's precision. */
  readonly wanted?: string;
  holds?(a: number, b: number, narrow: (value: number) => number): boolean;
  /**
   * In place of parameters: the square of the deviation, or of the limit of a uniform draw, which is √3 deviations. Both are
   * around 0.
   */
  square?(from: number, to: number): number;
}

/** Initial weights, by the sizes of the layers that a synapse joins. */
export const inits = {
  uniform: {
    way: Start.uniform,
    own: { low: -1, high: 1 },
    wanted: "numbers between low and high",
    holds(low, high, narrow) {
      const middle = narrow(low / 2 + high / 2);
      return low < middle && middle < high;
    },
  },
  normal: {
    way: Start.normal,
    own: { mean: 0, deviation: 1 },
    wanted: "a deviation ≥ 0, of which 9 around the mean are finite",
    holds: (mean, deviation, narrow) =>
      deviation >= 0 && Number.isFinite(narrow(Math.abs(mean) + 9 * deviation)),
  },
  /** Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010. */
  glorot: { way: Start.uniform, square: (from, to) => 6 / (from + to) },
  glorotNormal: { way: Start.normal, square: (from, to) => 2 / (from + to) },
  /** He et al., "Delving deep into rectifiers", 2015. */
  he: { way: Start.uniform, square: (from) => 6 / from },
  heNormal: { way: Start.normal, square: (from) => 2 / from },
  /** LeCun, Bottou, Orr, Müller, "Efficient BackProp", 1998. */
  lecun: { way: Start.uniform, square: (from) => 3 / from },
  lecunNormal: { way: Start.normal, square: (from) => 1 / from },
  /** Saxe, McClelland, Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear networks", 2014. */
  orthogonal: { way: Start.orthogonal, own: { gain: 1 } },
  zeros: {},
  constant: { own: { value: undefined } },
} as const satisfies Record<string, Row>;

/** Initial weights of a synapse, as they were read. */
export interface Initial {
  /** The caller's choice, frozen. */
  readonly init: NamedInit | "values";
  readonly row: Row;
  readonly own: readonly number[];
  /** Weights that were given, a copy. */
  readonly values?: FloatArray<Precision>;
}

/** Weights that may be given themselves. */
interface Matrix {
  readonly name: string;
  readonly shape: readonly [rows: number, columns: number];
}

/**
 * Reads initial weights of a synapse. Without a matrix, reads the default of a graph, which can't be values. Throws
 * `bad-option`; for values `bad-shape`, `not-finite`.
 * @internal
 */
export function readInit(given: unknown, precision: Precision, matrix?: Matrix): Initial {
  const spec = typeof given === "object" && given !== null ? given : undefined;
  if (spec !== undefined && matrix !== undefined && Object.hasOwn(spec, "values")) {
    const { values } = options(spec, ["values"], "initial weights");
    return {
      init: "values",
      row: {},
      own: [],
      values: reading("bad-shape", "The weights", () => readValues(values, precision, matrix)),
    };
  }
  if (Array.isArray(given) || ArrayBuffer.isView(given)) {
    throw new GraphError(
      "bad-option",
      `Weights themselves are given as \`init: { values }\`, not as ${show(given)}.`,
    );
  }
  if (spec !== undefined && Object.hasOwn(spec, "values")) {
    throw new GraphError(
      "bad-option",
      "`init: { values }` has the weights of one synapse: write `connect(from, to, { init: { values } })`, or set `synapse.weights`.",
    );
  }
  const { name, read: object } = named(given, inits, "A name of initial weights");
  const row: Row = inits[name];
  const usual = Object.entries(row.own ?? {});
  const read =
    object && options(object, ["name", ...usual.map(([key]) => key)], `the initial weights ${name}`);
  const narrow = precision === "float32" ? Math.fround : Number;
  const own = usual.map(([key, value]) => {
    const number = read?.[key] === undefined ? value : read[key];
    if (typeof number === "number" && Number.isFinite(narrow(number))) return number;
    throw new GraphError(
      "bad-option",
      `The ${key} of ${name} is a finite number in ${precision}, not ${show(number)}.`,
    );
  });
  if (row.holds?.(own[0]!, own[1]!, narrow) === false) {
    throw new GraphError(
      "bad-option",
      `The initial weights ${name} need ${row.wanted} in ${precision}, not ${own.join(" and ")}.`,
    );
  }
  return { init: (read === undefined ? name : Object.freeze({ ...read })) as NamedInit, row, own };
}

/** Reads the numbers of a matrix in a precision. Throws `bad-shape`, `not-finite`. */
export function readValues(
  given: unknown,
  precision: Precision,
  { name, shape: [rows, size] }: Matrix,
): FloatArray<Precision> {
  const levels = rowsOrLevels(given, name, size);
  const found = levels === LEVELS ? "rows of rows: `.flat()` takes a level away" : levels;
  if (found !== rows) {
    throw new GraphError(
      "bad-shape",
      `The weights ${show(name)} are ${rows} rows of ${size} numbers, not ${found}.`,
    );
  }
  const values = new (precision === "float32" ? Float32Array : Float64Array)(rows * size);
  write(given, name, rows, size, values, 0);
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return values;
  throw new GraphError(
    "not-finite",
    `The weights ${show(name)} have ${values[wrong]} in row ${Math.floor(wrong / size)}, unit ${wrong % size}, in ${precision}.`,
  );
}

/** Returns given weights as an initial state. */
export function givenWeights(values: FloatArray<Precision>): Initial {
  return { init: "values", row: {}, own: [], values };
}

/** Returns initial weights with given values in another order. order: for each its place among the given ones */
export function inOrder(initial: Initial, order: Uint32Array | undefined): Initial {
  const { values } = initial;
  return values === undefined || order === undefined
    ? initial
    : { ...initial, values: values.map((_, i) => values[order[i]!]!) };
}

/**
 * Returns the two parameters of the core's draw.
 * @internal
 */
export function drawParameters({ row, own }: Initial, from: number, to: number): readonly [number, number] {
  if (row.square === undefined) return [own[0] ?? 0, own[1] ?? 0];
  const reach = Math.sqrt(row.square(from, to));
  return [row.way === Start.normal ? 0 : -reach, reach];
}

/**
 * Returns the bytes that the core needs beside the weights to draw them.
 * @internal
 */
export function workspace(initial: Initial | undefined, from: number, to: number): number {
  return initial?.row.way === Start.orthogonal ? (from * to + Math.min(from, to)) * 8 : 0;
}

/** Initial weights by name, or with parameters. docs/reference.md has the table. */
export type NamedInit =
  | Exclude<keyof typeof inits, "constant">
  | { readonly name: "uniform"; readonly low?: number; readonly high?: number }
  | { readonly name: "normal"; readonly mean?: number; readonly deviation?: number }
  | { readonly name: "orthogonal"; readonly gain?: number }
  | { readonly name: "constant"; readonly value: number };

/** Initial weights by name, or the weights themselves: (size of from, size of to), row-major, flat or as rows. */
export type Init = NamedInit | { readonly values: Data };
