// Evaluation of resident data in pieces, with the bits of `evaluate`. The event loop can turn between pieces, in which other
// calls may use the layers' matrices. So outputs.ts copies the outputs of each piece.

import type { GraphError } from "../base/error.js";
import { diverged, type StepPlace } from "../calls/diverged.js";
import type { Network } from "../calls/network.js";
import { OutputRows } from "../calls/outputs.js";
import type { Evaluation } from "../calls/score.js";
import type { Metric } from "../rules/metric.js";
import type { Pause } from "./pause.js";
import type { ResidentData } from "./resident.js";

/** Samples of a piece. */
const PIECE = 64;

export class Evaluator {
  readonly #network: Network;
  readonly #data: ResidentData;
  /** Values of the outputs, for all rows. */
  readonly #outputs: OutputRows;

  /** Throws `out-of-memory`. */
  constructor(network: Network, data: ResidentData) {
    const { pass, rows } = data;
    this.#network = network;
    this.#data = data;
    network.memory.ensure(pass, Math.min(PIECE, rows));
    network.training.ensureCosts(pass, rows, data.isWeighted);
    this.#outputs = new OutputRows(network, pass, rows, (bytes, what) => data.take(bytes, what));
  }

  /** Returns the error for scores that are not finite. Its gradient is that of the first piece. */
  diverged(what: string, { outputs }: Evaluation, place: Partial<StepPlace>): GraphError {
    const { memory, training } = this.#network;
    const { pass, rows, feeds, slots, isWeighted } = this.#data;
    const count = Math.min(PIECE, rows);
    this.#data.live();
    training.ensure(pass, count, "gradients", isWeighted);
    training.useLossWeights(pass, isWeighted);
    memory.core.call.gather(feeds, slots.length, 0, 0, count);
    pass.setRows(count);
    const layer = Object.keys(outputs).find((name) => !Number.isFinite(outputs[name]!.cost));
    const name = layer ?? pass.outputs[0]!.name;
    return diverged(what, name, this.#network, pass, count, place);
  }

  /** Evaluates all rows. Returns undefined if `stopped` returns true between two pieces. */
  async run(
    metrics: readonly Metric[] | undefined,
    pause: Pause,
    stopped: () => boolean,
  ): Promise<Evaluation | undefined> {
    const { memory } = this.#network;
    const { call } = memory.core;
    const { pass, rows, feeds, sources } = this.#data;
    for (let from = 0; from < rows; from += PIECE) {
      const count = Math.min(PIECE, rows - from);
      this.#data.live();
      call.gather(feeds, pass.inputs.length, 0, from, count);
      call.predict(pass.record, count);
      pass.setRows(count);
      this.#outputs.copy(from, count);
      if (!pause.due) continue;
      await pause.turn();
      memory.live();
      if (stopped()) return undefined;
    }
    const { isWeighted } = this.#data;
    const places = pass.outputs.map((_, o) => {
      const target = pass.inputs.length + o;
      const lossWeights = sources[target + pass.outputs.length];
      return { target: sources[target]!, ...(lossWeights === undefined ? {} : { lossWeights }) };
    });
    this.#data.live();
    return this.#outputs.score(places, metrics, isWeighted);
  }
}
