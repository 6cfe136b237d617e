// A graph's numbers in the core's memory, and the guards of their use.
//
//     parameters   parameters.ts: biases, gains and weights
//     records      records.ts: the core's records of layers and synapses
//     states       states.ts: the state matrices of each layer that a pass has reached
//     passes       pass.ts: one pass for each requested set of outputs
//     extension    training.ts: optimizer, gradients, targets; absent in a network that only predicts
//
// Allocation happens here, before a pass, never inside one.

import { LayerWord, type PassWord } from "../../assembly/abi.js";
import { type ErrorCode, GraphError } from "../base/error.js";
import { reading } from "../base/options.js";
import type { FloatArray, Precision } from "../base/precision.js";
import type { Block } from "../model/block.js";
import type { LayerNode } from "../model/node.js";
import type { Topology } from "../model/topology.js";
import { Arena, type Core, collected, engine } from "./core.js";
import { Parameters } from "./parameters.js";
import { type Pass, PassCache } from "./pass.js";
import { Records } from "./records.js";
import { States } from "./states.js";

/** The part that training adds to a memory. */
export interface Extension {
  /** Places every block of parameters. Returns whether some have moved. Throws `out-of-memory`, with nothing changed. */
  place(): boolean;
  /** Writes its words of the records of layers and synapses, which were made anew. */
  writeRecords(): void;
  /** Follows a change of the trainable parts. */
  relearn(): void;
  /** Drops its pointers, since the graph's memory was freed. */
  free(): void;
}

export class Memory {
  readonly core: Core;
  readonly arena: Arena;
  readonly precision: Precision;
  readonly topology: Topology;
  readonly parameters: Parameters;
  readonly records: Records;
  readonly states: States;
  readonly passes: PassCache;
  extension: Extension | undefined;
  /** Seed of the generators. */
  seed: number;
  #disposed = false;
  /** Whether `fit` runs, or a rate that is a function is called. */
  busy = false;
  /** Whether a call reads its data, which may run the caller's code. */
  reading = false;
  /** Called at the disposal; ends the waits of a run of `fit`. */
  wake = () => {};

  constructor(topology: Topology, precision: Precision, seed: number) {
    this.core = engine(precision);
    this.arena = new Arena(this.core);
    this.precision = precision;
    this.topology = topology;
    this.seed = seed;
    const { core, arena } = this;
    this.parameters = new Parameters(core, arena);
    this.records = new Records(core, arena, topology, this.parameters);
    this.states = new States(core, arena, topology, this.records);
    this.passes = new PassCache(core, arena, topology, this.records, this.states);
    collected.register(this, arena, this);
  }

  // ------------------------------------------------------------------------------------------------------ guards

  /** Throws `disposed` after the disposal. */
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

  /** Reads the caller's objects, while the graph can't be used. An error thrown there becomes the cause of a GraphError. */
  read<R>(code: ErrorCode, what: string, work: () => R): R {
    this.still();
    this.reading = true;
    try {
      return reading(code, what, work);
    } finally {
      this.reading = false;
    }
  }

  /** Frees all memory of the graph. Throws `busy` while data is read. */
  dispose(): void {
    if (this.#disposed) return;
    this.still();
    this.#disposed = true;
    collected.unregister(this);
    this.arena.clear();
    this.wake();
    this.passes.clear();
    this.extension?.free();
  }

  // ------------------------------------------------------------------------------------------------------ layout

  /** Whether all of the topology is laid out. */
  get isLaidOut(): boolean {
    return this.records.edits === this.topology.edits;
  }

  /** Follows changes of the topology, in the order of the lines. Throws `out-of-memory`, with nothing changed. */
  layout(): void {
    if (this.isLaidOut) return;
    this.place();
    this.records.make();
    this.passes.clear();
    this.records.write();
    this.records.takeRoom();
    for (const layer of this.topology.layers) this.states.follow(layer);
    this.extension?.writeRecords();
  }

  /** Places every block of parameters. Throws `disposed`; `out-of-memory`, with nothing changed. */
  place(): void {
    if (this.parameters.isPlaced) return;
    this.live();
    if (this.extension === undefined) this.parameters.place();
    else if (!this.extension.place()) return;
    this.passes.clear();
    this.records.edits = -1; // they point to the old places of parameters
  }

  /** Follows a change of the trainable parts. */
  relearn(): void {
    this.passes.clear();
    this.extension?.relearn();
  }

  /** Returns the pass over the ancestors of some outputs, which are in the order of their creation. Throws `unconnected`. */
  pass(outputs: readonly LayerNode[]): Pass {
    this.live();
    this.layout();
    return this.passes.get(outputs, !this.busy);
  }

  /** Takes room for a pass forward over `rows` samples. Throws `out-of-memory`. */
  ensure(pass: Pass, rows: number): void {
    if (pass.room >= rows) return;
    this.states.enlarge(pass.layers, rows, "state");
    pass.room = rows;
  }

  /** Returns whether a layer's values outside a sequence flowed into the last pass. */
  flows(layer: LayerNode): boolean {
    return this.core.u32[this.records.word(layer, LayerWord.flows) >>> 2] !== 0;
  }

  /** Takes room for the block of a word of a pass's record, unless it has so many bytes. Throws `out-of-memory`. */
  reserve(pass: Pass, word: PassWord, bytes: number, what: string): void {
    if (bytes <= (pass.reserved.get(word) ?? -1)) return;
    const { arena, core } = this;
    const block = arena.alloc(bytes, what);
    const at = (pass.record >>> 2) + word;
    const old = core.u32[at]!;
    arena.free(old);
    if (pass.blocks.includes(old)) pass.blocks.splice(pass.blocks.indexOf(old), 1);
    pass.blocks.push(block);
    core.u32[at] = block;
    pass.reserved.set(word, bytes);
  }

  // ------------------------------------------------------------------------------------------------------- views

  /** Views the parameters of a block; an empty view without a block. */
  viewOf(block: Block | undefined): FloatArray<Precision> {
    this.live();
    this.place();
    return block === undefined ? this.core.view(this.parameters.at, 0) : this.parameters.view(block);
  }

  /** All parameters, of every layer and synapse, padding included. */
  get all(): FloatArray<Precision> {
    this.live();
    this.place();
    return this.core.view(this.parameters.at, this.parameters.end);
  }
}
