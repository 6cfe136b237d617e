// Workers that aren't ones of plexus-nn/worker/thread, and things that can't be sent to one: refused with a code, the graph free.

import { Worker } from "node:worker_threads";
import { Graph } from "plexus-nn";
import { fit } from "plexus-nn/worker";
import { describe, expect, it } from "vitest";
import { type AnyGraph, rejection, wrong } from "../../support/helpers.js";
import { data, make, parameters } from "../../support/training.js";

/** Makes a worker of the web that answers each message. */
function fake(
  answer: (message: { kind: string }, post: (data: unknown) => void) => void,
  parts: object = {},
) {
  const target = new EventTarget();
  const post = (data: unknown) =>
    setTimeout(() => target.dispatchEvent(Object.assign(new Event("message"), { data })));
  return Object.assign(target, {
    postMessage: (message: { kind: string }) => answer(message, post),
    terminate() {},
    ...parts,
  });
}

const graphOf = (): AnyGraph =>
  new Graph({ seed: 1, inputs: { x: 1 }, outputs: { y: 1 }, synapses: [["x", "y"]] });
const progress = {
  kind: "epoch",
  epoch: 1,
  epochs: 1,
  step: 1,
  cost: 1,
  rate: 1,
  seconds: 1,
  samplesPerSecond: 1,
};
const now = { parameters: new Float64Array(3), scalers: [], best: undefined };
const history = { stopped: "epochs", steps: 1, seconds: 1 };

async function refused(run: PromiseLike<unknown>, graph: AnyGraph) {
  const before = parameters(graph);
  const error = await rejection(run);
  expect([error.name, error.code], error.message).toEqual(["GraphError", "bad-option"]);
  expect(parameters(graph)).toBe(before);
  graph.rate = 0.1; // throws where it is busy
  return error;
}

describe("a worker that posts something else", () => {
  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a text", "hello"],
    ["another code's object", { type: "ready" }],
    ["a kind of a prototype", { kind: "constructor" }],
    ["no given", { kind: "batch" }],
    ["a given that is none", { kind: "batch", given: { ...progress, step: "1" } }],
    ["an unknown question", { kind: "ask", id: 0, what: "toString" }],
    ["a question without a number", { kind: "ask", what: "begin" }],
    ["an epoch without its state", { kind: "ask", id: 0, what: "epoch", given: progress }],
    [
      "an epoch of another graph",
      {
        ...{ kind: "ask", id: 0, what: "epoch", given: progress },
        now: { ...now, parameters: new Float64Array(4) },
      },
    ],
    [
      "an epoch of another precision",
      {
        ...{ kind: "ask", id: 0, what: "epoch", given: progress },
        now: { ...now, parameters: new Float32Array(3) },
      },
    ],
    [
      "an epoch of parameters that aren't finite",
      {
        ...{ kind: "ask", id: 0, what: "epoch", given: progress },
        now: { ...now, parameters: Float64Array.of(1, Number.NaN, 1) },
      },
    ],
    ["a batch that wasn't asked for", { kind: "ask", id: 0, what: "next" }],
    [
      "a checkpoint that wasn't asked for",
      { kind: "ask", id: 0, what: "save", given: { graph: {}, fit: {} } },
    ],
    ["an end without a history", { kind: "end", epochs: 0 }],
    ["an end by a page that has not failed", { kind: "end", history, epochs: 0, error: "page" }],
    ["an end by no error", { kind: "end", history, epochs: 0, error: 3 }],
  ])("%s, is refused", async (_, message) => {
    const graph = graphOf();
    const worker = () => fake((_, post) => post(message));
    await refused(fit(graph, { xs: { x: [1] }, ts: { y: [1] } }, { worker: wrong(worker) }), graph);
  });

  it("after its end is not heard", async () => {
    const graph = graphOf();
    const worker = () =>
      fake(({ kind }, post) => {
        if (kind !== "begin") return;
        post({ kind: "end", history, epochs: 0 });
        for (const message of ["hello", { kind: "ask", id: 1, what: "epoch", given: progress, now }])
          post(message);
      });
    expect(await fit(graph, { xs: { x: [1] }, ts: { y: [1] } }, { worker: wrong(worker) })).toMatchObject(
      history,
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(graph.train({ x: [1] }, { y: [1] })).toBeGreaterThan(0);
  });

  it("as its graph's end, is refused as a file is", async () => {
    for (const graph of [{}, graphOf().toJSON(), { ...make().toJSON(), layers: 3 }]) {
      const own = make();
      const worker = () => fake((_, post) => post({ kind: "end", graph, history, epochs: 0 }));
      const error = await rejection(fit(own, data, { worker: wrong(worker) }));
      expect(["bad-file", "bad-option"]).toContain(error.code);
      expect(own.train(data.xs, data.ts)).toBeGreaterThan(0);
    }
  });
});

