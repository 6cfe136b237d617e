// The container of safetensors (github.com/huggingface/safetensors), read: the length of a header, 8 bytes; the header, JSON that
// tells each tensor's type, shape and bytes; the bytes. safetensors.ts makes graphs of it.

import { show } from "../error.js";
import { bad } from "./path.js";
import { Scanner } from "./scanner.js";

/** The format's own limit, in bytes. */
export const LONGEST = 100_000_000;

/** The most dimensions of a tensor, in this and in most libraries. */
const DIMENSIONS = 64;

/** The format's types, with the bits of a number. */
const bits = {
  ...{
    F64: 64,
    F32: 32,
    F16: 16,
    BF16: 16,
    C64: 64,
    I64: 64,
    U64: 64,
    I32: 32,
    U32: 32,
    I16: 16,
    U16: 16,
    I8: 8,
    U8: 8,
  },
  ...{ BOOL: 8, F8_E4M3: 8, F8_E5M2: 8, F8_E8M0: 8, F6_E2M3: 6, F6_E3M2: 6, F4: 4 },
} as Readonly<Record<string, number>>;

export interface Tensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
/** The getters of a prototype, which know no subclass and no proxy. */
const getter = (of: object, name: PropertyKey) => Object.getOwnPropertyDescriptor(of, name)!.get!;
const nameOf = getter(typedArray, Symbol.toStringTag);
const placeOf = ["buffer", "byteOffset", "byteLength"].map((name) => getter(typedArray, name));
const lengthOf = getter(ArrayBuffer.prototype, "byteLength");

/** Returns a view of a caller's bytes, of whatever realm; undefined for anything else. */
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

/** Reads a file's parts, whose tensors lie one after the other and fill the rest of it. Throws `bad-file`. */
export function read(given: unknown) {
  const bytes = viewOf(given);
  if (bytes === undefined) throw bad("the file", `is ${show(given)}, not the bytes of safetensors`);
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
    const size = (count * bits[dtype]!) / 8;
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
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw bad("the header", "is not UTF-8");
  }
  const metadata = new Map<string, string>();
  const tensors = new Map<string, Tensor>();
  const scanner = new Scanner(text, "the header");
  scanner.members((name) => {
    if (name === "__metadata__") scanner.members((key) => metadata.set(key, scanner.string()));
    else tensors.set(name, readTensor(scanner, name));
  });
  scanner.end();
  return { metadata, tensors };
}

function readTensor(scanner: Scanner, name: string): Tensor {
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
  if (!Object.hasOwn(bits, dtype)) throw bad(`tensor ${show(name)}`, `has the unknown type ${show(dtype)}`);
  return { dtype, shape, begin: offsets[0]!, end: offsets[1]! };
}
