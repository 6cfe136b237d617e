// Passes, each over the ancestors of some outputs and made at the first call for these, and the slots of a call's data.

import { PassWord, type Path } from "../../assembly/abi.js";
import { GraphError } from "../base/error.js";
import type { LayerNode } from "../model/node.js";
import type { Topology } from "../model/topology.js";
import type { Arena, Core } from "./core.js";
import { pathOf } from "./path.js";
import type { Records } from "./records.js";
import { type LayerStates, type States, widthOf } from "./states.js";

/** A pass over the ancestors of some outputs. A use of a freed pass throws, and never reaches the memory of another graph. */
export class Pass {
  /** In the order of their creation. */
  readonly outputs: readonly LayerNode[];
  readonly layers: readonly LayerNode[];
  readonly inputs: readonly LayerNode[];
  /** Slots of a call's data: values for the inputs, then targets for the outputs. */
  readonly slots: readonly Slot[];
  /** These slots, then the loss weights of the outputs. */
  readonly weightedSlots: readonly Slot[];
  /** The core's shorter path for one sample, if there is one. */
  readonly path: Path;
  /** Blocks to free with the pass. */
  readonly blocks: number[];
  /** Rows that are computed at once outside of training: more rows go in pieces, so that states take some MB at most. */
  readonly piece: number;
  /** Rows that it has room for: forward, with targets, with gradients, with loss weights. */
  room = 0;
  targetRoom = 0;
  deltaRoom = 0;
  weightsRoom = 0;
  readonly #states: readonly LayerStates[];
  /** Pointer of the record; 0 once the pass is freed. */
  #record: number;

  /** The first of `blocks` is the record. */
  constructor(layers: readonly LayerNode[], outputs: readonly LayerNode[], states: States, blocks: number[]) {
    this.layers = layers;
    this.outputs = outputs;
    this.inputs = layers.filter((layer) => layer.kind === "input");
    const slots = (list: readonly LayerNode[], matrix: Slot["matrix"]) =>
      list.map((layer) => slotOf(layer, states.of(layer), matrix));
    this.slots = [...slots(this.inputs, "input"), ...slots(outputs, "target")];
    this.weightedSlots = [...this.slots, ...slots(outputs, "lossWeights")];
    this.path = pathOf(layers, outputs);
    this.piece = Math.max(PIECE.rows, Math.floor(PIECE.numbers / widthOf(layers)));
    this.blocks = blocks;
    this.#states = layers.map((layer) => states.of(layer));
    this.#record = blocks[0]!;
  }

