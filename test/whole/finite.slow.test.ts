// Numbers of any size: a step leaves everything finite, or it is refused and nothing has changed. One row has the bits of the
// general path, with any optimizer and any rate, 0 included.

import { Graph, type OptimizerOptions, type Precision, type Rate } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, Random, refusal, seed } from "../support/helpers.js";

type Values = Record<string, number[]>;

interface Shape {
  readonly inputs: number;
  readonly hidden?: { readonly size: number; readonly activation: "sigmoid" | "relu" | "linear" };
  readonly units: number;
  readonly activation: "sigmoid" | "linear";
  readonly loss: "mse" | "mae" | "entropy";
}

/** One for each way through the core; the last has a matrix whose gradient is not stored. */
const shapes: readonly Shape[] = [
  { inputs: 1, units: 1, activation: "linear", loss: "mse" },
  { inputs: 2, hidden: { size: 3, activation: "sigmoid" }, units: 1, activation: "sigmoid", loss: "mse" },
  { inputs: 3, hidden: { size: 9, activation: "sigmoid" }, units: 1, activation: "sigmoid", loss: "entropy" },
  { inputs: 2, hidden: { size: 5, activation: "relu" }, units: 3, activation: "linear", loss: "mae" },
  { inputs: 5, hidden: { size: 2, activation: "linear" }, units: 2, activation: "linear", loss: "mse" },
  { inputs: 80, units: 60, activation: "linear", loss: "mae" },
];

/** Exponents of ten: the smallest number that is not 0, the largest number. */
const ends = { float64: [-324, 308.2], float32: [-45, 38.5] } as const;

/** Draws a number of any size; now and then 0. */
function any(random: Random, precision: Precision): number {
  if (random.chance(0.1)) return 0;
  const [low, high] = ends[precision];
  const size = Math.min(
    10 ** (low + (high - low) * random.next()),
    precision === "float64" ? 1.7e308 : 3.4e38,
  );
  return random.chance(0.5) ? size : -size;
}

function rateOf(random: Random, precision: Precision): Rate {
  const size = Math.abs(any(random, precision));
  if (random.chance(0.3)) return 0;
  if (random.chance(0.3)) return { name: "cosine", rate: size, steps: 1 }; // ends at 0
  return random.chance(0.5) ? size : 0.1;
}

function optimizerOf(
  random: Random,
  precision: Precision,
  name: OptimizerOptions["name"] | "plain",
): OptimizerOptions {
  const rate = rateOf(random, precision);
  if (name === "plain") return { name: "sgd", rate };
  const amount = () => Math.abs(any(random, precision));
  return {
    name,
    rate,
    ...(random.chance(0.3) ? { weightDecay: random.chance(0.3) ? 1e39 : amount() } : {}),
    ...(random.chance(0.2)
      ? { clipNorm: amount() || 1 }
      : random.chance(0.2)
        ? { clipValue: amount() || 1 }
        : {}),
    ...((name === "sgd" || name === "rmsprop") && random.chance(0.7) ? { momentum: 0.9 } : {}),
    ...(name === "rmsprop" && random.chance(0.5) ? { centered: true } : {}),
    ...(name !== "sgd" && name !== "lion" && random.chance(0.3) ? { epsilon: amount() || 1e-60 } : {}),
  } as OptimizerOptions;
}

/**
 * Makes a graph. `common` adds a second output, of zeros alone, whose bound on its norm keeps the pass from every shorter
 * path.
 */
function make(shape: Shape, optimizer: OptimizerOptions, precision: Precision, common: boolean): AnyGraph {
  const { inputs, hidden, units, activation, loss } = shape;
  const graph: AnyGraph = new Graph({ seed: 1, precision, optimizer });
  graph.addInput("x", inputs);
  if (hidden) graph.addHidden("h", hidden.size, hidden.activation);
  graph.addOutput("y", units, activation, loss);
  if (hidden) graph.connect("x", "h");
  graph.connect(hidden ? "h" : "x", "y");
  if (!common) return graph;
  graph.addInput("zero", 1, "linear", { bias: false });
  graph.addOutput("none", 1, "linear", "mse", { bias: false });
  graph.connect("zero", "none", { init: "zeros", maxNorm: 1 });
  return graph;
}

/** Returns every number of a file: parameters, and the optimizer's state. */
function numbers(graph: AnyGraph): number[] {
  const { precision, layers, synapses } = graph.toJSON() as Record<string, unknown> as {
    precision: Precision;
    layers: Record<string, unknown>[];
    synapses: Record<string, unknown>[];
  };
  return [...layers, ...synapses].flatMap((entry) =>
    Object.entries(entry).flatMap(([name, text]) => {
      if (typeof text !== "string" || !/^(bias|gain|weights)/.test(name)) return [];
      const { buffer } = new Uint8Array(Buffer.from(text, "base64"));
      return [...(precision === "float64" ? new Float64Array(buffer) : new Float32Array(buffer))];
    }),
  );
}

type Way = "train" | "weighed" | "backward";

/** Takes a step; the code or the cost. `weights` count in a weighed one; `ts` are gradients from outside in `backward`. */
function step(graph: AnyGraph, xs: Values, ts: Values, way: Way, weights: number[]): string {
  const before = JSON.stringify(graph);
  let cost = 0;
  const call = () => {
    if (way === "backward") graph.backward(xs, ts);
    else cost = graph.train(xs, ts, way === "weighed" ? { sampleWeights: weights } : undefined);
  };
  try {
    call();
  } catch {
    const error = refusal(call); // refused once more
    expect(JSON.stringify(graph)).toBe(before);
    return error.code;
  }
  expect(Number.isFinite(cost)).toBe(true);
  if (!numbers(graph).every(Number.isFinite))
    throw new Error(`Not finite: ${before}, ${JSON.stringify([xs, ts])}`);
  return `${cost}`;
}

