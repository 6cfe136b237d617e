// The reader of safetensors' container (github.com/huggingface/safetensors). A file has the length of its header, 8 bytes;
// the header, JSON with each tensor's type, shape and range; the bytes. safetensors.ts makes graphs of it.

import { GraphError } from "../base/error.js";
import { show } from "../base/text.js";
import { foreign, notBytes } from "./foreign.js";
import { bad } from "./path.js";
import { Scanner } from "./scanner.js";
import { decode } from "./utf8.js";

/** The format's own limit of a header, in bytes. */
export const LONGEST = 100_000_000;

/** Most dimensions of a tensor, in this and in most libraries. */
const DIMENSIONS = 64;

/** The types of the format: the bits of a number. */
const types = {
  ...{
    F64: 64,
    F32: 32,
    F16: 16,
    BF16: 16,
    I64: 64,
    U64: 64,
    I32: 32,
    U32: 32,
    I16: 16,
    U16: 16,
    I8: 8,
    U8: 8,
    BOOL: 8,
  },
  ...{ C64: 64, F8_E4M3: 8, F8_E5M2: 8, F8_E8M0: 8, F6_E2M3: 6, F6_E3M2: 6, F4: 4 },
};

export type TypeName = keyof typeof types;

/** Type, shape and range of a tensor in a file. */
export interface Entry {
  readonly dtype: TypeName;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
/** Returns a getter of a prototype, which reads the object itself, whatever its subclass, and not a proxy. */
const getter = (of: object, name: PropertyKey) => Object.getOwnPropertyDescriptor(of, name)!.get!;
const nameOf = getter(typedArray, Symbol.toStringTag);
const placeOf = ["buffer", "byteOffset", "byteLength"].map((name) => getter(typedArray, name));
const lengthOf = getter(ArrayBuffer.prototype, "byteLength");

/** Returns a view of a caller's bytes, of any realm; undefined for anything else. */
function viewOf(given: unknown): Uint8Array | undefined {
  try {
    if (nameOf.call(given) === "Uint8Array") {
      const [buffer, offset, length] = placeOf.map((get) => get.call(given));
      return new Uint8Array(buffer, offset, length);
    }
    return new Uint8Array(given as ArrayBuffer, 0, lengthOf.call(given));
  } catch {
    return undefined;
  }
}

/**
 * Reads the parts of a file, whose tensors lie one after the other and fill the rest. Throws `bad-file`, with the file's true
 * kind if its beginning shows it.
 */
export function readArchive(given: unknown) {
  const bytes = viewOf(given);
  if (bytes === undefined) {
    const wrong = `is ${show(given)}, not the bytes of safetensors`;
    throw bad(
      "the file",
      wrong,
      attempt(() => notBytes(given)),
    );
  }
  try {
    return parse(bytes);
  } catch (error) {
    const what = foreign(bytes);
    if (what === undefined || !(error instanceof GraphError && error.code === "bad-file")) throw error;
    throw new GraphError("bad-file", `${error.message} ${what}`, { cause: error });
  }
}

/** Reads a member of a caller's object. Returns undefined if that throws. */
function attempt(read: () => string | undefined): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function parse(bytes: Uint8Array) {
  if (bytes.length < 8)
    throw bad("the file", `has ${bytes.length} bytes, and the length of its header takes 8`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > LONGEST || length > bytes.length - 8) {
    throw bad("the header", `has ${length} bytes; at most ${LONGEST}, and as many as there are, are allowed`);
  }
  const start = 8 + Number(length);
  const data = bytes.subarray(start);
  const { metadata, tensors } = readHeader(bytes.slice(8, start));
  let next = 0;
  const inOrder = [...tensors].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  for (const [name, { dtype, shape, begin, end }] of inOrder) {
    const count = shape.reduce((product, one) => (product * one < 2 ** 53 ? product * one : Number.NaN), 1);
    const size = (count * types[dtype]) / 8;
    if (begin !== next || size !== end - begin) {
      const takes = `${dtype} [${shape}] takes ${size} bytes, and the next byte is ${next}`;
      throw bad(`tensor ${show(name)}`, `lies from ${begin} to ${end}; ${takes}`);
    }
    next = end;
  }
  if (next !== data.length) throw bad("the tensors", `end at byte ${next} of ${data.length}`);
  return { metadata, tensors, data };
}

function readHeader(bytes: Uint8Array) {
  if (bytes[0] !== 123) throw bad("the header", "does not begin with {");
  let text: string;
  try {
    text = decode(bytes);
  } catch {
    throw bad("the header", "is not UTF-8");
  }
  const metadata = new Map<string, string>();
  const tensors = new Map<string, Entry>();
  const scanner = new Scanner(text, "the header");
  scanner.members((name) => {
    if (name === "__metadata__") scanner.members((key) => metadata.set(key, scanner.string()));
    else tensors.set(name, readEntry(scanner, name));
  });
  scanner.end();
  return { metadata, tensors };
}

function readEntry(scanner: Scanner, name: string): Entry {
  let dtype: string | undefined;
  const lists: Record<string, number[]> = {};
  scanner.members((key) => {
    if (key === "dtype") dtype = scanner.string();
    else if (key === "shape" || key === "data_offsets") {
      const list: number[] = [];
      scanner.items(() => {
        if (list.push(scanner.whole()) > DIMENSIONS)
          throw bad(`tensor ${show(name)}`, "has too many dimensions");
      });
      lists[key] = list;
    } else throw bad(`tensor ${show(name)}`, `has an unknown ${show(key)}`);
  });
  const { shape, data_offsets: offsets } = lists;
  if (dtype === undefined || shape === undefined || offsets?.length !== 2) {
    throw bad(`tensor ${show(name)}`, "lacks a dtype, a shape or two data_offsets");
  }
  if (!isType(dtype)) throw bad(`tensor ${show(name)}`, `has the unknown type ${show(dtype)}`);
  return { dtype, shape, begin: offsets[0]!, end: offsets[1]! };
}

function isType(name: string): name is TypeName {
  return Object.hasOwn(types, name);
}
