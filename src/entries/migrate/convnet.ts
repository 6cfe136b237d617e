// Files of ConvNetJS: `toJSON()` of a Net. Its volumes are images here, (sy, sx, depth), in the same order.

import { show } from "../../base/text.js";
import type { Activation, Graph } from "../../index.js";
import { build } from "./build.js";
import { Maker } from "./maker.js";
import { channelwise, convolve } from "./maps.js";
import { open } from "./open.js";
import { array, bad, members, number, numbers, string, unsupported, whole } from "./read.js";
import { sizeOf, type Tensor } from "./tensor.js";
import { bounded } from "./topology.js";

/** A layer of the file, as a function of the tensor before. */
type Step = (maker: Maker, input: Tensor, name: string) => Tensor;

type Members = Readonly<Record<string, unknown>>;

/** A layer that makes a volume of another shape. */
interface Made {
  readonly shape: readonly number[];
  readonly step: Step;
}

const activations: Readonly<Record<string, Activation>> = { relu: "relu", sigmoid: "sigmoid", tanh: "tanh" };

/** Layers that end a net, with the output's loss. */
const ends = { softmax: "crossEntropy", regression: "mse", svm: "mse" } as const;

/** Layers that make a volume of another shape. */
const makers: Readonly<Record<string, (layer: Members, path: string, shape: readonly number[]) => Made>> = {
  fc: dense,
  conv: convolution,
  pool,
};

/**
 * Makes the graph of a ConvNetJS net: layers `input`, `hidden1` and so on for convolutions, pools and fully connected layers,
 * `output`. `softmax` has the loss crossEntropy; `regression` and `svm`, whose values are sums, have mse. Throws `bad-file`;
 * `unsupported` for maxout and its kin.
 */
export function fromConvnet(json: object): Graph {
  const file = open(json, "fromConvnet");
  const layers = array(file.layers, "layers").map((layer, i) => members(layer, `layers[${i}]`));
  const [head, ...others] = layers;
  if (head === undefined || others.length === 0)
    throw bad("layers", `has ${layers.length} layers, not two or more`);
  if (head.layer_type !== "input")
    throw bad("layers[0].layer_type", `is ${show(head.layer_type)}, not "input"`);
  const sides = ["out_sy", "out_sx", "out_depth"].map((side) => whole(head[side], `layers[0].${side}`, 1));
  let shape: readonly number[] = bounded(sides, "layers[0]");
  const isImage = others.some(({ layer_type: type }) => type === "conv" || type === "pool");
  let end: keyof typeof ends | undefined;
  const steps = others.map((layer, i): Step => {
    const path = `layers[${i + 1}]`;
    if (end !== undefined) throw unsupported(path, `comes after the end of the net, ${end}`);
    const type = string(layer.layer_type, `${path}.layer_type`);
    const size = sizeOf(shape);
    if (Object.hasOwn(ends, type)) {
      end = type as keyof typeof ends;
      if (end !== "softmax") return (_, input) => input;
      if (size === 1) throw unsupported(path, "is a softmax of one unit, which is always 1");
      return (maker, input, name) => maker.activate({ ...input, shape: [size] }, "softmax", name);
    }
    const activation = Object.hasOwn(activations, type) ? activations[type] : undefined;
    if (activation !== undefined) return (maker, input, name) => maker.activate(input, activation, name);
    if (type === "dropout") return dropout(layer, path);
    const make = Object.hasOwn(makers, type) ? makers[type] : undefined;
    if (make === undefined)
      throw unsupported(`${path}.layer_type`, `is ${show(type)}, which has no counterpart here`);
    const made = make(layer, path, shape);
    shape = bounded(made.shape, path);
    return made.step;
  });
  return build((graph) => {
    const maker = new Maker(graph, ["input", "output"]);
    let tensor: Tensor = maker.input("input", isImage ? sides : [sizeOf(sides)]);
    let hidden = 0;
    for (const [i, step] of steps.entries()) {
      if (Object.hasOwn(makers, others[i]!.layer_type as string)) hidden++;
      tensor = step(maker, tensor, `hidden${Math.max(hidden, 1)}`);
    }
    maker.output(tensor, "output", end === undefined ? "mse" : ends[end]);
    maker.finish();
  });
}

function dense(layer: Members, path: string, before: readonly number[]): Made {
  const { matrix, bias } = readFilters(layer, path, sizeOf(before));
  return {
    shape: [1, 1, bias.length],
    step: (maker, input, name) => maker.product(input, matrix, bias.length, bias, name),
  };
}

function convolution(layer: Members, path: string, before: readonly number[]): Made {
  const { window, extents } = readWindow(layer, path, before);
  const { matrix, bias } = readFilters(layer, path, sizeOf(window.kernel) * before[2]!);
  const shape = [...extents, bias.length];
  return {
    shape,
    step: (maker, input, name) =>
      convolve(
        maker,
        { ...input, shape: before },
        {
          kind: "conv",
          window: { ...window, groups: 1 },
          shape,
          values: matrix,
          bias,
          name,
        },
      ),
  };
}

function pool(layer: Members, path: string, before: readonly number[]): Made {
  const { window, extents } = readWindow(layer, path, before);
  const [pad] = window.padding[0]!;
  if (pad >= Math.min(...window.kernel)) {
    throw unsupported(`${path}.pad`, `is ${pad}, with windows that lie outside of the volume`);
  }
  const shape = [...extents, before[2]!];
  return {
    shape,
    step: (maker, input, name) =>
      channelwise(maker, { ...input, shape: before }, { map: { kind: "maxPool", ...window }, shape, name }),
  };
}

/** Reads a window over a volume, and the extents that it makes: those of the file. */
function readWindow(layer: Members, path: string, before: readonly number[]) {
  const read = (side: string, usual: unknown, least: number) =>
    whole(layer[side] ?? usual, `${path}.${side}`, least, 2 ** 31 - 1);
  const width = read("sx", undefined, 1);
  const kernel = [read("sy", width, 1), width];
  const [stride, pad] = [read("stride", undefined, 1), read("pad", 0, 0)];
  bounded([before[0]! + 2 * pad, before[1]! + 2 * pad, before[2]!], path);
  const extents = kernel.map((extent, axis) => {
    const side = axis === 0 ? "out_sy" : "out_sx";
    const count = Math.floor((before[axis]! + 2 * pad - extent) / stride) + 1;
    const given = read(side, undefined, 1);
    if (given !== count) throw bad(`${path}.${side}`, `is ${given}, and its windows are ${count}`);
    return count;
  });
  const padding = kernel.map((): readonly [number, number] => [pad, pad]);
  return { window: { kernel, stride: [stride, stride], dilation: [1, 1], padding }, extents };
}

/** Reads filters by unit, (units, inputs) in the file, as a matrix of (inputs, units). */
function readFilters(layer: Members, path: string, inputs: number) {
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
function dropout({ drop_prob }: Members, path: string): Step {
  const rate = number(drop_prob, `${path}.drop_prob`);
  if (!(rate >= 0 && rate < 1)) throw bad(`${path}.drop_prob`, `is ${rate}, not from 0 to below 1`);
  return (maker, input, name) =>
    maker.affine(maker.drop(input, rate), Float64Array.of(rate), Float64Array.of(0), name);
}
