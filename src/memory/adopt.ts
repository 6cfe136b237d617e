// Takes over the numbers of another graph of the same shape, when a run is resumed, or ends in a thread.

import type { FloatArray, Precision } from "../base/precision.js";
import { type Moment, momentsOf } from "../rules/optimizer.js";
import { unsaved } from "../rules/schedule.js";
import type { Memory } from "./memory.js";
import type { OptimizerState } from "./optimizer.js";
import { parametersOf } from "./packing.js";
import type { Room, Training } from "./training.js";

/** A model's numbers, and its training. */
interface Trained {
  readonly memory: Memory;
  readonly training: Training;
}

/** The numbers of a block of parameters: the steps that reached them, nadam's product, their values, and moments if there were steps. */
export interface Numbers {
  readonly steps: number;
  readonly product: number;
  values(): FloatArray<Precision>;
  moment(name: Moment): FloatArray<Precision>;
}

/** Returns the numbers of all blocks, in packed order. */
export function numbersOf({ memory, training }: Trained): Numbers[] {
  return Array.from(parametersOf(memory), (block) => ({
    ...training.optimizer.stepsOf(block),
    values: () => memory.viewOf(block),
    moment: (name) => training.moment(name, block),
  }));
}

/**
 * Takes over the parameters of a graph of the same shape, and its optimizer with all its state. Passes that can train still can.
 * The numbers of blocks are in packed order; `room` is that of the state, if it was taken before.
 */
export function adopt(
  { memory, training }: Trained,
  from: OptimizerState,
  numbers: readonly Numbers[],
  room?: Room,
): void {
  memory.layout();
  const { optimizer } = training;
  const { rate } = optimizer.settings;
  const { settings } = from;
  const rooms = Array.from(memory.passes, (pass) => [pass, pass.deltaRoom] as const);
  training.restart(settings, room);
  if (typeof rate === "function" && settings.rate === unsaved) optimizer.rate = rate;
  [...parametersOf(memory)].forEach((block, i) => {
    const { values, steps, product, moment } = numbers[i]!;
    memory.viewOf(block).set(values());
    if (steps === 0) return;
    training.restore(block, steps, product);
    for (const name of momentsOf(settings)) training.moment(name, block).set(moment(name));
  });
  optimizer.resume(from);
  for (const [pass, rows] of rooms) if (rows > 0) training.ensure(pass, rows, "gradients");
}
