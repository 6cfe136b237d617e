// The store of a page without a browser: its worker is a trainer of this thread, behind messages as a port has them.

import type { Sketch } from "../../playground/model/sketch.ts";
import { createStore, type Store } from "../../playground/view/store.ts";
import type { Order } from "../../playground/worker/message.ts";
import { Trainer } from "../../playground/worker/trainer.ts";
import { lessonOf } from "./host.ts";

type Listener = (event: { readonly data: unknown }) => void;

/** A worker of this thread: its messages are copies, and come in later turns. */
class LocalWorker {
  readonly #listeners: Listener[] = [];
  readonly trainer = new Trainer({
    post: (message) => {
      const data = structuredClone(message);
      setImmediate(() => {
        for (const listener of this.#listeners) listener({ data });
      });
    },
    defer: (callback, delay = 0) => void (delay < 1 ? setImmediate(callback) : setTimeout(callback, delay)),
    now: () => performance.now(),
    load: lessonOf,
  });

  addEventListener(type: string, listener: Listener): void {
    if (type === "message") this.#listeners.push(listener);
  }

  postMessage(order: Order): void {
    const copy = structuredClone(order);
    setImmediate(() => void this.trainer.order(copy));
  }

  terminate(): void {}
}

/** Returns the store of a page that begins with a sketch, which is open, and the trainer of its worker. */
export async function paged(sketch: Sketch): Promise<{ readonly store: Store; readonly trainer: Trainer }> {
  Object.assign(globalThis, {
    window: globalThis,
    requestAnimationFrame: (callback: () => void) => setTimeout(callback, 16),
    matchMedia: () => ({ matches: false }),
  });
  const worker = new LocalWorker();
  const store = createStore(sketch, () => worker as unknown as Worker);
  await store.reopen(false);
  return { store, trainer: worker.trainer };
}
