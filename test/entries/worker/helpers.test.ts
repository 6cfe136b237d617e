// The page's side of a run on several threads: the workers that it starts, the memory that it hands on, the end of a failure.
// The workers here only follow a script.

import { Graph } from "plexus-nn";
import { fit, threads } from "plexus-nn/worker";
import { afterEach, describe, expect, it, vi } from "vitest";
import { TeamLine } from "../../../assembly/abi.js";
import { type AnyGraph, rejection, wrong } from "../../support/helpers.js";
import { data, make, parameters } from "../../support/training.js";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

type Message = Readonly<Record<string, unknown>> & { readonly kind: string };

/** A worker of the web that follows a script. */
class Actor extends EventTarget {
  readonly received: Message[] = [];
  isEnded = false;
  readonly #play: (message: Message, actor: Actor) => void;

  constructor(play: (message: Message, actor: Actor) => void) {
    super();
    this.#play = play;
  }

  postMessage(message: Message): void {
    this.received.push(message);
    this.#play(message, this);
  }

  /** Posts to the page. */
  post(data: unknown): void {
    setImmediate(() => this.dispatchEvent(Object.assign(new Event("message"), { data })));
  }

  /** Fails as a worker does. */
  fail(message: string): void {
    setImmediate(() => this.dispatchEvent(Object.assign(new Event("error"), { message })));
  }

  terminate(): void {
    this.isEnded = true;
  }
}

const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
const team = { kind: "team", memory, precision: "float64", place: 4096 };
const history = { stopped: "epochs", steps: 1, seconds: 1, threads: 3, sharing: "memory" };
const end = { kind: "end", history, epochs: 0 };

const joining = ({ kind }: Message, actor: Actor) => kind === "help" && actor.post({ kind: "joined" });

/**
 * Begins a run on `count` threads. The leader posts its team; `then` follows when all helpers but the broken ones have joined.
 * `helper` plays helpers by their indices.
 */
function begin(
  count: number,
  {
    helper = joining as (message: Message, actor: Actor, index: number) => void,
    start = (index: number, made: () => Actor): unknown => (index < 0 ? undefined : made()),
    leader = (message: Message, actor: Actor): void => {
      if (message.kind === "begin") actor.post(team);
    },
    ...options
  } = {},
) {
  const graph: AnyGraph = new Graph({ seed: 1, inputs: { x: 1 }, outputs: { y: 1 }, synapses: [["x", "y"]] });
  const actors: Actor[] = [];
  let made = 0;
  const worker = () => {
    const index = made++;
    return start(index, () => {
      actors[index] = new Actor(index === 0 ? leader : (message, actor) => helper(message, actor, index));
      return actors[index];
    });
  };
  const set = { xs: { x: [1] }, ts: { y: [1] } };
  const run = fit(graph, set, { threads: count, worker: wrong(worker), ...options });
  return { graph, actors, run, made: () => made };
}

