// Sequences, a graph with loops over them, and the calls of `train` that `fit` makes window by window.

import { Graph, type Precision, type State } from "plexus-nn";
import { type AnyGraph, Random, seed, wrong } from "./helpers.js";

const random = new Random(seed);

/** Makes a net of loops with delays 1 and 2, gates, dropout, a norm, an input without time, and the named outputs. */
export function make(
  outputs: readonly string[],
  precision: Precision = "float64",
  from = 5,
  dropout = 0.3,
): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: from, precision });
  graph.addInput("x", 3);
  graph.addInput("c", 2, "linear", { time: false });
  graph.addHidden("h", 5, "tanh", { dropout, initial: true });
  graph.addHidden("p", 5, "sigmoid", { join: "product" });
  graph.addHidden("n", 4, "tanh", { norm: "layer" });
  graph.connect("x", "h");
  graph.connect("c", "h");
  graph.connect("h", "h", { delay: 1, init: "orthogonal" });
  graph.connect("x", "p");
  graph.connect("h", "p", { delay: 2 });
  graph.connect("p", "n");
  graph.connect("n", "n", { delay: 1 });
  if (outputs.includes("y")) {
    graph.addOutput("y", 2, "softmax");
    graph.connect("n", "y");
  }
  if (outputs.includes("z")) {
    graph.addOutput("z", 2, "linear");
    graph.connect("h", "z", { at: "last" });
    graph.connect("c", "z");
  }
  return graph;
}

export interface Sequences {
  readonly lengths: readonly number[];
  readonly x: number[][][];
  readonly c: number[][];
  readonly y: number[][][];
  readonly z: number[][];
}

export function sequences(lengths: readonly number[]): Sequences {
  return {
    lengths,
    x: lengths.map((length) => random.rows(length, 3)),
    c: random.rows(lengths.length, 2),
    y: lengths.map((length) => random.rows(length, 2).map(([a]) => (a! > 0 ? [1, 0] : [0, 1]))),
    z: random.rows(lengths.length, 2),
  };
}

export const ragged = [7, 2, 12, 5, 5, 9, 12, 3, 6, 4, 11];
export const even = Array.from({ length: 11 }, () => 12);

export const pick = <T>(all: readonly T[], list: readonly number[]): T[] => list.map((i) => all[i]!);

/** Returns the data of some samples as a dataset, in its steps [from, to). */
export function datasetOf(graph: AnyGraph, data: Sequences, list: readonly number[], from = 0, to = 1e9) {
  const cut = (all: readonly (readonly number[][])[]) => pick(all, list).map((one) => one.slice(from, to));
  const isGiven = (name: string) => graph.layers.some((layer) => layer.name === name);
  return {
    xs: { x: cut(data.x), c: pick(data.c, list) },
    ts: {
      ...(isGiven("y") ? { y: cut(data.y) } : {}),
      ...(isGiven("z") ? { z: pick(data.z, list) } : {}),
    },
  };
}

/** Returns a state of some rows of another, after so many steps. */
export function rowsOf(graph: AnyGraph, state: State, rows: readonly number[], steps: number): State {
  const made = graph.state(rows.length);
  for (const [name, delay] of [
    ["h", 1],
    ["h", 2],
    ["n", 1],
  ] as const) {
    if (delay > steps) continue;
    const values = state.get(name, delay);
    const size = values.length / state.rows;
    made.set(
      name,
      rows.map((row) => [...values.subarray(row * size, (row + 1) * size)]),
      delay,
    );
  }
  return made;
}

export interface Sum {
  rows: number;
  cost: number;
  steps: number;
}

/**
 * Trains a batch window by window, by `train` and `predict`, from a state if there is one. Returns Σ rows, Σ rows · cost and
 * the number of steps.
 */
export function trainWindows(
  graph: AnyGraph,
  data: Sequences,
  batch: readonly number[],
  window: number,
  begun?: State,
): Sum {
  const sum = { rows: 0, cost: 0, steps: 0 };
  let state = begun ?? graph.state(batch.length);
  let open = [...batch.keys()];
  for (let from = 0; ; from += window) {
    const left = open.filter((i) => data.lengths[batch[i]!]! > from);
    if (left.length === 0) return sum;
    if (left.length < open.length)
      state = rowsOf(
        graph,
        state,
        left.map((i) => open.indexOf(i)),
        from,
      );
    open = left;
    const list = pick(batch, open);
    const { xs, ts } = datasetOf(graph, data, list, from, from + window);
    const ends = list.map((sample) => data.lengths[sample]! <= from + window);
    const isTimed = "y" in ts;
    if (!isTimed && !ends.includes(true)) {
      graph.predict(wrong(xs), { state });
      continue;
    }
    const isMixed = "z" in ts && ends.includes(false);
    const options = isMixed ? { mask: { z: ends.map(Number) } } : {};
    const cost = graph.train(wrong(xs), wrong(ts), { state, ...options });
    const rows = xs.x.reduce((n, one) => n + one.length, 0);
    sum.rows += rows;
    sum.cost += rows * cost;
    sum.steps++;
  }
}

/** Returns the order in which `fit` takes samples in its first epochs, for graphs of a seed. */
export async function ordersOf(seed: number, samples: number, epochs: number): Promise<number[][]> {
  const probe: AnyGraph = new Graph({ seed });
  probe.addInput("x", 1, "linear", { bias: false });
  probe.addOutput("y", 1, "linear", "mse", { bias: false });
  const synapse = probe.connect("x", "y", { frozen: true });
  synapse.weights[0] = 1;
  const costs: number[] = [];
  const xs = { x: Array.from({ length: samples }, (_, i) => i + 1) };
  const ts = { y: xs.x.map(() => 0) };
  const at = xs.x.map((x) => probe.evaluate({ x: [x] }, { y: [0] }).cost);
  await probe.fit(wrong({ xs, ts }), { epochs, batchSize: 1, onBatch: ({ cost }) => void costs.push(cost) });
  return Array.from({ length: epochs }, (_, e) =>
    costs.slice(e * samples, (e + 1) * samples).map((cost) => at.indexOf(cost)),
  );
}
