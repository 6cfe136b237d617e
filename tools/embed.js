// Writes modules of WebAssembly as text: one character for each of the common bytes, two for each of the others. tools/README.md
// has the figures of this form beside other forms. src/memory/embedded.ts reads it.

import binaryen from "binaryen";

/** The characters of a text: ASCII, without those that some tool escapes or replaces: " ' ` \ $ <. */
const characters = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).filter(
  (character) => !`"'\`\\$<`.includes(character),
);
/** Characters that begin a pair. */
const begins = characters.splice(-2);

/**
 * Returns the text of each module, and which bytes are common: `1` at their places of 256. Codes of one character are those of
 * common bytes, ascending, and pairs those of the others: similar instructions have similar codes, which compress better.
 * @param {readonly Uint8Array[]} modules
 */
export function embed(modules) {
  const counts = new Uint32Array(256);
  for (const module of modules) for (const byte of module) counts[byte] = (counts[byte] ?? 0) + 1;
  const byCount = [...counts.keys()].sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || a - b);
  const common = new Set(byCount.slice(0, characters.length));
  const order = [...counts.keys()].sort((a, b) => Number(common.has(b)) - Number(common.has(a)) || a - b);
  const codes = ["", ...begins].flatMap((begin) => characters.map((character) => begin + character));
  const codeOf = new Map(order.map((byte, i) => [byte, codes[i]]));
  const texts = modules.map((module) => Array.from(module, (byte) => codeOf.get(byte)).join(""));
  return {
    characters: characters.join(""),
    common: Array.from({ length: 256 }, (_, byte) => Number(common.has(byte))).join(""),
    decoder: decoder(Math.max(...texts.map(({ length }) => length))),
    texts,
  };
}

/** Most characters of a slice: gzip finds repetitions within 32 kB. */
const SLICE = 16_000;

/**
 * Cuts texts into equally many slices. Returns the first slice of each text, then the second of each, and so on. Cores of two
 * precisions are alike, and gzip sees the same place of both at once.
 * @param {readonly string[]} texts
 */
export function interleave(texts) {
  const count = Math.ceil(Math.max(...texts.map(({ length }) => length)) / SLICE);
  return Array.from({ length: count }, (_, i) =>
    texts.map((text) =>
      text.slice(Math.round((i / count) * text.length), Math.round(((i + 1) / count) * text.length)),
    ),
  );
}

/**
 * Returns the bytes of a module that turns codes into bytes in place. A loop of JavaScript takes 1 to 2 ms more, before the host
 * compiles it. 128 bytes for each beginning of a code lie before the text: none, `}` (125), `~`.
 * @param {number} length of the longest text
 */
function decoder(length) {
  const pages = Math.ceil((3 * 128 + length) / 2 ** 16);
  const module = binaryen.parseText(`(module
    (memory (export "memory") ${pages})
    (func (export "decode") (param $from i32) (param $end i32) (result i32) (local $to i32) (local $code i32)
      (local.set $to (local.get $from))
      (block $done (loop $next
        (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
        (local.set $code (i32.load8_u (local.get $from)))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (if (i32.gt_u (local.get $code) (i32.const 124)) (then
          (local.set $code (i32.add
            (i32.shl (i32.sub (local.get $code) (i32.const 124)) (i32.const 7))
            (i32.load8_u (local.get $from))))
          (local.set $from (i32.add (local.get $from) (i32.const 1)))))
        (i32.store8 (local.get $to) (i32.load8_u (local.get $code)))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (br $next)))
      (local.get $to)))`);
  return [...module.emitBinary()];
}
