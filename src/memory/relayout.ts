// Changes of the parameters' layout: blocks are added, removed and resized, and the next layout moves the others. The
// optimizer's moments are laid out like the parameters, and move with them.

import type { Block, Place, Start } from "../model/block.js";
import type { Arena, Core } from "./core.js";
import type { OptimizerState } from "./optimizer.js";
import { type Parameters, workspaceOf } from "./parameters.js";

/** New places of blocks. */
interface Layout {
  /** The placed blocks: new ones alone, or all after a removal or a change of shape. */
  readonly blocks: readonly Block[];
  readonly places: readonly Place[];
  /** Numbers from the first place to the end of the last. */
  readonly end: number;
  /** Whether the layout has blocks that were placed before, and whether one has another shape. */
  readonly isWhole: boolean;
  readonly isReshaped: boolean;
}

/** Another shape of a block. */
export interface Shaping {
  readonly rows: number;
  readonly columns: number;
  /** The start of the whole block, before the numbers that are kept; zeros without one. */
  readonly start?: Start | undefined;
  /** For each number the index of the old one that is kept there, -1 for none; without a list, both shapes' rectangle is kept. */
  readonly picks?: Int32Array | undefined;
}

export class Relayout {
  readonly #core: Core;
  readonly #arena: Arena;
  readonly #parameters: Parameters;
  readonly #optimizer: OptimizerState;
  /** Numbers that the parameters, and so each moment, have room for. */
  room = 0;

  constructor(core: Core, arena: Arena, parameters: Parameters, optimizer: OptimizerState) {
    this.#core = core;
    this.#arena = arena;
    this.#parameters = parameters;
    this.#optimizer = optimizer;
  }

  /** Removes blocks. */
  remove(gone: ReadonlySet<Block>): void {
    const parameters = this.#parameters;
    parameters.blocks = parameters.blocks.filter((block) => !gone.has(block));
    for (const { count } of gone) parameters.total -= parameters.round(count);
    parameters.isEdited = true;
  }

  /** Sets another shape of a block, which its numbers take with the next layout. */
  reshape(block: Block, { rows, columns, start, picks }: Shaping): void {
    const parameters = this.#parameters;
    parameters.total += parameters.round(rows * columns) - parameters.round(block.count);
    Object.assign(block, { rows, columns, start, picks });
    parameters.isEdited = true;
  }

  /** Whether removed blocks leave a quarter of all room unused. */
  get isSparse(): boolean {
    return this.#parameters.end >= this.#parameters.total * 1.25;
  }

  /**
   * Places every block: old numbers move there, with their moments, and new ones start. If there are only new blocks, and
   * room for them, nothing moves. Returns whether blocks have moved. Throws `out-of-memory`, with nothing changed.
   */
  place(): boolean {
    const parameters = this.#parameters;
    const optimizer = this.#optimizer;
    const layout = this.#layout();
    const taken = this.#makeRoom(layout);
    const before = parameters.at;
    const isNew = taken.parameters !== undefined;
    if (isNew) [parameters.at, this.room] = [taken.parameters!, taken.numbers!];
    const move = (from: number, to: number) => {
      if (from !== 0) this.#move(layout, from, to);
    };
    // In the same memory, a new block may start at an old block's place, so old blocks move first. In other memory, the kept
    // part of a growing block is copied after the block's start.
    if (!isNew) move(before, before);
    layout.blocks.forEach(({ start }, i) => {
      start?.write(parameters.at + layout.places[i]!.offset * this.#core.bytes, taken.workspace);
    });
    if (isNew) move(before, parameters.at);
    if (optimizer.isPlaced) {
      optimizer.placeMoments(taken.moments, parameters.at, move);
      if (taken.records !== undefined) {
        optimizer.placeBlocks(taken.records, taken.count!, (...places) =>
          this.#moveRecords(layout, ...places),
        );
      }
    }
    layout.blocks.forEach((block, i) => {
      block.place = layout.places[i]!;
      block.start = block.picks = undefined;
    });
    parameters.end = layout.end;
    parameters.placed = parameters.blocks.length;
    parameters.isEdited = false;
    this.#arena.free(taken.workspace);
    if (isNew) this.#arena.free(before);
    return isNew || layout.isWhole;
  }

  #layout(): Layout {
    const parameters = this.#parameters;
    const isWhole = parameters.isEdited;
    const first = isWhole ? 0 : parameters.placed;
    const blocks = parameters.blocks.slice(first);
    let end = isWhole ? 0 : parameters.end;
    let isReshaped = false;
    const places = blocks.map(({ rows, columns, place, picks }, i): Place => {
      const offset = end;
      end += parameters.round(rows * columns);
      const isSame = place === undefined || (place.rows === rows && place.columns === columns);
      isReshaped ||= !isSame || picks !== undefined;
      return { offset, index: first + i, rows, columns };
    });
    return { blocks, places, end, isWhole, isReshaped };
  }

