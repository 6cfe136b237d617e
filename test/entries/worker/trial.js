// `fit` in a worker beside `fit` here, in whatever runtime this is: its default function gives what was found, as JSON.

import { Graph } from "../../../dist/index.js";
import { fit, predict, threads } from "../../../dist/worker.js";

/**
 * @param {"float64" | "float32"} precision
 * @param {import("plexus-nn").Optimizer} optimizer
 */
function make(precision = "float64", optimizer = { name: "sgd", rate: 0.1 }) {
  /** @type {Graph<any, any, any, any>} */
  const graph = new Graph({ seed: 11, precision, optimizer });
  graph.addInput("x", 6);
  graph.addHidden("h", 9, "tanh", { dropout: 0.1 });
  graph.connect("x", "h"); // before the next layer is added: a file has all layers first
  graph.addOutput("y", 3, "softmax");
  graph.addOutput("z", 1, "linear");
  graph.connect("x", "z");
  for (const to of ["y", "z"]) graph.connect("h", to);
  return graph;
}

const ROWS = 70;
const xs = { x: Float64Array.from({ length: ROWS * 6 }, (_, i) => ((i * 37) % 101) / 50 - 1) };
const ts = {
  y: Array.from({ length: ROWS }, (_, r) => [0, 1, 2].map((j) => Number((r * 7) % 3 === j))),
  z: Float32Array.from({ length: ROWS }, (_, r) => (r % 13) / 13),
};
const data = { xs, ts };
const batches = [0, 1, 2, 3].map((b) => ({
  xs: { x: xs.x.subarray(b * 60, b * 60 + 60) },
  ts: { y: ts.y.slice(b * 10, b * 10 + 10), z: ts.z.subarray(b * 10, b * 10 + 10) },
}));
async function* slowly() {
  for (const batch of batches) {
    await new Promise((resolve) => setTimeout(resolve));
    yield batch;
  }
}

/** @param {import("plexus-nn").History} history */
const lasting = ({ epochs, steps, stopped, best }) => ({
  epochs: epochs.map(({ seconds, secondsLeft, samplesPerSecond, ...rest }) => rest),
  ...{ steps, stopped, best },
});

/**
 * Trains the same in both ways, and compares graph and history.
 * @param {any} given
 * @param {any} options
 * @param {"float64" | "float32"} precision
 * @param {import("plexus-nn").Optimizer} [optimizer]
 */
async function same(given, options, precision = "float64", optimizer = undefined) {
  const [here, there] = [make(precision, optimizer), make(precision, optimizer)];
  const one = await here.fit(given, options);
  const two = await fit(there, given, options);
  const isSame = JSON.stringify(here) === JSON.stringify(there);
  const after = [here, there].map((graph) => {
    graph.rate = 0.01; // one that `train` can have
    return graph.train(xs, ts);
  });
  return isSame && JSON.stringify(lasting(one)) === JSON.stringify(lasting(two)) && after[0] === after[1];
}

/** @param {PromiseLike<any>} run */
async function failure(run) {
  try {
    await run;
    return "none";
  } catch (/** @type {any} */ error) {
    return [error.name, error.code ?? "", error.message, error.details?.layer ?? ""].join("|");
  }
}

/** @param {any} given @param {any} options */
async function sameFailure(given, options) {
  const [here, there] = [make(), make()];
  const found = [await failure(here.fit(given, options)), await failure(fit(there, given, options))];
  const isSame = found[0] === found[1] && JSON.stringify(here) === JSON.stringify(there);
  return isSame ? found[0]?.split("|")[1] : found;
}

/**
 * Trains a graph: here, or in a worker.
 * @typedef {(graph: import("plexus-nn").AnyGraph, data: any, options: import("plexus-nn").FitOptions) => import("plexus-nn").FitRun} Train
 */
/** @type {Train} */
const inPlace = (graph, data, options) => graph.fit(data, options);

