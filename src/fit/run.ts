// A training on its way, as the caller holds it: to await, to go through, to leave.

import type { FitRun, History, Progress } from "../types.js";

/** A history that grows. */
type Growing = { -readonly [K in keyof History]: History[K] };

export class Run implements FitRun {
  readonly #end: Promise<History>;
  readonly #epochs: Progress[] = [];
  /** The newest batch. */
  #batch: Progress | undefined;
  /** Epochs that an earlier run has made. */
  #skipped = 0;
  #ended = false;
  /** Made when someone waits for it. */
  #news: ReturnType<typeof deferred> | undefined;
  #readers = 0;
  /** Called when it should stop: ends a wait for data. */
  wake = () => {};
  /** Why it should stop, if it should. */
  stop: "aborted" | "break" | undefined;
  readonly history: Growing = { epochs: this.#epochs, steps: 0, seconds: 0 } as unknown as Growing;

  readonly #hear: ((progress: Progress) => void) | undefined;

  /** Starts at once. */
  constructor(work: (run: Run) => Promise<void>, hear?: (progress: Progress) => void) {
    this.#hear = hear;
    this.#end = work(this)
      .finally(() => {
        this.#ended = true;
        this.#news?.resolve();
      })
      .then(() => this.history);
  }

  /** Whether someone goes through it. */
  get isRead(): boolean {
    return this.#readers > 0 || this.#hear !== undefined;
  }

  halt(why: "aborted" | "break"): void {
    this.stop ??= why;
    this.wake();
  }

  /** Takes over what an earlier run has made. */
  follow(epochs: readonly Progress[]): void {
    this.#epochs.push(...epochs);
    this.#skipped = epochs.length;
  }

  tell(progress: Progress): void {
    if (progress.kind === "epoch") this.#epochs.push(progress);
    else this.#batch = progress;
    this.#news?.resolve();
    this.#news = undefined;
    this.#hear?.(progress);
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

  /** Every epoch, and in its place the batch that is the newest when it is asked for. A failure is thrown where it is read. */
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
