// Packs the compiled modules into a text that gzips to three fifths of what they themselves do. assembly/pack/unpack.ts has
// the other half of each function, and tells how it works. Only the choice is made here: the cheapest way through all bytes,
// by the costs of the round before.

/** @typedef {{ length: number, distance: number }} Piece a byte where `distance` is 0, else a copy */
/** @typedef {{ symbol: (table: number, symbol: number) => void, plain: (bits: number, value: number) => void }} Writer */
/** @typedef {{ Table: Record<"piece" | "distance" | "width" | "count", number>,
 *   Before: Record<"get" | "set" | "constant" | "lanes" | "small" | "one" | "half" | "whole" | "number", number>,
 *   Width: { count: number, bits: number }, Code: Record<"copy" | "again" | "pieces" | "distances", number>, Slot: { bits: number },
 *   Range: Record<"parts" | "least", number>, Character: { first: number, backslash: number } }} Format
 *   assembly/pack/context.ts */

/** A table, each place of which is known to be in it. @type {(count: number, fill?: number) => any} */
const table = (count, fill = 0) => new Float64Array(count).fill(fill);

const ROUNDS = 8;
/** Earlier places to look at for a copy. */
const LOOKS = 1000;
/** Bytes of a copy, at most. */
const LONGEST = 1024;
/** Symbols of a table, at most. */
const SYMBOLS = 512;
/** Count of a symbol that a round has not seen. */
const UNSEEN = 0.2;

/** The text that `unpack` makes the bytes of. @type {(bytes: Uint8Array, format: Format) => string} */
export function pack(bytes, format) {
  const { Table, Before, Code, Slot } = format;

  /** A number's slot, and how many of its bits are not told by it. @type {(value: number) => [slot: number, rest: number]} */
  const slotOf = (value) => {
    const bits = 31 - Math.clz32(value);
    const rest = Math.max(0, bits - Slot.bits);
    return [bits * 4 + ((value >> rest) & (bits < Slot.bits ? bits : 3)), rest];
  };
  /** `Before` of a byte. @type {(byte: number) => number} */
  const kindOf = (byte) => {
    if (byte < 0x20) return byte === 1 ? Before.one : Before.small;
    if (byte < 0x23) return byte === 0x20 ? Before.get : Before.set;
    if (byte === 0x41) return Before.constant;
    return byte === 0xfd ? Before.lanes : byte < 0x80 ? Before.half : Before.whole;
  };
  /** The table of the piece at a place. @type {(at: number) => number} */
  const pieceTable = (at) => {
    const before = bytes[at - 1] ?? 0;
    const kind = kindOf(bytes[at - 2] ?? 0);
    const ofNumber = kind >= Before.get && kind <= Before.constant;
    return Table.piece + (ofNumber ? Before.number + (before >> 5) : kindOf(before));
  };
  /** @type {(length: number) => number} */
  const distanceTable = (length) => Table.distance + Math.min(length - 2, 3);

  /** @type {(writer: Writer, pieces: Piece[]) => void} */
  const write = ({ symbol, plain }, pieces) => {
    /** @type {(table: number, first: number, value: number) => void} */
    const number = (table, first, value) => {
      const [slot, rest] = slotOf(value);
      symbol(table, first + slot);
      plain(rest, value & (2 ** rest - 1));
    };
    let last = 1;
    let at = 0;
    for (const { length, distance } of pieces) {
      const table = pieceTable(at);
      if (distance === 0) {
        symbol(table, bytes[at] ?? 0);
      } else if (distance === last) {
        number(table, Code.again, length);
      } else {
        number(table, Code.copy, length);
        number(distanceTable(length), 0, distance);
      }
      last = distance || last;
      at += length;
    }
  };

  /** The cheapest pieces, by the bits that a symbol costs. @param {(table: number, symbol: number) => number} price */
  const cheapest = (price) => {
    /** @type {(table: number, first: number, value: number) => number} */
    const priceOf = (table, first, value) => {
      const [slot, rest] = slotOf(value);
      return price(table, first + slot) + rest;
    };
    const size = bytes.length;
    const cost = table(size + 1, Infinity);
    const [lengths, distances, lasts] = [table(size + 1), table(size + 1), table(size + 1)];
    /** @type {(from: number, length: number, distance: number, sum: number) => void} */
    const reach = (from, length, distance, sum) => {
      const to = from + length;
      if (sum >= cost[to]) return;
      cost[to] = sum;
      lengths[to] = length;
      distances[to] = distance;
      lasts[to] = distance || lasts[from];
    };
    cost[0] = 0;
    lasts[0] = 1;
    for (let at = 0; at < size; at++) {
      const [own, last, here] = [pieceTable(at), lasts[at], cost[at]];
      reach(at, 1, 0, here + price(own, bytes[at] ?? 0));
      const most = Math.min(LONGEST, size - at);
      for (let n = 1; n <= most && bytes[at + n - 1] === bytes[at + n - 1 - last]; n++) {
        reach(at, n, last, here + priceOf(own, Code.again, n));
      }
      let length = 2;
      for (const found of copies[at] ?? []) {
        for (; length <= found.length; length++) {
          if (found.distance === last) continue;
          const sum = here + priceOf(own, Code.copy, length);
          reach(at, length, found.distance, sum + priceOf(distanceTable(length), 0, found.distance));
        }
      }
    }
    /** @type {Piece[]} */
    const pieces = [];
    for (let at = size; at > 0; at -= lengths[at])
      pieces.push({ length: lengths[at], distance: distances[at] });
    return pieces.reverse();
  };

  const copies = longer(bytes);
  /** @type {(table: number, symbol: number) => number} */
  let price = (at) => (at < Table.distance ? 8 : 4);
  /** @type {Piece[]} */
  let pieces = [];
  let seen = table(0);
  for (let round = 0; round < ROUNDS; round++) {
    pieces = cheapest(price);
    const counts = table(Table.count * SYMBOLS);
    write({ symbol: (at, one) => counts[at * SYMBOLS + one]++, plain: () => {} }, pieces);
    const sums = Array.from({ length: Table.count }, (_, at) => total(counts, at) + UNSEEN);
    price = (at, one) => -Math.log2((counts[at * SYMBOLS + one] || UNSEEN) / (sums[at] ?? 1));
    seen = counts;
  }
  return coded(seen, (writer) => write(writer, pieces), format);
}

