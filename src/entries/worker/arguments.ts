// The arguments of `fit` in a worker: one part is sent, the page keeps the other.

import { members, options, reading } from "../../base/options.js";
import { plain } from "../../base/plain.js";
import { dataset, isStream } from "../../fit/dataset.js";
import { isSignal } from "../../fit/signal.js";
import type { Checkpoint, Dataset, FitOptions } from "../../index.js";
import type { PageMessage } from "./message.js";

type Begin = Extract<PageMessage, { kind: "begin" }>;
type Sent = Pick<Begin, "options" | "functions" | "data" | "batches" | "fold">;

/** The arguments of `fit`, each member read once. */
export interface WorkerArguments extends WorkerOptions {
  readonly data: unknown;
  readonly sent: Sent;
}

/** The options of `fit`, each read once. */
interface WorkerOptions {
  /** Options that the page uses itself. */
  readonly hooks: Pick<FitOptions, "signal" | "timeLimit" | "onBatch" | "onEpoch" | "resume">;
  readonly save: ((checkpoint: Checkpoint) => unknown) | undefined;
  readonly worker: unknown;
  readonly threads: unknown;
  readonly sent: Pick<Sent, "options" | "functions">;
}

/** Reads all arguments of `fit`, once, and copies them. Throws `bad-option`. */
export function readArguments(data: unknown, given: unknown): WorkerArguments {
  const from = readData(data);
  const read = readOptions(given);
  return { ...read, data, sent: { ...read.sent, ...from } };
}

/**
 * Reads all options of `fit`, once, and copies them: without the functions that the page calls, and without a signal. Throws
 * `bad-option`.
 */
export function readOptions(given: unknown): WorkerOptions {
  const read = members(given, "bad-option", "The options of fit");
  if (read === undefined) options(given, [], "fit");
  const { worker, threads, ...all } = read!;
  const functions: string[] = [];
  const take = (from: Record<string, unknown>, name: string) => {
    const taken = from[name];
    if (typeof taken !== "function") return undefined;
    functions.push(name);
    delete from[name];
    return taken;
  };
  const { signal, timeLimit } = all as FitOptions;
  if (isSignal(signal)) delete all.signal;
  const hooks = { onBatch: take(all, "onBatch"), onEpoch: take(all, "onEpoch") };
  let save: unknown; // the thread refuses it if it is no function
  const checkpoint = members(all.checkpoint, "bad-option", "The option `checkpoint`");
  if (checkpoint !== undefined) {
    save = take(checkpoint, "save");
    all.checkpoint = checkpoint;
  }
  all.validation = copyDataset(all.validation, "The option `validation`");
  const sent = plain(all, "bad-option", "An option of fit") as Sent["options"];
  const { resume } = sent as FitOptions;
  return {
    hooks: {
      ...hooks,
      signal: isSignal(signal) ? signal : undefined,
      timeLimit,
      resume,
    } as WorkerOptions["hooks"],
    save: save as WorkerOptions["save"],
    worker,
    threads,
    sent: { options: sent, functions },
  };
}

/** Copies a dataset, or returns the kind of its batches. */
function readData(data: unknown): Omit<Sent, "options" | "functions"> {
  if (!isStream(data)) {
    const copy = Array.isArray(data) || ArrayBuffer.isView(data) ? data : copyDataset(data, "The data");
    dataset(copy); // refuses anything but a dataset, as `fit` does
    return { data: copy, batches: undefined, fold: undefined };
  }
  const batches = typeof data === "function" ? "function" : "iterable";
  return { data: undefined, batches, fold: undefined };
}

/** Copies a dataset; returns anything else as it is. */
export function copyDataset(given: unknown, what: string): unknown {
  if (typeof given !== "object" || given === null) return given;
  return reading("bad-option", what, () => {
    // They may be members of the prototype, if it is an instance of a class.
    const { xs, ts, sampleWeights, mask, steps } = given as Partial<Dataset>;
    const own = Object.entries({ xs, ts, sampleWeights, mask, steps }).filter(
      ([, value]) => value !== undefined,
    );
    return plain({ ...given, ...Object.fromEntries(own) }, "bad-option", what);
  });
}
