// The parts of a program that are the same for every graph of a precision.

import type { Precision } from "../../index.js";
import { EPSILON } from "../../rules/norm.js";

/** For each precision: its array, the method that reads its numbers, their bytes, and the expression that rounds a value. */
const kinds = {
  float64: { array: "Float64Array", read: "getFloat64", bytes: 8, round: (value: string) => value },
  float32: {
    array: "Float32Array",
    read: "getFloat32",
    bytes: 4,
    round: (value: string) => `f(${value})`,
  },
} as const;

export function arrayOf(precision: Precision): string {
  return kinds[precision].array;
}

/** Returns the text of a value, rounded to the precision. */
export function rounded(value: string, precision: Precision): string {
  return kinds[precision].round(value);
}

/** Text of the reader of base64 of little-endian whole numbers. */
export const integers = `const integers = (text) => {
  const view = new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  return Int32Array.from({ length: view.byteLength / 4 }, (_, i) => view.getInt32(4 * i, true));
};
`;

/** Returns the reader of base64 of little-endian numbers, and in float32 the function f. */
export function reader(precision: Precision): string {
  const { array, read, bytes } = kinds[precision];
  return `${precision === "float32" ? "const f = Math.fround;\n\n" : ""}const numbers = (text) => {
  const view = new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  return ${array}.from({ length: view.byteLength / ${bytes} }, (_, i) => view.${read}(${bytes} * i, true));
};
`;
}

/** Text of a function that applies a function of one number to a row. */
export const each = `const each = (activation) => (row) => {
  for (let j = 0; j < row.length; j++) row[j] = activation(row[j]);
};
`;

/** Text of a function that applies an activation to the channels of each position. */
export const splitter = `const split = (activate, n) => (row) => {
  for (let i = 0; i < row.length; i += n) activate(row.subarray(i, i + n));
};
`;

/**
 * Returns the text of the normalization of each run of channels over all positions (Ba, Kiros, Hinton, "Layer normalization",
 * 2016; Wu, He, "Group normalization", 2018). A plain layer is one run.
 */
export function normalise(precision: Precision): string {
  const { round } = kinds[precision];
  return `const normalise = (row, gain, bias, [n, channels] = [row.length, row.length]) => {
  for (let g = 0; g < channels; g += n) {
    const over = (visit) => {
      for (let i = g; i < row.length; i += channels) for (let j = i; j < i + n; j++) visit(j);
    };
    const count = (row.length / channels) * n;
    let sum = 0, squares = 0;
    over((j) => (sum += row[j]));
    const mean = ${round("sum / count")};
    over((j) => {
      row[j] -= mean;
      squares += ${round("row[j] * row[j]")};
    });
    const scale = ${round(`1 / Math.sqrt(squares / count + ${EPSILON})`)};
    over((j) => {
      row[j] = ${round(`gain[j % gain.length] * ${round("row[j] * scale")}`)} + (bias ? bias[j % bias.length] : 0);
    });
  }
};
`;
}

/** Parts of a program that only some graphs need. */
export interface Features {
  readonly hasNorms: boolean;
  readonly hasProducts: boolean;
}

/** Returns the text of `compute`, which computes a layer's values for one sample, or for one of its steps. */
export function compute(precision: Precision, { hasNorms, hasProducts }: Features): string {
  const { array } = kinds[precision];
  const addBias = "for (let j = 0; j < n; j++) sums[j] += bias[j % bias.length];";
  const conditions = ["bias", ...(hasNorms ? ["!gain"] : []), ...(hasProducts ? ["!product"] : [])];
  const [norms, products] = [hasNorms ? ", gain, norm" : "", hasProducts ? ", product" : ""];
  return `const compute = ({ bias${norms}${products}, scale, from, activate }, sums, x, at, sent) => {
  const n = sums.fill(0).length;
  if (x) {
    const count = scale?.offset.length;
    for (let j = 0; j < n; j++) {
      const value = x[at + j], c = j % count;
      sums[j] = scale ? (value - scale.offset[c]) / scale.divisor[c] : value;
    }
  }
  if (${conditions.join(" && ")}) ${addBias}
${
  hasProducts
    ? `  if (product) {
    sums.fill(1);
    for (const [add, source, matrix, step] of from) {
      const factor = new ${array}(n);
      add(factor, sent(source, step), weights[matrix]);
      for (let j = 0; j < n; j++) sums[j] *= factor[j];
    }
    if (bias${hasNorms ? " && !gain" : ""}) ${addBias}
  } else `
    : "  "
}for (const [add, source, matrix, step] of from) add(sums, sent(source, step), weights[matrix]);
${hasNorms ? "  if (gain) normalise(sums, gain, bias, norm);\n" : ""}  if (activate) activate(sums);
};
`;
}
