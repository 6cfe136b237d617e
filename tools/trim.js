// Makes a compiled core smaller; its results stay the same.

import binaryen from "binaryen";

/** Zeros between two pieces of data up to which one segment has both: a segment takes 7 bytes, which compress badly. */
const GAP = 16;

/** Sections of a module. */
const CUSTOM = 0;
const DATA = 11;
const DATA_COUNT = 12;

/**
 * Returns a module without the runtime's collector, which it exports and nobody calls, and with few segments of data. Locals are
 * numbered by their use, which compresses better.
 * @param {Uint8Array} bytes
 */
export function trim(bytes) {
  const module = binaryen.readBinary(bytes);
  for (const { name } of WebAssembly.Module.exports(new WebAssembly.Module(Uint8Array.from(bytes))))
    if (name.startsWith("__")) module.removeExport(name);
  module.runPasses(["remove-unused-module-elements", "reorder-locals"]);
  const trimmed = module.emitBinary();
  module.dispose();
  return joinSegments(trimmed);
}

/**
 * Returns a module whose data lies in as few segments as `GAP` allows. The optimizer cuts data at every zero, since it counts bytes
 * before compression.
 * @param {Uint8Array} module whose segments are all active, at constant places
 */
function joinSegments(module) {
  const reader = new Reader(module, 8);
  const parts = [...module.subarray(0, 8)];
  while (reader.at < module.length) {
    const from = reader.at;
    const id = reader.byte();
    const end = reader.unsigned() + reader.at;
    // The count of segments is for instructions that the core doesn't have.
    if (id === DATA)
      parts.push(...section(DATA, joined(segmentsOf(reader).filter((segment) => !isMessage(segment)))));
    else if (id !== DATA_COUNT && id !== CUSTOM) parts.push(...module.subarray(from, end));
    reader.at = end;
  }
  return Uint8Array.from(parts);
}

/** @typedef {{ place: number, data: number[] }} Segment its address in memory, and its bytes */

/** Reads the segments of a data section. @param {Reader} reader @returns {Segment[]} */
function segmentsOf(reader) {
  return Array.from({ length: reader.unsigned() }, () => {
    // Kind 0: active, in the only memory, at i32.const (65) place end (11).
    if (reader.byte() !== 0 || reader.byte() !== 65) throw new Error("a segment is at no constant place");
    const place = reader.signed();
    if (reader.byte() !== 11) throw new Error("a segment's place is no constant");
    return { place, data: reader.bytes(reader.unsigned()) };
  });
}

/**
 * Returns whether a segment is a string of the runtime: its class 2, its length in bytes, and ASCII in UTF-16. They are messages for
 * `abort`, which reads none.
 * @param {Segment} segment
 */
function isMessage({ data: [id, b, c, d, length = 0, ...rest] }) {
  const isClass = id === 2 && b === 0 && c === 0 && d === 0 && rest.length > 3;
  return isClass && rest.length - 3 >= length - 1 && rest.every((byte, i) => i % 2 === 1 || byte === 0);
}

/** Joins segments with few zeros between, and writes them. @param {Segment[]} segments */
function joined(segments) {
  /** @type {Segment[]} */
  const found = [];
  for (const { place, data } of segments) {
    const last = found.at(-1);
    const gap = last === undefined ? Number.POSITIVE_INFINITY : place - last.place - last.data.length;
    if (last === undefined || gap < 0 || gap > GAP) found.push({ place, data: [...data] });
    else last.data.push(...new Array(gap).fill(0), ...data);
  }
  const written = found.flatMap(({ place, data }) => [
    ...[0, 65, ...signed(place), 11, ...unsigned(data.length)],
    ...data,
  ]);
  return [...unsigned(found.length), ...written];
}

/** @param {number} id @param {number[]} content */
function section(id, content) {
  return [id, ...unsigned(content.length), ...content];
}

/** Writes a number as LEB128. @param {number} value @returns {number[]} */
function unsigned(value) {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

/** Writes a number that may be negative as LEB128. @param {number} value @returns {number[]} */
function signed(value) {
  const isLast = value >= -64 && value < 64;
  return isLast ? [value & 127] : [(value & 127) | 128, ...signed(value >> 7)];
}

/** Reads a module's bytes from a place on. */
class Reader {
  /** @param {Uint8Array} module @param {number} at */
  constructor(module, at) {
    this.module = module;
    this.at = at;
  }

  byte() {
    return this.module[this.at++] ?? 0;
  }

  /** @param {number} count */
  bytes(count) {
    const from = this.at;
    this.at += count;
    return [...this.module.subarray(from, this.at)];
  }

  /** Reads a number of LEB128. */
  unsigned() {
    const { value } = this.#number();
    return value >>> 0;
  }

  /** Reads a number of LEB128 that may be negative. */
  signed() {
    const { value, bits } = this.#number();
    return bits < 32 ? (value << (32 - bits)) >> (32 - bits) : value;
  }

  #number() {
    let value = 0;
    let bits = 0;
    let byte = 128;
    while (byte & 128) {
      byte = this.byte();
      value |= (byte & 127) << bits;
      bits += 7;
    }
    return { value, bits };
  }
}
