// The layers of Keras and TensorFlow.js that a graph can express. A layer without parameters that moves no numbers makes no
// layer here. A linear layer waits for an activation, and becomes one layer with it.

import { show } from "../../base/text.js";
import { activationOf, nameOf } from "./activations.js";
import type { Maker } from "./maker.js";
import type { Operation } from "./operation.js";
import { array, bad, lookup, members, number, string, unsupported, whole } from "./read.js";
import { recurrent } from "./recurrent.js";
import { sizeOf, type Tensor } from "./tensor.js";

/** Computes a layer's output. Throws `unsupported` for a layer that is not in the table. */
export function operate(operation: Operation): Tensor {
  const { type, path, inputs } = operation;
  const run = lookup(operations, type, path);
  const [first] = inputs;
  const several = type === "Add" || type === "Average" || type === "Concatenate";
  if (several ? first === undefined : inputs.length !== 1) {
    if (first !== undefined && Object.hasOwn(recurrent, type))
      throw unsupported(path, "is given an initial state");
    throw bad(path, `is given ${inputs.length} tensors`);
  }
  for (const { steps } of inputs) {
    if ((steps === undefined) !== (first!.steps === undefined)) {
      throw bad(path, "is given a tensor with steps and one without");
    }
    if (steps?.isReversed !== first!.steps?.isReversed) {
      throw unsupported(path, "is given tensors whose steps are in opposite orders");
    }
  }
  return run(operation, first!);
}

const operations: Readonly<Record<string, (operation: Operation, input: Tensor) => Tensor>> = {
  ...recurrent,
  TimeDistributed: distributed,
  Dense: dense,
  Activation: (operation, input) => activated(operation, input),
  ReLU: relu,
  LeakyReLU: ({ config, maker, name, path }, input) => {
    const slope = number(config.alpha ?? config.negative_slope ?? 0.3, `${path}.alpha`);
    return maker.activate(input, { name: "leakyRelu", slope }, name);
  },
  ELU: ({ config, maker, name, path }, input) =>
    maker.activate(input, { name: "elu", alpha: number(config.alpha ?? 1, `${path}.alpha`) }, name),
  Softmax: ({ config, maker, name, path }, input) => {
    checkAxis(config.axis ?? -1, input, path);
    return softmax(maker, input, name, path);
  },
  Add: (operation) => sum(operation, 1),
  Average: (operation) => sum(operation, 1 / operation.inputs.length),
  Concatenate: concatenate,
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  Dropout: ({ config, maker, path }, input) => maker.drop(input, number(config.rate ?? 0, `${path}.rate`)),
  Flatten: ({ config, path }, input) => {
    if (input.steps !== undefined) throw unsupported(path, "joins the steps of a sequence");
    const last = config.data_format === "channels_first" || config.data_format === "channelsFirst";
    if (last && input.shape.length > 2) throw unsupported(path, "moves channels behind");
    return { ...input, shape: [sizeOf(input.shape)] };
  },
  Reshape: reshape,
  InputLayer: ({ path }) => {
    throw bad(path, "is called, and is an input");
  },
  // Layers that act in training alone, but differ from dropout.
  SpatialDropout1D: pass,
  SpatialDropout2D: pass,
  GaussianDropout: pass,
  GaussianNoise: pass,
  AlphaDropout: pass,
  ActivityRegularization: pass,
};

/** Computes a layer at each step of a sequence. */
function distributed(operation: Operation, { steps, ...step }: Tensor): Tensor {
  const { path } = operation;
  if (steps === undefined) throw bad(path, "is given no sequence");
  const { class_name, config } = members(operation.config.layer, `${path}.layer`);
  const type = string(class_name, `${path}.layer.class_name`);
  const inner = members(config, `${path}.layer.config`);
  return { ...operate({ ...operation, type, config: inner, inputs: [step as Tensor] }), steps };
}

function pass(_: Operation, input: Tensor): Tensor {
  return input;
}

/** Returns a tensor after the activation that a layer's options name. */
function activated({ config, maker, name, path }: Operation, input: Tensor): Tensor {
  const key = nameOf(config.activation, `${path}.activation`);
  if (key === "softmax") return softmax(maker, input, name, path);
  if (key === "relu6") return bounded(maker, input, 6, name);
  const { activation, scale } = activationOf(key, `${path}.activation`);
  if (scale === 1) return maker.activate(input, activation, name);
  const size = sizeOf(input.shape);
  const scaled = maker.affine(input, new Float64Array(size).fill(scale), new Float64Array(size), name);
  return maker.activate(scaled, activation, name);
}

function softmax(maker: Maker, input: Tensor, name: string, path: string): Tensor {
  if (input.shape.length !== 1) throw unsupported(path, "is a softmax over a part of the units");
  if (input.shape[0] === 1) throw unsupported(path, "is a softmax of one unit, which is always 1");
  return maker.activate(input, "softmax", name);
}

