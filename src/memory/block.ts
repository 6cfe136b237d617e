// Where parameters lie: blocks, one after the other in the order of creation, each rounded up to whole lanes.
//
//     offset 0        4        8              (numbers, not bytes)
//            ┌────────┬────────┬──────────────┬─
//            │ bias x │ bias h │ W x → h      │ ...
//            └────────┴────────┴──────────────┴─
//
// Adding, removing and resizing only change the list of blocks. The next layout gives every block its place, and says what has
// to move; gradients and the optimizer's moments lie in the same way.

import { Block, type Place, type Start } from "../model/block.js";

/** The places that blocks are to have. */
export interface Layout {
  /** The blocks that are placed: the new ones alone, or after a removal or a change of shape all. */
  readonly blocks: readonly Block[];
  readonly places: readonly Place[];
  /** Numbers from the first place to the end of the last. */
  readonly end: number;
  /** Whether blocks that lie somewhere already are among them, and whether one has another shape. */
  readonly isWhole: boolean;
  readonly isReshaped: boolean;
}

export class Blocks {
  #list: Block[] = [];
  /** Blocks that lie in memory, where none was removed or reshaped since. */
  #placed = 0;
  #isEdited = false;
  /** Numbers in a vector of the core. */
  readonly #lanes: number;
  /** Numbers of all blocks, in whole lanes, and the end of what lies in memory. */
  total = 0;
  end = 0;

  constructor(lanes: number) {
    this.#lanes = lanes;
  }

  get length(): number {
    return this.#list.length;
  }

  /** Whether every block has its place. */
  get isSettled(): boolean {
    return this.#placed === this.#list.length && !this.#isEdited;
  }

  /** Rounds a count up to whole lanes. */
  round(count: number): number {
    return Math.ceil(count / this.#lanes) * this.#lanes;
  }

  add(rows: number, columns: number, start: Start | undefined): Block {
    const block = new Block(rows, columns, start);
    this.#list.push(block);
    this.total += this.round(block.count);
    return block;
  }

  remove(gone: ReadonlySet<Block>): void {
    this.#list = this.#list.filter((block) => !gone.has(block));
    for (const { count } of gone) this.total -= this.round(count);
    this.#isEdited = true;
  }

  /** Sets another shape of a block, which its numbers take with the next layout; `start` is how all of them would start. */
  reshape(block: Block, rows: number, columns: number, start: Start | undefined): void {
    this.total += this.round(rows * columns) - this.round(block.count);
    Object.assign(block, { rows, columns, start });
    this.#isEdited = true;
  }

  layout(): Layout {
    const isWhole = this.#isEdited;
    const first = isWhole ? 0 : this.#placed;
    const blocks = this.#list.slice(first);
    let end = isWhole ? 0 : this.end;
    let isReshaped = false;
    const places = blocks.map(({ rows, columns, place }, i): Place => {
      const offset = end;
      end += this.round(rows * columns);
      isReshaped ||= place !== undefined && (place.rows !== rows || place.columns !== columns);
      return { offset, index: first + i, rows, columns };
    });
    return { blocks, places, end, isWhole, isReshaped };
  }

  /**
   * Copies numbers to the places of a layout; `from` and `to` are pointers, equal only where no shape changes. The part of a
   * block that both shapes have is kept.
   */
  carry(u8: Uint8Array, layout: Layout, from: number, to: number, bytes: number): void {
    const { blocks, places, end, isWhole } = layout;
    const copy = (source: number, target: number, count: number) => {
      const at = from + source * bytes;
      u8.copyWithin(to + target * bytes, at, at + count * bytes);
    };
    if (!isWhole) {
      if (from !== to) copy(0, 0, this.end);
      return;
    }
    blocks.forEach(({ place }, i) => {
      if (place === undefined) return;
      const { offset, rows, columns } = places[i]!;
      if (from === to && place.offset === offset) return;
      const kept = Math.min(rows, place.rows);
      if (columns === place.columns) {
        // With the lanes' rest, which is 0 and stays so.
        copy(place.offset, offset, rows === place.rows ? this.round(rows * columns) : kept * columns);
        return;
      }
      for (let row = 0; row < kept; row++) {
        copy(place.offset + row * place.columns, offset + row * columns, Math.min(columns, place.columns));
      }
    });
    if (from === to && this.end > end) u8.fill(0, to + end * bytes, to + this.end * bytes);
  }

  /** Copies records of whole blocks, `bytes` each, to new memory. */
  carryRecords(u8: Uint8Array, { blocks, places, isWhole }: Layout, from: number, to: number, bytes: number) {
    if (!isWhole) u8.copyWithin(to, from, from + this.#placed * bytes);
    else {
      blocks.forEach(({ place }, i) => {
        if (place === undefined) return;
        const at = from + place.index * bytes;
        u8.copyWithin(to + places[i]!.index * bytes, at, at + bytes);
      });
    }
  }

  /** Notes that all lies as a layout says. */
  settle({ blocks, places, end }: Layout): void {
    blocks.forEach((block, i) => {
      block.place = places[i]!;
      block.start = undefined;
    });
    this.end = end;
    this.#placed = this.#list.length;
    this.#isEdited = false;
  }
}
