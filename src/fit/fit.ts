// `fit`, from its arguments to the end of its run.

import type { Network } from "../calls/network.js";
import { fixedOptions } from "./checkpoint.js";
import { type Dataset, dataset, isStream, type Sequence } from "./dataset.js";
import { TrainingLoop } from "./loop.js";
import { Monitor, measuresOf } from "./monitor.js";
import { type FitSettings, readFitSettings } from "./options.js";
import { type Prepared, prepare, prepareScalers } from "./prepare.js";
import { checkFixedOptions, readCheckpoint, restore, type Saved } from "./resume.js";
import { detachData } from "./rows.js";
import { Run, reserve } from "./run.js";
import { setScalers } from "./scaling.js";
import { abortOn } from "./signal.js";
import { ParameterSnapshot } from "./snapshot.js";

/** Trains a network over epochs. Starts at once; errors of its steps reject the run. */
export function fit(network: Network, data: unknown, given: unknown): Run {
  return new Run(async (run) => train(network, run, readArguments(data, given)));
}

/** The arguments of `fit`, each member read once. */
interface FitArguments {
  readonly settings: FitSettings;
  readonly data: Dataset | Sequence | (() => Sequence);
}

/** Reads the arguments of `fit`, before the network is touched. Throws `bad-option`, `bad-shape`. */
export function readArguments(data: unknown, given: unknown): FitArguments {
  const read = isStream(data) ? data : dataset(data);
  return { settings: readFitSettings(given), data: read };
}

/** Trains a network. Changes nothing before all checks. Throws `busy`, and for the arguments as `Graph.fit` does. */
export function train(network: Network, run: Run, given: FitArguments): Promise<void> {
  return reserve(network, async () => {
    const { memory } = network;
    // Live views are copied before memory is taken, which moves it.
    const { validation: heldOut } = given.settings;
    const validation = typeof heldOut === "object" ? detachData(network, heldOut) : heldOut;
    const settings = { ...given.settings, validation };
    const data = isStream(given.data) ? given.data : detachData(network, given.data);
    const unlisten = abortOn(settings.signal, run);
    memory.wake = () => run.cancelWaits();
    let saved: Saved | undefined;
    let prepared: Prepared | undefined;
    try {
      const checkpoint = settings.resume && readCheckpoint(settings.resume);
      if (checkpoint !== undefined) saved = restore(network, checkpoint.graph);
      const scalers = saved?.scalers ?? prepareScalers(network, settings, data);
      prepared = prepare(network, run, settings, data, scalers);
      const monitor = monitorOf(network, settings, prepared);
      const options = fixedOptions(settings, monitor, prepared.all, prepared.validation?.rows);
      if (checkpoint !== undefined) checkFixedOptions(checkpoint.options, options);
      if (checkpoint !== undefined && checkpoint.point.batch > 1)
        prepared.source.resume?.(checkpoint.point.place);
      const best = new ParameterSnapshot(memory);
      best.decode(checkpoint?.point.best);
      if (saved !== undefined) saved.adopt();
      else if (scalers !== undefined) setScalers(network, scalers);
      const context = { network, run, settings, monitor, best, options, ...prepared };
      await new TrainingLoop(context, checkpoint?.point).run();
    } finally {
      unlisten();
      memory.wake = () => {};
      saved?.free();
      prepared?.free();
    }
  });
}

/** Makes the monitor of a run, with the scores that each output will have. Throws `bad-option`. */
function monitorOf({ topology }: Network, settings: FitSettings, prepared: Prepared): Monitor {
  const { evaluator, all, validation } = prepared;
  return new Monitor(settings, (output, isValidation) => {
    const resident = isValidation ? validation : all;
    const layer = (resident?.pass ?? topology).outputs.find(({ name }) => name === output);
    const isMeasured = evaluator !== undefined && resident === (validation ?? all);
    return measuresOf(layer, isMeasured ? settings.metrics : []);
  });
}
