// The helpers of a run on several threads: workers that compute beside the leader, in a memory that they share with it.

import { eventLoop } from "../../fit/pause.js";
import { dismiss, progressOf, type TeamProgress } from "../../memory/progress.js";
import type { HelperMessage, HelperRequest, PageMessage, ThreadMessage } from "./message.js";
import { failed, type Thread } from "./start.js";

/**
 * Milliseconds between two looks at the team's progress, and looks. Where a member has waited through so many without any, a
 * thread has died. No chunk of work takes a minute, nor a step that the leader makes alone. A machine that slept was looked at once.
 */
const LOOK = 5000;
const LOOKS = 12;

/** The leader's memory, and the place of its team in it. */
type Team = Extract<ThreadMessage, { kind: "team" }>;

interface Helper {
  readonly thread: Thread<HelperRequest, HelperMessage>;
  hasJoined: boolean;
}

/**
 * The helpers of a run. One that fails before it has joined is left out, since a number of threads is a wish. A later failure is
 * the run's, since a part of a step is lost.
 */
export class Helpers {
  readonly #helpers = new Set<Helper>();
  #team: Team | undefined;
  #isOver = false;
  #watch: ReturnType<typeof setInterval> | undefined;
  /** The progress of the team at the last look, and how many looks have found no other while a member waited. */
  #progress: TeamProgress | undefined;
  #looks = 0;
  /** Called with the reason for which the run fails. */
  fail: (reason: unknown) => void = () => {};

  /** Starts `count` helpers, each in a turn of its own. A helper that doesn't start is left out. */
  async open(count: number, start: () => Helper["thread"]): Promise<void> {
    const turn = eventLoop();
    for (let started = 0; started < count; started++) {
      await turn.next();
      if (this.#isOver) break;
      try {
        this.#add({ thread: start(), hasJoined: false });
      } catch {}
    }
    turn.end();
  }

  #add(helper: Helper): void {
    this.#helpers.add(helper);
    helper.thread.listen(
      (message) => this.#receive(helper, message),
      (reason) => this.#leave(helper, reason),
    );
    if (this.#team !== undefined) this.#invite(helper, this.#team);
  }

  /** Hands the leader's memory to all helpers, also to those that start later. */
  join(team: Team): void {
    this.#team = team;
    clearInterval(this.#watch);
    this.#watch = setInterval(() => this.#look(team), LOOK);
    for (const helper of this.#helpers) this.#invite(helper, team);
  }

  #invite(helper: Helper, { memory, precision, place }: Team): void {
    try {
      helper.thread.send({ kind: "help", memory, precision, place });
    } catch (reason) {
      this.#leave(helper, reason);
    }
  }

  #receive(helper: Helper, message: HelperMessage): void {
    if (message.kind === "joined") helper.hasJoined = true;
  }

  #leave(helper: Helper, reason: unknown): void {
    // A thread of Node has an exit after its error.
    if (this.#isOver || !this.#helpers.delete(helper)) return;
    helper.thread.terminate();
    if (helper.hasJoined) this.fail(reason);
  }

  /** Looks at the team's progress. Fails where there is none. */
  #look({ memory, place }: Team): void {
    const progress = progressOf(memory, place);
    const isStuck = progress.isWaiting && progress.words === this.#progress?.words;
    this.#looks = isStuck ? this.#looks + 1 : 0;
    this.#progress = progress;
    if (this.#looks === LOOKS) this.fail(failed("a thread gives no sign of life"));
  }

  /** Ends all helpers. */
  end(): void {
    this.#isOver = true;
    clearInterval(this.#watch);
    if (this.#team !== undefined) dismiss(this.#team.memory, this.#team.place);
    for (const { thread } of this.#helpers) thread.terminate();
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
