// Passes, each over the ancestors of some outputs and made at the first call for these, and the slots of a call's data.

import { PassWord, type Path } from "../../assembly/abi.js";
import { GraphError } from "../base/error.js";
import { formsText } from "../base/nested.js";
import { type LayerNode, mixedOf } from "../model/node.js";
import { needsTime } from "../model/time.js";
import type { Topology } from "../model/topology.js";
import { nestings, type Shape } from "../rules/shape.js";
import type { Arena, Core } from "./core.js";
import { type Room, widthOf } from "./matrices.js";
import { pathOf } from "./path.js";
import type { Records } from "./records.js";
import type { LayerStates, States } from "./states.js";
import type { Times } from "./times.js";

/** The purposes of a pass that need room: predicting, a cost, training. */
export type Need = "states" | "cost" | "gradients";

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
  /** Whether a synapse has a delay or an `at`, so that its data has steps. */
  readonly needsTime: boolean;
  /** The steps of the call's samples; `undefined` for a call without steps. */
  times: Times | undefined = undefined;
  /** The block that has the words of some steps. */
  readonly steps = { at: 0, bytes: 0, times: undefined as Times | undefined };
  /** Bytes of the blocks that `Memory.reserve` has taken. */
  readonly reserved = new Map<PassWord, number>();
  /** The most rows and samples of calls with steps that it has room for, by the purpose of the room. */
  readonly #extents = new Map<Room, Extent>();
  readonly #states: readonly LayerStates[];
  readonly #topology: Topology;
  /** Pointer of the record; 0 once the pass is freed. */
  #record: number;

  /** The first of `blocks` is the record. */
  constructor(
    layers: readonly LayerNode[],
    outputs: readonly LayerNode[],
    topology: Topology,
    states: States,
    blocks: number[],
  ) {
    this.layers = layers;
    this.outputs = outputs;
    this.inputs = layers.filter((layer) => layer.kind === "input");
    const slots = (list: readonly LayerNode[], matrix: Slot["matrix"]) =>
      list.map((layer) => slotOf(layer, states.of(layer), matrix));
    this.slots = [...slots(this.inputs, "input"), ...slots(outputs, "target")];
    this.weightedSlots = [...this.slots, ...slots(outputs, "lossWeights")];
    this.path = pathOf(layers, outputs);
    this.piece = Math.max(PIECE.rows, Math.floor(PIECE.numbers / widthOf(layers, topology)));
    this.needsTime = needsTime(layers);
    this.blocks = blocks;
    this.#states = layers.map((layer) => states.of(layer));
    this.#topology = topology;
    this.#record = blocks[0]!;
  }

  /** The pointer of its record. Throws `disposed` once the pass is freed. */
  get record(): number {
    if (this.#record !== 0) return this.#record;
    throw new GraphError("disposed", "This pass was freed: its graph was disposed of, or has changed.");
  }

  /** Records the samples that its layers were computed for. */
  setRows(samples: number): void {
    if (this.times !== undefined) this.#setSteps(this.times);
    else for (const states of this.#states) states.rows = samples;
  }

  #setSteps(times: Times): void {
    for (let i = 0; i < this.#states.length; i++) {
      const states = this.#states[i]!;
      states.isTimed = this.isTimed(this.layers[i]!);
      states.rows = -(states.isTimed ? times.rows : times.samples);
      states.times = times;
    }
  }

  /** Returns whether a layer has a row for each step of each sample, in a call with steps. */
  isTimed(layer: LayerNode): boolean {
    return this.#topology.loops.timedOf(layer);
  }

  /** Returns the rows of a layer in a call of so many samples. */
  rowsOf(layer: LayerNode, samples: number): number {
    return this.times !== undefined && this.isTimed(layer) ? this.times.rows : samples;
  }

  /** Returns a function that returns the rows of a layer in a call with steps. */
  rowsBy({ rows, samples }: Times): (layer: LayerNode) => number {
    return (layer) => (this.isTimed(layer) ? rows : samples);
  }

  /** Returns whether a room was taken before for such steps. */
  hasRoom(room: Room, { rows, samples }: Times): boolean {
    const extent = this.#extents.get(room);
    return extent !== undefined && rows <= extent.rows && samples <= extent.samples;
  }

  /** Returns the most rows and samples that a room would be for with such steps. */
  extentWith(room: Room, { rows, samples }: Times): Extent {
    const extent = this.#extents.get(room) ?? { rows: 0, samples: 0 };
    return { rows: Math.max(rows, extent.rows), samples: Math.max(samples, extent.samples) };
  }

  /** Sets the extent of a room that was taken. */
  tookRoom(room: Room, times: Times): void {
    this.#extents.set(room, this.extentWith(room, times));
  }

  free(arena: Arena): void {
    this.#record = 0;
    for (const block of this.blocks.splice(0)) arena.free(block);
  }
}

/** The most rows, and the most samples, that a room is for. */
interface Extent {
  readonly rows: number;
  readonly samples: number;
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
  /** Whether its targets may be class numbers, `parts` for each row. */
  readonly classes: boolean;
  readonly parts: number;
  /** Axes of its nested samples; none for a plain size. */
  readonly nests: readonly Shape[];
  /** Whether its data may be in a form that `convert` knows. */
  readonly isConverted: boolean;
  /** The further forms of its data in errors. */
  readonly also: string;
  /** The caller's data, during a call. */
  data: unknown;
}

function slotOf(layer: LayerNode, states: LayerStates, matrix: Slot["matrix"]): Slot {
  const { name, loss, size, shape } = layer;
  const mixed = mixedOf(layer);
  const classes = matrix === "target" && loss?.name === "crossEntropy" && mixed > 1;
  const parts = size / mixed;
  const nests = nestings(shape, classes);
  const isConverted = classes || nests.length > 0 || (matrix === "input" && layer.classes !== undefined);
  const also = !isConverted ? "" : formsText(nests, classes ? parts : undefined);
  return { layer, states, name, size, matrix, classes, parts, nests, isConverted, also, data: undefined };
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
    const pass = new Pass(layers, outputs, this.#topology, this.#states, blocks);
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
