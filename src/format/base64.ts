// Base64 (RFC 4648, section 4) in its one canonical form: padded, without other characters, unused bits zero. Hosts' encoders
// write this form, and are faster. The decoder is our own, since hosts' decoders accept other forms, too.

import { GraphError } from "../base/error.js";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const codes = Uint8Array.from(alphabet, (letter) => letter.charCodeAt(0));
/** Value of each code below 128; -1 outside the alphabet. */
const values = new Int8Array(128).fill(-1);
codes.forEach((code, value) => {
  values[code] = value;
});
/** The code of `=`. */
const PAD = 61;

/** Bytes that are encoded at once: a multiple of 3, whose letters can be the arguments of one call. */
const PIECE = 6 * 1024;

/** Encoders of hosts: a method of newer engines, and that of Node, Deno and Bun. */
interface Hosted {
  readonly Buffer?: {
    from(buffer: ArrayBufferLike, at: number, length: number): { toString(as: "base64"): string };
  };
}

/** Encodes bytes. Throws `unsupported` where a string of the host can't be that long. */
export function encode(bytes: Uint8Array): string {
  try {
    const { toBase64 } = bytes as { toBase64?: () => string };
    if (typeof toBase64 === "function") return toBase64.call(bytes);
    const { Buffer } = globalThis as Hosted;
    if (typeof Buffer?.from === "function") {
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
    }
    return encodePlain(bytes);
  } catch (cause) {
    throw tooLong(bytes.length, cause);
  }
}

/** Bytes of a slice in `encodeInSlices`: a multiple of 3, encoded in about a millisecond without a host's encoder. */
const SLICE = 3 * 2 ** 16;

/** Called between slices; may return a promise, which is awaited. */
export type Rest = () => void | Promise<void>;

/** Encodes bytes that may move between slices, but keep their values. Throws as `encode` does, and errors of `rest`. */
export async function encodeInSlices(bytes: () => Uint8Array, rest: Rest): Promise<string> {
  const { length } = bytes();
  let text = "";
  for (let from = 0; from < length; from += SLICE) {
    const part = encode(bytes().subarray(from, from + SLICE));
    try {
      text += part;
    } catch (cause) {
      throw tooLong(length, cause);
    }
    const wait = rest();
    if (wait !== undefined) await wait;
  }
  return text;
}

/** Returns the error for numbers whose text is too long for a string of the host. */
function tooLong(bytes: number, cause: unknown): GraphError {
  const why = `${bytes} bytes of numbers are too many for a text in this host`;
  return new GraphError("unsupported", `${why}: write the graph with \`save\`, as bytes.`, { cause });
}

/** Encodes bytes without the host's encoder. */
export function encodePlain(bytes: Uint8Array): string {
  let text = "";
  for (let from = 0; from < bytes.length; from += PIECE) {
    const piece = bytes.subarray(from, from + PIECE);
    const letters = new Array<number>(encodedLength(piece.length));
    for (let i = 0, to = 0; i < piece.length; i += 3) {
      const word = (piece[i]! << 16) | ((piece[i + 1] ?? 0) << 8) | (piece[i + 2] ?? 0);
      letters[to++] = codes[word >> 18]!;
      letters[to++] = codes[(word >> 12) & 63]!;
      letters[to++] = i + 1 < piece.length ? codes[(word >> 6) & 63]! : PAD;
      letters[to++] = i + 2 < piece.length ? codes[word & 63]! : PAD;
    }
    text += String.fromCharCode(...letters);
  }
  return text;
}

/** Returns the length of the text of `bytes` bytes. */
export function encodedLength(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

/** Returns the number of bytes of a text. */
export function decodedLength(text: string): number {
  return (text.length / 4) * 3 - (text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0);
}

/** Decodes a text into `bytes`. Returns whether it is the canonical text of so many bytes. */
export function decode(text: string, bytes: Uint8Array): boolean {
  if (text.length !== encodedLength(bytes.length)) return false;
  const whole = bytes.length - (bytes.length % 3);
  let wrong = 0;
  let to = 0;
  let at = 0;
  for (; to < whole; at += 4, to += 3) {
    const [a, b, c, d] = [
      text.charCodeAt(at),
      text.charCodeAt(at + 1),
      text.charCodeAt(at + 2),
      text.charCodeAt(at + 3),
    ];
    const word =
      (values[a & 127]! << 18) | (values[b & 127]! << 12) | (values[c & 127]! << 6) | values[d & 127]!;
    wrong |= word | -((a | b | c | d) & ~127); // negative if a letter is outside the alphabet
    bytes[to] = word >> 16;
    bytes[to + 1] = word >> 8;
    bytes[to + 2] = word;
  }
  if (wrong < 0) return false;
  if (to === bytes.length) return true;
  // One or two bytes are left: their letters, padded, whose unused bits are 0.
  const left = bytes.length - to;
  const end = at + left + 1;
  const last = new Uint8Array(3);
  const isPadded = text.slice(end) === "==".slice(left - 1);
  if (!isPadded || !decode(text.slice(at, end) + "AA".slice(left - 1), last) || last[left] !== 0)
    return false;
  bytes.set(last.subarray(0, left), to);
  return true;
}
