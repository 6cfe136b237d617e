// The maps of the contender in plain JavaScript, one sample at a time.

import { channels } from "../../numbers.js";

/** @typedef {import("../../networks.js").Input} Input */
/** @typedef {import("../../networks.js").Link} Link */
/** Numbers of a sample, from a place on. @typedef {{ values: Float64Array, at: number }} Sample */
/**
 * A map: `forward` adds to y; `backward` adds to the weights' gradient, and to the source's where it is wanted.
 * @typedef {object} Map
 * @property {(x: Sample, y: Sample) => void} forward
 * @property {(x: Sample, d: Sample, dx: Sample | undefined) => void} backward
 */

/** Returns height and width; a plain layer is one position. @type {(layer: Input) => [number, number]} */
const extents = ({ shape = [] }) => (shape.length === 3 ? [shape[0] ?? 1, shape[1] ?? 1] : [1, 1]);

/**
 * Lists the cells of all windows, three numbers each: the target's position, the source's, and the tap.
 * @type {(link: Link, from: Input, to: Input) => Int32Array}
 */
function windows({ kind, kernel = 1, stride = kind === "conv" ? 1 : kernel, padding = 0 }, from, to) {
  const [height, width] = extents(from);
  const [rows, columns] = extents(to);
  const cells = [];
  for (let p = 0; p < rows * columns; p++) {
    for (let tap = 0; tap < kernel * kernel; tap++) {
      const y = Math.floor(p / columns) * stride - padding + Math.floor(tap / kernel);
      const x = (p % columns) * stride - padding + (tap % kernel);
      if (y >= 0 && y < height && x >= 0 && x < width) cells.push(p, y * width + x, tap);
    }
  }
  return Int32Array.from(cells);
}

/** @type {(link: Link, from: Input, to: Input, w: Float64Array, dw: Float64Array) => Map} */
function conv(link, from, to, w, dw) {
  const { groups = 1 } = link;
  const cells = windows(link, from, to);
  const [depth, width] = [channels(from) / groups, channels(to)];
  const own = width / groups;
  return {
    forward({ values: x, at }, { values: y, at: into }) {
      for (let c = 0; c < cells.length; c += 3) {
        for (let i = 0; i < depth * groups; i++) {
          const value = x[at + cells[c + 1] * depth * groups + i];
          const row = (cells[c + 2] * depth + (i % depth)) * width;
          const first = Math.floor(i / depth) * own;
          for (let j = first; j < first + own; j++) y[into + cells[c] * width + j] += value * w[row + j];
        }
      }
    },
    backward({ values: x, at }, { values: d, at: of }, dx) {
      for (let c = 0; c < cells.length; c += 3) {
        for (let i = 0; i < depth * groups; i++) {
          const place = cells[c + 1] * depth * groups + i;
          const row = (cells[c + 2] * depth + (i % depth)) * width;
          const first = Math.floor(i / depth) * own;
          let sum = 0;
          for (let j = first; j < first + own; j++) {
            const delta = d[of + cells[c] * width + j];
            dw[row + j] += x[at + place] * delta;
            sum += w[row + j] * delta;
          }
          if (dx) dx.values[dx.at + place] += sum;
        }
      }
    },
  };
}

/** @type {(link: Link, from: Input, to: Input) => Map} */
function maxPool(link, from, to) {
  const cells = windows(link, from, to);
  const width = channels(to);
  const best = new Int32Array(to.size);
  const choose = (/** @type {Sample} */ { values, at }) => {
    best.fill(-1);
    for (let c = 0; c < cells.length; c += 3) {
      for (let j = 0; j < width; j++) {
        const [unit, place] = [cells[c] * width + j, cells[c + 1] * width + j];
        if (best[unit] < 0 || values[at + place] > values[at + best[unit]]) best[unit] = place;
      }
    }
  };
  return {
    forward(x, { values: y, at }) {
      choose(x);
      for (let i = 0; i < to.size; i++) y[at + i] += x.values[x.at + best[i]];
    },
    backward(x, { values: d, at }, dx) {
      if (!dx) return;
      choose(x);
      for (let i = 0; i < to.size; i++) dx.values[dx.at + best[i]] += d[at + i];
    },
  };
}

/** Makes a pool whose windows lie in the source. @type {(link: Link, from: Input, to: Input) => Map} */
function averagePool(link, from, to) {
  const cells = windows(link, from, to);
  const width = channels(to);
  const share = to.size / from.size;
  return {
    forward({ values: x, at }, { values: y, at: into }) {
      for (let c = 0; c < cells.length; c += 3) {
        for (let j = 0; j < width; j++)
          y[into + cells[c] * width + j] += x[at + cells[c + 1] * width + j] * share;
      }
    },
    backward(_x, { values: d, at }, dx) {
      for (let c = 0; dx && c < cells.length; c += 3) {
        for (let j = 0; j < width; j++) {
          dx.values[dx.at + cells[c + 1] * width + j] += d[at + cells[c] * width + j] * share;
        }
      }
    },
  };
}

/** @type {(from: Input, to: Input, w: Float64Array, dw: Float64Array) => Map} */
function embedding(from, to, w, dw) {
  const columns = to.size / from.size;
  return {
    forward({ values: x, at }, { values: y, at: into }) {
      for (let i = 0; i < to.size; i++) {
        y[into + i] += w[x[at + Math.floor(i / columns)] * columns + (i % columns)];
      }
    },
    backward({ values: x, at }, { values: d, at: of }) {
      for (let i = 0; i < to.size; i++) {
        dw[x[at + Math.floor(i / columns)] * columns + (i % columns)] += d[of + i];
      }
    },
  };
}

/** Makes a matrix, whose zeros are no connections. @type {(to: Input, w: Float64Array, dw: Float64Array) => Map} */
function matrix(to, w, dw) {
  const places = Int32Array.from([...w.keys()].filter((place) => w[place] !== 0));
  const sources = places.map((place) => Math.floor(place / to.size));
  const targets = places.map((place) => place % to.size);
  return {
    forward({ values: x, at }, { values: y, at: into }) {
      for (let c = 0; c < places.length; c++) y[into + targets[c]] += x[at + sources[c]] * w[places[c]];
    },
    backward({ values: x, at }, { values: d, at: of }, dx) {
      for (let c = 0; c < places.length; c++) {
        dw[places[c]] += x[at + sources[c]] * d[of + targets[c]];
        if (dx) dx.values[dx.at + sources[c]] += d[of + targets[c]] * w[places[c]];
      }
    },
  };
}

/** @type {(link: Link | undefined, from: Input, to: Input, w: Float64Array, dw: Float64Array) => Map} */
export function mapOf(link, from, to, w, dw) {
  if (link?.kind === "conv") return conv(link, from, to, w, dw);
  if (link?.kind === "maxPool") return maxPool(link, from, to);
  if (link?.kind === "averagePool") return averagePool(link, from, to);
  if (link?.kind === "embedding") return embedding(from, to, w, dw);
  return matrix(to, w, dw);
}
