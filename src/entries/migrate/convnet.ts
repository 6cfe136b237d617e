// Files of ConvNetJS: `toJSON()` of a Net of fully connected layers. Its convolutions have no counterpart here.

import { show } from "../../base/text.js";
import type { Activation, Graph } from "../../index.js";
import { build } from "./build.js";
import { Maker } from "./maker.js";
import { open } from "./open.js";
import { array, bad, members, number, numbers, string, unsupported, whole } from "./read.js";
import type { Tensor } from "./tensor.js";
import { bounded } from "./topology.js";

/** A layer of the file, as a function of the tensor before. */
type Step = (maker: Maker, input: Tensor, name: string) => Tensor;

const activations: Readonly<Record<string, Activation>> = { relu: "relu", sigmoid: "sigmoid", tanh: "tanh" };

/** Layers that end a net, with the output's loss. */
const ends = { softmax: "crossEntropy", regression: "mse", svm: "mse" } as const;

/**
 * Makes the graph of a ConvNetJS net: layers `input`, `hidden1` and so on, `output`. `softmax` has the loss crossEntropy;
 * `regression` and `svm`, whose values are sums, have mse. Throws `bad-file`; `unsupported` for convolutions, pools, maxout
 * and their kin.
 */
export function fromConvnet(json: object): Graph {
  const file = open(json, "fromConvnet");
  const layers = array(file.layers, "layers").map((layer, i) => members(layer, `layers[${i}]`));
  const [head, ...others] = layers;
  if (head === undefined || others.length === 0)
    throw bad("layers", `has ${layers.length} layers, not two or more`);
  if (head.layer_type !== "input")
    throw bad("layers[0].layer_type", `is ${show(head.layer_type)}, not "input"`);
  const sides = ["out_sx", "out_sy", "out_depth"].map((side) => whole(head[side], `layers[0].${side}`, 1));
  let size = bounded(sides, "layers[0]").reduce((a, b) => a * b);
  const inputs = size;
  let end: keyof typeof ends | undefined;
  const steps = others.map((layer, i): Step => {
    const path = `layers[${i + 1}]`;
    if (end !== undefined) throw unsupported(path, `comes after the end of the net, ${end}`);
    const type = string(layer.layer_type, `${path}.layer_type`);
    if (Object.hasOwn(ends, type)) {
      end = type as keyof typeof ends;
      if (end !== "softmax") return (_, input) => input;
      if (size === 1) throw unsupported(path, "is a softmax of one unit, which is always 1");
      return (maker, input, name) => maker.activate(input, "softmax", name);
    }
    const activation = Object.hasOwn(activations, type) ? activations[type] : undefined;
    if (activation !== undefined) return (maker, input, name) => maker.activate(input, activation, name);
    if (type === "dropout") return dropout(layer, path, size);
    if (type !== "fc")
      throw unsupported(`${path}.layer_type`, `is ${show(type)}, which has no counterpart here`);
    const dense = readDense(layer, path, size);
    size = dense.bias.length;
    return (maker, input, name) => maker.product(input, dense.matrix, dense.bias.length, dense.bias, name);
  });
  return build((graph) => {
    const maker = new Maker(graph, ["input", "output"]);
    let tensor: Tensor = maker.input("input", [inputs]);
    let hidden = 0;
    for (const [i, step] of steps.entries()) {
      if (others[i]!.layer_type === "fc") hidden++;
      tensor = step(maker, tensor, `hidden${Math.max(hidden, 1)}`);
    }
    maker.output(tensor, "output", end === undefined ? "mse" : ends[end]);
    maker.finish();
  });
}

/** Reads filters by unit, (units, inputs) in the file, as a matrix of (inputs, units). */
function readDense(layer: Record<string, unknown>, path: string, inputs: number) {
  const filters = array(layer.filters, `${path}.filters`);
  if (filters.length === 0) throw bad(`${path}.filters`, "is empty");
  const rows = filters.map((filter, j) => volume(filter, `${path}.filters[${j}]`, inputs));
  const matrix = new Float64Array(inputs * rows.length);
  for (const [j, row] of rows.entries()) {
    for (const [i, weight] of row.entries()) matrix[i * rows.length + j] = weight;
  }
  return { matrix, bias: Float64Array.from(volume(layer.biases, `${path}.biases`, rows.length)) };
}

/** Returns the numbers of a volume. They are in an array, or in an object by index, which is JSON's form of a typed array. */
function volume(value: unknown, path: string, count: number): number[] {
  const { w } = members(value, path);
  if (typeof w !== "object" || w === null || Array.isArray(w) || ArrayBuffer.isView(w)) {
    return numbers(w, `${path}.w`, count);
  }
  const keyed = members(w, `${path}.w`);
  const found = Object.keys(keyed).length;
  if (found !== count) throw bad(`${path}.w`, `has ${found} numbers, not ${count}`);
  return Array.from({ length: count }, (_, i) => number(keyed[i], `${path}.w[${i}]`));
}

/**
 * Returns dropout as a step. In training it drops a share p of the units; in prediction it multiplies all by p, and so does
 * the graph.
 */
function dropout({ drop_prob }: Record<string, unknown>, path: string, size: number): Step {
  const rate = number(drop_prob, `${path}.drop_prob`);
  if (!(rate >= 0 && rate < 1)) throw bad(`${path}.drop_prob`, `is ${rate}, not from 0 to below 1`);
  return (maker, input, name) =>
    maker.affine(maker.drop(input, rate), new Float64Array(size).fill(rate), new Float64Array(size), name);
}
