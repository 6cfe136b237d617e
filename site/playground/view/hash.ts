// The address of a sketch: all of it lies behind the #.

import { refusalOf } from "../model/refusal.ts";
import { decode, encode } from "../model/link.ts";
import type { Sketch } from "../model/sketch.ts";
import type { Refusal } from "../work/message.ts";

const PREFIX = "#g=";
/** Most characters of an address that is written by itself; a longer one is made where it is asked for. */
const MOST = 8000;

/** Returns the part of an address for a sketch; undefined where it is long and not asked for. */
export async function toHash(sketch: Sketch, isAsked = false): Promise<string | undefined> {
  const hash = PREFIX + (await encode(sketch));
  return isAsked || hash.length <= MOST ? hash : undefined;
}

/** Returns the sketch of an address, or the refusal of a damaged one; undefined if the address has none. */
export async function fromHash(
  hash: string,
): Promise<{ readonly sketch: Sketch } | { readonly refusal: Refusal } | undefined> {
  if (!hash.startsWith(PREFIX)) return undefined;
  try {
    return { sketch: await decode(hash.slice(PREFIX.length)) };
  } catch (error) {
    return { refusal: refusalOf(error) };
  }
}
