// Arrays as a file of safetensors.

import { encode } from "../../format/utf8.js";
import { GraphError } from "../../index.js";

/** A tensor of a file: its numbers are row-major. */
export interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float64Array | Float32Array | BigInt64Array;
}

/** Returns the name of an array's type in the format. */
function typeOf(values: NamedArray["values"]): string {
  if (values instanceof BigInt64Array) return "I64";
  return values instanceof Float64Array ? "F64" : "F32";
}

/** Returns the bytes of a file. Throws `out-of-memory`. */
export function container(arrays: readonly NamedArray[]): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = Object.create(null);
  let end = 0;
  // Numbers of 8 bytes first, so that each array lies at a multiple of its type's size.
  const sorted = [...arrays].sort((a, b) => b.values.BYTES_PER_ELEMENT - a.values.BYTES_PER_ELEMENT);
  for (const { name, shape, values } of sorted) {
    header[name] = { dtype: typeOf(values), shape, data_offsets: [end, end + values.byteLength] };
    end += values.byteLength;
  }
  const text = encode(JSON.stringify(header));
  const length = Math.ceil(text.length / 8) * 8;
  try {
    const bytes = new Uint8Array(8 + length + end).fill(32, 8, 8 + length);
    new DataView(bytes.buffer).setUint32(0, length, true);
    bytes.set(text, 8);
    let at = 8 + length;
    for (const { values } of sorted) {
      bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
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
