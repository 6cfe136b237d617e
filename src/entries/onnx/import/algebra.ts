// Expressions of one unknown in a canonical form: sums of products with their coefficients. Two expressions with the same
// text are the same function.

import type { Algebra } from "../form.js";

/** constant + Σ coefficient · product */
export interface Form {
  readonly constant: number;
  /** By the text of the product. */
  readonly terms: ReadonlyMap<string, Term>;
}

interface Term {
  readonly coefficient: number;
  /** Factors by the text of their bases. */
  readonly factors: ReadonlyMap<string, Factor>;
}

interface Factor {
  readonly power: number;
  /** Base that is a sum, whose leading number is 1. */
  readonly sum?: Form;
}

/** Thrown for an expression that has no form here. */
export class Formless extends Error {}

const LONGEST = 600;

/** Returns a number as text, as coarse as float32 constants; numbers of two rules differ by more. */
const shown = (value: number) => String(Number(value.toPrecision(6)));

export function text({ constant, terms }: Form): string {
  const parts = [...terms].map(([key, { coefficient }]) => `${shown(coefficient)}*${key}`).sort();
  const found = [...(constant === 0 ? [] : [shown(constant)]), ...parts].join("+");
  if (found.length > LONGEST) throw new Formless();
  return found;
}

export function number(constant: number): Form {
  return { constant, terms: new Map() };
}

/** Returns a product that is a single name. */
function atom(name: string, coefficient = 1): Form {
  return product(coefficient, new Map([[name, { power: 1 }]]));
}

export const unknown: Form = atom("x");

function product(coefficient: number, factors: ReadonlyMap<string, Factor>): Form {
  if (factors.size === 0) return number(coefficient);
  const [[, only]] = factors as unknown as [[string, Factor]];
  if (factors.size === 1 && only.sum !== undefined && only.power === 1) return scale(only.sum, coefficient);
  const key = [...factors]
    .map(([name, { power }]) => (power === 1 ? name : `${name}^${power}`))
    .sort()
    .join("*");
  if (key.length > LONGEST) throw new Formless();
  return { constant: 0, terms: new Map([[key, { coefficient, factors }]]) };
}

function scale({ constant, terms }: Form, by: number): Form {
  if (!Number.isFinite(by)) throw new Formless();
  if (by === 0) return number(0);
  const scaled = [...terms].map(
    ([key, term]) => [key, { ...term, coefficient: term.coefficient * by }] as const,
  );
  return { constant: constant * by, terms: new Map(scaled) };
}

function add(a: Form, b: Form): Form {
  const terms = new Map(a.terms);
  for (const [key, term] of b.terms) {
    const coefficient = (terms.get(key)?.coefficient ?? 0) + term.coefficient;
    if (coefficient === 0) terms.delete(key);
    else terms.set(key, { ...term, coefficient });
  }
  return { constant: a.constant + b.constant, terms };
}

/** Returns the number by which a form is divided, so that forms that differ by a factor look alike. */
function leading({ constant, terms }: Form): number {
  if (constant !== 0) return constant;
  const first = [...terms.keys()].sort()[0];
  return first === undefined ? 0 : terms.get(first)!.coefficient;
}

/** Splits a form into a number and factors. */
function factored(form: Form): Term {
  if (form.terms.size === 0) return { coefficient: form.constant, factors: new Map() };
  if (form.constant === 0 && form.terms.size === 1) return form.terms.values().next().value!;
  const coefficient = leading(form);
  const sum = scale(form, 1 / coefficient);
  return { coefficient, factors: new Map([[`(${text(sum)})`, { power: 1, sum }]]) };
}

function multiply(a: Form, b: Form): Form {
  const [x, y] = [factored(a), factored(b)];
  const factors = new Map(x.factors);
  for (const [key, factor] of y.factors) {
    const power = (factors.get(key)?.power ?? 0) + factor.power;
    if (power === 0) factors.delete(key);
    else factors.set(key, { ...factor, power });
  }
  return product(x.coefficient * y.coefficient, factors);
}

const powers: Readonly<Record<number, (value: number) => number>> = {
  2: (value) => value * value,
  0.5: Math.sqrt,
  [-1]: (value) => 1 / value,
  [-0.5]: (value) => 1 / Math.sqrt(value),
};

function power(form: Form, exponent: number): Form {
  const raise = powers[exponent];
  const { coefficient, factors } = factored(form);
  // The root of a square is an absolute value, not a power.
  const rooted = !Number.isInteger(exponent) && [...factors.values()].some((factor) => factor.power !== 1);
  const by = raise?.(coefficient);
  if (by === undefined || !Number.isFinite(by) || rooted) throw new Formless();
  const raised = [...factors].map(
    ([key, factor]) => [key, { ...factor, power: factor.power * exponent }] as const,
  );
  return product(by, new Map(raised));
}

const call = (name: string, x: Form) => atom(`${name}(${text(x)})`);

/** Returns relu(c x) as c relu(x), for c > 0. */
function relu(x: Form): Form {
  const by = Math.abs(leading(x));
  if (x.terms.size === 0) return number(Math.max(x.constant, 0));
  return scale(call("Relu", scale(x, 1 / by)), by);
}

const exp = (x: Form) => call("Exp", x);
const log = (x: Form) => call("Log", x);
const minus = (x: Form) => scale(x, -1);
const max = (a: Form, b: Form) => add(b, relu(add(a, minus(b))));
const min = (a: Form, b: Form) => minus(max(minus(a), minus(b)));

type Rule = (x: Form, y: Form) => Form;

const rules: Readonly<Record<string, Rule>> = {
  Identity: (x) => x,
  Add: add,
  Sum: add,
  Sub: (x, y) => add(x, minus(y)),
  Mul: multiply,
  Div: (x, y) => multiply(x, power(y, -1)),
  Neg: minus,
  Reciprocal: (x) => power(x, -1),
  Sqrt: (x) => power(x, 0.5),
  Pow: (x, y) => {
    if (y.terms.size > 0) throw new Formless();
    return y.constant === 1 ? x : power(x, y.constant);
  },
  Exp: exp,
  Log: log,
  Relu: relu,
  Min: min,
  Max: max,
  /** |c x| = |c| |x| */
  Abs: (x) => scale(call("Abs", scale(x, 1 / leading(x))), Math.abs(leading(x))),
  Sigmoid: (x) => power(add(number(1), exp(minus(x))), -1),
  Softplus: (x) => log(add(number(1), exp(x))),
  Tanh: (x) => call("Tanh", x),
  Erf: (x) => call("Erf", x),
};

export const known: ReadonlySet<string> = new Set(Object.keys(rules));
export const reductions: ReadonlySet<string> = new Set(["ReduceMean", "ReduceSum", "ReduceMax"]);

export const algebra: Algebra<Form> = {
  op(opType, inputs) {
    const rule = rules[opType];
    if (rule === undefined) throw new Formless();
    const [x, y] = inputs.map((input) => (typeof input === "number" ? number(input) : input));
    if (x === undefined) throw new Formless();
    return rule(x, y ?? number(0));
  },
  reduce: (opType, x) => scale(call(opType, scale(x, 1 / leading(x))), leading(x)),
};
