// The results of onnxruntime for a file, and of a plain evaluator for the operators that onnxruntime lacks.

import { fromBinary } from "@bufbuild/protobuf";
import {
  TensorProto_DataType as DataType,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
} from "onnx-buf";
import type { Precision } from "plexus-nn";
import { load, type Peer } from "../../peers/load.js";

const ort = await load("onnxruntime-web/wasm");
ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";

/** Rows of numbers by a name. */
export type Rows = Readonly<Record<string, readonly (readonly number[])[]>>;
type Results = Record<string, ArrayLike<number>>;

const arrays = { float64: Float64Array, float32: Float32Array } as const;

/** A tensor of numbers: its values, row-major, and its shape. */
export interface Feed {
  readonly values: readonly number[];
  readonly shape: readonly number[];
  /** Whether they are class numbers. */
  readonly whole?: boolean;
}

/** Computes the outputs of a file by onnxruntime-web. */
export async function judge(file: Uint8Array, xs: Rows, precision: Precision): Promise<Results> {
  const feeds = Object.entries(xs).map(([name, rows]) => {
    return [name, { values: rows.flat(), shape: [rows.length, rows[0]!.length] }] as const;
  });
  return judgeTensors(file, Object.fromEntries(feeds), precision);
}

/** Computes the outputs of a file for tensors of any shape by onnxruntime-web. */
export async function judgeTensors(
  file: Uint8Array,
  given: Readonly<Record<string, Feed>>,
  precision: Precision,
  graphOptimizationLevel: "all" | "disabled" = "all",
): Promise<Results> {
  const options = { executionProviders: ["wasm"], graphOptimizationLevel };
  const session = await ort.InferenceSession.create(file, options);
  try {
    const feeds: Record<string, Peer> = {};
    for (const [name, { values, shape, whole }] of Object.entries(given)) {
      if (whole) feeds[name] = new ort.Tensor("int64", BigInt64Array.from(values, BigInt), shape);
      else feeds[name] = new ort.Tensor(precision, arrays[precision].from(values) as Float32Array, shape);
    }
    const results: Results = {};
    for (const [name, { data }] of Object.entries<Peer>(await session.run(feeds))) {
      results[name] = data as Float64Array | Float32Array;
    }
    return results;
  } finally {
    await session.release();
  }
}

export function decode(file: Uint8Array): ModelProto {
  return fromBinary(ModelProtoSchema, file);
}

/** A matrix; what is given in one dimension is a row. */
interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: readonly number[];
}

/** Computes the outputs of a file in plain loops, for the operators of float64 files. */
export function evaluate(file: Uint8Array, xs: Rows): Results {
  const { graph } = decode(file);
  const tensors = new Map<string, Matrix>();
  for (const [name, rows] of Object.entries(xs)) {
    tensors.set(name, { rows: rows.length, columns: rows[0]!.length, values: rows.flat() });
  }
  for (const { name, dims, dataType, rawData } of graph!.initializer) {
    if (dataType === DataType.INT64) continue;
    if (dataType !== DataType.DOUBLE) throw new Error(`${name} is no float64`);
    const values = [...new Float64Array(rawData.slice().buffer)];
    const [columns, rows] = [Number(dims.at(-1)), Number(dims.at(-2) ?? 1)];
    tensors.set(name, { rows, columns, values });
  }
  for (const node of graph!.node) {
    tensors.set(
      node.output[0]!,
      compute(
        node,
        node.input.map((name) => tensors.get(name)!),
      ),
    );
  }
  return Object.fromEntries(graph!.output.map(({ name }) => [name, tensors.get(name)!.values]));
}

function compute({ opType }: NodeProto, [a, b, c]: readonly Matrix[]): Matrix {
  if (Object.hasOwn(unary, opType)) return { ...a!, values: a!.values.map(unary[opType]!) };
  if (Object.hasOwn(binary, opType)) return broadcast(binary[opType]!, a!, b!);
  if (opType === "Gemm")
    return c === undefined ? product(a!, b!) : broadcast(binary.Add!, product(a!, b!), c);
  const rows = Array.from({ length: a!.rows }, (_, r) =>
    a!.values.slice(r * a!.columns, (r + 1) * a!.columns),
  );
  if (opType === "ReduceMean") {
    return { rows: a!.rows, columns: 1, values: rows.map((row) => row.reduce((x, y) => x + y) / row.length) };
  }
  if (opType !== "Softmax") throw new Error(`no operator ${opType}`);
  return {
    ...a!,
    values: rows.flatMap((row) => {
      const powers = row.map((value) => Math.exp(value - Math.max(...row)));
      const sum = powers.reduce((x, y) => x + y);
      return powers.map((value) => value / sum);
    }),
  };
}

const unary: Record<string, (x: number) => number> = {
  Identity: (x) => x,
  Neg: (x) => -x,
  Abs: Math.abs,
  Sqrt: Math.sqrt,
  Exp: Math.exp,
  Log: Math.log,
  Sin: Math.sin,
  Tanh: Math.tanh,
  Erf: erf,
  Relu: (x) => Math.max(x, 0),
  Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
};

const binary: Record<string, (x: number, y: number) => number> = {
  Add: (x, y) => x + y,
  Sub: (x, y) => x - y,
  Mul: (x, y) => x * y,
  Div: (x, y) => x / y,
  Min: Math.min,
  Max: Math.max,
};

function broadcast(rule: (x: number, y: number) => number, a: Matrix, b: Matrix): Matrix {
  const [rows, columns] = [Math.max(a.rows, b.rows), Math.max(a.columns, b.columns)];
  const at = (m: Matrix, r: number, j: number) =>
    m.values[(m.rows === 1 ? 0 : r) * m.columns + (m.columns === 1 ? 0 : j)]!;
  const values = Array.from({ length: rows * columns }, (_, i) => {
    const [r, j] = [Math.floor(i / columns), i % columns];
    return rule(at(a, r, j), at(b, r, j));
  });
  return { rows, columns, values };
}

function product(a: Matrix, b: Matrix): Matrix {
  const values = Array.from({ length: a.rows * b.columns }, (_, at) => {
    const [r, j] = [Math.floor(at / b.columns), at % b.columns];
    let sum = 0;
    for (let k = 0; k < a.columns; k++) sum += a.values[r * a.columns + k]! * b.values[k * b.columns + j]!;
    return sum;
  });
  return { rows: a.rows, columns: b.columns, values };
}

/**
 * Returns erf x, by its series up to 3, beyond by the continued fraction of its complement (Abramowitz and Stegun 7.1.6,
 * 7.1.14).
 */
export function erf(x: number): number {
  const z = Math.abs(x);
  if (z > 6) return Math.sign(x);
  if (z < 3) {
    let term = z;
    let sum = z;
    for (let n = 1; n < 100; n++) {
      term *= (2 * z * z) / (2 * n + 1);
      sum += term;
    }
    return (Math.sign(x) * 2 * Math.exp(-z * z) * sum) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let n = 100; n > 0; n--) fraction = n / 2 / (z + fraction);
  return Math.sign(x) * (1 - Math.exp(-z * z) / (Math.sqrt(Math.PI) * (z + fraction)));
}
