// Evaluation of resident data in pieces, with the bits of `evaluate`. The event loop can turn between pieces, in which other
// calls may use the layers' matrices. So outputs.ts copies the outputs of each piece.

import type { GraphError } from "../base/error.js";
import { diverged, type StepPlace } from "../calls/diverged.js";
import type { Network } from "../calls/network.js";
import { OutputRows } from "../calls/outputs.js";
import type { Evaluation } from "../calls/score.js";
import { dropSteps, useSteps } from "../memory/steps.js";
import type { Metric } from "../rules/metric.js";
import type { Pause } from "./pause.js";
import { type Pieces, RowPieces, SpanPieces } from "./pieces.js";
import type { ResidentData } from "./resident.js";

export class Evaluator {
  readonly #network: Network;
  readonly #data: ResidentData;
  readonly #pieces: Pieces;
  /** Values of the outputs, for all rows. */
  readonly #outputs: OutputRows;

  /** Throws `out-of-memory`. */
  constructor(network: Network, data: ResidentData) {
    const { pass, rows, times, isWeighted } = data;
    this.#network = network;
    this.#data = data;
    this.#pieces = times === undefined ? new RowPieces(network, data) : new SpanPieces(network, data, times);
    if (times === undefined) network.training.ensureCosts(pass, rows, isWeighted);
    else network.training.ensureStepCosts(pass, times, isWeighted);
    this.#outputs = new OutputRows(network, pass, rows, (bytes, what) => data.take(bytes, what), times);
  }

  /** Returns the error for scores that are not finite. Its gradient is that of the first piece. */
  diverged(what: string, { outputs }: Evaluation, place: Partial<StepPlace>): GraphError {
    const { pass, isWeighted } = this.#data;
    this.#data.live();
    const count = this.#pieces.enterFirst();
    this.#network.training.useLossWeights(pass, isWeighted);
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
    const { pass, sources, isWeighted, times } = this.#data;
    const pieces = this.#pieces;
    pieces.begin();
    for (let piece = 0; piece < pieces.count; piece++) {
      this.#data.live();
      pieces.compute(piece, this.#outputs);
      if (!pause.due) continue;
      await pause.turn();
      memory.live();
      if (stopped()) return undefined;
    }
    const places = pass.outputs.map((_, o) => {
      const target = pass.inputs.length + o;
      const lossWeights = sources[target + pass.outputs.length];
      return { target: sources[target]!, ...(lossWeights === undefined ? {} : { lossWeights }) };
    });
    this.#data.live();
    if (times === undefined) dropSteps(memory, pass);
    else useSteps(memory, pass, times, false);
    return this.#outputs.score(places, metrics, isWeighted);
  }
}
