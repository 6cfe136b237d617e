// The functions of a program for the kinds of synapse. Each adds a source's values to a target's sums, in the engine's order.

import type { Precision, SynapseKind } from "../../index.js";
import { arrayOf, rounded } from "./runtime.js";

/** Returns the text of the loop over the cells of all windows, tap by tap, around statements with places in `big` and `small`. */
function overWindows(statements: string): string {
  return `  const [height, width, n, rows, columns, m, kernelHeight, kernelWidth, ...rest] = window;
  const [strideHeight, strideWidth, dilationHeight, dilationWidth, top, left, groups, countPadding] = rest;
  for (let ty = 0, tap = 0; ty < kernelHeight; ty++) {
    for (let tx = 0; tx < kernelWidth; tx++, tap++) {
      for (let y = 0; y < rows; y++) {
        const v = y * strideHeight + ty * dilationHeight - top;
        for (let x = 0; v >= 0 && v < height && x < columns; x++) {
          const u = x * strideWidth + tx * dilationWidth - left;
          if (u < 0 || u >= width) continue;
          const big = (v * width + u) * n, small = (y * columns + x) * m;
${statements}
        }
      }
    }
  }
`;
}

/**
 * Returns the text of the loop over the weights of a tap, for each unit of the large end. `first` declares its place or value. The
 * statement has the places of a weight `k` and of a unit `o` of the small end.
 */
function overWeights(first: string, statement: string): string {
  return `          for (let c = 0, each = n / groups, far = m / groups, k = tap * each * m; c < each; c++) {
            for (let g = 0; g < groups; g++) {
              const ${first};
              for (let o = small + g * far, end = o + far; o < end; o++, k++) ${statement}
            }
          }`;
}

/** Returns the text of the loop over the channels of a pool. */
function overChannels(statement: string): string {
  return `          for (let c = 0; c < n; c++) ${statement}`;
}

/** Returns the text of a function for each kind of synapse. With a window or a list it returns the function that adds. */
export function links(precision: Precision): Readonly<Record<SynapseKind, string>> {
  const array = arrayOf(precision);
  const round = (value: string) => rounded(value, precision);
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
    sparse: `/** Of pairs of units, from and to. */
const sparse = (pairs) => (sums, values, w) => {
  for (let k = 0; k < w.length; k++) sums[pairs[2 * k + 1]] += ${round("values[pairs[2 * k]] * w[k]")};
};
`,
    conv: `const conv = (...window) => (sums, values, w) => {
${overWindows(overWeights("value = values[big + g * each + c]", `sums[o] += ${round("value * w[k]")};`))}};
`,
    convTranspose: `const convTranspose = (...window) => (sums, values, w) => {
${overWindows(overWeights("i = big + g * each + c", `sums[i] += ${round("values[o] * w[k]")};`))}};
`,
    averagePool: `const averagePool = (...window) => (sums, values) => {
  const totals = new ${array}(sums.length);
  const cells = new Uint32Array(sums.length);
${overWindows(overChannels("cells[small + c]++, (totals[small + c] += values[big + c]);"))}\
  for (let j = 0; j < sums.length; j++) {
    sums[j] += ${round("totals[j] / (countPadding ? kernelHeight * kernelWidth : cells[j])")};
  }
};
`,
    maxPool: `const maxPool = (...window) => (sums, values) => {
  const tops = new ${array}(sums.length).fill(-Infinity);
${overWindows(overChannels("tops[small + c] = Math.max(tops[small + c], values[big + c]);"))}\
  for (let j = 0; j < sums.length; j++) sums[j] += tops[j];
};
`,
    upsample: `const upsample = (...window) => (sums, values) => {
${overWindows(overChannels("sums[big + c] += values[small + c];"))}};
`,
    gather: `/** Of the source unit of each target unit, -1 for none. */
const gather = (units) => (sums, values) => {
  for (let j = 0; j < sums.length; j++) if (units[j] >= 0) sums[j] += values[units[j]];
};
`,
    embedding: `const embedding = (sums, values, w) => {
  const n = sums.length / values.length;
  for (let j = 0; j < sums.length; j++) sums[j] += w[values[Math.floor(j / n)] * n + (j % n)];
};
`,
  };
}
