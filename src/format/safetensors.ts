// A graph as safetensors (github.com/huggingface/safetensors): the length of a header, 8 bytes; the header, JSON that tells each
// tensor's type, shape and bytes; the bytes. docs/format.md says which tensors a graph has. The description of the graph is one
// of the header's metadata.

import { GraphError, show } from "../error.js";
import type { Precision } from "../types.js";
import { describe, type Source } from "./description.js";
import { bad } from "./path.js";
import { type Create, type Loose, rebuild } from "./rebuild.js";
import { Scanner } from "./scanner.js";
import { bytesOf } from "./tensor.js";

const VERSION = "1";
/** The format's own limit, in bytes. */
const LONGEST = 100_000_000;

/** The most dimensions of a tensor, in this and in most libraries. */
const DIMENSIONS = 64;

const types = { float64: "F64", float32: "F32" } as const satisfies Record<Precision, string>;
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

/** Throws `out-of-memory`, and `unsupported` where the header would be over 100 MB. */
export function save(source: Source): Uint8Array<ArrayBuffer> {
  const { description, tensors } = describe(source);
  // A null prototype, so that every name is a member of its own.
  const header: Record<string, unknown> = Object.create(null);
  header.__metadata__ = { format: "plexus", version: VERSION, graph: JSON.stringify(description) };
  let end = 0;
  for (const { name, shape, view } of tensors) {
    const begin = end;
    end += view().byteLength;
    header[name] = { dtype: types[source.precision], shape, data_offsets: [begin, end] };
  }
  try {
    const text = new TextEncoder().encode(JSON.stringify(header));
    // Padded with blanks, so that the numbers lie at multiples of 8.
    const length = Math.ceil(text.length / 8) * 8;
    if (length > LONGEST) {
      const most = `a header of safetensors has at most ${LONGEST}`;
      throw new GraphError("unsupported", `The graph's description takes ${length} bytes; ${most}.`);
    }
    const bytes = new Uint8Array(8 + length + end).fill(32, 8, 8 + length);
    new DataView(bytes.buffer).setUint32(0, length, true);
    bytes.set(text, 8);
    let at = 8 + length;
    for (const { view } of tensors) {
      const values = view();
      bytes.set(bytesOf(values), at);
      at += values.byteLength;
    }
    return bytes;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new GraphError("out-of-memory", `There is no room for the file: ${end} bytes of numbers.`, {
      cause,
    });
  }
}

interface Tensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** Throws `bad-file`; `unsupported` for what is no graph, or one of another version. */
export function load(given: unknown, create: Create): Loose {
  const { metadata, tensors, data } = read(given);
  if (metadata.get("format") !== "plexus" || metadata.get("version") !== VERSION) {
    const [format, version] = [show(metadata.get("format")), show(metadata.get("version"))];
    const wanted = `its metadata has format ${format} and version ${version}, not "plexus" and "${VERSION}"`;
    throw new GraphError(
      "unsupported",
      `The file is safetensors, but no graph that this release reads: ${wanted}.`,
    );
  }
  const text = metadata.get("graph");
  if (text === undefined) throw bad("the metadata", 'lacks "graph"');
  const graph = rebuild(new Scanner(text, "graph").value(), create, {
    inside: false,
    check({ name, shape }, precision) {
      const tensor = tensors.get(name);
      if (tensor === undefined) throw bad(`tensor ${show(name)}`, "is missing");
      const [given, wanted] = [tensor, { dtype: types[precision], shape }].map(
        (one) => `${one.dtype} [${one.shape}]`,
      );
      if (given !== wanted) throw bad(`tensor ${show(name)}`, `is ${given} where ${wanted} is expected`);
    },
    fill({ name }, view) {
      const { begin, end } = tensors.get(name)!;
      bytesOf(view).set(data.subarray(begin, end));
      tensors.delete(name);
    },
  });
  for (const name of tensors.keys()) {
    graph.dispose();
    throw bad(`tensor ${show(name)}`, "belongs to no part of the graph");
  }
  return graph;
}

/** The parts of a file, whose tensors are known to lie one after the other and to fill the rest of it. */
function read(given: unknown) {
  if (!(given instanceof Uint8Array || given instanceof ArrayBuffer)) {
    throw bad("the file", `is ${show(given)}, not the bytes of safetensors`);
  }
  const bytes = given instanceof ArrayBuffer ? new Uint8Array(given) : given;
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
