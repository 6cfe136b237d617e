// Text as UTF-8, also on hosts without encoders, such as audio worklets.

/** Encodes well-formed text. */
export function encode(text: string): Uint8Array {
  if (typeof TextEncoder === "function") return new TextEncoder().encode(text);
  const bytes: number[] = [];
  // encodeURIComponent writes a byte of UTF-8 as %FF, or as its character.
  for (const [part, digits] of encodeURIComponent(text).matchAll(/%(..)|[^%]/g)) {
    bytes.push(digits === undefined ? part.charCodeAt(0) : Number.parseInt(digits, 16));
  }
  return Uint8Array.from(bytes);
}

/** Decodes text. Throws an error of the host if it isn't UTF-8. */
export function decode(bytes: Uint8Array): string {
  if (typeof TextDecoder === "function") {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  }
  const digits = (byte: number) => `%${byte.toString(16).padStart(2, "0")}`;
  return decodeURIComponent(Array.from(bytes, digits).join(""));
}
