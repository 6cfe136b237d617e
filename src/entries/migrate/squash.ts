// Activations of Keras's layers, as those of layers here.

import { activationOf, nameOf } from "./activations.js";
import type { Maker } from "./maker.js";
import type { Operation } from "./operation.js";
import { number, unsupported } from "./read.js";
import type { Tensor } from "./tensor.js";

/** Returns a tensor after the activation that a layer's options name. */
export function activated({ config, maker, name, path }: Operation, input: Tensor): Tensor {
  const key = nameOf(config.activation, `${path}.activation`);
  if (key === "softmax") return softmax(maker, input, name, path);
  if (key === "relu6") return bounded(maker, input, 6, name);
  const { activation, scale } = activationOf(key, `${path}.activation`);
  if (scale === 1) return maker.activate(input, activation, name);
  return maker.activate(maker.affine(input, all(scale), all(0), name), activation, name);
}

/** Returns a softmax over the last axis. */
export function softmax(maker: Maker, input: Tensor, name: string, path: string): Tensor {
  if (input.shape.at(-1) === 1) throw unsupported(path, "is a softmax of one unit, which is always 1");
  return maker.activate(input, "softmax", name);
}

export function relu({ config, maker, name, path }: Operation, input: Tensor): Tensor {
  const { max_value: most, negative_slope: slope = 0, threshold = 0 } = config;
  if (threshold !== 0 && threshold !== null) throw unsupported(`${path}.threshold`, "is not 0");
  const given = number(slope ?? 0, `${path}.negative_slope`);
  if (most !== undefined && most !== null) {
    const bound = number(most, `${path}.max_value`);
    if (bound <= 0) throw unsupported(`${path}.max_value`, `is ${bound}, not above 0`);
    if (given !== 0) throw unsupported(`${path}.max_value`, "bounds a leaky relu");
    return bounded(maker, input, bound, name);
  }
  return maker.activate(input, given === 0 ? "relu" : { name: "leakyRelu", slope: given }, name);
}

/** Returns min(max(x, 0), bound): our hard sigmoid is x / 6 + 1/2 between 0 and 1. */
function bounded(maker: Maker, input: Tensor, bound: number, name: string): Tensor {
  const scaled = maker.affine(input, all(6 / bound), all(-3), name);
  return maker.affine(maker.activate(scaled, "hardSigmoid", name), all(bound), all(0), name);
}

/** Returns a number for all units. */
function all(value: number): Float64Array {
  return Float64Array.of(value);
}
