// Files of windows, made by hand: random chains of operators, files as Keras's exporter writes them, and bad ones.

import { fromOnnx, obstacles, toOnnx } from "plexus-nn/onnx";
import { describe, expect, test } from "vitest";
import { type AnyGraph, expectClose, expectRefusal, Random, seed } from "../../support/helpers.js";
import { judgeTensors } from "./judge.js";
import { input, model, node, tensor } from "./wire.js";

type Node = ReturnType<typeof node>;
const product = (dims: readonly number[]) => dims.reduce((a, b) => a * b, 1);

/** A chain of operators in the making: its nodes, its constants, and the shapes of its tensors without the samples. */
class Chain {
  readonly nodes: Node[] = [];
  readonly tensors: ReturnType<typeof tensor>[] = [];
  readonly shapes: [name: string, dims: readonly number[]][] = [["x", [3, 5, 7]]];
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  constant(
    dims: readonly number[],
    values = this.#random.numbers(product(dims)),
    kind: "float" | "int64" = "float",
  ) {
    const name = `c${this.tensors.length}`;
    this.tensors.push(tensor(name, dims, values, kind));
    return name;
  }

  add(
    op: string,
    inputs: readonly string[],
    dims: readonly number[],
    attributes: Parameters<typeof node>[3] = {},
  ) {
    const name = `t${this.nodes.length}`;
    this.nodes.push(node(op, inputs, [name], attributes));
    this.shapes.push([name, dims]);
  }

  /** Adds a random operator on a random tensor, mostly the last. */
  grow(): void {
    const random = this.#random;
    const [name, dims] = random.chance(0.8) ? this.shapes.at(-1)! : random.pick(this.shapes);
    const [c, h, w] = dims as [number, number, number];
    const axis = random.whole(0, 2);
    const out = (extent: number, kernel: number, stride: number, pad: number) =>
      Math.floor((extent + 2 * pad - kernel) / stride) + 1;
    const operators: Record<string, () => void> = {
      conv: () => {
        const [kernel, stride, pad] = [
          random.whole(1, Math.min(3, h, w)),
          random.whole(1, 2),
          random.whole(0, 1),
        ];
        const to = random.whole(1, 4);
        const [high, wide] = [out(h, kernel, stride, pad), out(w, kernel, stride, pad)];
        const weights = this.constant(
          [to, c, kernel, kernel],
          random.numbers(to * c * kernel ** 2).map((one) => one / Math.sqrt(c * kernel)),
        );
        const bias = random.chance(0.5) ? [this.constant([to])] : [];
        this.add("Conv", [name, weights, ...bias], [to, high, wide], {
          strides: [stride, stride],
          pads: [pad, pad, pad, pad],
        });
      },
      transposed: () => {
        const to = random.whole(1, 3);
        if (h * w > 60) return;
        const weights = this.constant([c, to, 2, 2]);
        this.add("ConvTranspose", [name, weights], [to, 2 * h, 2 * w], { strides: [2, 2] });
      },
      pool: () => {
        const kernel = Math.min(2, h, w);
        const dims = [c, out(h, kernel, kernel, 0), out(w, kernel, kernel, 0)];
        this.add(random.pick(["MaxPool", "AveragePool"]), [name], dims, {
          kernel_shape: [kernel, kernel],
          strides: [kernel, kernel],
        });
      },
      global: () => {
        if (random.chance(0.3))
          this.add(random.pick(["GlobalMaxPool", "GlobalAveragePool"]), [name], [c, 1, 1]);
      },
      mean: () => {
        if (random.chance(0.3))
          this.add("ReduceMean", [name, this.constant([2], [2, 3], "int64")], [c, 1, 1]);
      },
      turn: () => {
        const order = random.shuffled([0, 1, 2]);
        this.add(
          "Transpose",
          [name],
          order.map((axis) => dims[axis]!),
          { perm: [0, ...order.map((axis) => axis + 1)] },
        );
      },
      reshape: () => {
        const to = random.pick([
          [w, c, h],
          [c * h, 1, w],
          [1, c, h * w],
          [c * h * w, 1, 1],
        ]);
        this.add("Reshape", [name, this.constant([4], [0, ...to], "int64")], to);
      },
      relu: () => this.add(random.pick(["Relu", "Tanh", "Sigmoid"]), [name], dims),
      softmax: () => {
        if (dims[axis]! > 1) this.add("Softmax", [name], dims, { axis: axis + 1 });
      },
      batchNorm: () => {
        const numbers = [0, 1, 2].map(() => this.constant([c]));
        const variance = this.constant(
          [c],
          random.numbers(c).map((one) => one ** 2 + 0.5),
        );
        this.add("BatchNormalization", [name, ...numbers, variance], dims);
      },
      norm: () => {
        // Of few numbers a norm makes much of the rounding.
        if (h * w > 8)
          this.add("InstanceNormalization", [name, this.constant([c]), this.constant([c])], dims);
      },
      layerNorm: () => {
        if (w > 5)
          this.add("LayerNormalization", [name, this.constant([w]), this.constant([w])], dims, { axis: 3 });
      },
      sum: () => {
        const other = random.pick(this.shapes.filter(([, more]) => String(more) === String(dims)))[0];
        this.add(random.pick(["Add", "Mul"]), [name, other], dims);
      },
      scale: () =>
        this.add(
          random.pick(["Add", "Mul"]),
          [name, this.constant(random.pick([[c, 1, 1], [w], [c, h, w]]))],
          dims,
        ),
      gate: () => {
        const found = this.shapes.filter(([, more]) => String(more) === `${c},1,1`);
        if (found.length > 0) this.add("Mul", [name, random.pick(found)[0]], dims);
      },
      join: () => {
        const like = this.shapes.filter(([, more]) =>
          more.every((extent, i) => i === axis || extent === dims[i]),
        );
        const [other, more] = random.pick(like);
        this.add(
          "Concat",
          [name, other],
          dims.map((extent, i) => extent + (i === axis ? more[i]! : 0)),
          { axis: axis + 1 },
        );
      },
      slice: () => {
        if (dims[axis]! < 2) return;
        const [start, end, along] = [[1], [2 ** 31], [axis + 1]].map((one) =>
          this.constant([1], one, "int64"),
        );
        this.add(
          "Slice",
          [name, start!, end!, along!],
          dims.map((extent, i) => extent - Number(i === axis)),
        );
      },
      pad: () => {
        const pads = this.constant([8], [0, 0, 1, 0, 0, 0, 0, 2], "int64");
        this.add("Pad", [name, pads], [c, h + 1, w + 2]);
      },
      resize: () => {
        if (h * w > 60) return;
        this.add("Resize", [name, "", this.constant([4], [1, 1, 2, 3])], [c, 2 * h, 3 * w], {
          mode: "nearest",
          coordinate_transformation_mode: "asymmetric",
          nearest_mode: "floor",
        });
      },
      dense: () => this.add("MatMul", [name, this.constant([w, 4])], [c, h, 4]),
    };
    operators[random.pick(Object.keys(operators))]!();
  }

