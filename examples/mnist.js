// The 10,000 handwritten digits of the `mnist` package, as inputs and targets of a graph.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** An image is SIDE × SIDE pixels, from 0 to 1, ink; its coarse view has the mean of each CELL × CELL. */
export const SIDE = 28;
const CELL = 4;
const PIXELS = SIDE * SIDE;

/**
 * @typedef {object} Digits
 * @property {number} count
 * @property {Float32Array} pixels (count, 784)
 * @property {Uint8Array} labels (count)
 */

/** Loads all digits: four fifths to learn from, one fifth held out. Always the same split, in the same order. */
export function load() {
  const all = [];
  const require = createRequire(import.meta.url);
  for (let label = 0; label < 10; label++) {
    const numbers = parse(readFileSync(require.resolve(`mnist/src/digits/${label}.json`)));
    for (let at = 0; at + PIXELS <= numbers.length; at += PIXELS) {
      all.push({ label, pixels: numbers.subarray(at, at + PIXELS) });
    }
  }
  return {
    learn: deal(all.filter((_, i) => i % 5 !== 4)),
    apart: deal(all.filter((_, i) => i % 5 === 4)),
  };
}

/**
 * Reads `{ "data": [0,0.12,1,...] }`, where no number has a sign or an exponent. JSON.parse would do, but
 * takes some twenty times as long: a second and a half for these 20 MB.
 *
 * @param {Uint8Array} bytes
 */
function parse(bytes) {
  const numbers = new Float32Array(bytes.length / 2); // a number has a digit and a comma at least
  let count = 0;
  let digits = 0; // the digits of the number so far, read as a whole number
  let unit = 0; // 10 for each digit after the point; 0 before it
  for (let i = bytes.indexOf(code("[")) + 1; i < bytes.length; i++) {
    const byte = /** @type {number} */ (bytes[i]);
    if (byte === code(",") || byte === code("]")) {
      numbers[count++] = unit === 0 ? digits : digits / unit;
      digits = 0;
      unit = 0;
    } else if (byte === code(".")) {
      unit = 1;
    } else if (byte >= code("0") && byte <= code("9")) {
      digits = digits * 10 + byte - code("0");
      unit *= 10;
    }
  }
  return numbers.subarray(0, count);
}

/** @param {string} character */
function code(character) {
  return character.charCodeAt(0);
}

/**
 * Puts the digits, sorted by label, into an order in which any stretch holds all labels. Each step advances by 4,943 places,
 * cyclically. That has no divisor in common with 8,000 or 2,000, and so meets every digit once.
 *
 * @param {{ label: number, pixels: Float32Array }[]} sorted
 * @returns {Digits}
 */
function deal(sorted) {
  const count = sorted.length;
  const pixels = new Float32Array(count * PIXELS);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const one = /** @type {{ label: number, pixels: Float32Array }} */ (sorted[(i * 4943) % count]);
    pixels.set(one.pixels, i * PIXELS);
    labels[i] = one.label;
  }
  return { count, pixels, labels };
}

/**
 * Returns the digits from `from` up to `to`: inputs `xs`, and targets `ts`.
 * @param {Digits} digits
 * @param {number} from
 * @param {number} to
 */
export function samples(digits, from, to) {
  const pixels = digits.pixels.slice(from * PIXELS, to * PIXELS);
  const labels = digits.labels.subarray(from, to);
  const digit = new Float32Array(labels.length * 10); // ten units: a 1 at the label, else 0
  labels.forEach((label, i) => {
    digit[i * 10 + label] = 1;
  });
  const even = Float32Array.from(labels, (label) => (label % 2 === 0 ? 1 : 0));
  return { xs: { pixels, coarse: coarse(pixels) }, ts: { digit, even } };
}

/**
 * Returns samples with each digit moved by up to a pixel: in nine epochs it takes all nine places. A graph that only ever saw
 * a digit in one place would learn less from it.
 * @param {Digits} digits
 * @param {number} from
 * @param {number} to
 * @param {number} epoch
 */
export function movedSamples(digits, from, to, epoch) {
  const { ts } = samples(digits, from, to);
  const pixels = new Float32Array((to - from) * PIXELS);
  for (let i = from; i < to; i++) {
    const place = (i + epoch) % 9;
    const right = (place % 3) - 1;
    const down = Math.floor(place / 3) - 1;
    // Ink that leaves at the left or right comes back at the other side, but hardly any digit has ink there.
    const move = down * SIDE + right;
    const kept = image(digits, i).subarray(Math.max(0, -move), PIXELS - Math.max(0, move));
    pixels.set(kept, (i - from) * PIXELS + Math.max(0, move));
  }
  return { xs: { pixels, coarse: coarse(pixels) }, ts };
}

/**
 * Returns the pixels of one digit.
 * @param {Digits} digits
 * @param {number} i
 */
export function image({ pixels }, i) {
  return pixels.subarray(i * PIXELS, (i + 1) * PIXELS);
}

/**
 * Returns the mean of each cell. Images follow one another as more rows of pixels, and so more rows of cells.
 * @param {Float32Array} pixels (rows, 784); returns (rows, 49)
 */
function coarse(pixels) {
  const cells = new Float32Array(pixels.length / (CELL * CELL));
  const across = SIDE / CELL;
  for (let cell = 0; cell < cells.length; cell++) {
    const corner = Math.floor(cell / across) * CELL * SIDE + (cell % across) * CELL;
    let ink = 0;
    for (let y = 0; y < CELL; y++) {
      for (let x = 0; x < CELL; x++) ink += pixels[corner + y * SIDE + x] ?? 0;
    }
    cells[cell] = ink / (CELL * CELL);
  }
  return cells;
}
