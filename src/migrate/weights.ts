// The weights of a TensorFlow.js model: specifications, and one run of bytes.

import { show } from "../error.js";
import { array, bad, lookup, members, number, string, unsupported, whole } from "./read.js";

/** Bytes of a number, by type. */
const widths = { float32: 4, int32: 4, bool: 1, complex64: 8 };
/** The same of numbers that were made shorter, and how one is read. */
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
  /** By the last two words of the name, which some converters put a model's name before. */
  readonly #short = new Map<string, Spec>();
  /** What was taken, by name: a layer that is called twice has its numbers twice, and they are the same ones. */
  readonly #taken = new Map<string, Float64Array>();

  constructor(specs: unknown, data: unknown) {
    if (!(data instanceof ArrayBuffer)) throw bad("weightData", `is ${show(data)}, not an ArrayBuffer`);
    this.#view = new DataView(data);
    let at = 0;
    array(specs, "weightSpecs").forEach((value, i) => {
      const path = `weightSpecs[${i}]`;
      const spec = members(value, path);
      const name = string(spec.name, `${path}.name`);
      const shape = array(spec.shape, `${path}.shape`).map((one) => whole(one, `${path}.shape`, 0));
      const dtype = string(spec.dtype, `${path}.dtype`);
      const count = shape.reduce((a, b) => a * b, 1);
      const { quantization } = spec;
      const width =
        quantization === undefined || quantization === null
          ? lookup(widths, dtype, `${path}.dtype`)
          : lookup(shortened, members(quantization, path).dtype, `${path}.quantization.dtype`)[0];
      const end = at + count * width;
      if (!(end <= data.byteLength)) throw bad(path, `ends at ${end} of ${data.byteLength} bytes`);
      if (this.#specs.has(name)) throw bad(path, `has the name ${show(name)} of another`);
      const read = { path, shape, dtype, quantization, at, count };
      this.#specs.set(name, read);
      this.#short.set(name.split("/").slice(-2).join("/"), read);
      at = end;
    });
    if (at !== data.byteLength)
      throw bad("weightData", `has ${data.byteLength} bytes, and its weights take ${at}`);
  }

  /** A layer's numbers of a shape: the same array each time. */
  take(layer: string, name: string, shape: readonly number[]): Float64Array {
    const key = `${layer}/${name}`;
    const what = `the weight ${show(key)}`;
    const spec = this.#specs.get(key) ?? this.#short.get(key);
    if (spec === undefined) throw bad(what, "is missing");
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

  #read({ path, at, count, quantization }: Spec): Float64Array {
    if (quantization === undefined || quantization === null) {
      return Float64Array.from({ length: count }, (_, i) => this.#view.getFloat32(at + i * 4, true));
    }
    const { dtype, scale = 1, min = 0 } = members(quantization, path);
    const [factor, least] = [number(scale, `${path}.scale`), number(min, `${path}.min`)];
    const [width, read] = lookup(shortened, dtype, path);
    return Float64Array.from({ length: count }, (_, i) =>
      Math.fround(read(this.#view, at + i * width) * factor + least),
    );
  }
}

/** A number of 16 bits (IEEE 754), through one of 32 whose exponent is 112 too small. */
function half(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, ((bits & 0x8000) << 16) | ((bits & 0x7fff) << 13));
  return (bits & 0x7c00) === 0x7c00 ? Number.NaN : view.getFloat32(0) * 2 ** 112;
}