  file(): Uint8Array {
    const outputs = [this.shapes.at(-1)![0]];
    return model({ inputs: [input("x", ["N", 3, 5, 7])], tensors: this.tensors, nodes: this.nodes, outputs });
  }
}

/** Returns numbers of (channels, height, width) with the channels last. */
function channelsLast([c, h, w]: readonly number[], values: ArrayLike<number>): number[] {
  const [channels, positions] = [c!, h! * w!];
  return Array.from(values, (_, i) => {
    const row = i - (i % (channels * positions));
    return values[row + (i % channels) * positions + (Math.floor(i / channels) % positions)]!;
  });
}

/** Compares a file's graph whose images have their channels last. Returns whether its input has. */
function expectImages(
  file: Uint8Array,
  [name, dims]: readonly [string, readonly number[]],
  values: readonly number[],
  wanted: ArrayLike<number>,
): number {
  const graph: AnyGraph = fromOnnx(file, { precision: "float64" });
  const isImage = String(graph.layer("x").shape) === "5,7,3";
  const found = graph.predict({ x: isImage ? channelsLast([3, 5, 7], values) : values })[name]!;
  const turned = String([dims[1], dims[2], dims[0]]);
  // A cube has the same shape in either order.
  if (turned === String(dims) && dims[0]! > 1) return Number(isImage);
  const isTurned = String(graph.layer(name).shape) === turned;
  const order = isTurned ? channelsLast(dims, wanted) : wanted;
  expectClose(found, order, 2e-4, `channels last: ${name}`);
  return Number(isImage);
}

