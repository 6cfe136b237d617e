// Handwritten digits of MNIST (LeCun, Cortes, Burges), of which site/tools/digits.ts writes some to a file.

import type { Lesson, Rows } from "../model/lesson.ts";
import { Refused } from "../model/refusal.ts";
import { deal } from "./rows.ts";

/** Points on a side of an image. */
export const SIDE = 28;
const PIXELS = SIDE * SIDE;

/** A file of digits: their number in 4 bytes, their classes, then a byte for each pixel; all deflated. */
interface Digits {
  readonly count: number;
  readonly labels: Uint8Array;
  readonly pixels: Uint8Array;
}

/** Fetches the file of digits. */
async function fetched(): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(new URL("./digits.bin", import.meta.url));
  if (!response.ok)
    throw new Refused("bad-data", `The digits can't be fetched: ${response.status} ${response.statusText}.`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Inflates a file of digits. Throws `bad-data` where it is none. */
async function readDigits(file: Uint8Array<ArrayBuffer>): Promise<Digits> {
  const stream = new Blob([file]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const count = new DataView(bytes.buffer).getUint32(0, true);
  if (bytes.length !== 4 + count * (1 + PIXELS))
    throw new Refused("bad-data", "The file of digits is damaged.");
  return { count, labels: bytes.subarray(4, 4 + count), pixels: bytes.subarray(4 + count) };
}

let kept: Promise<Digits> | undefined;

/** Returns the digits, fetched once. A failed fetch is tried again by the next call. */
function all(fetchFile: () => Promise<Uint8Array<ArrayBuffer>>): Promise<Digits> {
  kept ??= fetchFile()
    .then(readDigits)
    .catch((error) => {
      kept = undefined;
      throw error;
    });
  return kept;
}

/** Returns the lesson of the first `count` digits, which are of all classes in turn. */
export async function digits(
  count: number,
  share: number,
  seed: number,
  fetchFile: () => Promise<Uint8Array<ArrayBuffer>> = fetched,
): Promise<Lesson> {
  const { labels, pixels, count: most } = await all(fetchFile);
  const { training, heldOut } = deal(Math.max(10, Math.min(count, most)), share, seed);
  const pick = (places: readonly number[]): Rows => {
    const image = new Float64Array(places.length * PIXELS);
    const digit = new Float64Array(places.length * 10);
    for (const [row, place] of places.entries()) {
      const [from, to] = [place * PIXELS, row * PIXELS];
      for (let at = 0; at < PIXELS; at++) image[to + at] = pixels[from + at]! / 255;
      digit[row * 10 + labels[place]!] = 1;
    }
    return { count: places.length, xs: { image }, ts: { digit } };
  };
  return {
    inputs: [{ name: "image", size: PIXELS, shape: [SIDE, SIDE, 1], labels: [] }],
    outputs: [{ name: "digit", size: 10, goal: "classes", labels: Array.from("0123456789") }],
    training: pick(training),
    heldOut: pick(heldOut),
    scalers: {},
    bounds: Array.from({ length: PIXELS }, () => [0, 1] as const),
  };
}
