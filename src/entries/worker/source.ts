// The values of one input, copied part by part for threads. Buffers go to a thread and back, since new ones cost more than a copy.

import {
  bad,
  bufferFor,
  classFor,
  isNested,
  isTyped,
  type TypedArray,
  type TypedClass,
  type Vector,
} from "../../base/read.js";
import type { SlotData } from "../../calls/stepdata.js";
import { INSIDE } from "../../graph/internal.js";
import { Graph } from "../../index.js";
import type { Slot } from "../../memory/pass.js";
import type { Times } from "../../memory/times.js";

/** Copies samples of an input, which begin with sample `first`. */
type Copy = (first: number, count: number, to: TypedArray, width: number) => void;

export class Source {
  readonly #Kind: TypedClass;
  readonly #copy: Copy;
  readonly #spare: ArrayBuffer[] = [];
  /** Bytes of each buffer. */
  #bytes = 0;
  /** The caller's own numbers, which threads read in place, where they lie in a shared buffer. */
  readonly #shared: TypedArray | undefined;

  constructor(copy: Copy, Kind: TypedClass = Float64Array, shared?: TypedArray) {
    this.#copy = copy;
    this.#Kind = Kind;
    this.#shared = shared;
  }

  /**
   * Returns the values of `count` samples from sample `first` on, of `width` numbers each, in room for `room` numbers. Throws
   * `bad-shape`, `bad-input`.
   */
  take(first: number, count: number, width: number, room: number): TypedArray {
    const [Kind, shared] = [this.#Kind, this.#shared];
    if (shared !== undefined) {
      const from = shared.byteOffset + first * width * Kind.BYTES_PER_ELEMENT;
      return new Kind(bufferFor(shared) as ArrayBuffer, from, count * width);
    }
    this.#bytes = room * Kind.BYTES_PER_ELEMENT;
    const buffer = this.#spare.pop() ?? new ArrayBuffer(this.#bytes);
    const values = new Kind(buffer, 0, count * width);
    this.#copy(first, count, values, width);
    return values;
  }

  /** Takes back the buffer of values that a thread has read. */
  give({ buffer }: TypedArray): void {
    if (buffer instanceof ArrayBuffer && buffer.byteLength === this.#bytes) this.#spare.push(buffer);
  }
}

/** Returns the source of an input without steps. If `isSharing`, numbers in a shared buffer stay there. */
export function plainSource(slot: Slot, isSharing: boolean): Source {
  const { checkClasses, checkRows, isUnfoldable, unfold, write } = Graph[INSIDE];
  const { name, size, nests, also, layer, data } = slot;
  const { classes } = layer;
  if (isTyped(data) && classes === undefined) {
    const isShared = isSharing && bufferFor(data) instanceof SharedArrayBuffer;
    const copy: Copy = (first, count, to) =>
      write(data, name, count, size, to as Float64Array, 0, undefined, first);
    return new Source(copy, classFor(data), isShared ? data : undefined);
  }
  const isNest = isUnfoldable(data, nests);
  return new Source((first, count, to) => {
    const numbers = to as Float64Array;
    if (isNest) {
      const errorOf = (fault: string) => bad(name, fault, size, "", also);
      const flat = unfold(data.slice(first, first + count), nests, errorOf, first) as Vector;
      if (isTyped(flat)) numbers.set(flat);
      else write(behind(flat, first * size), name, count, size, numbers, 0, undefined, first);
    } else {
      if (isNested(data)) checkRows(data, name, size, also, first, first + count);
      write(data, name, count, size, numbers, 0, undefined, first);
    }
    if (classes !== undefined) checkClasses(numbers, classes, name, size, (row) => `row ${first + row}`);
  });
}

/** Returns the source of an input in a call with steps. `whole` are the steps of all samples, whose core's order it follows. */
export function stepSource(data: SlotData, whole: Times): Source {
  const { checkClasses, rowName, Times, writeSteps } = Graph[INSIDE];
  const { name, size, isTimed, inputClasses } = data;
  return new Source((first, count, to, width) => {
    const numbers = to as Float64Array;
    numbers.fill(0); // behind a sample's end
    for (let i = 0; i < count; i++) {
      const place = first + i;
      const times = new Times(1, whole.lengthOf(whole.sampleAt(place)));
      writeSteps(data, whole, { times, first: place, step: 0 }, numbers, i * width);
    }
    if (inputClasses === undefined) return;
    const steps = width / size;
    checkClasses(numbers, inputClasses, name, size, (row) =>
      rowName(isTimed, whole.sampleAt(first + Math.floor(row / steps)), row % steps),
    );
  });
}

/** Returns values behind so many holes, so that their places are those in the whole data. */
function behind(values: Vector, holes: number): number[] {
  const all: number[] = [];
  all.length = holes;
  for (let i = 0; i < values.length; i++) all.push(values[i]!);
  return all;
}