test(`100 random chains of operators agree with onnxruntime (seed ${seed})`, async () => {
  const random = new Random(seed);
  let [known, images] = [0, 0];
  for (let i = 0; i < 100; i++) {
    const chain = new Chain(random);
    const length = random.whole(3, 12);
    while (chain.nodes.length < length) chain.grow();
    const file = chain.file();
    const found = obstacles(file, { layout: "nchw" });
    for (const { reason } of found) expect(reason).toMatch(/proportion|softmax of one unit|has an epsilon/);
    if (found.length > 0) continue;
    known++;
    const values = random.numbers(2 * 105);
    // Optimized, onnxruntime makes a Pad the padding of a pool that can't have it.
    const wanted = await judgeTensors(file, { x: { values, shape: [2, 3, 5, 7] } }, "float32", "disabled");
    const graph: AnyGraph = fromOnnx(file, { layout: "nchw", precision: "float64" });
    const [name] = chain.shapes.at(-1)!;
    images += expectImages(file, chain.shapes.at(-1)!, values, wanted[name]!);
    const again = toOnnx(graph, { precision: "float32" });
    const shape = [2, ...graph.layer("x").shape];
    const same = await judgeTensors(again, { x: { values, shape } }, "float32");
    expectClose(same[name]!, wanted[name]!, 2e-4, `chain ${i}, written again`);
    expectClose(
      graph.predict({ x: values })[name]!,
      wanted[name]!,
      2e-4,
      `chain ${i} of ${chain.nodes.length}`,
    );
  }
  expect(known).toBeGreaterThan(60);
  expect(images).toBeGreaterThan(15);
}, 60_000);

describe("a file as Keras's exporter writes it, channels last between transpositions", () => {
  const random = new Random(seed);
  const numbers = (...dims: number[]) => random.numbers(product(dims)).map((one) => one / 2);

  test("of two dimensions", async () => {
    const file = model({
      inputs: [input("x", ["unk__7", 5, 7, 3])],
      tensors: [
        tensor("w", [4, 3, 3, 3], numbers(4, 3, 3, 3)),
        tensor("b", [4], numbers(4)),
        tensor("k", [4, 1, 2, 2], numbers(4, 1, 2, 2)),
        tensor("p", [6, 4, 1, 1], numbers(6, 4, 1, 1)),
        tensor("s", [2], [-1, 12], "int64"),
        tensor("d", [12, 2], numbers(12, 2)),
        tensor("e", [2], numbers(2)),
      ],
      nodes: [
        node("Transpose", ["x"], ["t"], { perm: [0, 3, 1, 2] }),
        node("Conv", ["t", "w", "b"], ["c"], {
          auto_pad: "SAME_UPPER",
          strides: [2, 2],
          kernel_shape: [3, 3],
        }),
        node("Relu", ["c"], ["r"]),
        node("Conv", ["r", "k"], ["g"], { group: 4, kernel_shape: [2, 2] }),
        node("Transpose", ["g"], ["n"], { perm: [0, 2, 3, 1] }),
        node("Add", ["n", "b"], ["a"]),
        node("Tanh", ["a"], ["h"]),
        node("Transpose", ["h"], ["i"], { perm: [0, 3, 1, 2] }),
        node("Conv", ["i", "p"], ["j"]),
        node("MaxPool", ["j"], ["m"], { kernel_shape: [2, 2], strides: [1, 2], auto_pad: "SAME_UPPER" }),
        node("Transpose", ["m"], ["l"], { perm: [0, 2, 3, 1] }),
        node("AveragePool", ["m"], ["q"], { kernel_shape: [2, 1], strides: [2, 1] }),
        node("Transpose", ["q"], ["o"], { perm: [0, 2, 3, 1] }),
        node("Reshape", ["o", "s"], ["f"]),
        node("MatMul", ["f", "d"], ["u"]),
        node("Add", ["u", "e"], ["v"]),
        node("Softmax", ["v"], ["y"], { axis: 1 }),
      ],
      outputs: ["y", "l"],
    });
    const values = random.numbers(2 * 105);
    const wanted = await judgeTensors(file, { x: { values, shape: [2, 5, 7, 3] } }, "float32");
    for (const layout of ["nhwc", "nchw"] as const) {
      const graph: AnyGraph = fromOnnx(file, { layout });
      const found = graph.predict({ x: values });
      for (const name of ["y", "l"]) expectClose(found[name]!, wanted[name]!, 1e-5, name);
      // The order is right as it is, and nothing is gathered.
      expect(graph.synapses.map(({ kind }) => kind)).not.toContain("gather");
      expect([graph.layer("x"), graph.layer("l")].map(({ shape }) => shape)).toEqual([
        [5, 7, 3],
        [2, 2, 6],
      ]);
    }
  });

  test("of one dimension", async () => {
    const file = model({
      inputs: [input("x", ["N", 9, 3])],
      tensors: [
        tensor("one", [1], [1], "int64"),
        tensor("two", [1], [2], "int64"),
        tensor("w", [4, 3, 1, 3], numbers(4, 3, 1, 3)),
        tensor("a", [2], [1, 2], "int64"),
      ],
      nodes: [
        node("Unsqueeze", ["x", "one"], ["u"]),
        node("Transpose", ["u"], ["t"], { perm: [0, 3, 1, 2] }),
        node("Conv", ["t", "w"], ["c"], { dilations: [1, 2] }),
        node("Squeeze", ["c", "two"], ["s"]),
        node("Transpose", ["s"], ["n"], { perm: [0, 2, 1] }),
        node("Softplus", ["n"], ["h"]),
        node("ReduceMean", ["h", "one"], ["y"], { keepdims: 0 }),
      ],
      outputs: ["y", "h"],
    });
    const values = random.numbers(2 * 27);
    const wanted = await judgeTensors(file, { x: { values, shape: [2, 9, 3] } }, "float32");
    const graph: AnyGraph = fromOnnx(file);
    const found = graph.predict({ x: values });
    for (const name of ["y", "h"]) expectClose(found[name]!, wanted[name]!, 1e-5, name);
    const kinds = new Set(graph.synapses.map(({ kind }) => kind));
    expect(kinds).toEqual(new Set(["conv", "identity", "averagePool"]));
  });
});

