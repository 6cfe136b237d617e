// Packs the compiled core into a text that gzips to five sixths of what the core itself does. assembly/pack/unpack.ts has
// the other half of each function, and tells how it works. What is here alone is the choice: the cheapest way through all
// bytes, by what its parts were found to cost in the round before.

/** @typedef {{ length: number, distance: number }} Piece a byte where `distance` is 0, else a copy */
/** @typedef {{ symbol: (table: number, symbol: number) => void, plain: (bits: number, value: number) => void }} Writer */
/** @typedef {{ Table: Record<"piece" | "byte" | "length" | "more" | "distance" | "width" | "count", number>,
 *   Width: { count: number, bits: number }, Piece: Record<"byte" | "copy" | "again", number>, Slot: { bits: number },
 *   Range: Record<"parts" | "least" | "taken", number>, Character: { first: number, backslash: number } }} Format
 *   assembly/pack/context.ts */

/** A table, each place of which is known to be in it. @type {(count: number, fill?: number) => any} */
const table = (count, fill = 0) => new Float64Array(count).fill(fill);

const ROUNDS = 8;
/** Earlier places to look at for a copy. */
const LOOKS = 1000;
/** Bytes of a copy, at most. */
const LONGEST = 1024;
/** Symbols of a table. */
const SYMBOLS = 256;
/** What a symbol counts that a round has not seen. */
const UNSEEN = 0.2;

/** The text that `unpack` makes the bytes of. @type {(bytes: Uint8Array, format: Format) => string} */
export function pack(bytes, format) {
  const { Table, Piece, Slot } = format;

  /** A number's slot, and how many of its bits are not told by it. @type {(value: number) => [slot: number, rest: number]} */
  const slotOf = (value) => {
    const bits = 31 - Math.clz32(value);
    const rest = Math.max(0, bits - Slot.bits);
    return [bits * 4 + ((value >> rest) & (bits < Slot.bits ? bits : 3)), rest];
  };
  /** @type {(at: number) => number} */
  const byteTable = (at) => Table.byte + ((bytes[at - 1] ?? 0) >> 5);
  /** @type {(length: number) => number} */
  const distanceTable = (length) => Table.distance + Math.min(length - 2, 3);

  /** @type {(writer: Writer, pieces: Piece[]) => void} */
  const write = ({ symbol, plain }, pieces) => {
    /** @type {(table: number, value: number) => void} */
    const number = (table, value) => {
      const [slot, rest] = slotOf(value);
      symbol(table, slot);
      plain(rest, value & (2 ** rest - 1));
    };
    let past = 0;
    let last = 1;
    let at = 0;
    for (const { length, distance } of pieces) {
      const again = distance === last;
      symbol(Table.piece + past, distance === 0 ? Piece.byte : again ? Piece.again : Piece.copy);
      if (distance === 0) {
        symbol(byteTable(at), bytes[at] ?? 0);
      } else if (again) {
        number(Table.more, length);
      } else {
        number(Table.length, length - 1);
        number(distanceTable(length), distance);
      }
      last = distance || last;
      past = (past * 2 + (distance ? 1 : 0)) & 3;
      at += length;
    }
  };

  /** The cheapest pieces, by the bits that a symbol costs. @param {(table: number, symbol: number) => number} price */
  const cheapest = (price) => {
    /** @type {(table: number, value: number) => number} */
    const priceOf = (table, value) => {
      const [slot, rest] = slotOf(value);
      return price(table, slot) + rest;
    };
    const size = bytes.length;
    const cost = table(size + 1, Infinity);
    const [lengths, distances] = [table(size + 1), table(size + 1)];
    const [lasts, pasts] = [table(size + 1), table(size + 1)];
    /** @type {(from: number, length: number, distance: number, sum: number) => void} */
    const reach = (from, length, distance, sum) => {
      const to = from + length;
      if (sum >= cost[to]) return;
      cost[to] = sum;
      lengths[to] = length;
      distances[to] = distance;
      lasts[to] = distance || lasts[from];
      pasts[to] = (pasts[from] * 2 + (distance ? 1 : 0)) & 3;
    };
    cost[0] = 0;
    lasts[0] = 1;
    for (let at = 0; at < size; at++) {
      const [past, last, here] = [Table.piece + pasts[at], lasts[at], cost[at]];
      reach(at, 1, 0, here + price(past, Piece.byte) + price(byteTable(at), bytes[at] ?? 0));
      const again = here + price(past, Piece.again);
      const most = Math.min(LONGEST, size - at);
      for (let n = 1; n <= most && bytes[at + n - 1] === bytes[at + n - 1 - last]; n++) {
        reach(at, n, last, again + priceOf(Table.more, n));
      }
      const other = here + price(past, Piece.copy);
      let length = 2;
      for (const found of copies[at] ?? []) {
        for (; length <= found.length; length++) {
          if (found.distance === last) continue;
          const sum = other + priceOf(Table.length, length - 1);
          reach(at, length, found.distance, sum + priceOf(distanceTable(length), found.distance));
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
  let price = (at) => (at < Table.byte ? 1 : at < Table.length ? 7 : 4);
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
function coded(counts, write, { Table, Width, Range, Character: { first, backslash } }) {
  const whole = 2 ** Range.parts;
  const parts = table(Table.count * SYMBOLS);
  for (let at = 0; at < Table.width; at++) scale(counts, parts, at, whole);
  /** What tells a number of a table: how many bits it has, then all but the highest. */
  const widthOf = (/** @type {number} */ at) => 32 - Math.clz32(parts[at]);
  /** @type {(writer: Writer, at: number) => void} */
  const writeRest = ({ plain }, at) => {
    const rest = Math.max(0, widthOf(at) - 1);
    plain(rest, parts[at] & (2 ** rest - 1));
  };
  /** @type {(writer: Writer) => void} */
  const writeTables = (writer) => {
    let before = 0;
    for (let at = 0; at < Table.width * SYMBOLS; at++) {
      writer.symbol(Table.width + Math.min(before, 1), widthOf(at));
      before = widthOf(at);
      writeRest(writer, at);
    }
  };
  const widths = table(Table.count * SYMBOLS);
  writeTables({ symbol: (at, one) => widths[at * SYMBOLS + one]++, plain: () => {} });
  for (let at = Table.width; at < Table.count; at++) scale(widths, parts, at, whole);
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
  for (let at = Table.width; at < Table.count; at++) {
    for (let one = at * SYMBOLS; one < at * SYMBOLS + Width.count; one++) {
      writer.plain(Width.bits, widthOf(one));
      writeRest(writer, one);
    }
  }
  writeTables(writer);
  write(writer);

  /** Six bits each, the last first. @type {number[]} */
  const out = [];
  let state = 2 ** Range.least;
  const shift = () => {
    out.push(state % 2 ** Range.taken);
    state = Math.floor(state / 2 ** Range.taken);
  };
  for (const [count, start, power] of steps.reverse()) {
    while (state >= 2 ** (Range.least + Range.taken - power) * count) shift();
    state = Math.floor(state / count) * 2 ** power + (state % count) + start;
  }
  for (let k = 0; k < 5; k++) shift();
  return String.fromCharCode(...out.reverse().map((six) => first + six + (first + six < backslash ? 0 : 1)));
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
