// `fit`, from its arguments to its end.

import { checkFixedOptions, fixedOptions, ParameterSnapshot, readCheckpoint } from "./checkpoint.js";
import { type Dataset, dataset, isStream, type Sequence } from "./dataset.js";
import { TrainingLoop } from "./loop.js";
import { Monitor } from "./monitor.js";
import { type FitSettings, readFitSettings } from "./options.js";
import { fitScalers, type Prepared, prepare } from "./prepare.js";
import type { Run } from "./run.js";
import { abortOn } from "./signal.js";
import type { Saved, Trainee } from "./source.js";

/** The arguments of `fit`, read: what is a caller's own here is called, and not read again. */
export interface FitArguments {
  readonly settings: FitSettings;
  readonly data: Dataset | Sequence | (() => Sequence);
}

/** Reads the arguments of `fit`, before the graph is asked for. Throws `bad-option`, `bad-shape`. */
export function readArguments(data: unknown, given: unknown): FitArguments {
  const read = isStream(data) ? data : dataset(data);
  return { settings: readFitSettings(given), data: read };
}

/** Changes nothing before all is checked. Throws what the steps throw, and for the arguments what `Graph.fit` says. */
export async function train(
  trainee: Trainee,
  run: Run,
  { settings: asked, data }: FitArguments,
): Promise<void> {
  // Live views are copied before memory is taken, which moves it.
  const { validation } = asked;
  const settings = {
    ...asked,
    validation: typeof validation === "object" ? trainee.hold(validation) : validation,
  };
  const own = isStream(data) ? data : trainee.hold(data);
  const { resume } = settings;
  const unlisten = abortOn(settings.signal, run);
  trainee.memory.wake = () => run.cancelWaits();
  let saved: Saved | undefined;
  let prepared: Prepared | undefined;
  try {
    const before = resume === undefined ? undefined : readCheckpoint(resume);
    if (before !== undefined) saved = trainee.restore(before.graph);
    const scalers = saved?.scalers ?? fitScalers(trainee, settings, own);
    prepared = prepare(trainee, run, settings, own, scalers);
    const { evaluator, all, validation } = prepared;
    const monitor = new Monitor(settings, (output, isValidation) => {
      const resident = isValidation ? validation : all;
      const isMeasured = evaluator !== undefined && resident === (validation ?? all);
      return trainee.measures(output, settings.metrics, resident?.pass).slice(0, isMeasured ? undefined : 1);
    });
    const options = fixedOptions(settings, monitor, all?.rows, validation?.rows);
    if (before !== undefined) checkFixedOptions(before.kept, options);
    const best = new ParameterSnapshot(trainee.memory);
    best.decode(before?.state.best);
    if (saved !== undefined) saved.adopt();
    else if (scalers !== undefined) trainee.scale(scalers);
    await new TrainingLoop(
      { trainee, run, settings, monitor, best, options, ...prepared },
      before?.state,
    ).run();
  } finally {
    unlisten();
    trainee.memory.wake = () => {};
    saved?.free();
    prepared?.free();
  }
}
