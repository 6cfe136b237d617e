// A file's graph: its nodes, its constants, and the inputs with their shapes.

import {
  TensorProto_DataType as DataType,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type ValueInfoProto,
} from "onnx-buf";
import { nearest, show } from "../../../base/text.js";
import { GraphError, type Precision } from "../../../index.js";
import { damaged } from "../wire.js";
import { Call, reads } from "./call.js";
import {
  common,
  type Dim,
  dimsOf,
  type Input,
  isWhole,
  type Reading,
  readings,
  tensorType,
  unitDim,
} from "./inputs.js";
import { layout } from "./layout.js";
import { Plan } from "./plan.js";
import { isLookedUp } from "./table.js";
import { AXES, type Constant, readTensor } from "./tensor.js";
import { type Axes, placesOf } from "./term.js";

/** Handles an obstacle at a node, an input or an output: throws it, or collects it. */
export type Meet = (error: unknown, node: string, operator: string, title?: string) => void;

/** A caller's options for reading a file, and a way to read its inputs' axes. */
export interface Options {
  readonly bound: ReadonlyMap<string, Constant>;
  /** Names of the wanted tensors; the file's outputs where it is undefined. */
  readonly outputs: readonly string[] | undefined;
  /** Whether axis 0 is the batch. */
  readonly batched: boolean;
  /** Whether images go in and out as in the file, not with their channels last. */
  readonly keepsOrder: boolean;
  readonly reading?: Reading | undefined;
}

/** The newest known version of the operators. */
const NEWEST = 25;

export class Program {
  readonly graph: GraphProto;
  readonly opset: number;
  readonly outputs: readonly string[];
  readonly batched: boolean;
  readonly keepsOrder: boolean;
  readonly #reading: Reading | undefined;
  /** The program around a body. */
  readonly #outer: Program | undefined;
  readonly #constants = new Map<string, Constant | undefined>();
  readonly #nodes = new Map<string, NodeProto>();
  /** Initializers by name; undefined for a sparse one. */
  readonly #initializers: ReadonlyMap<string, GraphProto["initializer"][number] | undefined>;
  #infos: Map<string, readonly Dim[] | undefined> | undefined;
  /** Inputs that are no constants. */
  readonly #free = new Map<string, ValueInfoProto>();

