// Several threads beside one: trainings, and predictions of 100,000 rows. A machine gives no more than independent runs at once
// reach, one on each core. So in each round one run has one thread, one has all, and as many runs as there are threads go at once.

import { fit, predict, threads } from "../dist/worker.js";
import { spread } from "./contest.js";
import { tasks } from "./threadtasks.js";

/** @typedef {import("./threadtasks.js").Task} Task */
/** @typedef {import("./threadtasks.js").Precision} Precision */
/**
 * Figures of a task: `one` in steps or rows a second, and how often it goes into the rate of all threads, and of runs apart.
 * @typedef {{ title: string, precision: Precision, threads: number, one: number, team: import("./contest.js").Spread,
 *   apart: import("./contest.js").Spread, share: number, least: number, leastShare: number | undefined }} Found
 */

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
async function runner({ make, batch, rows = 0, steps }, precision, seconds) {
  const graph = make(precision);
  if (batch === undefined) {
    const some = seconds < 0.1 ? 100 : rows;
    const xs = valuesFor(graph.inputs, some, precision);
    return async (count) => {
      const before = performance.now();
      await predict(graph, xs, { threads: count });
      return { rate: (some * 1000) / (performance.now() - before), threads: count };
    };
  }
  const samples = 8 * batch;
  const all = samples * (steps ?? 1);
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
    const own = make(precision);
    const { steps, seconds, threads } = await fit(own, data, { epochs, batchSize: batch, threads: count });
    own.dispose();
    return { rate: steps / seconds, threads };
  };
  const { rate } = await train(1, 2);
  const epochs = Math.max(2, Math.ceil((rate * seconds) / 8));
  return (count) => train(count, epochs);
}

/**
 * Measures tasks on as many threads as there are cores. A round has three runs of some seconds.
 * @type {(print: (line: string) => void, rounds?: number, seconds?: number, some?: Task[]) => Promise<Found[]>}
 */
export async function several(print, rounds = 5, seconds = 2, some = tasks) {
  const most = Math.min(8, Math.max(2, threads().cores));
  /** @type {Found[]} */
  const found = [];
  for (const task of some) {
    for (const precision of /** @type {Precision[]} */ (["float32", "float64"])) {
      const run = await runner(task, precision, seconds);
      /** @type {{ one: number, team: number, apart: number, threads: number }[]} */
      const figures = [];
      for (let round = 0; round < rounds; round++) {
        const one = await run(1);
        const team = await run(most);
        const others = await Promise.all(Array.from({ length: most }, () => run(1)));
        const apart = others.reduce((sum, { rate }) => sum + rate, 0);
        figures.push({
          one: one.rate,
          team: team.rate / one.rate,
          apart: apart / one.rate,
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
