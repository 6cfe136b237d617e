// The initial numbers of every contender, made by a small integer hash of their index. Any language makes the same ones:
// worker.py repeats it. All are multiples of 2⁻²⁴ or so, and exact in float32.

/** @typedef {import("./networks.js").Network} Network */
/** @typedef {{ bias: Float64Array, from: Record<string, Float64Array> }} Weights a layer's */
/** @typedef {{ xs: Record<string, Float64Array>, ts: Record<string, Float64Array> }} Data rows × size each */

/** Returns 24 bits from an index (the finish of xxHash and MurmurHash3). @type {(place: number) => number} */
function mix(place) {
  let x = Math.imul(place + 1, 0x9e3779b1);
  x = Math.imul(x ^ (x >>> 15), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 8;
}

/** Returns numbers in [0, 1). @type {(stream: number, count: number) => Float64Array} */
function units(stream, count) {
  return Float64Array.from({ length: count }, (_, i) => mix(stream * 0x400000 + i) / 2 ** 24);
}

/** Returns numbers in [−scale, scale). @type {(stream: number, count: number, scale: number) => Float64Array} */
function signed(stream, count, scale) {
  return units(stream, count).map((unit) => (2 * unit - 1) * scale);
}

/** Returns the power of two next to Glorot's bound. @type {(from: number, to: number) => number} */
function bound(from, to) {
  return 2 ** Math.round(Math.log2(Math.sqrt(6 / (from + to))));
}

/** @type {(network: Network) => Record<string, number>} */
export function sizes(network) {
  return Object.fromEntries([...network.inputs, ...network.layers].map(({ name, size }) => [name, size]));
}

/**
 * Returns each layer's bias, and its weights by source, source × layer row by row.
 * @type {(network: Network) => Record<string, Weights>}
 */
export function weights(network) {
  const size = sizes(network);
  let stream = 1;
  return Object.fromEntries(
    network.layers.map((layer) => {
      const bias = signed(stream++, layer.size, 0.125);
      /** @type {Weights["from"]} */
      const from = {};
      for (const name of layer.from) {
        const rows = size[name] ?? 0;
        from[name] = signed(stream++, rows * layer.size, bound(rows, layer.size));
      }
      return [layer.name, { bias, from }];
    }),
  );
}

/** @type {(network: Network) => Data} */
export function data(network) {
  if (network.data) {
    /** @param {Record<string, number[]>} given */
    const floats = (given) =>
      Object.fromEntries(Object.entries(given).map(([name, values]) => [name, Float64Array.from(values)]));
    return { xs: floats(network.data.xs), ts: floats(network.data.ts) };
  }
  let stream = 101;
  const { rows, loss } = network;
  /** @type {Data} */
  const made = { xs: {}, ts: {} };
  for (const { name, size } of network.inputs) made.xs[name] = units(stream++, rows * size);
  for (const { name, size } of network.layers.filter((layer) => network.outputs.includes(layer.name))) {
    if (loss === "mse") made.ts[name] = units(stream++, rows * size);
    else {
      const one = units(stream++, rows).map((unit) => Math.floor(unit * size));
      made.ts[name] = Float64Array.from({ length: rows * size }, (_, i) =>
        one[Math.floor(i / size)] === i % size ? 1 : 0,
      );
    }
  }
  return made;
}
