// The initial numbers of every contender, made by a small integer hash of their index. Any language makes the same ones:
// worker.py repeats it. All are multiples of 2⁻²⁴ or so, and exact in float32.

/** @typedef {import("./networks.js").Network} Network */
/** @typedef {{ bias: Float64Array, from: Record<string, Float64Array> }} Weights a layer's, empty where it has none */
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

/** Returns the channels of a layer. @type {(layer: import("./networks.js").Input) => number} */
export const channels = ({ shape, size }) => shape?.at(-1) ?? size;

/**
 * Returns the weights that a link begins with, and its layer's bias. A sparse one has a matrix, whose zeros are no connections.
 * @type {(link: import("./networks.js").Link, from: import("./networks.js").Input, to: import("./networks.js").Layer, stream: number) => Weights}
 */
function mapped({ kind, kernel = 1, groups = 1, density = 1 }, from, to, stream) {
  const empty = new Float64Array();
  /** @type {(count: number, fans: [number, number], bias?: Float64Array) => Weights} */
  const made = (count, fans, bias = empty) => ({
    bias,
    from: { [from.name]: signed(stream + 1, count, bound(...fans)) },
  });
  if (kind === "embedding") {
    const [classes, columns] = [from.classes ?? 0, to.size / from.size];
    return made(classes * columns, [classes, columns]);
  }
  if (kind === "conv") {
    const [taps, depth, width] = [kernel * kernel, channels(from) / groups, channels(to)];
    const fans = /** @type {[number, number]} */ ([taps * depth, (taps * width) / groups]);
    return made(taps * depth * width, fans, signed(stream, width, 0.125));
  }
  if (kind !== "sparse") return { bias: empty, from: {} };
  const count = from.size * to.size;
  const own = made(count, [density * from.size, density * to.size], signed(stream, to.size, 0.125));
  const drawn = units(stream + 2, count);
  return {
    ...own,
    from: { [from.name]: own.from[from.name]?.map((w, i) => (Number(drawn[i]) < density ? w : 0)) ?? empty },
  };
}

/** @type {(network: Network) => Record<string, number>} */
export function sizes(network) {
  return Object.fromEntries([...network.inputs, ...network.layers].map(({ name, size }) => [name, size]));
}

/**
 * Returns a layer, or the inner layers of a cell that have weights.
 * @type {(layer: import("./networks.js").Layer) => { name: string, size: number, from: string[] }[]}
 */
export function weighted({ name, size, from, cell, reset }) {
  if (cell === undefined) return [{ name, size, from }];
  const gate = (/** @type {string} */ part) => ({ name: `${name}.${part}`, size, from: [...from, name] });
  if (cell === "lstm") return ["input", "forget", "candidate", "output"].map(gate);
  const gates = ["update", "reset"].map(gate);
  const candidate = { name: `${name}.candidate`, size, from };
  if (reset === "before") return [...gates, { ...candidate, from: [...from, `${name}.gated`] }];
  return [...gates, candidate, { name: `${name}.recall`, size, from: [name] }];
}

/**
 * Returns each layer's bias, and its weights by source, source × layer row by row.
 * @type {(network: Network) => Record<string, Weights>}
 */
export function weights(network) {
  const size = sizes(network);
  const all = Object.fromEntries([...network.inputs, ...network.layers].map((layer) => [layer.name, layer]));
  let stream = 1;
  return Object.fromEntries(
    network.layers.flatMap(weighted).map((layer) => {
      const whole = network.layers.find(({ name }) => name === layer.name);
      const source = all[layer.from[0] ?? ""];
      if (whole?.link && source) {
        stream += 3;
        return [layer.name, mapped(whole.link, source, whole, stream - 3)];
      }
      const bias = signed(stream++, layer.size, 0.125);
      /** @type {Weights["from"]} */
      const from = {};
      for (const name of layer.from) {
        const rows = size[name] ?? layer.size;
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
  if (network.length !== undefined) return sequences(network, network.length);
  let stream = 101;
  const { rows, loss } = network;
  /** @type {Data} */
  const made = { xs: {}, ts: {} };
  for (const { name, size, classes } of network.inputs) {
    const drawn = units(stream++, rows * size);
    made.xs[name] = classes === undefined ? drawn : drawn.map((unit) => Math.floor(unit * classes));
  }
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

/**
 * Returns sequences of the input, and as targets the same one step later: (rows, steps, size). With the loss crossEntropy they
 * are classes, of which an input has one unit of 1.
 * @type {(network: Network, length: number) => Data}
 */
function sequences({ inputs: [input], outputs: [output = ""], rows, loss }, length) {
  const { name, size } = /** @type {import("./networks.js").Input} */ (input);
  const isClass = loss === "crossEntropy";
  const values = units(101, rows * (length + 1) * (isClass ? 1 : size));
  /** @param {number} first step */
  const from = (first) =>
    Float64Array.from({ length: rows * length * size }, (_, i) => {
      const [row, unit] = [Math.floor(i / size), i % size];
      const at = Math.floor(row / length) * (length + 1) + (row % length) + first;
      if (!isClass) return values[at * size + unit] ?? 0;
      return Math.floor((values[at] ?? 0) * size) === unit ? 1 : 0;
    });
  return { xs: { [name]: from(0) }, ts: { [output]: from(1) } };
}

/** Returns the classes of rows that have one unit of 1. @type {(values: Float64Array, size: number) => Int32Array} */
export function classes(values, size) {
  return Int32Array.from({ length: values.length / size }, (_, r) =>
    values.subarray(r * size, (r + 1) * size).indexOf(1),
  );
}