describe("a worker that returns its graph", () => {
  it.each<[string, (weights: Float64Array) => unknown]>([
    ["numbers of another class", (weights) => Float32Array.from(weights)],
    ["too few numbers", (weights) => weights.subarray(1)],
    ["too many numbers", (weights) => Float64Array.of(...weights, 1)],
    ["a text", () => "AAAAAAAA8D8="],
    ["nothing", () => undefined],
  ])("with %s in the place of weights is refused, and changes nothing", async (_, edit) => {
    const graph = graphOf();
    const worker = () =>
      fake((message, post) => {
        if (message.kind !== "begin") return;
        const { graph } = structuredClone(message) as unknown as {
          graph: { synapses: { weights: never }[] };
        };
        const [synapse] = graph.synapses;
        synapse!.weights = edit(synapse!.weights) as never;
        post({ kind: "end", graph, history, epochs: 0 });
      });
    const before = parameters(graph);
    const error = await rejection(fit(graph, { xs: { x: [1] }, ts: { y: [1] } }, { worker: wrong(worker) }));
    expect([error.code, parameters(graph)]).toEqual(["bad-file", before]);
    graph.rate = 0.1; // throws where it is busy
  });
});

describe("a worker", () => {
  const oops = () => {
    throw new TypeError("oops");
  };
  it.each<[string, object]>([
    ["that throws when it is made", oops],
    ["that is a promise that rejects", () => Promise.reject(new Error("late"))],
    ["whose members throw", () => new Proxy({}, { get: oops })],
    ["that is a revoked proxy", () => revoked()],
    ["that can't be listened to", () => fake(() => {}, { addEventListener: oops })],
    ["that can't be posted to", () => fake(() => {}, { postMessage: oops })],
    ["that can't be ended", () => fake((_, post) => post(1), { terminate: oops })],
    ["whose end never comes", () => fake((_, post) => post(1), { terminate: () => new Promise(() => {}) })],
    [
      "whose end is refused",
      () => fake((_, post) => post(1), { terminate: () => Promise.reject(new Error("no")) }),
    ],
  ])("%s is refused", async (_, worker) => {
    const graph = make();
    await refused(fit(graph, data, { worker: wrong(worker) }), graph);
  });

  it.each(["error", "messageerror"])("is refused at its event %s", async (event) => {
    const graph = make();
    const worker = () => {
      const made = fake(() => setTimeout(() => made.dispatchEvent(new Event(event))));
      return made;
    };
    const error = await refused(fit(graph, data, { worker: wrong(worker) }), graph);
    expect(error.message).toContain("thread.js");
  });

  it("that never answers is left within some seconds of the run's stop", async () => {
    const graph = make();
    const control = new AbortController();
    const run = (options: object) => fit(graph, data, { worker: wrong(() => fake(() => {})), ...options });
    setTimeout(() => control.abort());
    expect((await run({ signal: control.signal })).stopped).toBe("aborted");
    expect((await run({ signal: AbortSignal.abort() })).stopped).toBe("aborted");
    expect((await run({ timeLimit: 0.01 })).stopped).toBe("time");
    const left = run({});
    await left[Symbol.asyncIterator]().return!();
    expect((await left).stopped).toBe("break");
    const disposed = run({});
    graph.dispose();
    expect((await rejection(disposed)).code).toBe("disposed");
  });

  it("of ours minds no message of other code", async () => {
    const [graph, other] = [make(), make()];
    const worker = () => {
      const made = new Worker(new URL("../../../dist/thread.js", import.meta.url));
      for (const message of [
        null,
        "hello",
        { kind: 3 },
        { kind: "answer", id: 7 },
        { kind: "stop" },
        { kind: "begin" },
      ]) {
        made.postMessage(message);
      }
      return made;
    };
    await fit(graph, data, { epochs: 2, worker });
    await other.fit(data, { epochs: 2 });
    expect(parameters(graph)).toBe(parameters(other));
  });
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe("what can't be sent to a worker", () => {
  const loop: unknown[] = [[1]];
  loop.push(loop);
  const round: Record<string, unknown> = {};
  round.round = round;
  it.each<[string, () => unknown, () => object]>([
    ["a closed loop among the options", () => data, () => ({ metrics: loop })],
    ["an object that holds itself", () => data, () => ({ checkpoint: { save() {}, round } })],
    ["validation that holds itself", () => data, () => ({ validation: { ...data, round } })],
    ["data that holds itself", () => ({ ...data, round }), () => ({})],
    ["a function among metrics", () => data, () => ({ metrics: [() => {}] })],
    ["a symbol", () => data, () => ({ monitor: Symbol("cost") })],
    ["an option that can't be read", () => data, () => ({ validation: revoked() })],
    ["options that can't be read", () => data, () => revoked()],
    ["data that can't be read", () => revoked(), () => ({})],
    ["a promise", () => data, () => ({ validation: Promise.resolve(data) })],
    ["a signal that isn't one", () => data, () => ({ signal: { aborted: false, addEventListener() {} } })],
  ])("%s is refused", async (_, given, options) => {
    const graph = make();
    const error = await rejection(fit(graph, wrong(given()), wrong(options())));
    expect(error.name).toBe("GraphError");
    expect(graph.train(data.xs, data.ts)).toBeGreaterThan(0);
  });

  it("a graph that is none, or another module's, is refused", async () => {
    for (const graph of [
      null,
      undefined,
      3,
      {},
      [],
      revoked(),
      Object.create(Graph.prototype),
      new Proxy(make(), {}),
    ]) {
      expect((await rejection(fit(wrong(graph), data))).code).toBe("bad-option");
    }
  });
});
