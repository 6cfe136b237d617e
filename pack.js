// Packs the compiled core into a text that gzips to three quarters of what the core itself does. assembly/pack/unpack.ts has
// the other half of each function, and tells how it works. What is here alone is the choice: the cheapest way through all
// bytes, by what its parts were found to cost in the round before.

/** @typedef {{ length: number, distance: number }} Piece a byte where `distance` is 0, else a copy */
/** @typedef {(context: number, bit: number) => void} Emit */
/** @typedef {Record<"copy" | "again" | "byte" | "length" | "more" | "distance" | "count", number>} Contexts */
/** @typedef {{ Context: Contexts, Part: { high: number, low: number }, Rate: { quick: number, slow: number },
 *   Character: { first: number, backslash: number } }} Format assembly/pack/context.ts */

/** A table, each place of which is known to be in it. @type {(count: number, fill?: number) => any} */
const table = (count, fill = 0) => new Float64Array(count).fill(fill);

const ROUNDS = 4;
/** Earlier places to look at for a copy. */
const LOOKS = 1000;
/** Bytes of a copy, at most. */
const LONGEST = 1024;

/** The text that `unpack` makes the bytes of. @type {(bytes: Uint8Array, format: Format) => string} */
export function pack(bytes, format) {
  const { Context: context, Part: part } = format;
  /** @type {(emit: Emit, at: number, count: number, value: number) => void} */
  const tree = (emit, at, count, value) => {
    for (let node = 1; count-- > 0; ) {
      const bit = (value >> count) & 1;
      emit(at + node, bit);
      node = node * 2 + bit;
    }
  };
  /** @type {(emit: Emit, at: number, value: number) => void} */
  const number = (emit, at, value) => {
    const bits = 31 - Math.clz32(value);
    const high = Math.min(bits, 3);
    tree(emit, at, 5, bits);
    tree(emit, at + part.high + bits * 8, high, value >> (bits - high));
    for (let k = bits - high; k-- > 0; ) emit(at + part.low + 1 + k, (value >> k) & 1);
  };
  /** @type {(emit: Emit, at: number) => void} */
  const byte = (emit, at) => tree(emit, context.byte + 256 * ((bytes[at - 1] ?? 0) >> 5), 8, bytes[at] ?? 0);
  /** @type {(emit: Emit, piece: Piece) => void} */
  const copy = (emit, { length, distance }) => {
    number(emit, context.length, length - 1);
    number(emit, context.distance + 256 * Math.min(length - 2, 3), distance);
  };

  /** @type {(emit: Emit, pieces: Piece[]) => void} */
  const write = (emit, pieces) => {
    let past = 0;
    let last = 1;
    let at = 0;
    for (const piece of pieces) {
      emit(context.copy + past, piece.distance === 0 ? 0 : 1);
      if (piece.distance === 0) {
        byte(emit, at);
      } else {
        const again = piece.distance === last;
        emit(context.again + past, again ? 1 : 0);
        if (again) number(emit, context.more, piece.length);
        else copy(emit, piece);
        last = piece.distance;
      }
      past = (past * 2 + (piece.distance === 0 ? 0 : 1)) & 3;
      at += piece.length;
    }
  };

  /** The cheapest pieces, by what a bit costs in a context. @param {(context: number, bit: number) => number} price */
  const cheapest = (price) => {
    /** @type {Map<number, number>} */
    const known = new Map();
    /** What the writing of something costs; `key` is something's own. @type {(key: number, write: (emit: Emit) => void) => number} */
    const priceOf = (key, write) => {
      let sum = known.get(key) ?? 0;
      if (sum > 0) return sum;
      write((context, bit) => {
        sum += price(context, bit);
      });
      known.set(key, sum);
      return sum;
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
      const [past, last, here] = [pasts[at], lasts[at], cost[at]];
      reach(
        at,
        1,
        0,
        here +
          price(context.copy + past, 0) +
          priceOf(-1 - ((bytes[at] ?? 0) | ((bytes[at - 1] ?? 0) << 8)), (emit) => byte(emit, at)),
      );
      const copied = here + price(context.copy + past, 1);
      const again = copied + price(context.again + past, 1);
      const most = Math.min(LONGEST, size - at);
      for (let n = 1; n <= most && bytes[at + n - 1] === bytes[at + n - 1 - last]; n++) {
        reach(at, n, last, again + priceOf(n, (emit) => number(emit, context.more, n)));
      }
      const other = copied + price(context.again + past, 0);
      let length = 2;
      for (const found of copies[at] ?? []) {
        for (; length <= found.length; length++) {
          const piece = { length, distance: found.distance };
          if (piece.distance !== last) {
            reach(
              at,
              length,
              piece.distance,
              other + priceOf((length * 2 + 1) * 2 ** 32 + piece.distance, (emit) => copy(emit, piece)),
            );
          }
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
  /** @type {(context: number, bit: number) => number} */
  let price = (at) => (at < context.length ? 1 : 1.5);
  /** @type {Piece[]} */
  let pieces = [];
  for (let round = 0; round < ROUNDS; round++) {
    pieces = cheapest(price);
    const [zeros, ones] = [table(context.count, 0.4), table(context.count, 0.4)];
    write((at, bit) => (bit ? ones : zeros)[at]++, pieces);
    price = (at, bit) => -Math.log2((bit ? ones : zeros)[at] / (zeros[at] + ones[at]));
  }
  const coder = rangeCoder(format);
  write(coder.emit, pieces);
  return coder.end();
}

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

/** @param {Format} format */
function rangeCoder({ Context: { count }, Rate: rate, Character: { first, backslash } }) {
  const quick = table(count, 32768);
  const slow = quick.slice();
  /** @type {(odds: any, at: number, bit: number, rate: number) => void} */
  const follow = (odds, at, bit, rate) => {
    odds[at] += bit ? -(odds[at] >> rate) : (65535 - odds[at]) >> rate;
  };
  /** Six bits each. @type {number[]} */
  const out = [];
  let low = 0; // below 2^31: what is above 2^30 is a carry into what was put out
  let range = 2 ** 30;
  const shift = () => {
    if (low >= 2 ** 30) {
      let last = out.length - 1;
      for (; out[last] === 63; last--) out[last] = 0;
      out[last] = (out[last] ?? 0) + 1;
    }
    out.push((low >> 24) & 63);
    low = (low & (2 ** 24 - 1)) << 6;
  };
  return {
    /** @type {Emit} */
    emit(at, bit) {
      const bound = (range >>> 12) * ((quick[at] + slow[at]) >> 5);
      if (bit) low += bound;
      range = bit ? range - bound : bound;
      follow(quick, at, bit, rate.quick);
      follow(slow, at, bit, rate.slow);
      for (; range < 2 ** 24; range *= 64) shift();
    },
    end() {
      for (let k = 0; k < 5; k++) shift();
      return String.fromCharCode(...out.map((six) => first + six + (first + six < backslash ? 0 : 1)));
    },
  };
}
