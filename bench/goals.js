// The engine's goals against others, each a ratio of times within one run: theirs by ours.

/** @typedef {{ task: string, precision: "float64" | "float32", against: string, least: number }} Goal */

/** @type {(task: string, precision: Goal["precision"], others: Record<string, number>) => Goal[]} */
const goals = (task, precision, others) =>
  Object.entries(others).map(([against, least]) => ({
    task,
    precision,
    against,
    least,
  }));

/** @type {Goal[]} */
export const wanted = [
  ...goals("xor", "float64", { synaptic: 1 }),
  ...goals("xor-fit", "float64", { synaptic: 2 }),
  ...goals("skip-1", "float64", { plain: 6, synaptic: 150 }),
  ...goals("skip-1", "float32", { jax: 300 }),
  ...goals("skip-32", "float64", { plain: 8, numpy: 4 }),
  ...goals("skip-32", "float32", { jax: 25 }),
  ...goals("digits", "float64", { plain: 7, jax: 10 }),
  ...goals("digits", "float32", { jax: 2, tfjs: 15, pytorch: 0.9 }),
  ...goals("wide", "float64", { plain: 10, jax: 20 }),
  ...goals("wide", "float32", { jax: 1.8, tfjs: 30, pytorch: 0.4 }),
  ...goals("predict-1", "float32", { onnx: 1 / 0.7 }),
  ...goals("predict-256", "float32", { tfjs: 1 / 0.75 }),
];

/** Goals of networks with loops in time. @type {Goal[]} */
export const wantedInTime = [
  ...goals("characters", "float64", { pytorch: 1 }),
  ...goals("characters", "float32", { pytorch: 1, tfjs: 35 }),
  ...goals("gru-before", "float64", { brain: 1 / 0.3 }),
  ...goals("gru-before", "float32", { brain: 1 / 0.3 }),
];
/** Goals of networks with maps. @type {Goal[]} */
export const wantedOfMaps = [
  ...goals("lenet", "float32", { convnet: 30, jax: 70, pytorch: 0.7 }),
  ...goals("lenet", "float64", { pytorch: 0.65 }),
  ...goals("lenet-32", "float32", { tfjs: 1.2, onnx: 1.25 }),
  ...goals("separable-32", "float32", { tfjs: 1.2 }),
  ...goals("sparse-1", "float32", { "plexus-dense": 20 }),
  ...goals("sparse-1", "float64", { "plexus-dense": 20 }),
  ...goals("sparse-10", "float32", { "plexus-dense": 4 }),
  ...goals("sparse-10", "float64", { "plexus-dense": 4 }),
  ...goals("embedding", "float32", { pytorch: 0.55 }),
  ...goals("embedding", "float64", { pytorch: 0.55 }),
];
/** The most microseconds of a call of one step. @type {{ task: string, precision: Goal["precision"], most: number }[]} */
export const mostStreaming = [
  { task: "stream-characters", precision: "float64", most: 40 },
  { task: "stream-characters", precision: "float32", most: 20 },
  { task: "stream-gru", precision: "float64", most: 3 },
  { task: "stream-gru", precision: "float32", most: 3 },
];
/** The largest power of the number of steps that time and the memory of training grow with; that of predicting stays flat. */
export const mostGrowth = { time: 1.1, memory: 1.1, flat: 0.05 };

/** The least share of the limit of multiply-add chains, for the square products. */
export const leastShare = 0.88;
/** Frames a second of a page that trains, where a batch takes 4 ms or less. */
export const leastFrames = 55;
/** The largest share of the throughput that yielding to the event loop may cost: in a page, elsewhere. */
export const mostLost = { page: 0.05, elsewhere: 0.01 };
/** Milliseconds that a checkpoint may hold the event loop for, beyond a copy of the parameters. */
export const mostHeld = 12;
/** Largest ratio of the time of a step with adam, gelu and layer norm to the time of a plain step. */
export const mostDressed = 1.3;
/** Milliseconds from import to the first prediction, beyond a bare Node. */
export const mostStart = 15;
/** Bytes of the package, minified and gzipped. */
export const mostPackage = 45_000;
/** Returns the most bytes of the engine's memory after training 784-128-10 at batch 32. @param {number} parameters bytes */
export const mostMemory = (parameters) => 3 * parameters + 2 ** 21;

/** @typedef {{ id: string, scores: import("./contest.js").Score[] }} Scores */

/** @type {(tasks: Scores[], task: string, name: string, precision?: string) => number | undefined} */
function median(tasks, task, name, precision) {
  const scores = tasks.find(({ id }) => id === task)?.scores ?? [];
  return scores.find(
    (score) => score.name === name && (precision === undefined || score.precision === precision),
  )?.seconds?.median;
}

/** @type {(tasks: Scores[], goals?: Goal[]) => (Goal & { ratio?: number, reached?: boolean })[]} */
export function compare(tasks, goals = wanted) {
  return goals.map((goal) => {
    const ours = median(tasks, goal.task, "plexus", goal.precision);
    const theirs =
      median(tasks, goal.task, goal.against, goal.precision) ?? median(tasks, goal.task, goal.against);
    if (ours === undefined || theirs === undefined) return goal;
    const ratio = theirs / ours;
    return { ...goal, ratio, reached: ratio >= goal.least };
  });
}

/** Returns the goals of streaming, with the microseconds that were found. @param {Scores[]} tasks */
export function compareStreaming(tasks) {
  return mostStreaming.map((goal) => {
    const seconds = median(tasks, goal.task, "plexus", goal.precision);
    return seconds === undefined
      ? goal
      : { ...goal, found: seconds * 1e6, reached: seconds * 1e6 <= goal.most };
  });
}
