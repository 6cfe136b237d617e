// An ONNX file as a graph.

import { fromBinary } from "@bufbuild/protobuf";
import { type ModelProto, ModelProtoSchema, type NodeProto } from "onnx-buf";
import { choice, options, show } from "../error.js";
import { type Graph, GraphError, type Precision, type Vector } from "../index.js";
import { precisions } from "../rule.js";
import { arithmetic } from "./import/arithmetic.js";
import type { Operator } from "./import/arrange.js";
import { build, nameOutputs } from "./import/build.js";
import { Call } from "./import/call.js";
import { layout } from "./import/layout.js";
import { linear } from "./import/linear.js";
import { nonlinear, norm, softmax } from "./import/nonlinear.js";
import { type Match, match, type Surroundings } from "./import/pattern.js";
import { isValue, type Operand, Plan } from "./import/plan.js";
import { Program } from "./import/program.js";
import { selection } from "./import/selection.js";
import { AXES, type Constant, constant, count, shortest } from "./import/tensor.js";
import { isPick, ofLayer, type Value } from "./import/value.js";
import { checkWire, damaged } from "./wire.js";

export interface FromOnnxOptions {
  /** Values for inputs that then are constants, by name: row-major, of a shape. */
  readonly bind?: Readonly<Record<string, { readonly shape: readonly number[]; readonly values: Vector }>>;
  /** Of the graph; that of the file's inputs by default. */
  readonly precision?: Precision;
  /** The largest file that is read; 2³⁰ bytes by default. */
  readonly maxBytes?: number;
}

const operators: Readonly<Record<string, Operator>> = {
  ...layout,
  ...selection,
  ...arithmetic,
  ...linear,
  ...nonlinear,
};

/**
 * The graph of layers that an ONNX file is. Inputs and outputs keep their names; axis 0 is the batch, all others are units.
 * Throws `unsupported` for a file that is no graph of layers, with the node and the reason; `bad-file` for what is damaged, or
 * larger than `maxBytes`; `bad-option`, `out-of-memory`.
 */
export function fromOnnx(bytes: Uint8Array, given?: FromOnnxOptions): Graph {
  const read = options(given, ["bind", "precision", "maxBytes"], "fromOnnx");
  const { maxBytes = 2 ** 30 } = read;
  if (typeof maxBytes !== "number" || !(maxBytes > 0)) {
    throw new GraphError("bad-option", `The most bytes are a number above 0, not ${show(maxBytes)}.`);
  }
  const bound = readBound(read.bind);
  const precision =
    read.precision === undefined ? undefined : choice(read.precision, precisions, "A precision");
  const program = new Program(decode(bytes, maxBytes), bound);
  const plan = new Plan(bytes.length, program.batch);
  const values = run(program, plan);
  const outputs = program.outputs.map((name) => {
    const value = values.get(name);
    if (value === undefined) throw damaged(`nothing gives the output ${show(name)}`);
    if (!isValue(value)) throw new GraphError("unsupported", `The output ${show(name)} depends on no input.`);
    return { name, value };
  });
  return build(plan, nameOutputs(plan, outputs), precision ?? program.precision);
}

function decode(bytes: Uint8Array, most: number): ModelProto {
  // By its tag, since there are other realms' arrays too.
  if (Object.prototype.toString.call(bytes) !== "[object Uint8Array]")
    throw damaged(`it is ${show(bytes)}, not a Uint8Array`);
  if (bytes.length > most)
    throw damaged(`it has ${bytes.length} bytes, more than the ${most} of \`maxBytes\``);
  if (bytes.length === 0) throw damaged("it is empty");
  checkWire(bytes, ModelProtoSchema);
  try {
    return fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false });
  } catch (error) {
    throw damaged("its bytes are no message", error);
  }
}

function readBound(given: unknown): Map<string, Constant> {
  const bound = new Map<string, Constant>();
  if (given === undefined) return bound;
  if (typeof given !== "object" || given === null) {
    throw new GraphError(
      "bad-option",
      `\`bind\` is an object of shapes and values by name, not ${show(given)}.`,
    );
  }
  for (const [name, entry] of Object.entries(given)) {
    const { shape, values } = options(entry, ["shape", "values"], `\`bind\` for ${show(name)}`);
    const dims = Array.isArray(shape) ? (shape as unknown[]) : [Number.NaN];
    const numbers =
      Array.isArray(values) || (ArrayBuffer.isView(values) && !(values instanceof DataView)) ? values : [];
    const list = Array.from(numbers as ArrayLike<unknown>);
    const right =
      dims.every((dim) => typeof dim === "number" && Number.isInteger(dim) && dim >= 0) &&
      list.every((value) => typeof value === "number") &&
      list.length === count(dims as number[]);
    if (!right)
      throw new GraphError(
        "bad-option",
        `\`bind\` for ${show(name)} is a shape, and as many numbers as it has.`,
      );
    bound.set(name, constant(dims as number[], Float64Array.from(list as number[])));
  }
  return bound;
}

