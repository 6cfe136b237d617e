// The cores of a thread. A core for threads imports its memory: one of its own, or one that a team shares. All threads of a team
// have a module of the same bytes, so that a host compiles and optimizes it once. Its data is written by the first thread, and
// not by the module, which would write it again over the numbers of a run.

import type { Precision } from "../../base/precision.js";
import { embeddedBytes } from "../../memory/embedded.js";
import { instance } from "../../memory/host.js";

/** Sections of a module. */
const IMPORTS = 2;
const DATA_COUNT = 12;
const DATA = 11;

/** The last bytes of the import of a memory: its name, its kind, and the flag of a shared memory with a maximum. */
const shared = [..."memory"].map((character) => character.charCodeAt(0)).concat(2, 3);

const PAGE = 65536;

/** The memory of the next core; a new one that nobody shares if there is none. */
let next: WebAssembly.Memory | undefined;

/** Has the next core take a memory that threads share. */
export function shareNext(memory: WebAssembly.Memory | undefined): void {
  next = memory;
}

/** Returns the exports of a core. Throws `no-wasm`. */
export function embedded(precision: Precision): Record<string, unknown> {
  const bytes = embeddedBytes(precision)!;
  const memory = next;
  next = undefined;
  const { flag, initial } = importOf(bytes);
  if (memory === undefined) bytes[flag] = 1;
  const own = memory ?? new WebAssembly.Memory({ initial, maximum: PAGE });
  const { module, data } = split(bytes);
  for (const { place, content } of data) new Uint8Array(own.buffer).set(content, place);
  return { ...instance(module, { env: { memory: own } }), memory: own };
}

/** Makes a core in a memory that another thread has laid out. Throws `no-wasm`. */
export function attached(precision: Precision, memory: WebAssembly.Memory): Record<string, unknown> {
  return instance(split(embeddedBytes(precision)!).module, { env: { memory } });
}

/** Returns the least pages of a core's memory. */
export function leastPages(precision: Precision): number {
  return importOf(embeddedBytes(precision)!).initial;
}

/** Returns the place of the flag of the imported memory, and its least pages, which a byte has. */
function importOf(bytes: Uint8Array): { flag: number; initial: number } {
  for (const [id, from, end] of sections(bytes)) {
    if (id !== IMPORTS) continue;
    for (let at = from; at < end; at++) {
      const flag = at + shared.length - 1;
      if (shared.every((byte, i) => bytes[at + i] === byte)) return { flag, initial: bytes[flag + 1]! };
    }
  }
  throw new Error("The core imports no memory.");
}

/** Returns a module without its data, and the data with its places in memory. */
function split(bytes: Uint8Array<ArrayBuffer>) {
  const kept: Uint8Array[] = [bytes.subarray(0, 8)];
  const data: { readonly place: number; readonly content: Uint8Array }[] = [];
  let at = 8;
  for (const [id, from, end] of sections(bytes)) {
    if (id === DATA) data.push(...segments(bytes, from));
    else if (id !== DATA_COUNT) kept.push(bytes.subarray(at, end));
    at = end;
  }
  const module = new Uint8Array(kept.reduce((sum, { length }) => sum + length, 0));
  let to = 0;
  for (const part of kept) {
    module.set(part, to);
    to += part.length;
  }
  return { module, data };
}

/** Yields the segments of a section of data. Each is of the kind 0, with its place as a constant: 0, 65, place, 11. */
function* segments(bytes: Uint8Array, from: number) {
  let [count, at] = numberAt(bytes, from);
  for (; count > 0; count--) {
    const [place, next] = numberAt(bytes, at + 2);
    const [size, content] = numberAt(bytes, next + 1);
    at = content + size;
    yield { place, content: bytes.subarray(content, at) };
  }
}

/** Yields the sections of a module: their number, and where their content begins and ends. */
function* sections(bytes: Uint8Array): Iterable<readonly [id: number, from: number, end: number]> {
  for (let at = 8; at < bytes.length; ) {
    const id = bytes[at]!;
    const [size, from] = numberAt(bytes, at + 1);
    at = from + size;
    yield [id, from, at];
  }
}

/** Reads a number of LEB128 that is not negative. Returns it, and the place behind it. */
function numberAt(bytes: Uint8Array, at: number): [number: number, behind: number] {
  let number = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]!;
    number |= (byte & 127) << shift;
    if (byte < 128) return [number, at];
  }
}
