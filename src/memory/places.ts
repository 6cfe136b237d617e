// Random connections: places in a matrix, and an order of units, from a random stream of their own.

import { zeros } from "../base/read.js";
import type { Memory } from "./memory.js";

/**
 * Draws so many of all pairs of units from the stream `number`: their sorted places, all subsets being alike. (Floyd's method:
 * Bentley and Floyd, "A sample of brilliance", 1987.) Throws `out-of-memory`.
 */
export function drawPlaces(memory: Memory, number: number, count: number, pairs: number): Float64Array {
  const what = `${count} connections`;
  memory.parameters.check(count, what);
  // The fewer of the chosen and the others are drawn.
  const isMost = 2 * count > pairs;
  const drawn = isMost ? pairs - count : count;
  const set = new Places(drawn, what);
  draws(memory, number, drawn, (random, i) => {
    const last = pairs - drawn + i;
    if (!set.add(Math.floor(random * (last + 1)))) set.add(last);
  });
  if (!isMost) return set.sorted();
  const places = zeros(count, what);
  for (let place = 0, i = 0; i < count; place++) if (!set.has(place)) places[i++] = place;
  return places;
}

/**
 * Draws the units that new units copy, for `before` units from the stream `number`: each once before any twice. Returns the
 * copied unit of each of `after` units; the old ones are their own.
 */
export function drawCopies(memory: Memory, number: number, before: number, after: number): Int32Array {
  const copied = Int32Array.from({ length: after }, (_, unit) => unit);
  const order = copied.slice(0, before);
  draws(memory, number, after - before, (random, i) => {
    // A step of Fisher and Yates's shuffle, which is complete when all units were copied as often.
    const first = i % before;
    const chosen = first + Math.floor(random * (before - first));
    const unit = order[chosen]!;
    order[chosen] = order[first]!;
    order[first] = unit;
    copied[before + i] = unit;
  });
  return copied;
}

/** Calls `use` with so many numbers in (0, 1), drawn from the stream `number`. Throws `out-of-memory`. */
function draws(
  memory: Memory,
  number: number,
  count: number,
  use: (random: number, i: number) => void,
): void {
  const { arena, core, seed } = memory;
  const room = arena.alloc(count * 8, "random numbers");
  core.call.draws(room, count, seed, number);
  new Float64Array(core.buffer, room, count).forEach(use);
  arena.free(room);
}

/** A set of places. (A `Set` ends at 2²⁴ numbers.) */
class Places {
  /** Each place plus 1, at or after the cell of its hash; 0 in empty cells, at least half of all. */
  readonly #cells: Float64Array;
  /** Bits that a hash loses. */
  readonly #shift: number;

  constructor(count: number, what: string) {
    let bits = 1;
    while (2 ** bits < 2 * count) bits++;
    this.#cells = zeros(2 ** bits, what);
    this.#shift = 32 - bits;
  }

  /** Returns the index of the cell of a place, or of the empty one where it would be. */
  #find(place: number): number {
    const cells = this.#cells;
    let cell = Math.imul(place ^ (place / 2 ** 32), 0x9e37_79b1) >>> this.#shift;
    while (cells[cell] !== 0 && cells[cell] !== place + 1) cell = (cell + 1) % cells.length;
    return cell;
  }

  has(place: number): boolean {
    return this.#cells[this.#find(place)] !== 0;
  }

  /** Adds a place. Returns whether it is new. */
  add(place: number): boolean {
    const cell = this.#find(place);
    const isNew = this.#cells[cell] === 0;
    this.#cells[cell] = place + 1;
    return isNew;
  }

  /** Returns the places in order, and ends the set's use. */
  sorted(): Float64Array {
    let count = 0;
    const cells = this.#cells;
    for (const cell of cells) if (cell !== 0) cells[count++] = cell - 1;
    return cells.slice(0, count).sort();
  }
}
