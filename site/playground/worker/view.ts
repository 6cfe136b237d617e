// The part of frames that a look asks for. Surfaces that take long are computed less often than frames are posted.

import { GraphError } from "plexus-nn";
import { biasesOf, sampleLook, surfaceOf, surfacesOf, weightsOf } from "./look.ts";
import type { Frame, Look } from "./message.ts";
import type { Session } from "./session.ts";

/** Time between two surfaces in a run, in parts of the time that one takes. */
const REST = 4;

export class View {
  #look: Look = { surfaces: false, points: 0 };
  readonly #now: () => number;
  /** When the last surfaces were computed, and the milliseconds that they took. */
  #at = Number.NEGATIVE_INFINITY;
  #cost = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  set look(look: Look) {
    this.#look = look;
    this.begin();
  }

  /** Computes surfaces with the next frame, as for a new graph. */
  begin(): void {
    this.#at = Number.NEGATIVE_INFINITY;
  }

  /** Returns the part of a frame that shows a session. */
  of(
    session: Session,
    isRunning: boolean,
  ): Pick<Frame, "weights" | "biases" | "surfaces" | "large" | "states" | "predictions" | "gradients"> {
    return {
      weights: weightsOf(session),
      biases: biasesOf(session),
      ...this.#surfaces(session, isRunning),
      ...this.#sample(session),
    };
  }

  #surfaces(session: Session, isRunning: boolean): Pick<Frame, "surfaces" | "large"> {
    const { surfaces, points, units, large } = this.#look;
    const begun = this.#now();
    const isEarly = isRunning && begun - this.#at < REST * this.#cost;
    if (!surfaces || isEarly) return { surfaces: {} };
    const made = shown(
      () => ({ surfaces: surfacesOf(session, points, units), large: large && surfaceOf(session, large) }),
      { surfaces: {}, large: undefined },
    );
    this.#at = this.#now();
    this.#cost = this.#at - begun;
    return { surfaces: made.surfaces, ...(made.large === undefined ? {} : { large: made.large }) };
  }

  #sample(session: Session): Pick<Frame, "states" | "predictions" | "gradients"> {
    return shown(() => sampleLook(session, this.#look), { states: {}, predictions: {}, gradients: {} });
  }
}

/** Returns a part of a frame; an empty one where the graph refuses it, such as values of another size, or without an output. */
function shown<T>(make: () => T, nothing: T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof GraphError) return nothing;
    throw error;
  }
}
