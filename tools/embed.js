// Writes modules of WebAssembly as text: one character for each of the common bytes, two for each of the others. tools/README.md
// has the figures of this form beside other forms. src/memory/embedded.ts reads it.

/** The characters of a text: ASCII, without those that some tool escapes or replaces: " ' ` \ $ <. */
const characters = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).filter(
  (character) => !`"'\`\\$<`.includes(character),
);
/** The last two begin a pair. */
const begins = characters.splice(-2);

/**
 * Returns the text of each module, and the bytes in the order of their codes: those of one character, then those of the pairs.
 * Both runs ascend, as the opcodes of similar instructions do: compressed texts are smaller by it.
 * @param {readonly Uint8Array[]} modules
 */
export function embed(modules) {
  const counts = new Uint32Array(256);
  for (const module of modules) for (const byte of module) counts[byte] = (counts[byte] ?? 0) + 1;
  const byCount = [...counts.keys()].sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || a - b);
  const ascending = (/** @type {number[]} */ bytes) => bytes.sort((a, b) => a - b);
  const order = [
    ...ascending(byCount.slice(0, characters.length)),
    ...ascending(byCount.slice(characters.length)),
  ];
  const codes = ["", ...begins].flatMap((begin) => characters.map((character) => begin + character));
  const codeOf = new Map(order.map((byte, i) => [byte, codes[i]]));
  const texts = modules.map((module) => Array.from(module, (byte) => codeOf.get(byte)).join(""));
  return { characters: characters.join(""), order, texts };
}
