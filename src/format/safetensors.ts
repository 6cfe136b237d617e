// A graph as safetensors, the container that archive.ts reads. docs/format.md lists a graph's tensors. The description of the
// graph is a member of the header's metadata.

import { GraphError } from "../base/error.js";
import type { Precision } from "../base/precision.js";
import { show } from "../base/text.js";
import type { Contents, Network } from "../calls/network.js";
import type { Memory } from "../memory/memory.js";
import { bytesOf } from "../memory/tensor.js";
import { product } from "../rules/shape.js";
import { LONGEST, readArchive } from "./archive.js";
import type { Rebuilder } from "./assemble.js";
import { describe } from "./description.js";
import { foreignTensors } from "./foreign.js";
import type { Numbers } from "./numbers.js";
import { bad, fields } from "./path.js";
import { networks } from "./rebuild.js";
import { Scanner } from "./scanner.js";
import { encode } from "./utf8.js";
import { VERSIONS } from "./version.js";

const types = { float64: "F64", float32: "F32" } as const satisfies Record<Precision, string>;

/** Returns a graph as bytes. Throws `out-of-memory`, and `unsupported` where the header would be over 100 MB. */
export function save(contents: Contents): Uint8Array<ArrayBuffer> {
  const { version, description, tensors } = describe(contents);
  // A null prototype, so that every name is a member of its own.
  const header: Record<string, unknown> = Object.create(null);
  header.__metadata__ = { format: "plexus", version: `${version}`, graph: JSON.stringify(description) };
  let end = 0;
  for (const { name, shape, dtype = types[contents.precision], view } of tensors) {
    const begin = end;
    end += view().byteLength;
    header[name] = { dtype, shape, data_offsets: [begin, end] };
  }
  try {
    const text = encode(JSON.stringify(header));
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

/** Returns the network of a graph's file. Throws as `readFile` does. */
export function load(given: unknown): Network {
  return readFile(given, networks);
}

/**
 * Rebuilds the network of a graph's file; `isSpare` says which tensors may be left over. Throws `bad-file`; `unsupported` for no
 * graph, or one of another version.
 */
export function readFile<N extends { readonly memory: Memory }>(
  given: unknown,
  { members, optional, rebuild }: Rebuilder<N>,
  isSpare: (name: string) => boolean = () => false,
): N {
  const { metadata, tensors, data } = readArchive(given);
  if (metadata.get("format") !== "plexus") {
    const sentence = `The file is safetensors, but no graph of Plexus.${foreignTensors(tensors)}`;
    throw new GraphError("unsupported", sentence);
  }
  const version = metadata.get("version");
  if (!VERSIONS.some((known) => `${known}` === version)) {
    const known = VERSIONS.map((one) => show(`${one}`)).join(" and ");
    const sentence = `The file is safetensors with a graph of version ${show(version)}; this release reads ${known}.`;
    throw new GraphError("unsupported", sentence);
  }
  const text = metadata.get("graph");
  if (text === undefined) throw bad("the metadata", 'lacks "graph"');
  const description = fields(new Scanner(text, "graph").value(), "the graph", members, optional);
  const numbers: Numbers = {
    inside: false,
    check({ name, shape, dtype }, precision) {
      const tensor = tensors.get(name);
      if (tensor === undefined) throw bad(`tensor ${show(name)}`, "is missing");
      const extents = shape[0] === 0 ? [tensor.shape[0], ...shape.slice(1)] : shape;
      const [given, wanted] = [tensor, { dtype: dtype ?? types[precision], shape: extents }].map(
        (one) => `${one.dtype} [${one.shape}]`,
      );
      if (given !== wanted) throw bad(`tensor ${show(name)}`, `is ${given} where ${wanted} is expected`);
      return product(tensor.shape);
    },
    fill({ name }, view) {
      const { begin, end } = tensors.get(name)!;
      bytesOf(view).set(data.subarray(begin, end));
      tensors.delete(name);
    },
  };
  const net = rebuild(description, numbers);
  for (const name of tensors.keys()) {
    if (isSpare(name)) continue;
    net.memory.dispose();
    throw bad(`tensor ${show(name)}`, "belongs to no part of the graph");
  }
  return net;
}
