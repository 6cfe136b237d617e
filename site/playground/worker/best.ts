// The best step of a run, to which a failed one returns: the step alone, and a snapshot from which training leads there soon.

import type { Session, Snapshot } from "./session.ts";

/** Fewest milliseconds between two snapshots, which copy all parameters. */
const REST = 300;

export class Best {
  readonly #now: () => number;
  #snapshot: Snapshot | undefined;
  #snapshotAt = 0;
  #step = 0;
  #cost = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes the present step for the best one, as at the start of a run, or where costs are of another kind from now on. */
  begin(session: Session): void {
    this.#mark(session, session.cost());
  }

  /** Notes the cost of a score at the present step. */
  note(session: Session, cost: number): void {
    if (!(cost <= this.#cost)) return;
    if (this.#now() - this.#snapshotAt >= REST) this.#mark(session, cost);
    else [this.#step, this.#cost] = [session.step, cost];
  }

  #mark(session: Session, cost: number): void {
    this.#snapshot = session.snapshot();
    this.#snapshotAt = this.#now();
    this.#step = session.step;
    this.#cost = Number.isNaN(cost) ? Number.POSITIVE_INFINITY : cost;
  }

  /** Returns a session to the best step. */
  restore(session: Session): void {
    if (this.#snapshot !== undefined) session.restore(this.#snapshot, this.#step);
  }
}
