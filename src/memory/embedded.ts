// The core that the build has put into this module, in packed text: what predicting needs is unpacked and compiled at once, the
// rest when it is first called.

import type { Precision } from "../base/precision.js";
import { instance } from "./host.js";

/** Where a module's bytes begin and end. */
type Place = readonly [from: number, to: number];

/**
 * Put here by the build: the modules of the cores, packed in one text (assembly/pack/unpack.ts tells how), where each is of its
 * bytes, what the rest of a core exports, and the bytes of the module that unpacks them. Undefined in plexus-nn/slim.
 */
declare const packed:
  | ({ readonly text: string; readonly unpacker: readonly number[] } & {
      readonly [P in Precision]: {
        readonly first: Place;
        readonly rest: Place;
        readonly names: readonly string[];
      };
    })
  | undefined;

/** Returns what a core exports, which fetches its rest by itself; undefined where none is embedded. Throws `no-wasm`. */
export function embedded(precision: Precision): Record<string, unknown> | undefined {
  if (packed === undefined) return undefined;
  const parts = packed[precision];
  const first = instance(unpacked(parts.first));
  const call: Record<string, unknown> = { ...first };
  for (const name of parts.names) {
    call[name] = (...given: readonly number[]) => {
      Object.assign(call, instance(unpacked(parts.rest), { first }));
      unpacker = undefined;
      return (call[name] as (...given: readonly number[]) => number)(...given);
    };
  }
  return call;
}

/** A small module that unpacks: it has the text, and then the bytes, in its memory. Kept until a core is whole. */
let unpacker: Unpacker | undefined;

/** What assembly/pack/unpack.ts exports. */
interface Unpacker {
  readonly memory: WebAssembly.Memory;
  /** Where the text goes. */
  readonly text: WebAssembly.Global;
  /** Begins to put bytes to a place behind the text and 8 zeros. */
  begin(at: number): void;
  /** Puts the bytes up to the place `end`. */
  unpack(end: number): void;
}

/** A module's bytes. */
function unpacked([from, to]: Place): Uint8Array<ArrayBuffer> {
  const { text } = packed!;
  const at = text.length + 8;
  // Only one that is ready is kept: what fails here begins anew.
  unpacker ??= ready(text, at);
  const bytes = new Uint8Array(unpacker.memory.buffer as ArrayBuffer, unpacker.text.value);
  unpacker.unpack(to);
  return bytes.subarray(at + from, at + to);
}

function ready(text: string, at: number): Unpacker {
  const made = instance(Uint8Array.from(packed!.unpacker)) as unknown as Unpacker;
  const bytes = new Uint8Array(made.memory.buffer as ArrayBuffer, made.text.value);
  // It is ASCII. Not every host has the encoder, which is faster.
  if (typeof TextEncoder === "function") new TextEncoder().encodeInto(text, bytes);
  else for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  made.begin(bytes.byteOffset + at);
  return made;
}
