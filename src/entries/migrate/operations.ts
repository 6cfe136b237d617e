// The layers of Keras and TensorFlow.js that a graph can express. A layer without parameters that moves no numbers makes no
// layer here. A linear layer waits for an activation, and becomes one layer with it.

import { show } from "../../base/text.js";
import { embedding } from "./embedding.js";
import { folding, images, padded, pointwise } from "./images.js";
import { convolve, repeated } from "./maps.js";
import type { Operation } from "./operation.js";
import { array, bad, lookup, members, number, numbers, string, unsupported, whole } from "./read.js";
import { recurrent } from "./recurrent.js";
import { activated, relu, softmax } from "./squash.js";
import { sizeOf, type Tensor } from "./tensor.js";
import { bounded } from "./topology.js";

/** Computes a layer's output. Throws `unsupported` for a layer that is not in the table. */
export function operate(operation: Operation): Tensor {
  const { type, path, maker, name } = operation;
  const run = lookup(operations, type, path);
  const inputs = folding.includes(type)
    ? operation.inputs
    : operation.inputs.map((one) => padded(maker, one, `${name}.padded`));
  const [first] = inputs;
  const several = ["Add", "Average", "Concatenate", "Multiply"].includes(type);
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
  return run({ ...operation, inputs }, first!);
}

const operations: Readonly<Record<string, (operation: Operation, input: Tensor) => Tensor>> = {
  ...recurrent,
  ...images,
  Embedding: embedding,
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
  Multiply: multiply,
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  Rescaling: rescaling,
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

function dense(operation: Operation, input: Tensor): Tensor {
  const { config, maker, weights, name, scope, path } = operation;
  const units = whole(config.units, `${path}.units`, 1);
  const lead = input.shape.slice(0, -1);
  const values = weights.take(scope, "kernel", [input.shape.at(-1)!, units]);
  const bias = config.use_bias === false ? undefined : weights.take(scope, "bias", [units]);
  const shape = [...lead, units];
  if (sizeOf(lead) === 1) {
    return activated(operation, { ...maker.product(input, values, units, bias, name), shape });
  }
  // Over the last of several axes it works on each position alone.
  const extents = lead.length > 2 ? [sizeOf(lead)] : lead;
  const given = { ...input, shape: [...extents, input.shape.at(-1)!] };
  const options = { ...pointwise(extents.length), shape: [...extents, units], values, bias, name };
  return activated(operation, { ...convolve(maker, given, options), shape });
}

function sum({ inputs, maker, name, path }: Operation, factor: number): Tensor {
  if (inputs.some(({ shape }) => `${shape}` !== `${inputs[0]!.shape}`)) {
    throw unsupported(path, "adds tensors of several shapes");
  }
  return maker.sum(inputs, factor, name);
}

/** Multiplies tensors. An axis of one stands for as many as the others have. */
function multiply({ inputs, maker, name, path }: Operation): Tensor {
  const rank = inputs[0]!.shape.length;
  if (inputs.some(({ shape }) => shape.length !== rank))
    throw unsupported(path, "multiplies tensors of several ranks");
  const shape = inputs[0]!.shape.map((_, axis) => Math.max(...inputs.map((one) => one.shape[axis]!)));
  const factors = inputs.map((one) => {
    if (one.shape.some((extent, axis) => extent !== 1 && extent !== shape[axis])) {
      throw bad(path, `multiplies tensors of the shapes [${one.shape}] and [${shape}]`);
    }
    return repeated(maker, one, bounded(shape, path), `${name}.repeated`);
  });
  return maker.multiply(factors, name);
}

function concatenate({ inputs, config, maker, path }: Operation): Tensor {
  const [{ shape, steps }] = inputs as [Tensor];
  const given = number(config.axis ?? -1, `${path}.axis`);
  // Axes count from the samples on, and a sequence has its steps behind these.
  const axis = given < 0 ? given + shape.length : given - (steps === undefined ? 1 : 2);
  if (shape[axis] === undefined) throw unsupported(path, `joins along the axis ${given}`);
  const replaced = (one: Tensor, extent: number) => one.shape.map((own, i) => (i === axis ? extent : own));
  const others = inputs.map((one) => `${replaced(one, 0)}`);
  if (others.some((one) => one !== others[0])) throw bad(path, "joins tensors of several shapes");
  const sum = inputs.reduce((total, one) => total + one.shape[axis]!, 0);
  return maker.join(inputs, replaced(inputs[0]!, sum), sizeOf(shape.slice(0, axis)));
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
  return maker.affine(input, scale, shift, name);
}

/** Computes scale · x + offset, with a number for all units or one for each channel. */
function rescaling({ config, maker, name, path }: Operation, input: Tensor): Tensor {
  const [scale, shift] = (["scale", "offset"] as const).map((option) => {
    const given = config[option] ?? (option === "scale" ? 1 : 0);
    const place = `${path}.${option}`;
    return Array.isArray(given)
      ? Float64Array.from(numbers(given, place, input.shape.at(-1)!))
      : Float64Array.of(number(given, place));
  }) as [Float64Array, Float64Array];
  return maker.affine(input, scale, shift, name);
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
