// The execution of a file's nodes, one after the other: each output as a function of the inputs.

import type { GraphProto, NodeProto } from "onnx-buf";
import { show } from "../../../base/text.js";
import { GraphError, type Precision } from "../../../index.js";
import { damaged } from "../wire.js";
import { full, type Operator } from "./arrange.js";
import { Call, type RunBody, reads, titled } from "./call.js";
import { layout, shapePart } from "./layout.js";
import { norm, softmax } from "./nonlinear.js";
import { operatorOf } from "./operators.js";
import { type Match, match, type Surroundings } from "./pattern.js";
import { isValue, type Operand, Plan } from "./plan.js";
import { type Meet, type Program, standard } from "./program.js";
import { settle } from "./shapes.js";
import { checkClasses, isClasses } from "./table.js";
import { AXES, type Constant, count, shortest } from "./tensor.js";
import { isPick, type Value } from "./term.js";
import { isSum, ofLayer, timedLayers } from "./value.js";

/** Thrown at a node that can't be computed because of an earlier obstacle. */
const BLOCKED = Symbol("blocked");

export interface Computed {
  readonly plan: Plan;
  readonly outputs: readonly { readonly name: string; readonly value: Value }[];
  readonly precision: Precision;
}

/** A program in execution: its values so far, those around a body, and the tensors that an obstacle leaves unknown. */
interface Scope {
  readonly program: Program;
  readonly plan: Plan;
  readonly values: Map<string, Operand>;
  readonly blocked: Set<string>;
  readonly meet: Meet;
  readonly outer?: Scope;
}

/** Computes the outputs as values. Throws the errors that `meet` throws; `bad-file` for a damaged file. */
export function run(program: Program, bytes: number, meet: Meet): Computed {
  const order = program.sorted();
  const { matches, uses } = demand(program, order);
  const { inputs, batch, steps, precision } = program.inputs(uses, meet);
  const { batched } = program;
  const hasSteps = inputs.some(({ axes }) => axes.time >= 0);
  const plan = new Plan(bytes, { batch, steps, batched, hasSteps, keepsOrder: program.keepsOrder });
  const values = new Map<string, Operand>();
  for (const { name, dims, axes, isWhole } of inputs) {
    const kind = "input" as const;
    const input = { label: name, kind, size: count(dims), dims, activation: "linear" as const };
    const facts = { isTimeless: hasSteps && axes.time < 0, isClasses: isWhole };
    const layer = plan.add({ ...input, ...facts, terms: [], bias: undefined, gain: undefined });
    values.set(name, ofLayer(layer, dims, axes));
  }
  const blocked = new Set([...uses.keys()].filter((name) => program.isInput(name) && !values.has(name)));
  const scope: Scope = { program, plan, values, blocked, meet };
  execute(scope, order, matches, uses);
  for (const { isClasses: isWhole, classes, label } of plan.layers) {
    if (!isWhole || classes !== undefined || blocked.size > 0) continue;
    const why = "a layer has float32 or float64, or class numbers, of which a Gather takes rows";
    const error = new GraphError(
      "unsupported",
      `The input ${show(label)} has whole numbers; ${why}. \`bind\` can give its values.`,
    );
    meet(error, label, "input");
  }
  settle(plan.layers, plan.keepsOrder);
  const timed = hasSteps ? timedLayers(plan.layers) : new Set();
  const outputs = program.outputs.flatMap((name) => {
    if (blocked.has(name) || plan.exhausted) return [];
    try {
      const value = lookup(scope, name);
      if (!isValue(value) || value.terms.length === 0 || isClasses(value))
        throw new GraphError("unsupported", `The output ${show(name)} depends on no input.`);
      checkSteps(name, value, timed);
      return [{ name, value }];
    } catch (error) {
      meet(error, name, "output");
      return [];
    }
  });
  return { plan, outputs, precision };
}