const names = ["plain", "sgd", "rmsprop", "adagrad", "adam", "adamw", "nadam", "lion"] as const;

describe.each(["float64", "float32"] as const)("in %s", (precision) => {
  it.each(names)(`%s leaves all numbers finite, or everything as it was, PLEXUS_SEED=${seed}`, (name) => {
    const random = new Random(seed * 7919 + names.indexOf(name));
    const outcomes: Record<string, number> = {};
    for (let round = 0; round < (name === "plain" ? 600 : 120); round++) {
      const shape = shapes[round % shapes.length]!;
      const optimizer = optimizerOf(random, precision, name);
      const rows = round % 4 === 3 ? random.whole(2, 4) : 1;
      const [graph, common] = [
        make(shape, optimizer, precision, false),
        make(shape, optimizer, precision, true),
      ];
      const quiet = random.chance(0.5); // one large number among small ones
      const draw = () => (quiet && random.chance(0.8) ? random.next() : any(random, precision));
      for (const [i, { weights: old }] of graph.synapses.entries()) {
        const weights = Array.from(old, draw);
        for (const one of [graph, common]) one.synapses[i]!.weights.set(weights);
      }
      for (const { name: layer, size } of graph.layers) {
        const bias = Array.from({ length: size }, () => (random.chance(0.5) ? 0 : draw()));
        for (const one of [graph, common]) one.layer(layer).bias.set(bias);
      }
      for (let time = 0; time < 3; time++) {
        const x = Array.from({ length: rows * shape.inputs }, draw);
        const y = Array.from({ length: rows * shape.units }, () =>
          shape.loss === "entropy" ? random.whole(0, 1) : draw(),
        );
        const way = random.pick<Way>(["train", "train", "weighed", "backward"]);
        const weights = Array.from({ length: rows }, draw); // below 0, too
        const what = JSON.stringify({ shape, optimizer, graph, x, y, way, weights });
        const outcome = step(graph, { x }, { y }, way, weights);
        const zeros = new Array<number>(rows).fill(0);
        expect(step(common, { x, zero: zeros }, { y, none: zeros }, way, weights), what).toBe(outcome);
        const kept = numbers(graph);
        // The layers of zeros come last, and so do their synapse's weights. All numbers before them are compared.
        const found = numbers(common).filter((value) => value !== 0);
        if (!kept.filter((value) => value !== 0).every((value, i) => Object.is(found[i], value))) {
          throw new Error(`Another step than the general one: ${what}`);
        }
        const kind = Number.isFinite(Number(outcome)) ? "steps" : outcome;
        outcomes[kind] = (outcomes[kind] ?? 0) + 1;
      }
      graph.dispose();
      common.dispose();
    }
    expect(Object.keys(outcomes).sort()).toEqual(["diverged", "steps"]);
  });
});

describe("one row whose gradient overflows float32 alone", () => {
  it.each<[string, Rate]>([
    ["a rate of 0", 0],
    ["a tiny rate", 1e-38],
    ["a cosine that has ended", { name: "cosine", rate: 0.1, steps: 1 }],
  ])("is refused with %s, as two rows are", (_, rate) => {
    for (const rows of [1, 2]) {
      const graph = make(shapes[0]!, { name: "sgd", rate }, "float32", false);
      graph.synapses[0]!.weights[0] = 1;
      if (typeof rate === "object") graph.train({ x: [0] }, { y: [0] });
      const before = JSON.stringify(graph);
      const call = () => graph.train({ x: new Array(rows).fill(1.5e19) }, { y: new Array(rows).fill(0) });
      expect(refusal(call).code).toBe("diverged");
      expect(JSON.stringify(graph)).toBe(before);
    }
  });
});

describe.each(["float64", "float32"] as const)("a parameter of %s that is not finite", (precision) => {
  it.each<OptimizerOptions>([{ name: "sgd", rate: 0.1 }, { name: "sgd", rate: 0 }, { name: "adam" }])(
    "is refused as it is where its unit is saturated, however many rows: %o",
    (optimizer) => {
      for (const shape of shapes) {
        for (const rows of [1, 2]) {
          for (const value of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
            const graph = make(shape, optimizer, precision, false);
            graph.layer(shape.hidden ? "h" : "y").bias[0] = value;
            const x = new Array<number>(rows * shape.inputs).fill(0.5);
            const y = new Array<number>(rows * shape.units).fill(1);
            expect(refusal(() => graph.train({ x }, { y })).code).toBe("diverged");
            graph.dispose();
          }
        }
      }
    },
  );
});

it("a decay that float32 can't hold is refused, and leaves parameters of 0", () => {
  const optimizer = { name: "sgd", rate: 0, momentum: 0.5, weightDecay: 1e39 } as const;
  const graph: AnyGraph = new Graph({ seed: 1, precision: "float32", optimizer, inputs: { x: 1 } });
  graph.addOutput("y", 1, "linear");
  graph.connect("x", "y", { init: "zeros" });
  expect(refusal(() => graph.train({ x: [1] }, { y: [1] })).code).toBe("diverged");
  expect(graph.layers.flatMap(({ bias }) => [...bias])).toEqual([0, 0]);
});
