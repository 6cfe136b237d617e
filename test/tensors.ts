// Files of safetensors taken apart and put together, without a check: what a test spoils.

export interface Parts {
  /** Header entries: `__metadata__`, and each tensor's dtype, shape and data_offsets. */
  // biome-ignore lint/suspicious/noExplicitAny: what a test puts there is its own affair
  header: Record<string, any>;
  data: Uint8Array;
}

export function unpack(bytes: Uint8Array): Parts {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const text = new TextDecoder().decode(bytes.subarray(8, 8 + length));
  return { header: JSON.parse(text), data: bytes.slice(8 + length) };
}

/** A file of a header, an object or any text, and of the bytes after it. */
export function pack(header: object | string | Uint8Array, data: Uint8Array, length?: bigint): Uint8Array {
  const text = header instanceof Uint8Array ? header : encoded(header);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

function encoded(header: object | string): Uint8Array {
  return new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
}
