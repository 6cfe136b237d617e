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
export function links(precision: Precision): Readonly<Record<SynapseKind, string>> {
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

/** Returns the text of `predict`. It takes samples one by one, and so needs room for one sample and the results. */
export function predict(precision: Precision, normalised: boolean): string {
  const { array } = kinds[precision];
  return `/** Takes and returns flat arrays of k rows. */
export function predict(xs) {
  let rows;
  const given = layers.map(({ name, size, input }) => {
    if (!input) return undefined;
    const values = Object.hasOwn(xs, name) ? xs[name] : undefined;
    if (values === undefined || values === null) throw new TypeError("No values for " + JSON.stringify(name));
    const k = values.length / size;
    rows ??= k;
    if (!(Number.isInteger(k) && k > 0 && k === rows)) {
      throw new RangeError(JSON.stringify(name) + " wants as many rows as the others, at least one, of " + size);
    }
    return values;
  });
  const results = Object.create(null);
  const row = layers.map(({ name, size, output }) => {
    if (output) results[name] = new ${array}(rows * size);
    return new ${array}(size);
  });
  for (let r = 0; r < rows; r++) {
    layers.forEach(({ name, size, bias, gain, scale, from, activate, output }, l) => {
      const sums = row[l].fill(0);
      const x = given[l];
      if (x) {
        for (let j = 0; j < size; j++) {
          const value = x[r * size + j];
          sums[j] = scale ? (value - scale.offset[j]) / scale.divisor[j] : value;
        }
      }
      if (bias${normalised ? " && !gain" : ""}) for (let j = 0; j < size; j++) sums[j] += bias[j];
      for (const [add, source, matrix] of from) add(sums, row[source], weights[matrix]);
${normalised ? "      if (gain) normalise(sums, gain, bias);\n" : ""}      if (activate) activate(sums);
      if (!output) return;
      for (let j = 0; j < size; j++) {
        results[name][r * size + j] = scale ? sums[j] * scale.divisor[j] + scale.offset[j] : sums[j];
      }
    });
  }
  return results;
}
`;
}
