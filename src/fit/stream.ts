// Batches of a caller's sequence, one after another.

import { GraphError } from "../base/error.js";
import { bind } from "../calls/bind.js";
import type { StepPlace } from "../calls/diverged.js";
import type { Network } from "../calls/network.js";
import { trainStep } from "../calls/train.js";
import { datasetWeighting } from "../calls/weighting.js";
import { addMean, type BatchSource, copyTally, type Stepped, type Tally } from "./batches.js";
import { type Batched, dataset, iterate, resultOf, type Sequence } from "./dataset.js";
import { interrupted, type Run } from "./run.js";

export class Stream implements BatchSource {
  readonly batches = undefined;
  readonly #network: Network;
  readonly #run: Run;
  readonly #data: Sequence | (() => Sequence);
  #iterator: Batched | undefined;
  #tally: Tally = copyTally();

  constructor(network: Network, run: Run, data: Sequence | (() => Sequence)) {
    this.#network = network;
    this.#run = run;
    this.#data = data;
  }

  async begin(skipped: number, tally: Tally): Promise<void> {
    this.#tally = tally;
    this.#iterator = iterate(typeof this.#data === "function" ? this.#data() : this.#data);
    for (let n = 0; n < skipped; n++) {
      const found = await this.#run.wait(this.#iterator.next());
      if (found === interrupted || this.#run.stop !== undefined) return;
      if (!resultOf(found).done) continue;
      throw new GraphError("bad-shape", `The data has ${n} batches, and ${skipped} were trained before.`);
    }
  }

  step(place: StepPlace): Stepped | undefined | Promise<Stepped | undefined> {
    const next = this.#run.wait(this.#iterator!.next());
    return next instanceof Promise
      ? next.then((found) => this.#train(found, place))
      : this.#train(next, place);
  }

  #train(found: unknown, place: StepPlace): Stepped | undefined {
    const network = this.#network;
    const { memory, training } = network;
    memory.live();
    if (found === interrupted || this.#run.stop !== undefined) return undefined;
    const { done, value } = resultOf(found);
    memory.live();
    if (done) {
      this.#iterator = undefined;
      return undefined;
    }
    const batch = dataset(value);
    const weighting = datasetWeighting(network.topology, batch);
    memory.live();
    training.askRate();
    const { pass, rows } = bind(network, batch.xs, batch.ts, "gradients", weighting);
    const cost = trainStep(network, pass, rows, place);
    const { outputs } = copyTally(this.#tally);
    pass.outputs.forEach(({ name }, o) => {
      outputs[name] = addMean(outputs[name], rows, training.outputCost(pass, o));
    });
    const tally = { ...addMean(this.#tally, rows, cost), outputs };
    this.#tally = tally;
    return { batches: 1, cost, tally };
  }

  /** Closes a sequence that was not read to its end. */
  end(): unknown {
    const iterator = this.#iterator;
    this.#iterator = undefined;
    return iterator?.end();
  }
}
