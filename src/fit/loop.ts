// The course of a run: its epochs, their steps, and what comes after each. Waits are left out where possible: for a handful of
// samples they would take longer than the steps of an epoch.

import { GraphError } from "../base/error.js";
import type { OutputScore } from "../rules/metric.js";
import { type Aside, type State, write } from "./checkpoint.js";
import { clock } from "./clock.js";
import type { Progress } from "./history.js";
import type { Judge } from "./monitor.js";
import type { Plan } from "./options.js";
import { Pause } from "./pause.js";
import type { Opened } from "./prepare.js";
import type { Run } from "./run.js";
import { type Sum, type Tally, type Trainee, tally } from "./source.js";

interface Parts extends Opened {
  readonly trainee: Trainee;
  readonly run: Run;
  readonly plan: Plan;
  readonly judge: Judge;
  /** The parameters of the best epoch. */
  readonly best: Aside;
  /** The options that a resumed run must have again. */
  readonly options: object;
}

const never = Number.POSITIVE_INFINITY;

export class Course {
  readonly #parts: Parts;
  readonly #now = clock();
  readonly #pause = new Pause(this.#now);
  /** Seconds of the runs that this one follows. */
  readonly #before: number;
  /** Steps to an epoch. */
  readonly #limit: number;
  /** The place of the next step: both from 1. */
  #epoch: number;
  #batch: number;
  /** Sums of the epoch that is resumed. */
  #tally: Tally | undefined;
  #steps: number;
  #samples = 0;
  #saved = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: Parts, state: State | undefined) {
    const { source, plan, run, judge } = parts;
    this.#parts = parts;
    this.#limit = Math.min(source.batches ?? never, plan.stepsPerEpoch ?? never);
    this.#before = state?.seconds ?? 0;
    this.#epoch = state?.epoch ?? 1;
    this.#batch = state?.batch ?? 1;
    this.#tally = state?.tally;
    this.#steps = state?.steps ?? 0;
    if (state === undefined) return;
    run.follow(state.epochs);
    judge.verdict = state.verdict;
    parts.trainee.memory.state.now = state.rate;
    this.#note();
  }

  async go(): Promise<void> {
    const { trainee, run, plan, judge, best } = this.#parts;
    const { checkpoint } = plan;
    const everyEpochs = checkpoint?.everyEpochs ?? (checkpoint?.everySeconds === undefined ? 1 : never);
    try {
      if (plan.timeLimit !== undefined) this.#watch(plan.timeLimit);
      for (; this.#end === undefined; this.#epoch++, this.#batch = 1) {
        const made = (await this.#walk()) ? await this.#measure() : undefined;
        if (made === undefined) break;
        const value = judge.value(made);
        if (judge.improves(this.#epoch, value) && plan.restoreBest) best.keep();
        trainee.memory.state.follow(value, judge.mode);
        this.#note();
        run.tell(made);
        if (plan.onEpoch !== undefined) await run.wait(plan.onEpoch(made));
        trainee.memory.live();
        if (checkpoint !== undefined && this.#epoch % everyEpochs === 0) {
          await this.#save(this.#epoch + 1, 1, tally());
        }
        // A reader of the epochs may leave at this one.
        if (run.isRead) await this.#turn();
      }
      this.#note();
      // A run that broke off within an epoch had its reason, or was late a moment ago.
      run.history.stopped = this.#end ?? "time";
      if (plan.restoreBest) best.bring();
    } finally {
      if (this.#timer !== undefined) clearTimeout(this.#timer);
      this.#pause.end();
    }
  }

  /** Why the run ends, if it does. */
  get #end() {
    const { run, plan, judge } = this.#parts;
    if (run.stop !== undefined) return run.stop;
    if (judge.isTired) return "patience";
    if (this.#epoch > plan.epochs) return "epochs";
    return this.#isLate ? "time" : undefined;
  }

  get #seconds(): number {
    return this.#now() / 1000;
  }

  get #isLate(): boolean {
    const { timeLimit } = this.#parts.plan;
    return timeLimit !== undefined && this.#seconds >= timeLimit; // who sets no limit needs no clock
  }

  /** Ends a wait when the time is over; where the host has no timers, the run looks at its clock between batches alone. */
  #watch(limit: number): void {
    if (typeof setTimeout !== "function") return;
    const left = (limit - this.#seconds) * 1000;
    // Timers may be early, and those of more than 31 bits of milliseconds are over at once.
    if (left > 0) this.#timer = setTimeout(() => this.#watch(limit), Math.min(left, 2 ** 31 - 1));
    else this.#parts.run.halt("time");
  }

  /** Whether the run is to stop before its epoch is over. */
  get #breaks(): boolean {
    return this.#parts.run.stop !== undefined || this.#isLate;
  }

  /** Trains an epoch from its next batch. Whether it came to its end. */
  async #walk(): Promise<boolean> {
    const { trainee, run, plan, source } = this.#parts;
    const begun = source.begin(this.#batch - 1);
    if (begun !== undefined) await begun;
    trainee.memory.live();
    if (this.#tally !== undefined) source.tally = this.#tally;
    this.#tally = undefined;
    while (this.#batch <= this.#limit) {
      if (this.#breaks) return false;
      const most =
        plan.onBatch === undefined ? Math.min(this.#limit - this.#batch + 1, this.#pause.room()) : 1;
      const { rows } = source;
      const before = this.#now();
      const stepped = source.step({ epoch: this.#epoch, batch: this.#batch, step: this.#steps + 1 }, most);
      const made = typeof stepped === "number" ? stepped : await stepped;
      if (made === 0) {
        if (this.#breaks) return false;
        break;
      }
      this.#pause.spent(made, this.#now() - before);
      this.#batch += made;
      this.#steps += made;
      this.#samples += source.rows - rows;
      this.#note();
      if (run.isRead || plan.onBatch !== undefined) {
        const progress = this.#progress("batch", source.last!.cost);
        run.tell(progress);
        if (plan.onBatch !== undefined) await run.wait(plan.onBatch(progress));
      }
      const wait = plan.checkpoint?.everySeconds;
      if (wait !== undefined && this.#now() - this.#saved >= wait * 1000) {
        await this.#save(this.#epoch, this.#batch, source.tally);
      }
      if (this.#pause.due) await this.#turn();
      trainee.memory.live();
    }
    const ended = source.end();
    if (ended !== undefined) await run.wait(ended);
    if (source.rows > 0) return true;
    const hint = "data for several epochs is a function that returns an iterable";
    throw new GraphError("bad-shape", `Epoch ${this.#epoch} has no batch: ${hint}.`);
  }

  /** Returns the progress of an epoch; undefined where the run is to stop before that is known. */
  async #measure(): Promise<Progress | undefined> {
    const { plan, source, survey, validation } = this.#parts;
    const { cost, outputs } = means(source.tally);
    if (survey === undefined) return this.#progress("epoch", cost, outputs);
    const scores = await survey.run(plan.metrics, this.#pause, () => this.#breaks);
    if (scores === undefined) return undefined;
    if (!Number.isFinite(scores.cost)) {
      const what = `The cost of the ${validation === undefined ? "" : "validation "}data`;
      throw survey.diverged(what, scores, { epoch: this.#epoch, step: this.#steps });
    }
    const progress = this.#progress("epoch", cost);
    if (validation === undefined) return { ...progress, outputs: scores.outputs };
    return { ...progress, outputs, validation: scores };
  }

  #progress(kind: Progress["kind"], cost: number, outputs?: Progress["outputs"]): Progress {
    const { trainee, plan, source, run } = this.#parts;
    this.#note();
    const { seconds } = run.history;
    const steps = this.#limit * plan.epochs;
    // By all steps: one that is resumed may have made none of its own yet.
    const secondsLeft = (seconds / this.#steps) * Math.max(0, steps - this.#steps);
    const progress: { -readonly [K in keyof Progress]: Progress[K] } = {
      kind,
      epoch: this.#epoch,
      epochs: plan.epochs,
      step: this.#steps,
      cost,
      rate: trainee.memory.state.now,
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

  /** Brings the history up to date. */
  #note(): void {
    const { run, judge } = this.#parts;
    run.history.steps = this.#steps;
    run.history.seconds = this.#before + this.#seconds;
    if (judge.best !== undefined) run.history.best = judge.best;
  }

  async #save(epoch: number, batch: number, tally: Tally): Promise<void> {
    const { trainee, plan, run, judge, best, options } = this.#parts;
    const { steps, seconds, epochs } = run.history;
    const { now: rate } = trainee.memory.state;
    const state = { epoch, batch, tally, steps, seconds, rate, epochs: [...epochs], verdict: judge.verdict };
    this.#saved = this.#now();
    const rest = () => (this.#pause.due ? this.#turn() : undefined);
    const graph = await trainee.toJSONInSlices(rest);
    await rest();
    const text = await best.text(rest);
    const made = write(graph, text === undefined ? state : { ...state, best: text }, options);
    await run.wait(plan.checkpoint!.save(made));
    trainee.memory.live();
  }

  /** Lets the event loop turn. */
  async #turn(): Promise<void> {
    await this.#pause.give();
    this.#parts.trainee.memory.live();
  }
}

/** The means over an epoch's samples, those of an output over its own. */
function means({ outputs, ...all }: Tally): { cost: number; outputs: Record<string, OutputScore> } {
  const mean = ({ rows, cost }: Sum) => ({ cost: cost / rows });
  const costs = Object.create(null);
  for (const [name, sum] of Object.entries(outputs)) costs[name] = mean(sum);
  return { ...mean(all), outputs: costs };
}
