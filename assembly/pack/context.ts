// What tools/pack.js and unpack.ts agree on.

/** Tables of symbols: how often each comes. */
export const enum Table {
  /** How many bits a number of the other tables has; by whether the one before has any. */
  width = 0,
  /** Of a byte or the slot of a copy's length, by `Before`. */
  piece = 2,
  /** Of the slot of how far a copy is from, by its length: 2, 3, 4, more. */
  distance = 18,
  count = 22,
}

/** A symbol of a piece is a byte or, above these, the slot of a copy's length; that of a distance is a slot, too. */
export const enum Code {
  copy = 256,
  /** Of a copy from as far as the last. */
  again = 304,
  pieces = 352,
  distances = 80,
}

/** How many bits a number of a table has is less than `count`, and told in `bits` bits where no table tells it. */
export const enum Width {
  count = 13,
  bits = 4,
}

/** A number's slot is how many bits follow its highest, times 4, and the first two of these; the others are read as they are. */
export const enum Slot {
  bits = 2,
}

/** Numbers of a table are parts of 2^11; what is read is at least 2^16, and takes in 16 bits at a time. */
export const enum Range {
  parts = 11,
  least = 16,
}

/** The text's characters: the 64 from # on, without the backslash. Four of them are three bytes. */
export const enum Character {
  first = 35,
  backslash = 92,
}

/**
 * The table of a piece, by the two bytes before. After local.get, local.set, local.tee or i32.const and its number an instruction
 * comes, and the number tells which; elsewhere the last byte tells what comes.
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
