// Training over epochs: the bits of the same `train` calls, in the background.

import { GraphError } from "../error.js";
import type { Dataset, OutputScore, Progress } from "../types.js";
import { dataset, isStream } from "./batch.js";
import { Aside, compare, fixed, read, type State, write } from "./checkpoint.js";
import { Judge } from "./judge.js";
import { Pause } from "./pause.js";
import { type Plan, readPlan } from "./plan.js";
import { part } from "./rows.js";
import type { Run } from "./run.js";
import type { Saved, Scalers, Source, Tally, Trainee } from "./source.js";
import { Stream } from "./stream.js";
import { Survey } from "./survey.js";
import { Batches, Table } from "./table.js";

/** What a run has taken: all of it is freed at its end. */
interface Opened {
  readonly source: Source;
  readonly survey: Survey | undefined;
  /** Whether the survey is of data kept apart. */
  readonly hasValidation: boolean;
  readonly rows: number | undefined;
  readonly validationRows: number | undefined;
  free(): void;
}

export async function train(trainee: Trainee, run: Run, data: unknown, given: unknown): Promise<void> {
  const plan = readPlan(given);
  const { signal } = plan;
  const abort = () => run.halt("aborted");
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  let saved: Saved | undefined;
  let opened: Opened | undefined;
  try {
    const { graph, state, kept } = plan.resume === undefined ? {} : read(plan.resume);
    if (state !== undefined) saved = trainee.restore(graph);
    const scalers = saved?.scalers ?? fitted(trainee, plan, data);
    opened = open(trainee, run, plan, data, scalers);
    const now = fixed(plan, opened.rows, opened.validationRows);
    if (kept !== undefined) compare(kept, now);
    const judge = new Judge(plan, (output, validation) => {
      const isMeasured = opened!.survey !== undefined && opened!.hasValidation === validation;
      return trainee.measures(output, plan.metrics).slice(0, isMeasured ? undefined : 1);
    });
    const best = new Aside(trainee.memory);
    best.text = state?.best;
    saved?.adopt();
    if (saved === undefined && scalers !== undefined) trainee.scale(scalers);
    await epochs({ trainee, run, plan, judge, best, now, state, ...opened });
  } finally {
    signal?.removeEventListener("abort", abort);
    saved?.free();
    opened?.free();
  }
}

/** The scalers that the options ask for, fitted to the part of the data that is trained on. Throws `bad-option`. */
function fitted(trainee: Trainee, plan: Plan, data: unknown): Scalers | undefined {
  if (plan.scale === undefined) return undefined;
  if (isStream(data)) throw refused("`scale` needs all data at once");
  return trainee.fitScalers(split(trainee, plan, dataset(data))[0], plan.scale);
}

function refused(why: string): GraphError {
  return new GraphError("bad-option", `With batches that come one after another, ${why}.`);
}

/** What is trained on, and what is kept apart. */
function split(trainee: Trainee, { validation }: Plan, data: Dataset): [Dataset, Dataset | undefined] {
  if (typeof validation !== "number") return [data, validation];
  const { rows } = trainee.read(trainee.pass(data), data);
  const apart = Math.floor(validation * rows);
  if (apart === 0) {
    throw new GraphError("bad-option", `\`validation\` is ${validation}: of ${rows} rows that is none.`);
  }
  return [part(data, rows, 0, rows - apart), part(data, rows, rows - apart, rows)];
}

/** Checks all data, and takes what is there at once into the engine. */
function open(trainee: Trainee, run: Run, plan: Plan, data: unknown, scalers: Scalers | undefined): Opened {
  const taken: { free(): void }[] = [];
  const free = () => {
    for (const one of taken) one.free();
  };
  const hold = <T extends { free(): void }>(one: T) => {
    taken.push(one);
    return one;
  };
  const table = (set: Dataset) => hold(new Table(trainee, set, scalers));
  try {
    if (isStream(data)) {
      if (plan.shuffle) throw refused("`shuffle` can't be true");
      if (typeof plan.validation === "number") throw refused("`validation` is a dataset, not a share");
      const validation = plan.validation && table(plan.validation);
      const source = hold(new Stream(trainee, run, data));
      const survey = validation && new Survey(trainee, validation);
      const hasValidation = validation !== undefined;
      return { source, survey, hasValidation, rows: undefined, validationRows: validation?.rows, free };
    }
    const [set, apart] = split(trainee, plan, dataset(data));
    const all = table(set);
    const validation = apart && table(dataset(apart));
    const source = new Batches(trainee, all, Math.min(plan.batchSize, 2 ** 30), plan.shuffle ?? true);
    const measured = validation ?? (plan.metrics && all);
    const survey = measured && new Survey(trainee, measured);
    const hasValidation = validation !== undefined;
    return { source, survey, hasValidation, rows: all.rows, validationRows: validation?.rows, free };
  } catch (error) {
    free();
    throw error;
  }
}

interface Course extends Opened {
  readonly trainee: Trainee;
  readonly run: Run;
  readonly plan: Plan;
  readonly judge: Judge;
  readonly best: Aside;
  /** The options that stay as they are. */
  readonly now: object;
  /** Where an earlier run was. */
  readonly state: State | undefined;
}

