// Copies of a caller's object as plain data: read once and counted. A copy has nothing that could run the caller's code
// later.

import { GraphError } from "../../base/error.js";
import { bad, unsupported } from "./read.js";

/** Most values of a file, and greatest depth of nested objects: no JSON text that a host can hold has more numbers. */
const VALUES = 2 ** 26;
const DEPTH = 256;

/** Returns whether a value is memory: an ArrayBuffer of any realm, or a view. */
export function isMemory(value: unknown): value is ArrayBuffer | ArrayBufferView {
  return ArrayBuffer.isView(value) || lengthOf(value) !== undefined;
}

const byteLength = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength")!.get!;

/** Returns the byte length of an ArrayBuffer; undefined for anything else. */
function lengthOf(value: unknown): number | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  try {
    return byteLength.call(value);
  } catch {
    return undefined;
  }
}

/** Returns a view's own bytes, or all of an ArrayBuffer, without a copy. Throws `bad-file` for anything else. */
export function bytesOf(value: unknown, path: string): Uint8Array {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (lengthOf(value) !== undefined) return new Uint8Array(value as ArrayBuffer);
  throw bad(path, "is no ArrayBuffer, Buffer or Uint8Array");
}

/**
 * Copies parsed JSON: arrays without holes, and objects with own members and no prototype, but functions, as JSON does. Floats
 * are copied, other memory stays as it is. An object that occurs several times is copied once, and counted each time. Throws `bad-file` for more than
 * 2²⁶ values, a function, and an object that can't be read. Throws `unsupported` for an object that is part of itself or lies
 * in more than 256 others.
 */
export function plain(given: unknown, path: string): unknown {
  try {
    return new Copy(path).value(given, 0);
  } catch (cause) {
    if (cause instanceof GraphError) throw cause;
    throw new GraphError("bad-file", `${path} can't be read: ${messageOf(cause)}.`, { cause });
  }
}

function messageOf(cause: unknown): string {
  try {
    return String((cause as Error).message);
  } catch {
    return "reading it throws";
  }
}

class Copy {
  readonly #path: string;
  /** Copies by their originals, with the number of values; undefined while an original is being copied. */
  readonly #known = new Map<object, { readonly copy: unknown; readonly values: number } | undefined>();
  #values = 0;

  constructor(path: string) {
    this.#path = path;
  }

  value(given: unknown, depth: number): unknown {
    if (typeof given === "function") throw bad(this.#path, "has a function in it, which no file has");
    if (typeof given !== "object" || given === null) return given;
    if (this.#known.has(given)) {
      const known = this.#known.get(given);
      if (known === undefined) throw unsupported(this.#path, "is part of itself");
      this.#count(known.values);
      return known.copy;
    }
    if (depth > DEPTH) throw unsupported(this.#path, `has more than ${DEPTH} objects in one another`);
    const before = this.#values;
    this.#known.set(given, undefined);
    const copy = isMemory(given) ? this.#memory(given) : this.#list(given, depth);
    this.#known.set(given, { copy, values: this.#values - before });
    return copy;
  }

  #count(more: number): void {
    this.#values += more;
    if (!(this.#values <= VALUES)) throw bad(this.#path, `has more than ${VALUES} values`);
  }

  #list(given: object, depth: number): object {
    return Array.isArray(given) ? this.#array(given, depth) : this.#object(given, depth);
  }

  #memory(given: ArrayBuffer | ArrayBufferView): object {
    if (!(given instanceof Float64Array || given instanceof Float32Array)) return given;
    const copy = given instanceof Float64Array ? new Float64Array(given) : new Float32Array(given);
    this.#count(copy.length);
    return copy;
  }

  #array(given: readonly unknown[], depth: number): unknown[] {
    const { length } = given;
    if (!(length > 0)) return [];
    this.#count(length);
    const copy: unknown[] = [];
    for (let i = 0; i < length; i++) {
      const one = given[i];
      if (one === undefined) throw bad(this.#path, `has an array of ${length} without its element ${i}`);
      copy.push(this.value(one, depth + 1));
    }
    return copy;
  }

  #object(given: object, depth: number): object {
    const names = Object.keys(given);
    this.#count(names.length);
    const copy: Record<string, unknown> = Object.create(null);
    for (const name of names) {
      const value = (given as Record<string, unknown>)[name];
      // Some networks of brain.js have functions among their options.
      if (typeof value !== "function") copy[name] = this.value(value, depth + 1);
    }
    return copy;
  }
}
