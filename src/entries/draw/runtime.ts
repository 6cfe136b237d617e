// The parts of a program that are the same for every graph of a precision.

import type { Precision, SynapseKind } from "../../index.js";
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

/** Returns the text of layer normalization (Ba, Kiros, Hinton, "Layer normalization", 2016). */
export function normalise(precision: Precision): string {
  const { round } = kinds[precision];
  return `const normalise = (row, gain, bias) => {
  const n = row.length;
  let sum = 0, squares = 0;
  for (let j = 0; j < n; j++) sum += row[j];
  const mean = ${round("sum / n")};
  for (let j = 0; j < n; j++) {
    row[j] -= mean;
    squares += ${round("row[j] * row[j]")};
  }
  const scale = ${round(`1 / Math.sqrt(squares / n + ${EPSILON})`)};
  for (let j = 0; j < n; j++) row[j] = ${round(`gain[j] * ${round("row[j] * scale")}`)} + (bias ? bias[j] : 0);
};
`;
}

/** Returns the text of a function for each kind of synapse, which adds the source's values to the target's sums. */
export function links(precision: Precision): Readonly<Partial<Record<SynapseKind, string>>> {
  const { round } = kinds[precision];
  return {
    dense: `const dense = (sums, values, w) => {
  const n = sums.length;
  for (let i = 0, k = 0; i < values.length; i++) {
    for (let j = 0; j < n; j++) sums[j] += ${round("values[i] * w[k++]")};
  }
};
`,
    identity: `const identity = (sums, values) => {
  for (let j = 0; j < sums.length; j++) sums[j] += values[j];
};
`,
    oneToOne: `const oneToOne = (sums, values, w) => {
  for (let j = 0; j < sums.length; j++) sums[j] += ${round("values[j] * w[j]")};
};
`,
  };
}

/** Parts of a program that only some graphs need. */
export interface Features {
  readonly hasNorms: boolean;
  readonly hasProducts: boolean;
}

/** Returns the text of `compute`, which computes a layer's values for one sample, or for one of its steps. */
export function compute(precision: Precision, { hasNorms, hasProducts }: Features): string {
  const { array } = kinds[precision];
  const addBias = "for (let j = 0; j < n; j++) sums[j] += bias[j];";
  const conditions = ["bias", ...(hasNorms ? ["!gain"] : []), ...(hasProducts ? ["!product"] : [])];
  const [norms, products] = [hasNorms ? ", gain" : "", hasProducts ? ", product" : ""];
  return `const compute = ({ bias${norms}${products}, scale, from, activate }, sums, x, at, sent) => {
  const n = sums.fill(0).length;
  if (x) {
    for (let j = 0; j < n; j++) {
      const value = x[at + j];
      sums[j] = scale ? (value - scale.offset[j]) / scale.divisor[j] : value;
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
${hasNorms ? "  if (gain) normalise(sums, gain, bias);\n" : ""}  if (activate) activate(sums);
};
`;
}
