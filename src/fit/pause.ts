// Giving way: training holds the event loop for slices of some milliseconds, and lets it turn between them.

/** The longest slice that is planned, in milliseconds: two less than it may be, since batches differ. */
const SLICE = 10;

export class Pause {
  readonly #now: () => number;
  readonly #turn: Turn;
  /** When the slice began. */
  #since: number;
  /** Milliseconds of a batch, as of late, and how many went at once. */
  #cost = 0;
  #count = 0.5;

  constructor(now = clock(), turn = eventLoop()) {
    this.#now = now;
    this.#turn = turn;
    this.#since = now();
  }

  /**
   * How many batches fit into what is left of the slice, at least 1. At most twice as many as the last time, since a clock may
   * be coarse. The cost of a batch is the slower of the last two measurements; 0, where no tick was seen, is no bound.
   */
  room(): number {
    const left = SLICE - (this.#now() - this.#since);
    return Math.max(1, Math.min(this.#count * 2, Math.floor(left / this.#cost) || 1)); // 0 / 0: one
  }

  /** Notes what some batches took, in milliseconds. */
  measured(batches: number, time: number): void {
    this.#cost = Math.max(time / batches, this.#cost * 0.9);
    this.#count = batches;
  }

  /** Lets the event loop turn where another batch would not fit into the slice. */
  get due(): boolean {
    return this.#now() - this.#since + this.#cost > SLICE;
  }

  async turn(): Promise<void> {
    await this.#turn.next();
    this.#since = this.#now();
  }

  end(): void {
    this.#turn.end();
  }
}

/** A way to let the event loop turn. */
export interface Turn {
  next(): Promise<void>;
  end(): void;
}

/**
 * `setImmediate`, or, where there is none, a message to oneself. Browsers clamp timers to milliseconds, and serve continuations
 * of `scheduler.yield` before they draw.
 */
export function eventLoop(): Turn {
  const { setImmediate } = globalThis as { setImmediate?: (resume: () => void) => void };
  if (setImmediate !== undefined) {
    return { next: () => new Promise((resolve) => setImmediate(resolve)), end: () => {} };
  }
  if (typeof MessageChannel !== "function") {
    // In an audio worklet there are no timers either: then a microtask has to do.
    const turn = (resume: () => void) => (typeof setTimeout === "function" ? setTimeout(resume) : resume());
    return { next: () => new Promise((resolve) => void turn(resolve)), end: () => {} };
  }
  const { port1, port2 } = new MessageChannel();
  return {
    next: () =>
      new Promise((resolve) => {
        port1.onmessage = () => resolve();
        port2.postMessage(0);
      }),
    end: () => port1.close(),
  };
}

/**
 * Makes a clock of milliseconds since now. It never goes back: where the host's is set back, or shows no number, it stands still
 * for that moment.
 */
export function clock(): () => number {
  const host = () => (typeof performance === "object" ? performance.now() : Date.now());
  let elapsed = 0;
  let last = host();
  return () => {
    const time = host();
    if (time - last > 0 && time - last < Infinity) elapsed += time - last;
    if (Number.isFinite(time)) last = time;
    return elapsed;
  };
}
