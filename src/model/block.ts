// A block of parameters: its shape, how its numbers start, and its place among all numbers, which it has in memory/parameters.ts.

/** A block as it lies in memory. */
export interface Place {
  /** Of its first number, among all numbers. */
  readonly offset: number;
  /** Of the block, among all blocks. */
  readonly index: number;
  readonly rows: number;
  readonly columns: number;
}

/** How numbers start, zeros before. */
export interface Start {
  /** Bytes of workspace that it takes. */
  readonly workspace: number;
  /** Writes the numbers; both are pointers. */
  write(values: number, workspace: number): void;
}

/** A bias or a gain, (1, size), or a matrix of weights, (from, to). */
export class Block {
  rows: number;
  columns: number;
  /** How its numbers are to start, until they have. */
  start: Start | undefined;
  /** `undefined` before its first layout. */
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
