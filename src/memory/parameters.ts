// A graph's parameters in the core's memory:
//
//     parameters   every bias, gain and weight matrix, as block.ts lays them out, and some room for more
//     gradients    the same again, from the first training on

import { type ErrorCode, GraphError } from "../base/error.js";
import { reading } from "../base/options.js";
import { type FloatArray, type Precision, precisions } from "../base/precision.js";
import type { Block, Start } from "../model/block.js";
import type { Topology } from "../model/topology.js";
import { Blocks } from "./block.js";
import { Arena, type Core, collected, engine, probe } from "./core.js";

export abstract class Store {
  readonly core: Core;
  readonly arena: Arena;
  readonly precision: Precision;
  protected readonly bytes: number;
  protected readonly topology: Topology;
  #disposed = false;
  /** Whether `fit` runs. */
  busy = false;
  /** Whether a call reads what it was given, which may run code of the caller's. */
  reading = false;
  /** Called when it is disposed of: ends a wait for data. */
  wake = () => {};
  readonly blocks: Blocks;
  #probed = 0;
  protected parametersAt = 0;
  protected gradientsAt = 0;

  constructor(topology: Topology, precision: Precision) {
    this.core = engine(precision);
    this.arena = new Arena(this.core);
    this.precision = precision;
    this.bytes = precisions[precision];
    this.blocks = new Blocks(16 / this.bytes);
    this.topology = topology;
    collected.register(this, this.arena, this);
  }

  /** Places every block of parameters. Throws `out-of-memory`, with nothing changed. */
  abstract lay(): void;

  /** Throws `disposed`. */
  live(): void {
    if (this.#disposed) throw new GraphError("disposed", "This graph was disposed of.");
  }

  /** Throws `disposed`, or `busy` while `fit` runs, or data is read. */
  idle(): void {
    this.still();
    if (this.busy) throw new GraphError("busy", "The graph is in training: wait for `fit` to end.");
  }

  /** Throws `disposed`, or `busy` while data is read. */
  still(): void {
    this.live();
    if (this.reading)
      throw new GraphError("busy", "A call reads its data, which can't use the graph meanwhile.");
  }

  /**
   * Reads the caller's objects, by which the graph can't be used meanwhile. An error thrown there becomes the cause of a
   * GraphError.
   */
  read<R>(code: ErrorCode, what: string, work: () => R): R {
    this.still();
    this.reading = true;
    try {
      return reading(code, what, work);
    } finally {
      this.reading = false;
    }
  }

  /** Throws `busy` while data is read. */
  dispose(): void {
    if (this.#disposed) return;
    this.still();
    this.#disposed = true;
    collected.unregister(this);
    this.arena.clear();
    this.wake();
  }

  /** Numbers of the graph's precision, over the whole memory. */
  get numbers(): FloatArray<Precision> {
    return this.bytes === 8 ? this.core.f64 : this.core.f32;
  }

  /** The place of a pointer in `numbers`. */
  place(pointer: number): number {
    return pointer / this.bytes;
  }

  view(pointer: number, count: number): FloatArray<Precision> {
    const { buffer } = this.core;
    return this.bytes === 8
      ? new Float64Array(buffer, pointer, count)
      : new Float32Array(buffer, pointer, count);
  }

  /** Zeros of the graph's precision, the caller's own. Throws `out-of-memory`. */
  blank(count: number, what: string): FloatArray<Precision> {
    try {
      return this.bytes === 8 ? new Float64Array(count) : new Float32Array(count);
    } catch (cause) {
      throw new GraphError("out-of-memory", `There is no room for ${what}: ${count} numbers.`, { cause });
    }
  }

  /** The caller's own copy. */
  copy(pointer: number, count: number): FloatArray<Precision> {
    return this.view(pointer, count).slice();
  }

  /** Refuses parameters, and layers, that there is no room for; `beside`: bytes that their start takes. */
  check(count: number, what: string, beside = 0): void {
    const bytes = (this.blocks.total + this.blocks.round(count)) * this.bytes;
    this.#probed = Math.min(this.#probed, this.blocks.total * this.bytes);
    if (bytes + beside - this.#probed < 2 ** 20) return;
    probe(this.core, Math.max(bytes, beside), what);
    this.#probed = bytes;
  }

  /** A block of new parameters, by `check` known to have room. */
  reserve(rows: number, columns: number, start?: Start): Block {
    return this.blocks.add(rows, columns, start);
  }

  /** The parameters of a block; of none, an empty view. */
  parameters(block: Block | undefined): FloatArray<Precision> {
    this.live();
    this.lay();
    if (block === undefined) return this.view(this.parametersAt, 0);
    return this.view(this.parametersAt + block.offset * this.bytes, block.count);
  }

  /** All of them, of every layer and synapse, padding included. */
  get all(): FloatArray<Precision> {
    this.live();
    this.lay();
    return this.view(this.parametersAt, this.blocks.end);
  }

  /** The blocks of all parameters, layer by layer and then synapse by synapse, in whatever order they were made. */
  protected *places(): Iterable<Block> {
    this.lay();
    for (const l of this.topology.layers) {
      yield l.bias;
      if (l.gain !== undefined) yield l.gain;
    }
    for (const s of this.topology.synapses) {
      if (s.weights !== undefined && s.share === undefined) yield s.weights;
    }
  }

  /** The parameters in that order and without padding, of numbers that lie as the graph's do. */
  pack(all: FloatArray<Precision>): FloatArray<Precision> {
    const places = [...this.places()];
    const length = places.reduce((sum, { count }) => sum + count, 0);
    const packed = this.bytes === 8 ? new Float64Array(length) : new Float32Array(length);
    let end = 0;
    for (const { offset, count } of places) {
      packed.set(all.subarray(offset, offset + count), end);
      end += count;
    }
    return packed;
  }

  unpack(packed: FloatArray<Precision>, all: FloatArray<Precision>): void {
    let begin = 0;
    for (const { offset, count } of this.places()) {
      all.set(packed.subarray(begin, begin + count), offset);
      begin += count;
    }
  }

  get packed(): FloatArray<Precision> {
    return this.pack(this.all);
  }

  set packed(packed: FloatArray<Precision>) {
    this.unpack(packed, this.all);
  }

  gradients({ offset, count }: Block): FloatArray<Precision> {
    this.live();
    return this.copy(this.gradientsAt + offset * this.bytes, count);
  }

  /** Several blocks, or none of them. */
  protected take(wanted: readonly (readonly [bytes: number, what: string])[]): number[] {
    const taken: number[] = [];
    try {
      for (const [bytes, what] of wanted) taken.push(this.arena.alloc(bytes, what));
    } catch (error) {
      for (const block of taken) this.arena.free(block);
      throw error;
    }
    return taken;
  }
}
