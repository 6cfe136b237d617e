// The decoder of the packed modules, a module of its own. tools/pack.js encodes bytes and copies of earlier bytes (as in LZ77) as
// symbols, by their frequencies (range asymmetric numeral systems: Jarek Duda, arXiv:1311.2540, 2013).
//
// All of this runs once, before the host optimizes it. V8 optimizes a function on another thread when it has run through 1.8 MB
// of its machine code. On one core that costs 1.6 ms, three times the unpacking of a module that predicts. So few instructions
// are run, and the function that runs most exists eight times, each for some of the bytes.

import { Before, Character, Code, Range, Slot, Table, Width } from "./context";

/** Table of `Before` for each byte. */
const BEFORE: usize = 0;
/**
 * For each part of each table: its symbol in 9 bits, the number of the symbol's parts in 12 bits, and the first of them.
 */
const PARTS: usize = 256;
const PART_BITS = Range.parts + 2;

/**
 * For each slot of a length, a length with the last distance, a distance: the number without uncoded bits, and above bit 24
 * their count.
 */
const NUMBERS: usize = PARTS + (Table.count << PART_BITS) + 16;
const AGAIN = NUMBERS + ((Code.again - Code.copy) << 2);
const DISTANCES = NUMBERS + ((Code.pieces - Code.copy) << 2);

/** Pointer of the text; the bytes lie behind it. */
export const text: usize = DISTANCES + (Code.distances << 2);

/** Pointer of the next input, and the state of the decoder. */
let next: usize = text + 4;
let state: u32 = 0;
/** Pointers of the first and of the next byte of output, and the distance of the last copy. */
let first: usize = 0;
let to: usize = 0;
let distance: usize = 1;

/** Decodes the text in place: four characters are three bytes. */
function readText(end: usize): void {
  for (let from = text, to = text; from < end; from += 8, to += 6) {
    let six = load<u64>(from) - 0x0101010101010101 * Character.first;
    six -= ((six + 0x0101010101010101 * (128 - Character.backslash + Character.first)) >> 7) & 0x0101010101010101;
    six = (six & 0x003f003f003f003f) | ((six & 0x3f003f003f003f00) >> 2);
    six = (six & 0x00000fff00000fff) | ((six & 0x0fff00000fff0000) >> 4);
    store<u64>(to, (six & 0xffffff) | ((six >> 32) << 24));
  }
}

/** Fills the tables of slots and of `Before`. */
function prepare(): void {
  for (let slot: u32 = 0; slot < <u32>Code.distances; slot++) {
    const bits = slot >> Slot.bits, head = min<u32>(bits, Slot.bits), rest = bits - head;
    const number = (rest << 24) | (((1 << head) | (slot & 3)) << rest);
    store<u32>(DISTANCES + (slot << 2), number);
    if (slot >= <u32>Code.again - Code.copy) continue;
    store<u32>(NUMBERS + (slot << 2), number);
    store<u32>(AGAIN + (slot << 2), number);
  }
  memory.fill(BEFORE, <u8>Before.whole, 256);
  memory.fill(BEFORE, <u8>Before.half, 128);
  memory.fill(BEFORE, <u8>Before.small, 32);
  store<u8>(BEFORE + 1, Before.one);
  store<u8>(BEFORE + 0x20, Before.get);
  store<u16>(BEFORE + 0x21, Before.set * 0x101);
  store<u8>(BEFORE + 0x41, Before.constant);
  store<u8>(BEFORE + 0xfd, Before.lanes);
}

/** Reads 16 bits into the state, if there is room. */
@inline
function take(): void {
  if (state >= 1 << Range.least) return;
  state = (state << 16) | load<u16>(next);
  next += 2;
}

/** Reads `bits` bits that are not coded. */
function plain(bits: u32): u32 {
  const value = state & ((1 << bits) - 1);
  state >>= bits;
  take();
  return value;
}

/** Reads how many bits the next number of a table has, after a number of `width` bits. */
@inline
function widthAfter(width: u32): u32 {
  const low = state & ((1 << Range.parts) - 1);
  const entry = load<u32>(PARTS + (min<u32>(width, 1) << PART_BITS) + (low << 2));
  state = ((entry >> 9) & 0xfff) * (state >> Range.parts) + low - (entry >> 21);
  take();
  return entry & 0x1ff;
}

/** Reads how many parts a symbol of a table has, a number of `width` bits, and fills them. Returns the first part behind them. */
function share(table: u32, symbol: u32, from: u32, width: u32): u32 {
  const parts = (1 << (width - 1)) | plain(width - 1);
  const entry = <u64>(symbol | (parts << 9) | (from << 21)) * 0x100000001;
  let at = PARTS + (table << PART_BITS) + (from << 2);
  // The last two stores may reach beyond them, into the parts of the next symbol or table.
  for (const end = at + (parts << 2); at < end; at += 16) {
    store<u64>(at, entry);
    store<u64>(at, entry, 8);
  }
  return from + parts;
}

