// The benchmark's machinery: that it runs from end to end, tells who agrees, and writes what it found. Nothing here depends on
// time.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { contest, spread } from "../../bench/contest.js";
import { compare, wanted } from "../../bench/goals.js";
import { slope } from "../../bench/growth.js";
import { competes, tasks as tasksOfMaps } from "../../bench/maps.js";
import { mapsGoals, mapsKernelSections, mapsSections } from "../../bench/mapsreport.js";
import { folderOf, type Task, tasks } from "../../bench/networks.js";
import { classes, data, weighted, weights } from "../../bench/numbers.js";
import { bars, curves } from "../../bench/picture.js";
import { goals } from "../../bench/report.js";
import { taskTable } from "../../bench/table.js";
import { tasks as tasksInTime } from "../../bench/time.js";
import { lengthTable, timeGoals, timeTable } from "../../bench/timereport.js";
import { python } from "../entries/torch/trial.js";

const folder = mkdtempSync(join(tmpdir(), "plexus-bench-"));
afterAll(() => rmSync(folder, { recursive: true }));
const effort = { rounds: 1, seconds: 1e-4, limit: 60 };
const own = [
  { name: "plain", precision: "float64" },
  { name: "plexus", precision: "float64" },
  { name: "plexus", precision: "float32" },
];

describe("a contest", () => {
  for (const task of [...tasks, ...tasksInTime].filter(({ id }) => id !== "wide")) {
    it(`${task.title}: the engine and plain JavaScript compute the same`, async () => {
      const scores = await contest(task, own, effort);
      expect(scores.map(({ agrees, reason }) => reason ?? agrees)).toEqual([true, true, true]);
      expect(scores.every(({ seconds }) => (seconds?.median ?? 0) > 0)).toBe(true);
    });
  }

  for (const task of tasksOfMaps) {
    it(`${task.title}: the engine and plain JavaScript compute the same`, async () => {
      const dense = { name: "plexus-dense", precision: "float64" };
      const some = [...own, dense].filter(({ name }) => competes(task, name));
      const scores = await contest(task, some, effort);
      expect(scores.map(({ agrees, reason }) => reason ?? agrees)).toEqual(some.map(() => true));
    });
  }

  it("marks who computes something else, and says who can't", async () => {
    const task = tasks.find(({ id }) => id === "xor") as Task;
    const other = { ...task, network: { ...task.network, rate: task.network.rate * 1.001 } };
    const [reference] = await contest(task, [own[0]!], effort);
    const [, ours] = await contest(task, [own[0]!, own[1]!], effort);
    expect(ours?.agrees).toBe(true);
    expect(reference?.off).toBe(0);
    const absent = await contest(other, [own[0]!, { name: "nobody", precision: "float64" }], effort);
    expect(absent[1]?.reason).toMatch(/Cannot find module|Error/);
    expect(absent[1]?.agrees).toBeUndefined();
  });
});

it("starts everybody from the same numbers, exact in float32", () => {
  for (const { network } of [...tasks, ...tasksOfMaps, ...tasksInTime]) {
    const numbers = Object.values(weights(network)).flatMap(({ bias, from }) => [
      bias,
      ...Object.values(from),
    ]);
    const { xs, ts } = data(network);
    for (const all of [...numbers, ...Object.values(xs), ...Object.values(ts)]) {
      expect(all.every((value) => Math.fround(value) === value)).toBe(true);
    }
  }
});

it("makes targets of the next step, and the weights of a cell's inner layers", () => {
  const { network } = tasksInTime.find(({ id }) => id === "characters") as Task;
  const [x, y] = [data(network).xs.x!, data(network).ts.y!];
  expect(y.length).toBe(32 * 64 * 65);
  expect(classes(y, 65).subarray(0, 63)).toEqual(classes(x, 65).subarray(1, 64));
  const gru = tasksInTime.find(({ id }) => id === "gru-before") as Task;
  expect(weighted(gru.network.layers[0]!).map(({ name, from }) => [name, ...from])).toEqual([
    ["cell.update", "x", "cell"],
    ["cell.reset", "x", "cell"],
    ["cell.candidate", "x", "cell.gated"],
  ]);
});

