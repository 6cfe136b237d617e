// Training by orders of the page. It knows no worker: its host sends the messages, and calls it back.

import { GraphError } from "plexus-nn";
import { load } from "../data/load.ts";
import { check } from "../model/build.ts";
import type { Lesson } from "../model/lesson.ts";
import { Refused, refusalOf } from "../model/refusal.ts";
import type { Settings, Sketch } from "../model/sketch.ts";
import { Best } from "./best.ts";
import type { Message, Order } from "./message.ts";
import { Pace } from "./pace.ts";
import { type ScoreAt, Session } from "./session.ts";
import { Speed } from "./speed.ts";
import { View } from "./view.ts";
import { write } from "./write.ts";

/** Milliseconds of training between two looks at messages, at most and at least, between frames, and between reports of a replay. */
const SLICE = 8;
const SHORTEST = 3;
const FRAME = 1000 / 60;
const REPORT = 50;

/** The host of a trainer. */
export interface Host {
  post(message: Message): void;
  /** Calls back after the messages that wait, and after some milliseconds. */
  defer(callback: () => void, delay?: number): void;
  /** Returns the milliseconds of a clock that never goes back. */
  now(): number;
  load?(data: Sketch["data"]): Promise<Lesson>;
}

export class Trainer {
  readonly #host: Host;
  #session: Session | undefined;
  readonly #view: View;
  /** The step at which training stops, Infinity in a run; undefined where it is stopped. */
  #until: number | undefined;
  readonly #pace: Pace;
  /** Ids of the orders that wait for that step. */
  #waiting: number[] = [];
  /** Ids of `open` orders: the last one is the one that counts. */
  #opening = 0;
  #scores: ScoreAt[] = [];
  /** The changes of the last frame: copies of a thousand would take most of a frame's time. */
  #changes: Sketch["changes"] | undefined;
  readonly #best: Best;
  #isScheduled = false;
  #isStale = false;
  /** When the next frame is due. */
  #due = Number.NEGATIVE_INFINITY;
  readonly #speed = new Speed();

  constructor(host: Host) {
    this.#host = host;
    this.#view = new View(host.now);
    this.#pace = new Pace(host.now);
    this.#best = new Best(host.now);
  }

  /** The session, for tests; undefined before the first `open`. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** Takes an order. All errors are posted as refusals. */
  async order(order: Order): Promise<void> {
    const { id } = order;
    try {
      if (order.kind === "open") await this.#open(order);
      else this.#take(order);
    } catch (error) {
      // The check knows the part at fault.
      const found = order.kind === "open" && error instanceof GraphError ? check(order.sketch) : undefined;
      this.#host.post({ kind: "refused", id, refusal: found ?? refusalOf(error) });
    }
  }

  async #open({ id, sketch }: Extract<Order, { readonly kind: "open" }>): Promise<void> {
    const opening = ++this.#opening;
    const { now, post } = this.#host;
    this.#stop();
    const data = await (this.#host.load ?? load)(sketch.data);
    this.#checkOpening(opening);
    const session = new Session(sketch, data);
    const scores: ScoreAt[] = [];
    try {
      if (session.isDue) scores.push(session.score());
      let reported = now();
      while (!this.#replay(session, scores)) {
        if (now() - reported >= REPORT) {
          reported = now();
          post({ kind: "replay", id, step: session.step, steps: sketch.steps });
        }
        await new Promise<void>((resolve) => this.#host.defer(resolve));
        this.#checkOpening(opening);
      }
    } catch (error) {
      session.dispose();
      throw error;
    }
    this.#stop();
    this.#session?.dispose();
    this.#session = session;
    this.#scores = scores;
    this.#changes = undefined;
    this.#speed.forget();
    this.#view.begin();
    post({ kind: "opened", id, lesson: session.lesson });
    this.#frame();
  }

  /** Throws `replaced` if another sketch was opened meanwhile. */
  #checkOpening(opening: number): void {
    if (opening !== this.#opening) throw new Refused("replaced", "Another sketch was opened meanwhile.");
  }

  /** Trains a slice of a replay; returns whether it is done. */
  #replay(session: Session, scores: ScoreAt[]): boolean {
    const { now } = this.#host;
    const end = now() + SLICE;
    while (!session.replay(1, (score) => scores.push(score))) if (now() >= end) return false;
    return true;
  }

