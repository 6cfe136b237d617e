// Files of brain.js, and of its predecessor brain, of any version: `toJSON()` of a network. A NeuralNetwork or NeuralNetworkGPU
// is a chain of layers with one activation; timestep.ts has the recurrent networks.

import type { ActivationOption, Layer } from "../../index.js";
import { build } from "./build.js";
import { type Brain, keys } from "./keys.js";
import { open } from "./open.js";
import { array, bad, lookup, members, number, numbers, string, unsupported, whole } from "./read.js";
import { fromTimeStep } from "./timestep.js";

/** Numbers of a network by layer: biases (units), and weights (units, units of the layer before). */
interface Dense {
  readonly biases: readonly number[];
  readonly weights: readonly (readonly number[])[];
}

/** The activations as functions of the slope, which leaky-relu alone uses. */
const activations: Readonly<Record<string, (slope: number) => ActivationOption>> = {
  sigmoid: () => "sigmoid",
  relu: () => "relu",
  tanh: () => "tanh",
  "leaky-relu": (slope) => ({ name: "leakyRelu", slope }),
};

/**
 * Makes the graph of a brain.js network: layers `input`, `hidden1` and so on, `output`, with brain.js's loss. Recurrent networks
 * have the inner layers of each cell too, and those over characters the layer `embedding`. Throws `bad-file`, `unsupported`.
 */
export function fromBrain(json: object): Brain {
  const file = open(json, "fromBrain");
  const type = file.type === undefined ? "NeuralNetwork" : string(file.type, "type");
  if (file.outputConnector !== undefined || /^(RNN|LSTM|GRU)(TimeStep)?$/.test(type))
    return fromTimeStep(file);
  if (type !== "NeuralNetwork" && type !== "NeuralNetworkGPU") {
    throw unsupported("the network", `is of the type ${type}, which has no counterpart here`);
  }
  const layers = unwrapped(array(file.layers, "layers").map((layer, i) => members(layer, `layers[${i}]`)));
  if (layers.length < 2) throw bad("layers", `has ${layers.length} layers, not two or more`);
  const options = file.trainOpts === undefined ? {} : members(file.trainOpts, "trainOpts");
  const second = Array.isArray(layers[1]!.weights);
  const names = second ? undefined : layers.map((layer) => Object.keys(layer));
  const size = names === undefined ? whole(array(file.sizes, "sizes")[0], "sizes[0]", 1) : names[0]!.length;
  const dense = names === undefined ? readRows(layers, size) : readKeys(layers, names);
  // Version 1 returns 0 for negative sums, and slope · sum for others. It doesn't save the slope, 0.01 by default.
  const name = string(options.activation ?? file.activation ?? "sigmoid", "activation");
  const odd = !second && name === "leaky-relu";
  const slope = number(options.leakyReluAlpha ?? file.leakyReluAlpha ?? 0.01, "leakyReluAlpha");
  if (slope > 1) throw unsupported("leakyReluAlpha", `is ${slope}: above 1 it is no leaky relu`);
  const activation = odd ? "relu" : lookup(activations, name, "activation")(slope);
  const scale = odd ? slope : 1;

  const graph = build((graph) => {
    let before: Layer = graph.addInput("input", size);
    dense.forEach(({ biases, weights }, i) => {
      const bias = biases.map((value) => value * scale);
      const layer =
        i === dense.length - 1
          ? graph.addOutput("output", bias.length, activation, "mse", { bias })
          : graph.addHidden(`hidden${i + 1}`, bias.length, activation, { bias });
      const values = new Float64Array(before.size * bias.length);
      for (const [j, row] of weights.entries()) {
        for (const [k, weight] of row.entries()) values[k * bias.length + j] = weight * scale;
      }
      graph.connect(before, layer, { init: { values } });
      before = layer;
    });
  });
  const inputs = keys(file.inputLookup, names?.[0]);
  const outputs = keys(file.outputLookup, names?.at(-1));
  return {
    graph,
    ...(inputs === undefined ? {} : { inputs }),
    ...(outputs === undefined ? {} : { outputs }),
  };
}

/** Unwraps the layers of version 0.3, objects that have nothing but their units in `nodes`. */
function unwrapped(layers: Record<string, unknown>[]): Record<string, unknown>[] {
  const wrapped = layers.every(
    ({ nodes, ...others }) => typeof nodes === "object" && Object.keys(others).length === 0,
  );
  return wrapped ? layers.map(({ nodes }, i) => members(nodes, `layers[${i}].nodes`)) : layers;
}

/** Reads version 2: arrays by unit. */
function readRows(layers: readonly Record<string, unknown>[], inputs: number): Dense[] {
  let before = inputs;
  return layers.slice(1).map((layer, i) => {
    const path = `layers[${i + 1}]`;
    const rows = array(layer.weights, `${path}.weights`);
    const weights = rows.map((row, j) => numbers(row, `${path}.weights[${j}]`, before));
    before = rows.length;
    return { weights, biases: numbers(layer.biases, `${path}.biases`, before) };
  });
}

/** Reads versions 0 and 1: objects by unit, whose weights are objects by unit of the layer before. */
function readKeys(layers: readonly Record<string, unknown>[], names: readonly string[][]): Dense[] {
  return layers.slice(1).map((layer, i) => {
    const units = names[i + 1]!.map((name) => {
      const path = `layers[${i + 1}].${name}`;
      const unit = members(layer[name], path);
      const given = members(unit.weights, `${path}.weights`);
      const weights = names[i]!.map((source) => number(given[source], `${path}.weights.${source}`));
      return { bias: number(unit.bias, `${path}.bias`), weights };
    });
    return { biases: units.map(({ bias }) => bias), weights: units.map(({ weights }) => weights) };
  });
}
