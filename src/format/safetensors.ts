// A graph as safetensors, the container that archive.ts reads. docs/format.md lists a graph's tensors. The description of the
// graph is a member of the header's metadata.

import { GraphError } from "../base/error.js";
import type { Precision } from "../base/precision.js";
import { show } from "../base/text.js";
import type { Contents, Network } from "../calls/network.js";
import type { Memory } from "../memory/memory.js";
import { bytesOf } from "../memory/tensor.js";
import { product } from "../rules/shape.js";
import { readArchive } from "./archive.js";
import type { Rebuilder } from "./assemble.js";
import { container } from "./container.js";
import { describe } from "./description.js";
import { foreignTensors } from "./foreign.js";
import type { Numbers } from "./numbers.js";
import { bad, fields } from "./path.js";
import { networks } from "./rebuild.js";
import { Scanner } from "./scanner.js";
import { VERSIONS } from "./version.js";

const types = { float64: "F64", float32: "F32" } as const satisfies Record<Precision, string>;

/** Returns a graph as bytes. Throws `out-of-memory`, and `unsupported` where the header would be over 100 MB. */
export function save(contents: Contents): Uint8Array<ArrayBuffer> {
  const { version, description, tensors } = describe(contents);
  const entries = tensors.map((tensor) => ({ ...tensor, dtype: tensor.dtype ?? types[contents.precision] }));
  const graph = JSON.stringify(description);
  return container(entries, { format: "plexus", version: `${version}`, graph });
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
