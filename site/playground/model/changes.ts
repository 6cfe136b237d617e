// Changes of settings during training, as a list that leads to the same bits when it is followed again.

import type { Settings, Sketch } from "./sketch.ts";

type Changes = Sketch["changes"];

/** Checks whether an optimizer begins afresh with other settings: it does unless the rate alone differs. */
export function isFresh(before: Settings, after: Settings): boolean {
  const key = ({ optimizer: { rate: _, ...rest } }: Settings) => JSON.stringify(Object.entries(rest).sort());
  return key(before) !== key(after);
}

/**
 * Returns the changes of a sketch with one more. It takes the place of the last one at the same step, if the list then leads to
 * the same bits. It doesn't from adam by sgd back to adam: the list would lack that the moments begin afresh.
 */
export function withChange(
  sketch: Pick<Sketch, "settings" | "changes">,
  step: number,
  settings: Settings,
): Changes {
  const { changes } = sketch;
  const last = changes.at(-1);
  const added = { step, settings };
  if (last?.step !== step) return [...changes, added];
  const before = changes.at(-2)?.settings ?? sketch.settings;
  const isAlike = !isFresh(last.settings, settings) || isFresh(before, settings) || step === 0;
  return isAlike ? [...changes.slice(0, -1), added] : [...changes, added];
}
