// A sketch as the text behind the # of a link: JSON, deflated, in the alphabet of URLs, behind the number of this form.

import { fromBase64Url, toBase64Url } from "./base64.ts";
import { readSketch } from "./read.ts";
import { Refused } from "./refusal.ts";
import type { Sketch } from "./sketch.ts";

const FORM = "1.";

/** Most characters of a link, beyond which programs cut it, and most bytes of the sketch in it. */
export const LONGEST = 32_000;
const MOST_BYTES = 8e6;
const OVERFULL = "The link holds more than a sketch can have.";

/** Returns the bytes of a stream, at most some. */
async function collect(stream: ReadableStream<Uint8Array>, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    parts.push(value);
    length += value.length;
    if (length > most) {
      await reader.cancel();
      throw new Refused("bad-link", OVERFULL);
    }
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Returns bytes behind a transform. */
function piped(bytes: Uint8Array<ArrayBuffer>, through: CompressionStream | DecompressionStream) {
  return collect(new Blob([bytes]).stream().pipeThrough(through), MOST_BYTES);
}

/** Returns the part of a sketch that has the longest text, for people. */
function longest({ data, start = "", changes, layers, synapses }: Sketch): string {
  const texts: readonly (readonly [name: string, value: unknown])[] = [
    ["a large graph", [layers, synapses]],
    [data.kind === "table" ? "the whole table" : "the whole text", data],
    [`${changes.length.toLocaleString("en")} changes of settings`, changes],
    ["the parameters of an opened file", start],
  ];
  const lengths = texts.map(([, value]) => JSON.stringify(value).length);
  return texts[lengths.indexOf(Math.max(...lengths))]![0];
}

/** Returns the refusal of a sketch that is too large for a link. */
function tooLarge(sketch: Sketch, found: string, most: string): Refused {
  const why = `since it holds ${longest(sketch)}; ${most} are the most`;
  return new Refused("bad-link", `The link would have ${found}, ${why}. Save the sketch as a file.`);
}

/** Returns the text of a link, without the #. Throws `bad-link` where it would be too long, or could not be read. */
export async function linkOf(sketch: Sketch): Promise<string> {
  readSketch(sketch);
  const bytes = new TextEncoder().encode(JSON.stringify(sketch));
  if (bytes.length > MOST_BYTES) {
    throw tooLarge(sketch, `${Math.ceil(bytes.length / 1e6)} MB of data`, `${MOST_BYTES / 1e6} MB`);
  }
  const packed = await piped(bytes, new CompressionStream("deflate-raw"));
  const text = FORM + toBase64Url(packed);
  if (text.length <= LONGEST) return text;
  throw tooLarge(sketch, `${Math.ceil(text.length / 1000)},000 characters`, `${LONGEST / 1000},000`);
}

/** Returns the sketch of a link's text, with or without the #. Throws `bad-link` with the cause. */
export async function sketchOfLink(link: string): Promise<Sketch> {
  const text = link.replace(/^#/, "");
  if (!text.startsWith(FORM)) {
    const isNewer = /^\d+\./.test(text);
    const why = isNewer ? "it is of a newer playground" : "its beginning is missing";
    throw new Refused("bad-link", `The link can't be read: ${why}.`);
  }
  if (text.length > 2 * MOST_BYTES) throw new Refused("bad-link", OVERFULL);
  let json: unknown;
  try {
    const packed = fromBase64Url(text.slice(FORM.length));
    const bytes = await piped(packed, new DecompressionStream("deflate-raw"));
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused(
      "bad-link",
      "The link can't be read: a part of it is missing or changed. Copy it as a whole.",
    );
  }
  return readSketch(json);
}
