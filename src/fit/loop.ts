// The loop of a run: its epochs, their steps, and the evaluation after each. It awaits as little as possible: with a handful
// of samples, waits would take longer than the steps of an epoch.

import { GraphError } from "../base/error.js";
import type { Network } from "../calls/network.js";
import { toJSONInSlices } from "../format/json.js";
import type { OutputScore } from "../rules/metric.js";
import { copyTally, type Sum, type Tally, type WindowPlace } from "./batches.js";
import { type ResumePoint, writeCheckpoint } from "./checkpoint.js";
import type { Progress } from "./history.js";
import type { Monitor } from "./monitor.js";
import type { FitSettings } from "./options.js";
import { clock, Pause } from "./pause.js";
import type { Prepared } from "./prepare.js";
import type { Run } from "./run.js";
import type { ParameterSnapshot } from "./snapshot.js";

interface Context extends Prepared {
  readonly network: Network;
  readonly run: Run;
  readonly settings: FitSettings;
  readonly monitor: Monitor;
  /** The parameters of the best epoch. */
  readonly best: ParameterSnapshot;
  /** The options that a resumed run must repeat. */
  readonly options: object;
}

const never = Number.POSITIVE_INFINITY;

export class TrainingLoop {
  readonly #context: Context;
  readonly #now = clock();
  readonly #pause = new Pause(this.#now);
  /** Seconds of the earlier runs that this run resumes. */
  readonly #before: number;
  /** Most steps of an epoch. */
  readonly #limit: number;
  /** The place of the next step, both from 1. */
  #epoch: number;
  #batch: number;
  /** Sums of the epoch so far. */
  #tally: Tally;
  #steps: number;
  #samples = 0;
  #saved = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(context: Context, point: ResumePoint | undefined) {
    const { source, settings, run, monitor } = context;
    this.#context = context;
    this.#limit = Math.min(source.batches ?? never, settings.stepsPerEpoch ?? never);
    this.#before = point?.seconds ?? 0;
    this.#epoch = point?.epoch ?? 1;
    this.#batch = point?.batch ?? 1;
    this.#tally = copyTally(point?.tally);
    this.#steps = point?.steps ?? 0;
    if (point === undefined) return;
    run.prepend(point.epochs);
    monitor.verdict = point.verdict;
    context.network.training.optimizer.now = point.rate;
    this.#updateHistory();
  }

  async run(): Promise<void> {
    const { network, run, settings, monitor, best } = this.#context;
    const { checkpoint } = settings;
    const everyEpochs = checkpoint?.everyEpochs ?? (checkpoint?.everySeconds === undefined ? 1 : never);
    try {
      if (settings.timeLimit !== undefined) this.#watch(settings.timeLimit);
      for (; this.#end === undefined; this.#begin(this.#epoch + 1)) {
        const made = (await this.#trainEpoch()) ? await this.#evaluate() : undefined;
        if (made === undefined) break;
        const value = monitor.value(made);
        if (monitor.improves(this.#epoch, value) && settings.restoreBest) best.take();
        network.training.optimizer.follow(value, monitor.mode);
        this.#updateHistory();
        run.emit(made);
        if (settings.onEpoch !== undefined) await run.wait(settings.onEpoch(made));
        network.memory.live();
        if (checkpoint !== undefined && this.#epoch % everyEpochs === 0) {
          await this.#save(this.#epoch + 1, 1, copyTally());
        }
        // An iterator of the run may end it at this epoch.
        if (run.isRead) await this.#turn();
      }
      this.#updateHistory();
      // If no other reason ended the run, its time did.
      run.history.stopped = this.#end ?? "time";
      if (settings.restoreBest) best.restore();
    } finally {
      if (this.#timer !== undefined) clearTimeout(this.#timer);
      this.#pause.end();
    }
  }

  /** Moves to the first batch of an epoch. */
  #begin(epoch: number): void {
    this.#epoch = epoch;
    this.#batch = 1;
    this.#tally = copyTally();
  }

  /** Reason to end the run, if there is one. */
  get #end() {
    const { run, settings, monitor } = this.#context;
    if (run.stop !== undefined) return run.stop;
    if (monitor.isOutOfPatience) return "patience";
    if (this.#epoch > settings.epochs) return "epochs";
    return this.#isLate ? "time" : undefined;
  }

  get #seconds(): number {
    return this.#now() / 1000;
  }

  get #isLate(): boolean {
    const { timeLimit } = this.#context.settings;
    return timeLimit !== undefined && this.#seconds >= timeLimit; // without a limit no clock is needed
  }

  /** Ends waits at the time limit. On a host without timers, the run only looks at its clock between batches. */
  #watch(limit: number): void {
    if (typeof setTimeout !== "function") return;
    const left = (limit - this.#seconds) * 1000;
    // Timers may be early, and a time of more than 31 bits of milliseconds ends at once.
    if (left > 0) this.#timer = setTimeout(() => this.#watch(limit), Math.min(left, 2 ** 31 - 1));
    else this.#context.run.halt("time");
  }

  /** Whether the run must stop before the end of its epoch. */
  get #breaks(): boolean {
    return this.#context.run.stop !== undefined || this.#isLate;
  }

  /** Trains an epoch from its next batch. Returns whether the epoch came to its end. */
  async #trainEpoch(): Promise<boolean> {
    const { network, run, settings, source } = this.#context;
    const begun = source.begin(this.#batch - 1, this.#tally);
    if (begun !== undefined) await begun;
    network.memory.live();
    while (this.#batch <= this.#limit) {
      if (this.#breaks) return false;
      const limit =
        settings.onBatch === undefined ? Math.min(this.#limit - this.#batch + 1, this.#pause.room()) : 1;
      const before = this.#now();
      const stepped = source.step({ epoch: this.#epoch, batch: this.#batch, step: this.#steps + 1 }, limit);
      const made = stepped instanceof Promise ? await stepped : stepped;
      if (made === undefined) {
        if (this.#breaks) return false;
        break;
      }
      const { batches, cost, tally, samples = tally.rows - this.#tally.rows } = made;
      this.#pause.measured(Math.max(1, batches), this.#now() - before);
      this.#batch += batches;
      this.#steps += batches;
      this.#samples += samples;
      this.#tally = tally;
      this.#updateHistory();
      const hasStepped = batches > 0;
      if (hasStepped && (run.isRead || settings.onBatch !== undefined)) {
        const progress = this.#progress("batch", cost);
        run.emit(progress);
        if (settings.onBatch !== undefined) await run.wait(settings.onBatch(progress));
      }
      const wait = settings.checkpoint?.everySeconds;
      if (hasStepped && wait !== undefined && this.#now() - this.#saved >= wait * 1000) {
        await this.#save(this.#epoch, this.#batch, tally, source.place);
      }
      if (this.#pause.due) await this.#turn();
      network.memory.live();
    }
    const ended = source.end();
    if (ended !== undefined) await run.wait(ended);
    if (this.#tally.rows > 0) return true;
    const hint = "data for several epochs is a function that returns an iterable";
    throw new GraphError("bad-shape", `Epoch ${this.#epoch} has no batch: ${hint}.`);
  }

  /** Returns the progress of an epoch; undefined if the run must stop before it is known. */
  async #evaluate(): Promise<Progress | undefined> {
    const { settings, evaluator, validation } = this.#context;
    const { cost, outputs } = means(this.#tally);
    if (evaluator === undefined) return this.#progress("epoch", cost, outputs);
    const scores = await evaluator.run(settings.metrics, this.#pause, () => this.#breaks);
    if (scores === undefined) return undefined;
    if (!Number.isFinite(scores.cost)) {
      const what = `The cost of the ${validation === undefined ? "" : "validation "}data`;
      throw evaluator.diverged(what, scores, { epoch: this.#epoch, step: this.#steps });
    }
    const progress = this.#progress("epoch", cost);
    if (validation === undefined) return { ...progress, outputs: scores.outputs };
    return { ...progress, outputs, validation: scores };
  }

  #progress(kind: Progress["kind"], cost: number, outputs?: Progress["outputs"]): Progress {
    const { network, settings, source, run } = this.#context;
    this.#updateHistory();
    const { seconds } = run.history;
    const steps = this.#limit * settings.epochs;
    // By all steps, since a resumed run may have made none of its own yet.
    const secondsLeft = (seconds / this.#steps) * Math.max(0, steps - this.#steps);
    const progress: { -readonly [K in keyof Progress]: Progress[K] } = {
      kind,
      epoch: this.#epoch,
      epochs: settings.epochs,
      step: this.#steps,
      cost,
      rate: network.training.optimizer.now,
      samplesPerSecond: this.#samples / Math.max(seconds - this.#before, 1e-6),
      seconds,
    };
    if (source.batches !== undefined) {
      progress.steps = steps;
      progress.secondsLeft = secondsLeft;
    }
    if (outputs !== undefined) progress.outputs = outputs;
    return progress;
  }

  /** Updates the history. */
  #updateHistory(): void {
    const { run, monitor } = this.#context;
    run.history.steps = this.#steps;
    run.history.seconds = this.#before + this.#seconds;
    if (monitor.best !== undefined) run.history.best = monitor.best;
  }

  async #save(epoch: number, batch: number, tally: Tally, place?: WindowPlace): Promise<void> {
    const { network, settings, run, monitor, best, options } = this.#context;
    const { steps, seconds, epochs } = run.history;
    const { now: rate } = network.training.optimizer;
    const point = {
      epoch,
      batch,
      tally,
      steps,
      seconds,
      rate,
      epochs: [...epochs],
      verdict: monitor.verdict,
      ...(place === undefined ? {} : { place }),
    };
    this.#saved = this.#now();
    const rest = () => (this.#pause.due ? this.#turn() : undefined);
    const graph = await toJSONInSlices(network.savable("saved"), rest);
    await rest();
    const text = await best.encode(rest);
    const made = writeCheckpoint(graph, text === undefined ? point : { ...point, best: text }, options);
    await run.wait(settings.checkpoint!.save(made));
    network.memory.live();
  }

  /** Lets the event loop turn. */
  async #turn(): Promise<void> {
    await this.#pause.turn();
    this.#context.network.memory.live();
  }
}

/** Returns the means over an epoch's samples, and for each output over the samples with its targets. */
function means({ outputs, ...all }: Tally): { cost: number; outputs: Record<string, OutputScore> } {
  const mean = ({ rows, cost }: Sum) => ({ cost: cost / rows });
  const costs = Object.create(null);
  for (const [name, sum] of Object.entries(outputs)) costs[name] = mean(sum);
  return { ...mean(all), outputs: costs };
}