/** Refuses an output that has steps outside the sequence, no samples, or the same value at each step. */
function checkSteps(name: string, { span, axes, terms }: Value, timed: ReadonlySet<unknown>): void {
  const refuse = (why: string) => new GraphError("unsupported", `The output ${show(name)} ${why}.`);
  if (span !== undefined) throw refuse("has another number of steps than the inputs");
  const isTimed = terms.some(
    ({ from, delay = 0, at }) => delay !== 0 || (at === undefined && timed.has(from)),
  );
  if (axes.time >= 0 && !isTimed) throw refuse("is the same at each step");
}

function lookup({ values, program, outer }: Scope, tensor: string): Operand {
  const found = values.get(tensor) ?? program.constant(tensor);
  if (found !== undefined) return found;
  if (outer === undefined) throw damaged(`the tensor ${show(tensor)} is used, and nothing gives it`);
  return lookup(outer, tensor);
}

/** Computes the nodes whose outputs are used. */
function execute(
  scope: Scope,
  order: readonly NodeProto[],
  matches: ReadonlyMap<NodeProto, Match>,
  uses: ReadonlyMap<string, number>,
): void {
  const { program, plan, values, blocked, meet } = scope;
  for (const node of order) {
    if (!node.output.some((output) => uses.has(output))) continue;
    const found = matches.get(node);
    try {
      const operator = found === undefined ? operatorOf(node) : undefined;
      const names = found === undefined ? node.input : [found.base];
      const needed = found === undefined ? reads(node) : names;
      // If only a tensor's shape is needed, the file may declare it.
      const isDeclared =
        operator === shapeOperator &&
        !values.has(names[0]!) &&
        program.declared(names[0] ?? "") !== undefined;
      if (!isDeclared && needed.some((name) => blocked.has(name))) throw BLOCKED;
      const inputs = isDeclared
        ? []
        : names.map((tensor) => (tensor === "" ? undefined : lookup(scope, tensor)));
      const runInner: RunBody = (body, given) => runBody(scope, body, given);
      const isUsed = (i: number) => uses.has(node.output[i] ?? "");
      const call = new Call(node, inputs, plan, program.opset, runInner, isUsed);
      const results = isDeclared
        ? [declaredShape(call, program)]
        : found === undefined
          ? computed(call, operator!)
          : [written(call, found)];
      keep(call, results, uses, values);
    } catch (error) {
      if (error !== BLOCKED) meet(error, node.name || (node.output[0] ?? ""), node.opType, titled(node));
      if (plan.exhausted) break;
      for (const output of node.output) blocked.add(output);
    }
  }
}

/** Computes a body's outputs for operands of its inputs. Throws at its first obstacle. */
function runBody(outer: Scope, graph: GraphProto, inputs: readonly Operand[]): Operand[] {
  const program = outer.program.body(graph);
  const order = program.sorted();
  const { matches, uses } = demand(program, order);
  const values = new Map(graph.input.map(({ name }, i) => [name, inputs[i]!]));
  const meet: Meet = (error) => {
    throw error;
  };
  const scope: Scope = { program, plan: outer.plan, values, blocked: new Set(), meet, outer };
  execute(scope, order, matches, uses);
  return program.outputs.map((name) => lookup(scope, name));
}

/** Operators that a value with steps outside the sequence can have. */
const keepsSteps: ReadonlySet<string> = new Set(["Slice", "Concat", "Pad", "Identity", "Cast"]);

const shapeOperator = layout.Shape!;

function computed(call: Call, operator: Operator): readonly (Operand | undefined)[] {
  const isCut = call.inputs.some((operand) => operand && isValue(operand) && operand.span !== undefined);
  if (isCut && !keepsSteps.has(call.node.opType))
    throw call.refuse("has another number of steps than the inputs");
  checkClasses(call);
  const results = operator(call);
  return Array.isArray(results) ? results : [results as Operand];
}

