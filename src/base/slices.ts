// Work over many numbers in slices, between which the event loop can turn: a generator that yields at the end of each slice.

/** Numbers of a slice: a millisecond's work, where their memory is new. */
const SLICE = 2 ** 18;

/** Counts the numbers of several runs of work, so that short runs share a slice. */
export class Slices {
  #left = SLICE;

  /** Calls `work` with the bounds of parts of `count` numbers. Yields at the end of each slice. */
  *over(count: number, work: (from: number, to: number) => void): Generator<void, void> {
    for (let from = 0; from < count; ) {
      const to = Math.min(count, from + this.#left);
      work(from, to);
      this.#left -= to - from;
      from = to;
      if (this.#left > 0) continue;
      this.#left = SLICE;
      yield;
    }
  }
}

/** Does work at once. */
export function atOnce<R>(work: Iterator<void, R>): R {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** Does work in slices, and awaits `rest` between them. Begins at once. Throws the errors of both. */
export async function inSlices<R>(work: Generator<void, R>, rest: () => Promise<void>): Promise<R> {
  try {
    for (;;) {
      const { done, value } = work.next();
      if (done) return value;
      await rest();
    }
  } finally {
    work.return(undefined as R); // ends work that `rest` has cut short
  }
}
