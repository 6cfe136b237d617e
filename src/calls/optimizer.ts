// Sets a network's optimizer and its rate for a caller.

import { plain } from "../base/plain.js";
import { readOptimizer } from "../rules/optimizer.js";
import { readRate } from "../rules/schedule.js";
import type { Network } from "./network.js";

/** Sets another optimizer, with fresh state. Throws `bad-option`, `busy`, `disposed`. */
export function setOptimizer({ memory, training }: Network, given: unknown): void {
  memory.idle();
  const settings = readOptimizer(plain(given, "bad-option", "The optimizer"));
  memory.idle(); // reading it may have run the caller's code
  training.restart(settings);
}

/** Sets another rate, and keeps the optimizer's state. Throws `bad-option`, `busy`, `disposed`. */
export function setRate({ memory, training }: Network, given: unknown): void {
  memory.idle();
  const rate = readRate(plain(given, "bad-option", "The rate"));
  memory.idle();
  training.optimizer.rate = rate;
}
