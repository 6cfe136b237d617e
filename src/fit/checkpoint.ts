// A run on its way as plain data, and back.

import { GraphError } from "../base/error.js";
import { show } from "../base/text.js";
import { decode, encodeInSlices, type Rest } from "../format/base64.js";
import type { Memory } from "../memory/memory.js";
import { pack, unpack } from "../memory/packing.js";
import type { Checkpoint, Progress } from "./history.js";
import type { Monitor, Verdict } from "./monitor.js";
import type { FitSettings } from "./options.js";
import type { Tally } from "./source.js";

const FORMAT = "plexus-checkpoint";
const VERSION = 1;

/** A place in a run: the next batch of an epoch, both from 1, and what was found before. */
export interface ResumePoint {
  readonly epoch: number;
  readonly batch: number;
  /** Of the epoch so far. */
  readonly tally: Tally;
  readonly steps: number;
  readonly seconds: number;
  /** Of the last step. */
  readonly rate: number;
  readonly epochs: readonly Progress[];
  readonly verdict: Verdict;
  /** The parameters of the best epoch, as base64. */
  readonly best?: string;
}

/** The options that a run can't change on its way, given or by default, as JSON has them; the rows of the data, too. */
export function fixedOptions(
  settings: FitSettings,
  monitor: Monitor,
  rows?: number,
  validationRows?: number,
): object {
  const { batchSize, shuffle = rows !== undefined, metrics, patience, minDelta } = settings;
  const { restoreBest, stepsPerEpoch, scale } = settings;
  const { monitor: path, mode } = monitor;
  const validation = typeof settings.validation === "number" ? settings.validation : validationRows;
  return {
    ...{ batchSize, shuffle, validation, metrics, patience, minDelta, monitor: path, mode, restoreBest },
    ...{ stepsPerEpoch, scale, rows },
  };
}

export function writeCheckpoint(graph: object, state: ResumePoint, kept: object): Checkpoint {
  return { format: FORMAT, version: VERSION, graph, fit: { ...state, options: kept } };
}

/** Reads the parts of a checkpoint that `fit` needs. Throws `bad-file`. */
export function readCheckpoint(given: unknown): {
  readonly graph: unknown;
  readonly state: ResumePoint;
  readonly kept: object;
} {
  const { format, version, graph, fit } = given as Partial<Checkpoint>;
  if (format !== FORMAT || version !== VERSION) {
    const found = `format ${show(format)}, version ${show(version)}`;
    throw bad(`The checkpoint has ${found}; this release reads ${show(FORMAT)}, version ${VERSION}`);
  }
  const { options: kept, ...state } = (fit ?? {}) as ResumePoint & { readonly options?: object };
  const { epoch, batch, tally, steps, seconds, rate, epochs, verdict, best } = state;
  const whole =
    [epoch, batch, steps].every(isCount) &&
    [seconds, rate].every(isAmount) &&
    isObject(tally?.outputs) &&
    [tally, ...Object.values(tally.outputs)].every((sum) => has(sum, Number.isFinite, "rows", "cost")) &&
    Array.isArray(epochs) &&
    epochs.length === epoch - 1 &&
    epochs.every(
      (one, i) =>
        has(one, isAmount, "step", "epochs", "rate", "seconds", "samplesPerSecond") &&
        has(one, Number.isFinite, "cost") &&
        one.epoch === i + 1,
    ) &&
    has(verdict, isAmount, "waited") &&
    (verdict.best === undefined ||
      (has(verdict.best, isCount, "epoch") && has(verdict.best, Number.isFinite, "value"))) &&
    (best === undefined || typeof best === "string") &&
    isObject(kept);
  if (!whole) throw bad("The checkpoint's `fit` is damaged");
  return { graph, state, kept };
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
const isCount = (value: unknown) => Number.isInteger(value) && (value as number) >= 1;
const isAmount = (value: unknown) => Number.isFinite(value) && (value as number) >= 0;

/** Whether it is an object whose members of some names all fit. */
function has(given: unknown, fits: (value: unknown) => boolean, ...names: readonly string[]): boolean {
  return isObject(given) && names.every((name) => fits((given as Record<string, unknown>)[name]));
}

/** Refuses to resume with other options than those of the run's start. Throws `bad-option`. */
export function checkFixedOptions(before: object, now: object): void {
  const [old, given] = [before, now].map((one) => JSON.parse(JSON.stringify(one)));
  for (const name of Object.keys({ ...old, ...given })) {
    const [was, is] = [old[name], given[name]].map((value) => JSON.stringify(value) ?? "nothing");
    if (was === is) continue;
    const what = name === "rows" ? "the data's rows were" : `\`${name}\` was`;
    throw new GraphError("bad-option", `The run that is resumed had others: ${what} ${was}, and now ${is}.`);
  }
}

/** The parameters of a graph, kept aside: one copy, made anew in the same room. */
export class ParameterSnapshot {
  readonly #memory: Memory;
  #values: Float64Array | Float32Array | undefined;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  take(): void {
    if (this.#values === undefined) this.#values = this.#memory.all.slice();
    else this.#values.set(this.#memory.all);
  }

  restore(): void {
    if (this.#values !== undefined) this.#memory.all.set(this.#values);
  }

  /** The copy as base64, in the order of a file; it is encoded in slices. */
  async encode(rest: Rest): Promise<string | undefined> {
    if (this.#values === undefined) return undefined;
    // A graph that resumes may have been built in another order.
    const { buffer, byteOffset, byteLength } = pack(this.#memory, this.#values);
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    return encodeInSlices(() => bytes, rest);
  }

  /** Takes over the text of a checkpoint. Throws `bad-file`. */
  decode(text: string | undefined): void {
    if (text === undefined) return;
    const packed = pack(this.#memory, this.#memory.all);
    if (!decode(text, new Uint8Array(packed.buffer)) || !packed.every((value) => Number.isFinite(value))) {
      throw bad("The checkpoint's best parameters are damaged");
    }
    this.#values = this.#memory.all.slice();
    unpack(this.#memory, packed, this.#values);
  }
}

function bad(what: string): GraphError {
  return new GraphError("bad-file", `${what}.`);
}
