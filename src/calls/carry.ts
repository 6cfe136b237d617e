// The state of a call, after its pass.

import type { Memory } from "../memory/memory.js";
import type { Bound } from "./bound.js";

/** Moves the state of a call by its steps, if it has one and its pass was made. */
export function carry(memory: Memory, { pass, timing }: Bound): void {
  if (timing?.past !== undefined) timing.past.carry(memory, pass, pass.times!, timing.chosen);
}
