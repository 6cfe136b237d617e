// The thread's side of `fit` in a worker: it trains a network of its own, by the same code.

import type { GraphError } from "../../base/error.js";
import { isObject } from "../../base/options.js";
import { atOnce } from "../../base/slices.js";
import type { Network } from "../../calls/network.js";
import type { Evaluation } from "../../calls/score.js";
import type { Dataset } from "../../fit/dataset.js";
import { readArguments, train } from "../../fit/fit.js";
import type { Checkpoint, History, Progress } from "../../fit/history.js";
import { Run, type Stop } from "../../fit/run.js";
import { scalersOf } from "../../fit/scaling.js";
import { fromArrays, toArrays } from "../../format/arrays.js";
import { pack } from "../../memory/packing.js";
import { numbersOf } from "../../rules/scaling.js";
import { AskedBatches } from "./asked.js";
import { buffersIn } from "./buffer.js";
import type { Failure } from "./check.js";
import { computing } from "./compute.js";
import { Crew, help, isHelp, leave, memoryFor } from "./crew.js";
import { foldOf, scoresOf } from "./fold.js";
import type { HelperMessage, PageMessage, Question, ThreadMessage } from "./message.js";
import { isRequest, type Reply } from "./request.js";

/** Port of a worker of the web, or of Node. */
interface Port {
  postMessage(message: ThreadMessage | HelperMessage | Reply, transfer?: ArrayBuffer[]): void;
}

/** Stands for an error that the page keeps. */
const failure = new Error("The page has failed.");

type Begin = Extract<PageMessage, { kind: "begin" }>;

function serve(port: Port): (message: unknown) => void {
  let run: Run | undefined;
  let stopped: Stop | undefined;
  /** Whether something reads the run in the page. */
  let isRead = false;
  /** The data of folds. */
  let shared: Dataset | undefined;
  let asked = 0;
  const waiting = new Map<number, { resolve(value: unknown): void; reject(reason: Error): void }>();

  const ask = (question: Question, transfer: ArrayBuffer[] = []) =>
    new Promise<unknown>((resolve, reject) => {
      waiting.set(asked, { resolve, reject });
      port.postMessage({ kind: "ask", id: asked++, ...question }, transfer);
    });

  const begin = async (message: Begin) => {
    const { graph: json, data, batches: kind, options, functions, fold } = message;
    let network: Network | undefined;
    let crew: Crew | undefined;
    let scores: Evaluation | undefined;
    run = undefined;
    stopped = message.stop;
    isRead = message.isRead;
    /** The page's answer to the last epoch. */
    let answered: Promise<unknown> | undefined;
    const batches = new AskedBatches(ask, () => crew?.hasStepped === false);
    let error: Failure | "page" | undefined;
    const given: Record<string, unknown> = { ...options };
    if (functions.includes("onBatch"))
      given.onBatch = (progress: Progress) => ask({ what: "batch", given: progress });
    if (functions.includes("save")) {
      const save = (checkpoint: Checkpoint) => ask({ what: "save", given: checkpoint });
      given.checkpoint = { ...(options.checkpoint as object), save };
    }
    /** Makes the run: in a memory that threads share, or in one of its own. */
    const work = async (memory: WebAssembly.Memory | undefined) => {
      const made = fromArrays(json);
      network = made;
      crew = memory && new Crew(made, memory, message.threads);
      if (crew !== undefined) port.postMessage(crew.call);
      await crew?.ready();
      const part = fold && foldOf(made, shared!, fold);
      const own = part?.trained ?? data;
      const source = kind === "function" ? () => batches : kind === "iterable" ? batches : own;
      run = new Run(
        async (run) => {
          if (stopped !== undefined) run.halt(stopped);
          const epoch = (progress: Progress) => {
            const parameters = pack(made.memory, made.memory.all);
            const scalers = [...scalersOf(made)].map(([name, scaler]) => [name, numbersOf(scaler)] as const);
            const now = { parameters, scalers, best: run.history.best };
            const before = answered;
            answered = ask({ what: "epoch", given: progress, now }, [parameters.buffer as ArrayBuffer]);
            answered.catch(() => {}); // it is thrown where it is awaited
            // An epoch that nobody reads needs no answer. The page is at most one epoch behind.
            return isRead || functions.includes("onEpoch") ? answered : before;
          };
          // A value that is no function is refused as in the page.
          const { onEpoch = epoch } = given;
          await train(made, run, readArguments(source, { ...given, onEpoch }));
        },
        (progress) => {
          // The page knows a batch that it was asked about.
          if (progress.kind === "batch" && given.onBatch === undefined)
            port.postMessage({ kind: "batch", given: progress });
        },
      );
      await run;
      await answered;
      scores = part && scoresOf(made, part, options.metrics);
    };
    try {
      const memory = memoryFor(message);
      try {
        await work(memory);
      } catch (reason) {
        // A shared memory has less room than one of the thread's own. Before the first step nothing is lost.
        const isFull = memory !== undefined && (reason as GraphError).code === "out-of-memory";
        if (!isFull || crew?.hasStepped === true) throw reason;
        network?.memory.dispose();
        leave(message, crew);
        network = crew = undefined;
        batches.again();
        await work(undefined);
      }
    } catch (reason) {
      const { name, message, code, details } = reason as GraphError;
      error = reason === failure ? "page" : { name, message, code, details };
    }
    await batches.end().catch(() => {
      error ??= "page";
    });
    const none: History = {
      ...{ epochs: [], stopped: "aborted", steps: 0, seconds: 0 },
      ...{ threads: 1, sharing: "none" },
    };
    const { epochs, ...history } = (run as Run | undefined)?.history ?? none;
    const graph = network && atOnce(toArrays(network.savable("saved")));
    const ended = { ...history, ...crew?.history };
    port.postMessage(
      { kind: "end", graph, history: ended, epochs: epochs.length, scores, error },
      buffersIn(graph),
    );
    network?.memory.dispose();
  };

  const compute = computing(port);
  return (message) => {
    if (isRequest(message)) compute(message);
    if (isHelp(message)) help(message, (reply) => port.postMessage(reply));
    if (!isPageMessage(message)) return;
    if (message.kind === "begin") {
      begin(message);
      return;
    }
    if (message.kind === "data") {
      shared = message.data;
      return;
    }
    stopped ??= message.stop;
    if (message.stop !== undefined) run?.halt(message.stop);
    if (message.kind === "stop") return;
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    isRead = message.isRead;
    if (message.failed) asked?.reject(failure);
    else asked?.resolve(message.value);
  };
}

/** Returns whether a message is one of `fit`: other code of a page may post messages to its workers, too. */
function isPageMessage(message: unknown): message is PageMessage {
  const { kind, functions, data } = Object(message) as {
    kind?: unknown;
    functions?: unknown;
    data?: unknown;
  };
  if (kind === "begin") return Array.isArray(functions);
  return kind === "stop" || kind === "answer" || (kind === "data" && isObject(data));
}

const web = globalThis as unknown as Port & { onmessage: unknown };
if (typeof web.postMessage === "function") {
  const receive = serve(web);
  web.onmessage = ({ data }: MessageEvent<unknown>) => receive(data);
} else {
  const port = globalThis.process?.getBuiltinModule?.("node:worker_threads").parentPort;
  port?.on("message", serve(port));
}
