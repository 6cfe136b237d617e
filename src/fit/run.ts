// A training in progress, as the caller holds it: to await, to iterate, or to stop.

import { counted, printAs } from "../base/inspect.js";
import type { Network } from "../calls/network.js";
import { isThenable } from "./dataset.js";
import type { FitRun, History, Progress } from "./history.js";
import { eventLoop } from "./pause.js";

/** Reason for stopping a run from outside. */
export type Stop = "aborted" | "break" | "time";

/** Result of a wait that the run's end has cut short. */
export const interrupted: unique symbol = Symbol("interrupted");

/** A history that grows. */
type Growing = { -readonly [K in keyof History]: History[K] };

export class Run implements FitRun {
  static {
    printAs(Run, "FitRun", (run) => {
      const { epochs, steps, stopped } = run.history;
      return `${counted(epochs.length, "epoch")}, ${counted(steps, "step")}, ${run.#ended ? `ended: ${stopped ?? "by an error"}` : "on its way"}`;
    });
  }

  readonly #end: Promise<History>;
  readonly #epochs: Progress[] = [];
  /** The newest batch. */
  #batch: Progress | undefined;
  /** Number of epochs of an earlier run. */
  #skipped = 0;
  #ended = false;
  /** Made once a reader waits for news. */
  #news: ReturnType<typeof deferred> | undefined;
  #readers = 0;
  /** Functions that cut short the waits for callers' promises. */
  readonly #cancels = new Set<() => void>();
  #isCancelled = false;
  /** Called when the run must stop. */
  onStop: (why: Stop) => void = () => {};
  /** Reason for stopping, if there is one. */
  stop: Stop | undefined;
  readonly history: Growing = {
    ...{ epochs: this.#epochs, steps: 0, seconds: 0 },
    ...{ threads: 1, sharing: "none" },
  } as unknown as Growing;

  readonly #onProgress: ((progress: Progress) => void) | undefined;

  /** Starts the work at once. */
  constructor(work: (run: Run) => Promise<void>, onProgress?: (progress: Progress) => void) {
    this.#onProgress = onProgress;
    this.#end = work(this)
      .finally(() => {
        this.#ended = true;
        this.#news?.resolve();
      })
      .then(() => this.history);
  }

  /** Whether something iterates the run, or listens to it. */
  get isRead(): boolean {
    return this.#readers > 0 || this.#onProgress !== undefined;
  }

  /** Stops the run, and cuts short its waits. */
  halt(why: Stop): void {
    const isFirst = this.stop === undefined;
    this.stop ??= why;
    this.cancelWaits();
    if (isFirst) this.onStop(why);
  }

  /** Cuts short all waits, and later ones, too. */
  cancelWaits(): void {
    this.#isCancelled = true;
    for (const cancel of this.#cancels) cancel();
  }

  /**
   * Awaits a caller's promise until the run is stopped. Then waits for one more turn of the event loop, so that an outcome
   * that is there counts, and returns `interrupted`. Later outcomes of the promise are ignored.
   */
  wait<T>(given: T | PromiseLike<T>): T | Promise<Awaited<T> | typeof interrupted> {
    if (!isThenable(given)) return given as T;
    return new Promise((resolve, reject) => {
      const cancel = () => {
        this.#cancels.delete(cancel);
        const turn = eventLoop();
        turn.next().then(() => {
          turn.end();
          resolve(interrupted);
        });
      };
      if (this.#isCancelled) cancel();
      else this.#cancels.add(cancel);
      Promise.resolve(given)
        .finally(() => this.#cancels.delete(cancel))
        .then(resolve, reject);
    });
  }

  /** Puts the epochs of an earlier run at the start of the history. */
  prepend(epochs: readonly Progress[]): void {
    for (const epoch of epochs) this.#epochs.push(epoch);
    this.#skipped = epochs.length;
  }

  emit(progress: Progress): void {
    if (progress.kind === "epoch") this.#epochs.push(progress);
    else this.#batch = progress;
    this.#news?.resolve();
    this.#news = undefined;
    this.#onProgress?.(progress);
  }

  // biome-ignore lint/suspicious/noThenProperty: it can be awaited
  then<A = History, B = never>(
    done?: ((history: History) => A | PromiseLike<A>) | null,
    failed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#end.then(done, failed);
  }

  readonly catch: FitRun["catch"] = (failed) => this.#end.catch(failed);
  readonly finally: FitRun["finally"] = (last) => this.#end.finally(last);

  /**
   * Yields every epoch, and instead of the next one the newest batch at the time of the request. A failure is thrown at the
   * request.
   */
  [Symbol.asyncIterator](): AsyncIterator<Progress, undefined> {
    let at = this.#skipped;
    let seen: Progress | undefined;
    const take = () => {
      const [epoch, batch] = [this.#epochs[at], this.#batch];
      if (batch !== seen && (epoch === undefined || batch!.step <= epoch.step)) {
        seen = batch;
        return batch;
      }
      if (epoch !== undefined) at++;
      return epoch;
    };
    this.#readers++;
    this.#end.catch(() => {});
    return {
      next: async () => {
        for (;;) {
          const value = take();
          if (value !== undefined) return { done: false, value };
          if (this.#ended) {
            await this.#end;
            return { done: true, value: undefined };
          }
          this.#news ??= deferred();
          await this.#news.promise;
        }
      },
      return: async () => {
        this.#readers--;
        this.halt("break");
        await this.#end;
        return { done: true, value: undefined };
      },
    };
  }
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** Reserves a network for a training: until its end, other changes throw `busy`. Throws `busy`, `disposed`. */
export async function reserve<R>({ memory }: Network, training: () => Promise<R>): Promise<R> {
  memory.idle();
  memory.busy = true;
  try {
    return await training();
  } finally {
    memory.busy = false;
  }
}
