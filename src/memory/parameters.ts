// A graph's parameters in the core's memory: biases, gains and weight matrices in the order of creation, each rounded up to whole
// lanes.
//
//     offset 0        4        8              (numbers, not bytes)
//            ┌────────┬────────┬──────────────┬─
//            │ bias x │ bias h │ W x → h      │ ...
//            └────────┴────────┴──────────────┴─

import type { FloatArray, Precision } from "../base/precision.js";
import { Block, type Start } from "../model/block.js";
import { type Arena, type Core, probe } from "./core.js";

export class Parameters {
  readonly #core: Core;
  readonly #arena: Arena;
  /** Numbers in a vector of the core. */
  readonly #lanes: number;
  blocks: Block[] = [];
  /** Number of placed blocks, if none was removed or reshaped since. */
  placed = 0;
  isEdited = false;
  /** Numbers of all blocks, in whole lanes, and the end of the last placed block. */
  total = 0;
  end = 0;
  /** Pointer of the first number; 0 before the first layout. */
  at = 0;
  #probed = 0;

  constructor(core: Core, arena: Arena) {
    this.#core = core;
    this.#arena = arena;
    this.#lanes = 16 / core.bytes;
  }

  /** Rounds a count up to whole lanes. */
  round(count: number): number {
    return Math.ceil(count / this.#lanes) * this.#lanes;
  }

  /** Refuses parameters, and layers, without room for them. `workspace` is the bytes that their start takes. */
  check(count: number, what: string, workspace = 0): void {
    const { bytes } = this.#core;
    const wanted = (this.total + this.round(count)) * bytes;
    this.#probed = Math.min(this.#probed, this.total * bytes);
    if (wanted + workspace - this.#probed < 2 ** 20) return;
    probe(this.#core, Math.max(wanted, workspace), what);
    this.#probed = wanted;
  }

  /** Adds a block, for which `check` has found room. */
  add(rows: number, columns: number, start?: Start): Block {
    const block = new Block(rows, columns, start);
    this.blocks.push(block);
    this.total += this.round(block.count);
    return block;
  }

  /** Whether every block is placed. */
  get isPlaced(): boolean {
    return this.placed === this.blocks.length && !this.isEdited;
  }

  /** Places all blocks of a network that no longer changes. Throws `out-of-memory`, with nothing changed. */
  place(): void {
    const { bytes } = this.#core;
    const [workspace, at] = this.#arena.take([
      [workspaceOf(this.blocks), "the initial weights"],
      [this.total * bytes, "the parameters"],
    ]) as [number, number];
    this.at = at;
    this.blocks.forEach((block, index) => {
      const { rows, columns, start } = block;
      block.place = { offset: this.end, index, rows, columns };
      this.end += this.round(block.count);
      start?.write(this.pointer(block), workspace);
    });
    this.placed = this.blocks.length;
    this.#arena.free(workspace);
  }

  /** Returns the pointer of a placed block. */
  pointer({ offset }: Block): number {
    return this.at + offset * this.#core.bytes;
  }

  /** Views the parameters of a placed block. */
  view(block: Block): FloatArray<Precision> {
    return this.#core.view(this.pointer(block), block.count);
  }
}

/** Returns the bytes of workspace that the start of some blocks takes. */
export function workspaceOf(blocks: readonly Block[]): number {
  return blocks.reduce((most, { start }) => Math.max(most, start?.workspace ?? 0), 0);
}
