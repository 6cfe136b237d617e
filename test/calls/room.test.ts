// Where memory ends amid an edit: most are refused whole, a removal is made, and later calls succeed.

import type * as Plexus from "plexus-nn";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type AnyGraph, everything } from "../support/helpers.js";

const { Instance } = WebAssembly;
/** Allocations until one fails; those after it fail as well. */
let left = Number.POSITIVE_INFINITY;

/** Makes an instance whose memory ends on demand. */
function Ending(...given: ConstructorParameters<typeof Instance>) {
  const { exports } = new Instance(...given);
  if (!("alloc" in exports)) return { exports };
  const { alloc } = exports as { alloc: (bytes: number) => number };
  const ending = (bytes: number) => {
    if (--left < 0) throw new WebAssembly.RuntimeError("unreachable");
    return alloc(bytes);
  };
  return { exports: { ...exports, alloc: ending } };
}

beforeEach(() => {
  vi.resetModules();
  Object.assign(WebAssembly, { Instance: Ending });
});
afterEach(() => {
  left = Number.POSITIVE_INFINITY;
  Object.assign(WebAssembly, { Instance });
  vi.resetModules();
});

const xs = { x: [0.1, -0.4] };
const ts = { y: [0, 1] };

function make({ Graph }: typeof Plexus) {
  const graph = new Graph({
    seed: 3,
    optimizer: { name: "adam" },
    inputs: { x: 2 },
    hidden: { a: 40, b: 4 },
    outputs: { y: 2 },
    synapses: [
      ["x", "a"],
      ["x", "b"],
      ["a", "y"],
      ["b", "y"],
    ],
  });
  graph.train(xs, ts);
  return graph;
}

const edits: Readonly<Record<string, (graph: AnyGraph) => unknown>> = {
  resize: (graph) => graph.resize("a", 45),
  prune: (graph) => graph.prune(graph.synapse("x", "a"), { share: 0.3 }),
  rewire: (graph) => graph.rewire(graph.synapse("x", "b"), [[0, 0], [0, 2], [1, 1], [1, 3]]),
  widen: (graph) => graph.widen("a", 60),
}; // biome-ignore format: a list

it.each(Object.entries(edits))("%s changes all or nothing", async (_, edit) => {
  const plexus = await import("plexus-nn");
  const [graph, whole] = [make(plexus), make(plexus)] as AnyGraph[];
  for (const one of [graph!, whole!]) {
    one.prune(one.synapse("x", "b"), { share: 0.5 });
    one.train(xs, ts);
  }
  const before = everything(graph!);
  edit(whole!);
  let refused = 0;
  /** Makes a call with ever more memory, until it succeeds. */
  const persist = <R>(call: () => R, after: () => void): R => {
    for (let most = 0; ; most++) {
      left = most;
      try {
        return call();
      } catch (error) {
        expect((error as Plexus.GraphError).code).toBe("out-of-memory");
      } finally {
        left = Number.POSITIVE_INFINITY;
      }
      refused++;
      after();
    }
  };
  persist(
    () => edit(graph!),
    () => expect(everything(graph!)).toBe(before),
  );
  expect(refused).toBeGreaterThan(3);
  for (let step = 0; step < 3; step++) {
    expect(persist(() => graph!.train(xs, ts), () => {})).toBe(whole!.train(xs, ts));
  }
  expect(JSON.stringify(graph)).toBe(JSON.stringify(whole));
}); // biome-ignore format: calls

it("a removal is made, and gives room back when there is some to move", async () => {
  const plexus = await import("plexus-nn");
  const [graph, whole] = [make(plexus), make(plexus)];
  whole.remove("a");
  left = 0;
  graph.remove("a");
  let refused = 0;
  for (let most = 0; ; most++) {
    left = most;
    try {
      graph.train(xs, ts);
      break;
    } catch (error) {
      expect((error as Plexus.GraphError).code).toBe("out-of-memory");
    }
    refused++;
  }
  left = Number.POSITIVE_INFINITY;
  expect(refused).toBeGreaterThan(3);
  whole.train(xs, ts);
  for (let step = 0; step < 3; step++) expect(graph.train(xs, ts)).toBe(whole.train(xs, ts));
  expect(JSON.stringify(graph)).toBe(JSON.stringify(whole));
});

it("a call with steps is refused whole, and made once there is room", async () => {
  const { Graph } = await import("plexus-nn");
  const timed = () => {
    const graph: AnyGraph = new Graph({
      seed: 4,
      inputs: { x: 2 },
      outputs: { y: { size: 2, activation: "linear" } },
    });
    graph.addLstm("cell", 3, "x", { initial: true, norm: "layer", peephole: true });
    graph.connect("cell", "y", { delay: 2 });
    return graph;
  };
  const [graph, whole] = [timed(), timed()];
  const [state, other] = [graph.state(3), whole.state(3)];
  const data = (lengths: readonly number[]) =>
    lengths.map((length, r) => Array.from({ length }, (_, t) => [0.1 * r - 0.2 * t, 0.3 * t]));
  const calls: ((g: typeof graph, s: typeof state) => unknown)[] = [
    (g) => g.predict({ x: data([2, 3]) }).y!.join(),
    (g, s) => g.train({ x: data([4, 1, 2]) }, { y: data([4, 1, 2]) }, { state: s }),
    (g, s) =>
      g.evaluate({ x: data([9, 9, 9]) }, { y: data([9, 9, 9]) }, { sampleWeights: [1, 2, 3], state: s }).cost,
    (g) => g.train({ x: data(Array(200).fill(2)) }, { y: data(Array(200).fill(2)) }),
  ];
  let refused = 0;
  for (const call of calls) {
    const before = everything(graph) + JSON.stringify(state);
    for (left = 0; ; ) {
      const most = left;
      try {
        const found = call(graph, state);
        left = Number.POSITIVE_INFINITY;
        expect(found).toBe(call(whole, other));
        break;
      } catch (error) {
        expect((error as Plexus.GraphError).code).toBe("out-of-memory");
      }
      left = Number.POSITIVE_INFINITY;
      expect(everything(graph) + JSON.stringify(state)).toBe(before);
      refused++;
      left = most + 1;
    }
  }
  expect(refused).toBeGreaterThan(100);
  expect(JSON.stringify([graph, state])).toBe(JSON.stringify([whole, other]));
});
