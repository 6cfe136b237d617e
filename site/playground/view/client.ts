// The page's end of the worker that trains: orders that resolve with their replies.

import type { Lesson } from "../model/lesson.ts";
import type { Refusal } from "../model/refusal.ts";
import type { Settings, Sketch } from "../model/sketch.ts";
import type { Failure, Frame, Look, Message, Order, Replay } from "../worker/message.ts";

/** A refusal by the engine, thrown where an order was given. */
export class RefusedError extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.message);
  }
}

type Reply = Exclude<Message, Frame | Failure | Replay>;
type Body<T> = T extends { readonly id: number } ? Omit<T, "id"> : never;

export interface Client {
  open(sketch: Sketch): Promise<Lesson>;
  run(pace?: number): Promise<void>;
  pause(): Promise<void>;
  step(steps: number): Promise<void>;
  epoch(): Promise<void>;
  settings(settings: Settings): Promise<void>;
  look(look: Look): Promise<void>;
  save(): Promise<Uint8Array>;
  write(text: string, count: number, temperature: number): Promise<string>;
  close(): void;
}

/** Returns a client of a worker. Frames and failures come by themselves. */
export function createClient(
  worker: Worker,
  frame: (frame: Frame) => void,
  fail: (failure: Failure) => void,
  replay: (step: number, steps: number) => void,
): Client {
  const waiting = new Map<number, { resolve(reply: Reply): void; reject(error: Error): void }>();
  let last = 0;
  worker.addEventListener("message", ({ data }: MessageEvent<Message>) => {
    if (data.kind === "frame") frame(data);
    else if (data.kind === "failed") fail(data);
    else if (data.kind === "replay") replay(data.step, data.steps);
    else {
      const order = waiting.get(data.id);
      waiting.delete(data.id);
      if (data.kind === "refused") order?.reject(new RefusedError(data.refusal));
      else order?.resolve(data);
    }
  });
  worker.addEventListener("error", ({ message }) => {
    const refusal = { code: "worker", message: message || "The worker could not start." };
    for (const { reject } of waiting.values()) reject(new RefusedError(refusal));
    waiting.clear();
  });
  const send = (body: Body<Order>) =>
    new Promise<Reply>((resolve, reject) => {
      const id = ++last;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ ...body, id });
    });
  const done = async (body: Body<Order>) => {
    await send(body);
  };
  return {
    async open(sketch) {
      const reply = await send({ kind: "open", sketch });
      if (reply.kind !== "opened") throw new Error("The worker's reply to `open` is another.");
      return reply.lesson;
    },
    run: (pace) => done({ kind: "run", ...(pace !== undefined && { pace }) }),
    pause: () => done({ kind: "pause" }),
    step: (steps) => done({ kind: "step", steps }),
    epoch: () => done({ kind: "epoch" }),
    settings: (settings) => done({ kind: "settings", settings }),
    look: (look) => done({ kind: "look", look }),
    async save() {
      const reply = await send({ kind: "save" });
      return reply.kind === "done" && reply.bytes !== undefined ? reply.bytes : new Uint8Array();
    },
    async write(text, count, temperature) {
      const reply = await send({ kind: "write", text, count, temperature });
      return reply.kind === "done" ? (reply.text ?? "") : "";
    },
    close: () => worker.terminate(),
  };
}