  /** Reads the names alone. Throws `bad-file`, `bad-option`, `unsupported`. */
  constructor(
    model: Pick<ModelProto, "graph" | "opsetImport">,
    { bound, outputs, batched, keepsOrder, reading }: Options,
    outer?: Program,
  ) {
    const { graph } = model;
    if (graph === undefined) throw damaged("it has no graph");
    this.graph = graph;
    this.batched = batched;
    this.keepsOrder = keepsOrder;
    this.#reading = reading;
    this.#outer = outer;
    const version = model.opsetImport.find(({ domain }) => standard(domain))?.version ?? 1n;
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
    for (const [name, constant] of bound) {
      if (!graph.input.some((input) => input.name === name)) {
        throw new GraphError("bad-option", `\`bind\` names ${show(name)}, which is no input of the file.`);
      }
      this.#constants.set(name, constant);
    }
    for (const input of graph.input) {
      const { name } = input;
      if (this.#initializers.has(name) || bound.has(name)) continue;
      if (name === "") throw damaged("an input has no name");
      if (this.#nodes.has(name) || this.#free.has(name)) throw damaged("two tensors have one name");
      this.#free.set(name, input);
    }
    this.outputs = outputs ?? graph.output.map(({ name }) => name);
    if (outer !== undefined) return;
    if (new Set(this.outputs).size < this.outputs.length) throw damaged("two outputs have one name");
    if (this.outputs.length === 0) throw damaged("it has no output");
    if (this.outputs.includes("")) throw damaged("an output has no name");
    if (outputs !== undefined) this.#checkNames(outputs);
    const both = this.outputs.find((name) => this.#free.has(name));
    if (both !== undefined) throw new GraphError("unsupported", `The input ${show(both)} is an output too.`);
  }

  /** Returns the program of a body. */
  body(graph: GraphProto): Program {
    const opsetImport = [{ domain: "", version: BigInt(this.opset) }] as ModelProto["opsetImport"];
    return new Program(
      { graph, opsetImport },
      { bound: new Map(), outputs: undefined, batched: this.batched, keepsOrder: this.keepsOrder },
      this,
    );
  }

  /** Ways to read the inputs of a file that may have steps: an operator along them, or a second axis of any length. */
  get readings(): readonly Reading[] {
    if (!this.batched) return [];
    const isAlong = [...this.#needed()].some(({ opType, domain }) => standard(domain) && along.has(opType));
    if (isAlong) return readings;
    return this.#hasFreeAxis(0, 1) ? readings.filter(({ rank }) => rank === 3) : [];
  }

  /** Returns whether an input has an axis of any length beside the samples. */
  #hasFreeAxis(batch: number, axis: number): boolean {
    return [...this.#free.values()].some((info) => {
      const dims = dimsOf(info) ?? [];
      return typeof dims[axis] !== "number" && dims.length > 2 && dims[axis] !== dims[batch];
    });
  }

  #checkNames(outputs: readonly string[]): void {
    for (const name of outputs) {
      if (this.#nodes.has(name) || this.#free.has(name) || this.#initializers.has(name)) continue;
      const near = nearest(name, this.#nodes.keys());
      const hint = near === undefined ? "" : ` Did you mean ${show(near)}?`;
      throw new GraphError(
        "bad-option",
        `\`outputs\` names ${show(name)}, which is no tensor of the file.${hint}`,
      );
    }
  }

  /** Returns the nodes that the outputs depend on, each after its sources. Throws `bad-file` for a loop. */
  sorted(): NodeProto[] {
    const order: NodeProto[] = [];
    const entered = new Set<NodeProto>();
    const done = new Set<NodeProto>();
    const needed = this.#needed();
    // A file's order that is topological stays.
    const stack = this.graph.node.filter((node) => needed.has(node)).reverse();
    for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
      if (done.has(node)) stack.pop();
      else if (entered.has(node)) {
        done.add(node);
        order.push(node);
        stack.pop();
      } else {
        entered.add(node);
        for (const input of reads(node)) {
          const before = this.#nodes.get(input);
          if (before === undefined || done.has(before)) continue;
          if (entered.has(before)) throw damaged(`the tensor ${show(input)} depends on itself`);
          stack.push(before);
        }
      }
    }
    return order;
  }

  /** Returns the nodes that the outputs depend on. */
  #needed(): Set<NodeProto> {
    const found = new Set<NodeProto>();
    const add = (tensor: string) => {
      const node = this.#nodes.get(tensor);
      if (node !== undefined) found.add(node);
    };
    this.outputs.forEach(add);
    for (const node of found) reads(node).forEach(add);
    return found;
  }

  /** Returns whether a tensor is an input that is no constant. */
  isInput(tensor: string): boolean {
    return this.#free.has(tensor);
  }

  /**
   * Returns the inputs of some names, in the file's order, with their common batch and precision. An input that can't be a
   * layer is an obstacle, and left out.
   */
  inputs(
    names: ReadonlyMap<string, unknown>,
    meet: Meet,
  ): { inputs: Input[]; batch: number | undefined; steps: number | undefined; precision: Precision } {
    const read = [...this.#free.values()].flatMap((input) => {
      if (!names.has(input.name)) return [];
      try {
        return [this.#input(input)];
      } catch (error) {
        meet(error, input.name, "input");
        return [];
      }
    });
    let batch: number | undefined;
    let steps: number | undefined;
    try {
      batch = this.batched ? common(read, "batch") : undefined;
      steps = common(
        read.filter(({ axes }) => axes.time >= 0),
        "time",
      );
    } catch (error) {
      meet(error, read[0]!.name, "input");
    }
    // Without an input of floats the tables tell the precision.
    const types = read.every(({ isWhole }) => isWhole)
      ? this.graph.initializer.map(({ dataType }) => dataType)
      : read.map(({ type }) => type);
    const double = types.includes(DataType.DOUBLE);
    return { inputs: read, batch, steps, precision: double ? "float64" : "float32" };
  }

  #input(info: ValueInfoProto) {
    const { name } = info;
    const { type, dims: all } = tensorType(info, this.batched, isLookedUp(this.sorted(), name));
    const axes = this.#axesOf(all);
    const taken = placesOf(axes);
    const dims = all
      .filter((_, i) => !taken.includes(i))
      .map((dim) => unitDim(name, dim, this.batched, this.#reading !== undefined));
    return { name, type, dims, axes, all, isWhole: isWhole(type) };
  }

  #axesOf(dims: readonly Dim[]): Axes {
    if (!this.batched) return { batch: -1, time: -1 };
    const { batch, time, rank } = this.#reading ?? { batch: 0, time: -1, rank: Infinity };
    // If an axis of steps has any length, an axis of a fixed one is units.
    const isFree =
      this.#reading === undefined || !this.#hasFreeAxis(batch, time) || typeof dims[time] !== "number";
    if (dims.length >= rank && isFree) return { batch, time };
    const isOther = typeof dims[0] === "number" && dims.length > batch && typeof dims[batch] !== "number";
    return { batch: isOther ? batch : 0, time: -1 };
  }

  /**
   * Returns the declared shape of a tensor, a number for each axis; NaN for a batch of any size. Returns undefined where an
   * axis has a name other than the inputs' batch.
   */
  declared(tensor: string): readonly number[] | undefined {
    const { input, output, valueInfo } = this.graph;
    this.#infos ??= new Map([...valueInfo, ...output, ...input].map((info) => [info.name, dimsOf(info)]));
    const dims = this.#infos.get(tensor)?.map((dim, i) => {
      if (typeof dim === "number") return dim;
      const batch =
        this.batched && i === 0 && (this.#free.has(tensor) || (dim !== undefined && this.#isBatch(dim)));
      return batch ? Number.NaN : -1;
    });
    return dims === undefined || dims.length > AXES || dims.some((dim) => dim < 0 || dim > 2 ** 31)
      ? undefined
      : dims;
  }

