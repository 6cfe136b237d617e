// Bytes as text: base64 for members of a sketch, base64url for links.

/** Returns bytes in base64. */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  // Arguments of one call are limited to some 10,000 on some hosts.
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

/** Returns the bytes of base64. Throws where the text is none. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Returns bytes in the alphabet of URLs, without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Returns the bytes of a text in the alphabet of URLs. Throws where it is none. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return fromBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
}
