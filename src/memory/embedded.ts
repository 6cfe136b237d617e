// The cores that the build embeds in this module as text, written by tools/embed.js.

import type { Precision } from "../base/precision.js";
import { instance } from "./host.js";

/**
 * Set by the build; undefined in plexus-nn/slim. The bytes with a `1` in `common` are written as `characters`, in this order.
 * The others are pairs, which begin with `}`, and then with `~`. `decoder` is a module that decodes such texts. Each of
 * `slices` has a part of every core's text, in the order of `precisions`.
 */
declare const embeddedCores:
  | {
      readonly characters: string;
      readonly common: string;
      readonly decoder: readonly number[];
      readonly precisions: readonly Precision[];
      readonly slices: readonly (readonly string[])[];
    }
  | undefined;

/** Exports of the decoder. */
interface Decoder {
  readonly memory: WebAssembly.Memory;
  /** Decodes the text between two addresses to bytes, in place. Returns their end. */
  decode(from: number, end: number): number;
}

/** Address of the text. Before it, 128 bytes for each beginning of a code: none, `}`, `~`. */
const TEXT = 3 * 128;

/** Returns the exports of an embedded core; undefined if none is embedded. Throws `no-wasm`. */
export function embedded(precision: Precision): Record<string, unknown> | undefined {
  const bytes = embeddedBytes(precision);
  return bytes && { ...instance(bytes) };
}

/** Returns the bytes of an embedded core; undefined if none is embedded. Throws `no-wasm`. */
export function embeddedBytes(precision: Precision): Uint8Array<ArrayBuffer> | undefined {
  const at = embeddedCores?.precisions.indexOf(precision) ?? -1;
  return at < 0 ? undefined : bytesOf(embeddedCores!.slices.map((slice) => slice[at]).join(""));
}

/** Returns the bytes of a module's text. Throws `no-wasm`. */
function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const { characters, common, decoder } = embeddedCores!;
  const { memory, decode } = instance(Uint8Array.from(decoder)) as unknown as Decoder;
  const bytes = new Uint8Array(memory.buffer as ArrayBuffer);
  const all = Array.from(common, (_, byte) => byte);
  const order = ["1", "0"].flatMap((isCommon) => all.filter((byte) => common[byte] === isCommon));
  order.forEach((byte, i) => {
    const begin = Math.floor(i / characters.length);
    bytes[begin * 128 + characters.charCodeAt(i % characters.length)] = byte;
  });
  // The host's encoder is faster, but not every host has one.
  if (typeof TextEncoder === "function") new TextEncoder().encodeInto(text, bytes.subarray(TEXT));
  else for (let i = 0; i < text.length; i++) bytes[TEXT + i] = text.charCodeAt(i);
  return bytes.subarray(TEXT, decode(TEXT, TEXT + text.length));
}
