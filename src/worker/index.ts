/**
 * `fit` off the main thread: the same options, progress and bits. In browsers, Node, Deno and Bun.
 *
 * @module
 */

import { isStream, iterate } from "../fit/batch.js";
import { eventLoop } from "../fit/pause.js";
import { isSignal } from "../fit/signal.js";
import {
  type Dataset,
  type FitData,
  type FitOptions,
  type FitRun,
  type Graph,
  GraphError,
  lend,
  options,
  type Progress,
  Run,
  Scaler,
  show,
  type Trainee,
} from "../index.js";
import type { Failure, News, Order } from "./message.js";
import { type AnyWorker, start, type Thread } from "./start.js";

export type { AnyWorker } from "./start.js";

/** Options of `fit` in a worker. */
export interface WorkerOptions<In extends string = string, Out extends string = string>
  extends FitOptions<In, Out> {
  /** Makes the worker, of the module `plexus-nn/worker/thread`: for bundlers, and where that lies at another origin. */
  readonly worker?: () => AnyWorker;
}

/** A graph of these inputs and outputs. */
// biome-ignore lint/suspicious/noExplicitAny: whatever the hidden layers and the precision
type Trains<In extends string, Out extends string> = Graph<In, Out, any, any>;

/**
 * Trains a graph in a worker of its own. Meanwhile the graph is `busy`; it receives the parameters after each epoch, and
 * everything at the end. Callbacks are called here, and an iterable's batches are pulled here. Throws what `fit` throws;
 * `bad-option` also for a rate that is a function, and for what can't be sent.
 */
export function fit<In extends string, Out extends string>(
  graph: Trains<In, Out>,
  data: FitData<In, Out>,
  options: WorkerOptions<In, Out> = {},
): FitRun {
  return new Run((run) => lend(graph, (trainee) => train(trainee, run, data, options)));
}

async function train(trainee: Trainee, run: Run, data: unknown, given: WorkerOptions): Promise<void> {
  if (typeof trainee.memory.state.settings.rate === "function") {
    throw new GraphError(
      "bad-option",
      "A rate that is a function can't be sent to a worker: use one by name.",
    );
  }
  if (typeof given !== "object" || given === null || Array.isArray(given)) options(given, [], "fit");
  const { worker, ...all } = given;
  if (worker !== undefined && typeof worker !== "function") {
    throw new GraphError("bad-option", `\`worker\` is a function that makes one, not ${show(worker)}.`);
  }
  // All that is given is taken in the call, as it would be in place.
  const sent = { ...sendable(all), ...taken(data) };
  const before = (all.resume as { fit?: { epochs?: unknown } } | undefined)?.fit?.epochs;
  // What is no checkpoint is refused by the thread.
  if (Array.isArray(before)) run.follow(before);
  const thread = start(worker);
  const { signal } = all;
  const abort = () => run.halt("aborted");
  try {
    if (isSignal(signal)) {
      if (signal.aborted) abort();
      signal.addEventListener("abort", abort);
    }
    await converse(thread, trainee, run, data, all, sent);
  } finally {
    if (isSignal(signal)) signal.removeEventListener("abort", abort);
    await thread.terminate();
  }
}

type Sent = Pick<Extract<Order, { kind: "begin" }>, "options" | "functions" | "data" | "batches">;

/** The options without what can't be sent: functions that are called here, and a signal that is heard here. */
function sendable(all: FitOptions): Pick<Sent, "options" | "functions"> {
  const options: Record<string, unknown> = { ...all };
  const functions: string[] = [];
  const take = (from: Record<string, unknown>, name: string) => {
    if (typeof from[name] !== "function") return;
    functions.push(name);
    delete from[name];
  };
  take(options, "onBatch");
  take(options, "onEpoch");
  if (typeof all.checkpoint === "object" && all.checkpoint !== null) {
    const checkpoint: Record<string, unknown> = { ...all.checkpoint };
    take(checkpoint, "save");
    options.checkpoint = checkpoint;
  }
  if (isSignal(all.signal)) delete options.signal;
  options.validation = copyDataset(options.validation);
  return { options: copy(options) as typeof options, functions };
}

/** A dataset, or how its batches come. */
function taken(data: unknown): Pick<Sent, "data" | "batches"> {
  if (!isStream(data)) return { data: copyDataset(data), batches: undefined };
  return { data: undefined, batches: typeof data === "function" ? "function" : "iterable" };
}

/** A copy of a dataset, or of what isn't one. */
function copyDataset(given: unknown): unknown {
  if (typeof given !== "object" || given === null) return given;
  // Of an instance of a class, they may be the prototype's.
  const { xs, ts, sampleWeights, mask } = given as Partial<Dataset>;
  return copy({ ...given, xs, ts, sampleWeights, mask });
}