function relu({ config, maker, name, path }: Operation, input: Tensor): Tensor {
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
  const size = sizeOf(input.shape);
  const all = (value: number) => new Float64Array(size).fill(value);
  const scaled = maker.affine(input, all(6 / bound), all(-3), name);
  return maker.affine(maker.activate(scaled, "hardSigmoid", name), all(bound), all(0), name);
}

function dense(operation: Operation, input: Tensor): Tensor {
  const { config, maker, weights, name, scope, path } = operation;
  if (input.shape.length !== 1) {
    throw unsupported(path, `works on parts of its input, of shape [${input.shape}]; flatten it before`);
  }
  const units = whole(config.units, `${path}.units`, 1);
  const kernel = weights.take(scope, "kernel", [input.shape[0]!, units]);
  const bias = config.use_bias === false ? undefined : weights.take(scope, "bias", [units]);
  return activated(operation, maker.product(input, kernel, units, bias, name));
}

function sum({ inputs, maker, name, path }: Operation, factor: number): Tensor {
  if (inputs.some(({ shape }) => `${shape}` !== `${inputs[0]!.shape}`)) {
    throw unsupported(path, "adds tensors of several shapes");
  }
  return maker.sum(inputs, factor, name);
}

function concatenate({ inputs, config, maker, path }: Operation): Tensor {
  const [{ shape, steps }] = inputs as [Tensor];
  const axis = number(config.axis ?? -1, `${path}.axis`);
  // In a row, tensors can be joined along their first axis alone.
  const before = steps === undefined ? 1 : 2;
  if ((axis < 0 ? axis + shape.length : axis - before) !== 0)
    throw unsupported(path, `joins along the axis ${axis}`);
  if (inputs.some((one) => `${one.shape.slice(1)}` !== `${shape.slice(1)}`)) {
    throw bad(path, "joins tensors of several shapes");
  }
  const first = inputs.reduce((total, one) => total + one.shape[0]!, 0);
  return maker.join(inputs, [first, ...shape.slice(1)]);
}

/** Refuses any axis but the last, counted from either end. */
function checkAxis(axis: unknown, { shape, steps }: Tensor, path: string): void {
  const given = Array.isArray(axis) && axis.length === 1 ? axis[0] : axis;
  if (given !== -1 && given !== shape.length + (steps === undefined ? 0 : 1))
    throw unsupported(path, `is along the axis ${show(given)}`);
}

/** Computes gamma (x - mean) / √(variance + epsilon) + beta, with the means and variances of training. */
function batchNormalization({ config, maker, weights, name, scope, path }: Operation, input: Tensor): Tensor {
  checkAxis(config.axis ?? -1, input, path);
  const channels = [input.shape.at(-1)!];
  const take = (weight: string) => weights.take(scope, weight, channels);
  const ones = new Float64Array(channels[0]!).fill(1);
  const gamma = config.scale === false ? ones : take("gamma");
  const beta = config.center === false ? ones.map(() => 0) : take("beta");
  const [mean, variance] = [take("moving_mean"), take("moving_variance")];
  const epsilon = number(config.epsilon ?? 1e-3, `${path}.epsilon`);
  const scale = gamma.map((value, i) => value / Math.sqrt(variance[i]! + epsilon));
  const shift = beta.map((value, i) => value - mean[i]! * scale[i]!);
  const size = sizeOf(input.shape);
  const tiled = (values: Float64Array) =>
    Float64Array.from({ length: size }, (_, i) => values[i % values.length]!);
  return maker.affine(input, tiled(scale), tiled(shift), name);
}

/** Normalizes with the mean and the variance of a sample's units. */
function layerNormalization({ config, maker, weights, name, scope, path }: Operation, input: Tensor): Tensor {
  if (input.shape.length !== 1) throw unsupported(path, "norms parts of its input");
  checkAxis(config.axis ?? -1, input, path);
  const ones = new Float64Array(input.shape[0]!).fill(1);
  const gamma = config.scale === false ? ones : weights.take(scope, "gamma", input.shape);
  const beta = config.center === false ? ones.map(() => 0) : weights.take(scope, "beta", input.shape);
  const epsilon = number(config.epsilon ?? 1e-3, `${path}.epsilon`);
  if (epsilon <= 0) throw unsupported(`${path}.epsilon`, `is ${epsilon}, not above 0`);
  return maker.norm(input, gamma, beta, epsilon, name);
}

function reshape({ config, path }: Operation, input: Tensor): Tensor {
  if (input.steps !== undefined) throw unsupported(path, "changes the steps of a sequence");
  const size = sizeOf(input.shape);
  const place = `${path}.target_shape`;
  const target = array(config.target_shape, place).map((one, i) =>
    one === -1 || one === null ? -1 : whole(one, `${place}[${i}]`, 1),
  );
  const known = sizeOf(target.filter((one) => one !== -1));
  const shape = target.map((one) => (one === -1 ? whole(size / known, place, 1) : one));
  if (sizeOf(shape) !== size) throw bad(path, `makes [${shape}] of [${input.shape}]`);
  return { ...input, shape };
}
