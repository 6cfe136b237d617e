// A block of parameters: its shape, the start of its numbers, and its place among all numbers, which memory/parameters.ts
// assigns.

/** Place of a block in memory. */
export interface Place {
  /** Index of its first number, among all numbers. */
  readonly offset: number;
  /** Index of the block, among all blocks. */
  readonly index: number;
  readonly rows: number;
  readonly columns: number;
}

/** The start of a block's numbers, which are zeros before. */
export interface Start {
  /** Bytes of workspace that it takes. */
  readonly workspace: number;
  /** Writes the numbers. `values` and `workspace` are pointers. */
  write(values: number, workspace: number): void;
}

/** A bias or a gain, (1, size), or a matrix of weights, (from, to). */
export class Block {
  rows: number;
  columns: number;
  /** The start of its numbers; `undefined` once they have started. */
  start: Start | undefined;
  /** The old numbers that a new shape keeps; see memory/relayout.ts. */
  picks: Int32Array | undefined = undefined;
  /** Its place; `undefined` before its first layout. */
  place: Place | undefined;

  constructor(rows: number, columns: number, start: Start | undefined) {
    this.rows = rows;
    this.columns = columns;
    this.start = start;
  }

  get count(): number {
    return this.rows * this.columns;
  }

  get offset(): number {
    return this.place!.offset;
  }
}
