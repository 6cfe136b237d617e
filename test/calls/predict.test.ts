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

/** Returns the mark of a core, which the build puts into the code that takes it. */
function markOf(core: Uint8Array<ArrayBuffer>): string {
  const [section] = WebAssembly.Module.customSections(new WebAssembly.Module(core), "plexus");
  return Buffer.from(section!).toString();
}

/** The parts of a network that predicts, each by its file. */
const parts = {
  "memory/given": ["setCore"],
  "memory/memory": ["Memory"],
  "model/topology": ["Topology"],
  "calls/predict": ["predict"],
  "format/json": ["readJSON"],
  "format/safetensors": ["readFile"],
  "rules/init": ["readInit"],
};

type Model = Graph<string, string, string, "float32" | "float64">;

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
    ...[
      "adopt",
      "training",
      "optimizer",
      "gradients",
      "learning",
      "noise",
      "relayout",
      "runs",
      "packing",
    ].map((name) => `src/memory/${name}.ts`),
    ...["train", "diverged", "targets", "weighting", "outputs", "score", "edit", "network"].map(
      (name) => `src/calls/${name}.ts`,
    ),
    ...["copy", "moments"].map((name) => `src/format/${name}.ts`),
    ...["optimizer", "schedule", "metric"].map((name) => `src/rules/${name}.ts`),
  ];
  for (const file of others) readFileSync(root + file); // each is there
  expect(used.filter((file) => others.includes(file))).toEqual([]);
  expect(used).toContain("src/calls/bind.ts");
});

describe.each(["float64", "float32"] as const)("a network without training, in %s,", (precision) => {
  /** Starts a network without training, for a file that has nothing of an optimizer. */
  function start({ seed, init }: { readonly seed: number; readonly init: unknown }) {
    const topology = new source.Topology();
    const memory = new source.Memory(topology, precision, seed);
    const net = { topology, memory, init: source.readInit(init, precision), connections: 0 };
    const nothing = { tensors: [], restore() {} };
    return { net, optimizer: { readState() {}, members: () => [], read: () => nothing } };
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
    return graph as unknown as Model;
  }

  const files = {
    "an object": (graph: Model) => source.readJSON(graph.toJSON({ optimizer: false }), start),
    "a file": (graph: Model) => source.readFile(graph.save({ optimizer: false }), start),
  };

  it.each([
    [1, "an object"],
    [3, "a file"],
    [50_000, "a file"],
  ] as const)("predicts %i rows from %s with the same bits", (rows, kind) => {
    const read = files[kind];
    const graph = trained();
    const net = read(graph);
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

  it("refuses what a graph refuses, in the same words", () => {
    const graph = trained();
    const net = files["a file"](graph);
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
