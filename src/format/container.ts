// The writer of safetensors' container, which archive.ts reads.

import { GraphError } from "../base/error.js";
import { LONGEST } from "./archive.js";
import { encode } from "./utf8.js";

/** A tensor of a file. Its numbers, row-major, are viewed when they are copied, since memory may move before. */
export interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  view(): ArrayBufferView;
}

/**
 * Returns the bytes of a file with some tensors, in this order, and metadata. Throws `out-of-memory`, and `unsupported` where the
 * header would be over 100 MB.
 */
export function container(
  tensors: readonly Entry[],
  metadata?: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  // A null prototype, so that every name is a member of its own.
  const header: Record<string, unknown> = Object.create(null);
  if (metadata !== undefined) header.__metadata__ = metadata;
  let end = 0;
  for (const { name, shape, dtype, view } of tensors) {
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
      const { buffer, byteOffset, byteLength } = view();
      bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
      at += byteLength;
    }
    return bytes;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new GraphError("out-of-memory", `There is no room for the file: ${end} bytes of numbers.`, {
      cause,
    });
  }
}