async function epochs(course: Course): Promise<void> {
  const { trainee, run, plan, judge, best, source, survey, state } = course;
  const { memory } = trainee;
  const { history } = run;
  const pause = new Pause();
  const limit = Math.min(
    source.batches ?? Number.POSITIVE_INFINITY,
    plan.stepsPerEpoch ?? Number.POSITIVE_INFINITY,
  );
  const begun = performance.now();
  let [epoch, batch, steps, samples] = [state?.epoch ?? 1, state?.batch ?? 1, state?.steps ?? 0, 0];
  let tally = state?.tally;
  let asideSince = begun;
  if (state !== undefined) {
    run.follow(state.epochs);
    judge.verdict = state.verdict;
  }
  const here = () => (performance.now() - begun) / 1000;
  const isLate = () => plan.timeLimit !== undefined && here() >= plan.timeLimit;

  /** Where the run is. */
  const progress = (kind: Progress["kind"], cost: number): Progress => {
    const whole = source.batches === undefined ? undefined : limit * plan.epochs;
    const made = steps - (state?.steps ?? 0);
    return {
      kind,
      epoch,
      epochs: plan.epochs,
      step: steps,
      ...(whole === undefined
        ? {}
        : { steps: whole, secondsLeft: (here() / made) * Math.max(0, whole - steps) }),
      cost,
      rate: memory.state.now,
      samplesPerSecond: samples / Math.max(here(), 1e-6),
      seconds: history.seconds,
    };
  };

  const save = async (next: Pick<State, "epoch" | "batch" | "tally">) => {
    const { text } = best;
    const { seconds, epochs } = history;
    const verdict = judge.verdict;
    const now: State = {
      ...next,
      steps,
      seconds,
      epochs: [...epochs],
      verdict,
      ...(text === undefined ? {} : { best: text }),
    };
    asideSince = performance.now();
    await plan.checkpoint!.save(write(trainee.toJSON(), now, course.now));
    memory.live();
  };

  /** Goes through an epoch, from its next batch on. Whether it came to its end. */
  const go = async (): Promise<boolean> => {
    await source.begin(batch - 1);
    memory.live();
    if (tally !== undefined) source.tally = tally;
    tally = undefined;
    while (batch <= limit) {
      if (run.stop !== undefined || isLate()) return false;
      const most = plan.onBatch === undefined ? Math.min(limit - batch + 1, pause.room()) : 1;
      const before = performance.now();
      const { rows } = source;
      const stepped = source.step({ epoch, batch, step: steps + 1 }, most);
      const made = typeof stepped === "number" ? stepped : await stepped;
      if (made === 0) {
        if (run.stop !== undefined) return false;
        break;
      }
      pause.spent(made, performance.now() - before);
      batch += made;
      steps += made;
      samples += source.rows - rows;
      history.steps = steps;
      history.seconds = (state?.seconds ?? 0) + here();
      if (run.isRead || plan.onBatch !== undefined) {
        const now = progress("batch", source.last!.cost);
        run.tell(now);
        await plan.onBatch?.(now);
      }
      const { everySeconds } = plan.checkpoint ?? {};
      if (everySeconds !== undefined && performance.now() - asideSince >= everySeconds * 1000) {
        await save({ epoch, batch, tally: source.tally });
      }
      if (pause.due) await pause.give();
      memory.live();
    }
    await source.end();
    if (source.rows > 0) return true;
    throw new GraphError("bad-shape", `Epoch ${epoch} has no batch.`);
  };

  /** What an epoch came to; undefined where it is to stop before that is known. */
  const finish = async (): Promise<Progress | undefined> => {
    const sums = source.tally;
    const scores = await survey?.run(plan.metrics, pause, () => run.stop !== undefined || isLate());
    if (survey !== undefined && scores === undefined) return undefined;
    const costs = mean(sums);
    const { hasValidation } = course;
    if (hasValidation && !Number.isFinite(scores!.cost)) {
      const { pass, rows } = source.last!;
      const layer = Object.keys(scores!.outputs).find(
        (name) => !Number.isFinite(scores!.outputs[name]!.cost),
      );
      const what = "The cost of the validation data";
      throw trainee.diverged(what, layer!, pass, rows, { epoch, step: steps });
    }
    return {
      ...progress("epoch", costs.cost),
      outputs: hasValidation || scores === undefined ? costs.outputs : scores.outputs,
      ...(hasValidation ? { validation: scores! } : {}),
    };
  };

  const why = () => {
    if (run.stop !== undefined) return run.stop;
    if (judge.isTired) return "patience";
    if (epoch > plan.epochs) return "epochs";
    return isLate() ? "time" : undefined;
  };

  try {
    for (; why() === undefined; epoch++, batch = 1) {
      const made = (await go()) ? await finish() : undefined;
      if (made === undefined) break;
      const value = judge.value(made);
      if (judge.improves(epoch, value) && plan.restoreBest) best.keep();
      memory.state.follow(value, judge.mode);
      if (judge.best !== undefined) history.best = judge.best;
      run.tell(made);
      await plan.onEpoch?.(made);
      memory.live();
      const { everyEpochs = plan.checkpoint?.everySeconds === undefined ? 1 : undefined } =
        plan.checkpoint ?? {};
      if (plan.checkpoint !== undefined && everyEpochs !== undefined && epoch % everyEpochs === 0) {
        await save({ epoch: epoch + 1, batch: 1, tally: { rows: 0, cost: 0, outputs: {} } });
      }
      // Whoever goes through the epochs may leave at this one.
      if (run.isRead) await pause.give();
      memory.live();
    }
    if (judge.best !== undefined) history.best = judge.best;
    history.stopped = why() ?? "time";
    history.seconds = (state?.seconds ?? 0) + here();
    history.steps = steps;
    if (plan.restoreBest) best.bring();
  } finally {
    pause.end();
  }
}

/** The means over an epoch's samples. */
function mean({ rows, cost, outputs }: Tally): { cost: number; outputs: Record<string, OutputScore> } {
  const costs = Object.create(null);
  for (const [name, sum] of Object.entries(outputs)) costs[name] = { cost: sum / rows };
  return { cost: cost / rows, outputs: costs };
}
