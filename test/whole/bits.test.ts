// A sample's forward bits depend on nothing but the sample; sums over samples have one order, whatever the batch.

import { Graph, type Precision } from "plexus-nn";
import { describe, it } from "vitest";
import { expectSame, Random, seed } from "../support/helpers.js";

const precisions: readonly Precision[] = ["float64", "float32"];
const ROWS = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100, 127, 128, 129, 200, 255, 256, 257, 300];

function wide(precision: Precision, input: number, hidden: number) {
  const graph = new Graph<string, string, string, Precision>({ seed: 3, precision });
  graph.addInput("x", input);
  graph.addHidden("h", hidden, "tanh", {});
  graph.addHidden("r", 5, "relu");
  graph.addOutput("p", 11, "softmax");
  graph.addOutput("y", 3);
  graph.connect("x", "h", { init: "glorot" });
  graph.connect("x", "r", { init: "he" });
  graph.connect("h", "p", { init: "glorot" });
  graph.connect("r", "p");
  graph.connect("h", "y");
  graph.connect("p", "y");
  return graph;
}

describe.each(precisions)("a sample's bits in %s", (precision) => {
  it.each([
    [200, 70],
    [1, 1],
    [3, 130],
  ])("are the same alone and among others: %d inputs, %d hidden units", (input, hidden) => {
    const random = new Random(seed);
    const graph = wide(precision, input, hidden);
    const samples = random.rows(300, input);
    const names = ["h", "r", "p", "y"] as const;
    const sizes = { h: hidden, r: 5, p: 11, y: 3 };
    const alone = samples.map((sample) => {
      graph.predict({ x: sample });
      return names.map((name) => [graph.layer(name).pre.slice(), graph.layer(name).post.slice()] as const);
    });
    for (const rows of ROWS) {
      const first = random.whole(0, 300 - rows);
      graph.predict({ x: samples.slice(first, first + rows) });
      names.forEach((name, k) => {
        const { pre, post } = graph.layer(name);
        for (let r = 0; r < rows; r++) {
          const [from, to] = [r * sizes[name], (r + 1) * sizes[name]];
          const what = `${name} of sample ${first + r} among ${rows}`;
          expectSame(pre.subarray(from, to), alone[first + r]![k]![0], `pre of ${what}`);
          expectSame(post.subarray(from, to), alone[first + r]![k]![1], `post of ${what}`);
        }
      });
    }
  });
});

/** Sums blocks of 128 samples, each in order, joined in pairs: ((b0 + b1) + (b2 + b3)) + b4. */
function inBlocks(rows: number, term: (row: number) => number): number {
  let sums: number[] = [];
  for (let first = 0; first < rows; first += 128) {
    let sum = term(first);
    for (let r = first + 1; r < Math.min(rows, first + 128); r++) sum += term(r);
    sums.push(sum);
  }
  while (sums.length > 1) {
    const joined: number[] = [];
    for (let i = 0; i < sums.length; i += 2)
      joined.push(i + 1 < sums.length ? sums[i]! + sums[i + 1]! : sums[i]!);
    sums = joined;
  }
  return sums[0]!;
}

describe("sums over samples", () => {
  it.each([1, 5, 127, 128, 129, 256, 300, 384, 500, 640, 1000, 1300])(
    "of %d rows go in blocks of 128, joined in pairs",
    (rows) => {
      const random = new Random(seed + rows);
      const [inputs, outputs] = [5, 3];
      const graph = new Graph({ seed: 5 });
      graph.addInput("x", inputs);
      graph.addOutput("y", outputs, "linear");
      graph.connect("x", "y");
      const x = random.rows(rows, inputs);
      const t = random.rows(rows, outputs);
      const y = graph.predict({ x }).y!;
      const found = graph.gradients({ x }, { y: t });
      const share = 1 / rows;
      // d(y - t)²/dy is d + d, as the engine takes it; the share of a sample is multiplied in.
      const d = (r: number, j: number) => {
        const off = y[r * outputs + j]! - t[r]![j]!;
        return (off + off) * share;
      };
      const bias = Array.from({ length: outputs }, (_, j) => inBlocks(rows, (r) => d(r, j)));
      expectSame(found.bias.y!, bias, "dbias");
      const weights = Array.from({ length: inputs * outputs }, (_, at) => {
        const [i, j] = [Math.floor(at / outputs), at % outputs];
        return inBlocks(rows, (r) => x[r]![i]! * d(r, j));
      });
      expectSame(found.weights[0]!.values, weights, "dW");
    },
  );

  it.each(precisions)("and so do costs, in float64, in %s", (precision) => {
    const random = new Random(seed);
    const graph = new Graph<string, string, string, Precision>({ seed: 5, precision });
    graph.addInput("x", 1);
    graph.addOutput("y", 1, "linear");
    graph.connect("x", "y").weights[0] = 1;
    for (const rows of [2, 128, 129, 400, 700]) {
      // Whole numbers, so that each square is exact in both precisions, times a power of 2 that makes their sums round.
      const x = Array.from({ length: rows }, () => random.whole(1, 1000) * 2 ** random.whole(-20, 20));
      const exact = x.map((value) => Math.fround(value * value));
      const wanted = inBlocks(rows, (r) => (precision === "float64" ? x[r]! ** 2 : exact[r]!)) / rows;
      expectSame(
        [graph.evaluate({ x }, { y: new Float64Array(rows) }).cost],
        [wanted],
        `cost of ${rows} rows`,
      );
    }
  });
});