describe("windows that no graph has, and damaged ones, are refused", () => {
  const image = [input("x", ["N", 2, 4, 4])];
  const weights = (...dims: number[]) => tensor("w", dims, new Array(product(dims)).fill(1));
  const conv = (attributes: Parameters<typeof node>[3], dims = [3, 2, 2, 2]) =>
    model({
      inputs: image,
      tensors: [weights(...dims)],
      nodes: [node("Conv", ["x", "w"], ["y"], attributes)],
    });
  const pool = (op: string, attributes: Parameters<typeof node>[3], outputs = ["y"]) =>
    model({ inputs: image, nodes: [node(op, ["x"], outputs, { kernel_shape: [2, 2], ...attributes })] });
  const resize = (scales: number[], attributes: Parameters<typeof node>[3] = {}) =>
    model({
      inputs: image,
      tensors: [tensor("s", [4], scales)],
      nodes: [node("Resize", ["x", "", "s"], ["y"], attributes)],
    });
  const most = 2 ** 31;

  test.each([
    ["padding of 2³¹", conv({ pads: [most, most, most, most] }), "unsupported", ""],
    ["padding of 2³⁰", conv({ pads: [2 ** 30, 0, 0, 0], strides: [2 ** 30, 1] }), "unsupported", "Conv"],
    ["padding by a name that is none", conv({ auto_pad: "SAME" }), "bad-file", "SAME"],
    ["three pads", conv({ pads: [1, 1, 1] }), "bad-file", "3 pads"],
    ["a stride of 0", conv({ strides: [0, 1] }), "bad-file", "strides"],
    ["a dilation of 0", conv({ dilations: [1, 0] }), "bad-file", "dilations"],
    ["a stride for each of three axes", conv({ strides: [1, 1, 1] }), "bad-file", "strides"],
    ["a kernel that the weights don't have", conv({ kernel_shape: [3, 3] }), "bad-file", "kernel"],
    ["a kernel larger than the image", conv({}, [3, 2, 5, 5]), "bad-file", "gives"],
    ["a dilation of 2⁶²", conv({ dilations: [2 ** 53, 1] }), "bad-file", "gives"],
    ["weights of other channels", conv({}, [3, 3, 2, 2]), "bad-file", "channels"],
    ["weights of one axis too few", conv({}, [3, 2, 2]), "bad-file", "weights"],
    ["groups that don't divide", conv({ group: 2 }, [3, 1, 2, 2]), "bad-file", "groups"],
    ["no group", conv({ group: 0 }), "bad-file", "0 groups"],
    [
      "a pool without a kernel",
      model({ inputs: image, nodes: [node("MaxPool", ["x"], ["y"])] }),
      "bad-file",
      "no kernel",
    ],
    [
      "padding of a pool as its kernel",
      pool("MaxPool", { pads: [2, 0, 0, 0] }),
      "unsupported",
      "below the span",
    ],
    ["indices", pool("MaxPool", {}, ["z", "y"]), "unsupported", "indices"],
    [
      "windows that are added and count padding",
      pool("AveragePool", { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1, count_include_pad: 1 }),
      "unsupported",
      "ceil_mode",
    ],
    ["a mean of neighbours", resize([1, 1, 2, 2], { mode: "linear" }), "unsupported", "linear"],
    ["a resized batch", resize([2, 1, 1, 1]), "unsupported", "batch"],
    ["2³⁰ positions", resize([1, 1, 2 ** 14, 2 ** 14]), "unsupported", "more than 16777216"],
    ["a scale of 0", resize([1, 1, 0, 1]), "bad-file", "axis of 4"],
    [
      "windows over the steps",
      model({
        inputs: [input("x", ["N", "T", 3, 3])],
        tensors: [weights(1, 3, 1, 1)],
        nodes: [node("LSTM", ["x"], ["z"]), node("Conv", ["x", "w"], ["y"])],
      }),
      "unsupported",
      "",
    ],
    [
      "blocks of 0",
      model({ inputs: image, nodes: [node("DepthToSpace", ["x"], ["y"], { blocksize: 0 })] }),
      "bad-file",
      "blocks",
    ],
    [
      "groups of 0",
      model({
        inputs: image,
        tensors: [tensor("s", [2], [1, 1])],
        nodes: [node("GroupNormalization", ["x", "s", "s"], ["y"], { num_groups: 0 })],
      }),
      "bad-file",
      "groups",
    ],
    [
      "padding of 2³¹ cells",
      model({
        inputs: image,
        tensors: [tensor("p", [8], [0, 0, most, 0, 0, 0, 0, 0], "int64")],
        nodes: [node("Pad", ["x", "p"], ["y"])],
      }),
      "unsupported",
      "",
    ],
  ] as const)("%s", (_, file, code, mention) => {
    expectRefusal(() => fromOnnx(file), code, mention);
    if (code === "unsupported") expect(obstacles(file).length).toBeGreaterThan(0);
  });

  const ids = [input("ids", ["N", 2], "int64")];
  test.each([
    [
      "tables of other lengths",
      [tensor("t", [3, 1], [1, 2, 3]), tensor("u", [2, 1], [1, 2])],
      [
        node("Gather", ["t", "ids"], ["a"]),
        node("Gather", ["u", "ids"], ["b"]),
        node("Add", ["a", "b"], ["y"]),
      ],
      "unsupported",
      "another of the same input",
    ],
    [
      "columns of a table",
      [tensor("t", [1, 3], [1, 2, 3])],
      [node("Gather", ["t", "ids"], ["y"], { axis: 1 })],
      "unsupported",
      "rows of its table",
    ],
    [
      "a table without rows",
      [tensor("t", [0, 3], [])],
      [node("Gather", ["t", "ids"], ["y"])],
      "bad-file",
      "table",
    ],
    [
      "whole numbers that are a sum, too",
      [tensor("t", [3, 1], [1, 2, 3])],
      [
        node("Gather", ["t", "ids"], ["a"]),
        node("Add", ["ids", "ids"], ["b"]),
        node("Mul", ["a", "b"], ["y"]),
      ],
      "unsupported",
      "whole numbers",
    ],
  ] as const)("%s", (_, tensors, nodes, code, mention) => {
    expectRefusal(() => fromOnnx(model({ inputs: ids, tensors, nodes })), code, mention);
  });

  test("a layout that is none", () => {
    expectRefusal(() => fromOnnx(conv({}), { layout: "hwc" as never }), "bad-option", "nchw");
  });
});
