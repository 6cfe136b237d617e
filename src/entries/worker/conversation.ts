// The page's side of a run in a worker: it answers the thread's questions, follows its epochs, and takes over its network at
// the end.

import { areFinite } from "../../base/precision.js";
import { inSlices } from "../../base/slices.js";
import { show } from "../../base/text.js";
import type { Network } from "../../calls/network.js";
import { type Batched, iterate, resultOf } from "../../fit/dataset.js";
import { eventLoop } from "../../fit/pause.js";
import type { Run, Stop } from "../../fit/run.js";
import { INSIDE } from "../../graph/internal.js";
import { type Evaluation, Graph, GraphError, type Progress, Scaler } from "../../index.js";
import { packedLength, unpack } from "../../memory/packing.js";
import { copyDataset, type WorkerArguments } from "./arguments.js";
import { buffersIn } from "./buffer.js";
import { revived } from "./check.js";
import type { Crew } from "./helpers.js";
import type { EpochState, PageMessage, ThreadMessage } from "./message.js";

/**
 * Milliseconds in which a thread must end a stopped run. After that the thread is abandoned, with the parameters of the last
 * epoch.
 */
const GRACE = 1000;

/**
 * Begins a run in a thread and follows it to its end. Resolves with the scores of a fold, or with nothing: of another run, and of a
 * fold whose thread was abandoned.
 */
