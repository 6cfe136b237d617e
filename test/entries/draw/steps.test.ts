// Programs of graphs with delays and loops: they predict over steps as the engine does, at once and in pieces with a state.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Graph, type Precision, Scaler } from "plexus-nn";
import { toSource } from "plexus-nn/draw";
import { describe, expect, it } from "vitest";
import {
  type AnyGraph,
  expectClose,
  expectRefusal,
  expectSame,
  Random,
  seed,
} from "../../support/helpers.js";
import { casesOf, graphOf, numbersOf } from "../../support/sequences.js";
import { buildTangle, randomTangle } from "../../support/tangle.js";
import { cellGraph, timeGraph } from "./graphs.js";

type Values = Record<string, ArrayLike<number>>;

interface State {
  readonly rows: number;
  readonly past: unknown;
}

interface Program {
  predict(xs: Values, steps?: number, state?: State): Record<string, Float64Array | Float32Array>;
  readonly start?: (rows?: number) => State;
}

/** Runs a program as a module of its own. */
async function load(graph: AnyGraph): Promise<Program> {
  const { code } = toSource(graph);
  return import(`data:text/javascript;base64,${Buffer.from(code).toString("base64")}`);
}

/** Draws a graph, with scalers. `sign` is 1 for positive delays alone. */
function tangle(random: Random, precision: Precision, sign: 0 | 1): AnyGraph {
  const graph: AnyGraph = buildTangle(randomTangle(random, sign).naive, precision);
  for (const { name, size, shape, classes } of [...graph.inputs, ...graph.outputs]) {
    if (classes !== undefined || !random.chance(0.2)) continue;
    const columns = random.chance(0.5) ? size : shape.at(-1)!;
    graph.scale(name, Scaler.fit(random.rows(9, columns), columns, "standard"));
  }
  return graph;
}

/** Draws values of all inputs for some samples and steps. */
function valuesOf(graph: AnyGraph, random: Random, rows: number, steps: number): Record<string, number[]> {
  return Object.fromEntries(
    graph.inputs.map(({ name, size, time, classes }) => {
      const count = rows * (time ? steps : 1) * size;
      return [name, classes === undefined ? random.numbers(count) : classesOf(random, count, classes)];
    }),
  );
}

function classesOf(random: Random, count: number, classes: number): number[] {
  return Array.from({ length: count }, () => random.whole(0, classes - 1));
}

/** Predicts a step with a state in the engine. */
function predictPiece(graph: AnyGraph, random: Random, rows: number): void {
  graph.predict(valuesOf(graph, random, rows, 1), { state: graph.state(rows) });
}

/** Returns whether the program of a graph takes steps. */
function hasSteps(graph: AnyGraph): boolean {
  return toSource(graph).types.includes("steps?: number");
}

const precisions = [
  ["float64", 1e-12],
  ["float32", 1e-5],
] as const;

