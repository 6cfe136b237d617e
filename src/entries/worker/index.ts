/**
 * `fit` off the main thread: the same options, progress and bits. In browsers, Node, Deno and Bun.
 *
 * @module
 */

export type { AnyWorker } from "./start.js";

import { members, options, reading } from "../../base/options.js";
import { plain } from "../../base/plain.js";
import { show } from "../../base/text.js";
import { type Batched, dataset, isStream, iterate, resultOf } from "../../fit/dataset.js";
import { eventLoop } from "../../fit/pause.js";
import type { Run, Stop } from "../../fit/run.js";
import { abortOn, isSignal } from "../../fit/signal.js";
import type { Trainee } from "../../fit/source.js";
import { INSIDE } from "../../graph/internal.js";
import {
  type Checkpoint,
  type Dataset,
  type FitData,
  type FitOptions,
  type FitRun,
  Graph,
  GraphError,
  type Progress,
  Scaler,
} from "../../index.js";
import { pack, unpack } from "../../memory/packing.js";
import type { Failure, News, Now, Order } from "./message.js";
import { type AnyWorker, start, type Thread } from "./start.js";

/** The milliseconds that a thread has to end a run that is stopped. After that it is left with the last epoch's parameters. */
const GRACE = 1000;

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
 * everything at the end. Callbacks are called here, and an iterable's batches are pulled here. A thread that doesn't answer
 * within a second after the run was stopped is left. Throws the errors of `fit`. Throws `bad-option` also for a rate that is
 * a function, values that can't be sent, and a worker that fails or runs other code.
 */
export function fit<In extends string, Out extends string>(
  graph: Trains<In, Out>,
  data: FitData<In, Out>,
  options: WorkerOptions<In, Out> = {},
): FitRun {
  const { lend, Run } = Graph[INSIDE];
  return new Run(async (run) => {
    const asked = ask(data, options);
    await lend(graph, (trainee) => train(trainee, run, asked));
  });
}

type Sent = Pick<Extract<Order, { kind: "begin" }>, "options" | "functions" | "data" | "batches">;

/** The arguments of `fit`, read. */
interface Asked {
  /** Called here. */
  readonly own: Pick<FitOptions, "signal" | "timeLimit" | "onBatch" | "onEpoch" | "resume">;
  readonly save: ((checkpoint: Checkpoint) => unknown) | undefined;
  readonly worker: unknown;
  readonly data: unknown;
  readonly sent: Sent;
}

/** Reads all that is given, once, and copies it: options without functions that are called here, and a signal. Throws `bad-option`. */
function ask(data: unknown, given: unknown): Asked {
  const from = taken(data);
  const read = members(given, "bad-option", "The options of fit");
  if (read === undefined) options(given, [], "fit");
  const { worker, ...all } = read!;
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
  let save: unknown; // checked by the thread, where it is no function
  const checkpoint = members(all.checkpoint, "bad-option", "The option `checkpoint`");
  if (checkpoint !== undefined) {
    save = take(checkpoint, "save");
    all.checkpoint = checkpoint;
  }
  all.validation = copyDataset(all.validation, "The option `validation`");
  const sent = plain(all, "bad-option", "An option of fit") as Sent["options"];
  const { resume } = sent as FitOptions;
  return {
    own: { ...hooks, signal: isSignal(signal) ? signal : undefined, timeLimit, resume } as Asked["own"],
    save: save as Asked["save"],
    worker,
    data,
    sent: { options: sent, functions, ...from },
  };
}

/** A dataset, or how its batches come. */
function taken(data: unknown): Pick<Sent, "data" | "batches"> {
  if (!isStream(data)) {
    const copy = Array.isArray(data) || ArrayBuffer.isView(data) ? data : copyDataset(data, "The data");
    dataset(copy); // refuses what is none, as in place
    return { data: copy, batches: undefined };
  }
  return { data: undefined, batches: typeof data === "function" ? "function" : "iterable" };
}

/** A copy of a dataset, or of what isn't one. */
function copyDataset(given: unknown, what: string): unknown {
  if (typeof given !== "object" || given === null) return given;
  return reading("bad-option", what, () => {
    // Of an instance of a class, they may be the prototype's.
    const { xs, ts, sampleWeights, mask } = given as Partial<Dataset>;
    const own = Object.entries({ xs, ts, sampleWeights, mask }).filter(([, value]) => value !== undefined);
    return plain({ ...given, ...Object.fromEntries(own) }, "bad-option", what);
  });
}

async function train(trainee: Trainee, run: Run, asked: Asked): Promise<void> {
  if (trainee.training.optimizer.rateOf !== undefined) {
    throw new GraphError(
      "bad-option",
      "A rate that is a function can't be sent to a worker: use one by name.",
    );
  }
  const { worker, own } = asked;
  if (worker !== undefined && typeof worker !== "function") {
    throw new GraphError("bad-option", `\`worker\` is a function that makes one, not ${show(worker)}.`);
  }
  const before = (own.resume as { fit?: { epochs?: unknown } } | undefined)?.fit?.epochs;
  // The thread refuses a value that is no checkpoint.
  if (Array.isArray(before)) run.prepend(before);
  const unlisten = abortOn(own.signal, run);
  const timer = limit(run, own.timeLimit);
  let thread: Thread | undefined;
  try {
    thread = start(worker as (() => unknown) | undefined);
    await converse(thread, trainee, run, asked);
  } finally {
    clearTimeout(timer);
    unlisten();
    thread?.terminate();
  }
}

