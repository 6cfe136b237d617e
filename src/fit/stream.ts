// Batches that the caller gives one after another.

import { GraphError } from "../error.js";
import { dataset, iterate, type Sequence } from "./batch.js";
import type { Run } from "./run.js";
import { type Last, type Place, type Source, type Sum, type Tally, type Trainee, tally } from "./source.js";

/** Takes the place of a batch where a wait for it is ended. */
const ended: IteratorResult<unknown> = { done: true, value: undefined };

export class Stream implements Source {
  readonly batches = undefined;
  last: Last | undefined;
  tally: Tally = tally();
  readonly #trainee: Trainee;
  readonly #run: Run;
  readonly #data: Sequence | (() => Sequence);
  #iterator: Iterator<unknown> | AsyncIterator<unknown> | undefined;

  constructor(trainee: Trainee, run: Run, data: Sequence | (() => Sequence)) {
    this.#trainee = trainee;
    this.#run = run;
    this.#data = data;
  }

  async begin(skipped: number): Promise<void> {
    this.tally = tally();
    this.#iterator = iterate(typeof this.#data === "function" ? this.#data() : this.#data);
    for (let n = 0; n < skipped; n++) {
      const found = await this.#next();
      if (found === ended || this.#run.stop !== undefined) return;
      if (!found.done) continue;
      throw new GraphError("bad-shape", `The data has ${n} batches, and ${skipped} were trained before.`);
    }
  }

  /** The next batch, or `ended`. */
  #next(): IteratorResult<unknown> | Promise<IteratorResult<unknown>> {
    const next = this.#iterator!.next();
    if (!isPromise(next)) return next;
    return new Promise((resolve, reject) => {
      this.#run.wake = () => resolve(ended);
      this.#trainee.memory.wake = this.#run.wake;
      next.then(resolve, reject);
    });
  }

  step(place: Place): number | Promise<number> {
    const next = this.#next();
    return isPromise(next) ? next.then((found) => this.#train(found, place)) : this.#train(next, place);
  }

  #train(found: IteratorResult<unknown>, place: Place): number {
    const { done, value } = found;
    this.#trainee.memory.live();
    if (found === ended || this.#run.stop !== undefined) return 0;
    if (done) {
      this.#iterator = undefined;
      return 0;
    }
    const { pass, rows, cost } = this.#trainee.step(dataset(value), place);
    this.last = { pass, rows, cost };
    const sum = tally(this.tally);
    const { outputs } = sum;
    const more = (before: Sum = { rows: 0, cost: 0 }, mean: number) => ({
      rows: before.rows + rows,
      cost: before.cost + rows * mean,
    });
    pass.outputs.forEach(({ $: { name } }, o) => {
      outputs[name] = more(outputs[name], this.#trainee.memory.outputCost(pass, o));
    });
    this.tally = { ...more(sum, cost), outputs };
    return 1;
  }

  get rows(): number {
    return this.tally.rows;
  }

  /** Tells an iterator that is not read to its end that it won't be. */
  end(): unknown {
    const iterator = this.#iterator;
    this.#iterator = undefined;
    return iterator?.return?.();
  }
}

/** Also one of another realm. */
function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as Partial<Promise<T>>).then === "function";
}
