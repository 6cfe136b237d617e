// The threads of a run, seen from within: the leader's shared memory, and a helper's entry into it.

import type { GraphError } from "../../base/error.js";
import type { Precision } from "../../base/precision.js";
import type { Network } from "../../calls/network.js";
import type { History } from "../../fit/history.js";
import { eventLoop } from "../../fit/pause.js";
import { type Core, forget } from "../../memory/core.js";
import { dismiss } from "../../memory/progress.js";
import { Team, type TeamExports } from "../../memory/team.js";
import { attached, shareNext } from "./instance.js";
import type { HelperMessage, HelperRequest, PageMessage, ThreadMessage } from "./message.js";
import { Pace } from "./pace.js";
import { sharedMemory } from "./room.js";

/** A core's calls, which a team takes over. */
type Calls = { -readonly [Name in "batches" | "train" | "predict"]: Core["call"][Name] } & TeamExports;

type Begin = Extract<PageMessage, { kind: "begin" }>;

/**
 * Set by tests: all threads make every step, with random delays before each chunk of work, from a seed. Otherwise small steps
 * are soon made by one. `helpers` are those to wait for, all by default; `pages` bounds the shared memory.
 */
const trial = (globalThis as { [key: symbol]: unknown })[Symbol.for("plexus-nn.trial")] as
  | { readonly delays: number; readonly helpers?: number; readonly pages?: number }
  | undefined;

/** Makes the memory of a run with several threads, which the next core takes; undefined for one thread, or without memory. */
export function memoryFor({ threads, graph, data, options }: Begin): WebAssembly.Memory | undefined {
  if (threads < 2) return undefined;
  const { precision = "float64" } = graph as { precision?: Precision };
  const memory = sharedMemory({ precision, threads, graph, data, options }, trial?.pages);
  shareNext(memory);
  return memory;
}

/** Leaves the memory of a run: sends its helpers away, if it has a team. The next graph has a memory of its own. */
export function leave({ graph }: Begin, crew: Crew | undefined): void {
  const { precision = "float64" } = graph as { precision?: Precision };
  if (crew !== undefined) dismiss(crew.call.memory, crew.call.place);
  shareNext(undefined);
  forget(precision);
}

/** The leader of a team: it puts the team's calls in the place of the core's. */
export class Crew {
  readonly #team: Team;
  readonly #pace = new Pace();
  /** Whether the run may have made a step. */
  #hasStepped = false;
  /** Calls the helpers, by way of the page. */
  readonly call: Extract<ThreadMessage, { kind: "team" }>;

  /** Throws `out-of-memory`. */
  constructor({ memory }: Network, shared: WebAssembly.Memory, threads: number) {
    this.#team = new Team(memory, threads, trial?.delays);
    this.call = { kind: "team", memory: shared, precision: memory.precision, place: this.#team.place };
    this.#takeOver(memory.core.call as unknown as Calls);
  }

  get history(): Pick<History, "threads" | "sharing"> {
    return { threads: this.#pace.most, sharing: "memory" };
  }

  get hasStepped(): boolean {
    return this.#hasStepped;
  }

  /** Waits for all helpers, where a test wants it. */
  async ready(): Promise<void> {
    if (trial === undefined) return;
    const turn = eventLoop();
    const { helpers = this.#team.threads - 1 } = trial;
    while (this.#team.joined <= helpers) await turn.next();
    turn.end();
  }

  /** Begins some steps of a pass. Returns the number of threads, and how many steps to make at once. */
  #begin(pass: number, rows: number): { readonly size: number; readonly steps: number } {
    const { joined } = this.#team;
    const begun = trial === undefined ? this.#pace.begin(joined) : this.#pace.force(joined);
    return begun.size === 1 || this.#team.prepare(pass, rows) ? begun : { ...begun, size: 1 };
  }

  #takeOver(call: Calls): void {
    const { batches, train, predict } = call;
    call.batches = (pass, feeds, feedCount, order, rows, batch, from, to, sums) => {
      this.#hasStepped = true;
      let done = from;
      while (done < to) {
        const { size, steps } = this.#begin(pass, batch);
        const end = Math.min(to, done + steps);
        const rest = [pass, feeds, feedCount, order, rows, batch, done, end, sums] as const;
        const reached = size > 1 ? call.teamBatches(size, ...rest) : batches(...rest);
        this.#pace.end(reached - done);
        if (reached < end) return reached;
        done = end;
      }
      return done;
    };
    call.train = (pass, samples) => {
      this.#hasStepped = true;
      const { size } = this.#begin(pass, samples);
      const cost = size > 1 ? call.teamTrain(size, pass, samples) : train(pass, samples);
      this.#pace.end(1);
      return cost;
    };
    call.predict = (pass, samples) => {
      const { joined } = this.#team;
      const size = trial === undefined ? Math.min(joined, this.#pace.best) : joined;
      const isTogether = size > 1 && this.#team.prepare(pass, samples);
      return isTogether ? call.teamPredict(size, pass, samples) : predict(pass, samples);
    };
  }
}

/** Returns whether a message asks a thread to help another one. */
export function isHelp(message: unknown): message is HelperRequest {
  const { kind, memory } = Object(message) as Partial<HelperRequest>;
  return kind === "help" && memory instanceof WebAssembly.Memory;
}

/** Helps a leader until the thread is ended. Posts that it has joined, or why it can't. */
export async function help(
  { memory, precision, place }: HelperRequest,
  post: (reply: HelperMessage) => void,
): Promise<void> {
  let core: TeamExports;
  try {
    core = attached(precision, memory) as unknown as TeamExports;
  } catch (reason) {
    const { name, message, code, details } = reason as GraphError;
    post({ kind: "refused", error: { name, message, code, details } });
    return;
  }
  post({ kind: "joined" });
  // Deno posts when the event loop turns.
  const turn = eventLoop();
  await turn.next();
  turn.end();
  core.joinTeam(place);
}