/** @param {Train} train */
async function hooks(train) {
  /** @type {[string, number][]} */
  const events = [];
  const graph = make();
  /** @type {number[]} */
  const costs = [];
  const history = await train(graph, data, {
    epochs: 2,
    batchSize: 35,
    onBatch: ({ step }) => void events.push(["batch", step]),
    onEpoch: async ({ epoch }) => {
      events.push(["epoch", epoch]);
      await new Promise((resolve) => setTimeout(resolve, 5));
      costs.push(graph.evaluate(xs, ts).cost);
      events.push(["waited", epoch]);
    },
    checkpoint: { save: () => void events.push(["save", 0]) },
  });
  // After each epoch the graph here has its parameters.
  const other = make();
  /** @type {number[]} */
  const wanted = [];
  await other.fit(data, {
    epochs: 2,
    batchSize: 35,
    onEpoch: () => void wanted.push(other.evaluate(xs, ts).cost),
  });
  return { events, costs: JSON.stringify(costs) === JSON.stringify(wanted), epochs: history.epochs.length };
}

/** @param {Train} train */
async function busy(train) {
  const graph = make();
  const run = train(graph, data, { epochs: 3 });
  const codes = [];
  for (const use of [
    () => graph.train(xs, ts),
    () => graph.addHidden("new", 1),
    () => graph.scale("x", null),
  ]) {
    try {
      use();
    } catch (/** @type {any} */ error) {
      codes.push(error.code);
    }
  }
  codes.push((await failure(train(graph, data, {}))).split("|")[1]);
  graph.predict({ x: [1, 2, 3, 4, 5, 6] });
  await run;
  graph.train(xs, ts);
  return codes;
}

/** @param {Train} train */
async function abort(train) {
  const [late, callback] = [new AbortController(), new AbortController()];
  const graph = make();
  const before = JSON.stringify(graph);
  const one = await train(graph, data, { epochs: 5, signal: AbortSignal.abort() });
  const untouched = JSON.stringify(graph) === before;
  const run = train(make(), data, { epochs: 1e9, signal: late.signal });
  setTimeout(() => late.abort(), 20);
  const two = await run;
  const three = await train(make(), data, {
    epochs: 9,
    batchSize: 10,
    signal: callback.signal,
    onBatch: ({ step }) => step === 5 && callback.abort(),
  });
  return {
    stopped: [one, two, three].map(({ stopped }) => stopped),
    steps: [one.steps, three.steps],
    untouched,
  };
}

/** @param {Train} train */
async function leave(train) {
  const [here, there] = [make(), make()];
  const run = train(there, data, { epochs: 1e9, batchSize: 10 });
  for await (const { kind, epoch } of run) if (kind === "epoch" && epoch === 3) break;
  await here.fit(data, { epochs: 3, batchSize: 10 });
  return {
    stopped: run.history.stopped,
    epochs: run.history.epochs.length,
    same: JSON.stringify(here) === JSON.stringify(there),
  };
}

async function resume() {
  const [here, there] = [make(), make()];
  /** @type {import("plexus-nn").Checkpoint[]} */
  const saved = [];
  await fit(there, data, { epochs: 2, checkpoint: { save: (one) => void saved.push(one) } });
  const again = make();
  const history = await fit(again, data, { epochs: 4, resume: /** @type {any} */ (saved[1]) });
  const whole = await here.fit(data, { epochs: 4 });
  /** @param {import("plexus-nn").History} found */
  const costs = ({ epochs }) => epochs.map(({ cost, step }) => [cost, step]);
  return [
    JSON.stringify(again) === JSON.stringify(here),
    JSON.stringify(costs(history)) === JSON.stringify(costs(whole)),
  ];
}

/** Returns whether a timer of this thread fired while a graph trained for many slices. @param {Train} train */
async function free(train) {
  /** @type {Graph<any, any, any, any>} */
  const graph = new Graph({ seed: 1 });
  graph.addInput("x", 200);
  graph.addOutput("y", 200, "linear");
  graph.connect("x", "y", { init: "glorot" });
  const big = { xs: { x: new Float64Array(200 * 2000) }, ts: { y: new Float64Array(200 * 2000) } };
  let turns = 0;
  const timer = setInterval(() => turns++);
  await train(graph, big, { epochs: 4 });
  clearInterval(timer);
  return turns > 0;
}

