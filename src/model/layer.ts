// The options of a layer, and their reader.

import { LayerWord } from "../../assembly/abi.js";
import { GraphError } from "../base/error.js";
import { amount, flag } from "../base/options.js";
import { holds, type Precision } from "../base/precision.js";
import { readNumbers, type Vector, zeros } from "../base/read.js";
import { show } from "../base/text.js";
import { type Join, readJoin } from "../rules/join.js";
import { checkGroups, type Norm, readNorm } from "../rules/norm.js";
import { biasesOf, channels, product, type Shape } from "../rules/shape.js";
import { checkClasses, readClasses } from "./classes.js";
import { type Fields, type Row, reader } from "./option.js";

/** The kind of a layer. */
export type LayerKind = "input" | "hidden" | "output";

/** The fields of a layer that are its options. */
export type LayerFields = Fields<typeof layerRows>;

/** The options of a layer, in the order of their members in a file. */
export const layerRows = {
  /** Read by `readLayer`, since it depends on the layer's size. */
  bias: { usual: true, member: "hasBias" },
  norm: {
    usual: undefined as Norm | undefined,
    read: readNorm,
  },
  dropout: {
    usual: 0,
    word: LayerWord.dropout,
    read: (dropout: unknown, of: string) => amount(dropout, `The dropout of ${of}`, 0, 1),
  },
  weight: {
    usual: 1,
    word: LayerWord.weight,
    only: ["output"],
    read: (weight: unknown, of: string) => amount(weight, `The weight of ${of}`, 0),
  },
  frozen: { usual: false, read: (frozen: unknown, of: string) => flag(frozen, "frozen", of) },
  join: { usual: "sum" as Join, only: ["hidden", "output"], read: readJoin },
  /** Read by `readLayer`, as the bias is. */
  initial: { usual: false },
  time: {
    usual: true,
    only: ["input"],
    read: (time: unknown, of: string) => flag(time, "time", of),
  },
  classes: {
    usual: undefined as number | undefined,
    only: ["input"],
    read: readClasses,
  },
  /** Follows from the bias that a caller gives; only a file has it. */
  perUnit: { usual: false, only: [] },
} satisfies Readonly<Record<keyof OutputOptions | keyof InputOptions | "perUnit", Row<unknown>>>;

const readOptions = reader(layerRows);

function optionsOf(kind: LayerKind): readonly string[] {
  const rows: [string, Row<unknown>][] = Object.entries(layerRows);
  return rows.filter(([, { only }]) => only?.includes(kind) ?? true).map(([name]) => name);
}

/**
 * The names of the options of each kind of layer.
 * @internal
 */
export const layerOptions: Readonly<Record<LayerKind, readonly string[]>> = {
  input: optionsOf("input"),
  hidden: optionsOf("hidden"),
  output: optionsOf("output"),
};

/**
 * Reads a layer's options: the fields, and whether it has a bias and initial values. Returns also the starts of these,
 * (biases) and (size), undefined for zeros. Throws `bad-option`; `bad-shape` or `not-finite` for numbers.
 * @internal
 */
export function readLayer(
  given: unknown,
  kind: LayerKind,
  name: string,
  shape: Shape,
  precision: Precision,
  isFile: boolean,
) {
  const of = `the layer ${show(name)}`;
  const size = product(shape);
  const names = isFile ? [...layerOptions[kind], "perUnit"] : layerOptions[kind];
  const { read, fields } = readOptions(given, of, names);
  checkClasses(fields.classes, read, of);
  checkGroups(fields.norm, channels(shape), of);
  const { bias = fields.classes === undefined, initial = false } = read;
  const perUnit =
    shape.length > 1 && (read.perUnit === true || (typeof bias === "object" && Object(bias).length === size));
  const biases = biasesOf({ shape, perUnit });
  const start = (given: unknown, what: string, count: number) =>
    typeof given === "boolean" ? undefined : readStart(given, `${what} of ${of}`, count, precision);
  return {
    fields,
    perUnit,
    hasBias: bias !== false,
    bias: start(bias, biases < size ? "channels' bias" : "bias", biases),
    hasInitial: initial !== false,
    initial: start(initial, "initial values", size),
  };
}

/** Reads the start of a bias or of initial values, a copy of the caller's numbers. */
function readStart(given: unknown, of: string, size: number, precision: Precision): Float64Array {
  const what = `the ${of}`;
  const values = typeof given === "number" ? zeros(size, what).fill(given) : readNumbers(given, what, size);
  const wrong = values.findIndex((value) => !holds(precision, value));
  if (wrong < 0) return values;
  throw new GraphError("not-finite", `The ${of} has ${values[wrong]} in unit ${wrong}, in ${precision}.`);
}

/** Options of a layer. */
export interface LayerOptions {
  /**
   * Initial bias: a number for all, or one for each unit; 0 by default. `false`: no bias. A layer whose shape has several
   * numbers has one for each channel, unless `size` numbers are given.
   */
  readonly bias?: boolean | number | Vector;
  /** Whether bias, gain and initial values are frozen; `false` by default. `graph.freeze` also freezes the incoming weights. */
  readonly frozen?: boolean;
  /**
   * The share of units, from 0 to below 1, that a training step hides from other layers at random; 0 by default. The others are
   * multiplied by 1 / (1 - dropout). Drawn for each sample, and for all its time steps; an output's loss sees all units.
   */
  readonly dropout?: number;
  /**
   * `"layer"`: pre = bias + gain ⊙ (s - mean) / √(var + 1e-5), with mean and variance over a sample's incoming sums s. The gain
   * starts at 1 and learns. `{ name: "group", groups }`: over all positions of each of `groups` runs of channels.
   */
  readonly norm?: Norm;
  /**
   * Way to join the values of incoming synapses: `"sum"` by default, or `"product"`, unit by unit; a bias is added after. Not
   * for inputs.
   */
  readonly join?: Join;
  /**
   * Values that stand for its steps before the first one, and after the last: a number for all units, or one for each. They
   * are learnt; `true` starts them at 0. `false` by default: zeros, not learnt.
   */
  readonly initial?: boolean | number | Vector;
}

/** Options of an input. */
export interface InputOptions extends LayerOptions {
  /** For inputs alone: whether it has a value for each step; `true` by default. `false`: one value for all steps. */
  readonly time?: boolean;
  /**
   * For inputs alone: its values are class numbers, from 0 to `classes` - 1, at most 2²⁴ classes. Only embeddings leave it; it is
   * linear, and has no bias, norm, dropout or scaler.
   */
  readonly classes?: number;
}

/** Options of an output. */
export interface OutputOptions extends LayerOptions {
  /** For outputs alone: weight of its cost in the whole cost, non-negative; 1 by default. */
  readonly weight?: number;
}
