// A graph as plain data; docs/format.md describes it. Its numbers are base64 in the entries of the description; in safetensors.ts
// they lie beside it.

import { show } from "../error.js";
import { precisions } from "../rule.js";
import type { Precision } from "../types.js";
import { decode, encode, encodedLength } from "./base64.js";
import { describe, type Source } from "./description.js";
import { bad, fields } from "./path.js";
import { type Create, type Loose, MEMBERS, OPTIONAL, rebuild } from "./rebuild.js";
import { bytesOf, pathOf } from "./tensor.js";

const VERSION = 1;

/** The graph as plain data, its numbers in its own precision or another. */
export function toJSON(source: Source, precision: Precision = source.precision): object {
  const { description, tensors } = describe({ ...source, precision });
  for (const { list, index, member, values } of tensors) {
    const same = precision === source.precision;
    const numbers = same
      ? values
      : precision === "float64"
        ? new Float64Array(values)
        : new Float32Array(values);
    description[list][index]![member] = encode(bytesOf(numbers));
  }
  return { format: "plexus", version: VERSION, ...description };
}

/** Throws `bad-file`. */
export function fromJSON(json: unknown, create: Create): Loose {
  const members = ["format", "version", ...MEMBERS];
  const { format, version, ...description } = fields(json, "the file", members, OPTIONAL);
  if (format !== "plexus") throw bad("format", `is ${show(format)}, not "plexus"`);
  if (version !== VERSION) {
    throw bad("version", `is ${show(version)}; this release reads version ${VERSION}`);
  }
  return rebuild(description, create, {
    inside: true,
    check(tensor, precision, text) {
      if (typeof text !== "string") throw bad(pathOf(tensor), `is ${show(text)}, not base64 text`);
      const wanted = encodedLength(tensor.shape.reduce((a, b) => a * b) * precisions[precision]);
      if (text.length !== wanted) {
        throw bad(pathOf(tensor), `has ${text.length} characters where ${wanted} are expected`);
      }
    },
    fill(tensor, bytes, text) {
      if (!decode(text as string, bytes)) throw bad(pathOf(tensor), "is not base64 (RFC 4648, padded)");
    },
  });
}
