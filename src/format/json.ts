// A graph as plain data; docs/format.md describes it. Its numbers are base64 in the entries of the description; in
// safetensors.ts they lie beside the description.

import { precisions } from "../base/precision.js";
import { show } from "../base/text.js";
import type { Contents, Network } from "../calls/network.js";
import { bytesOf, pathOf, type Tensor } from "../memory/tensor.js";
import type { Rebuilder } from "./assemble.js";
import { decode, decodedLength, encode, encodedLength, encodeInSlices, type Rest } from "./base64.js";
import { describe } from "./description.js";
import { notJSON } from "./foreign.js";
import type { Numbers } from "./numbers.js";
import { bad, fields } from "./path.js";
import { networks } from "./rebuild.js";
import { VERSIONS } from "./version.js";

/** Returns the graph as plain data. Throws `unsupported` where its text is too long for the host. */
export function toJSON(contents: Contents): object {
  const { version, description, tensors } = describe(contents);
  for (const { list, index, member, view } of tensors) {
    description[list][index]![member] = encode(bytesOf(view()));
  }
  return { format: "plexus", version, ...description };
}

/**
 * Returns the graph of this moment as plain data, encoded in slices. Parameters, which have live views, are copied at once;
 * the optimizer's state must not change meanwhile. Throws as `toJSON` does, and errors of `rest`.
 */
export async function toJSONInSlices(contents: Contents, rest: Rest): Promise<object> {
  const { version, description, tensors } = describe(contents);
  const copied = tensors.map((tensor) => (tensor.moment === undefined ? tensor.view().slice() : undefined));
  for (const [i, { list, index, member, view }] of tensors.entries()) {
    const values = copied[i];
    description[list][index]![member] = await encodeInSlices(() => bytesOf(values ?? view()), rest);
  }
  return { format: "plexus", version, ...description };
}

/** Returns the network of plain data. Throws `bad-file`. */
export function fromJSON(json: unknown): Network {
  return readJSON(json, networks);
}

/** Rebuilds the network of plain data, whose numbers are texts by default. Throws `bad-file`. */
export function readJSON<N>(
  json: unknown,
  { members, optional, rebuild }: Rebuilder<N>,
  numbers: Numbers = texts,
): N {
  const what = notJSON(json);
  if (what !== undefined) throw bad("the file", `is ${show(json)}, and no graph`, what);
  const { format, version, ...description } = fields(
    json,
    "the file",
    ["format", "version", ...members],
    optional,
  );
  if (format !== "plexus") throw bad("format", `is ${show(format)}, not "plexus"`);
  if (!VERSIONS.includes(version)) {
    throw bad("version", `is ${show(version)}; this release reads versions ${VERSIONS.join(" and ")}`);
  }
  return rebuild(description, numbers);
}

/** Numbers as base64. */
const texts: Numbers = {
  inside: true,
  check(tensor, precision, text) {
    if (typeof text !== "string") throw bad(pathOf(tensor), `is ${show(text)}, not base64 text`);
    const bytes = tensor.dtype === undefined ? precisions[precision] : 4;
    const count = countOf(tensor) || decodedLength(text) / bytes;
    const wanted = encodedLength(count * bytes);
    if (text.length !== wanted) {
      throw bad(pathOf(tensor), `has ${text.length} characters where ${wanted} are expected`);
    }
    return count;
  },
  fill(tensor, view, text) {
    if (!decode(text as string, bytesOf(view))) throw bad(pathOf(tensor), "is not base64 (RFC 4648, padded)");
  },
};

/** Returns the count of a tensor's numbers; 0 for connections, which may be any number. */
export function countOf({ shape }: Tensor): number {
  return shape.reduce((a, b) => a * b);
}