/** A copy of plain data, of which no view brings a larger buffer with it. */
function copy(data: unknown): unknown {
  if (data instanceof DataView) return data;
  // Node's Buffer has a `slice` that doesn't copy.
  if (ArrayBuffer.isView(data)) return Uint8Array.prototype.slice.call(data);
  if (Array.isArray(data)) return typeof data[0] === "object" ? data.map(copy) : data.slice();
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, copy(value)]));
}

function converse(
  thread: Thread,
  trainee: Trainee,
  run: Run,
  data: unknown,
  all: FitOptions,
  sent: Sent,
): Promise<void> {
  const { memory } = trainee;
  const turn = eventLoop();
  /** Until it is read to its end, or told that it won't be. */
  let iterator: Iterator<unknown> | AsyncIterator<unknown> | undefined;
  /** What a callback or the caller's data has thrown. */
  let thrown: { readonly reason: unknown } | undefined;
  const leave = async () => {
    const left = iterator;
    iterator = undefined;
    await left?.return?.();
  };

  /** What the thread is answered. */
  const answer = async (news: Extract<News, { kind: "ask" }>): Promise<unknown> => {
    switch (news.what) {
      case "batch":
        run.tell(news.given);
        return all.onBatch?.(news.given);
      case "epoch": {
        const { parameters, scalers, best } = news.now;
        memory.packed = parameters;
        trainee.scale(new Map(scalers.map(([name, scaler]) => [name, Scaler.fromJSON(scaler)])));
        if (best !== undefined) run.history.best = best;
        run.tell(news.given);
        await all.onEpoch?.(news.given);
        // Whoever goes through the epochs may leave at this one.
        if (run.isRead) await turn.next();
        return;
      }
      case "save":
        return all.checkpoint!.save(news.given);
      case "begin":
        iterator = iterate(typeof data === "function" ? data() : data);
        return;
      case "next": {
        const { done, value } = await iterator!.next();
        if (!done) return { done, value: copyDataset(value) };
        iterator = undefined;
        return { done };
      }
      case "return":
        await leave();
        return { done: true, value: undefined };
    }
  };

  const talk = new Promise<void>((resolve, reject) => {
    const send = (order: Order) => {
      try {
        thread.send(order);
      } catch (cause) {
        const message = `The data or an option can't be sent to a worker: ${(cause as Error).message}`;
        reject(new GraphError("bad-option", message, { cause }));
      }
    };
    const end = ({ graph, history, epochs, error }: Extract<News, { kind: "end" }>) => {
      if (graph !== undefined) {
        const saved = trainee.restore(graph);
        saved.adopt();
        saved.free();
      }
      Object.assign(run.history, history);
      (run.history.epochs as Progress[]).splice(epochs);
      if (error === "page") throw thrown!.reason;
      if (error !== undefined) throw revived(error);
    };
    const hear = async (news: News) => {
      memory.live();
      if (news.kind === "end") {
        end(news);
        resolve();
        return;
      }
      if (news.given !== undefined && "step" in news.given) {
        bare(news.given);
        run.history.steps = news.given.step;
        run.history.seconds = news.given.seconds;
      }
      if (news.kind === "batch") {
        run.tell(news.given);
        return;
      }
      let [value, failed]: [unknown, boolean] = [undefined, false];
      try {
        value = await answer(news);
      } catch (reason) {
        thrown ??= { reason };
        failed = true;
      }
      send({ kind: "answer", id: news.id, value, failed, stop: run.stop });
    };
    thread.listen((news) => hear(news).catch(reject), reject);
    const live = async () => memory.live();
    memory.wake = () => live().catch(reject);
    run.wake = () => send({ kind: "stop", stop: run.stop! });
    send({ kind: "begin", graph: trainee.toJSON(), ...sent, stop: run.stop });
  });
  return talk.finally(() => {
    turn.end();
    memory.wake = () => {};
    // Whatever comes of that: the run has ended.
    leave().catch(() => {});
  });
}

/** Takes the prototype away that a message gives to what is by outputs' names: those may be names of its members. */
function bare(progress: Progress): void {
  for (const scores of [progress, progress.validation]) {
    if (scores?.outputs !== undefined) Object.setPrototypeOf(scores.outputs, null);
  }
}

function revived({ name, message, code, details }: Failure): Error {
  if (code !== undefined) return new GraphError(code, message, details === undefined ? {} : { details });
  return Object.assign(new Error(message), { name });
}
