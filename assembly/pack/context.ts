// What pack.js and unpack.ts agree on.

/** Contexts of bits: each has its own odds. Of a number's 256, 32 are for its length, then 8 for each length's highest bits. */
export const enum Context {
  /** A copy, and not a byte; by whether the last two were. */
  copy = 0,
  /** A copy from as far as the last; by the same. */
  again = 4,
  /** A byte, by the three highest bits of the one before. */
  byte = 256,
  /** The length of a copy, less 1. */
  length = 2304,
  /** The length of a copy from as far as the last. */
  more = 2560,
  /** How far a copy is from, by its length: 2, 3, 4, more. */
  distance = 2816,
  count = 3840,
}

/** Of a number, the low bits' contexts begin here. */
export const enum Part {
  high = 32,
  low = 192,
}

/** Odds are parts of 65536; they move by these parts of what was wrong: 2^-4, 2^-7. */
export const enum Rate {
  quick = 4,
  slow = 7,
}

/** The text's characters: the 64 from # on, without the backslash. */
export const enum Character {
  first = 35,
  backslash = 92,
}
