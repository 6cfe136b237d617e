// The engine's words that the page offers in lists. The compiler compares them with the engine's types.

import type { Activation, Init, Loss, OptimizerOptions, SynapseKind } from "plexus-nn";

/** Fails to compile where a list lacks a word of a type. */
type Complete<List extends readonly unknown[], Word> =
  Exclude<Word, List[number]> extends never ? List : never;

function all<Word>() {
  return <const List extends readonly Word[]>(list: Complete<List, Word>): List => list;
}

export const activations = all<Activation>()([
  "linear",
  "sigmoid",
  "tanh",
  "relu",
  "leakyRelu",
  "elu",
  "selu",
  "gelu",
  "silu",
  "mish",
  "softplus",
  "softsign",
  "hardSigmoid",
  "softmax",
  "exp",
  "sin",
]);

export const losses = all<Loss>()([
  "entropy",
  "crossEntropy",
  "mse",
  "mae",
  "huber",
  "logCosh",
  "hinge",
  "kl",
  "poisson",
]);

export const inits = all<Extract<Init, string>>()([
  "glorot",
  "glorotNormal",
  "he",
  "heNormal",
  "lecun",
  "lecunNormal",
  "orthogonal",
  "uniform",
  "normal",
  "zeros",
]);

export const synapseKinds = all<SynapseKind>()([
  "dense",
  "identity",
  "oneToOne",
  "sparse",
  "conv",
  "convTranspose",
  "averagePool",
  "maxPool",
  "upsample",
  "gather",
  "embedding",
]);

export const optimizerNames = all<OptimizerOptions["name"]>()([
  "sgd",
  "rmsprop",
  "adagrad",
  "adam",
  "adamw",
  "nadam",
  "lion",
]);

/** The default rate of each optimizer. */
export const rates: Readonly<Record<OptimizerOptions["name"], number>> = {
  sgd: 0.1,
  rmsprop: 0.01,
  adagrad: 0.01,
  adam: 0.001,
  adamw: 0.001,
  nadam: 0.002,
  lion: 0.0001,
};

/** An option of an optimizer that the page offers: its default, and the range of its slider. */
export interface OptimizerOption {
  readonly name: string;
  readonly text: string;
  readonly value: number;
  readonly most: number;
}

const momentum: OptimizerOption = { name: "momentum", text: "Momentum", value: 0, most: 0.99 };
const betas: readonly OptimizerOption[] = [
  { name: "beta1", text: "Beta 1", value: 0.9, most: 0.99 },
  { name: "beta2", text: "Beta 2", value: 0.999, most: 0.999 },
];

/** Options of each optimizer beside its rate. */
export const optimizerOptions: Readonly<Record<OptimizerOptions["name"], readonly OptimizerOption[]>> = {
  sgd: [momentum],
  rmsprop: [{ name: "alpha", text: "Alpha", value: 0.99, most: 0.999 }, momentum],
  adagrad: [],
  adam: betas,
  adamw: betas,
  nadam: betas,
  lion: [betas[0]!, { name: "beta2", text: "Beta 2", value: 0.99, most: 0.999 }],
};
