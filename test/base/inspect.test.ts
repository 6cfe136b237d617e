// Names and words that hosts print: classes keep their names, an instance is a line, an uncaught error some lines.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { Graph, GraphError, Scaler } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { required, runtimes } from "../runtimes/run.js";

const module = new URL("../../dist/index.js", import.meta.url).href;
const declared = `new Graph({
  seed: 1,
  inputs: { a: 20, b: 10 },
  hidden: { h: { size: 30, activation: { name: "leakyRelu", slope: 0.2 }, norm: "layer" } },
  outputs: { y: 10 },
  synapses: [["a", "h"], ["b", "h", { name: "two" }], ["h", "y"]],
})`;
const make = () => new Function("Graph", `return ${declared}`)(Graph) as Graph;
/** Each layer's bias, the gain of h, and what comes in. */
const parameters = 20 + 10 + 30 * 2 + 10 + 20 * 30 + 10 * 30 + 30 * 10;

describe("a host prints in a line", () => {
  it("a graph, in whatever it lies", () => {
    const graph = make();
    expect(parameters).toBe(1300);
    expect(inspect(graph)).toBe("Graph(2 inputs, 4 layers, 1 output, 1,300 parameters)");
    expect(inspect([graph])).toBe("[ Graph(2 inputs, 4 layers, 1 output, 1,300 parameters) ]");
    graph.addHidden("same", 30);
    graph.connect("a", "same", { share: graph.synapse("a", "h") });
    graph.connect("h", "same", { kind: "identity" });
    expect(inspect(graph)).toContain("1,330 parameters"); // shared weights count once
  });

  it("an empty graph", () => {
    expect(inspect(new Graph())).toBe("Graph(0 inputs, 0 layers, 0 outputs, 0 parameters)");
  });

  it("layers and synapses", () => {
    const graph = make();
    expect(graph.layers.map((layer) => inspect(layer))).toEqual([
      'Layer("a", input, 20 units, linear)',
      'Layer("b", input, 10 units, linear)',
      'Layer("h", hidden, 30 units, leakyRelu)',
      'Layer("y", output, 10 units, sigmoid)',
    ]);
    expect(inspect(graph.synapse("a", "h"))).toBe('Synapse("a" → "h", 20 × 30)');
    expect(inspect(graph.synapse("b", "h"))).toBe('Synapse("b" → "h", 10 × 30)');
  });

  it("scalers and runs", async () => {
    expect(inspect(Scaler.fit([1, 2, 3, 4], 2))).toBe("Scaler(standard, 2 columns)");
    const graph = make();
    const data = {
      xs: { a: new Array(40).fill(0), b: new Array(20).fill(0) },
      ts: { y: new Array(20).fill(0) },
    };
    const run = graph.fit(data, { epochs: 2 });
    expect(inspect(run)).toMatch(/^FitRun\(0 epochs, [01] steps?, on its way\)$/);
    await run;
    expect(inspect(run)).toBe("FitRun(2 epochs, 2 steps, ended: epochs)");
  });

  it("what was disposed of, and what is no instance, without throwing", () => {
    const graph = make();
    const { layers, synapses } = graph;
    graph.dispose();
    expect(inspect(graph)).toBe("Graph(disposed)");
    expect(inspect(layers[0])).toBe("Layer(disposed)");
    expect(inspect(synapses[0])).toBe("Synapse(disposed)");
    const hook = Symbol.for("nodejs.util.inspect.custom") as unknown as keyof Graph;
    for (const instance of [Graph.prototype, Object.create(make()), undefined, 3])
      expect(Reflect.apply(Graph.prototype[hook] as () => string, instance, [])).toBe("Graph(…)");
  });
});

describe("the package's files", () => {
  it("keep the names of classes", () => {
    const graph = make();
    expect([Graph, GraphError, Scaler, graph.layers[0]!.constructor, graph.synapses[0]!.constructor]).toEqual(
      ["Graph", "GraphError", "Scaler", "Layer", "Synapse"].map((name) => expect.objectContaining({ name })),
    );
    expect(new GraphError("busy", "x").stack).toMatch(/^GraphError: x\n/);
    expect(Object.keys(new GraphError("busy", "x"))).toEqual(["code"]);
  });

  it.each(["index", "thread", "slim", "worker", "migrate", "node"])(
    "have short lines, and the cores' text in one of its own: dist/%s.js",
    (name) => {
      const text = readFileSync(new URL(`../../dist/${name}.js`, import.meta.url), "utf8");
      const long = text.split("\n").filter((line) => line.length > 1000);
      const isCore = (line: string) => line.startsWith("const embeddedCores={") && line.endsWith('"]]};');
      expect(long.filter(isCore)).toHaveLength(name === "index" || name === "thread" ? 1 : 0);
      // Other long lines are tables of words: nothing throws there.
      for (const line of long.filter((line) => !isCore(line)))
        expect(line).not.toMatch(/=>|\b(function|throw|class|new)\b/);
    },
  );
});

describe("an uncaught error prints less than 1.5 kB in", () => {
  const mistakes = [
    ["a misspelt option", `new Graph({ optimiser: "adam" })`],
    ["data of another shape", `${declared}.train({ a: [1, 2], b: [1] }, { y: [0] })`],
    ["a loop", `${declared}.connect("h", "h")`],
    ["a layer that isn't there", `${declared}.layer("hh")`],
    ["a file of something else", `Graph.load(new Uint8Array(100).fill(65))`],
    ["an object that is no graph", `Graph.fromJSON({ format: "plexus" })`],
    ["an option of fit", `await ${declared}.fit({ xs: { a: [] }, ts: {} }, { epoch: 2 })`],
    ["a run without data", `await ${declared}.fit()`],
  ] as const;
  const programs = [
    ["this Node", () => process.execPath] as const,
    ...runtimes.flatMap(({ name, available }) => (/^Node/.test(name) ? [[name, available] as const] : [])),
  ];
  for (const [name, program] of programs) {
    it.skipIf(program() === undefined && !required).each(mistakes)(`${name}: %s`, (_, mistake) => {
      const code = `import { Graph } from ${JSON.stringify(module)};\n${mistake};`;
      const { stderr, status } = spawnSync(program()!, ["--input-type=module", "--eval", code], {
        encoding: "utf8",
      });
      expect(status).toBe(1);
      expect(stderr).toContain("GraphError: ");
      expect(stderr).toContain("code: '");
      expect(stderr.length).toBeLessThan(1500);
    });
  }
});
