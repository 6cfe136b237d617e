// The core: the only file that instantiates the WebAssembly and knows its exports. All graphs of a precision share one
// instance, since browsers bound the number of live instances. It is compiled for the first graph.

import { LANE } from "../../assembly/abi.js";
import { GraphError } from "../base/error.js";
import { type FloatArray, type Precision, precisions } from "../base/precision.js";
import { Slices } from "../base/slices.js";
import { embedded } from "./embedded.js";
import { given } from "./given.js";
import { refused } from "./host.js";

/** Exports of assembly/index.ts. Pointers are byte addresses in `memory`. */
interface Exports extends Record<string, unknown> {
  readonly memory: { readonly buffer: ArrayBuffer };
  alloc(bytes: number): number;
  claim(bytes: number): number;
  free(block: number): void;
  probe(bytes: number): void;
  start(
    way: number,
    values: number,
    from: number,
    to: number,
    seed: number,
    index: number,
    a: number,
    b: number,
    room: number,
    each: number,
  ): void;
  draws(values: number, count: number, seed: number, index: number): void;
  room(synapse: number): number;
  shuffle(order: number, count: number, seed: number, index: number): void;
  notFinite(values: number, count: number): number;
  outside(values: number, count: number): number;
  checkAll(pass: number, rows: number): number;
  predict(pass: number, rows: number): number;
  evaluate(pass: number, rows: number): number;
  cost(pass: number, rows: number): number;
  gather(feeds: number, feedCount: number, order: number, first: number, rows: number): void;
  gradients(pass: number, rows: number): number;
  train(pass: number, rows: number): number;
  checkUpstream(pass: number, rows: number): number;
  upstreamGradients(pass: number, rows: number): void;
  backward(pass: number, rows: number): number;
  blend(to: number, from: number, count: number, tau: number): void;
  batches(
    pass: number,
    feeds: number,
    feedCount: number,
    order: number,
    rows: number,
    size: number,
    from: number,
    to: number,
    sums: number,
  ): number;
  carry(pass: number, rows: number): void;
  fault(): number;
}

/** A core's exports, and views of its memory, which are made anew after it has grown. */
export class Core {
  readonly call: Exports;
  readonly precision: Precision;
  /** Bytes of a number in the precision. */
  readonly bytes: number;
  #u32!: Uint32Array;
  #f64!: Float64Array;
  #f32!: Float32Array;
  #u8!: Uint8Array;

  /** Throws `no-wasm` where the host refuses it, or where none was handed in. */
  constructor(precision: Precision) {
    if (typeof WebAssembly === "undefined") throw refused(undefined);
    const call = embedded(precision) ?? given(precision);
    if (call === undefined) {
      const file = `plexus-nn/${precision}.wasm`;
      throw new GraphError(
        "no-wasm",
        `There is no core for ${precision} yet: hand ${file} to setCore of plexus-nn/slim or plexus-nn/predict first.`,
      );
    }
    this.call = call as Exports;
    this.precision = precision;
    this.bytes = precisions[precision];
    this.#look();
  }