/** Reads all tables. */
function readTables(): void {
  for (let table: u32 = 0; table < <u32>Table.piece; table++) {
    for (let symbol: u32 = 0, from: u32 = 0; symbol < <u32>Width.count; symbol++) {
      const width = plain(Width.bits);
      if (width) from = share(table, symbol, from, width);
    }
  }
  let width: u32 = 0;
  for (let table: u32 = Table.piece; table < <u32>Table.count; table++) {
    const count: u32 = table < <u32>Table.distance ? Code.pieces : Code.distances;
    for (let symbol: u32 = 0, from: u32 = 0; symbol < count; symbol++) {
      width = widthAfter(width);
      if (width) from = share(table, symbol, from, width);
    }
  }
}

/** Returns the table of the next piece. */
@inline
function pieceTable(to: usize): usize {
  const before = <u32>load<u8>(to - 1), kind = <u32>load<u8>(BEFORE + load<u8>(to - 2));
  if (kind - Before.get <= <u32>Before.constant - Before.get) return Table.piece + Before.number + (before >> 5);
  return Table.piece + <u32>load<u8>(BEFORE + before);
}

/** Copies from less than 8 bytes before, so that bytes repeat. */
function repeat(to: usize, end: usize, distance: usize): void {
  for (; to < end; to++) store<u8>(to, load<u8>(to - distance));
}

/** Writes the bytes up to a place, from where the last call ended. All is in local variables. */
@inline
function put(place: usize): void {
  let code = state, from = next, out = to, far = distance;
  for (const end = first + place; out < end; ) {
    let low = code & ((1 << Range.parts) - 1);
    let entry = load<u32>(PARTS + (pieceTable(out) << PART_BITS) + (low << 2));
    code = ((entry >> 9) & 0xfff) * (code >> Range.parts) + low - (entry >> 21);
    if (code < 1 << Range.least) {
      code = (code << 16) | load<u16>(from);
      from += 2;
    }
    const symbol = entry & 0x1ff;
    if (symbol < <u32>Code.copy) {
      store<u8>(out++, symbol);
      continue;
    }
    let number = load<u32>(NUMBERS + ((symbol - Code.copy) << 2)), rest = number >> 24;
    const length: usize = (number & 0xffffff) + (code & ((1 << rest) - 1));
    code >>= rest;
    if (symbol < <u32>Code.again) {
      if (code < 1 << Range.least) {
        code = (code << 16) | load<u16>(from);
        from += 2;
      }
      low = code & ((1 << Range.parts) - 1);
      entry = load<u32>(PARTS + ((Table.distance + min<u32>(<u32>length - 2, 3)) << PART_BITS) + (low << 2));
      code = ((entry >> 9) & 0xfff) * (code >> Range.parts) + low - (entry >> 21);
      if (code < 1 << Range.least) {
        code = (code << 16) | load<u16>(from);
        from += 2;
      }
      number = load<u32>(DISTANCES + ((entry & 0x1ff) << 2));
      rest = number >> 24;
      far = (number & 0xffffff) + (code & ((1 << rest) - 1));
      code >>= rest;
    }
    if (code < 1 << Range.least) {
      code = (code << 16) | load<u16>(from);
      from += 2;
    }
    const stop = out + length;
    if (far < 8) repeat(out, stop, far);
    else for (; out < stop; out += 8) store<u64>(out, load<u64>(out - far));
    out = stop;
  }
  state = code;
  next = from;
  to = out;
  distance = far;
}

/** Bytes that each function writes, which keeps its work below that limit. The last function writes all others. */
const SHARE = 9344;
function put1(end: usize): void { put(min(end, SHARE)); }
function put2(end: usize): void { put(min(end, 2 * SHARE)); }
function put3(end: usize): void { put(min(end, 3 * SHARE)); }
function put4(end: usize): void { put(min(end, 4 * SHARE)); }
function put5(end: usize): void { put(min(end, 5 * SHARE)); }
function put6(end: usize): void { put(min(end, 6 * SHARE)); }
function put7(end: usize): void { put(min(end, 7 * SHARE)); }
function put8(end: usize): void { put(end); }

/** Prepares to write bytes at `out`, behind the text and 8 zeros. */
export function begin(out: usize): void {
  readText(out);
  store<u16>(out - 2, 0); // before all bytes
  prepare();
  state = load<u32>(text);
  readTables();
  to = first = out;
}

/** Writes the bytes up to the place `end`, if they are not written yet. */
export function unpack(end: usize): void {
  put1(end);
  put2(end);
  put3(end);
  put4(end);
  put5(end);
  put6(end);
  put7(end);
  put8(end);
}
