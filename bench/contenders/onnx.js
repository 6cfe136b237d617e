// onnxruntime-web, one thread, predicting only. The model is written here: ONNX is protobuf, and needs little of it.

import { load, version as versionOf } from "../../test/peers/load.js";

export const version = () => versionOf("onnxruntime-web");

/** @type {(asked: { network: import("../networks.js").Network, kind: string }) => string | undefined} */
export function refuses({ kind }) {
  return kind === "predict" ? undefined : "it doesn't train";
}

/** @param {number} value @returns {number[]} */
const varint = (value) => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);
/** @type {(field: number, value: number) => Buffer} */
export const int = (field, value) => Buffer.from([...varint(field << 3), ...varint(value)]);
/** Encodes text, bytes or a message's fields. @type {(field: number, ...parts: (string | Uint8Array)[]) => Buffer} */
export const bytes = (field, ...parts) => {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...varint(body.length)]), body]);
};
const FLOAT = 1;
/** @type {(field: number, name: string, shape: number[]) => Buffer} */
export const valueInfo = (field, name, shape) => {
  const dims = bytes(2, ...shape.map((length) => bytes(1, int(1, length))));
  return bytes(field, bytes(1, name), bytes(2, bytes(1, int(1, FLOAT), dims)));
};
/** @type {(name: string, values: Float64Array, shape: number[]) => Buffer} */
export const tensor = (name, values, shape) => {
  const raw = new Uint8Array(Float32Array.from(values).buffer);
  return bytes(5, ...shape.map((length) => int(1, length)), int(2, FLOAT), bytes(8, name), bytes(9, raw));
};
/** Encodes a node; its attributes are lists of whole numbers, or one. @type {(type: string, from: string[], to: string, attributes?: Record<string, number | number[]>) => Buffer} */
export const node = (type, from, to, attributes = {}) =>
  bytes(
    1,
    ...from.map((name) => bytes(1, name)),
    bytes(2, to),
    bytes(3, `${type} ${to}`),
    bytes(4, type),
    ...Object.entries(attributes).map(([name, value]) =>
      Array.isArray(value)
        ? bytes(5, bytes(1, name), ...value.map((each) => int(8, each)), int(20, 7))
        : bytes(5, bytes(1, name), int(3, value), int(20, 2)),
    ),
  );

/** Encodes a model of a graph's parts. @param {Buffer[]} parts */
export const whole = (parts) =>
  Buffer.concat([int(1, 8), bytes(7, bytes(2, "net"), ...parts), bytes(8, int(2, 13))]);

/** @type {(start: Pick<import("../worker.js").Start, "network" | "weights">) => Buffer} */
function model({ network: { inputs, layers, outputs, batch }, weights }) {
  const size = Object.fromEntries([...inputs, ...layers].map((layer) => [layer.name, layer.size]));
  /** @type {Buffer[]} */
  const parts = [];
  for (const { name, from, size: units, activation } of layers) {
    const own = /** @type {import("../numbers.js").Weights} */ (weights[name]);
    let sum = `${name} bias`;
    parts.push(tensor(sum, own.bias, [units]));
    from.forEach((source, i) => {
      const matrix = `${source}>${name}`;
      parts.push(tensor(matrix, own.from[source] ?? new Float64Array(), [size[source] ?? 0, units]));
      parts.push(node("Gemm", [source, matrix, sum], `${name} ${i}`));
      sum = `${name} ${i}`;
    });
    parts.push(node(activation === "sigmoid" ? "Sigmoid" : "Softmax", [sum], name));
  }
  parts.push(...inputs.map(({ name, size: units }) => valueInfo(11, name, [batch, units])));
  parts.push(...outputs.map((name) => valueInfo(12, name, [batch, size[name] ?? 0])));
  return whole(parts);
}

/** @type {import("../worker.js").Setup} */
export async function setup({ network, weights, data }) {
  const ort = await load("onnxruntime-web");
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(model({ network, weights }), {
    executionProviders: ["wasm"],
  });
  const { batch, rows, inputs, outputs } = network;
  const feeds = Array.from({ length: rows / batch }, (_, n) =>
    Object.fromEntries(
      inputs.map(({ name, size }) => {
        const values = data.xs[name]?.subarray(n * batch * size, (n + 1) * batch * size) ?? [];
        return [name, new ort.Tensor("float32", Float32Array.from(values), [batch, size])];
      }),
    ),
  );
  return {
    train() {},
    async predict(first) {
      const results = await session.run(feeds[first / batch]);
      return Object.fromEntries(outputs.map((name) => [name, results[name].data]));
    },
  };
}
