// The pace of a run: the steps that it may have made by now.

export class Pace {
  readonly #now: () => number;
  #perSecond = Number.POSITIVE_INFINITY;
  /** The step and the time from which steps count. */
  #step = 0;
  #time = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Begins at a step, with at most so many steps a second. */
  begin(step: number, perSecond: number): void {
    this.#perSecond = perSecond;
    this.#restart(step);
  }

  /** Returns the step up to which a run to another step may train now. */
  allowed(until: number): number {
    if (this.#perSecond === Number.POSITIVE_INFINITY) return until;
    const seconds = (this.#now() - this.#time) / 1000;
    return Math.min(until, this.#step + Math.floor(seconds * this.#perSecond));
  }

  /** Counts from a step that a slice came to. Steps that this machine is too slow for are not made up for later. */
  reached(step: number, allowed: number): void {
    if (step < allowed) this.#restart(step);
  }

  #restart(step: number): void {
    this.#step = step;
    this.#time = this.#now();
  }
}