/** Every tensor that the outputs need. */
function run(program: Program, plan: Plan): Map<string, Operand> {
  const { matches, uses } = demand(program);
  const values = new Map<string, Operand>();
  for (const { name, dims } of program.inputs) {
    const input = { label: name, kind: "input" as const, size: count(dims), activation: "linear" as const };
    values.set(name, ofLayer(plan.add({ ...input, terms: [], bias: undefined, gain: undefined }), dims));
  }
  const lookup = (tensor: string): Operand => {
    const found = values.get(tensor) ?? program.constant(tensor);
    if (found === undefined) throw damaged(`the tensor ${show(tensor)} is used before anything gives it`);
    return found;
  };
  for (const output of program.outputs)
    if (program.node(output) === undefined) values.set(output, lookup(output));
  for (const node of program.graph.node) {
    if (!node.output.some((output) => uses.has(output))) continue;
    const found = matches.get(node);
    const inputs = (found === undefined ? node.input : [found.base]).map((tensor) =>
      tensor === "" ? undefined : lookup(tensor),
    );
    const call = new Call(node, inputs, plan, program.opset);
    const results = found === undefined ? compute(call, program) : [written(call, found)];
    node.output.forEach((output, i) => {
      const needed = uses.get(output) ?? 0;
      if (output === "" || needed === 0) return;
      const result = results[i];
      if (result === undefined) throw call.refuse(`has an output ${i}, ${show(output)}, that no layer gives`);
      if (result.dims.length > AXES) throw call.refuse(`gives more than ${AXES} axes`);
      const kept = needed > 1 && isValue(result) ? once(plan, result, output) : result;
      if (isValue(kept)) plan.names.set(kept, output);
      values.set(output, kept);
    });
  }
  return values;
}

function compute(call: Call, program: Program): readonly Operand[] {
  program.check(call.node);
  const { opType } = call.node;
  if (!Object.hasOwn(operators, opType)) throw call.refuse("is an operator that no layer computes");
  const results = operators[opType]!(call);
  return Array.isArray(results) ? results : [results as Operand];
}

/** What was recognized as an activation or a norm. */
function written(call: Call, { activation, axes, rank }: Match): Value {
  const v = call.value(0);
  if (rank > v.dims.length + 1)
    throw call.refuse("has a constant of more axes, which moves the batch to another");
  const over = (axes ?? []).map((axis) => call.axis(axis, v.dims.length + 1));
  if (typeof activation === "number") return norm(call, v, over, activation);
  return axes === undefined ? call.plan.activate(v, activation, call.label) : softmax(call, v, over);
}

/** What several nodes use is computed once: as a layer, unless it is but some layer's units. */
function once(plan: Plan, v: Value, label: string): Value {
  const [term] = v.terms;
  return v.gain === undefined && v.terms.length === 1 && isPick(term!.map) ? v : plan.settle(v, label);
}

/** Backwards from the outputs: the patterns, and how often each tensor is needed. */
function demand(program: Program): { matches: Map<NodeProto, Match>; uses: Map<string, number> } {
  const uses = new Map(program.outputs.map((name) => [name, 1]));
  const matches = new Map<NodeProto, Match>();
  const around = surroundings(program);
  for (const node of [...program.graph.node].reverse()) {
    if (!node.output.some((output) => uses.has(output))) continue;
    const found = match(node, around);
    if (found !== undefined) matches.set(node, found);
    for (const input of found === undefined ? node.input : [found.base]) {
      if (input !== "") uses.set(input, (uses.get(input) ?? 0) + 1);
    }
  }
  return { matches, uses };
}

function surroundings(program: Program): Surroundings {
  const { opset } = program;
  return {
    node: (tensor) => program.node(tensor),
    scalar(tensor) {
      const found = program.constant(tensor);
      if (found?.values.length !== 1) return undefined;
      const [value] = found.values as unknown as [number];
      return {
        value: found.values instanceof Float32Array ? shortest(value) : value,
        rank: found.dims.length,
      };
    },
    axes(node) {
      const inputs = node.input.map((tensor) => (tensor === "" ? undefined : program.constant(tensor)));
      const call = new Call(node, inputs, new Plan(0, undefined), opset);
      return call.whole("keepdims", 1) === 0 ? undefined : call.wholes("axes", 1);
    },
  };
}