/** The sum of a table's numbers. @type {(counts: any, at: number) => number} */
const total = (counts, at) =>
  counts
    .subarray(at * SYMBOLS, (at + 1) * SYMBOLS)
    .reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b, 0);

/** Of each place the copies that could begin there, each longer, and from farther, than the one before. @param {Uint8Array} bytes */
function longer(bytes) {
  const newest = table(65536, -1);
  const older = table(bytes.length);
  return Array.from(bytes, (byte, at) => {
    /** @type {Piece[]} */
    const found = [];
    const pair = byte | ((bytes[at + 1] ?? 0) << 8);
    const room = Math.min(LONGEST, bytes.length - at);
    let most = 1;
    for (let from = newest[pair], looks = LOOKS; from >= 0 && most < room && looks > 0; looks--) {
      let length = bytes[from + most] === bytes[at + most] ? 2 : 0;
      while (length > 0 && length < room && bytes[from + length] === bytes[at + length]) length++;
      if (length > most) {
        most = length;
        found.push({ length, distance: at - from });
      }
      from = older[from];
    }
    older[at] = newest[pair];
    newest[pair] = at;
    return found;
  });
}

/**
 * The text of what is written by the tables of what was counted. The last symbol is coded first, for what is coded last is read
 * first.
 * @param {any} counts
 * @param {(writer: Writer) => void} write
 * @param {Format} format
 */
