// Activations and norms that are written out in several nodes, as other tools write them.

import type { NodeProto } from "onnx-buf";
import type { Activation, ActivationOption } from "../../../index.js";
import { activations as rows } from "../../../rules/activation.js";
import { activations, normalized, type Form as Write } from "../form.js";
import { algebra, type Form, Formless, known, number, reductions, text, unknown } from "./algebra.js";

/** A tensor as a function of another: an activation, or, with a number alone, the norm of that epsilon. */
export interface Match {
  readonly base: string;
  readonly activation: ActivationOption | number;
  /** The axis of its reduction: undefined for operators on each unit. */
  readonly axes: readonly number[] | undefined;
  /** The most axes of the constants in it. */
  readonly rank: number;
}

/** The surroundings of a node. */
export interface Surroundings {
  node(tensor: string): NodeProto | undefined;
  /** A single number, and the axes of its tensor. */
  scalar(tensor: string): { value: number; rank: number } | undefined;
  /** The axes of a reduction that keeps them; undefined where it doesn't, or they are not known. */
  axes(node: NodeProto): readonly number[] | undefined;
}

/** Nodes that a pattern may have. */
const LARGEST = 20;

/** Operators that can end one; the others are activations as they are. */
const ends: ReadonlySet<string> = new Set([
  "Add",
  "Sub",
  "Mul",
  "Div",
  "Neg",
  "Log",
  "Min",
  "Max",
  "Reciprocal",
  "Clip",
]);

export function match(root: NodeProto, around: Surroundings): Match | undefined {
  if (!ends.has(root.opType)) return undefined;
  const end = root.output[0]!;
  const inside = [end];
  for (const tensor of inside) {
    const node = around.node(tensor);
    if (node === undefined || !isPart(node) || inside.length > LARGEST) continue;
    for (const input of node.input) {
      if (input !== "" && !inside.includes(input) && around.scalar(input) === undefined) inside.push(input);
    }
  }
  for (const base of inside.slice(1)) {
    const found = new Reading(around, base);
    const form = found.read(end);
    const activation = form && recognized(text(form), found.numbers);
    if (activation !== undefined) return { base, activation, axes: found.axes, rank: found.rank };
  }
  return undefined;
}

function isPart({ opType, domain }: NodeProto): boolean {
  return domain === "" && (known.has(opType) || reductions.has(opType) || opType === "Clip");
}

/** One reading of some nodes, as an expression of one tensor. */
class Reading {
  readonly numbers: number[] = [];
  axes: readonly number[] | undefined;
  rank = 0;
  readonly #around: Surroundings;
  readonly #forms: Map<string, Form | undefined>;

  constructor(around: Surroundings, base: string) {
    this.#around = around;
    this.#forms = new Map([[base, unknown]]);
  }

  read(tensor: string, depth = 0): Form | undefined {
    if (this.#forms.has(tensor)) return this.#forms.get(tensor);
    let form: Form | undefined;
    try {
      form = this.#compute(tensor, depth);
    } catch (error) {
      if (!(error instanceof Formless)) throw error;
    }
    this.#forms.set(tensor, form);
    return form;
  }

  #compute(tensor: string, depth: number): Form | undefined {
    const scalar = this.#around.scalar(tensor);
    if (scalar !== undefined) {
      this.numbers.push(scalar.value);
      this.rank = Math.max(this.rank, scalar.rank);
      return number(scalar.value);
    }
    const node = this.#around.node(tensor);
    if (node === undefined || !isPart(node) || depth > LARGEST) return undefined;
    if (reductions.has(node.opType)) {
      const axes = this.#around.axes(node);
      if (axes === undefined || String(axes) !== String(this.axes ?? axes)) return undefined;
      this.axes = axes;
      const x = this.read(node.input[0]!, depth + 1);
      return x && algebra.reduce(node.opType, x);
    }
    const inputs = node.input.map((input) => (input === "" ? undefined : this.read(input, depth + 1)));
    if (inputs.some((input, i) => input === undefined && node.input[i] !== "")) return undefined;
    const [x, low, high] = inputs;
    if (node.opType !== "Clip")
      return inputs.length > 2 ? undefined : algebra.op(node.opType, inputs as Form[]);
    // Its bounds are inputs since version 11.
    if (inputs.length < 2) return undefined;
    const above = low === undefined ? x! : algebra.op("Max", [x!, low]);
    return high === undefined ? above : algebra.op("Min", [above, high]);
  }
}

/** The activations by the text of their form; those with a number of their own by it. */
function table(own: (name: Activation) => number | undefined): Map<string, Activation> {
  const found = new Map<string, Activation>();
  for (const name of Object.keys(activations) as Activation[]) {
    const value = own(name);
    if (name === "linear" || value === undefined) continue;
    const { plain, exact, known } = activations[name];
    for (const write of [plain, exact, ...(known ?? [])]) {
      const form = write && textOf(write, value);
      if (form !== undefined && !found.has(form)) found.set(form, name);
    }
  }
  return found;
}

function textOf(write: Write, own: number): string | undefined {
  try {
    return text(write(algebra, unknown, own));
  } catch (error) {
    if (error instanceof Formless) return undefined;
    throw error;
  }
}

let plain: Map<string, Activation> | undefined;

/** The activation of a form, whose own number is one of those that stand in it. */
function recognized(form: string, numbers: readonly number[]): ActivationOption | number | undefined {
  // A form that calls no function is linear.
  if (!form.includes("(")) return undefined;
  plain ??= table((name) => ("parameter" in rows[name] ? undefined : 0));
  const name = plain.get(form);
  if (name !== undefined) return name;
  for (const value of new Set(numbers)) {
    const found = table((name) => ("parameter" in rows[name] ? value : undefined)).get(form);
    if (found === "leakyRelu") return value === 0.01 ? found : { name: found, slope: value };
    if (found === "elu") return value === 1 ? found : { name: found, alpha: value };
    if (textOf(normalized, value) === form) return value;
  }
  return undefined;
}