describe("the numbers of maps", () => {
  const networkOf = (id: string) => (tasksOfMaps.find((task) => task.id === id) as Task).network;

  it("have the weights of each kind, and biases where a map has weights of its own", () => {
    const extents = (id: string) =>
      Object.values(weights(networkOf(id))).map(({ bias, from }) => [
        bias.length,
        ...Object.values(from).map((values) => values.length),
      ]);
    expect(extents("lenet")).toEqual([[8, 200], [0], [16, 3200], [0], [10, 2560]]);
    const separable = [[16, 432], [16, 144], [32, 512], [32, 288], [64, 2048], [0], [10, 640]];
    expect(extents("separable-32")).toEqual(separable);
    expect(extents("embedding")).toEqual([
      [0, 320_000],
      [10, 1280],
    ]);
  });

  it("have class numbers, and a share of the connections", () => {
    const { words } = data(networkOf("embedding")).xs;
    expect(words?.length).toBe(128);
    expect(words?.every((value) => Number.isInteger(value) && value >= 0 && value < 10_000)).toBe(true);
    for (const [id, count] of [
      ["sparse-1", 10_000],
      ["sparse-10", 100_000],
    ] as const) {
      const matrix = weights(networkOf(id)).y?.from.x;
      const connections = matrix?.filter((weight) => weight !== 0).length ?? 0;
      expect(Math.abs(connections - count)).toBeLessThan(0.03 * count);
    }
  });

  it("put a network's contenders in its folder, and the engine alone against itself where layers are sparse", () => {
    expect(tasks.map(({ network }) => folderOf(network))).toEqual(tasks.map(() => ""));
    expect(tasksInTime.map(({ network }) => folderOf(network))).toEqual(tasksInTime.map(() => "time/"));
    expect(tasksOfMaps.map(({ network }) => folderOf(network))).toEqual(tasksOfMaps.map(() => "maps/"));
    const dense = tasksOfMaps.filter((task) => competes(task, "plexus-dense")).map(({ id }) => id);
    expect(dense).toEqual(["sparse-1", "sparse-10"]);
    expect(tasksOfMaps.filter((task) => competes(task, "pytorch"))).toHaveLength(5);
  });
});

it("takes the median and its spread", () => {
  expect(spread([3, 1, 2])).toEqual({ least: 1, median: 2, most: 3 });
});

const score = (name: string, precision: string, median: number) => ({
  name,
  precision,
  seconds: { least: median * 0.9, median, most: median * 1.1 },
  agrees: name !== "synaptic",
  off: name === "synaptic" ? 0.05 : 0,
});
const found = [
  {
    id: "xor",
    title: "XOR 2-4-1, one sample a call",
    batch: 1,
    kind: "train",
    scores: [
      score("plexus", "float64", 2e-7),
      score("synaptic", "float64", 2.5e-7),
      score("plain", "float64", 5e-7),
    ],
  },
];

