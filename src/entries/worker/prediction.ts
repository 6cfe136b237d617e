// The page's side of `predict` in workers: it deals parts of the data to threads, and joins their outputs. A thread receives the
// next part when it has room, so that a slow or late one computes fewer.

import { record } from "../../base/plain.js";
import type { FloatArray, Precision } from "../../base/precision.js";
import { eventLoop } from "../../fit/pause.js";
import { INSIDE } from "../../graph/internal.js";
import { Graph } from "../../index.js";
import { type Failure, revived, stranger } from "./check.js";
import type { Part, Parts } from "./parts.js";
import { buffersOf, type Reply, type Request } from "./request.js";
import type { Thread } from "./start.js";

/** Parts that a thread has at once: one that it computes, and one that waits for it. */
const AHEAD = 2;

/** Outputs by their names. */
export type Values = Record<string, FloatArray<Precision>>;

/** A part that a thread has. */
type Dealt = Omit<Part, "xs">;

/** A thread, and the parts that it has. */
interface Member {
  readonly thread: Thread<Request, Reply>;
  readonly parts: Map<number, Dealt>;
  hasAnswered: boolean;
}

export class Prediction {
  readonly #parts: Parts;
  readonly #values: Values = record();
  readonly #members = new Set<Member>();
  /** Parts of a thread that didn't start. */
  readonly #again: number[] = [];
  #next = 0;
  /** The first part with an error, which the prediction rejects with; parts from there on are not dealt. */
  #end: number;
  #error: unknown;
  /** The first reason for which a thread didn't start. */
  #refusal: unknown;
  /** Number of threads that are still to be started. */
  #starting = 0;
  #isDealing = false;
  #isOver = false;
  #resolve = () => {};
  #reject = (_reason: unknown) => {};

  /** Takes room for outputs, of so many bytes a number. Throws `out-of-memory`. */
  constructor(parts: Parts, bytes: number) {
    const { blank } = Graph[INSIDE];
    this.#parts = parts;
    this.#end = parts.count;
    for (const { name, size, isTimed } of parts.outputs) {
      const rows = parts.samples * (isTimed ? parts.times!.steps : 1);
      this.#values[name] = blank(bytes, rows * size, name);
    }
  }

