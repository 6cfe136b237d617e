// The address of a sketch: all of it lies behind the #.

import { linkOf, sketchOfLink } from "../model/link.ts";
import { type Refusal, refusalOf } from "../model/refusal.ts";
import type { Sketch } from "../model/sketch.ts";

/** Most characters that are written to the address by themselves; longer ones are made where they are asked for. */
const MOST = 8000;

/** Returns the part of an address for a sketch; undefined where it is long. */
export async function toHash(sketch: Sketch): Promise<string | undefined> {
  try {
    const hash = `#${await linkOf(sketch)}`;
    return hash.length <= MOST ? hash : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the sketch of an address, or the refusal of a damaged one; undefined if the address has none. */
export async function fromHash(
  hash: string,
): Promise<{ readonly sketch: Sketch } | { readonly refusal: Refusal } | undefined> {
  if (!/^#\d+\./.test(hash)) return undefined;
  try {
    return { sketch: await sketchOfLink(hash) };
  } catch (error) {
    return { refusal: refusalOf(error) };
  }
}
