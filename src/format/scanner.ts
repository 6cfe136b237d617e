// A strict reader of JSON: JSON.parse keeps the last of a key's values, and takes any depth. A scanner takes a key once, and
// makes only the values that its caller asks for.

import { show } from "../base/text.js";
import { bad } from "./path.js";

const DEEPEST = 8;
/** Most members of an object, and least characters for an object or array, in any description of a graph. */
const WIDEST = 64;
const SHORTEST = 12;

export class Scanner {
  readonly #text: string;
  readonly #what: string;
  #at = 0;

  constructor(text: string, what: string) {
    this.#text = text;
    this.#what = what;
  }

  bad(what: string): Error {
    return bad(`${this.#what}, character ${this.#at},`, what);
  }

  /** Returns the next character after blanks, without taking it. */
  #next(): string | undefined {
    while (" \t\n\r".includes(this.#text[this.#at] ?? "-")) this.#at++;
    return this.#text[this.#at];
  }

  #take(wanted: string): string {
    const next = this.#next();
    if (next === undefined || !wanted.includes(next)) {
      throw this.bad(`is ${show(next)} where one of ${wanted} is expected`);
    }
    this.#at++;
    return next;
  }

  end(): void {
    if (this.#next() !== undefined) throw this.bad("is past the end of the object");
  }

  /** Reads an array, or another list between two ends, with commas between its items. */
  items(read: () => void, open = "[", close = "]"): void {
    this.#take(open);
    if (this.#next() === close) this.#at++;
    else
      do read();
      while (this.#take(`${close},`) === ",");
  }

  /** Reads an object, in which no key may come twice. */
  members(read: (name: string) => void, most = Number.POSITIVE_INFINITY): void {
    const seen = new Set<string>();
    const member = () => {
      const name = this.string();
      if (seen.has(name)) throw this.bad(`ends the key ${show(name)}, which was there before`);
      if (seen.add(name).size > most) throw this.bad(`is in an object of more than ${most} members`);
      this.#take(":");
      read(name);
    };
    this.items(member, "{", "}");
  }

  string(): string {
    this.#take('"');
    const from = this.#at - 1;
    for (let code = 0; code !== 34; this.#at++) {
      code = this.#text.charCodeAt(this.#at);
      if (code === 92) this.#at++;
      else if (Number.isNaN(code)) throw this.bad("is missing: a string has no end");
    }
    return this.#parse(this.#text.slice(from, this.#at)) as string;
  }

  /** Reads a whole number from 0 to 2^53 - 1. */
  whole(): number {
    this.#next();
    const value = Number(this.#match(/(0|[1-9]\d{0,15})(?![\d.eE])/y));
    if (!Number.isSafeInteger(value)) throw this.bad("ends what is no whole number from 0 to 2^53 - 1");
    return value;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) throw this.bad(`is ${show(this.#text[this.#at])}`);
    this.#at += found.length;
    return found;
  }

  /** Reads the whole text as a value of any kind, within the depth and width of descriptions. */
  value(): unknown {
    let opened = 0;
    const scan = (depth: number): void => {
      const next = this.#next();
      if (next === '"') this.string();
      else if (next === "{" || next === "[") {
        if (depth === DEEPEST || ++opened * SHORTEST > this.#text.length) {
          throw this.bad("opens more objects and arrays than a graph has");
        }
        const inner = () => scan(depth + 1);
        if (next === "{") this.members(inner, WIDEST);
        else this.items(inner);
      } else this.#match(/[-+.\w]{1,32}/y);
    };
    scan(0);
    this.end();
    return this.#parse(this.#text);
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw this.bad(`ends what is no JSON: ${(error as Error).message}`);
    }
  }
}
