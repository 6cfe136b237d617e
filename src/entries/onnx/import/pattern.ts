// Activations and norms written out in several nodes, as other tools write them.

import type { NodeProto } from "onnx-buf";
import type { Activation, ActivationOption } from "../../../index.js";
import { activations as rows } from "../../../rules/activation.js";
import { activations, normalized, type Form as Write } from "../form.js";
import { algebra, type Form, Formless, known, number, reductions, text, unknown } from "./algebra.js";

/** A tensor as a function of another: an activation, or the norm with an epsilon, which is a number alone. */
export interface Match {
  readonly base: string;
  readonly activation: ActivationOption | number;
  /** The axes of its reduction; undefined for operators on each unit. */
  readonly axes: readonly number[] | undefined;
  /** The largest number of axes of its constants. */
  readonly rank: number;
}

/** Surroundings of a node. */
export interface Surroundings {
  node(tensor: string): NodeProto | undefined;
  /** Returns a single number, and the number of axes of its tensor. */
  scalar(tensor: string): { value: number; rank: number } | undefined;
  /** Returns the axes of a reduction that keeps them; undefined where it doesn't, or the axes are unknown. */
  axes(node: NodeProto): readonly number[] | undefined;
}

/** Most nodes of a pattern. */
const LARGEST = 20;

/** Operators that can end a pattern; other operators are activations by themselves. */
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

/** One way to read some nodes, as an expression of one tensor. */
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

/** Returns the activations by the text of their form; activations with a parameter by the form with that parameter. */
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

/** Returns the activation of a form, whose parameter is one of the numbers in the form. */
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
