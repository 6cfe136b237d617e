// Formulas that a person types, such as sin(2x) + x^2 / 10: a parser that makes closures, without the host's eval.

import { Refused } from "../model/refusal.ts";
import { cos, E, exp, log, PI, pow, sin, tan, tanh } from "./maths.ts";

/** A formula's value at x; NaN where it has none. */
export type Formula = (x: number) => number;

const functions: Readonly<Record<string, (...values: number[]) => number>> = {
  sin,
  cos,
  tan,
  exp,
  log,
  ln: log,
  sqrt: Math.sqrt,
  abs: Math.abs,
  sign: (x = 0) => (x > 0 ? 1 : x < 0 ? -1 : x),
  min: Math.min,
  max: Math.max,
  tanh,
};

/** Functions of two values or more. */
const several: readonly string[] = ["min", "max"];
const constants: Readonly<Record<string, number>> = { pi: PI, π: PI, e: E };

interface Token {
  readonly kind: "number" | "name" | "sign" | "end";
  readonly text: string;
  /** Its place in the text, from 1. */
  readonly place: number;
}

/** Most characters of a formula, and levels of its parentheses. */
const LONGEST = 500;
const DEEPEST = 50;

/** Returns the formula of a text. Throws `bad-formula` with the place of the fault. */
export function formula(text: string): Formula {
  if (text.length > LONGEST) throw new Refused("bad-formula", `A formula has at most ${LONGEST} characters.`);
  return new Parser(tokensOf(text)).parse();
}

/** Cuts a text to numbers, names and signs. */
function tokensOf(text: string): Token[] {
  const form =
    /\s*(?:(?<number>\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)|(?<name>\p{L}+)|(?<sign>\*\*|[-+*/^(),−×·]))/uy;
  const tokens: Token[] = [];
  while (form.lastIndex < text.trimEnd().length) {
    const from = form.lastIndex;
    const found = form.exec(text);
    if (found === null) {
      const place = from + /^\s*/.exec(text.slice(from))![0].length;
      const character = String.fromCodePoint(text.codePointAt(place)!);
      throw new Refused(
        "bad-formula",
        `The formula has "${character}" at character ${place + 1}, which means nothing here.`,
      );
    }
    const groups = found.groups!;
    const kind = (["number", "name", "sign"] as const).find((one) => groups[one] !== undefined)!;
    const own = groups[kind]!;
    tokens.push({ kind, text: spelt(own), place: form.lastIndex - own.length + 1 });
  }
  return [...tokens, { kind: "end", text: "", place: text.length + 1 }];
}

const signs = new Map([
  ["−", "-"],
  ["×", "*"],
  ["·", "*"],
  ["**", "^"],
]);

/** Returns a sign as it is on every keyboard. */
function spelt(text: string): string {
  return signs.get(text) ?? text;
}

/** A parser by descent. Each method reads from the present token and returns the closure of its part. */
class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): Formula {
    const all = this.#sum();
    if (this.#token.kind !== "end") throw this.#unexpected("an operator or the end");
    return all;
  }

  get #token(): Token {
    return this.#tokens[this.#at]!;
  }

  /** Checks whether the present token is one of some signs. */
  #is(...signs: string[]): boolean {
    return this.#token.kind === "sign" && signs.includes(this.#token.text);
  }

  #take(): string {
    return this.#tokens[this.#at++]!.text;
  }

  #unexpected(expected: string): Refused {
    const { kind, text, place } = this.#token;
    const found = kind === "end" ? "ends" : `has "${text}"`;
    return new Refused(
      "bad-formula",
      `The formula ${found} at character ${place}, where ${expected} is expected.`,
    );
  }

  #sum(): Formula {
    let left = this.#product();
    while (this.#is("+", "-")) {
      const [before, sign, right] = [left, this.#take(), this.#product()];
      left = sign === "+" ? (x) => before(x) + right(x) : (x) => before(x) - right(x);
    }
    return left;
  }

  #product(): Formula {
    let left = this.#signed();
    for (;;) {
      const before = left;
      // A product may lack its sign: 2x, 3 sin(x), (x + 1)(x - 1).
      const isPlain = this.#token.kind === "name" || this.#token.kind === "number" || this.#is("(");
      if (isPlain) {
        const right = this.#power();
        left = (x) => before(x) * right(x);
      } else if (this.#is("*", "/")) {
        const [sign, right] = [this.#take(), this.#signed()];
        left = sign === "*" ? (x) => before(x) * right(x) : (x) => before(x) / right(x);
      } else return left;
    }
  }

  #signed(): Formula {
    if (!this.#is("+", "-")) return this.#power();
    this.#enter();
    const [sign, value] = [this.#take(), this.#signed()];
    this.#depth--;
    return sign === "-" ? (x) => -value(x) : value;
  }

  /** Powers bind to the right, and more than a sign before them: -x^2 is -(x^2). */
  #power(): Formula {
    const base = this.#atom();
    if (!this.#is("^")) return base;
    this.#take();
    const power = this.#signed();
    return (x) => pow(base(x), power(x));
  }

  #atom(): Formula {
    const { kind } = this.#token;
    if (kind === "number") {
      const value = Number(this.#take());
      return () => value;
    }
    if (kind === "name") return this.#named();
    if (!this.#is("(")) throw this.#unexpected(`a number, x, a function or "("`);
    this.#enter();
    this.#take();
    const inner = this.#sum();
    this.#close();
    return inner;
  }

  #named(): Formula {
    const { text: name } = this.#token;
    if (name === "x") {
      this.#take();
      return (x) => x;
    }
    if (Object.hasOwn(constants, name)) {
      this.#take();
      const value = constants[name]!;
      return () => value;
    }
    if (!Object.hasOwn(functions, name)) {
      const known = Object.keys(functions).join(", ");
      throw new Refused(
        "bad-formula",
        `The formula has no "${name}". It has x, pi, e, and the functions ${known}.`,
      );
    }
    this.#take();
    if (!this.#is("(")) throw this.#unexpected(`"(" after ${name}`);
    return this.#called(name, functions[name]!);
  }

  #called(name: string, called: (...values: number[]) => number): Formula {
    this.#enter();
    this.#take();
    const values = [this.#sum()];
    while (this.#is(",")) {
      this.#take();
      values.push(this.#sum());
    }
    const wrong = several.includes(name) ? values.length < 2 : values.length !== 1;
    if (wrong) {
      const wanted = several.includes(name) ? "at least two values" : "one value";
      throw new Refused("bad-formula", `${name} takes ${wanted}, not ${values.length}.`);
    }
    this.#close();
    const [first, second] = values as [Formula, Formula?];
    if (second === undefined) return (x) => called(first(x));
    return (x) => called(...values.map((value) => value(x)));
  }

  #enter(): void {
    if (++this.#depth > DEEPEST) throw new Refused("bad-formula", `The formula has over ${DEEPEST} levels.`);
  }

  #close(): void {
    if (!this.#is(")")) throw this.#unexpected(`")"`);
    this.#take();
    this.#depth--;
  }
}