describe("the report", () => {
  it("compares what was found with every goal", () => {
    const results = compare(found);
    expect(results).toHaveLength(wanted.length);
    expect(results[0]).toMatchObject({ task: "xor", against: "synaptic", ratio: 1.25, reached: true });
    expect(results[1]?.ratio).toBeUndefined();
  });

  it("fits 80 columns, fastest first, and marks who differs", () => {
    const text = taskTable(found[0]!);
    expect(text).toContain("5,000,000  ±10 %");
    expect(text.indexOf("Plexus")).toBeLessThan(text.indexOf("synaptic"));
    expect(text).toContain("differs by 5e-2");
    for (const line of `${text}\n${goals(found)}`.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("compares goals of ratios and of times in networks with loops", () => {
    const ids = ["characters", "gru-before", "stream-gru"];
    const times = ids.map((id) => ({
      ...found[0]!,
      id,
      scores: [
        score("plexus", "float64", 2e-6),
        score("pytorch", "float64", 1e-6),
        score("brain", "float32", 1e-5),
      ],
    }));
    const text = timeGoals(times);
    expect(text).toMatch(/LSTM.*f64 +PyTorch +≥ 1.00 × +0.500 × +missed/);
    expect(text).toMatch(/GRU.*reset before.*f64 +brain.js +≥ 3.33 × +5.00 × +reached/);
    expect(text).toMatch(/GRU.*streaming +f64 +≤ 3 µs +2.00 µs +reached/);
    expect(timeTable(times[0]!)).toContain("Plexus, float64");
    for (const line of `${text}\n${timeTable(times[0]!)}`.split("\n"))
      expect(line.length).toBeLessThanOrEqual(80);
  });

  it("compares goals of maps, the sparse layer's with the dense one", () => {
    const times = ["lenet", "sparse-1"].map((id) => ({
      ...found[0]!,
      id,
      scores: [
        score("plexus", "float32", 2e-6),
        score("convnet", "float64", 8e-5),
        score("plexus-dense", "float32", 3e-5),
      ],
    }));
    const text = mapsGoals(times);
    expect(text).toMatch(/LeNet +f32 +ConvNetJS +30.0 × +40.0 × +reached/);
    expect(text).toMatch(/Sparse 1,000×1,000, 1 % +f32 +Plexus, dense +20.0 × +15.0 × +missed/);
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    const page = mapsSections({ tasks: times }).join("\n");
    expect(page).toContain("| LeNet 28×28, batch 32: training | float32 | ConvNetJS |");
    expect(mapsSections(undefined)).toEqual([]);
    const figure = { rate: 20.5, share: 0.445, micros: 123.4 };
    const kernel = { shape: "28×28×1", product: "dW", float64: figure, float32: figure };
    expect(mapsKernelSections([kernel]).join("\n")).toContain(
      "| 28×28×1 | dW | 20.5 (45 %) | 123 | 20.5 (45 %) | 123 |",
    );
    expect(mapsKernelSections(undefined)).toEqual([]);
  });

  it("lists time and memory by the number of steps", () => {
    const lengths = [4, 8, 16].map((steps) => ({ steps, seconds: steps / 1e3, bytes: steps * 1e6 }));
    const text = lengthTable([
      { kind: "train", lengths, time: 1, memory: 1 },
      { kind: "predict", lengths, time: 1.2, memory: 1 },
    ]);
    expect(text).toMatch(/training: memory .* 1.00 +reached/);
    expect(text).toMatch(/predicting: time .* 1.20 +missed/);
  });

  it("draws well-formed pictures", () => {
    const line = {
      name: "a",
      title: "a < b",
      unit: "units",
      points: [1, 10].map((size) => ({ size, seconds: size / 1e6 })),
      slope: 1,
    };
    for (const picture of [bars(found, { plexus: "Plexus" }), curves([line, line])]) {
      expect(picture).not.toMatch(/NaN|undefined|Infinity/);
      expect(picture.match(/<(text|title|svg|style)\b/g)?.length).toBe(
        picture.match(/<\/(text|title|svg|style)>/g)?.length,
      );
    }
    expect(curves([line])).toContain("a &lt; b");
  });

  it("finds the slope of a power", () => {
    const points = [1, 2, 4, 8, 16].map((size) => ({ size, seconds: 3 * size ** 1.5 }));
    expect(slope(points)).toBeCloseTo(1.5, 12);
  });
});

it("runs as a whole, and writes its results", () => {
  const bench = fileURLToPath(new URL("../../bench/index.js", import.meta.url));
  const built = fileURLToPath(new URL("../../dist/index.js", import.meta.url));
  const text = execFileSync(
    process.execPath,
    [bench, "--quick", "--threads", "--torch", `--into=${folder}`, `--before=${built}`],
    {
      encoding: "utf8",
    },
  );
  for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
  const page = readFileSync(join(folder, "RESULTS.md"), "utf8");
  for (const heading of [
    "Side by side",
    "Loops in time",
    "Time and memory by the number of steps",
    "Maps",
    "Matrix products",
    "Products of maps",
    "The package",
    "How the cost of a step grows",
    "Giving way while training",
    "Holding the event loop for a checkpoint",
    "Options, and the earlier build",
    "Several threads",
    ...(python === undefined ? [] : ["Programs of PyTorch"]),
  ]) {
    expect(page).toContain(`## ${heading}`);
  }
  const engine = JSON.parse(readFileSync(join(folder, "results/engine.json"), "utf8"));
  expect(engine.node).toBe(process.version);
  expect(engine.tasks[0].scores.every(({ reason }: { reason?: string }) => reason === undefined)).toBe(true);
}, 120_000);
