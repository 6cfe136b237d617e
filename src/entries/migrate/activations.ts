// The activations of Keras.

import { show } from "../../base/text.js";
import type { ActivationOption } from "../../index.js";
import { lookup, members, unsupported } from "./read.js";

/** An activation here, of the scaled value. */
export interface Squash {
  readonly activation: ActivationOption;
  readonly scale: number;
}

/** The activations by name, without Keras's underscores. */
const activations: Readonly<Record<string, ActivationOption>> = {
  linear: "linear",
  sigmoid: "sigmoid",
  tanh: "tanh",
  relu: "relu",
  elu: "elu",
  selu: "selu",
  gelu: "gelu",
  swish: "silu",
  silu: "silu",
  mish: "mish",
  softplus: "softplus",
  softsign: "softsign",
  exponential: "exp",
  softmax: "softmax",
};

/** Returns an activation's name, without Keras's underscores; that of the default where there is none. Throws `unsupported`. */
export function nameOf(given: unknown, path: string, usual = "linear"): string {
  const option = given ?? usual;
  // Keras 3 writes some functions as an object that has the name.
  const isNamed = typeof option === "object" && members(option, path).class_name === "function";
  const name = isNamed ? members(option, path).config : option;
  if (typeof name !== "string") throw unsupported(path, `is ${show(name)}, not a name`);
  return name.replaceAll("_", "").toLowerCase();
}

/** Returns an activation by its name. Throws `unsupported`. */
export function activationOf(name: string, path: string): Squash {
  // x / 5 + 1/2 between 0 and 1; ours is x / 6 + 1/2.
  if (name === "hardsigmoid") return { activation: "hardSigmoid", scale: 1.2 };
  return { activation: lookup(activations, name, path), scale: 1 };
}
