// What pack.js and unpack.ts agree on.

/** Tables of symbols: how often each comes. */
export const enum Table {
  /** Of `Piece`; by which of the last two were copies. */
  piece = 0,
  /** A byte, by the three highest bits of the one before. */
  byte = 4,
  /** The slot of a copy's length, less 1. */
  length = 12,
  /** That of the length of a copy from as far as the last. */
  more = 13,
  /** That of how far a copy is from, by its length: 2, 3, 4, more. */
  distance = 14,
  /** How many bits a number of the tables above has; by whether the one before has any. */
  width = 18,
  count = 20,
}

/** How many bits a number of a table has is less than `count`, and told in `bits` bits where no table tells it. */
export const enum Width {
  count = 13,
  bits = 4,
}

export const enum Piece {
  byte,
  copy,
  /** A copy from as far as the last. */
  again,
}

/** A number's slot is how many bits follow its highest, times 4, and the first two of these; the others are read as they are. */
export const enum Slot {
  bits = 2,
}

/** Numbers of a table are parts of 2^11; what is read is at least 2^24, and takes in 6 bits at a time. */
export const enum Range {
  parts = 11,
  least = 24,
  taken = 6,
}

/** The text's characters: the 64 from # on, without the backslash. */
export const enum Character {
  first = 35,
  backslash = 92,
}
