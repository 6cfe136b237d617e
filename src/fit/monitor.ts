// The monitor of a run: finds the best epoch, and the end of patience.

import { GraphError } from "../base/error.js";
import { list, show } from "../base/text.js";
import { type Evaluation, usualMetrics } from "../calls/score.js";
import type { LayerNode } from "../model/node.js";
import { type Metric, type OutputScore, readMetrics } from "../rules/metric.js";
import type { Progress } from "./history.js";
import type { FitSettings } from "./options.js";

/** Measures that can be monitored, each with its better direction. */
const measures = {
  cost: "min",
  mae: "min",
  accuracy: "max",
  topK: "max",
  r2: "max",
  precision: "max",
  recall: "max",
  f1: "max",
  auc: "max",
} as const;

type Measure = keyof typeof measures;
type Scores = Pick<Evaluation, "cost"> & { readonly outputs?: Readonly<Record<string, OutputScore>> };

/** The saved part of a monitor. */
export interface Verdict {
  readonly best: { readonly epoch: number; readonly value: number } | undefined;
  readonly waited: number;
}

export class Monitor {
  readonly monitor: string;
  readonly #measure: Measure;
  /** The output's name; undefined for the whole cost. */
  readonly #output: string | undefined;
  readonly #isValidation: boolean;
  readonly #sign: 1 | -1;
  readonly #minDelta: number;
  readonly #patience: number;
  #best: Verdict["best"];
  #waited = 0;

  /**
   * Reads the monitored path. `known` returns the measures that an output will have, with or without validation. Throws
   * `bad-option`.
   */
  constructor(settings: FitSettings, known: (output: string, validation: boolean) => readonly string[]) {
    const hasValidation = settings.validation !== undefined;
    this.monitor = settings.monitor ?? (hasValidation ? "validation.cost" : "cost");
    this.#isValidation = this.monitor.startsWith("validation.");
    const path = this.#isValidation ? this.monitor.slice("validation.".length) : this.monitor;
    // An output's name may contain points.
    const parts = /^outputs\.(.+)\.(\w+)$/su.exec(path);
    this.#output = parts?.[1];
    this.#measure = (parts?.[2] ?? path) as Measure;
    const possible = this.#output === undefined ? ["cost"] : known(this.#output, this.#isValidation);
    const allowed = possible.filter((name) => Object.hasOwn(measures, name));
    if ((this.#isValidation && !hasValidation) || !allowed.includes(this.#measure)) {
      const wanted =
        this.#isValidation && !hasValidation
          ? "there is no validation"
          : this.#output === undefined
            ? 'it is "cost", "validation.cost" or a path like "validation.outputs.y.accuracy"'
            : `${show(this.#output)} has ${list(allowed)} there`;
      throw new GraphError("bad-option", `\`monitor\` can't be ${show(this.monitor)}: ${wanted}.`);
    }
    this.#sign = (settings.mode ?? measures[this.#measure]) === "min" ? 1 : -1;
    this.#minDelta = settings.minDelta;
    this.#patience = settings.patience ?? Number.POSITIVE_INFINITY;
  }

  /** Returns the monitored value of an epoch; undefined where its scores lack it. */
  value(progress: Progress): number | undefined {
    const scores: Scores | undefined = this.#isValidation ? progress.validation : progress;
    return this.#output === undefined ? scores?.cost : scores?.outputs?.[this.#output]?.[this.#measure];
  }

  /** Records an epoch's value. Returns whether it is the best so far. */
  improves(epoch: number, value: number | undefined): boolean {
    this.#waited++;
    if (value === undefined) return false;
    const before = this.#best?.value;
    if (before !== undefined && !(this.#sign * (before - value) > this.#minDelta)) return false;
    this.#best = { epoch, value };
    this.#waited = 0;
    return true;
  }

  /** Direction of better values. */
  get mode(): "min" | "max" {
    return this.#sign === 1 ? "min" : "max";
  }

  get isOutOfPatience(): boolean {
    return this.#waited >= this.#patience;
  }

  get best() {
    return this.#best && { monitor: this.monitor, ...this.#best };
  }

  get verdict(): Verdict {
    return { best: this.#best, waited: this.#waited };
  }

  set verdict({ best, waited }: Verdict) {
    this.#best = best;
    this.#waited = waited;
  }
}

/** Returns the names of the scores that an output will have, `cost` first; none for an unknown output. */
export function measuresOf(
  output: LayerNode | undefined,
  metrics: readonly Metric[] | undefined,
): readonly string[] {
  if (output === undefined) return [];
  return ["cost", ...readMetrics(metrics ?? usualMetrics(output)).map(({ name }) => name)];
}
