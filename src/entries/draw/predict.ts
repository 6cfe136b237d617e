// The functions that a program exports: `predict`, and for layers with steps `start`.

import type { Precision } from "../../index.js";
import { arrayOf } from "./runtime.js";

/** Text of the statements that find an input's values. */
const find = `if (!input) return undefined;
    const values = Object.hasOwn(xs, name) ? xs[name] : undefined;
    if (values === undefined || values === null) throw new TypeError("No values for " + JSON.stringify(name));`;

/** Text of the expression of a result. */
const result =
  "scale ? row[j] * scale.divisor[j % scale.divisor.length] + scale.offset[j % scale.offset.length] : row[j]";

/** Returns the text of the check of class numbers, where a program has any. */
function checkClasses(hasClasses: boolean): string {
  if (!hasClasses) return "";
  return `
    const isClass = (value) => Number.isInteger(value) && value >= 0 && value < classes;
    if (classes && !Array.prototype.every.call(values, isClass)) {
      throw new RangeError(JSON.stringify(name) + " wants class numbers, whole numbers from 0 to " + (classes - 1));
    }`;
}

/** Returns the text of `predict`. It takes samples one by one, and so needs room for one sample and the results. */
export function predict(precision: Precision, hasClasses: boolean): string {
  const array = arrayOf(precision);
  return `/** Takes and returns flat arrays of k rows. */
export function predict(xs) {
  let rows;
  const given = layers.map(({ name, size, input${hasClasses ? ", classes" : ""} }) => {
    ${find}
    const k = values.length / size;
    rows ??= k;
    if (!(Number.isInteger(k) && k > 0 && k === rows)) {
      throw new RangeError(JSON.stringify(name) + " wants as many rows as the others, at least one, of " + size);
    }${checkClasses(hasClasses)}
    return values;
  });
  const results = Object.create(null);
  const values = layers.map(({ name, size, output }) => {
    if (output) results[name] = new ${array}(rows * size);
    return new ${array}(size);
  });
  const sent = (source) => values[source];
  for (let r = 0; r < rows; r++) {
    layers.forEach((layer, l) => {
      const { name, size, scale, output } = layer;
      const row = values[l];
      compute(layer, row, given[l], r * size, sent);
      if (output) for (let j = 0; j < size; j++) results[name][r * size + j] = ${result};
    });
  }
  return results;
}
`;
}

/**
 * Returns the text of `predict` for layers with steps, and of `start` if a state can continue them. It takes samples one by
 * one, and so needs room for all steps of one sample and the results.
 */
export function predictSteps(precision: Precision, isCausal: boolean, hasClasses: boolean): string {
  const array = arrayOf(precision);
  const causal = (text: string, otherwise = "") => (isCausal ? text : otherwise);
  return `/** Values that stand for steps outside a sequence. */
const initials = layers.map(({ size, initial }) => initial ?? new ${array}(size));

const check = (value, name) => {
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(name + " is a whole number, at least 1, not " + value);
};
${causal(`
/** Returns the state of samples before their first step: a plain object, which structuredClone copies. */
export function start(rows = 1) {
  check(rows, "rows");
  const past = layers.map(({ depth = 0 }, l) => {
    return depth ? Array.from({ length: rows }, () => new Array(depth).fill(initials[l])) : [];
  });
  return { rows, past };
}
`)}
/** Takes and returns flat arrays of k samples of so many steps, or of one row where a layer has no steps.${causal(" A state moves on.")} */
export function predict(xs, steps = 1${causal(", state")}) {
  check(steps, "steps");
  let rows${causal(" = state?.rows")};
  const given = layers.map(({ name, size, input, once${hasClasses ? ", classes" : ""} }) => {
    ${find}
    const k = values.length / (once ? size : steps * size);
    rows ??= k;
    if (!(Number.isInteger(k) && k > 0 && k === rows)) {
      const wanted = once ? size : steps + " x " + size;
      throw new RangeError(JSON.stringify(name) + " wants as many samples as the others, at least one, of " + wanted);
    }${checkClasses(hasClasses)}
    return values;
  });
  rows ??= 1;
  const results = Object.create(null);
  const values = layers.map(({ name, size, output, once }) => {
    const length = once ? 1 : steps;
    if (output) results[name] = new ${array}(rows * length * size);
    return Array.from({ length }, () => new ${array}(size));
  });
  const at = (l, t) => values[l][layers[l].once ? 0 : t];
  let r, t;
  const sent = (source, step = 0) => {
    if (step === "last") return at(source, steps - 1);
    if (step === "first") return at(source, 0);
    const u = t - step;
    if (u >= 0 && u < steps) return at(source, u);
    return ${causal("state && u < 0 ? state.past[source][r][-1 - u] : ")}initials[source];
  };
  for (r = 0; r < rows; r++) {
    for (let first = 0, end; first < layers.length; first = end) {
      const { once, reversed, until = first + 1 } = layers[first];
      const count = once ? 1 : steps;
      end = until;
      for (let i = 0; i < count; i++) {
        t = reversed ? count - 1 - i : i;
        for (let l = first; l < end; l++) {
          const { size } = layers[l];
          compute(layers[l], values[l][t], given[l], (r * count + t) * size, sent);
        }
      }
    }
    layers.forEach(({ name, size, scale, output }, l) => {
      if (!output) return;
      values[l].forEach((row, t) => {
        const place = (r * values[l].length + t) * size;
        for (let j = 0; j < size; j++) results[name][place + j] = ${result};
      });
    });
${causal(`    if (state) {
      layers.forEach(({ depth = 0 }, l) => {
        if (!depth) return;
        const past = state.past[l][r];
        const next = (_, d) => (d < steps ? at(l, steps - 1 - d).slice() : past[d - steps]);
        state.past[l][r] = Array.from({ length: depth }, next);
      });
    }
`)}  }
  return results;
}
`;
}
