// The rules by name. A rule's kind in the core is its place in its table, in the order of the kinds in assembly/abi.ts. The
// compiler checks the names, and test/assembly/tables.test.ts their order.

import type { ActivationKind, LossKind } from "../../assembly/abi.js";
import { GraphError, named, options, show } from "../base/options.js";
import type { Activation, Loss, Precision } from "./types.js";

/** A table with a row for each kind that the core has. */
export type Rows<Kinds, Row> = Record<Exclude<keyof Kinds, "count">, Row>;

/** The activations, in the order of `ActivationKind`. */
export const activations = {
  /** y = x */
  linear: { bounded: false, loss: "mse" },
  /** y = 1 / (1 + e^-x) */
  sigmoid: { bounded: true, loss: "entropy" },
  /** y = (e^x - e^-x) / (e^x + e^-x) */
  tanh: { bounded: false, loss: "mse" },
  /** y = max(x, 0) */
  relu: { bounded: false, loss: "mse" },
  /** y = x for x > 0, else slope · x */
  leakyRelu: { bounded: false, loss: "mse", parameter: { name: "slope", value: 0.01 } },
  /** y = x for x > 0, else alpha (e^x - 1) */
  elu: { bounded: false, loss: "mse", parameter: { name: "alpha", value: 1 } },
  /** y = 1.0507… x for x > 0, else 1.7581… (e^x - 1) */
  selu: { bounded: false, loss: "mse" },
  /** y = x (1 + erf(x / √2)) / 2 */
  gelu: { bounded: false, loss: "mse" },
  /** y = x / (1 + e^-x) */
  silu: { bounded: false, loss: "mse" },
  /** y = x tanh(ln(1 + e^x)) */
  mish: { bounded: false, loss: "mse" },
  /** y = ln(1 + e^x) */
  softplus: { bounded: false, loss: "mse" },
  /** y = x / (1 + |x|) */
  softsign: { bounded: false, loss: "mse" },
  /** y = x / 6 + ½, between 0 and 1 */
  hardSigmoid: { bounded: true, loss: "mse" },
  /** y = e^x / Σ e^x, over the units of a layer */
  softmax: { bounded: true, loss: "crossEntropy" },
  /** y = e^x */
  exp: { bounded: false, loss: "mse" },
  /** y = sin x */
  sin: { bounded: false, loss: "mse" },
} as const satisfies Rows<typeof ActivationKind, ActivationRow>;

/** Parameter of a rule: a finite number. */
interface Parameter {
  readonly name: string;
  /** Where none is given. */
  readonly value: number;
  /** The numbers that it may be, if not all, and in words. */
  readonly fits?: (value: number) => boolean;
  readonly range?: string;
}

interface Row {
  /** An activation: whether it stays in [0, 1]. A loss: whether it needs an activation that does. */
  readonly bounded: boolean;
  readonly parameter?: Parameter;
}

interface ActivationRow extends Row {
  /** An output's loss where none is named. */
  readonly loss: "entropy" | "mse" | "crossEntropy";
}

const smoothing = {
  name: "smoothing",
  value: 0,
  fits: (s) => s >= 0 && s < 1,
  range: "from 0 to below 1",
} as const satisfies Parameter;

/** The losses, in the order of `LossKind`. */
export const losses = {
  /** -t ln y - (1 - t) ln(1 - y), for each unit */
  entropy: { bounded: true, shares: true, accuracy: true, parameter: smoothing },
  /** -Σ t ln y */
  crossEntropy: { bounded: true, shares: true, accuracy: true, parameter: smoothing },
  /** (y - t)² */
  mse: { bounded: false, shares: false, accuracy: false },
  /** |y - t| */
  mae: { bounded: false, shares: false, accuracy: false },
  /** d² / 2 for |d| ≤ delta, else delta (|d| - delta / 2), d = y - t */
  huber: {
    bounded: false,
    shares: false,
    accuracy: false,
    parameter: { name: "delta", value: 1, fits: (delta) => delta > 0, range: "above 0" },
  },
  /** ln cosh(y - t) */
  logCosh: { bounded: false, shares: false, accuracy: false },
  /** max(0, 1 - t y), t being -1 or 1 */
  hinge: { bounded: false, shares: false, accuracy: false },
  /** Σ t (ln t - ln y) */
  kl: { bounded: false, shares: true, accuracy: true },
  /** y - t ln y */
  poisson: { bounded: false, shares: false, accuracy: false },
} as const satisfies Rows<typeof LossKind, LossRow>;

