// Batches that the caller gives one after another.

import { GraphError } from "../error.js";
import { dataset, iterate, type Sequence } from "./batch.js";
import type { Run } from "./run.js";
import type { Last, Place, Source, Tally, Trainee } from "./source.js";

export class Stream implements Source {
  readonly batches = undefined;
  last: Last | undefined;
  tally: Tally = fresh();
  readonly #trainee: Trainee;
  readonly #run: Run;
  readonly #begin: () => Sequence;
  #iterator: Iterator<unknown> | AsyncIterator<unknown> | undefined;

  constructor(trainee: Trainee, run: Run, data: Sequence | (() => Sequence)) {
    this.#trainee = trainee;
    this.#run = run;
    let begun = false;
    this.#begin = () => {
      if (typeof data === "function") return data();
      if (begun) {
        const wanted = "for several epochs the data is a function that gives an iterable";
        throw new GraphError("bad-shape", `An iterable is read once: ${wanted}.`);
      }
      begun = true;
      return data;
    };
  }

  async begin(skipped: number): Promise<void> {
    this.tally = fresh();
    this.#iterator = iterate(this.#begin());
    for (let n = 0; n < skipped; n++) {
      if (!(await this.#next()).done) continue;
      throw new GraphError(
        "bad-shape",
        `The data has ${n} batches, of which ${skipped} were trained before.`,
      );
    }
  }

  /** The next batch, or the end where the run is to stop meanwhile. */
  #next(): IteratorResult<unknown> | Promise<IteratorResult<unknown>> {
    const next = this.#iterator!.next();
    if (!(next instanceof Promise)) return next;
    return new Promise((resolve, reject) => {
      this.#run.wake = () => resolve({ done: true, value: undefined });
      next.then(resolve, reject);
    });
  }

  step(place: Place): number | Promise<number> {
    const next = this.#next();
    return next instanceof Promise
      ? next.then((found) => this.#train(found, place))
      : this.#train(next, place);
  }

  #train({ done, value }: IteratorResult<unknown>, place: Place): number {
    this.#trainee.memory.live();
    if (this.#run.stop !== undefined) return 0;
    if (done) {
      this.#iterator = undefined;
      return 0;
    }
    const { pass, rows, cost } = this.#trainee.step(dataset(value), place);
    this.last = { pass, rows, cost };
    const outputs = Object.assign(Object.create(null), this.tally.outputs);
    pass.outputs.forEach(({ $: { name } }, o) => {
      outputs[name] = (outputs[name] ?? 0) + rows * this.#trainee.memory.outputCost(pass, o);
    });
    this.tally = { rows: this.tally.rows + rows, cost: this.tally.cost + rows * cost, outputs };
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

  /** Whatever comes of that: the run has ended. */
  free(): void {
    Promise.resolve(this.end()).catch(() => {});
  }
}

function fresh(): Tally {
  return { rows: 0, cost: 0, outputs: Object.create(null) };
}
