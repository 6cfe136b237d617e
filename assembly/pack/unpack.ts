// The decoder of the packed core, a module of its own. What pack.js wrote is earlier bytes copied (as in LZ77), and each choice
// in bits, by the odds that the bit's context had so far (a binary range coder, as in LZMA). The text has 6 bits to a character.

import { Character, Context, Part, Rate } from "./context";

// Of each context the odds of a 0, quick to follow and slow: their mean counts.
const SLOW: usize = Context.count * 2;

/** Where the text goes; the bytes come behind it. */
export const text: usize = Context.count * 4;

let next: usize = text;
let code: u32 = 0;
let range: u32 = 1 << 30;

function take(): void {
  const character = <u32>load<u8>(next++);
  code = (code << 6) | (character - Character.first - u32(character > <u32>Character.backslash));
}

@inline
function follow(at: usize, one: bool, rate: u32): void {
  const odds = <u32>load<u16>(at);
  store<u16>(at, one ? odds - (odds >> rate) : odds + ((65535 - odds) >> rate));
}

function bit(context: u32): u32 {
  const at = <usize>context << 1;
  const bound = (range >> 12) * ((<u32>load<u16>(at) + load<u16>(at, SLOW)) >> 5);
  const one = code >= bound;
  code -= one ? bound : 0;
  range = one ? range - bound : bound;
  follow(at, one, Rate.quick);
  follow(at + SLOW, one, Rate.slow);
  for (; range < 1 << 24; range <<= 6) take();
  return u32(one);
}

/** `count` bits from the highest on, each in the context of those before; a 1 before them all. */
function tree(context: u32, count: u32): u32 {
  let value: u32 = 1;
  for (; count > 0; count--) value = value * 2 + bit(context + value);
  return value;
}

/** A number from 1 up: how many bits follow the highest, and these. */
function number(context: u32): u32 {
  const bits = tree(context, 5) - 32;
  const high = min<u32>(bits, 3);
  let value = tree(context + Part.high + bits * 8, high);
  for (let k = bits - high; k > 0; k--) value = value * 2 + bit(context + Part.low + k);
  return value;
}

/** Puts `size` bytes to where `out` is, behind the text. */
export function unpack(out: usize, size: usize): void {
  for (let at: usize = 0; at < text; at += 2) store<u16>(at, 32768);
  for (let k = 0; k < 5; k++) take();
  let past: u32 = 0; // of the last two, which were copies
  let distance: u32 = 1;
  for (const end = out + size; out < end; ) {
    if (bit(Context.copy + past)) {
      let length: u32;
      if (bit(Context.again + past)) {
        length = number(Context.more);
      } else {
        length = number(Context.length) + 1;
        distance = number(Context.distance + 256 * min<u32>(length - 2, 3));
      }
      for (; length > 0; length--) {
        store<u8>(out, load<u8>(out - distance));
        out++;
      }
      past = (past * 2 + 1) & 3;
    } else {
      store<u8>(out, tree(Context.byte + 256 * (<u32>load<u8>(out - 1) >> 5), 8));
      out++;
      past = (past * 2) & 3;
    }
  }
}
