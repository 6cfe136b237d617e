// The ONNX project's own test cases, as Debian's libonnx-testdata has them: a model, and values with what it makes of them.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { type TensorProto, TensorProtoSchema } from "onnx-buf";
import { decode } from "./judge.js";

const folder = process.env.ONNX_TESTDATA ?? "/usr/share/libonnx-testdata/data";

export const present = existsSync(join(folder, "node"));
export const groups = ["node", "pytorch-converted", "pytorch-operator", "simple"] as const;

export interface Tensor {
  readonly shape: readonly number[];
  readonly values: readonly number[];
  /** Whether they are rounded to 16 bits. */
  readonly short: boolean;
}

/** A name with its values; none where they are no tensor of numbers. */
type Named = readonly [name: string, tensor: Tensor | undefined];

export interface Case {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly sets: readonly { readonly inputs: readonly Named[]; readonly outputs: readonly Named[] }[];
}

export function cases(group: string): Case[] {
  return readdirSync(join(folder, group))
    .sort()
    .map((name) => {
      const place = join(folder, group, name);
      const bytes = readFileSync(join(place, "model.onnx"));
      const graph = decode(bytes).graph!;
      const constants = new Set(graph.initializer.map((tensor) => tensor.name));
      const named = (set: string, kind: "input" | "output") =>
        graph[kind]
          .map(({ name }, i): Named => [name, tensor(join(place, set, `${kind}_${i}.pb`))])
          .filter(([name]) => !constants.has(name));
      const sets = readdirSync(place)
        .filter((entry) => entry.startsWith("test_data_set"))
        .map((set) => ({ inputs: named(set, "input"), outputs: named(set, "output") }));
      return { name, bytes, sets };
    });
}

const FLOAT16 = 10;

/** Returns a number of 16 bits, by the definition of IEEE 754. */
function half(bits: number): number {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/** The numbers of raw data by ONNX's number of their type: float, int32, int64, bool, float16, double. */
const raw: Readonly<Record<number, readonly [bytes: number, read: (view: DataView, at: number) => number]>> =
  {
    1: [4, (view, at) => view.getFloat32(at, true)],
    6: [4, (view, at) => view.getInt32(at, true)],
    7: [8, (view, at) => Number(view.getBigInt64(at, true))],
    9: [1, (view, at) => view.getUint8(at)],
    [FLOAT16]: [2, (view, at) => half(view.getUint16(at, true))],
    11: [8, (view, at) => view.getFloat64(at, true)],
  };

function tensor(path: string): Tensor | undefined {
  if (!existsSync(path)) return undefined;
  let found: TensorProto;
  try {
    found = fromBinary(TensorProtoSchema, readFileSync(path));
  } catch {
    // A sequence, or an optional.
    return undefined;
  }
  const kind = raw[found.dataType];
  if (kind === undefined) return undefined;
  const shape = found.dims.map(Number);
  const length = shape.reduce((product, dim) => product * dim, 1);
  const { rawData } = found;
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  const short = found.dataType === FLOAT16;
  const whole = short ? found.int32Data.map(half) : found.int32Data;
  const typed = [...found.floatData, ...whole, ...found.int64Data.map(Number), ...found.doubleData];
  const values = rawData.length > 0 ? Array.from({ length }, (_, i) => kind[1](view, i * kind[0])) : typed;
  return values.length === length ? { shape, values, short } : undefined;
}