  /** The pointer of its record. Throws `disposed` once the pass is freed. */
  get record(): number {
    if (this.#record !== 0) return this.#record;
    throw new GraphError("disposed", "This pass was freed: its graph was disposed of, or has changed.");
  }

  /** Records the rows that its layers were computed for. */
  setRows(rows: number): void {
    for (const states of this.#states) states.rows = rows;
  }

  free(arena: Arena): void {
    this.#record = 0;
    for (const block of this.blocks.splice(0)) arena.free(block);
  }
}

/** Numbers of all states of a piece together, and its least rows, which keep products fast. */
const PIECE = { numbers: 2 ** 20, rows: 16 } as const;

/** The place of a call's data for a layer. */
export interface Slot {
  readonly layer: LayerNode;
  readonly states: LayerStates;
  readonly name: string;
  readonly size: number;
  readonly matrix: "input" | "target" | "lossWeights";
  /** Whether its targets may be class numbers. */
  readonly classes: boolean;
  /** The caller's data, during a call. */
  data: unknown;
}

function slotOf(layer: LayerNode, states: LayerStates, matrix: Slot["matrix"]): Slot {
  const { name, loss, size } = layer;
  const classes = matrix === "target" && loss?.name === "crossEntropy" && size > 1;
  return { layer, states, name, size, matrix, classes, data: undefined };
}

const own = Object.prototype.hasOwnProperty;

/** Puts an object's values into slots, if it names the slots in their order, and nothing else. Returns whether it did. */
export function fill(given: object, slots: readonly Slot[], from: number, to: number): boolean {
  if (given.hasOwnProperty !== own) return false;
  let next = from;
  // In this form V8 checks and reads a name by its place, without a lookup, which `own.call` and `Object.hasOwn` would need.
  for (const name in given) {
    // biome-ignore lint/suspicious/noPrototypeBuiltins: it is the one of Object
    if (next === to || slots[next]!.name !== name || !given.hasOwnProperty(name)) return false;
    slots[next]!.data = (given as Record<string, unknown>)[name];
    if (slots[next++]!.data === undefined) return false;
  }
  return next === to;
}

/** Limit of cached passes; not enforced during `fit`, which holds references. */
const CACHE_LIMIT = 64;

/** A graph's passes, by their outputs. */
export class PassCache {
  readonly #core: Core;
  readonly #arena: Arena;
  readonly #topology: Topology;
  readonly #records: Records;
  readonly #states: States;
  readonly #passes = new Map<string, Pass>();
  /** The pass of the last call, usually that of the next, too. */
  #last: Pass | undefined;

  constructor(core: Core, arena: Arena, topology: Topology, records: Records, states: States) {
    this.#core = core;
    this.#arena = arena;
    this.#topology = topology;
    this.#records = records;
    this.#states = states;
  }

  /** Puts targets into the slots of the last call's pass, if they name its outputs in their order. Returns that pass then. */
  again(targets: object): Pass | undefined {
    const last = this.#last;
    if (last === undefined) return undefined;
    return fill(targets, last.slots, last.inputs.length, last.slots.length) ? last : undefined;
  }

  /**
   * Returns the pass over the ancestors of some outputs, which are in the order of their creation. If `isTrimmed`, frees the
   * oldest of too many passes. Throws `unconnected`, `out-of-memory`.
   */
  get(outputs: readonly LayerNode[], isTrimmed: boolean): Pass {
    if (outputs === this.#last?.outputs) return this.#last;
    const key = outputs.length === 1 ? `${outputs[0]!.index}` : outputs.map((o) => o.index).join();
    let pass = this.#passes.get(key);
    if (pass === undefined) {
      pass = this.#make(outputs);
      this.#passes.set(key, pass);
      // Trimmed last, since a refused call must change nothing. The new pass is the newest, and stays.
      if (isTrimmed) this.#trim();
    }
    this.#last = pass;
    return pass;
  }

  #make(outputs: readonly LayerNode[]): Pass {
    const layers = this.#topology.ancestors(outputs);
    const blocks = this.#arena.take([
      [PassWord.words * 4, "a pass"],
      [layers.length * 4, "a pass"],
      [outputs.length * 4, "a pass"],
      [outputs.length * 8, "a pass"],
    ]);
    const [record, layerList, outputList, outputCosts] = blocks as [number, number, number, number];
    const { u32 } = this.#core;
    const list = (at: number, some: readonly LayerNode[]) => {
      some.forEach((layer, i) => {
        u32[(at >>> 2) + i] = this.#records.layer(layer);
      });
    };
    list(layerList, layers);
    list(outputList, outputs);
    const at = record >>> 2;
    u32[at + PassWord.layers] = layerList;
    u32[at + PassWord.layerCount] = layers.length;
    u32[at + PassWord.outputs] = outputList;
    u32[at + PassWord.outputCount] = outputs.length;
    u32[at + PassWord.outputCosts] = outputCosts;
    const pass = new Pass(layers, outputs, this.#states, blocks);
    u32[at + PassWord.path] = pass.path;
    return pass;
  }

  /** Frees the oldest of too many passes. */
  #trim(): void {
    for (const [key, pass] of this.#passes) {
      if (this.#passes.size <= CACHE_LIMIT) return;
      pass.free(this.#arena);
      this.#passes.delete(key);
    }
  }

  /** Yields all passes. */
  [Symbol.iterator](): Iterator<Pass> {
    return this.#passes.values();
  }

  /** Frees all passes. */
  clear(): void {
    for (const pass of this.#passes.values()) pass.free(this.#arena);
    this.#passes.clear();
    this.#last = undefined;
  }
}
