// A run in a worker that nobody reads doesn't wait for the page's answers to its epochs.

import { Worker } from "node:worker_threads";
import type { FitOptions, FitRun } from "plexus-nn";
import { fit } from "plexus-nn/worker";
import { describe, expect, it } from "vitest";
import { data, make, parameters } from "../../support/training.js";

/** Message of a thread or a page, by the members that are looked at. */
interface Message {
  readonly kind: string;
  readonly id: number;
  readonly what?: string;
  readonly given?: { readonly epoch: number };
}

const thread = new URL("../../../dist/thread.js", import.meta.url);

/** A thread of ours, whose page's answers to epochs are held back until `release`. */
class Held extends EventTarget {
  readonly #worker = new Worker(thread);
  readonly #held: Message[] = [];
  /** Numbers of the questions about epochs. */
  readonly #asked = new Set<number>();
  /** The epochs that the thread has ended, and how many answers had been held back by then. */
  readonly epochs: [epoch: number, held: number][] = [];
  readonly #onEpoch: (held: Held) => void;

  constructor(onEpoch: (held: Held) => void) {
    super();
    this.#onEpoch = onEpoch;
    this.#worker.on("message", (data: Message) => {
      const isEpoch = data.what === "epoch";
      if (isEpoch) this.epochs.push([data.given!.epoch, this.#held.length]);
      if (isEpoch) this.#asked.add(data.id);
      this.dispatchEvent(Object.assign(new Event("message"), { data }));
      if (isEpoch) onEpoch(this);
    });
  }

  postMessage(message: Message, transfer?: ArrayBuffer[]): void {
    if (message.kind !== "answer" || !this.#asked.has(message.id)) {
      this.#worker.postMessage(message, transfer);
      return;
    }
    this.#held.push(message);
    this.#onEpoch(this);
  }

  get held(): number {
    return this.#held.length;
  }

  /** Sends the oldest answer. */
  release(): void {
    this.#worker.postMessage(this.#held.shift());
  }

  terminate(): void {
    this.#worker.terminate();
  }
}

const EPOCHS = 4;

/** Returns the epochs of a run in a held thread, once it is over. */
async function train(options: FitOptions, onEpoch: (held: Held) => void, read: (run: FitRun) => void) {
  let held: Held | undefined;
  const worker = () => {
    held = new Held(onEpoch);
    return held;
  };
  const [graph, other] = [make(), make()];
  const run = fit(graph, data, { epochs: EPOCHS, ...options, worker });
  read(run);
  const history = await run;
  await other.fit(data, { epochs: EPOCHS });
  expect(parameters(graph)).toBe(parameters(other));
  expect(history.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
  return held!.epochs;
}

describe("the answer to an epoch", () => {
  it("is waited for one epoch later where nobody reads the run", async () => {
    // A thread that waited would never end: an answer is sent once the next epoch has been answered, too.
    const onEpoch = (held: Held) => {
      const kept = held.epochs.length === EPOCHS ? 0 : 1;
      while (held.held > kept) held.release();
    };
    expect(await train({}, onEpoch, () => {})).toEqual([
      [1, 0],
      [2, 1],
      [3, 1],
      [4, 1],
    ]);
  });

  const reading: [string, FitOptions, (run: FitRun) => void][] = [
    ["onEpoch", { onEpoch: () => {} }, () => {}],
    ["an iterator", {}, (run) => void run[Symbol.asyncIterator]().next()],
  ];
  it.each(reading)("is waited for with %s", async (_, options, read) => {
    // Ten turns of the event loop between an answer and its sending, in which no other epoch may end.
    const onEpoch = async (held: Held) => {
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
      if (held.held > 0) held.release();
    };
    expect(await train(options, onEpoch, read)).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
      [4, 0],
    ]);
  });
});
