// The layout of contenders that have channels before height and width.

/** Puts images with channels last in the order of (channels, height, width). @type {(values: Float64Array, shape: number[]) => Float64Array} */
export function channelsFirst(values, shape) {
  if (shape.length < 3) return values;
  const [height = 1, width = 1, channels = 1] = shape;
  const size = height * width * channels;
  return values.map((_, i) => {
    const place = i % size;
    const channel = Math.floor(place / (height * width));
    return values[i - place + (place % (height * width)) * channels + channel] ?? 0;
  });
}

/** Puts the weights of a convolution in the order of (to, from, kernel, kernel). @type {(w: Float64Array, kernel: number, to: number) => Float64Array} */
export function filters(w, kernel, to) {
  const [taps, depth] = [kernel * kernel, w.length / kernel / kernel / to];
  return w.map((_, i) => {
    const [unit, source, tap] = [Math.floor(i / taps / depth), Math.floor(i / taps) % depth, i % taps];
    return w[(tap * depth + source) * to + unit] ?? 0;
  });
}

/** Puts the rows of a dense matrix in the order of its source's (channels, height, width). @type {(w: Float64Array, shape: number[]) => Float64Array} */
export function flattened(w, shape) {
  if (shape.length < 3) return w;
  const units = shape.reduce((product, extent) => product * extent, 1);
  const rows = channelsFirst(
    Float64Array.from({ length: units }, (_, i) => i),
    shape,
  );
  const width = w.length / units;
  return w.map((_, i) => w[(rows[Math.floor(i / width)] ?? 0) * width + (i % width)] ?? 0);
}
