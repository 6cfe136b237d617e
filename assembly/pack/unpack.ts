// The decoder of the packed core, a module of its own. What pack.js wrote is earlier bytes copied (as in LZ77), and each choice a
// symbol, by how often it comes in a table (range asymmetric numeral systems: Jarek Duda, arXiv:1311.2540, 2013). The text has 6
// bits to a character. A symbol costs some ten instructions, for all of this runs before the host optimizes it.

import { Character, Piece, Range, Slot, Table, Width } from "./context";

/** Of each table the symbol of each of its parts; of each symbol where its parts begin, and above 16 bits how many it has. */
const SYMBOLS: usize = 0;
const PARTS: usize = Table.count << Range.parts;

/** Where the text goes; the bytes come behind it. */
export const text: usize = PARTS + Table.count * 1024;

let next: usize = text;
/** What was read of the text and not used yet. */
let state: u32 = 0;

@inline
function take(): void {
  const character = <u32>load<u8>(next++);
  state = (state << Range.taken) | (character - Character.first - u32(character > <u32>Character.backslash));
}

function symbol(table: u32): u32 {
  const low = state & ((1 << Range.parts) - 1);
  const found = <u32>load<u8>(SYMBOLS + (table << Range.parts) + low);
  const parts = load<u32>(PARTS + (table << 10) + (found << 2));
  state = (parts >> 16) * (state >> Range.parts) + low - (parts & 0xffff);
  while (state < 1 << Range.least) take();
  return found;
}

/** `bits` bits as they are. */
function plain(bits: u32): u32 {
  const value = state & ((1 << bits) - 1);
  state >>= bits;
  while (state < 1 << Range.least) take();
  return value;
}

/** A number from 1 up. */
function number(table: u32): u32 {
  const slot = symbol(table);
  const bits = slot >> Slot.bits, first = min<u32>(bits, Slot.bits);
  return (((1 << first) | (slot & 3)) << (bits - first)) | plain(bits - first);
}

/** Gives the next symbol of a table its parts, a number of `width` bits; gives where those of the one after begin. */
function share(table: u32, one: u32, from: u32, width: u32): u32 {
  const parts = width ? (1 << (width - 1)) | plain(width - 1) : 0;
  store<u32>(PARTS + (table << 10) + (one << 2), from | (parts << 16));
  memory.fill(SYMBOLS + (table << Range.parts) + from, <u8>one, parts);
  return from + parts;
}

function readTables(): void {
  for (let table = <i32>Table.width; table < Table.count; table++) {
    for (let one = 0, from: u32 = 0; one < Width.count; one++) from = share(table, one, from, plain(Width.bits));
  }
  let width: u32 = 0;
  for (let table = 0; table < Table.width; table++) {
    for (let one: u32 = 0, from: u32 = 0; one < 256; one++) {
      width = symbol(Table.width + min<u32>(width, 1));
      from = share(table, one, from, width);
    }
  }
}

/** Puts `size` bytes to where `out` is, behind the text. */
export function unpack(out: usize, size: usize): void {
  for (let k = 0; k < 5; k++) take();
  readTables();
  let past: u32 = 0; // of the last two, which were copies
  let distance: u32 = 1;
  for (const end = out + size; out < end; ) {
    const piece = symbol(Table.piece + past);
    past = (past << 1) & 3;
    if (piece == Piece.byte) {
      store<u8>(out, symbol(Table.byte + (<u32>load<u8>(out - 1) >> 5)));
      out++;
      continue;
    }
    past |= 1;
    let length: u32;
    if (piece == Piece.again) {
      length = number(Table.more);
    } else {
      length = number(Table.length) + 1;
      distance = number(Table.distance + min<u32>(length - 2, 3));
    }
    for (; length > 0; length--) {
      store<u8>(out, load<u8>(out - distance));
      out++;
    }
  }
}
