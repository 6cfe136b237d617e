// Base64 (RFC 4648, section 4) in its one canonical form: padded, nothing between, unused bits zero. A codec of our own,
// since the hosts' forgive what a file must not have.

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const values = new Uint8Array(128).fill(64);
for (let i = 0; i < 64; i++) values[alphabet.charCodeAt(i)] = i;

export function encode(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let from = 0; from < bytes.length; from += 3 * 1024) {
    let part = "";
    for (let i = from; i < Math.min(bytes.length, from + 3 * 1024); i += 3) {
      const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
      part += alphabet[word >> 18]! + alphabet[(word >> 12) & 63]!;
      part += i + 1 < bytes.length ? alphabet[(word >> 6) & 63]! : "=";
      part += i + 2 < bytes.length ? alphabet[word & 63]! : "=";
    }
    parts.push(part);
  }
  return parts.join("");
}

/** The length of the text of `bytes` bytes. */
export function encodedLength(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

/** Fills `bytes` with what the text holds; says whether it is the text of that many bytes. */
export function decode(text: string, bytes: Uint8Array): boolean {
  if (text.length !== encodedLength(bytes.length)) return false;
  for (let i = 0, to = 0; i < text.length; i += 4) {
    const wanted = Math.min(3, bytes.length - to);
    let word = 0;
    for (let j = 0; j < 4; j++) {
      const code = text.charCodeAt(i + j);
      const value = j > wanted ? (code === 61 ? 0 : 64) : code < 128 ? values[code]! : 64;
      if (value === 64) return false;
      word = (word << 6) | value;
    }
    const unused = wanted === 3 ? 0 : word & ((1 << (24 - wanted * 8)) - 1);
    if (unused !== 0) return false;
    for (let j = 0; j < wanted; j++) bytes[to++] = word >> (16 - j * 8);
  }
  return true;
}
