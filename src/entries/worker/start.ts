// The worker's start: where its module lies, and why a host doesn't start it.

import { reading } from "../../base/options.js";
import { show } from "../../base/text.js";
import { isThenable } from "../../fit/dataset.js";
import { GraphError } from "../../index.js";
import { type PageMessage, readMessage, type ThreadMessage } from "./message.js";

/** A `Worker` of the web, or one of Node's `worker_threads`. */
export interface AnyWorker {
  postMessage(message: unknown): void;
  terminate(): unknown;
}

/** A worker of the web, or of Node. */
export interface Thread {
  /** Throws `bad-option` for what can't be sent. */
  send(message: PageMessage): void;
  /** Calls `fail` with a refusal where the worker can't start, fails, or posts what no thread of ours does. */
  listen(receive: (message: ThreadMessage) => void, fail: (reason: unknown) => void): void;
  terminate(): void;
}

/** Both kinds of worker, by what is used of them. */
type Listening = AnyWorker &
  (
    | { on(event: string, listener: (value: unknown) => void): void; addEventListener?: undefined }
    | { addEventListener(event: string, listener: (event: MessageEvent<unknown>) => void): void }
  );

/** Starts the caller's worker, or one of the package's own. Throws `bad-option` where the host, or the caller's function, refuses. */
export function start(make: (() => unknown) | undefined): Thread {
  const worker = make === undefined ? own() : made(make);
  let isStarted = false;
  return {
    send(message) {
      try {
        worker.postMessage(message);
      } catch (cause) {
        throw new GraphError(
          "bad-option",
          `The data or an option can't be sent to a worker: ${said(cause)}.`,
          { cause },
        );
      }
    },
    listen(receive, fail) {
      const listener = (given: unknown) => {
        let message: ThreadMessage;
        try {
          message = readMessage(given);
        } catch (error) {
          fail(error);
          return;
        }
        isStarted = true;
        receive(message);
      };
      const broken = (cause: unknown) => fail(isStarted ? failed(cause) : refused(said(cause), cause));
      try {
        if (worker.addEventListener === undefined) {
          worker.on("message", listener);
          for (const event of ["error", "messageerror", "exit"]) worker.on(event, broken);
        } else {
          worker.addEventListener("message", ({ data }) => listener(data));
          for (const name of ["error", "messageerror"]) {
            worker.addEventListener(name, (event) => {
              // Deno would end the whole process.
              event.preventDefault?.();
              broken(event);
            });
          }
        }
      } catch (cause) {
        fail(refused(said(cause), cause));
      }
    },
    terminate() {
      // Whatever comes of that: nobody listens to it any more.
      (async () => worker.terminate())().catch(() => {});
    },
  };
}

/** The worker that a caller's function makes. Throws `bad-option` where it throws, or returns anything else. */
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
    // In the words that bundlers look for: Vite, webpack and Parcel emit the file.
    if (typeof Worker === "function") {
      return new Worker(new URL("./thread.js", import.meta.url), { type: "module" }) as Listening;
    }
  } catch (cause) {
    throw refused(said(cause), cause);
  }
  const threads = globalThis.process?.getBuiltinModule?.("node:worker_threads");
  if (threads === undefined) throw refused("this host has no workers");
  // In other words, so that no bundler emits the file twice.
  return new threads.Worker(new URL(import.meta.url.replace(/[^/]*$/, "thread.js"))) as unknown as Listening;
}

/** A host's words about an error, an event of one, or the status that a thread of Node has ended with. */
function said(cause: unknown): string {
  if (typeof cause === "number") return `it ended with the status ${cause}`;
  const { message } = (cause ?? {}) as { readonly message?: unknown };
  // A host's sentence, as a part of ours.
  return typeof message === "string" && message !== ""
    ? message.replace(/\.$/, "")
    : "its module isn't there, or is refused";
}

/** The error of a worker that had started. */
function failed(cause: unknown): GraphError {
  if (Object(cause).code === "ERR_WORKER_OUT_OF_MEMORY") {
    return new GraphError("out-of-memory", "The worker has no memory left.", { cause });
  }
  return new GraphError("bad-option", `The worker has failed: ${said(cause)}.`, { cause });
}

/** A refusal that tells what to serve, and what to allow. */
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
