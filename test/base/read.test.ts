// Arguments may run code of the caller's while they are read (getters, proxies), or belie their type. No memory of the engine
// is lost by it, and a call that can't continue is refused.

import { Graph } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, everything, expectRefusal, refusal, wrong } from "../support/helpers.js";

function small(): AnyGraph {
  return new Graph({ seed: 1, inputs: { x: 1 }, outputs: { y: 1 }, synapses: [["x", "y"]] });
}

function of(size: number): AnyGraph {
  return new Graph({ seed: 1, inputs: { x: size }, outputs: { y: 1 }, synapses: [["x", "y"]] });
}

/** Makes a graph whose memory is not yet there, and larger than the memory so far. */
function large(): AnyGraph {
  const synapses = [
    ["x", "h"],
    ["h", "y"],
  ] as const;
  return new Graph({ seed: 1, inputs: { x: 4 }, hidden: { h: 300_000 }, outputs: { y: 1 }, synapses });
}

describe("a live view as data", () => {
  it("is read before the call that moves the memory", () => {
    const values = [1, 2, 3, 4];
    const source = of(4);
    source.predict({ x: values });
    const [first, second] = [large(), large()];
    const wanted = second.predict({ x: values }).y!;
    expect(first.predict({ x: source.layer("x").post }).y).toEqual(wanted);
    first.dispose();
    second.dispose();
    const graph = of(4);
    graph.predict({ x: values });
    graph.addHidden("big", 300_000);
    graph.connect("x", "big");
    const given = { x: graph.layer("x").post };
    expect(
      graph.train(given, { y: [1] }, { sampleWeights: graph.layer("y").post.subarray(0, 1) }),
    ).toBeGreaterThan(0);
    graph.dispose();
  });

  it("is read before a run takes memory for its data", async () => {
    const values = [1, 2, 3, 4];
    const source = of(4);
    source.predict({ x: values });
    const view = source.layer("x").post;
    const costs: (number | undefined)[] = [];
    for (const x of [values, view]) {
      const graph = large();
      const set = { xs: { x }, ts: { y: [1] } };
      const { epochs } = await graph.fit(set, { validation: set });
      costs.push(epochs[0]?.cost, epochs[0]?.validation?.cost);
      graph.dispose();
    }
    expect(costs.slice(2)).toEqual(costs.slice(0, 2));
  });
});

describe("a getter that uses the graph while a call reads it breaks nothing", () => {
  const upsetting: [string, (graph: AnyGraph) => void][] = [
    ["adds a layer", (graph) => void graph.addInput(`n${graph.layers.length}`, 1).bias],
    ["predicts", (graph) => void graph.predict({ x: [3] })],
    ["trains", (graph) => void graph.train({ x: [3] }, { y: [1] })],
    ["takes another optimizer", (graph) => void Object.assign(graph, { optimizer: { name: "adam" } })],
    ["freezes", (graph) => void Object.assign(graph.layer("x"), { frozen: true })],
    ["disposes", (graph) => graph.dispose()],
  ];
  it.each(upsetting)("%s", (_, use) => {
    for (const call of ["train", "gradients", "evaluate", "predict"] as const) {
      for (const kind of ["member", "element"]) {
        const graph = small();
        graph.train({ x: [1] }, { y: [1] });
        const used = () => {
          use(graph);
          return 1;
        };
        const element = Object.defineProperty([0], 0, { get: used });
        const xs =
          kind === "member"
            ? {
                get x() {
                  return [used()];
                },
              }
            : { x: element };
        const values = (call === "predict" ? [xs] : [xs, { y: [1] }]) as [never, never];
        const called = () => (call === "gradients" ? graph.gradients(...values) : graph[call](...values));
        expect(refusal(called).code).toBe("busy");
        expect(Number.isFinite(graph.train({ x: [1] }, { y: [1] }))).toBe(true);
      }
    }
    expect(Number.isFinite(small().train({ x: [1] }, { y: [1] }))).toBe(true);
  });

  it("makes another, larger graph, and its values are kept", () => {
    const wanted = small().predict({ x: [3] }).y;
    const x = Object.defineProperty([0], 0, {
      get() {
        large().predict({ x: [1, 2, 3, 4] });
        return 3;
      },
    });
    expect(small().predict({ x }).y).toEqual(wanted);
  });

  it("is an option's, and the layer is not added twice, nor to what is no more", () => {
    const graph = small();
    const options = {
      get frozen() {
        graph.addHidden("k", 2);
        return false;
      },
    };
    expectRefusal(() => graph.addHidden("k", 1, "sigmoid", options), "duplicate-layer");
    const gone = small();
    expectRefusal(
      () =>
        gone.addHidden("k", 1, "sigmoid", {
          get frozen() {
            gone.dispose();
            return false;
          },
        }),
      "disposed",
    );
  });
});

describe("what belies its length", () => {
  it("writes nothing behind its place", () => {
    const [a, b, zeros] = [of(20), of(20), new Float64Array(20)];
    a.predict({ x: zeros });
    const before = b.predict({ x: zeros }).y;
    class Liar extends Float64Array {
      override get length() {
        return 20;
      }
    }
    expectRefusal(() => a.predict({ x: new Liar(60).fill(7) }), "bad-shape", "60");
    expect(b.predict({ x: zeros }).y).toEqual(before);
  });

  it("gives a bias as many numbers as it has units", () => {
    class More extends Array<number> {
      override *[Symbol.iterator](): ArrayIterator<number> {
        yield* [1, 2, 3];
      }
    }
    const graph = new Graph({ seed: 1 });
    expect([...graph.addHidden("h", 1, "sigmoid", { bias: More.from([5]) }).bias]).toEqual([5]);
  });
});

