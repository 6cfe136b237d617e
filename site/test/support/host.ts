// A trainer without a worker: it keeps all messages, and calls back at once or in the next turn.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { load } from "../../playground/data/load.ts";
import type { Lesson } from "../../playground/model/lesson.ts";
import type { Sketch } from "../../playground/model/sketch.ts";
import type { Frame, Message, Order, Reply } from "../../playground/worker/message.ts";
import { Session } from "../../playground/worker/session.ts";
import { Trainer } from "../../playground/worker/trainer.ts";

const file = fileURLToPath(new URL("../../playground/data/digits.bin", import.meta.url));

/** Returns a lesson; digits come from the file that site/tools/digits.ts writes. */
export function lessonOf(data: Sketch["data"]): Promise<Lesson> {
  return load(data, async () => {
    if (!existsSync(file)) await import("../../tools/digits.js");
    return new Uint8Array(await readFile(file));
  });
}

/** Returns a session of a sketch, with its steps done. */
export async function opened(sketch: Sketch): Promise<Session> {
  const session = new Session(sketch, await lessonOf(sketch.data));
  session.replay(Number.POSITIVE_INFINITY, () => {});
  return session;
}

type Body = Order extends infer O ? (O extends Order ? Omit<O, "id"> : never) : never;

/** A trainer and its messages. */
export class Desk {
  readonly messages: Message[] = [];
  readonly trainer = new Trainer({
    post: (message) => this.messages.push(message),
    defer: (callback, delay = 0) => void (delay < 1 ? setImmediate(callback) : setTimeout(callback, delay)),
    now: () => performance.now(),
    load: lessonOf,
  });
  #id = 0;

  /** Sends an order, and returns its reply. */
  async ask(body: Body): Promise<Reply> {
    const id = ++this.#id;
    await this.trainer.order({ ...body, id } as Order);
    return this.until(
      (message): message is Reply => "id" in message && message.id === id && message.kind !== "replay",
    );
  }

  /** Returns the first message of some kind, now or later. */
  async until<M extends Message>(is: (message: Message) => message is M): Promise<M> {
    for (;;) {
      const found = this.messages.find(is);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => void setImmediate(resolve));
    }
  }

  /** Returns the first frame behind a step. */
  behind(step: number): Promise<Frame> {
    return this.until((message): message is Frame => message.kind === "frame" && message.step > step);
  }

  /** Forgets all messages so far. */
  clear(): void {
    this.messages.length = 0;
  }

  get frames(): Frame[] {
    return this.messages.filter((message) => message.kind === "frame");
  }
}
