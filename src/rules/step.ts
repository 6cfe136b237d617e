// The step of its source that a synapse brings to a step of its target. A delay brings earlier or later ones; `at` brings the
// last or first one to all.

import { Step } from "../../assembly/abi.js";
import { GraphError } from "../base/error.js";
import { choice, number } from "../base/options.js";

/** Most steps of a delay, in either direction. */
const LONGEST_DELAY = 65_536;

/** The steps that a synapse can bring alone, with their numbers in the core. */
export const picks = { last: Step.last, first: Step.first } as const;

/** The step of a source: `delay` steps before the target's own, or one for all steps. */
export interface SourceStep {
  readonly delay: number;
  readonly at: keyof typeof picks | undefined;
}

/** Reads a delay. Throws `bad-option`. */
export function readDelay(delay: unknown, of: string): number {
  const bounds = { least: -LONGEST_DELAY, most: LONGEST_DELAY, whole: true };
  return number(delay, bounds, `The delay of ${of}`) + 0; // no -0
}

/** Reads the step that a synapse brings alone. Throws `bad-option`. */
export function readPick(at: unknown, of: string): keyof typeof picks {
  return choice(at, picks, `The \`at\` of ${of}`);
}

/** Refuses a step that a synapse brings alone, if the synapse has a delay, too. Throws `bad-option`. */
export function checkStep({ delay, at }: SourceStep, of: string): void {
  if (at === undefined || delay === 0) return;
  throw new GraphError("bad-option", `\`at\` of ${of} can't be given: it has a delay of ${delay}.`);
}

/** Returns a step as text, such as t−1 or last; `undefined` for the target's own step. */
export function stepOf({ delay, at }: SourceStep): string | undefined {
  if (at !== undefined || delay === 0) return at;
  return delay > 0 ? `t−${delay}` : `t+${-delay}`;
}
