// The program of a graph: it predicts what the engine does, and no name can break out of it.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Activation, Graph, type Precision, Scaler } from "plexus-nn";
import { toSource } from "plexus-nn/draw";
import { describe, expect, it } from "vitest";
import { activations } from "../../../src/rules/activation.js";
import { expectClose, expectRefusal, expectSame, Random, seed, wrong } from "../../support/helpers.js";
import { build, dressedCase } from "../../support/random.js";
import { hostile, hostileGraph } from "./graphs.js";

type Predict = (xs: Record<string, ArrayLike<number>>) => Record<string, Float64Array | Float32Array>;

/** Runs a program as a module of its own. */
async function load(code: string): Promise<Predict> {
  const { predict } = await import(`data:text/javascript;base64,${Buffer.from(code).toString("base64")}`);
  return predict;
}

const names = Object.keys(activations) as Activation[];

describe("toSource", () => {
  it.each([
    ["float64", 1e-12],
    ["float32", 1e-5],
  ] as const)(
    `agrees with the engine in %s to %d, on 300 graphs from seed ${seed}`,
    async (precision, tolerance) => {
      const random = new Random(seed);
      for (let i = 0; i < 300; i++) {
        const { naive, xs } = dressedCase(random);
        const graph = build<Precision>(naive, precision);
        for (const { name, size } of [...graph.inputs, ...graph.outputs]) {
          if (!random.chance(0.2)) continue;
          graph.scale(name, Scaler.fit(random.rows(9, size), size, random.pick(["standard", "minmax"])));
        }
        const wanted = graph.predict(xs);
        const flat = Object.fromEntries(Object.entries(xs).map(([name, rows]) => [name, rows.flat()]));
        const results = (await load(toSource(graph).code))(flat);
        expect(Object.keys(results).sort()).toEqual(Object.keys(wanted).sort());
        for (const [name, values] of Object.entries(wanted)) {
          expect(results[name]!.constructor).toBe(values.constructor);
          expectClose(results[name]!, values, tolerance, `graph ${i}, ${name}`);
        }
        graph.dispose();
      }
    },
  );

  it.each(["float64", "float32"] as const)(
    "has the engine's bits in %s where nothing is curved",
    async (precision) => {
      const random = new Random(seed);
      const graph = new Graph<string, string, string, Precision>({ seed, precision });
      graph.addInput("x", 30, { name: "leakyRelu", slope: 0.3 });
      graph.addHidden("h", 50, "relu");
      graph.addOutput("y", 20, "softsign");
      for (const [from, to] of [
        ["x", "h"],
        ["h", "y"],
        ["x", "y"],
      ] as const)
        graph.connect(from, to);
      const xs = { x: random.numbers(30 * 9) };
      expectSame((await load(toSource(graph).code))(xs).y!, graph.predict(xs).y!, "y");
    },
  );

  it("has a function for each number that an activation has", async () => {
    const slopes = [-1e21, -1e-21, 1e21, 1e-21, -1.5, 1.5, 15, -15, 0.01, 0.001];
    const graph = new Graph<string, string, string>();
    graph.addInput("x", 1);
    slopes.forEach((slope, i) => {
      graph.addOutput(`y${i}`, 1, { name: "leakyRelu", slope });
      graph.connect("x", `y${i}`, { kind: "identity" });
    });
    const found = (await load(toSource(graph).code))({ x: [-1] });
    expect(slopes.map((_, i) => found[`y${i}`]![0])).toEqual(slopes.map((slope) => -slope));
  });

  it.each(["float64", "float32"] as const)(
    "holds each activation over its range in %s",
    async (precision) => {
      const tolerance = precision === "float64" ? 1e-12 : 1e-6;
      const xs = Array.from({ length: 801 }, (_, i) => (i - 400) / 10).concat(
        0,
        -0,
        1e-8,
        -1e-8,
        1e-3,
        -1e-3,
      );
      for (const activation of names) {
        const graph = new Graph<string, string, string, Precision>({ precision });
        graph.addInput("x", 1);
        graph.addOutput("y", activation === "softmax" ? 2 : 1, activation, "mse");
        graph.connect("x", "y", { init: "zeros" }).weights[0] = 1;
        const y = (await load(toSource(graph).code))({ x: xs }).y!;
        expectClose(y, graph.predict({ x: xs }).y!, tolerance, activation);
        graph.dispose();
      }
    },
  );

  it("writes shared weights once", () => {
    const graph = new Graph({
      inputs: { x: 2 },
      hidden: { h: 2 },
      outputs: { y: 2 },
      synapses: [["x", "h"]],
    });
    graph.connect("h", "y", { share: graph.synapse("x", "h") });
    expect(toSource(graph).code.match(/^ {2}numbers\(/gm)?.length).toBe(1);
  });

  it("works with any names, and gives results without a prototype", async () => {
    const graph = new Graph<string, string, string>({ seed: 1 });
    for (const [i, name] of hostile.entries()) {
      if (i % 2 === 0) graph.addInput(name, 1);
      else graph.addOutput(name, 2, "tanh");
      if (i % 2 === 1) graph.connect(hostile[i - 1]!, name);
    }
    graph.addInput("in", 1);
    graph.addOutput("__proto__ ", 1);
    graph.connect("in", "__proto__ ");
    const xs = Object.create(null) as Record<string, number[]>;
    for (const { name } of graph.inputs) xs[name] = [0.25, 0.5];
    const results = (await load(toSource(graph).code))(xs);
    expect(Object.getPrototypeOf(results)).toBe(null);
    const wanted = graph.predict(xs);
    expect(Object.keys(results)).toEqual(Object.keys(wanted));
    for (const name of Object.keys(wanted)) expectClose(results[name]!, wanted[name]!, 1e-12, name);
  });

  it("has neither eval, imports, ends of scripts nor characters that can't be seen", () => {
    const { code, types } = toSource(hostileGraph());
    for (const text of [code, types]) {
      expect(text).not.toMatch(/<\/script|<!--|-->/i);
      expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202e\ufffe]/u);
    }
    const withoutStrings = code.replace(/"(?:[^"\\]|\\.)*"/g, '""');
    expect(withoutStrings).not.toMatch(/\beval\b|\bFunction\b|\bimport\b|\brequire\b|`/);
  });

  it("refuses values that are missing or not rows", async () => {
    const graph = new Graph({
      inputs: { a: 2, b: 1 },
      outputs: { y: 1 },
      synapses: [
        ["a", "y"],
        ["b", "y"],
      ],
    });
    const predict = await load(toSource(graph).code);
    expect(() => predict({ a: [1, 2] })).toThrow(/TypeError|"b"/);
    expect(() => predict({ a: [1, 2, 3], b: [1] })).toThrow(RangeError);
    expect(() => predict({ a: [1, 2], b: [1, 2] })).toThrow(RangeError);
    expect(() => predict({ a: [], b: [] })).toThrow(RangeError);
    expect(() => predict(Object.create({ a: [1, 2], b: [1] }))).toThrow(TypeError);
  });

  it("ends for a NaN", async () => {
    const graph = new Graph({
      inputs: { x: 1 },
      outputs: { y: { size: 1, activation: "gelu" } },
      synapses: [["x", "y"]],
    });
    expect((await load(toSource(graph).code))({ x: [Number.NaN, 1] }).y![0]).toBeNaN();
  });

  it("has what the outputs need, and no more", () => {
    const graph = new Graph({
      inputs: { x: 1, unused: 1 },
      hidden: { h: 1, deadEnd: 1 },
      outputs: { y: 1 },
      synapses: [
        ["x", "h"],
        ["h", "y"],
        ["unused", "deadEnd"],
      ],
    });
    const { code, types } = toSource(graph);
    expect(code).not.toMatch(/deadEnd|unused/);
    expect(types).toContain('"unused"?: ArrayLike<number>');
  });

  it("refuses what can't predict", () => {
    expectRefusal(() => toSource(new Graph({ inputs: { x: 1 } })), "not-an-output");
    expectRefusal(
      () => toSource(new Graph({ hidden: { h: 1 }, outputs: { y: 1 }, synapses: [["h", "y"]] })),
      "unconnected",
      "h",
    );
    expectRefusal(() => toSource(wrong("graph")), "bad-option", "graph");
    const large = new Graph({
      precision: "float32",
      inputs: { x: 4100 },
      outputs: { y: 4100 },
      synapses: [["x", "y"]],
    });
    expectRefusal(() => toSource(large), "unsupported", "16,777,216");
    large.dispose();
    expectRefusal(() => toSource(large), "disposed");
  });

  it("writes a chain of 20,000 layers", async () => {
    const graph = new Graph<string, string, string>({ seed: 1, inputs: { h0: 1 } });
    for (let i = 1; i < 20_000; i++) {
      if (i < 19_999) graph.addHidden(`h${i}`, 1, "tanh");
      else graph.addOutput(`h${i}`, 1, "tanh");
      graph.connect(`h${i - 1}`, `h${i}`);
    }
    const { h19999 } = (await load(toSource(graph).code))({ h0: [1] });
    expectClose(h19999!, graph.predict({ h0: [1] }).h19999!, 1e-12, "the end");
  });

  it("has types that compile, whatever the names", () => {
    const root = fileURLToPath(new URL("../../..", import.meta.url));
    mkdirSync(join(root, "build"), { recursive: true });
    const folder = mkdtempSync(join(root, "build", "types-"));
    try {
      const { code, types } = toSource(
        new Graph({
          precision: "float32",
          inputs: { x: 2, 'a"b': 1 },
          outputs: { y: 1 },
          synapses: [["x", "y"]],
        }),
      );
      writeFileSync(join(folder, "net.js"), code);
      writeFileSync(join(folder, "net.d.ts"), types);
      writeFileSync(join(folder, "odd.d.ts"), toSource(hostileGraph()).types);
      writeFileSync(
        join(folder, "use.ts"),
        `import { predict } from "./net.js";
export const y: Float32Array = predict({ x: [1, 2] }).y;
export const more = predict({ x: new Float32Array(2), 'a"b': [1] });
// @ts-expect-error  x is needed
export const none = () => predict({});
// @ts-expect-error  misspelt
export const z = () => predict({ x: [1, 2] }).z;
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