  #isBatch(name: string): boolean {
    for (const info of this.#free.values()) if (dimsOf(info)?.[0] === name) return true;
    return false;
  }

  /** Returns the node that computes a tensor. */
  node(tensor: string): NodeProto | undefined {
    return this.#nodes.get(tensor);
  }

  /** Returns a tensor whose numbers the file or `bind` has. A body has those around it, too. */
  constant(tensor: string): Constant | undefined {
    return this.#own(tensor) ?? this.#outer?.constant(tensor);
  }

  #own(tensor: string): Constant | undefined {
    if (this.#constants.has(tensor)) return this.#constants.get(tensor);
    const initializer = this.#initializers.get(tensor);
    const node = this.#nodes.get(tensor);
    if (initializer === undefined && this.#initializers.has(tensor))
      throw new GraphError("unsupported", `The tensor ${show(tensor)} is sparse.`);
    let found: Constant | undefined;
    if (initializer !== undefined) found = readTensor(initializer, `The tensor ${show(tensor)}`);
    else if (node?.opType === "Constant" && standard(node.domain)) {
      found = layout.Constant!(new Call(node, [], new Plan(0), this.opset)) as Constant;
    }
    this.#constants.set(tensor, found);
    return found;
  }
}

/** Operators along the steps of a sequence. */
const along: ReadonlySet<string> = new Set(["RNN", "LSTM", "GRU", "Scan"]);

export function standard(domain: string): boolean {
  return domain === "" || domain === "ai.onnx";
}
