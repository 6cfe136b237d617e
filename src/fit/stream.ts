// Batches that the caller gives one after another.

import { GraphError } from "../base/error.js";
import type { StepPlace } from "../calls/diverged.js";
import { type Batched, dataset, iterate, resultOf, type Sequence } from "./dataset.js";
import { over, type Run } from "./run.js";
import { type BatchSource, type Last, type Sum, type Tally, type Trainee, tally } from "./source.js";

export class Stream implements BatchSource {
  readonly batches = undefined;
  last: Last | undefined;
  tally: Tally = tally();
  readonly #trainee: Trainee;
  readonly #run: Run;
  readonly #data: Sequence | (() => Sequence);
  #batches: Batched | undefined;

  constructor(trainee: Trainee, run: Run, data: Sequence | (() => Sequence)) {
    this.#trainee = trainee;
    this.#run = run;
    this.#data = data;
  }

  async begin(skipped: number): Promise<void> {
    this.tally = tally();
    this.#batches = iterate(typeof this.#data === "function" ? this.#data() : this.#data);
    for (let n = 0; n < skipped; n++) {
      const found = await this.#run.wait(this.#batches.next());
      if (found === over || this.#run.stop !== undefined) return;
      if (!resultOf(found).done) continue;
      throw new GraphError("bad-shape", `The data has ${n} batches, and ${skipped} were trained before.`);
    }
  }

  step(place: StepPlace): number | Promise<number> {
    const next = this.#run.wait(this.#batches!.next());
    return next instanceof Promise
      ? next.then((found) => this.#train(found, place))
      : this.#train(next, place);
  }

  #train(found: unknown, place: StepPlace): number {
    this.#trainee.memory.live();
    if (found === over || this.#run.stop !== undefined) return 0;
    const { done, value } = resultOf(found);
    this.#trainee.memory.live();
    if (done) {
      this.#batches = undefined;
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
    pass.outputs.forEach(({ name }, o) => {
      outputs[name] = more(outputs[name], this.#trainee.training.outputCost(pass, o));
    });
    this.tally = { ...more(sum, cost), outputs };
    return 1;
  }

  get rows(): number {
    return this.tally.rows;
  }

  /** Closes a sequence that is not read to its end. */
  end(): unknown {
    const batches = this.#batches;
    this.#batches = undefined;
    return batches?.end();
  }
}
