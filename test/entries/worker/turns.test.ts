// The page's thread during a run in a worker. It copies and checks the numbers of a large graph in slices, and takes them over at
// once. The event loop turns between slices.

import { Worker } from "node:worker_threads";
import { Graph, type Optimizer } from "plexus-nn";
import { fit } from "plexus-nn/worker";
import { describe, expect, it } from "vitest";
import { type AnyGraph, rejection, wrong } from "../../support/helpers.js";
import { outcome } from "../../support/team.js";

const SIZE = 1000;
const PARAMETERS = SIZE * SIZE + 2 * SIZE;
/** Numbers of a slice of src/base/slices.ts. */
const SLICE = 2 ** 18;
const thread = new URL("../../../dist/thread.js", import.meta.url);

function make(optimizer: Optimizer): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: 5, precision: "float32", optimizer });
  graph.addInput("x", SIZE);
  graph.addOutput("y", SIZE, "linear");
  graph.connect("x", "y", { init: "glorot" });
  return graph;
}

const column = (row: number) => Float32Array.from({ length: SIZE }, (_, i) => Math.sin(row + i * 0.1));
const data = { xs: { x: column(1) }, ts: { y: column(2) } };

type Copying = Record<"set" | "fill" | "slice", (this: Float32Array, ...given: never[]) => unknown>;

/** Counts the numbers that typed arrays copy and fill in each turn of the event loop while `work` runs. */
async function counted(work: () => PromiseLike<unknown>): Promise<number[]> {
  const typed = Object.getPrototypeOf(Float32Array.prototype) as Copying;
  const { set, fill, slice } = typed;
  const turns: number[] = [0];
  const count = (numbers: number) => {
    turns[turns.length - 1]! += numbers;
  };
  typed.set = function (...given) {
    count((given[0] as unknown as ArrayLike<number>).length);
    return set.apply(this, given);
  };
  typed.fill = function (...given) {
    const [, from = 0, to = this.length] = given as number[];
    count((to - from) / (4 / this.BYTES_PER_ELEMENT));
    return fill.apply(this, given);
  };
  typed.slice = function (...given) {
    count(this.length);
    return slice.apply(this, given);
  };
  let isOver = false;
  const turn = () => {
    turns.push(0);
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  try {
    await work();
  } finally {
    isOver = true;
    Object.assign(typed, { set, fill, slice });
  }
  return turns;
}

/** Starts a worker of ours that calls `onEnd` when its end has come. */
function ending(onEnd: () => void) {
  const worker = new Worker(thread);
  return Object.assign(new EventTarget(), {
    postMessage: (message: unknown, transfer: ArrayBuffer[]) => worker.postMessage(message, transfer),
    terminate: () => worker.terminate(),
    addEventListener(kind: string, listener: (event: unknown) => void) {
      if (kind !== "message") return;
      worker.on("message", (data) => {
        listener({ data });
        if (data.kind === "end") onEnd();
      });
    },
  });
}

describe("the page's thread", () => {
  const optimizers: [string, Optimizer, number][] = [
    ["sgd", { name: "sgd", rate: 0.01 }, 1],
    ["adam", { name: "adam", rate: 0.01 }, 3],
  ];
  it.each(optimizers)(
    "handles a slice of numbers in a turn, and takes over all of %s in one",
    async (_, optimizer, copies) => {
      const [graph, other] = [make(optimizer), make(optimizer)];
      const alone = await outcome(other, other.fit(data, { epochs: 2 }));
      // The thread waits for it, so that no two of its messages come in one turn.
      const onEpoch = () => new Promise<void>((resolve) => setImmediate(resolve));
      for (const epochs of [2, 1]) {
        const from = graph.clone() as AnyGraph;
        const turns = await counted(() => fit(from, data, { epochs, onEpoch }));
        const large = turns.filter((numbers) => numbers > SLICE + 4 * SIZE);
        // The parameters of each epoch, and at the end the moments, too, with at most a slice of checks before.
        expect(large.length).toBeLessThanOrEqual(epochs + 1);
        expect(Math.max(...large)).toBeLessThanOrEqual(copies * PARAMETERS + SLICE + 4 * SIZE);
        from.dispose();
      }
      expect(await outcome(graph, fit(graph, data, { epochs: 2 }))).toEqual(alone);
      // A second run sends and receives moments that are there.
      const [more, others] = [await outcome(graph, fit(graph, data)), await outcome(other, other.fit(data))];
      expect(more).toEqual(others);
    },
  );

  it("leaves the graph as it was after the last epoch until its end is read", async () => {
    const graph = make({ name: "adam", rate: 0.01 });
    const saved: Buffer[] = [];
    const save = () => void saved.push(Buffer.from(graph.save()));
    const onEnd = () => {
      // Further slices of the end follow in later turns.
      expect(() => graph.train(data.xs, data.ts)).toThrow("in training");
      save();
    };
    await fit(graph, data, { onEpoch: save, worker: wrong(() => ending(onEnd)) });
    save(); // with moments
    expect([saved.length, saved[1]!.equals(saved[0]!), saved[2]!.equals(saved[0]!)]).toEqual([
      3,
      true,
      false,
    ]);
  });

  it("ends, and keeps no memory, with a graph that is disposed of between slices", async () => {
    const adam = { name: "adam", rate: 0.01 } as const;
    const [keeper, whole] = [make(adam), make(adam)];
    await fit(whole, data);
    whole.dispose();
    const memory = () => keeper.layer("x").bias.buffer.byteLength as number;
    const before = memory();
    for (let turns = 0; turns < 12; turns++) {
      const graph = make(adam);
      let left = turns % 6;
      const wait = () => (left-- > 0 ? setImmediate(wait) : graph.dispose());
      const isEnd = turns < 6;
      const run = fit(graph, data, isEnd ? { worker: wrong(() => ending(wait)) } : {});
      if (!isEnd) wait();
      expect((await rejection(run)).code).toBe("disposed");
      expect(memory()).toBe(before);
    }
  });

  it.each<[string, (moments: Float32Array) => void, string]>([
    ["isn't finite", (moments) => moments.fill(Number.NaN, -1), "not finite"],
    ["is less than 0", (moments) => moments.fill(-1, -1), "less than 0"],
  ])("refuses an end whose last moment %s, and changes nothing", async (_, edit, words) => {
    const graph = make({ name: "adam", rate: 0.01 });
    graph.train(data.xs, data.ts);
    const before = Buffer.from(graph.save());
    const history = { stopped: "epochs", steps: 1, seconds: 1 };
    const worker = () => {
      const target = new EventTarget();
      const postMessage = (message: {
        kind: string;
        graph: { synapses: { weightsSquare: Float32Array }[] };
      }) => {
        if (message.kind !== "begin") return;
        const { graph } = structuredClone(message);
        edit(graph.synapses[0]!.weightsSquare);
        const data = { kind: "end", graph, history, epochs: 0 };
        setImmediate(() => target.dispatchEvent(Object.assign(new Event("message"), { data })));
      };
      return Object.assign(target, { postMessage, terminate() {} });
    };
    const error = await rejection(fit(graph, data, { worker: wrong(worker) }));
    expect([error.code, error.message]).toEqual(["bad-file", expect.stringContaining(words)]);
    expect(error.message).toContain(`number ${SIZE * SIZE - 1}`);
    expect(Buffer.from(graph.save()).equals(before)).toBe(true);
    graph.train(data.xs, data.ts);
  });
});