function coded(counts, write, { Table, Code, Width, Range, Character: { first, backslash } }) {
  const whole = 2 ** Range.parts;
  const parts = table(Table.count * SYMBOLS);
  for (let at = Table.piece; at < Table.count; at++) scale(counts, parts, at, whole);
  /** Returns the code of a number of a table: how many bits it has, then all but the highest. */
  const widthOf = (/** @type {number} */ at) => 32 - Math.clz32(parts[at]);
  /** @type {(writer: Writer, at: number) => void} */
  const writeRest = ({ plain }, at) => {
    const rest = Math.max(0, widthOf(at) - 1);
    plain(rest, parts[at] & (2 ** rest - 1));
  };
  /** @type {(writer: Writer) => void} */
  const writeTables = (writer) => {
    let before = 0;
    for (let at = Table.piece; at < Table.count; at++) {
      for (let one = 0; one < (at < Table.distance ? Code.pieces : Code.distances); one++) {
        const width = widthOf(at * SYMBOLS + one);
        writer.symbol(Table.width + Math.min(before, 1), width);
        before = width;
        writeRest(writer, at * SYMBOLS + one);
      }
    }
  };
  const widths = table(Table.count * SYMBOLS);
  writeTables({ symbol: (at, one) => widths[at * SYMBOLS + one]++, plain: () => {} });
  for (let at = Table.width; at < Table.piece; at++) scale(widths, parts, at, whole);
  /** Where each symbol's parts begin. */
  const from = table(Table.count * SYMBOLS);
  for (let at = 0; at < from.length; at++) from[at] = at % SYMBOLS === 0 ? 0 : from[at - 1] + parts[at - 1];

  /** Parts, and where they begin, out of a power of 2. @type {[parts: number, from: number, power: number][]} */
  const steps = [];
  /** @type {Writer} */
  const writer = {
    symbol: (at, one) => steps.push([parts[at * SYMBOLS + one], from[at * SYMBOLS + one], Range.parts]),
    plain: (bits, value) => steps.push([1, value, bits]),
  };
  for (let at = Table.width; at < Table.piece; at++) {
    for (let one = at * SYMBOLS; one < at * SYMBOLS + Width.count; one++) {
      writer.plain(Width.bits, widthOf(one));
      writeRest(writer, one);
    }
  }
  writeTables(writer);
  write(writer);

  /** 16 bits each, the last first. @type {number[]} */
  const out = [];
  let state = 2 ** Range.least;
  const shift = () => {
    out.push(state % 65536);
    state = Math.floor(state / 65536);
  };
  for (const [count, start, power] of steps.reverse()) {
    while (state >= 2 ** (32 - power) * count) shift();
    state = Math.floor(state / count) * 2 ** power + (state % count) + start;
  }
  shift();
  shift();
  // A word's lower half is read first, and the state's is.
  const [high = 0, low = 0, ...rest] = out.reverse();
  const words = new Uint8Array(Uint16Array.of(low, high, ...rest, 0).buffer);
  let text = "";
  for (let at = 0; at + 2 < words.length; at += 3) {
    const [a = 0, b = 0, c = 0] = words.subarray(at, at + 3);
    for (const six of [a & 63, (a >> 6) | ((b & 15) << 2), (b >> 4) | ((c & 3) << 4), c >> 2]) {
      text += String.fromCharCode(first + six + (first + six < backslash ? 0 : 1));
    }
  }
  return text;
}

/**
 * Makes what was counted in a table parts of a whole, at least one of each; what rounding leaves is the largest ones'.
 * @type {(counts: any, parts: any, at: number, whole: number) => void}
 */
function scale(counts, parts, at, whole) {
  const sum = total(counts, at);
  if (sum === 0) return;
  const own = parts.subarray(at * SYMBOLS, (at + 1) * SYMBOLS);
  for (let one = 0; one < SYMBOLS; one++) {
    const count = counts[at * SYMBOLS + one];
    own[one] = count && Math.max(1, Math.round((count / sum) * whole));
  }
  for (let left = whole - total(parts, at); left !== 0; left -= Math.sign(left)) {
    own[own.indexOf(Math.max(...own))] += Math.sign(left);
  }
}