describe("names", () => {
  it("that are inherited are no targets", () => {
    const graph: AnyGraph = small();
    graph.addOutput("z", 1);
    graph.connect("x", "z");
    const [twin, ts] = [graph.clone(), Object.assign(Object.create({ z: [1] }), { y: [1] })];
    expect(graph.train({ x: [1] }, ts)).toBe(twin.train({ x: [1] }, { y: [1] }));
  });

  it("of outputs have no holes", () => {
    const graph = small();
    for (const outputs of [Object.assign(new Array(2), ["y"]), new Array(1)]) {
      expectRefusal(() => graph.predict({ x: [1] }, { outputs: outputs as string[] }), "unknown-layer");
    }
  });

  it("are needed: a graph without outputs makes no step", () => {
    const graph: AnyGraph = new Graph({ seed: 1, inputs: { x: 1 } });
    const before = JSON.stringify(graph);
    for (const call of ["train", "gradients", "evaluate", "gradCheck"] as const) {
      expectRefusal(() => graph[call]({ x: [1] }, {} as never), "not-an-output");
    }
    expect(JSON.stringify(graph)).toBe(before);
  });
});

describe("in float32", () => {
  it("what is infinite there is refused", () => {
    const graph: AnyGraph = new Graph({ seed: 1, precision: "float32" });
    for (const bias of [1e300, [1, 3.4028235677973366e38]]) {
      const size = typeof bias === "number" ? 1 : 2;
      expectRefusal(() => graph.addHidden("h", size, "sigmoid", { bias }), "not-finite", "float32");
    }
    expectRefusal(
      () => graph.addHidden("h", 1, { name: "elu", alpha: 1e300 }),
      "bad-option",
      "alpha",
      "float32",
    );
    expectRefusal(
      () => graph.addOutput("h", 1, "linear", { name: "huber", delta: 1e300 }),
      "bad-option",
      "delta",
      "float32",
    );
    graph.addHidden("h", 1, "sigmoid", { bias: 3.4e38 });
    expect(graph.clone().layer("h").bias[0]).toBe(Math.fround(3.4e38));
  });
});

describe("what there is no room for is refused", () => {
  it("before it is made of class numbers, masks or biases", () => {
    const y = { size: 100_000, activation: "softmax" as const };
    const graph: AnyGraph = new Graph({ seed: 1, inputs: { x: 1 }, outputs: { y }, synapses: [["x", "y"]] });
    const [xs, classes] = [{ x: new Float64Array(1e5) }, new Uint8Array(1e5)];
    expectRefusal(() => graph.evaluate(xs, { y: classes }), "out-of-memory");
    const sampleWeights = new Float64Array(1e5);
    expectRefusal(() => graph.evaluate(xs, { y: classes }, { sampleWeights }), "out-of-memory");
    expectRefusal(() => graph.addHidden("h", 0xffff_ffff, "sigmoid", { bias: 1 }), "out-of-memory");
    graph.dispose();
  });
});

it("training towards ever other outputs keeps few passes", () => {
  const graph: AnyGraph = new Graph({ seed: 1, inputs: { x: 1 } });
  const names = Array.from({ length: 12 }, (_, i) => `y${i}`);
  for (const name of names) {
    graph.addOutput(name, 1);
    graph.connect("x", name);
  }
  const twin = graph.clone();
  const bytes = () => graph.layer("x").bias.buffer.byteLength;
  const steps = (from: number, to: number) => {
    for (let i = from; i < to; i++) {
      const ts = Object.fromEntries(
        names.filter((_, bit) => (i >> bit) & 1).map((name) => [name, new Float64Array(64)]),
      );
      graph.train({ x: new Float64Array(64).fill(i % 3) }, ts);
    }
  };
  steps(1, 200);
  const before = bytes();
  steps(200, 4096);
  expect(bytes()).toBe(before);
  expect(twin.outputs.length).toBe(12);
});

describe("a function that is a revoked proxy", () => {
  const { proxy, revoke } = Proxy.revocable(() => 1, {});
  revoke();
  const given: never = wrong(proxy);
  const [xs, ts] = [{ x: [1] }, { y: [1] }];
  const calls: readonly (readonly [string, (graph: AnyGraph) => unknown])[] = [
    ["a rate", (graph) => (graph.rate = given)],
    ["an optimizer", (graph) => (graph.optimizer = given)],
    ["an activation", (graph) => graph.addHidden("new", 1, given)],
    ["a bias", (graph) => graph.addHidden("new", 1, "linear", { bias: given })],
    ["an init", (graph) => graph.connect("x", "y", { name: "new", init: given })],
    ["an init's values", (graph) => graph.connect("x", "y", { name: "new", init: { values: given } })],
    ["an init of new units", (graph) => graph.resize("y", 2, { init: given })],
    ["metrics", (graph) => graph.evaluate(xs, ts, { metrics: given })],
    ["a metric", (graph) => graph.evaluate(xs, ts, { metrics: [given] })],
    ["outputs", (graph) => graph.predict(xs, { outputs: given })],
    ["weights of samples", (graph) => graph.train(xs, ts, { sampleWeights: given })],
    ["data", (graph) => graph.train({ x: given }, ts)],
    ["a file", () => Graph.fromJSON(given)],
  ];
  it.each(calls)("is refused as %s", (_, call) => {
    const graph = small();
    const before = everything(graph);
    expect(refusal(() => call(graph)).message).toMatch(/revoked|read/);
    expect(everything(graph)).toBe(before);
  });
});