describe("toSource of graphs with steps", () => {
  it.each(precisions)(
    `agrees with the engine in %s to %d, on 300 graphs from seed ${seed}`,
    async (precision, tolerance) => {
      const random = new Random(seed);
      for (let i = 0; i < 300; i++) {
        const graph = tangle(random, precision, 0);
        const [rows, steps] = [random.whole(1, 3), random.whole(1, 7)];
        const xs = valuesOf(graph, random, rows, steps);
        const wanted = graph.predict(xs, { steps });
        const { predict } = await load(graph);
        // Where nothing depends on steps, the rows are those of all steps.
        const found = hasSteps(graph) ? predict(xs, steps) : predict(xs);
        expect(Object.keys(found).sort()).toEqual(Object.keys(wanted).sort());
        for (const [name, values] of Object.entries(wanted)) {
          // Scalers can lead an exp in a loop beyond the range.
          if (values.every(Number.isFinite))
            expectClose(found[name]!, values, tolerance, `graph ${i}, ${name}`);
        }
        graph.dispose();
      }
    },
  );

  it.each(precisions)(
    `goes on with a state in %s as the engine does to %d, on 200 graphs from seed ${seed}`,
    async (precision, tolerance) => {
      const random = new Random(seed);
      let continued = 0;
      for (let i = 0; i < 200; i++) {
        const graph = tangle(random, precision, 1);
        const { predict, start } = await load(graph);
        const rows = random.whole(1, 3);
        if (start === undefined) {
          // There are no steps, or they depend on the last one by way of an \`at\`.
          if (hasSteps(graph)) expectRefusal(() => predictPiece(graph, random, rows), "bad-option");
          continue;
        }
        continued++;
        const state = graph.state(rows);
        let own = start(rows);
        for (let piece = 0; piece < 5; piece++) {
          const steps = random.pick([1, 1, 2, 7]);
          const xs = valuesOf(graph, random, rows, steps);
          const wanted = graph.predict(xs, { steps, state });
          own = structuredClone(own);
          const found = predict(xs, steps, own);
          for (const [name, values] of Object.entries(wanted)) {
            if (values.every(Number.isFinite))
              expectClose(found[name]!, values, tolerance, `graph ${i}, piece ${piece}, ${name}`);
          }
        }
        graph.dispose();
      }
      expect(continued).toBeGreaterThan(50);
    },
  );

  it.each(["float64", "float32"] as const)(
    "has the engine's bits in %s where nothing is curved",
    async (precision) => {
      const graph: AnyGraph = new Graph({ seed, precision, inputs: { x: 20 } });
      graph.addHidden("h", 20, "relu", { initial: 0.3 });
      graph.addHidden("gated", 20, "softsign", { join: "product", bias: 0.1 });
      graph.addOutput("y", 10, "linear");
      graph.connect("h", "h", { delay: 1 });
      graph.connect("x", "h");
      graph.connect("h", "gated", { kind: "oneToOne", delay: 2 });
      graph.connect("x", "gated");
      graph.connect("gated", "y");
      const xs = { x: new Random(seed).numbers(3 * 9 * 20) };
      const { predict } = await load(graph);
      expectSame(predict(xs, 9).y!, graph.predict(xs, { steps: 9 }).y!, "y");
    },
  );

  const cases = casesOf(new URL("../../reference/time.json", import.meta.url));
  it
    .runIf(cases.length > 0)
    .each(cases.filter(({ steps }) => steps[0]!.past === undefined).map((one) => [one.name, one] as const))(
    "has the values of %s",
    async (_, one) => {
      const { predict } = await load(graphOf(one, "float64"));
      const { lengths, xs, predict: wanted } = one.steps[0]!;
      lengths.forEach((steps, r) => {
        const sample = (nested: unknown) => numbersOf((nested as never[])[r]!);
        const own = Object.fromEntries(Object.entries(xs).map(([name, values]) => [name, sample(values)]));
        const found = predict(own, steps);
        for (const [name, values] of Object.entries(wanted))
          expectClose(found[name]!, sample(values), 1e-10, `sample ${r}, ${name}`);
      });
    },
  );

  it.each(precisions)("writes LSTMs and GRUs in %s", async (precision, tolerance) => {
    const graph: AnyGraph = new Graph({ seed, precision, inputs: { x: 3 }, outputs: { y: 2 } });
    graph.addLstm("a", 4, "x", { peephole: true, initial: true });
    graph.addGru("b", 4, "a");
    graph.addGru("c", 5, ["a", "b"], { reset: "before" });
    graph.connect("c", "y");
    const { predict, start } = await load(graph);
    const xs = valuesOf(graph, new Random(seed), 2, 6);
    const whole = predict(xs, 6).y!;
    expectClose(whole, graph.predict(xs, { steps: 6 }).y!, tolerance, "y");
    const state = start!(2);
    for (let t = 0; t < 6; t++) {
      const x = [0, 1].flatMap((r) => xs.x!.slice(18 * r + 3 * t, 18 * r + 3 * t + 3));
      expectSame(
        predict({ x }, 1, state).y!,
        [0, 1].flatMap((r) => [...whole.slice(12 * r + 2 * t, 12 * r + 2 * t + 2)]),
        `${t}`,
      );
    }
    graph.addLstm("back", 4, "x", { backward: true });
    graph.connect("back", "y");
    const both = await load(graph);
    expect(both.start).toBe(undefined);
    expectClose(both.predict(xs, 6).y!, graph.predict(xs, { steps: 6 }).y!, tolerance, "both ways");
  });

  it("takes one sample where no output needs an input", async () => {
    const graph: AnyGraph = new Graph({ seed, inputs: { x: 1 }, outputs: { y: 2 } });
    graph.connect("y", "y", { delay: 1 });
    graph.layer("y").bias = [0.5, -1];
    const { predict } = await load(graph);
    const wanted = graph.predict({ x: [1, 2, 3] }, { steps: 3 });
    expectClose(predict({}, 3).y!, wanted.y!, 1e-12, "y");
  });

  it("starts a state of one row, and takes one step, unless told otherwise", async () => {
    const { predict, start } = await load(cellGraph());
    const [state, xs] = [start!(), { x: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6] }];
    const whole = predict(xs, 2).y!;
    const steps = [xs.x.slice(0, 3), xs.x.slice(3)].map((x) => [...predict({ x }, undefined, state).y!]);
    expect(steps.flat()).toEqual([...whole]);
    expect([...predict(xs).y!].slice(0, 2)).toEqual(steps[0]);
  });

  it("has no start where a later step is needed", async () => {
    for (const graph of [cellGraph(-1), timeGraph()]) {
      expect(Object.keys(await load(graph))).toEqual(["predict"]);
      expect(toSource(graph).types).not.toMatch(/start|State/);
    }
  });

  it("takes no steps where there is nothing to distinguish them", () => {
    const graph = new Graph({ inputs: { x: 1 }, outputs: { y: 1 }, synapses: [["x", "y"]] });
    expect(toSource(graph).types).toMatch(/predict\(xs: Inputs\): Outputs/);
    expect(toSource(graph).code).not.toContain("steps");
  });

  it("refuses values that aren't samples of so many steps, and counts that are none", async () => {
    const { predict, start } = await load(cellGraph());
    const x = [1, 2, 3, 4, 5, 6];
    const state = start!(2);
    const before = structuredClone(state);
    expect(() => predict({ x }, 3)).toThrow(RangeError);
    expect(() => predict({ x }, 2, state)).toThrow(RangeError);
    for (const steps of [0, -1, 0.5, Number.NaN]) {
      expect(() => predict({ x }, steps)).toThrow(/steps .*at least 1/);
      expect(() => start!(steps)).toThrow(/rows .*at least 1/);
    }
    expect(() => predict({}, 1, state)).toThrow(TypeError);
    expect(state).toEqual(before);
    const timed = await load(timeGraph());
    expect(() => timed.predict({ x: [...x, ...x], context: [1, 2] }, 3)).toThrow(/"context" .* of 3$/);
  });

  it("writes a loop of 10,000 layers, and a long delay", async () => {
    const graph: AnyGraph = new Graph({ seed: 1, inputs: { h0: 1 } });
    const count = 10_000;
    for (let i = 1; i < count; i++) {
      if (i < count - 1) graph.addHidden(`h${i}`, 1, "tanh");
      else graph.addOutput(`h${i}`, 1, "tanh");
      graph.connect(`h${i - 1}`, `h${i}`);
    }
    const end = `h${count - 1}`;
    graph.connect(end, "h1", { delay: 1 });
    graph.connect("h0", end, { delay: 1000 });
    const { predict, start } = await load(graph);
    const xs = { h0: [1, 0.5, 0.25] };
    const found = predict(xs, 3)[end]!;
    expectClose(found, graph.predict(xs, { steps: 3 })[end]!, 1e-12, "the end");
    const state = start!();
    expect(xs.h0.map((x) => predict({ h0: [x] }, 1, state)[end]![0])).toEqual([...found]);
  });

  it("has types that compile", () => {
    const root = fileURLToPath(new URL("../../..", import.meta.url));
    mkdirSync(join(root, "build"), { recursive: true });
    const folder = mkdtempSync(join(root, "build", "types-"));
    try {
      for (const [name, graph] of [
        ["cell", cellGraph()],
        ["time", timeGraph()],
      ] as const) {
        const { code, types } = toSource(graph);
        writeFileSync(join(folder, `${name}.js`), code);
        writeFileSync(join(folder, `${name}.d.ts`), types);
      }
      writeFileSync(
        join(folder, "use.ts"),
        `import { predict, start, type State } from "./cell.js";
import * as time from "./time.js";
const state: State = start(2);
export const y: Float64Array = predict({ x: [1, 2, 3, 4, 5, 6] }, 1, state).y;
export const label: Float64Array = time.predict({ x: [1, 2, 3, 4], context: [1, 2, 3] }, 1).label;
// @ts-expect-error  no state continues it
export const none = () => time.predict({ x: [1, 2, 3, 4], context: [1, 2, 3] }, 1, state);
`,
      );
      writeFileSync(
        join(folder, "tsconfig.json"),
        JSON.stringify({
          compilerOptions: { target: "es2022", module: "nodenext", strict: true, noEmit: true, types: [] },
          include: ["*.ts"],
        }),
      );
      const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
      execFileSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8", stdio: "pipe" });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