  /**
   * Makes the views anew. A grown memory has a new buffer, and the old buffer has no bytes, unless threads share it: then its
   * views are too short.
   */
  #look(): void {
    const buffer = this.call.memory.buffer;
    this.#u32 = new Uint32Array(buffer);
    this.#f64 = new Float64Array(buffer);
    this.#f32 = new Float32Array(buffer);
    this.#u8 = new Uint8Array(buffer);
  }

  /** Makes the views anew if they end before a block. */
  reach(block: number): void {
    if (this.#u8.length <= block) this.#look();
  }

  get buffer(): ArrayBuffer {
    return this.call.memory.buffer as ArrayBuffer;
  }

  get u32(): Uint32Array {
    if (this.#u32.length === 0) this.#look();
    return this.#u32;
  }

  get u8(): Uint8Array {
    if (this.#u8.length === 0) this.#look();
    return this.#u8;
  }

  get f64(): Float64Array {
    if (this.#f64.length === 0) this.#look();
    return this.#f64;
  }

  get f32(): Float32Array {
    if (this.#f32.length === 0) this.#look();
    return this.#f32;
  }

  /** Numbers of the precision, over the whole memory. */
  get numbers(): FloatArray<Precision> {
    return this.bytes === 8 ? this.f64 : this.f32;
  }

  view(pointer: number, count: number): FloatArray<Precision> {
    const { buffer } = this;
    return this.bytes === 8
      ? new Float64Array(buffer, pointer, count)
      : new Float32Array(buffer, pointer, count);
  }

  /** Copies numbers to an array of the caller's own. */
  copy(pointer: number, count: number): FloatArray<Precision> {
    return this.view(pointer, count).slice();
  }
}

/** Blocks of memory to allocate, each with its purpose. */
export type Wanted = readonly (readonly [bytes: number, what: string])[];

const cores: { [P in Precision]?: Core } = {};

/** Returns the core of a precision. Throws `no-wasm` where the host refuses it. */
export function engine(precision: Precision): Core {
  cores[precision] ??= new Core(precision);
  return cores[precision];
}

/** Forgets the core of a precision: the next graph has a new one, in another memory. */
export function forget(precision: Precision): void {
  delete cores[precision];
}

/** A graph's blocks in the core's memory, freed together: by `dispose`, or when the graph is collected. */
export class Arena {
  readonly #core: Core;
  readonly #blocks = new Set<number>();

  constructor(core: Core) {
    this.#core = core;
  }

  /** Allocates a zeroed block. Throws `out-of-memory`, with nothing changed. */
  alloc(bytes: number, what: string): number {
    const block = within(bytes, what, this.#core.call.alloc) >>> 0;
    this.#core.reach(block + bytes - 1);
    this.#blocks.add(block);
    return block;
  }

  /**
   * Allocates several blocks, or none of them, and zeroes them in slices. If the memory is freed meanwhile, the work must be ended.
   * Throws `out-of-memory`, with nothing changed.
   */
  *takeInSlices(wanted: Wanted): Generator<void, number[]> {
    const slices = new Slices();
    const taken: number[] = [];
    let isDone = false;
    try {
      for (const [bytes, what] of wanted) {
        const block = within(bytes, what, this.#core.call.claim) >>> 0;
        const size = Math.ceil(bytes / LANE) * LANE + LANE;
        this.#core.reach(block + size - 1);
        this.#blocks.add(block);
        taken.push(block);
        yield* slices.over(size, (from, to) => this.#core.u8.fill(0, block + from, block + to));
      }
      isDone = true;
      return taken;
    } finally {
      if (!isDone) for (const block of taken) this.free(block);
    }
  }

  /** Allocates several blocks, or none of them. Throws `out-of-memory`, with nothing changed. */
  take(wanted: Wanted): number[] {
    const taken: number[] = [];
    try {
      for (const [bytes, what] of wanted) taken.push(this.alloc(bytes, what));
    } catch (error) {
      for (const block of taken) this.free(block);
      throw error;
    }
    return taken;
  }

  free(block: number): void {
    if (this.#blocks.delete(block)) this.#core.call.free(block);
  }

  clear(): void {
    for (const block of this.#blocks) this.#core.call.free(block);
    this.#blocks.clear();
  }
}

/** The allocator's largest block, less a lane: 1 GiB. */
const LARGEST = 2 ** 30 - 64;

/** Calls the allocator for so many bytes. Throws `out-of-memory`, with nothing changed. */
function within<R>(bytes: number, what: string, call: (bytes: number) => R): R {
  if (bytes <= LARGEST) {
    try {
      return call(bytes);
    } catch (cause) {
      if (!(cause instanceof WebAssembly.RuntimeError)) throw cause;
    }
  }
  const hint =
    " `dispose()` gives a graph's memory back; a graph that was dropped does so when the event loop turns.";
  throw new GraphError(
    "out-of-memory",
    `There is no room for ${what}: ${size(bytes)}.${bytes <= LARGEST ? hint : ""}`,
  );
}

/** Throws `out-of-memory` at once if there is no room for so many bytes. */
export function probe({ call }: Core, bytes: number, what: string): void {
  within(bytes, what, call.probe);
}

function size(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toPrecision(3)} GB` : `${(bytes / 1e6).toPrecision(3)} MB`;
}

/** Frees the arenas of collected graphs. On a host that doesn't report them, only `dispose` frees an arena. */
export const collected: Pick<
  FinalizationRegistry<Arena>,
  "register" | "unregister"
> = typeof FinalizationRegistry === "function"
  ? new FinalizationRegistry<Arena>((arena) => arena.clear())
  : { register() {}, unregister: () => false };
