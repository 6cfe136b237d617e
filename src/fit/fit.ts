// `fit`, from its arguments to its end.

import { Aside, compare, fixed, read } from "./checkpoint.js";
import { type Dataset, dataset, isStream, type Sequence } from "./dataset.js";
import { Course } from "./loop.js";
import { Judge } from "./monitor.js";
import { type Plan, readPlan } from "./options.js";
import { fitScalers, type Opened, open } from "./prepare.js";
import type { Run } from "./run.js";
import { obey } from "./signal.js";
import type { Saved, Trainee } from "./source.js";

/** The arguments of `fit`, read: what is a caller's own here is called, and not read again. */
export interface Asked {
  readonly plan: Plan;
  readonly data: Dataset | Sequence | (() => Sequence);
}

/** Reads the arguments of `fit`, before the graph is asked for. Throws `bad-option`, `bad-shape`. */
export function ask(data: unknown, given: unknown): Asked {
  const read = isStream(data) ? data : dataset(data);
  return { plan: readPlan(given), data: read };
}

/** Changes nothing before all is checked. Throws what the steps throw, and for the arguments what `Graph.fit` says. */
export async function train(trainee: Trainee, run: Run, { plan: asked, data }: Asked): Promise<void> {
  // Live views are copied before memory is taken, which moves it.
  const { validation } = asked;
  const plan = {
    ...asked,
    validation: typeof validation === "object" ? trainee.hold(validation) : validation,
  };
  const own = isStream(data) ? data : trainee.hold(data);
  const { resume } = plan;
  const disobey = obey(plan.signal, run);
  trainee.memory.wake = () => run.leave();
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
    best.read(before?.state.best);
    if (saved !== undefined) saved.adopt();
    else if (scalers !== undefined) trainee.scale(scalers);
    await new Course({ trainee, run, plan, judge, best, options, ...opened }, before?.state).go();
  } finally {
    disobey();
    trainee.memory.wake = () => {};
    saved?.free();
    opened?.free();
  }
}
