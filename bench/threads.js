// Several threads beside one: trainings, and predictions of 100,000 rows. A machine gives no more than independent runs at once
// reach, one on each core. So in each round one run has one thread, one has all, and as many runs as there are threads go at once.

import { fit, predict, threads } from "../dist/worker.js";
import { spread } from "./contest.js";
import { make, tasks } from "./threadtasks.js";

/** @typedef {import("./threadtasks.js").Task} Task */
/** @typedef {import("./threadtasks.js").Precision} Precision */
/**
 * Figures of a task: `one` in steps or rows a second, and how often it goes into the rate of all threads, and of runs apart.
 * @typedef {{ title: string, precision: Precision, threads: number, one: number, team: import("./contest.js").Spread,
 *   apart: import("./contest.js").Spread, share: number, least: number, leastShare: number | undefined }} Found
 */

/** Batches of an epoch, after which the page receives the parameters: within these bounds, and of about so many numbers. */
const BATCHES = { least: 16, most: 1024, numbers: 2 ** 21 };

/**
 * Returns values for some layers.
 * @type {(layers: readonly { name: string, size: number }[], rows: number, precision: Precision) => Record<string, any>}
 */
function valuesFor(layers, rows, precision) {
  const Numbers = precision === "float64" ? Float64Array : Float32Array;
  return Object.fromEntries(
    layers.map(({ name, size }) => [name, new Numbers(rows * size).map((_, i) => ((i * 37) % 101) / 101)]),
  );
}

/**
 * Returns a function that runs a task on some threads, and resolves with its rate.
 * @typedef {{ rate: number, threads: number }} Rate
 * @type {(task: Task, precision: Precision, seconds: number) => Promise<(count: number) => Promise<Rate>>}
 */
async function runner({ network, rows }, precision, seconds) {
  const graph = make(network, precision);
  if (rows !== undefined) {
    const some = seconds < 0.1 ? 100 : rows;
    const xs = valuesFor(graph.inputs, some, precision);
    return async (count) => {
      const before = performance.now();
      await predict(graph, xs, { threads: count });
      return { rate: (some * 1000) / (performance.now() - before), threads: count };
    };
  }
  const { batch, length: steps } = network;
  const width = [...graph.inputs, ...graph.outputs].reduce((sum, { size }) => sum + size, 0);
  const fitting = Math.floor(BATCHES.numbers / (batch * (steps ?? 1) * width));
  const batches = Math.max(BATCHES.least, Math.min(fitting, BATCHES.most));
  const all = batches * batch * (steps ?? 1);
  const data = {
    xs: valuesFor(graph.inputs, all, precision),
    // Shares of classes, which sum to 1.
    ts: Object.fromEntries(
      graph.outputs.map(({ name, size }) => [
        name,
        Float64Array.from({ length: all * size }, (_, i) => (size === 1 ? i % 2 : 1 / size)),
      ]),
    ),
    ...(steps === undefined ? {} : { steps }),
  };
  /** @param {number} count @param {number} epochs */
  const train = async (count, epochs) => {
    const own = make(network, precision);
    const { steps, seconds, threads } = await fit(own, data, { epochs, batchSize: batch, threads: count });
    own.dispose();
    return { rate: steps / seconds, threads };
  };
  const { rate } = await train(1, 2);
  // All runs last about as long.
  return (count) => train(count, Math.max(2, Math.ceil((count * rate * seconds) / batches)));
}

/**
 * Measures tasks on as many threads as there are cores. A round has three runs of some seconds.
 * @type {(print: (line: string) => void, rounds?: number, seconds?: number, some?: Task[]) => Promise<Found[]>}
 */
export async function several(print, rounds = 3, seconds = 2, some = tasks) {
  const most = Math.min(8, Math.max(2, threads().cores));
  /** @type {Found[]} */
  const found = [];
  for (const task of some) {
    for (const precision of /** @type {Precision[]} */ (["float32", "float64"])) {
      const run = await runner(task, precision, seconds);
      /** @type {{ one: number, team: number, apart: number, threads: number }[]} */
      const figures = [];
      for (let round = 0; round < rounds; round++) {
        const ways = {
          one: () => run(1),
          team: () => run(most),
          apart: async () => {
            const runs = await Promise.all(Array.from({ length: most }, () => run(1)));
            return { rate: runs.reduce((sum, { rate }) => sum + rate, 0), threads: 1 };
          },
        };
        /** @type {Record<string, Rate>} */
        const made = {};
        // Each round begins with another way, so that a change of the machine meets all alike.
        const order = /** @type {(keyof typeof ways)[]} */ (Object.keys(ways));
        for (let i = 0; i < 3; i++) {
          const way = order[(i + round) % 3] ?? "one";
          made[way] = await ways[way]();
        }
        const { one, team, apart } = /** @type {Record<keyof typeof ways, Rate>} */ (made);
        figures.push({
          one: one.rate,
          team: team.rate / one.rate,
          apart: apart.rate / one.rate,
          threads: team.threads,
        });
      }
      /** @param {"one" | "team" | "apart" | "threads"} name */
      const of = (name) => spread(figures.map((figure) => figure[name]));
      found.push({
        ...{ title: task.title, precision, threads: of("threads").median, one: of("one").median },
        ...{ team: of("team"), apart: of("apart") },
        share: spread(figures.map(({ team, apart }) => team / apart)).median,
        ...{ least: task.least[precision], leastShare: task.share },
      });
      print(
        `${task.title}, ${precision}: ${of("team").median.toFixed(2)} ×, apart ${of("apart").median.toFixed(2)} ×`,
      );
    }
  }
  return found;
}
