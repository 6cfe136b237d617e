// A file's graph: its nodes, its constants, and the inputs with their shapes.

import type { GraphProto, ModelProto, NodeProto, ValueInfoProto } from "onnx-buf";
import { TensorProto_DataType as DataType } from "onnx-buf";
import { show } from "../../error.js";
import { GraphError, type Precision } from "../../index.js";
import { damaged } from "../wire.js";
import { Call, unsupported } from "./call.js";
import { layout } from "./layout.js";
import { Plan } from "./plan.js";
import { AXES, type Constant, readTensor, typeName } from "./tensor.js";

/** An input that stays one: its name and its shape without the batch. */
export interface Input {
  readonly name: string;
  readonly dims: readonly number[];
}

/** The newest version of the operators that is known here. */
const NEWEST = 25;

export class Program {
  readonly graph: GraphProto;
  readonly opset: number;
  readonly inputs: readonly Input[];
  readonly outputs: readonly string[];
  readonly precision: Precision;
  readonly batch: number | undefined;
  readonly #constants = new Map<string, Constant | undefined>();
  readonly #nodes = new Map<string, NodeProto>();
  /** None where it is sparse. */
  readonly #initializers: ReadonlyMap<string, GraphProto["initializer"][number] | undefined>;

  constructor(model: ModelProto, bound: ReadonlyMap<string, Constant>) {
    const { graph } = model;
    if (graph === undefined) throw damaged("it has no graph");
    this.graph = graph;
    const version = model.opsetImport.find(({ domain }) => isStandard(domain))?.version ?? 1n;
    if (version < 1n || version > NEWEST) {
      throw new GraphError(
        "unsupported",
        `The file has version ${version} of the operators; known are 1 to ${NEWEST}.`,
      );
    }
    this.opset = Number(version);
    this.#initializers = new Map([
      ...graph.sparseInitializer.map(({ values }) => [values?.name ?? "", undefined] as const),
      ...graph.initializer.map((tensor) => [tensor.name, tensor] as const),
    ]);
    for (const node of graph.node) {
      for (const output of node.output) {
        if (output === "") continue;
        if (this.#nodes.has(output) || this.#initializers.has(output))
          throw damaged(`two nodes give ${show(output)}`);
        this.#nodes.set(output, node);
      }
    }
    const free = graph.input.filter(({ name }) => !this.#initializers.has(name) && !bound.has(name));
    for (const [name, constant] of bound) {
      if (!graph.input.some((input) => input.name === name)) {
        throw new GraphError("bad-option", `\`bind\` names ${show(name)}, which is no input of the file.`);
      }
      this.#constants.set(name, constant);
    }
    const shapes = free.map((input) => ({ name: input.name, ...tensorType(input) }));
    this.inputs = shapes.map(({ name, dims }) => ({
      name,
      dims: dims.slice(1).map((dim) => unitDim(name, dim)),
    }));
    this.batch = commonBatch(shapes);
    this.precision = shapes.some(({ type }) => type === DataType.DOUBLE) ? "float64" : "float32";
    this.outputs = graph.output.map(({ name }) => name);
    const names = [...this.inputs.map(({ name }) => name), ...this.outputs];
    if (new Set(this.outputs).size < this.outputs.length) throw damaged("two outputs have one name");
    if (this.outputs.length === 0) throw damaged("it has no output");
    if (names.includes("")) throw damaged("an input or output has no name");
    const both = this.inputs.find(({ name }) => this.outputs.includes(name));
    if (both !== undefined)
      throw new GraphError("unsupported", `The input ${show(both.name)} is an output too.`);
    if (this.inputs.some(({ name }) => this.#nodes.has(name)) || new Set(names).size < names.length) {
      throw damaged("two tensors have one name");
    }
  }

  /** The node that gives a tensor. */
  node(tensor: string): NodeProto | undefined {
    return this.#nodes.get(tensor);
  }

  /** A tensor that the file, or `bind`, has the numbers of. */
  constant(tensor: string): Constant | undefined {
    if (this.#constants.has(tensor)) return this.#constants.get(tensor);
    const initializer = this.#initializers.get(tensor);
    const node = this.#nodes.get(tensor);
    if (initializer === undefined && this.#initializers.has(tensor))
      throw new GraphError("unsupported", `The tensor ${show(tensor)} is sparse.`);
    let found: Constant | undefined;
    if (initializer !== undefined) found = readTensor(initializer, `The tensor ${show(tensor)}`);
    else if (node?.opType === "Constant" && isStandard(node.domain)) {
      found = layout.Constant!(new Call(node, [], new Plan(0, undefined), this.opset)) as Constant;
    }
    this.#constants.set(tensor, found);
    return found;
  }

  /** Refuses what no node of the file could be, for its domain. */
  check(node: NodeProto): void {
    if (!isStandard(node.domain)) throw unsupported(node, `is of the domain ${show(node.domain)}`);
  }
}

function isStandard(domain: string): boolean {
  return domain === "" || domain === "ai.onnx";
}

type Dim = number | string | undefined;

/** An input's element type, and its dimensions: numbers, names, or not known. */
function tensorType({ name, type }: ValueInfoProto): { type: number; dims: readonly Dim[] } {
  const what = `The input ${show(name)}`;
  if (type?.value.case !== "tensorType") throw new GraphError("unsupported", `${what} is no tensor.`);
  const { elemType, shape } = type.value.value;
  if (elemType !== DataType.FLOAT && elemType !== DataType.DOUBLE) {
    throw new GraphError(
      "unsupported",
      `${what} is of ${typeName(elemType)}; a layer has float32 or float64. \`bind\` can give its values.`,
    );
  }
  if (shape === undefined || shape.dim.length === 0 || shape.dim.length > AXES) {
    throw new GraphError("unsupported", `${what} has no axis for the batch, or more than ${AXES}.`);
  }
  return {
    type: elemType,
    dims: shape.dim.map(({ value }) => (value.case === "dimValue" ? Number(value.value) : value.value)),
  };
}

function unitDim(input: string, dim: Dim): number {
  if (typeof dim === "number" && dim >= 1 && dim <= 2 ** 31) return dim;
  const found = typeof dim === "number" ? dim : dim === undefined ? "not known" : show(dim);
  throw new GraphError(
    "unsupported",
    `The input ${show(input)} has a size that is ${found}; after the batch, sizes are fixed.`,
  );
}

/** The samples in a batch that all inputs agree on; undefined where any number will do. */
function commonBatch(inputs: readonly { name: string; dims: readonly Dim[] }[]): number | undefined {
  // tf2onnx gives each dimension that it doesn't know a name of its own.
  const known = inputs
    .map(({ name, dims: [dim] }) => ({ name, dim }))
    .filter(({ dim }) => dim !== undefined && !/^unk__/.test(`${dim}`));
  const [first, ...others] = known;
  const other = others.find(({ dim }) => dim !== first!.dim);
  if (other !== undefined) {
    const dims = `${show(first!.name)} has ${show(first!.dim)} and ${show(other.name)} ${show(other.dim)}`;
    throw new GraphError(
      "unsupported",
      `The inputs' first dimensions, the batch, differ: ${dims}. \`bind\` makes one a constant.`,
    );
  }
  return typeof first?.dim === "number" ? first.dim : undefined;
}
