// Predicting as a part of its own: a network without training, from the source, has the outputs of a graph, and imports nothing of
// training.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { Graph, Scaler } from "plexus-nn";
import { beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const cores = Object.fromEntries(
  ["float64", "float32"].map((precision) => [precision, readFileSync(`${root}dist/${precision}.wasm`)]),
);

/** The mark of a core, which the build puts into the code that takes it. */
function markOf(core: Uint8Array<ArrayBuffer>): string {
  const [section] = WebAssembly.Module.customSections(new WebAssembly.Module(core), "plexus");
  return Buffer.from(section!).toString();
}

/** The parts of a network that predicts, each by its file. */
const parts = {
  "memory/given": ["setCore"],
  "memory/memory": ["Memory"],
  "model/topology": ["Topology"],
  "calls/build": ["addLayer", "connect", "scale"],
  "calls/predict": ["predict"],
  "rules/init": ["readInit"],
  "rules/scaler": ["Scaler"],
};

/** Bundles parts of the source. Returns the code, and the files that it is of. */
async function bundle() {
  const marks = Object.fromEntries(Object.entries(cores).map(([name, core]) => [name, markOf(core)]));
  const contents = Object.entries(parts).map(
    ([file, names]) => `export { ${names.join(", ")} } from "./src/${file}.js";`,
  );
  const { outputFiles, metafile } = await esbuild.build({
    absWorkingDir: root,
    stdin: { contents: contents.join("\n"), resolveDir: root, loader: "ts" },
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    target: "es2022",
    define: { embeddedCores: "undefined", marks: JSON.stringify(marks) },
  });
  const inputs = Object.values(metafile.outputs)[0]!.inputs;
  const used = Object.keys(inputs).filter((file) => inputs[file]!.bytesInOutput > 0);
  return { text: outputFiles[0]!.text, used };
}

// biome-ignore lint/suspicious/noExplicitAny: the parts of the source, as they are inside
let source: any;
let used: readonly string[];

beforeAll(async () => {
  const made = await bundle();
  used = made.used;
  source = await import(`data:text/javascript;base64,${Buffer.from(made.text).toString("base64")}`);
  source.setCore(cores);
});

it("imports nothing of training, and nothing of changes of a graph", () => {
  const others = [
    ...["training", "optimizer", "gradients", "learning", "noise", "relayout", "runs", "packing"].map(
      (name) => `src/memory/${name}.ts`,
    ),
    ...["train", "diverged", "targets", "weighting", "outputs", "score", "edit", "network"].map(
      (name) => `src/calls/${name}.ts`,
    ),
    ...["optimizer", "schedule", "metric"].map((name) => `src/rules/${name}.ts`),
  ];
  for (const file of others) readFileSync(root + file); // each is there
  expect(used.filter((file) => others.includes(file))).toEqual([]);
  expect(used).toContain("src/calls/bind.ts");
});

describe.each(["float64", "float32"] as const)("in %s", (precision) => {
  /** Makes a network of the same layers, synapses and parameters as a graph, without training. */
  function predicting(graph: Graph<string, string, string, typeof precision>) {
    const topology = new source.Topology();
    const memory = new source.Memory(topology, precision, 0);
    const net = { topology, memory, init: source.readInit("zeros", precision), connections: 0 };
    for (const { kind, name, size, activation, loss, norm, dropout, scaler } of graph.layers) {
      source.addLayer(net, kind, name, size, activation, loss, { norm, dropout });
      if (scaler !== undefined) source.scale(net, name, source.Scaler.fromJSON(scaler.toJSON()));
    }
    for (const { from, to } of graph.synapses) {
      source.connect(net, topology.layer(from.name), topology.layer(to.name), undefined);
    }
    graph.layers.forEach(({ bias, gain }, i) => {
      const layer = topology.layers[i];
      memory.viewOf(layer.bias).set(bias);
      if (gain !== undefined) memory.viewOf(layer.gain).set(gain);
    });
    for (const [i, { weights }] of graph.synapses.entries()) {
      memory.viewOf(topology.synapses[i].weights).set(weights);
    }
    return net;
  }

  function trained() {
    const graph = new Graph({ seed: 3, precision, inputs: { x: 2, v: 3 } });
    graph.addHidden("h", 5, "tanh", { norm: "layer", dropout: 0.5 });
    graph.addHidden("k", 4, "relu");
    graph.addOutput("y", 2, "softmax");
    graph.addOutput("z", 1, "linear");
    for (const [from, to] of [
      ["x", "h"],
      ["v", "h"],
      ["h", "y"],
      ["v", "k"],
      ["k", "z"],
      ["x", "z"],
    ] as const) {
      graph.connect(from, to);
    }
    graph.scale("z", Scaler.fit([[2], [5], [7]], 1, "standard", "z"));
    for (let i = 0; i < 5; i++) graph.train({ x: [0.5, i], v: [1, -i, 2] }, { y: [0, 1], z: [i] });
    return graph as unknown as Graph<string, string, string, typeof precision>;
  }

  it.each([1, 3, 50_000])("a network without training predicts %i rows with the same bits", (rows) => {
    const graph = trained();
    const net = predicting(graph);
    const data = {
      x: Float64Array.from({ length: rows * 2 }, (_, i) => Math.sin(i)),
      v: Float64Array.from({ length: rows * 3 }, (_, i) => Math.cos(i)),
    };
    const [found, wanted] = [source.predict(net, data), graph.predict(data)];
    expect(Object.keys(found)).toEqual(["y", "z"]);
    for (const name of ["y", "z"])
      expect(Buffer.from(found[name].buffer).equals(Buffer.from(wanted[name]!.buffer))).toBe(true);
    const z = source.predict(net, { x: data.x, v: data.v }, { outputs: ["z"] });
    expect(z.z).toEqual(found.z);
    net.memory.dispose();
    expect(() => source.predict(net, data)).toThrow("disposed");
  });

  it("a network without training refuses what a graph refuses, in the same words", () => {
    const graph = trained();
    const net = predicting(graph);
    const error = (call: () => unknown) => {
      try {
        call();
      } catch (thrown) {
        return [(thrown as { code?: string }).code, (thrown as Error).message];
      }
      return undefined;
    };
    const xs = { x: [1, 2], v: [1, 2, 3] };
    const calls: readonly (readonly [unknown, unknown?])[] = [
      [{ ...xs, x: [1, Number.NaN] }],
      [{ ...xs, x: [1, 2, 3] }],
      [{ ...xs, x: [1, 2, 3, 4] }],
      [{ x: xs.x }],
      [{ ...xs, w: [1] }],
      [null],
      [xs, { outputs: ["h"] }],
      [xs, { outputs: [] }],
      [xs, { outputs: ["u"] }],
      [{ x: new Float64Array(100_000).fill(1), v: new Float64Array(150_000).fill(Number.POSITIVE_INFINITY) }],
    ];
    for (const [given, options] of calls) {
      const wanted = error(() => graph.predict(given as typeof xs, options as { outputs: string[] }));
      expect(wanted).toBeDefined();
      expect(error(() => source.predict(net, given, options))).toEqual(wanted);
    }
  });
});
