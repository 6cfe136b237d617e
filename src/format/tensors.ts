// The tensors of any file of safetensors, as arrays.

import { GraphError } from "../base/error.js";
import type { TypedArray } from "../base/read.js";
import { show } from "../base/text.js";
import { readArchive, type TypeName } from "./archive.js";
import { fromBfloat, fromHalf } from "./half.js";

/** Numbers of a tensor, as they are read. */
export type TensorValues = Exclude<TypedArray, Uint8ClampedArray>;

/** Reads numbers from bytes of their own; the other types of the format have no array. */
const readers: Readonly<Partial<Record<TypeName, (bytes: ArrayBuffer) => TensorValues>>> = {
  F64: (bytes) => new Float64Array(bytes),
  F32: (bytes) => new Float32Array(bytes),
  F16: (bytes) => fromHalf(new Uint16Array(bytes)),
  BF16: (bytes) => fromBfloat(new Uint16Array(bytes)),
  // Rounded beyond 2^53.
  I64: (bytes) => Float64Array.from(new BigInt64Array(bytes), Number),
  U64: (bytes) => Float64Array.from(new BigUint64Array(bytes), Number),
  I32: (bytes) => new Int32Array(bytes),
  U32: (bytes) => new Uint32Array(bytes),
  I16: (bytes) => new Int16Array(bytes),
  U16: (bytes) => new Uint16Array(bytes),
  I8: (bytes) => new Int8Array(bytes),
  U8: (bytes) => new Uint8Array(bytes),
  BOOL: (bytes) => new Uint8Array(bytes),
};

/** A file of safetensors: its metadata, and its tensors by name. */
export interface Safetensors {
  readonly metadata: Record<string, string>;
  readonly tensors: Record<string, { readonly shape: readonly number[]; readonly values: TensorValues }>;
}

/**
 * Reads any file of safetensors, row-major, each tensor a copy. F64, F32, I8 to U32 become arrays of that type, F16 and BF16
 * `Float32Array`, exactly, I64 and U64 `Float64Array`, rounded beyond 2^53, BOOL `Uint8Array`. Throws `bad-file`;
 * `unsupported` for the types C64, F8, F6 and F4; `out-of-memory`.
 */
export function readSafetensors(bytes: Uint8Array | ArrayBuffer): Safetensors {
  const { metadata, tensors, data } = readArchive(bytes);
  const found: Safetensors = { metadata: Object.create(null), tensors: Object.create(null) };
  for (const [key, value] of metadata) found.metadata[key] = value;
  for (const [name, { dtype, shape, begin, end }] of tensors) {
    const values = readers[dtype];
    if (values === undefined) {
      const sentence = `The tensor ${show(name)} has the type ${dtype}, which isn't read.`;
      throw new GraphError("unsupported", sentence);
    }
    try {
      found.tensors[name] = { shape, values: values(data.slice(begin, end).buffer) };
    } catch (cause) {
      const sentence = `There is no room for the tensor ${show(name)}: ${end - begin} bytes.`;
      throw new GraphError("out-of-memory", sentence, { cause });
    }
  }
  return found;
}