/** Returns whether a prediction on some threads has the bits of one here. @param {number} count */
async function samePrediction(count) {
  const graph = make("float32");
  const rows = Float64Array.from({ length: 6 * 40_000 }, (_, i) => ((i * 37) % 101) / 50 - 1);
  const here = graph.predict({ x: rows });
  const there = await predict(graph, { x: rows }, { threads: count });
  return JSON.stringify(here) === JSON.stringify(there);
}

/** Starts a worker whose team makes every step, with delays at random. @param {number} delays */
function crew(delays) {
  const url = new URL(`./crew.js?delays=${delays}`, import.meta.url);
  if (typeof Worker === "function") return new Worker(url, { type: "module" });
  const { Worker: Thread } = process.getBuiltinModule("node:worker_threads");
  return new Thread(url, { workerData: { delays } });
}

/**
 * Returns whether a team has the bits of one thread, and shares a memory if the host can.
 * @param {number} count
 * @param {"float64" | "float32"} precision
 * @param {import("plexus-nn").Optimizer} optimizer
 */
async function sameTogether(count, precision, optimizer) {
  const [here, there] = [make(precision, optimizer), make(precision, optimizer)];
  await here.fit(data, { epochs: 4, batchSize: 40, validation: 0.2 });
  const worker = () => crew(count);
  const history = await fit(there, data, {
    epochs: 4,
    batchSize: 40,
    validation: 0.2,
    threads: count,
    worker,
  });
  const { sharing } = threads();
  const isWhole = history.sharing === sharing && history.threads === (sharing === "memory" ? count : 1);
  return isWhole && JSON.stringify(here) === JSON.stringify(there);
}

/** Returns whether the host's word on sharing fits its globals. */
function isHonest() {
  const { cores, sharing, why } = threads();
  const isAlone = /** @type {any} */ (globalThis).crossOriginIsolated === false;
  const wanted = isAlone || typeof SharedArrayBuffer !== "function" ? "none" : "memory";
  return cores >= 1 && sharing === wanted && (why === undefined) === (sharing === "memory");
}

/** @param {Train} train */
async function manners(train) {
  return {
    hooks: await hooks(train),
    busy: await busy(train),
    abort: await abort(train),
    leave: await leave(train),
    free: await free(train),
  };
}

export default async function trial() {
  const scale = { x: "standard", z: "minmax" };
  const patience = { patience: 2, validation: 0.3, monitor: "validation.outputs.y.accuracy" };
  return {
    same: [
      await same(data, { epochs: 3, batchSize: 9 }),
      await same(data, { epochs: 3, batchSize: 9 }, "float32"),
      await same(data, { epochs: 30, batchSize: 16, ...patience }),
      await same(data, { epochs: 2, scale, metrics: [], shuffle: false }),
      await same(batches, {}),
      await same(data, { epochs: 6, validation: 0.2 }, "float32", {
        name: "adam",
        rate: { name: "reduceOnPlateau", rate: 0.1, patience: 1 },
      }),
      await same(() => slowly(), { epochs: 3, stepsPerEpoch: 3, validation: data }),
    ],
    refused: [
      await sameFailure(data, { epochs: 0 }),
      await sameFailure(data, { epoch: 3 }),
      await sameFailure(data, { onEpoch: "log" }),
      await sameFailure(data, { monitor: "loss" }),
      await sameFailure({ xs: {}, ts }, {}),
      await sameFailure({ xs, ts: { z: new Float64Array(ROWS).fill(Number.NaN) } }, {}),
      await sameFailure([], {}),
      (await failure(fit(make("float64", { name: "adam", rate: () => 0.1 }), data))).split("|")[1],
      await sameFailure({ xs, ts: { z: new Float64Array(ROWS).fill(1e200) } }, { batchSize: 8 }),
    ],
    thrown: await failure(
      fit(make(), data, {
        onEpoch: () => {
          throw new TypeError("oops");
        },
      }),
    ),
    resume: await resume(),
    predictions: [await samePrediction(1), await samePrediction(3)],
    together: [
      await sameTogether(2, "float64", { name: "sgd", rate: 0.1 }),
      await sameTogether(3, "float32", { name: "adam", rate: 0.01, clipNorm: 1 }),
    ],
    threads: isHonest(),
    here: await manners(inPlace),
    there: await manners(fit),
  };
}
