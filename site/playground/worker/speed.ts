// The speed of a training: samples a second, without the time between slices.

/** Milliseconds of training over which samples are counted. */
const SPAN = 500;

export class Speed {
  #samples = 0;
  #time = 0;
  #perSecond = 0;

  get perSecond(): number {
    return this.#perSecond;
  }

  /** Begins to count at the start of a run, with the former speed until there is another. */
  begin(): void {
    this.#samples = 0;
    this.#time = 0;
  }

  /** Forgets the speed, which is another graph's. */
  forget(): void {
    this.#perSecond = 0;
  }

  /** Counts samples and the milliseconds that they took. */
  add(samples: number, time: number): void {
    this.#samples += samples;
    this.#time += time;
    if (this.#time > 0) this.#perSecond = (this.#samples / this.#time) * 1000;
    if (this.#time >= SPAN) this.begin();
  }
}
