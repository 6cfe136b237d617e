// `fit`, from its arguments to its end.

import type { Dataset } from "../types.js";
import { isStream } from "./batch.js";
import { Aside, compare, fixed, read } from "./checkpoint.js";
import { Course } from "./course.js";
import { Judge } from "./judge.js";
import { fitScalers, type Opened, open } from "./open.js";
import { type Plan, readPlan } from "./plan.js";
import type { Run } from "./run.js";
import type { Saved, Trainee } from "./source.js";

/** Changes nothing before all is checked. Throws what the steps throw, and for the arguments what `Graph.fit` says. */
export async function train(trainee: Trainee, run: Run, data: unknown, given: unknown): Promise<void> {
  // What lies in the engine's memory is copied, before that is taken for anything, and moves.
  const held = (one: unknown) =>
    typeof one === "object" && one !== null && !isStream(one) ? trainee.hold(one as Dataset) : one;
  const asked = readPlan(given);
  const plan = { ...asked, validation: held(asked.validation) } as Plan;
  const own = held(data);
  const { signal, resume } = plan;
  const abort = () => run.halt("aborted");
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  let saved: Saved | undefined;
  let opened: Opened | undefined;
  try {
    const before = resume === undefined ? undefined : read(resume);
    if (before !== undefined) saved = trainee.restore(before.graph);
    const scalers = saved?.scalers ?? fitScalers(trainee, plan, own);
    opened = open(trainee, run, plan, own, scalers);
    const { survey, all, validation } = opened;
    const judge = new Judge(plan, (output, isValidation) => {
      const table = isValidation ? validation : all;
      const isMeasured = survey !== undefined && table === (validation ?? all);
      return trainee.measures(output, plan.metrics, table?.pass).slice(0, isMeasured ? undefined : 1);
    });
    const options = fixed(plan, judge, all?.rows, validation?.rows);
    if (before !== undefined) compare(before.kept, options);
    const best = new Aside(trainee.memory);
    best.text = before?.state.best;
    if (saved !== undefined) saved.adopt();
    else if (scalers !== undefined) trainee.scale(scalers);
    await new Course({ trainee, run, plan, judge, best, options, ...opened }, before?.state).go();
  } finally {
    signal?.removeEventListener("abort", abort);
    saved?.free();
    opened?.free();
  }
}
