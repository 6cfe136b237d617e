// Plain loops that the cells in plain JavaScript share.

/** @typedef {{ w: Float64Array, dw: Float64Array, from: number }} Part weights from a source, and their gradient */
/** @typedef {{ size: number, bias: Float64Array, dbias: Float64Array, parts: Part[] }} Dense */
/** Numbers at a place. @typedef {{ values: Float64Array, at: number }} Row */

/** @type {(weights: import("../../numbers.js").Weights | undefined) => Dense} */
export function denseOf(weights) {
  const { bias, from } = weights ?? { bias: new Float64Array(), from: {} };
  const parts = Object.values(from).map((w) => ({
    w,
    dw: new Float64Array(w.length),
    from: w.length / bias.length,
  }));
  return { size: bias.length, bias, dbias: new Float64Array(bias.length), parts };
}

/** Writes bias + Σ source · W. @type {(dense: Dense, sources: Row[], to: Row) => void} */
export function forward({ size, bias, parts }, sources, { values: y, at }) {
  for (let j = 0; j < size; j++) y[at + j] = bias[j];
  for (let p = 0; p < parts.length; p++) {
    const { w, from } = /** @type {Part} */ (parts[p]);
    const { values: x, at: first } = /** @type {Row} */ (sources[p]);
    for (let k = 0; k < from; k++) {
      const value = x[first + k];
      for (let j = 0; j < size; j++) y[at + j] += value * w[k * size + j];
    }
  }
}

/**
 * Adds the gradients of weights, and those of the sources that have a place for them.
 * @type {(dense: Dense, sources: Row[], delta: Row, into: (Row | undefined)[]) => void}
 */
export function backward({ size, dbias, parts }, sources, { values: d, at }, into) {
  for (let j = 0; j < size; j++) dbias[j] += d[at + j];
  for (let p = 0; p < parts.length; p++) {
    const { w, dw, from } = /** @type {Part} */ (parts[p]);
    const { values: x, at: first } = /** @type {Row} */ (sources[p]);
    const dx = into[p];
    for (let k = 0; k < from; k++) {
      const value = x[first + k];
      let sum = 0;
      for (let j = 0; j < size; j++) {
        dw[k * size + j] += value * d[at + j];
        sum += d[at + j] * w[k * size + j];
      }
      if (dx) dx.values[dx.at + k] += sum;
    }
  }
}

/** Makes a step against the gradients, and clears them. @type {(dense: Dense, step: number) => void} */
export function update({ bias, dbias, parts }, step) {
  for (let j = 0; j < bias.length; j++) bias[j] -= step * dbias[j];
  dbias.fill(0);
  for (const { w, dw } of parts) {
    for (let i = 0; i < w.length; i++) w[i] -= step * dw[i];
    dw.fill(0);
  }
}

/** @type {(row: Row, count: number) => void} */
export function sigmoid({ values, at }, count) {
  for (let j = at; j < at + count; j++) values[j] = 1 / (1 + Math.exp(-values[j]));
}

/** @type {(row: Row, count: number) => void} */
export function tanh({ values, at }, count) {
  for (let j = at; j < at + count; j++) values[j] = Math.tanh(values[j]);
}
