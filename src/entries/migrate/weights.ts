// The weights of a TensorFlow.js model: specifications, and bytes in one run or in shards.

import { show } from "../../base/text.js";
import { array, bad, lookup, members, number, string, unsupported, whole } from "./read.js";

/** Bytes of a number, by type. */
const widths = { float32: 4, int32: 4, bool: 1, complex64: 8 };
/** Bytes of a quantized number, by type, and its reader. */
const shortened: Readonly<Record<string, [width: number, read: (view: DataView, at: number) => number]>> = {
  uint8: [1, (view, at) => view.getUint8(at)],
  uint16: [2, (view, at) => view.getUint16(at, true)],
  float16: [2, (view, at) => half(view.getUint16(at, true))],
};

interface Spec {
  readonly path: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization: unknown;
  readonly at: number;
  readonly count: number;
}

export class Weights {
  readonly #view: DataView;
  readonly #specs = new Map<string, Spec>();
  /**
   * Specifications by shorter names. One has the last two words, without the model's name of some converters. Others lack the
   * word before the last, which Keras has for a cell. Undefined where two share a name.
   */
  readonly #short = new Map<string, Spec | undefined>();
  /** Weights taken so far, by name: a layer that is called twice has the same numbers twice. */
  readonly #taken = new Map<string, Float64Array>();
  readonly #parts = new Map<Float64Array, Map<string, Float64Array>>();

  /** Reads no byte. The shards, in their order, must have as many bytes as the specifications require. Throws `bad-file`. */
  constructor(specs: readonly unknown[], shards: readonly Uint8Array[]) {
    const length = shards.reduce((total, shard) => total + shard.length, 0);
    let at = 0;
    specs.forEach((value, i) => {
      const path = `weightSpecs[${i}]`;
      const spec = members(value, path);
      // Before TensorFlow 2, a name ends with a number of the tensor.
      const name = string(spec.name, `${path}.name`).replace(/:\d+$/, "");
      const shape = array(spec.shape, `${path}.shape`).map((one) => whole(one, `${path}.shape`, 0));
      const dtype = string(spec.dtype, `${path}.dtype`);
      const count = shape.reduce((a, b) => a * b, 1);
      const { quantization } = spec;
      const width =
        quantization === undefined || quantization === null
          ? lookup(widths, dtype, `${path}.dtype`)
          : lookup(shortened, members(quantization, path).dtype, `${path}.quantization.dtype`)[0];
      const end = at + count * width;
      if (!(end <= length)) throw bad(path, `ends at ${end} of ${length} bytes`);
      if (this.#specs.has(name)) throw bad(path, `has the name ${show(name)} of another`);
      const read = { path, shape, dtype, quantization, at, count };
      this.#specs.set(name, read);
      const words = name.split("/");
      const outer = [...words.slice(0, -2), ...words.slice(-1)];
      const shorts = [words.slice(-2), ...(words.length > 2 ? [outer, outer.slice(-2)] : [])];
      for (const short of new Set(shorts.map((some) => some.join("/")))) {
        this.#short.set(short, this.#short.has(short) ? undefined : read);
      }
      at = end;
    });
    if (at !== length) throw bad("weightData", `has ${length} bytes, and its weights take ${at}`);
    this.#view = joined(shards, length);
  }

  /** Returns a layer's numbers of a shape: the same array each time. `other` is the name in other versions of Keras. */
  take(layer: string, name: string, shape: readonly number[], other?: string): Float64Array {
    const key = `${layer}/${name}`;
    const what = `the weight ${show(key)}`;
    const short = key.split("/").slice(-2).join("/");
    const spec = this.#specs.get(key) ?? this.#short.get(key) ?? this.#short.get(short);
    if (spec === undefined && other !== undefined && !this.#short.has(short))
      return this.take(layer, other, shape);
    if (spec === undefined)
      throw bad(what, this.#short.has(short) ? "ends the names of two others" : "is missing");
    if (`${spec.shape}` !== `${shape}`) throw bad(what, `is [${spec.shape}], not [${shape}]`);
    if (spec.dtype !== "float32") throw unsupported(what, `is ${spec.dtype}, not float32`);
    const known = this.#taken.get(key);
    if (known !== undefined) return known;
    const values = this.#read(spec);
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) throw bad(what, `has ${values[wrong]} as number ${wrong}`);
    this.#taken.set(key, values);
    return values;
  }

  /**
   * Returns `count` columns of a matrix that was taken, each number multiplied by `scale`: the same array each time. A vector
   * is a matrix of one row.
   */
  columns(matrix: Float64Array, all: number, from: number, count: number, scale: number): Float64Array {
    const parts = this.#parts.get(matrix) ?? new Map<string, Float64Array>();
    this.#parts.set(matrix, parts);
    const key = `${from} ${count} ${scale}`;
    const known = parts.get(key);
    if (known !== undefined) return known;
    const part = Float64Array.from({ length: (matrix.length / all) * count }, (_, i) => {
      return matrix[Math.floor(i / count) * all + from + (i % count)]! * scale;
    });
    parts.set(key, part);
    return part;
  }

  #read({ path, at, count, quantization }: Spec): Float64Array {
    if (quantization === undefined || quantization === null) {
      const values = new Float64Array(count);
      for (let i = 0; i < count; i++) values[i] = this.#view.getFloat32(at + i * 4, true);
      return values;
    }
    const { dtype, scale = 1, min = 0 } = members(quantization, path);
    const [factor, least] = [number(scale, `${path}.scale`), number(min, `${path}.min`)];
    const [width, read] = lookup(shortened, dtype, path);
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++)
      values[i] = Math.fround(read(this.#view, at + i * width) * factor + least);
    return values;
  }
}

/** Joins the bytes of all shards. */
function joined(shards: readonly Uint8Array[], length: number): DataView {
  const [first] = shards;
  if (shards.length === 1) return new DataView(first!.buffer, first!.byteOffset, first!.byteLength);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const shard of shards) {
    bytes.set(shard, at);
    at += shard.length;
  }
  return new DataView(bytes.buffer);
}

/** Returns a number of 16 bits (IEEE 754), through one of 32 whose exponent is 112 too small. */
function half(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, ((bits & 0x8000) << 16) | ((bits & 0x7fff) << 13));
  return (bits & 0x7c00) === 0x7c00 ? Number.NaN : view.getFloat32(0) * 2 ** 112;
}
