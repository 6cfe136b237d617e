// The values of a layer in a file, in one of three layouts. Rows are (R, size), R being samples, or samples and their steps.
// Planes are channels first, (R, channels, …extents), as ONNX's operators of windows have them; layers and the file's inputs
// and outputs are channels last, (R, …shape). A plain layer's planes have extents of 1.

import type { Synapse } from "../../../index.js";
import { channels, product, type Shape } from "../../../rules/shape.js";
import type { Attributes, Writer } from "./writer.js";

/** A tensor by the layout that it has. */
export interface Tensors {
  readonly rows?: string;
  readonly planes?: string;
  readonly last?: string;
}

/** A synapse with the values of its source. */
export interface Term {
  readonly synapse: Synapse;
  readonly source: Values;
}

/** Returns whether a layer is computed as planes. */
export function isPlanar({ shape }: { readonly shape: Shape }): boolean {
  return shape.length > 1;
}

/** Values in the layouts that are asked for, each written once. */
export class Values {
  readonly #w: Writer;
  readonly #shape: Shape;
  readonly #made: { rows?: string; planes?: string; last?: string };
  /** The planes of a plain layer, by their number of extents. */
  readonly #points: string[] = [];

  constructor(w: Writer, shape: Shape, made: Tensors) {
    this.#w = w;
    this.#shape = shape;
    this.#made = { ...made };
  }

  get rows(): string {
    const { planes } = this.#made;
    const flat = isPlanar({ shape: this.#shape }) ? undefined : planes;
    this.#made.rows ??= this.#write("Reshape", [
      flat ?? this.last,
      this.#w.whole([-1, product(this.#shape)]),
    ]);
    return this.#made.rows;
  }

  /** The values channels last, with the shape of the layer. */
  get last(): string {
    const { rows, planes } = this.#made;
    const { length } = this.#shape;
    if (length === 1) return this.rows;
    this.#made.last ??= this.#w.keep(
      planes === undefined
        ? this.#w.op("Reshape", [rows!, this.#w.whole([-1, ...this.#shape])])
        : channelsLast(this.#w, planes, length),
    );
    return this.#made.last;
  }

  /** Returns the values channels first, of so many extents. */
  planes(rank: number): string {
    const { length } = this.#shape;
    if (length === 1) {
      const dims = [-1, channels(this.#shape), ...new Array<number>(rank).fill(1)];
      this.#points[rank] ??= this.#write("Reshape", [this.rows, this.#w.whole(dims)]);
      return this.#points[rank];
    }
    this.#made.planes ??= this.#write("Transpose", [this.last], {
      perm: [0, length, ...axes(1, length - 1)],
    });
    return this.#made.planes;
  }

  /** Writes an operator whose output others may read too. */
  #write(opType: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.#w.keep(this.#w.op(opType, inputs, attributes));
  }

  /** Returns the values in the layout in which a layer of the shape is computed. */
  get own(): string {
    return isPlanar({ shape: this.#shape }) ? this.planes(this.#shape.length - 1) : this.rows;
  }
}

/** Writes planes of a shape of so many numbers with the channels last. */
export function channelsLast(w: Writer, planes: string, length: number): string {
  return w.op("Transpose", [planes], { perm: [0, ...axes(2, length), 1] });
}

/** Returns the axes from one to another. */
function axes(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** Returns the tensors of a layer in its own layout. */
export function owned(shape: Shape, tensor: string): Tensors {
  return isPlanar({ shape }) ? { planes: tensor } : { rows: tensor };
}

/** Returns a bias, or other numbers of each unit, in the order of planes; and their dimensions beside the rows. */
export function arrangedUnits(
  shape: Shape,
  values: ArrayLike<number>,
): { dims: number[]; values: ArrayLike<number> } {
  if (!isPlanar({ shape })) return { dims: [1, values.length], values };
  const [count, all] = [channels(shape), product(shape)];
  const extents = shape.slice(0, -1);
  if (values.length === count) return { dims: [1, count, ...extents.map(() => 1)], values };
  const positions = all / count;
  const turned = Float64Array.from({ length: all }, (_, i) => {
    return values[(i % positions) * count + Math.floor(i / positions)]!;
  });
  return { dims: [1, count, ...extents], values: turned };
}
