// A node with its operands and attributes, for its operator.

import {
  type AttributeProto,
  type GraphProto,
  AttributeProto_AttributeType as Kind,
  type NodeProto,
} from "onnx-buf";
import { show } from "../../../base/text.js";
import { GraphError } from "../../../index.js";
import { damaged } from "../wire.js";
import { isValue, type Operand, type Plan } from "./plan.js";
import { type Constant, readTensor, shortest, wholes } from "./tensor.js";
import type { Value } from "./term.js";

/** Returns the error for a valid file that is no graph of layers: the node, its operator and the reason. */
export function unsupported(node: NodeProto, reason: string): GraphError {
  return new GraphError("unsupported", `${titled(node)} ${reason}.`);
}

/** Returns a node's title for refusals. */
export function titled(node: NodeProto): string {
  const name = node.name === "" ? `that gives ${show(node.output[0] ?? "")}` : show(node.name);
  return `The node ${name} (${show(node.opType)})`;
}

const captured = new WeakMap<NodeProto, readonly string[]>();

/** Returns the tensors that a node reads: its inputs, and those that its bodies take from around them. */
export function reads(node: NodeProto): readonly string[] {
  const bodies = node.attribute.flatMap(({ g }) => g ?? []);
  if (bodies.length === 0) return node.input;
  let found = captured.get(node);
  if (found === undefined) {
    const outer = bodies.flatMap(({ node, input, output, initializer }) => {
      const own = new Set([...input, ...initializer].map(({ name }) => name));
      for (const inner of node) for (const name of inner.output) own.add(name);
      const names = new Set([...node.flatMap(reads), ...output.map(({ name }) => name)]);
      return [...names].filter((name) => !own.has(name));
    });
    found = [...node.input, ...outer];
    captured.set(node, found);
  }
  return found;
}

/** The errors of a wrong way to read the inputs' axes. */
export const misreadings = new WeakSet<GraphError>();

/** Computes a body: the outputs of a graph for operands of its inputs, in its order. */
export type RunBody = (body: GraphProto, inputs: readonly Operand[]) => readonly Operand[];

export class Call {
  readonly node: NodeProto;
  readonly inputs: readonly (Operand | undefined)[];
  readonly plan: Plan;
  /** The version of the operators. */
  readonly opset: number;
  /** Computes a body of the node from its inputs: returns its outputs. */
  readonly run: RunBody;
  /** Returns whether an output of the node is used. */
  readonly isUsed: (i: number) => boolean;

  constructor(
    node: NodeProto,
    inputs: readonly (Operand | undefined)[],
    plan: Plan,
    opset: number,
    run: RunBody = () => [],
    isUsed: (i: number) => boolean = () => true,
  ) {
    this.node = node;
    this.inputs = inputs;
    this.plan = plan;
    this.opset = opset;
    this.run = run;
    this.isUsed = isUsed;
  }

  /** Name for a layer made of the node. */
  get label(): string {
    return this.node.output.find((name) => name !== "") ?? this.node.opType;
  }

  refuse(reason: string): GraphError {
    return unsupported(this.node, reason);
  }

  /** Returns the error for steps or samples on an axis that another way to read the inputs may have right. */
  misread(reason: string): GraphError {
    const error = this.refuse(reason);
    misreadings.add(error);
    return error;
  }

  has(i: number): boolean {
    return this.inputs[i] !== undefined;
  }

  input(i: number): Operand {
    const operand = this.inputs[i];
    if (operand === undefined) throw damaged(`${show(this.node.opType)} lacks its input ${i}`);
    return operand;
  }

  /** Returns an input that must depend on the graph's inputs. */
  value(i: number): Value {
    const operand = this.input(i);
    if (!isValue(operand)) throw this.refuse(`has a constant as its input ${i}, where a layer is needed`);
    return operand;
  }

  /** Returns an input that must be constant. */
  constant(i: number): Constant {
    const operand = this.input(i);
    if (isValue(operand))
      throw this.refuse(`needs its input ${i} constant; \`bind\` can give an input's values`);
    return operand;
  }

  /** Returns an input that must be constant, a single number. */
  scalar(i: number): number {
    const { values } = this.constant(i);
    if (values.length !== 1) throw damaged(`input ${i} of ${show(this.node.opType)} is no single number`);
    return values[0]!;
  }

  #attribute(name: string, kind: Kind): AttributeProto | undefined {
    const found = this.node.attribute.find((attribute) => attribute.name === name);
    // Files before IR 2 don't have the type.
    if (found === undefined || found.type === kind || found.type === Kind.UNDEFINED) return found;
    throw damaged(`the attribute ${show(name)} of ${show(this.node.opType)} is of another type`);
  }

  whole(name: string, otherwise: number): number {
    const found = this.#attribute(name, Kind.INT);
    return found === undefined ? otherwise : Number(found.i);
  }

  /** Returns an attribute, a float32, as its shortest decimal. */
  float(name: string, otherwise: number): number {
    const found = this.#attribute(name, Kind.FLOAT);
    return found === undefined ? otherwise : shortest(found.f);
  }

  text(name: string, otherwise: string): string {
    const found = this.#attribute(name, Kind.STRING);
    return found === undefined ? otherwise : new TextDecoder().decode(found.s);
  }

  /** Returns a list of texts. */
  texts(name: string): string[] {
    return (this.#attribute(name, Kind.STRINGS)?.strings ?? []).map((text) => new TextDecoder().decode(text));
  }

  graph(name: string): GraphProto {
    const found = this.#attribute(name, Kind.GRAPH)?.g;
    if (found === undefined) throw damaged(`${show(this.node.opType)} lacks its ${show(name)}`);
    return found;
  }

  tensor(name: string): Constant | undefined {
    const found = this.#attribute(name, Kind.TENSOR)?.t;
    return found && readTensor(found, `The attribute ${show(name)} of ${show(this.node.opType)}`);
  }

  /** Returns the length of a list of texts or whole numbers. */
  length(name: string): number {
    const found = this.node.attribute.find((attribute) => attribute.name === name);
    return found === undefined ? 0 : Math.max(found.strings.length, found.ints.length);
  }

  /** Returns an attribute of one number or several. */
  floats(name: string): number[] | undefined {
    const found = this.node.attribute.find((attribute) => attribute.name === name);
    return found && (found.type === Kind.FLOAT ? [found.f] : found.floats);
  }

  /** Returns whole numbers from an input, or in older versions from an attribute. */
  wholes(name: string, input?: number): number[] | undefined {
    if (input !== undefined && this.has(input))
      return wholes(this.constant(input), `${show(this.node.opType)}: ${name}`);
    const found = this.node.attribute.find((attribute) => attribute.name === name);
    return found && (found.type === Kind.INT ? [Number(found.i)] : found.ints.map(Number));
  }

  /** Returns an axis as a non-negative number, of some rank. */
  axis(axis: number, rank: number): number {
    const from = axis < 0 ? axis + rank : axis;
    if (!Number.isInteger(from) || from < 0 || from >= rank) {
      throw damaged(`${show(this.node.opType)} names axis ${axis} of ${rank}`);
    }
    return from;
  }
}