  /**
   * Takes memory for a layout: for workspace and, if needed, for parameters, moments and blocks' records. A growing graph gets
   * room for half as many numbers again, if there is, so that it is seldom copied.
   */
  #makeRoom({ blocks, end, isWhole, isReshaped }: Layout) {
    const parameters = this.#parameters;
    const optimizer = this.#optimizer;
    const isTight = end > this.room || isReshaped || parameters.at === 0;
    const grown = Math.ceil(this.room * 1.5);
    const choices: (number | undefined)[] = [];
    if (end > this.room && grown > end) choices.push(grown);
    if (isTight || (isWhole && end < this.room * 0.75)) choices.push(end);
    if (!isTight) choices.push(undefined);
    const { length } = parameters.blocks;
    const isShort = optimizer.isPlaced && (isWhole || length > optimizer.room);
    const grownCount = isWhole ? 0 : Math.ceil(optimizer.room * 1.5);
    const count = isShort ? Math.max(length, grownCount) : undefined;
    const workspace = workspaceOf(blocks);
    for (;;) {
      const choice = choices.shift();
      const numbers = choice && parameters.round(choice);
      const bytes = numbers === undefined ? undefined : numbers * this.#core.bytes;
      try {
        const taken = this.#arena.take([
          [workspace, "the initial weights"],
          ...(bytes === undefined ? [] : [[bytes, "the parameters"] as const]),
          ...(optimizer.isPlaced ? optimizer.wanted(count, bytes) : []),
        ]);
        return {
          workspace: taken.shift()!,
          numbers,
          parameters: bytes === undefined ? undefined : taken.shift()!,
          count,
          records: count === undefined ? undefined : taken.shift()!,
          moments: taken,
        };
      } catch (error) {
        if (choices.length === 0) throw error;
      }
    }
  }

  /**
   * Copies numbers to the places of a layout. `from` and `to` are pointers, equal only if no shape changes. The part of a
   * block that both shapes have is kept.
   */
  #move({ blocks, places, end, isWhole }: Layout, from: number, to: number): void {
    const parameters = this.#parameters;
    const { u8, bytes, numbers } = this.#core;
    const copy = (source: number, target: number, count: number) => {
      const at = from + source * bytes;
      u8.copyWithin(to + target * bytes, at, at + count * bytes);
    };
    if (!isWhole) {
      if (from !== to) copy(0, 0, parameters.end);
      return;
    }
    blocks.forEach(({ place, picks }, i) => {
      if (place === undefined) return;
      const { offset, rows, columns } = places[i]!;
      if (from === to && place.offset === offset) return;
      if (picks !== undefined) {
        const [source, target] = [from / bytes + place.offset, to / bytes + offset];
        picks.forEach((kept, index) => {
          if (kept >= 0) numbers[target + index] = numbers[source + kept]!;
        });
        return;
      }
      const kept = Math.min(rows, place.rows);
      if (columns === place.columns) {
        // With the rest of the lanes, which is 0 and stays 0.
        const count = rows === place.rows ? parameters.round(rows * columns) : kept * columns;
        copy(place.offset, offset, count);
        return;
      }
      for (let row = 0; row < kept; row++) {
        copy(place.offset + row * place.columns, offset + row * columns, Math.min(columns, place.columns));
      }
    });
    if (from !== to) return;
    if (parameters.end > end) u8.fill(0, to + end * bytes, to + parameters.end * bytes);
    // New blocks lie where others were.
    blocks.forEach(({ place, count }, i) => {
      if (place !== undefined) return;
      const at = to + places[i]!.offset * bytes;
      u8.fill(0, at, at + parameters.round(count) * bytes);
    });
  }

  /** Copies records of whole blocks, `bytes` each, to new memory. */
  #moveRecords({ blocks, places, isWhole }: Layout, from: number, to: number, bytes: number): void {
    const { u8 } = this.#core;
    if (!isWhole) u8.copyWithin(to, from, from + this.#parameters.placed * bytes);
    else {
      blocks.forEach(({ place }, i) => {
        if (place === undefined) return;
        const at = from + place.index * bytes;
        u8.copyWithin(to + places[i]!.index * bytes, at, at + bytes);
      });
    }
  }
}
