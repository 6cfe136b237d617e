// The worker's start: where its module lies, and why a host doesn't start it.

import { GraphError, show } from "../index.js";
import type { News, Order } from "./message.js";

/** A `Worker` of the web, or one of Node's `worker_threads`. */
export interface AnyWorker {
  postMessage(message: unknown): void;
  terminate(): unknown;
}

/** A worker of the web, or of Node. */
export interface Thread {
  send(order: Order): void;
  /** Calls `fail` with a refusal where the worker can't start, or ends before it is told to. */
  listen(hear: (news: News) => void, fail: (reason: unknown) => void): void;
  terminate(): unknown;
}

/** Both kinds of worker, by what is used of them. */
type Listening = AnyWorker &
  (
    | { on(event: string, listener: (value: unknown) => void): void; addEventListener?: undefined }
    | { addEventListener(event: string, listener: (event: MessageEvent<News>) => void): void }
  );

/** Starts the caller's worker, or one of the package's own. Throws `bad-option` where the host refuses, and what `make` throws. */
export function start(make: (() => AnyWorker) | undefined): Thread {
  const worker = make === undefined ? own() : checked(make());
  let isStarted = false;
  return {
    send: (order) => worker.postMessage(order),
    listen(hear, fail) {
      const heard = (news: unknown) => {
        isStarted = true;
        hear(news as News);
      };
      const broken = (cause: unknown) =>
        fail(isStarted ? new Error("The worker has failed.", { cause }) : refused(said(cause), cause));
      if (worker.addEventListener === undefined) {
        worker.on("message", heard);
        for (const event of ["error", "exit"]) worker.on(event, broken);
      } else {
        worker.addEventListener("message", ({ data }) => heard(data));
        for (const name of ["error", "messageerror"]) {
          worker.addEventListener(name, (event) => {
            // Deno would end the whole process.
            event.preventDefault?.();
            broken(event);
          });
        }
      }
    },
    terminate: () => worker.terminate(),
  };
}

/** Throws `bad-option` for anything but a worker. */
function checked(given: unknown): Listening {
  const worker = given as Partial<Record<"postMessage" | "terminate" | "on" | "addEventListener", unknown>>;
  const can = (name: keyof typeof worker) => typeof worker[name] === "function";
  if (
    typeof given === "object" &&
    given !== null &&
    can("postMessage") &&
    can("terminate") &&
    (can("on") || can("addEventListener"))
  ) {
    return given as Listening;
  }
  throw new GraphError("bad-option", `\`worker\` is a function that returns a Worker, not ${show(given)}.`);
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
  return typeof message === "string" && message !== "" ? message : "its module isn't there, or is refused";
}

/** A refusal that tells what to serve, and what to allow. */
function refused(why: string, cause?: unknown): GraphError {
  return new GraphError(
    "bad-option",
    `The worker doesn't start: ${why}. Its module is plexus-nn/worker/thread, which is dist/thread.js: serve that file as ` +
      "thread.js beside the bundle (Rollup and esbuild don't emit it), or give the option `worker`, such as " +
      '() => new Worker("/thread.js", { type: "module" }). A page\'s policy must allow it in worker-src.',
    { cause },
  );
}
