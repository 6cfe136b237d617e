// Takes over the optimizer's state of another graph of the same shape, when a run is resumed.

import { momentsOf } from "../rules/optimizer.js";
import { unsaved } from "../rules/schedule.js";
import type { Memory } from "./memory.js";
import { parametersOf } from "./packing.js";
import type { Training } from "./training.js";

/** A model's numbers, and its training. */
interface Trained {
  readonly memory: Memory;
  readonly training: Training;
}

/** Takes over the optimizer of a graph of the same shape, with all its state. Passes that can train still can. */
export function adoptOptimizer({ memory, training }: Trained, from: Trained): void {
  memory.layout();
  const { optimizer } = training;
  const { rate } = optimizer.settings;
  const { settings } = from.training.optimizer;
  const rooms = Array.from(memory.passes, (pass) => [pass, pass.deltaRoom] as const);
  training.restart(settings);
  if (typeof rate === "function" && settings.rate === unsaved) optimizer.rate = rate;
  const theirs = [...parametersOf(from.memory)];
  [...parametersOf(memory)].forEach((block, i) => {
    const { steps, product } = from.training.optimizer.stepsOf(theirs[i]!);
    if (steps === 0) return;
    training.restore(block, steps, product);
    for (const name of momentsOf(settings)) {
      training.moment(name, block).set(from.training.moment(name, theirs[i]!));
    }
  });
  optimizer.resume(from.training.optimizer);
  for (const [pass, rows] of rooms) if (rows > 0) training.ensure(pass, rows, "gradients");
}
