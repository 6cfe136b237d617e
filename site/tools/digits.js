// Writes some handwritten digits of the package mnist to the file that the playground fetches: playground/data/digits.bin.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { deflateRawSync } from "node:zlib";

/** Digits of each class. The page takes the first ones, which are of all classes in turn. */
const EACH = 200;
const PIXELS = 28 * 28;

const { resolve } = createRequire(import.meta.url);
const classes = Array.from({ length: 10 }, (_, label) => {
  const { data } = JSON.parse(readFileSync(resolve(`mnist/src/digits/${label}.json`), "utf8"));
  return data;
});

const bytes = new Uint8Array(4 + 10 * EACH * (1 + PIXELS));
new DataView(bytes.buffer).setUint32(0, 10 * EACH, true);
const labels = bytes.subarray(4, 4 + 10 * EACH);
const pixels = bytes.subarray(4 + 10 * EACH);
for (let row = 0; row < 10 * EACH; row++) {
  const label = row % 10;
  const from = Math.floor(row / 10) * PIXELS;
  labels[row] = label;
  for (let at = 0; at < PIXELS; at++) pixels[row * PIXELS + at] = Math.round(classes[label][from + at] * 255);
}
const file = new URL("../playground/data/digits.bin", import.meta.url);
const packed = deflateRawSync(bytes, { level: 9 });
writeFileSync(file, packed);
console.log(`Wrote ${10 * EACH} digits, ${Math.round(packed.length / 1000)} kB.`);
