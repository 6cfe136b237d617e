// The helpers of a run on several threads: workers that compute beside the leader, in a memory that they share with it.

import { eventLoop } from "../../fit/pause.js";
import type { HelperMessage, HelperRequest, PageMessage, ThreadMessage } from "./message.js";
import { failed, type Thread } from "./start.js";

/** Milliseconds in which a helper must give a sign of life. */
const LIFE = 5000;

/** The leader's memory, and the place of its team in it. */
type Team = Extract<ThreadMessage, { kind: "team" }>;

interface Helper {
  readonly index: number;
  readonly thread: Thread<HelperRequest, HelperMessage>;
  hasJoined: boolean;
  /** Ends the run, unless a sign of life comes before. */
  timer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * The helpers of a run. One that fails before it has joined is left out, since a number of threads is a wish. A later failure is
 * the run's, since a part of a step is lost.
 */
export class Helpers {
  /** The present ones, by their indices; the leader has index 0. */
  readonly #helpers = new Map<number, Helper>();
  #team: Team | undefined;
  #isOver = false;
  /** Called with the reason for which the run fails. */
  fail: (reason: unknown) => void = () => {};

  /** Starts `count` helpers, each in a turn of its own. A helper that doesn't start is left out. */
  async open(count: number, start: () => Helper["thread"]): Promise<void> {
    const turn = eventLoop();
    for (let index = 1; index <= count; index++) {
      await turn.next();
      if (this.#isOver) break;
      try {
        this.#add({ index, thread: start(), hasJoined: false, timer: undefined });
      } catch {}
    }
    turn.end();
  }

  #add(helper: Helper): void {
    this.#helpers.set(helper.index, helper);
    helper.thread.listen(
      (message) => this.#receive(helper, message),
      (reason) => this.#leave(helper, reason),
    );
    if (this.#team !== undefined) this.#invite(helper, this.#team);
  }

  /** Hands the leader's memory to all helpers, also to those that start later. */
  join(team: Team): void {
    this.#team = team;
    for (const helper of this.#helpers.values()) this.#invite(helper, team);
  }

  #invite(helper: Helper, { memory, precision, place }: Team): void {
    try {
      helper.thread.send({ kind: "help", memory, precision, place, index: helper.index });
    } catch (reason) {
      this.#leave(helper, reason);
    }
  }

  #receive(helper: Helper, message: HelperMessage): void {
    if (message.kind === "joined") helper.hasJoined = true;
    clearTimeout(helper.timer);
    helper.timer = undefined;
  }

  #leave(helper: Helper, reason: unknown): void {
    // A thread of Node has an exit after its error.
    if (this.#isOver || !this.#helpers.delete(helper.index)) return;
    clearTimeout(helper.timer);
    helper.thread.terminate();
    if (helper.hasJoined) this.fail(reason);
  }

  /** Asks helpers that the leader waits for in vain for a sign of life. The run fails without one. */
  check(indices: readonly number[]): void {
    for (const index of indices) {
      const helper = this.#helpers.get(index);
      if (helper === undefined) this.fail(failed("it has ended"));
      else if (helper.timer === undefined) {
        helper.timer = setTimeout(() => this.fail(failed("it gives no sign of life")), LIFE);
        helper.thread.send({ kind: "alive?" });
      }
    }
  }

  /** Ends all helpers. */
  end(): void {
    this.#isOver = true;
    for (const { thread, timer } of this.#helpers.values()) {
      clearTimeout(timer);
      thread.terminate();
    }
  }
}

/** The threads of a run. */
export interface Crew {
  /** Returns the run's thread, which stays open; called after the checks. */
  open(): Thread<PageMessage, ThreadMessage>;
  /** Helpers of that thread, if the run may have any. */
  readonly helpers: Helpers | undefined;
  /** Number of threads with the helpers. */
  readonly threads: number;
}