/** Stops a run when its time is over; a limit that is none is refused by the thread. */
function limit(run: Run, seconds: unknown): ReturnType<typeof setTimeout> | undefined {
  if (typeof seconds !== "number" || !(seconds > 0)) return undefined;
  return setTimeout(() => run.halt("time"), Math.min(seconds * 1000, 2 ** 31 - 1));
}

function converse(
  thread: Thread,
  trainee: Trainee,
  run: Run,
  { own, save, data, sent }: Asked,
): Promise<void> {
  const { memory } = trainee;
  const turn = eventLoop();
  /** Whether the run has ended: what comes of it then is ignored. */
  let isOver = false;
  /** Until it is read to its end, or told that it won't be. */
  let batches: Batched | undefined;
  /** The error of a callback or of the caller's data. */
  let thrown: { readonly reason: unknown } | undefined;
  const leave = async () => {
    const left = batches;
    batches = undefined;
    await left?.end();
  };

  /** Takes over where the thread's graph is. Throws `bad-option` where it is another graph. */
  const follow = ({ parameters, scalers, best }: Now) => {
    const packed = pack(memory, memory.all);
    const isOurs = parameters.length === packed.length && parameters.constructor === packed.constructor;
    // 0 times a number that isn't finite is none.
    let sum = 0;
    for (let i = 0; i < parameters.length; i++) sum += parameters[i]! * 0;
    if (!isOurs || Number.isNaN(sum)) throw misplaced("parameters");
    const found = new Map(scalers.map(([name, scaler]) => [name, Scaler.fromJSON(scaler)]));
    trainee.scale(found);
    unpack(memory, parameters, memory.all);
    if (best !== undefined) run.history.best = best;
  };

  /** The answer to a thread's question. */
  const answer = async (news: Extract<News, { kind: "ask" }>): Promise<unknown> => {
    switch (news.what) {
      case "batch":
        run.emit(news.given);
        return own.onBatch?.(news.given);
      case "epoch":
        run.emit(news.given);
        await own.onEpoch?.(news.given);
        // A reader of the epochs may leave at this one.
        if (run.isRead) await turn.next();
        return;
      case "save":
        return save!(news.given);
      case "begin":
        batches = iterate(typeof data === "function" ? data() : data);
        return;
      case "next": {
        const { done, value } = resultOf(await batches!.next());
        if (!done) return { done, value: copyDataset(value, "A batch") };
        batches = undefined;
        return { done };
      }
      case "return":
        await leave();
        return { done: true, value: undefined };
    }
  };

  let timer: ReturnType<typeof setTimeout> | undefined;
  const talk = new Promise<void>((resolve, reject) => {
    const send = (order: Order) => {
      try {
        thread.send(order);
      } catch (error) {
        reject(error);
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
      if (error === "page") throw thrown === undefined ? misplaced("end") : thrown.reason;
      if (error !== undefined) throw revived(error);
    };
    const hear = async (news: News) => {
      if (isOver) return;
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
        run.emit(news.given);
        return;
      }
      if (news.what === "epoch") follow(news.now);
      if ((news.what === "next" && batches === undefined) || (news.what === "save" && save === undefined)) {
        throw misplaced(news.what);
      }
      let [value, failed]: [unknown, boolean] = [undefined, false];
      try {
        value = await answer(news);
      } catch (reason) {
        thrown ??= { reason };
        failed = true;
      }
      if (!isOver) send({ kind: "answer", id: news.id, value, failed, stop: run.stop });
    };
    /** Waits some time for the thread to end, and leaves it then, with the parameters of the last epoch. */
    const patience = (why: Stop) => {
      timer = setTimeout(() => {
        run.history.stopped = why;
        resolve();
      }, GRACE);
    };
    thread.listen((news) => hear(news).catch(reject), reject);
    const live = async () => memory.live();
    memory.wake = () => live().catch(reject);
    run.onStop = (why) => {
      send({ kind: "stop", stop: why });
      patience(why);
    };
    if (run.stop !== undefined) patience(run.stop);
    send({ kind: "begin", graph: trainee.toJSON(), ...sent, stop: run.stop });
  });
  return talk.finally(() => {
    isOver = true;
    clearTimeout(timer);
    turn.end();
    memory.wake = () => {};
    run.onStop = () => {};
    // Whatever comes of that: the run has ended.
    leave().catch(() => {});
  });
}

/** The error of a message that comes where no thread of ours posts it. */
function misplaced(what: string): GraphError {
  return new GraphError(
    "bad-option",
    `The worker has posted ${show(what)} of another run: \`worker\` makes a new worker of plexus-nn/worker/thread.`,
  );
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
