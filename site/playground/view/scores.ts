// Costs and accuracies over the steps of training, thinned where they are many.

import { shallowRef } from "vue";
import type { Frame, Score } from "../worker/message.ts";

type Entry = Frame["scores"][number];

/** Columns of a chart: steps, then the values of each curve. */
export interface Series {
  readonly steps: number[];
  readonly training: (number | null)[];
  readonly heldOut: (number | null)[];
}

/** Most points of a curve; every other one is dropped where they are more. */
const MOST = 1500;

/** Milliseconds between two numbers in the page: more often nobody can read them. */
const EVERY = 100;

export function createScores() {
  let all: Entry[] = [];
  let shown = 0;
  let latestHeldOut: Score | undefined;
  /** The newest scores; changes with each. */
  const last = shallowRef<{ training?: Score; heldOut?: Score | undefined }>({});
  return {
    last,
    /** Adds scores. The last ones of a run are shown at once. */
    add(entries: readonly Entry[], isLast: boolean) {
      if (entries.length === 0 && !isLast) return;
      all.push(...entries);
      if (all.length > MOST) all = all.filter((_, index) => index % 2 === 0 || index >= all.length - 2);
      latestHeldOut = entries.findLast(({ heldOut }) => heldOut !== undefined)?.heldOut ?? latestHeldOut;
      const end = all.at(-1);
      const now = performance.now();
      if (end === undefined || (!isLast && now - shown < EVERY)) return;
      shown = now;
      last.value = { training: end.training, heldOut: latestHeldOut };
    },
    /** Drops the scores after a step, to which the training went back. */
    cut(step: number) {
      all = all.filter((entry) => entry.step <= step);
      const end = all.at(-1);
      latestHeldOut = all.findLast(({ heldOut }) => heldOut !== undefined)?.heldOut;
      last.value = end === undefined ? {} : { training: end.training, heldOut: latestHeldOut };
    },
    clear() {
      all = [];
      latestHeldOut = undefined;
      last.value = {};
    },
    /** Returns the curves of a metric. */
    series(metric: keyof Score): Series {
      return {
        steps: all.map(({ step }) => step),
        training: all.map(({ training }) => training[metric] ?? null),
        heldOut: all.map(({ heldOut }) => heldOut?.[metric] ?? null),
      };
    },
  };
}