function declaredShape(call: Call, program: Program): Operand {
  const dims = program.declared(call.node.input[0]!)!;
  const { batch, batched } = call.plan;
  return shapePart(
    call,
    batched && batch !== undefined ? dims.map((dim, i) => (i === 0 ? batch : dim)) : dims,
  );
}

/** Stores the results of a node that are needed. */
function keep(
  call: Call,
  results: readonly (Operand | undefined)[],
  uses: ReadonlyMap<string, number>,
  values: Map<string, Operand>,
): void {
  call.node.output.forEach((output, i) => {
    const needed = uses.get(output) ?? 0;
    if (output === "" || needed === 0) return;
    const result = results[i];
    if (result === undefined) {
      throw call.refuse(
        `has an output ${i}, ${show(output)}, that no layer gives; \`outputs\` can name others`,
      );
    }
    if (result.dims.length > AXES) throw call.refuse(`gives more than ${AXES} axes`);
    const kept = needed > 1 && isValue(result) ? once(call.plan, result, output) : result;
    if (isValue(kept)) call.plan.names.set(kept, output);
    values.set(output, kept);
  });
}

/** Computes a recognized activation or norm. */
function written(call: Call, { activation, axes, rank }: Match): Value {
  checkClasses(call);
  const v = call.value(0);
  const own = full(v).length;
  if (rank > own) throw call.refuse("has a constant of more axes, which moves the batch to another");
  const over = (axes ?? []).map((axis) => call.axis(axis, own));
  if (typeof activation === "number") return norm(call, v, over, activation);
  return axes === undefined ? call.plan.activate(v, activation, call.label) : softmax(call, v, over);
}

/** Makes a layer of a value that several nodes use, so that it is computed once, unless it is units of a layer. */
function once(plan: Plan, v: Value, label: string): Value {
  const [term] = v.terms;
  const plain = isSum(v) && (term === undefined || (v.terms.length === 1 && isPick(term.map)));
  if (plain) return v;
  const layer = plan.asLayer(v, label);
  return v.span === undefined ? layer : { ...layer, span: v.span };
}

/** Returns the patterns, and the number of uses of each tensor, backwards from the outputs. */
function demand(
  program: Program,
  order: readonly NodeProto[],
): { matches: Map<NodeProto, Match>; uses: Map<string, number> } {
  const uses = new Map(program.outputs.map((name) => [name, 1]));
  const matches = new Map<NodeProto, Match>();
  const around = surroundings(program);
  for (const node of [...order].reverse()) {
    if (!node.output.some((output) => uses.has(output))) continue;
    const found = match(node, around);
    if (found !== undefined) matches.set(node, found);
    if (
      node.opType === "Shape" &&
      standard(node.domain) &&
      program.declared(node.input[0] ?? "") !== undefined
    )
      continue;
    for (const input of found === undefined ? reads(node) : [found.base]) {
      if (input !== "") uses.set(input, (uses.get(input) ?? 0) + 1);
    }
  }
  return { matches, uses };
}

function surroundings(program: Program): Surroundings {
  const { opset } = program;
  /** Returns undefined for a tensor that can't be read. No pattern can use it, and a node that needs it throws the reason. */
  const constant = (tensor: string): Constant | undefined => {
    try {
      return program.constant(tensor);
    } catch (error) {
      if (error instanceof GraphError && error.code === "unsupported") return undefined;
      throw error;
    }
  };
  return {
    node: (tensor) => program.node(tensor),
    scalar(tensor) {
      const found = constant(tensor);
      if (found?.values.length !== 1) return undefined;
      const [value] = found.values as unknown as [number];
      return {
        value: found.values instanceof Float32Array ? shortest(value) : value,
        rank: found.dims.length,
      };
    },
    axes(node) {
      const inputs = node.input.map((tensor) => (tensor === "" ? undefined : constant(tensor)));
      const call = new Call(node, inputs, new Plan(0), opset);
      return call.whole("keepdims", 1) === 0 ? undefined : call.wholes("axes", 1);
    },
  };
}
