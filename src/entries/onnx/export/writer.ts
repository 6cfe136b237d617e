// The nodes and initializers of a file in the making. A tensor is represented by its name.

import { create } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
} from "onnx-buf";
import { precisions } from "../../../base/precision.js";
import { GraphError, type Precision } from "../../../index.js";
import type { Algebra } from "../form.js";

/** The file's type of each precision. */
export const elementTypes = { float64: DataType.DOUBLE, float32: DataType.FLOAT } as const;

/** Most bytes of parameters: the limit of a protobuf message, less some for all else. */
const LARGEST = 2 ** 31 - 2 ** 26;

export class Writer implements Algebra<string> {
  readonly nodes: NodeProto[] = [];
  readonly initializers: TensorProto[] = [];
  readonly precision: Precision;
  readonly #taken: Set<string>;
  #bytes = 0;
  readonly #numbers = new Map<string, string>();
  /** Name of the constant that has the axis of the units, for reductions. */
  #axis: string | undefined;

  /** `reserved` names are assigned by `assignName` alone. */
  constructor(precision: Precision, reserved: Iterable<string>) {
    this.precision = precision;
    this.#taken = new Set(reserved);
  }

  /** Returns a name that no other tensor has. */
  #fresh(wanted: string): string {
    let name = wanted;
    for (let i = 2; this.#taken.has(name); i++) name = `${wanted}.${i}`;
    this.#taken.add(name);
    return name;
  }

  /** Adds an initializer in the file's precision. */
  constant(wanted: string, dims: readonly number[], values: ArrayLike<number>): string {
    this.#bytes += values.length * precisions[this.precision];
    if (this.#bytes > LARGEST) throw new GraphError("unsupported", "An ONNX file has at most 2 GB.");
    const numbers = this.precision === "float64" ? Float64Array.from(values) : Float32Array.from(values);
    return this.#initializer(wanted, dims, elementTypes[this.precision], numbers);
  }

  /** Adds a single number, of shape (1, 1), unless the file has it. */
  number(value: number): string {
    const key = Object.is(value, -0) ? "-0" : String(value);
    let name = this.#numbers.get(key);
    if (name === undefined) {
      name = this.constant(key, [1, 1], [value]);
      this.#numbers.set(key, name);
    }
    return name;
  }

  #initializer(
    wanted: string,
    dims: readonly number[],
    dataType: DataType,
    values: Float64Array | Float32Array | BigInt64Array,
  ): string {
    const name = this.#fresh(wanted);
    const rawData = new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
    this.initializers.push(create(TensorProtoSchema, { name, dims: dims.map(BigInt), dataType, rawData }));
    return name;
  }

  /** Adds a node of tensors and numbers. Its attributes are floats, except for `axis`, an integer. Returns its output. */
  op(opType: string, inputs: readonly (string | number)[], attributes: Record<string, number> = {}): string {
    const output = this.#fresh(`${opType}.${this.nodes.length}`);
    this.nodes.push(
      create(NodeProtoSchema, {
        opType,
        name: output,
        input: inputs.map((input) => (typeof input === "number" ? this.number(input) : input)),
        output: [output],
        attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
      }),
    );
    return output;
  }

  reduce(opType: string, x: string): string {
    this.#axis ??= this.#initializer("axis", [1], DataType.INT64, BigInt64Array.of(1n));
    return this.op(opType, [x, this.#axis]);
  }

  /**
   * Assigns a reserved name to a tensor. If the last node computed it, and there were fewer nodes before, it is renamed, and
   * else copied.
   */
  assignName(tensor: string, name: string, before: number): string {
    if (this.nodes.length === before || this.nodes.at(-1)!.output[0] !== tensor)
      this.op("Identity", [tensor]);
    this.nodes.at(-1)!.output[0] = name;
    return name;
  }
}

function attribute(name: string, value: number): AttributeProto {
  return name === "axis"
    ? create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) })
    : create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value });
}
