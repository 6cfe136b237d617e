// A layer's own options, and the reading of them.

import { GraphError } from "../base/error.js";
import { amount, flag } from "../base/options.js";
import { holds, type Precision } from "../base/precision.js";
import { numbers, type Vector, zeros } from "../base/read.js";
import { show } from "../base/text.js";
import type { LayerKind, LayerNode } from "./node.js";
import { type Row, reader } from "./option.js";

/** A layer's own options, read. */
export interface LayerFacts extends Pick<LayerNode, "hasBias" | "norm" | "dropout" | "weight" | "frozen"> {
  /** Initial bias, (size); undefined for zeros. */
  readonly start: Vector | undefined;
}

/** The options of a layer that have a default of their own, in the order of their members in a file. */
export const layerRows = {
  norm: {
    usual: undefined as "layer" | undefined,
    read(norm: unknown, of: string) {
      if (norm === "layer") return norm;
      throw new GraphError("bad-option", `The norm of ${of} is "layer", if it has one, not ${show(norm)}.`);
    },
  },
  dropout: {
    usual: 0,
    read: (dropout: unknown, of: string) => amount(dropout, `The dropout of ${of}`, 0, 1),
  },
  weight: { usual: 1, read: (weight: unknown, of: string) => amount(weight, `The weight of ${of}`, 0) },
  frozen: { usual: false, read: (frozen: unknown, of: string) => flag(frozen, "frozen", of) },
} satisfies Readonly<Record<string, Row<unknown>>>;

const { weight: _, ...innerRows } = layerRows;
const readInner = reader(innerRows, ["bias"]);
const readOutput = reader(layerRows, ["bias"]);

/**
 * Returns the names of the options that a layer of some kind has; a weight is an output's alone.
 * @internal
 */
export function layerOptions(kind: LayerKind): readonly string[] {
  return ["bias", ...Object.keys(kind === "output" ? layerRows : innerRows)];
}

/**
 * Reads a layer's options. Throws `bad-option`; `bad-shape` or `not-finite` for a bias.
 * @internal
 */
export function readLayer(
  given: unknown,
  kind: LayerKind,
  name: string,
  size: number,
  precision: Precision,
): LayerFacts {
  const of = `the layer ${show(name)}`;
  const { read, values } = kind === "output" ? readOutput(given, of) : readInner(given, of);
  const {
    norm,
    dropout,
    frozen,
    weight = layerRows.weight.usual,
  }: Partial<Pick<LayerNode, "weight">> & Omit<LayerFacts, "weight" | "hasBias" | "start"> = values;
  const { bias = true } = read;
  const start = typeof bias === "boolean" ? undefined : readBias(bias, of, size, precision);
  return { norm, dropout, weight, frozen, hasBias: bias !== false, start };
}

/** Reads the initial bias: the caller's numbers are copied. */
function readBias(bias: unknown, of: string, size: number, precision: Precision): Float64Array {
  const what = `the bias of ${of}`;
  const values = typeof bias === "number" ? zeros(size, what).fill(bias) : numbers(bias, what, size);
  const wrong = values.findIndex((value) => !holds(precision, value));
  if (wrong < 0) return values;
  throw new GraphError(
    "not-finite",
    `The bias of ${of} has ${values[wrong]} in unit ${wrong}, in ${precision}.`,
  );
}

export interface LayerOptions {
  /** Initial bias, 0 by default: a number for every unit, or one for each. `false`: 0, and it doesn't learn. */
  readonly bias?: boolean | number | Vector;
  /** Whether bias and gain are kept from learning; `false` by default. */
  readonly frozen?: boolean;
  /** The share of units, from 0 to below 1, that a training step hides from other layers at random; 0 by default. */
  readonly dropout?: number;
  /** `"layer"`: each sample's sums are brought to mean 0 and deviation 1, and multiplied by a gain that is learnt. */
  readonly norm?: "layer";
}

export interface OutputOptions extends LayerOptions {
  /** Weight of the output's cost in the whole cost, non-negative; 1 by default. */
  readonly weight?: number;
}