/** Waits until a condition holds. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

const received = (actor: Actor | undefined, kind: string) =>
  actor?.received.filter((one) => one.kind === kind) ?? [];

describe("a run on several threads", () => {
  it("starts a worker for each, and hands the leader's memory to the helpers", async () => {
    const { actors, run, graph } = begin(4);
    await until(() => [1, 2, 3].every((i) => received(actors[i], "help").length > 0));
    expect(received(actors[0], "begin").map((one) => one.threads)).toEqual([4]);
    for (const index of [1, 2, 3]) {
      expect(actors[index]!.received).toEqual([{ ...team, kind: "help" }]);
    }
    actors[0]!.post(end);
    expect(await run).toMatchObject({ threads: 3, sharing: "memory" });
    expect(actors.map(({ isEnded }) => isEnded)).toEqual([true, true, true, true]);
    graph.rate = 0.1; // throws where it is busy
  });

  it("invites a helper that starts after the leader's team is there", async () => {
    let late: (() => void) | undefined;
    const { actors, run } = begin(3, {
      leader: ({ kind }, actor) => {
        if (kind === "begin") actor.dispatchEvent(Object.assign(new Event("message"), { data: team }));
        late = () => actor.post(end);
      },
    });
    await until(() => received(actors[2], "help").length > 0);
    late!();
    await run;
  });

  it("leaves out helpers that don't start, fail before they have joined, or refuse", async () => {
    const { actors, run } = begin(6, {
      start: (index, made) => {
        if (index === 1) throw new Error("no more workers");
        return index === 2 ? undefined : made();
      },
      helper: (message, actor, index) => {
        if (message.kind !== "help") return;
        if (index === 3) actor.fail("broken");
        else if (index === 4) actor.post({ kind: "refused", error: { name: "RangeError", message: "full" } });
        else actor.post({ kind: "joined" });
      },
    });
    await until(
      () => [3, 4].every((i) => actors[i]?.isEnded === true) && received(actors[5], "help").length > 0,
    );
    actors[0]!.post(end);
    expect((await run).stopped).toBe("epochs");
    expect(actors.filter(Boolean).every(({ isEnded }) => isEnded)).toBe(true);
  });

  it.each<[string, (actor: Actor) => void, string]>([
    ["fails", (actor) => actor.fail("out of memory"), "The worker has failed: out of memory."],
    ["posts something else", (actor) => actor.post("hello"), "has posted"],
  ])("rejects as one worker does where a helper that has joined %s", async (_, break_, words) => {
    const { actors, run, graph } = begin(3, {
      helper: (message, actor, index) => {
        joining(message, actor);
        if (message.kind === "help" && index === 2) setImmediate(() => break_(actor));
      },
    });
    const before = parameters(graph);
    const error = await rejection(run);
    expect([error.code, error.message]).toEqual(["bad-option", expect.stringContaining(words)]);
    expect(actors.every(({ isEnded }) => isEnded)).toBe(true);
    expect(parameters(graph)).toBe(before);
    graph.rate = 0.1;
  });

  it("rejects where a member waits for a minute without progress of the team", async () => {
    const words = new Int32Array(memory.buffer, team.place);
    words.fill(0, 0, 128);
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const { actors, run } = begin(3);
    await until(() => received(actors[2], "help").length > 0);
    vi.advanceTimersByTime(60_000); // nobody waits
    words[TeamLine.arrived] = 1;
    for (let i = 0; i < 5; i++) {
      vi.advanceTimersByTime(55_000);
      words[TeamLine.ticket]!++;
    }
    vi.advanceTimersByTime(64_999);
    expect(actors.map(({ isEnded }) => isEnded)).toEqual([false, false, false]);
    vi.advanceTimersByTime(1);
    const error = await rejection(run);
    expect([error.code, error.message]).toEqual([
      "bad-option",
      "The worker has failed: a thread gives no sign of life.",
    ]);
    expect(actors.every(({ isEnded }) => isEnded)).toBe(true);
    words.fill(0, 0, 128);
  });

  it.each<[string, object]>([
    ["no memory", { ...team, memory: {} }],
    ["another precision", { ...team, precision: "float16" }],
    ["no place", { ...team, place: -1 }],
  ])("refuses a leader's message with %s", async (_, message) => {
    const { run } = begin(2, { leader: (_, actor) => actor.post(message) });
    expect((await rejection(run)).message).toContain("has posted");
  });

  it("ends all threads with an abort, and with a graph that is disposed of", async () => {
    const control = new AbortController();
    const stopped = begin(3, {
      ...{ signal: control.signal },
      leader: ({ kind }, actor) => {
        if (kind === "begin") actor.post(team);
        if (kind === "stop") actor.post({ ...end, history: { ...history, stopped: "aborted" } });
      },
    });
    await until(() => received(stopped.actors[2], "help").length > 0);
    control.abort();
    expect((await stopped.run).stopped).toBe("aborted");
    const disposed = begin(3);
    await until(() => received(disposed.actors[2], "help").length > 0);
    disposed.graph.dispose();
    expect((await rejection(disposed.run)).code).toBe("disposed");
    for (const { actors } of [stopped, disposed]) expect(actors.every(({ isEnded }) => isEnded)).toBe(true);
  });
});

describe("a run on one thread", () => {
  it.each([undefined, 1])("for threads: %o starts no helper, and refuses a team", async (count) => {
    const { run, made } = begin(wrong(count));
    expect((await rejection(run)).message).toContain("has posted");
    expect(made()).toBe(1);
  });

  it("is all that a page has where workers can't share a memory", async () => {
    vi.stubGlobal("crossOriginIsolated", false);
    expect(threads()).toMatchObject({
      sharing: "none",
      why: expect.stringContaining("Cross-Origin-Opener-Policy"),
    });
    const leader = ({ kind }: Message, actor: Actor) => {
      if (kind === "begin")
        actor.post({ kind: "end", history: { stopped: "epochs", steps: 1, seconds: 1 }, epochs: 0 });
    };
    const { run, made, actors } = begin(8, { leader });
    expect(await run).toMatchObject({ threads: 1, sharing: "none" });
    expect([made(), actors[0]!.received[0]!.threads]).toEqual([1, 1]);
    vi.stubGlobal("crossOriginIsolated", undefined);
    vi.stubGlobal("SharedArrayBuffer", undefined);
    expect(threads()).toMatchObject({ sharing: "none", why: expect.stringContaining("SharedArrayBuffer") });
  });

  it("has its history in place, too", async () => {
    expect(await make().fit(data)).toMatchObject({ threads: 1, sharing: "none" });
  });
});

it.each([0, 65, 2.5, "2", Number.NaN, null, {}])("%o for threads is refused at once", async (count) => {
  const { run, made, graph } = begin(wrong(count));
  const error = await rejection(run);
  expect([error.code, error.message, made()]).toEqual([
    "bad-option",
    expect.stringContaining("`threads`"),
    0,
  ]);
  graph.rate = 0.1;
});

it.each(["float64", "float32"] as const)("the bits of threads are those of one, in %s", async (precision) => {
  const [here, there] = [make(precision), make(precision)];
  await here.fit(data, { epochs: 3 });
  const { threads: count } = await fit(there, data, { epochs: 3, threads: 2 });
  expect(parameters(there)).toBe(parameters(here));
  expect([1, 2]).toContain(count);
});