  #take(order: Exclude<Order, { readonly kind: "open" }>): void {
    const { id } = order;
    if (order.kind === "look") {
      this.#view.look = order.look;
      this.#done(id);
      this.#refresh();
      return;
    }
    const session = this.#session;
    if (session === undefined) throw new Refused("no-data", "Nothing is open: send a sketch first.");
    switch (order.kind) {
      case "run":
        this.#begin(session, Number.POSITIVE_INFINITY, undefined, order.pace);
        this.#done(id);
        break;
      case "step":
        this.#begin(session, session.step + order.steps, id);
        break;
      case "epoch":
        this.#begin(session, session.step + session.stepsLeft, id);
        break;
      case "pause":
        this.#stop();
        // Before the reply, so that the page then knows the step.
        this.#frame();
        this.#done(id);
        break;
      case "settings":
        this.#change(session, order.settings);
        this.#done(id);
        this.#refresh();
        break;
      case "save":
        this.#host.post({ kind: "done", id, bytes: session.graph.save() });
        break;
      case "write":
        this.#host.post({ kind: "done", id, text: write(session, order) });
        break;
    }
  }

  #change(session: Session, settings: Settings): void {
    const { l1, l2 } = session.settings;
    session.change(settings);
    // Penalties are a part of the cost: costs under others can't be compared.
    if (l1 !== settings.l1 || l2 !== settings.l2) this.#best.begin(session);
  }

  #done(id: number): void {
    this.#host.post({ kind: "done", id });
  }

  /** Begins to train to a step. */
  #begin(session: Session, until: number, id?: number, pace = Number.POSITIVE_INFINITY): void {
    if (session.lesson.training.count === 0) {
      throw new Refused("no-data", "There is no data to train on: choose some first.");
    }
    if (this.#until === undefined) {
      this.#best.begin(session);
      this.#speed.begin();
    }
    this.#answer();
    this.#until = until;
    this.#pace.begin(session.step, pace);
    if (id !== undefined) this.#waiting.push(id);
    this.#schedule();
  }

  /** Stops training, and replies to the orders that wait for its end. */
  #stop(): void {
    this.#until = undefined;
    this.#answer();
  }

  #answer(): void {
    for (const id of this.#waiting.splice(0)) this.#done(id);
  }

  /** Posts a frame soon, once for all orders until then. */
  #refresh(): void {
    this.#isStale = true;
    this.#schedule();
  }

  #schedule(delay = 0): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#host.defer(() => {
      this.#isScheduled = false;
      this.#tick();
    }, delay);
  }

  /** Trains a slice, and posts a frame if one is due. */
  #tick(): void {
    const session = this.#session;
    if (session === undefined) return;
    const { now } = this.#host;
    if (this.#until !== undefined) {
      const begun = now();
      const before = session.samples;
      // A slice ends where a frame is due, so that frames come evenly.
      const end = begun + Math.max(SHORTEST, Math.min(SLICE, this.#due - begun));
      try {
        const allowed = this.#pace.allowed(this.#until);
        while (session.step < allowed && now() < end) this.#step(session);
        this.#pace.reached(session.step, allowed);
        this.#speed.add(session.samples - before, now() - begun);
        if (session.step >= this.#until) {
          this.#until = undefined;
          this.#frame();
          this.#answer();
          return;
        }
      } catch (error) {
        this.#fail(session, error);
        return;
      }
    }
    const until = this.#until;
    const isLive = until !== undefined;
    if ((this.#isStale || isLive) && now() >= this.#due) this.#frame();
    if (!this.#isStale && !isLive) return;
    const isWaiting = !isLive || session.step >= this.#pace.allowed(until);
    this.#schedule(isWaiting ? Math.max(0, this.#due - now()) : 0);
  }

  #step(session: Session): void {
    session.train();
    if (!session.isDue) return;
    const score = session.score();
    this.#scores.push(score);
    this.#best.note(session, score.training.cost);
  }

  /** Stops a failed run, and returns to its best step. */
  #fail(session: Session, error: unknown): void {
    const refusal = refusalOf(error);
    const step = session.step + 1;
    this.#best.restore(session);
    const { hint } = Object(refusal.details) as { readonly hint?: string };
    this.#scores = this.#scores.filter((score) => score.step <= session.step);
    this.#host.post({
      kind: "failed",
      refusal,
      step,
      back: session.step,
      ...(hint === undefined ? {} : { hint }),
    });
    this.#stop();
    this.#frame();
  }

  /** Posts a frame of the session as it is now. */
  #frame(): void {
    const session = this.#session;
    if (session === undefined) return;
    const { now } = this.#host;
    this.#due = Math.max(this.#due + FRAME, now());
    this.#isStale = false;
    this.#host.post({
      kind: "frame",
      running: this.#until !== undefined,
      step: session.step,
      epoch: session.epoch,
      samplesPerSecond: this.#speed.perSecond,
      scores: this.#scores.splice(0),
      ...(session.changes !== this.#changes && { changes: session.changes }),
      settings: session.settings,
      ...this.#view.of(session, this.#until !== undefined),
    });
    this.#changes = session.changes;
  }
}
