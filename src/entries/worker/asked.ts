// The batches that a thread asks of its page, one by one. The first ones are kept, since a run without room in a shared memory
// begins again in one of its own: before its first step.

import type { Question } from "./message.js";

type Ask = (question: Question) => Promise<unknown>;

/** Stands for a batch that a resumed run passes over: it has been trained before. */
const PASSED = { done: false, value: undefined } as const;

export class AskedBatches implements AsyncIterable<unknown> {
  readonly #ask: Ask;
  /** Returns whether the run may begin again. */
  readonly #keeps: () => boolean;
  /** Answers by their order. All batches but the last are passed over by a run that makes no step after them. */
  readonly #kept: Promise<unknown>[] = [];
  /** Number of the answer that the run awaits next. */
  #at = 0;
  /** Whether the run wants no more batches, while it may begin again. */
  #isLeft = false;

  constructor(ask: Ask, keeps: () => boolean) {
    this.#ask = ask;
    this.#keeps = keeps;
  }

  /** Returns the answer to a question: one that is kept, if the run has begun again. */
  #answer(what: "begin" | "next"): Promise<unknown> {
    if (this.#at < this.#kept.length) return this.#kept[this.#at++]!;
    const answer = this.#ask({ what });
    if (!this.#keeps()) {
      this.#kept.length = this.#at = 0;
      return answer;
    }
    if (this.#at > 1) this.#kept[this.#at - 1] = Promise.resolve(PASSED);
    this.#kept[this.#at++] = answer;
    return answer;
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    const begun = this.#answer("begin");
    begun.catch(() => {}); // it is thrown where the first batch is awaited
    return {
      next: async () => {
        await begun;
        return (await this.#answer("next")) as IteratorResult<unknown>;
      },
      return: async () => {
        this.#isLeft = this.#keeps();
        if (this.#isLeft) return { done: true, value: undefined };
        return (await this.#ask({ what: "return" })) as IteratorResult<unknown>;
      },
    };
  }

  /** Begins again, with the same batches. */
  again(): void {
    this.#at = 0;
    this.#isLeft = false;
  }

  /** Ends the batches of a run that wants no more of them. */
  async end(): Promise<void> {
    if (this.#isLeft) await this.#ask({ what: "return" });
  }
}
