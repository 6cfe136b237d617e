// The room that a file's layers may take. It grows with the file: a few bytes can ask for a layer of any size, or for any matrix.

import { GraphError } from "../../../index.js";

/** Most units of a layer. */
const LARGEST = 2 ** 24;

/** Most numbers of matrices and constants beside twice the file's bytes. */
const ROOM = 2 ** 24;

/** Most numbers of units beside twice the file's bytes, each counted at every step that makes an array of them. */
const UNITS = 2 ** 26;

/** Refuses a layer of too many units. Throws `unsupported`. */
export function checkSize(units: number): void {
  if (units <= LARGEST) return;
  throw new GraphError("unsupported", `A layer of ${units} units is more than ${LARGEST}.`);
}

/** The numbers that can still be made. */
export class Budget {
  #room: number;
  #units: number;

  constructor(bytes: number) {
    this.#room = ROOM + 2 * bytes;
    this.#units = UNITS + 2 * bytes;
  }

  /** Whether more was taken than there is. */
  get exhausted(): boolean {
    return !(this.#room >= 0 && this.#units >= 0);
  }

  /** Takes room for numbers. Throws `unsupported` where there is no more. */
  charge(numbers: number): void {
    this.#room -= numbers;
    this.#check();
  }

  /** Takes room for units. Throws `unsupported` where there is no more. */
  chargeUnits(units: number): void {
    this.#units -= units;
    this.#check();
  }

  #check(): void {
    if (!this.exhausted) return;
    const why = "As a graph of layers, this file would be out of all proportion to its size.";
    throw new GraphError("unsupported", why);
  }
}
