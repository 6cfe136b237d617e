// Starting a worker: the place of its module, and the reasons of hosts that refuse it.

import { reading } from "../../base/options.js";
import { show } from "../../base/text.js";
import { isThenable } from "../../fit/dataset.js";
import { GraphError } from "../../index.js";

/** A `Worker` of the web, or one of Node's `worker_threads`. */
export interface AnyWorker {
  /** Posts a message to the worker. */
  postMessage(message: unknown): void;
  /** Ends the worker. */
  terminate(): unknown;
}

/** A worker of the web, or of Node, by the messages that it is sent and those that it posts. */
export interface Thread<Sent, Posted> {
  /** Sends a message, and with it some buffers. Throws `bad-option` for values that can't be sent. */
  send(message: Sent, transfer?: ArrayBuffer[]): void;
  /**
   * Listens for messages, in the place of an earlier listener. Calls `fail` with a refusal if the worker can't start, fails, has
   * failed, or posts another message than a thread of ours.
   */
  listen(receive: (message: Posted) => void, fail: (reason: unknown) => void): void;
  terminate(): void;
}

/** Both kinds of worker, by their used members. */
type Listening = {
  postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
  terminate(): unknown;
} & (
  | { on(event: string, listener: (value: unknown) => void): void; addEventListener?: undefined }
  | { addEventListener(event: string, listener: (event: MessageEvent<unknown>) => void): void }
);

/** Reads the option `worker`. Throws `bad-option` for anything but a function. */
export function readMaker(given: unknown): (() => unknown) | undefined {
  if (given === undefined || typeof given === "function") return given as (() => unknown) | undefined;
  throw new GraphError("bad-option", `\`worker\` is a function that makes one, not ${show(given)}.`);
}

/**
 * Starts the caller's worker, or one of the package's own. `read` reads its messages, and throws for others. Throws `bad-option`
 * where the host, or the caller's function, refuses.
 */
export function start<Sent, Posted>(
  make: (() => unknown) | undefined,
  read: (given: unknown) => Posted,
): Thread<Sent, Posted> {
  const worker = make === undefined ? own() : made(make);
  let isStarted = false;
  /** The reason of the worker's failure, if it has failed. */
  let failure: { readonly reason: unknown } | undefined;
  let listener: { receive(message: Posted): void; fail(reason: unknown): void } | undefined;
  const fail = (reason: unknown) => {
    failure ??= { reason };
    listener?.fail(reason);
  };
  const receive = (given: unknown) => {
    let message: Posted;
    try {
      message = read(given);
    } catch (error) {
      fail(error);
      return;
    }
    isStarted = true;
    listener?.receive(message);
  };
  const broken = (cause: unknown) => fail(isStarted ? failed(cause) : refused(said(cause), cause));
  const attach = () => {
    if (worker.addEventListener === undefined) {
      worker.on("message", receive);
      for (const event of ["error", "messageerror", "exit"]) worker.on(event, broken);
      return;
    }
    worker.addEventListener("message", ({ data }) => receive(data));
    for (const name of ["error", "messageerror"]) {
      worker.addEventListener(name, (event) => {
        // Without this, Deno ends the whole process.
        event.preventDefault?.();
        broken(event);
      });
    }
  };
  return {
    send(message, transfer = []) {
      try {
        worker.postMessage(message, transfer);
      } catch (cause) {
        throw new GraphError(
          "bad-option",
          `The data or an option can't be sent to a worker: ${said(cause)}.`,
          { cause },
        );
      }
    },
    listen(receive, fail) {
      const isFirst = listener === undefined;
      listener = { receive, fail };
      if (failure !== undefined) fail(failure.reason);
      if (!isFirst) return;
      try {
        attach();
      } catch (cause) {
        fail(refused(said(cause), cause));
      }
    },
    terminate() {
      // Errors are ignored, since nothing listens any more.
      (async () => worker.terminate())().catch(() => {});
    },
  };
}

/** Returns the worker of a caller's function. Throws `bad-option` where it throws, or returns anything else. */
function made(make: () => unknown): Listening {
  const wanted = "`worker` is a function that returns a Worker";
  let worker: unknown;
  try {
    worker = make();
  } catch (cause) {
    throw new GraphError("bad-option", `${wanted}, and has thrown: ${said(cause)}.`, { cause });
  }
  const isWorker = reading("bad-option", "The worker", () => {
    if (typeof worker !== "object" || worker === null) return false;
    const { postMessage, terminate, on, addEventListener } = worker as Record<string, unknown>;
    const isHeard = typeof on === "function" || typeof addEventListener === "function";
    return isHeard && typeof postMessage === "function" && typeof terminate === "function";
  });
  if (isWorker) return worker as Listening;
  const isPromise = isThenable(worker);
  if (isPromise) Promise.resolve(worker).catch(() => {});
  throw new GraphError("bad-option", `${wanted}, not ${isPromise ? "a promise" : show(worker)}.`);
}

/** Makes a worker of thread.js, which lies beside this module. */
function own(): Listening {
  try {
    // In the form that bundlers look for: Vite, webpack and Parcel emit the file.
    if (typeof Worker === "function") {
      return new Worker(new URL("./thread.js", import.meta.url), { type: "module" }) as Listening;
    }
  } catch (cause) {
    throw refused(said(cause), cause);
  }
  const threads = globalThis.process?.getBuiltinModule?.("node:worker_threads");
  if (threads === undefined) throw refused("this host has no workers");
  // In another form, so that no bundler emits the file twice.
  return new threads.Worker(new URL(import.meta.url.replace(/[^/]*$/, "thread.js"))) as unknown as Listening;
}

/** Returns a host's words about an error, an event of one, or the exit status of a thread of Node. */
function said(cause: unknown): string {
  if (typeof cause === "string") return cause;
  if (typeof cause === "number") return `it ended with the status ${cause}`;
  const { message } = (cause ?? {}) as { readonly message?: unknown };
  // As a part of our sentence, without its point.
  return typeof message === "string" && message !== ""
    ? message.replace(/\.$/, "")
    : "its module isn't there, or is refused";
}

/** Returns the error for a worker that failed after its start, with the host's event, or our words. */
export function failed(cause: unknown): GraphError {
  if (Object(cause).code === "ERR_WORKER_OUT_OF_MEMORY") {
    return new GraphError("out-of-memory", "The worker has no memory left.", { cause });
  }
  return new GraphError("bad-option", `The worker has failed: ${said(cause)}.`, { cause });
}

/** Returns the refusal, with the file to serve and the policy to allow. */
function refused(why: string, cause?: unknown): GraphError {
  return new GraphError(
    "bad-option",
    `The worker doesn't start: ${why}. Its module is plexus-nn/worker/thread, which is dist/thread.js: serve that file as ` +
      "thread.js beside the bundle (Rollup and esbuild don't emit it), or give the option `worker`, such as " +
      '() => new Worker("/thread.js", { type: "module" }), of a TrustedScriptURL where the page requires those. ' +
      "A page's policy must allow it in worker-src.",
    { cause },
  );
}