export function converse(
  { open, helpers, threads }: Crew,
  network: Network,
  run: Run,
  { hooks, save, data, sent }: WorkerArguments,
): Promise<Evaluation | undefined> {
  const thread = open();
  const { memory } = network;
  const { restoreArrays, setScalers, toArrays } = Graph[INSIDE];
  const turn = eventLoop();
  /** Whether the run has ended; later messages are ignored. */
  let isOver = false;
  /** Whether a question of the thread waits for the caller. */
  let isAnswering = false;
  /** Open until it is read to its end, or the thread wants no more. */
  let batches: Batched | undefined;
  /** The error of a callback or of the caller's data. */
  let thrown: { readonly reason: unknown } | undefined;
  /** Does work on all numbers of the graph, which may have millions, with turns of the event loop between its slices. */
  const sliced = async <R>(work: Generator<void, R>): Promise<R> => {
    const turn = eventLoop();
    const rest = async () => {
      await turn.next();
      memory.live();
      if (isOver) throw new Error("The run has ended.");
    };
    try {
      return await inSlices(work, rest);
    } finally {
      turn.end();
    }
  };
  const closeBatches = async () => {
    const open = batches;
    batches = undefined;
    await open?.end();
  };

  /** Copies the state of the thread's graph. Throws `bad-option` if it is of another graph. */
  const takeOver = ({ parameters, scalers, best }: EpochState) => {
    const isOurs =
      parameters.length === packedLength(memory) &&
      parameters instanceof (memory.core.bytes === 8 ? Float64Array : Float32Array);
    if (!isOurs || !areFinite(parameters)) throw misplaced("parameters");
    const found = new Map(scalers.map(([name, scaler]) => [name, Scaler.fromJSON(scaler)]));
    setScalers(network, found);
    unpack(memory, parameters, memory.all);
    if (best !== undefined) run.history.best = best;
  };

  /** Returns the answer to a thread's question. */
  const answer = async (message: Extract<ThreadMessage, { kind: "ask" }>): Promise<unknown> => {
    switch (message.what) {
      case "batch":
        run.emit(message.given);
        return hooks.onBatch?.(message.given);
      case "epoch":
        run.emit(message.given);
        await hooks.onEpoch?.(message.given);
        // An iterator of the run may end it at this epoch.
        if (run.isRead) await turn.next();
        return;
      case "save":
        return save!(message.given);
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
        await closeBatches();
        return { done: true, value: undefined };
    }
  };

  let timer: ReturnType<typeof setTimeout> | undefined;
  const conversation = new Promise<Evaluation | undefined>((resolve, reject) => {
    let hasBegun = false;
    const send = (message: PageMessage, transfer?: ArrayBuffer[]) => {
      try {
        thread.send(message, transfer);
      } catch (error) {
        reject(error);
      }
    };
    /** Takes over the thread's graph. */
    const adopt = async (graph: object) => {
      const saved = await sliced(restoreArrays(network, graph));
      try {
        saved.adopt();
      } finally {
        saved.free();
      }
    };
    const end = async (message: Extract<ThreadMessage, { kind: "end" }>) => {
      const { graph, history, epochs, scores, error } = message;
      clearTimeout(timer);
      run.onStop = () => {};
      if (graph !== undefined) await adopt(graph);
      Object.assign(run.history, history);
      (run.history.epochs as Progress[]).splice(epochs);
      if (error === "page") throw thrown === undefined ? misplaced("end") : thrown.reason;
      if (error !== undefined) throw revived(error);
      if (scores !== undefined) Object.setPrototypeOf(scores.outputs, null);
      resolve(scores);
    };
    const receive = async (message: ThreadMessage) => {
      if (isOver) return;
      memory.live();
      if (message.kind === "end") {
        await end(message);
        return;
      }
      if (message.kind === "team") {
        if (helpers === undefined) throw misplaced(message.kind);
        helpers.join(message);
        return;
      }
      if (message.given !== undefined && "step" in message.given) {
        bare(message.given);
        run.history.steps = message.given.step;
        run.history.seconds = message.given.seconds;
      }
      if (message.kind === "batch") {
        run.emit(message.given);
        return;
      }
      if (message.what === "epoch") takeOver(message.now);
      if (
        (message.what === "next" && batches === undefined) ||
        (message.what === "save" && save === undefined)
      ) {
        throw misplaced(message.what);
      }
      let [value, failed]: [unknown, boolean] = [undefined, false];
      isAnswering = true;
      try {
        value = await answer(message);
      } catch (reason) {
        thrown ??= { reason };
        failed = true;
      }
      isAnswering = false;
      if (isOver) return;
      // The value of a batch is a copy.
      const buffers =
        message.what === "next" ? buffersIn((value as Partial<IteratorResult<unknown>>)?.value) : [];
      const { stop, isRead } = run;
      send({ kind: "answer", id: message.id, value, failed, stop, isRead }, buffers);
    };
    /** Waits some time for the thread to end. Then abandons it, with the parameters of the last epoch. */
    const leaveAfterGrace = (why: Stop) => {
      timer = setTimeout(() => {
        run.history.stopped = why;
        resolve(undefined);
      }, GRACE);
    };
    thread.listen((message) => receive(message).catch(reject), reject);
    if (helpers !== undefined) helpers.fail = reject;
    const live = async () => memory.live();
    memory.wake = () => live().catch(reject);
    run.onStop = (why) => {
      leaveAfterGrace(why);
      const stop = () => {
        wait.end();
        if (hasBegun && !isOver) send({ kind: "stop", stop: why });
      };
      // An answer that is there by the next turn counts: the thread waits for it, and must receive it first.
      const wait = eventLoop();
      if (isAnswering) wait.next().then(stop);
      else stop();
    };
    if (run.stop !== undefined) leaveAfterGrace(run.stop);
    /** Begins the run, after a copy of the graph was made while the thread starts. */
    const begin = async () => {
      const graph = await sliced(toArrays(network.savable("saved")));
      hasBegun = true;
      send(
        { kind: "begin", graph, ...sent, stop: run.stop, isRead: run.isRead, threads },
        buffersIn(graph, sent.data, sent.options.validation),
      );
    };
    begin().catch(reject);
  });
  return conversation.finally(() => {
    isOver = true;
    clearTimeout(timer);
    turn.end();
    memory.wake = () => {};
    run.onStop = () => {};
    // Errors are ignored, since the run has ended.
    closeBatches().catch(() => {});
  });
}

/** Returns the error for a message that no thread of ours posts at this time. */
function misplaced(what: string): GraphError {
  return new GraphError(
    "bad-option",
    `The worker has posted ${show(what)} of another run: \`worker\` makes a new worker of plexus-nn/worker/thread.`,
  );
}

/** Removes the prototype of a message's records by outputs' names, since a name may be one of its members. */
function bare(progress: Progress): void {
  for (const scores of [progress, progress.validation]) {
    if (scores?.outputs !== undefined) Object.setPrototypeOf(scores.outputs, null);
  }
}
