// An LSTM and a GRU in plain loops, one sequence at a time. Row t + 1 of each matrix has step t; row 0 what was before.

import { backward, denseOf, forward, sigmoid, tanh } from "./loops.js";

/** @typedef {import("./loops.js").Dense} Dense */
/** @typedef {import("./loops.js").Row} Row */
/** @typedef {Record<string, import("../../numbers.js").Weights>} Weights */
/**
 * A cell: `post` and `dpost` have its values and their gradients; `forward` and `backward` are of a step with its source.
 * @typedef {object} Cell
 * @property {Dense[]} dense
 * @property {Float64Array} post
 * @property {Float64Array} dpost
 * @property {(t: number, x: Row) => void} forward
 * @property {(t: number, x: Row) => void} backward
 * @property {() => void} begin clears what was before
 * @property {() => void} shift moves the first step before the start
 */

/** @type {(n: number, length: number) => (count: number) => Float64Array[]} */
const matrices = (n, length) => (count) =>
  Array.from({ length: count }, () => new Float64Array((length + 1) * n));

/** @type {(name: string, n: number, length: number, weights: Weights) => Cell} */
export function lstm(name, n, length, weights) {
  const make = matrices(n, length);
  const gates = ["input", "forget", "candidate", "output"].map((part) => denseOf(weights[`${name}.${part}`]));
  const posts = make(4);
  const deltas = make(4);
  const [i, f, g, o] = /** @type {[Float64Array, Float64Array, Float64Array, Float64Array]} */ (posts);
  const [di, df, dg, d_o] = /** @type {[Float64Array, Float64Array, Float64Array, Float64Array]} */ (deltas);
  const [c, s, h, dc, dh] =
    /** @type {[Float64Array, Float64Array, Float64Array, Float64Array, Float64Array]} */ (make(5));
  return {
    dense: gates,
    post: h,
    dpost: dh,
    forward(t, x) {
      const [at, before] = [(t + 1) * n, t * n];
      gates.forEach((gate, p) => {
        const to = { values: /** @type {Float64Array} */ (posts[p]), at };
        forward(gate, [x, { values: h, at: before }], to);
        if (p === 2) tanh(to, n);
        else sigmoid(to, n);
      });
      for (let j = 0; j < n; j++) {
        c[at + j] = f[at + j] * c[before + j] + i[at + j] * g[at + j];
        s[at + j] = Math.tanh(c[at + j]);
        h[at + j] = o[at + j] * s[at + j];
      }
    },
    backward(t, x) {
      const [at, before] = [(t + 1) * n, t * n];
      for (let j = 0; j < n; j++) {
        const a = at + j;
        dc[a] += dh[a] * o[a] * (1 - s[a] * s[a]);
        d_o[a] = dh[a] * s[a] * o[a] * (1 - o[a]);
        di[a] = dc[a] * g[a] * i[a] * (1 - i[a]);
        df[a] = dc[a] * c[before + j] * f[a] * (1 - f[a]);
        dg[a] = dc[a] * i[a] * (1 - g[a] * g[a]);
        dc[before + j] = dc[a] * f[a];
        dc[a] = 0;
      }
      gates.forEach((gate, p) => {
        const delta = { values: /** @type {Float64Array} */ (deltas[p]), at };
        backward(gate, [x, { values: h, at: before }], delta, [undefined, { values: dh, at: before }]);
      });
      if (t === 0) dc.fill(0);
    },
    begin() {
      c.fill(0, 0, n);
      h.fill(0, 0, n);
    },
    shift() {
      c.copyWithin(0, n, 2 * n);
      h.copyWithin(0, n, 2 * n);
    },
  };
}

/** @type {(name: string, n: number, length: number, weights: Weights, isBefore: boolean) => Cell} */
export function gru(name, n, length, weights, isBefore) {
  const make = matrices(n, length);
  const part = (/** @type {string} */ inner) => denseOf(weights[`${name}.${inner}`]);
  const [update, reset, candidate] = [part("update"), part("reset"), part("candidate")];
  const recall = isBefore ? undefined : part("recall");
  const [u, r, m, q, g, h] =
    /** @type {[Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array]} */ (
      make(6)
    );
  const [du, dr, dm, dq, dg, dh] =
    /** @type {[Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array]} */ (
      make(6)
    );
  return {
    dense: recall === undefined ? [update, reset, candidate] : [update, reset, candidate, recall],
    post: h,
    dpost: dh,
    forward(t, x) {
      const [at, before] = [(t + 1) * n, t * n];
      const past = { values: h, at: before };
      forward(update, [x, past], { values: u, at });
      sigmoid({ values: u, at }, n);
      forward(reset, [x, past], { values: r, at });
      sigmoid({ values: r, at }, n);
      if (recall) {
        forward(recall, [past], { values: m, at });
        for (let j = at; j < at + n; j++) q[j] = r[j] * m[j];
        forward(candidate, [x], { values: g, at });
        for (let j = at; j < at + n; j++) g[j] += q[j];
      } else {
        for (let j = 0; j < n; j++) q[at + j] = r[at + j] * h[before + j];
        forward(candidate, [x, { values: q, at }], { values: g, at });
      }
      tanh({ values: g, at }, n);
      for (let j = 0; j < n; j++) h[at + j] = (1 - u[at + j]) * g[at + j] + u[at + j] * h[before + j];
    },
    backward(t, x) {
      const [at, before] = [(t + 1) * n, t * n];
      const [past, dpast] = [
        { values: h, at: before },
        { values: dh, at: before },
      ];
      for (let j = 0; j < n; j++) {
        const a = at + j;
        dg[a] = dh[a] * (1 - u[a]) * (1 - g[a] * g[a]);
        du[a] = dh[a] * (h[before + j] - g[a]) * u[a] * (1 - u[a]);
        dh[before + j] += dh[a] * u[a];
      }
      if (recall) {
        backward(candidate, [x], { values: dg, at }, [undefined]);
        for (let j = at; j < at + n; j++) {
          dm[j] = dg[j] * r[j];
          dr[j] = dg[j] * m[j] * r[j] * (1 - r[j]);
        }
        backward(recall, [past], { values: dm, at }, [dpast]);
      } else {
        dq.fill(0, at, at + n);
        backward(candidate, [x, { values: q, at }], { values: dg, at }, [undefined, { values: dq, at }]);
        for (let j = 0; j < n; j++) {
          const a = at + j;
          dr[a] = dq[a] * h[before + j] * r[a] * (1 - r[a]);
          dh[before + j] += dq[a] * r[a];
        }
      }
      backward(reset, [x, past], { values: dr, at }, [undefined, dpast]);
      backward(update, [x, past], { values: du, at }, [undefined, dpast]);
    },
    begin() {
      h.fill(0, 0, n);
    },
    shift() {
      h.copyWithin(0, n, 2 * n);
    },
  };
}
