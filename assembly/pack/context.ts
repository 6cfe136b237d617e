// The packed format: constants of tools/pack.js and unpack.ts.

/** Tables of the frequencies of symbols. */
export const enum Table {
  /** Bits of a number of the other tables; the second table follows a number that has bits. */
  width = 0,
  /** A byte or the slot of a copy's length, by `Before`. */
  piece = 2,
  /** Slot of a copy's distance, by its length: 2, 3, 4, more. */
  distance = 18,
  count = 22,
}

/** Symbols of a piece are bytes and, above these, slots of a copy's length. Symbols of a distance are slots, too. */
export const enum Code {
  copy = 256,
  /** Slot of the length of a copy with the last distance. */
  again = 304,
  pieces = 352,
  distances = 80,
}

/** Widths of numbers of tables: below `count`, and of `bits` bits where they are not coded by a table. */
export const enum Width {
  count = 13,
  bits = 4,
}

/** A number's slot: the count of bits below its highest, times 4, plus the first two of these. The other bits are not coded. */
export const enum Slot {
  bits = 2,
}

/** Frequencies are parts of 2^11. The state is at least 2^16, and takes in 16 bits at a time. */
export const enum Range {
  parts = 11,
  least = 16,
}

/** Characters of the text: the 64 from # on, without the backslash. Four characters are three bytes. */
export const enum Character {
  first = 35,
  backslash = 92,
}

/**
 * The table of a piece, by the two bytes before. After local.get, local.set, local.tee or i32.const with its number, the number
 * selects the table; elsewhere the last byte does.
 */
export const enum Before {
  /** The last byte, below 0x20, is 1, or is not. */
  small,
  one,
  /** It is 0x20; 0x21 or 0x22; 0x41. */
  get,
  set,
  constant,
  /** It is 0xfd, which begins an instruction of SIMD. */
  lanes,
  /** It is below 0x80, or is not. */
  half,
  whole,
  /** It is the number of a `get`, `set` or `constant`: from here on, by its three highest bits. */
  number,
}
