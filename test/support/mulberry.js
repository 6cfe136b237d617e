// Random numbers for test cases, in Node and in browsers.

/** Mulberry32 (Tommy Ettinger): small, and good enough to draw test cases. */
export class Random {
  #state;

  /** @param {number} from */
  constructor(from) {
    this.#state = from >>> 0;
  }

  /** Returns a number uniform in [0, 1). */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Returns a number uniform in [-1, 1). */
  signed() {
    return this.next() * 2 - 1;
  }

  /**
   * Returns a whole number from `low` to `high`, both included.
   * @param {number} low
   * @param {number} high
   */
  whole(low, high) {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /** @param {number} share */
  chance(share) {
    return this.next() < share;
  }

  /**
   * @template T
   * @param {readonly T[]} from
   * @returns {T}
   */
  pick(from) {
    return /** @type {T} */ (from[this.whole(0, from.length - 1)]);
  }

  /**
   * Returns a list in another order.
   * @template T
   * @param {readonly T[]} from
   * @returns {T[]}
   */
  shuffled(from) {
    const list = [...from];
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.whole(0, i);
      [list[i], list[j]] = [/** @type {T} */ (list[j]), /** @type {T} */ (list[i])];
    }
    return list;
  }

  /**
   * Returns `count` numbers in [-1, 1).
   * @param {number} count
   */
  numbers(count) {
    return Array.from({ length: count }, () => this.signed());
  }

  /**
   * @param {number} count
   * @param {number} size
   */
  rows(count, size) {
    return Array.from({ length: count }, () => this.numbers(size));
  }
}