  /**
   * Computes all parts on `count` threads, or on as many as start, with the graph of a file's bytes. Rejects with the error of the
   * first part that has one, or of a thread that fails after an answer. Where none starts, rejects with the first refusal.
   */
  async run(file: Uint8Array, count: number, start: () => Thread<Request, Reply>): Promise<Values> {
    const outputs = this.#parts.outputs.map(({ name }) => name);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#resolve = resolve;
        this.#reject = reject;
        this.#open({ kind: "graph", bytes: file, outputs }, count, start).catch(reject);
      });
    } finally {
      this.#isOver = true;
      for (const { thread } of this.#members) thread.terminate();
    }
    return this.#values;
  }

  /** Starts threads, each in a turn of its own. A thread that doesn't start is left out. */
  async #open(graph: Request, count: number, start: () => Thread<Request, Reply>): Promise<void> {
    const turn = eventLoop();
    for (this.#starting = count; this.#starting > 0 && !this.#isOver; ) {
      await turn.next();
      if (this.#isOver) break;
      try {
        const member: Member = { thread: start(), parts: new Map(), hasAnswered: false };
        this.#members.add(member);
        const fail = (reason: unknown) => this.#leave(member, reason);
        member.thread.listen((reply) => this.#receive(member, reply), fail);
        member.thread.send(graph);
      } catch (reason) {
        this.#refusal ??= reason;
      }
      this.#starting--;
      this.#deal();
    }
    turn.end();
    if (this.#members.size === 0) this.#reject(this.#refusal);
  }

  /** Deals parts to threads that have room, each in a turn of its own, since it is copied here. */
  async #deal(): Promise<void> {
    if (this.#isDealing) return;
    this.#isDealing = true;
    const turn = eventLoop();
    for (let member = this.#idle; member !== undefined; member = this.#idle) {
      const index = this.#again.pop() ?? this.#next++;
      try {
        const { xs, ...part } = this.#parts.take(index);
        member.parts.set(index, part);
        member.thread.send({ kind: "part", index, xs, ...part }, buffersOf(xs));
      } catch (error) {
        member.parts.delete(index);
        this.#refuse(index, error);
      }
      await turn.next();
    }
    turn.end();
    this.#isDealing = false;
    this.#conclude();
  }

  /** The thread with the fewest parts that has room for one more, if there is one to deal. */
  get #idle(): Member | undefined {
    if (this.#isOver || (this.#again.length === 0 && this.#next >= this.#end)) return undefined;
    let found: Member | undefined;
    for (const member of this.#members) {
      if (member.parts.size < (found?.parts.size ?? AHEAD)) found = member;
    }
    return found;
  }

  #receive(member: Member, reply: Reply): void {
    if (this.#isOver) return;
    const { index } = reply;
    const part = member.parts.get(index);
    if (part === undefined || (reply.kind === "part" && !this.#fits(part, reply.ys))) {
      this.#reject(stranger(reply));
      return;
    }
    member.hasAnswered = true;
    member.parts.delete(index);
    if (reply.kind === "refused") this.#refuse(index, this.#errorOf(reply.error, part));
    else {
      this.#join(part, reply.ys);
      this.#parts.give(reply.xs);
    }
    this.#deal();
  }

  /** Follows a thread that fails. Its parts go to others if it has never answered. */
  #leave(member: Member, reason: unknown): void {
    // A thread of Node has an exit after its error.
    if (this.#isOver || !this.#members.delete(member)) return;
    member.thread.terminate();
    this.#refusal ??= reason;
    if (member.hasAnswered) this.#reject(reason);
    if (this.#members.size === 0 && this.#starting === 0) this.#reject(this.#refusal);
    this.#again.push(...member.parts.keys());
    this.#deal();
  }

  #refuse(index: number, error: unknown): void {
    if (index >= this.#end) return;
    this.#end = index;
    this.#error = error;
  }

  /** Ends the prediction if no part before its end is left. */
  #conclude(): void {
    const end = this.#end;
    if (this.#next < end || this.#again.some((index) => index < end)) return;
    for (const { parts } of this.#members) for (const index of parts.keys()) if (index < end) return;
    if (end < this.#parts.count) this.#reject(this.#error);
    else this.#resolve();
  }

  /** Returns the error of a part, with its row's place among all rows: the last one that its sentence names. */
  #errorOf({ message, ...failure }: Failure, { first }: Dealt): Error {
    const { times } = this.#parts;
    const placed = message.replace(/^(.*\bin (?:row|sample) )(\d+)/s, (_, text: string, row: string) => {
      const place = first + Number(row);
      return `${text}${times === undefined ? place : times.sampleAt(place)}`;
    });
    return revived({ ...failure, message: placed });
  }

  /** Returns whether arrays have the class and the lengths of a part's outputs. */
  #fits({ samples, steps }: Dealt, ys: readonly unknown[]): boolean {
    const { outputs } = this.#parts;
    return (
      ys.length === outputs.length &&
      outputs.every(({ name, size, isTimed }, o) => {
        const values = ys[o] as Values[string];
        const isOfClass = values.constructor === this.#values[name]!.constructor;
        return isOfClass && values.length === samples * (isTimed ? steps![0]! : 1) * size;
      })
    );
  }

  /** Copies the outputs of a part to their places. */
  #join({ first, samples, steps }: Dealt, ys: readonly FloatArray<Precision>[]): void {
    const { outputs, times } = this.#parts;
    for (const [o, { name, size, isTimed }] of outputs.entries()) {
      const [from, to] = [ys[o]!, this.#values[name]!];
      if (times === undefined) {
        to.set(from, first * size);
        continue;
      }
      const [width, most] = isTimed ? [steps![0]! * size, times.steps * size] : [size, size];
      for (let i = 0; i < samples; i++) {
        to.set(from.subarray(i * width, (i + 1) * width), times.sampleAt(first + i) * most);
      }
    }
  }
}
