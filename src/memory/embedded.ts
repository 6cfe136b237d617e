// The cores that the build has put into this module as text, which tools/embed.js wrote.

import type { Precision } from "../base/precision.js";
import { instance } from "./host.js";

/**
 * Put here by the build; undefined in plexus-nn/slim. A byte of `order` has the character at its place in `characters`. Where there
 * are no more, it has a pair, which `}` begins, and then `~`.
 */
declare const embeddedCores:
  | ({ readonly characters: string; readonly order: readonly number[] } & {
      readonly [P in Precision]?: string;
    })
  | undefined;

/** Code of the last character that is a byte alone; the two after it begin a pair. */
const LAST = 124;

/** Returns what a core exports; undefined where none is embedded. Throws `no-wasm`. */
export function embedded(precision: Precision): Record<string, unknown> | undefined {
  if (embeddedCores === undefined) return undefined;
  const text = embeddedCores[precision];
  return text === undefined ? undefined : { ...instance(bytesOf(text)) };
}

/** Returns the bytes of a module's text. */
function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const { characters, order } = embeddedCores!;
  // 128 bytes for each beginning of a code: none, `}`, `~`.
  const values = new Uint8Array(3 * 128);
  order.forEach((byte, i) => {
    const begin = Math.floor(i / characters.length);
    values[begin * 128 + characters.charCodeAt(i % characters.length)] = byte;
  });
  // The characters become the bytes in place. The host's encoder is faster, and not every host has one.
  const bytes =
    typeof TextEncoder === "function"
      ? new TextEncoder().encode(text)
      : Uint8Array.from(text, (character) => character.charCodeAt(0));
  const { length } = bytes;
  let count = 0;
  for (let i = 0; i < length; i++) {
    let code = bytes[i]!;
    if (code > LAST) code = (code - LAST) * 128 + bytes[++i]!;
    bytes[count++] = values[code]!;
  }
  return bytes.subarray(0, count);
}
