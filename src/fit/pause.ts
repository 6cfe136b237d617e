// Yielding to the event loop: training holds it for slices of some milliseconds, and lets it turn between them.

/** Planned milliseconds of a slice: two less than its bound, since batches differ. */
const SLICE = 10;

export class Pause {
  readonly #now: () => number;
  readonly #turn: Turn;
  /** Time at which the slice began. */
  #since: number;
  /** Milliseconds of a recent batch, and number of batches at once. */
  #cost = 0;
  #count = 0.5;

  constructor(now = clock(), turn = eventLoop()) {
    this.#now = now;
    this.#turn = turn;
    this.#since = now();
  }

  /**
   * Returns how many batches fit into the rest of the slice, at least 1. At most twice as many as the last time, since a
   * clock may be coarse. The cost of a batch is the slower of the last two measurements. A cost of 0, measured without a tick
   * of the clock, is no bound.
   */
  room(): number {
    const left = SLICE - (this.#now() - this.#since);
    return Math.max(1, Math.min(this.#count * 2, Math.floor(left / this.#cost) || 1)); // 0 / 0: one
  }

  /** Records the milliseconds that some batches took. */
  measured(batches: number, time: number): void {
    this.#cost = Math.max(time / batches, this.#cost * 0.9);
    this.#count = batches;
  }

  /** Whether another batch would not fit into the slice, so that the event loop must turn. */
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

/** Lets the event loop turn. */
interface Turn {
  next(): Promise<void>;
  end(): void;
}

/**
 * Returns `setImmediate` as a turn, or a message to this thread if the host lacks it. Browsers clamp timers to milliseconds,
 * and serve continuations of `scheduler.yield` before they draw.
 */
export function eventLoop(): Turn {
  const { setImmediate } = globalThis as { setImmediate?: (resume: () => void) => void };
  if (setImmediate !== undefined) {
    return { next: () => new Promise((resolve) => setImmediate(resolve)), end: () => {} };
  }
  if (typeof MessageChannel !== "function") {
    // Audio worklets lack timers, too; there a microtask takes their place.
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
 * Makes a clock of milliseconds since its start. It never runs backwards: while the host's clock is set back, or returns no
 * number, it stands still.
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
