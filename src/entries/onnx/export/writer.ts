// The nodes and initializers of a file in the making. A tensor is represented by its name.

import { create } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  type GraphProto,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { precisions } from "../../../base/precision.js";
import { encode } from "../../../format/utf8.js";
import { GraphError, type Precision } from "../../../index.js";
import type { Algebra } from "../form.js";

/** The file's type of each precision, and of class numbers. */
const elementTypes = { float64: DataType.DOUBLE, float32: DataType.FLOAT, int64: DataType.INT64 } as const;

/** Most bytes of parameters: the limit of a protobuf message, less some for all else. */
const LARGEST = 2 ** 31 - 2 ** 26;

/** An attribute: a float or an integer, by its name; a text, a list of integers or texts, or a body. */
type Attribute = number | string | readonly number[] | readonly string[] | GraphProto;

export type Attributes = Readonly<Record<string, Attribute>>;

/** Names of attributes that are integers. */
const INTEGERS: ReadonlySet<string> = new Set([
  "axis",
  "start",
  "end",
  "hidden_size",
  "linear_before_reset",
  "num_scan_inputs",
  "group",
  "count_include_pad",
]);

export class Writer implements Algebra<string> {
  /** The nodes of the file, or of the body that is written. */
  nodes: NodeProto[] = [];
  readonly initializers: TensorProto[] = [];
  readonly precision: Precision;
  readonly #taken: Set<string>;
  #bytes = 0;
  readonly #numbers = new Map<string, string>();
  readonly #wholes = new Map<string, string>();
  /** Tensors that others may read by their names, which stay. */
  readonly #kept = new Set<string>();

  /** `reserved` names are assigned by `assignName`, `add` and `take` alone. */
  constructor(precision: Precision, reserved: Iterable<string>) {
    this.precision = precision;
    this.#taken = new Set(reserved);
  }

  /** Returns a name that no other tensor has. */
  fresh(wanted: string): string {
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

  /** Adds whole numbers, for a shape, axes or indices, unless the file has them: a list, or a single number. */
  whole(values: readonly number[] | number, wanted = "whole"): string {
    const key = JSON.stringify(values);
    let name = this.#wholes.get(key);
    if (name === undefined) {
      const list = typeof values === "number" ? [values] : values;
      const dims = typeof values === "number" ? [] : [list.length];
      name = this.#initializer(wanted, dims, DataType.INT64, BigInt64Array.from(list, BigInt));
      this.#wholes.set(key, name);
    }
    return name;
  }

  /** Adds numbers that an operator has in float32 in either precision. */
  singles(values: readonly number[], wanted: string): string {
    const key = `${wanted} ${values}`;
    let name = this.#wholes.get(key);
    if (name === undefined) {
      name = this.#initializer(wanted, [values.length], DataType.FLOAT, Float32Array.from(values));
      this.#wholes.set(key, name);
    }
    return name;
  }

  #initializer(
    wanted: string,
    dims: readonly number[],
    dataType: DataType,
    values: Float64Array | Float32Array | BigInt64Array,
  ): string {
    const name = this.fresh(wanted);
    const rawData = new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
    this.initializers.push(create(TensorProtoSchema, { name, dims: dims.map(BigInt), dataType, rawData }));
    return name;
  }

  /** Adds a node of tensors and numbers. Returns its output. */
  op(opType: string, inputs: readonly (string | number)[], attributes: Attributes = {}): string {
    const output = this.fresh(`${opType}.${this.nodes.length}`);
    const named = inputs.map((input) => (typeof input === "number" ? this.number(input) : input));
    this.add(opType, named, [output], attributes);
    return output;
  }

  /** Adds a node whose outputs have names of their own. An input or output that is left out is "". */
  add(
    opType: string,
    input: readonly string[],
    output: readonly string[],
    attributes: Attributes,
    name = output[0]!,
  ): void {
    const attribute = Object.entries(attributes).map(([name, value]) => written(name, value));
    this.nodes.push(
      create(NodeProtoSchema, { opType, name, input: [...input], output: [...output], attribute }),
    );
  }

  /** Writes nodes into a list of their own, which it returns. */
  body(write: () => void): NodeProto[] {
    const outer = this.nodes;
    const nodes: NodeProto[] = [];
    this.nodes = nodes;
    write();
    this.nodes = outer;
    return nodes;
  }

  reduce(opType: string, x: string): string {
    return this.op(opType, [x, this.whole([1], "axis")]);
  }

  /** Keeps the name of a node's output. Returns it. */
  keep(tensor: string): string {
    this.#kept.add(tensor);
    return tensor;
  }

  /**
   * Assigns a reserved name to a tensor. If the last node computed it, and there were fewer nodes before, it is renamed, and
   * else copied.
   */
  assignName(tensor: string, name: string, before: number): string {
    const isOwn = this.nodes.length > before && this.nodes.at(-1)!.output[0] === tensor;
    if (!isOwn || this.#kept.has(tensor)) this.op("Identity", [tensor]);
    this.nodes.at(-1)!.output[0] = name;
    return name;
  }
}

/** Returns the type of a tensor of numbers; without dimensions, of any shape. */
export function tensorInfo(
  name: string,
  dims: readonly (string | number)[] | undefined,
  type: Precision | "int64",
): ValueInfoProto {
  const dim = dims?.map((one) => ({
    value:
      typeof one === "string"
        ? { case: "dimParam" as const, value: one }
        : { case: "dimValue" as const, value: BigInt(one) },
  }));
  const tensor = { elemType: elementTypes[type], ...(dim && { shape: { dim } }) };
  return create(ValueInfoProtoSchema, { name, type: { value: { case: "tensorType", value: tensor } } });
}

function written(name: string, value: Attribute): AttributeProto {
  const attribute = (
    type: AttributeType,
    fields: Partial<Pick<AttributeProto, "f" | "i" | "s" | "g" | "ints" | "strings">>,
  ) => create(AttributeProtoSchema, { name, type, ...fields });
  const bytes = (text: string) => encode(text) as Uint8Array<ArrayBuffer>;
  if (typeof value === "string") return attribute(AttributeType.STRING, { s: bytes(value) });
  if (typeof value === "number") {
    return INTEGERS.has(name)
      ? attribute(AttributeType.INT, { i: BigInt(value) })
      : attribute(AttributeType.FLOAT, { f: value });
  }
  if (!Array.isArray(value)) return attribute(AttributeType.GRAPH, { g: value as GraphProto });
  const list: readonly (string | number)[] = value;
  return typeof list[0] === "string"
    ? attribute(AttributeType.STRINGS, { strings: list.map((text) => bytes(text as string)) })
    : attribute(AttributeType.INTS, { ints: list.map((number) => BigInt(number)) });
}