interface LossRow extends Row {
  /** Whether targets must lie in [0, 1]. */
  readonly shares: boolean;
  /** Whether `evaluate` counts the rows that are right. */
  readonly accuracy: boolean;
}

/** A rule as it was chosen: its name, and its parameter, 0 where it has none. */
export interface Choice<N extends string> {
  readonly name: N;
  readonly parameter: number;
}

/** Reads a rule's name, or an object of its name and its parameter, finite in the precision. Throws `bad-option`. */
export function chosen<N extends string>(
  table: Readonly<Record<N, Row>>,
  given: unknown,
  what: string,
  precision: Precision = "float64",
): Choice<N> {
  const { name, read: object } = named(given, table, what);
  const { parameter } = table[name];
  const read = options(object, parameter ? ["name", parameter.name] : ["name"], show(name));
  if (parameter === undefined) return { name, parameter: 0 };
  const { [parameter.name]: value = parameter.value } = read;
  if (typeof value === "number" && holds(precision, value) && (parameter.fits?.(value) ?? true))
    return { name, parameter: value };
  const wanted = `a number${parameter.range === undefined ? "" : ` ${parameter.range}`} that is finite in ${precision}`;
  throw new GraphError(
    "bad-option",
    `The ${parameter.name} of ${show(name)} is ${wanted}, not ${show(value)}.`,
  );
}

/**
 * Refuses a loss on an activation whose values it can't take, with one that can. A file (`isFile`) may have two more that say
 * nothing of their targets, which earlier releases let be declared. Throws `bad-option`.
 */
export function checkPair(
  name: string,
  size: number,
  activation: Activation,
  loss: Loss | undefined,
  isFile = false,
): void {
  const refuse = (what: string, why: string) => {
    throw new GraphError("bad-option", `The ${what} of ${show(name)} can't be ${why}.`);
  };
  if (loss !== undefined && losses[loss].bounded && !activations[activation].bounded) {
    const why = `it takes logarithms of values in [0, 1], which ${activation} can leave`;
    refuse("loss", `${show(loss)}: ${why}; use ${otherwise(loss)}, or the loss "mse"`);
  }
  if (isFile) return;
  if (activation === "softmax" && size === 1) {
    const use = loss === undefined ? 'use "sigmoid"' : 'use "sigmoid" with the loss "entropy"';
    refuse("activation", `"softmax" with one unit, which is then always 1; ${use}, or two units`);
  }
  if (loss === "crossEntropy" && activation !== "softmax") {
    const why = `it asks nothing of units whose target is 0, so that 1 everywhere costs least`;
    refuse("loss", `"crossEntropy" on ${activation}: ${why}; use ${otherwise(loss)}`);
  }
}

/** Pairs that do what a loss is wanted for. */
function otherwise(loss: Loss): string {
  const classes = 'the activation "softmax" where one class of several is true';
  const labels = '"sigmoid" with the loss "entropy" where each unit is a yes or no of its own';
  return loss === "crossEntropy" ? `${classes}, or ${labels}` : 'the activation "sigmoid"';
}

/** As it is read: the name, and where its number is not the usual one, that too, frozen. */
export function option<N extends string>(table: Readonly<Record<N, Row>>, { name, parameter }: Choice<N>) {
  const row = table[name].parameter;
  return row === undefined || parameter === row.value ? name : Object.freeze({ name, [row.name]: parameter });
}

/** What a layer norm adds to a variance, as assembly/kernel/norm.ts does: PyTorch's. */
export const EPSILON = 1e-5;

export const precisions = { float64: 8, float32: 4 } as const;

/** What float32 rounds to infinity: the largest number, and half a unit in its last place more. */
const OVER = 2 ** 128 - 2 ** 103;

/** Whether a number is finite once it has a precision. */
export function holds(precision: Precision, value: number): boolean {
  return precision === "float64" ? Number.isFinite(value) : value < OVER && value > -OVER;
}

/** A rule's kind in the core. */
export function kind<N extends string>(table: Readonly<Record<N, unknown>>, name: N): number {
  return Object.keys(table).indexOf(name);
}
