// Takes files of safetensors apart and puts them together, without a check, for tests that damage them. In Node and in
// browsers.

/**
 * @param {Uint8Array} bytes
 * @returns {{ header: Record<string, any>; data: Uint8Array }} Header entries, `__metadata__` among them, and the rest.
 */
export function unpack(bytes) {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const text = new TextDecoder().decode(bytes.subarray(8, 8 + length));
  return { header: JSON.parse(text), data: bytes.slice(8 + length) };
}

/**
 * Makes a file of a header, as an object, a text or bytes, and of the bytes after it.
 * @param {object | string | Uint8Array} header
 * @param {Uint8Array} data
 * @param {bigint} [length] Of the header, where the file tells another one.
 */
export function pack(header, data, length) {
  const text = header instanceof Uint8Array ? header : encoded(header);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

/** @param {object | string} header */
function encoded(header) {
  return new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
}
