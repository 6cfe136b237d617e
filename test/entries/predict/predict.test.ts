// plexus-nn/predict: the same bits and refusals as a graph's, from its file, in less code.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { Graph, GraphError, type Precision, Scaler } from "plexus-nn";
import * as predict from "plexus-nn/predict";
import * as float32 from "plexus-nn/predict/float32";
import * as float64 from "plexus-nn/predict/float64";
import { beforeAll, describe, expect, it } from "vitest";
import { graphs } from "../../hostile/corpus.js";
import { hostile } from "../../hostile/hostile.js";
import { mutated, mutatedBytes } from "../../hostile/mutate.js";
import { type AnyGraph, Random, seed, wrong } from "../../support/helpers.js";
import { build, dressedCase } from "../../support/random.js";

const dist = (name: string) => readFileSync(new URL(`../../../dist/${name}`, import.meta.url));
const entries = { float64, float32 };

beforeAll(() => {
  predict.setCore({ float64: dist("float64.wasm"), float32: dist("float32.wasm") });
});

/** Returns the bits of results by name. */
const bits = (results: Record<string, Float64Array | Float32Array>) =>
  Object.entries(results).map(([name, values]) => [
    name,
    values.constructor.name,
    Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("hex"),
  ]);

describe(`the bits of a graph, PLEXUS_SEED=${seed}`, () => {
  it.each(["float64", "float32"] as const)("in 200 random graphs of %s", (precision) => {
    for (let i = 0; i < 200; i++) {
      const random = new Random(seed * 600_011 + i);
      const { naive, xs } = dressedCase(random, true);
      const graph = build(naive, precision) as AnyGraph;
      const { name, size } = graph.inputs[0]!;
      if (i % 3 === 0) graph.scale(name, Scaler.fit(random.numbers(size * 4), size));
      const output = graph.outputs.at(-1)!;
      if (i % 4 === 0) graph.scale(output.name, Scaler.fit(random.numbers(output.size * 3), output.size));
      const [first] = graph.outputs;
      for (const { load, fromJSON } of [entries[precision], predict]) {
        for (const model of [load(graph.save()), fromJSON(JSON.parse(JSON.stringify(graph)))]) {
          expect(model.precision).toBe(precision);
          const facts = (layers: AnyGraph["layers"]) =>
            layers.map(({ name, size, shape, classes }) => ({ name, size, shape, classes }));
          expect([model.inputs, model.outputs]).toEqual([facts(graph.inputs), facts(graph.outputs)]);
          expect(bits(model.predict(xs))).toEqual(bits(graph.predict(xs)));
          const one = Object.fromEntries(Object.entries(xs).map(([name, rows]) => [name, rows[0]!]));
          expect(bits(model.predict(one))).toEqual(bits(graph.predict(one)));
          const some = { outputs: [first!.name] };
          expect(bits(model.predict(xs, some))).toEqual(bits(graph.predict(xs, some)));
          model.dispose();
        }
      }
      graph.dispose();
    }
  });

  it("in more rows than a piece has", () => {
    const graph = new Graph({
      seed: 3,
      inputs: { x: 2 },
      hidden: { h: { size: 300, activation: "tanh" } },
      outputs: { y: 1 },
      synapses: [
        ["x", "h"],
        ["h", "y"],
      ],
    });
    const x = new Random(4).numbers(2 * 5000);
    expect(bits(float64.load(graph.save()).predict({ x }))).toEqual(bits(graph.predict({ x })));
  });
});

/** Returns the GraphError, of any entry, that refuses a call. */
function refusal(call: () => unknown): GraphError {
  try {
    call();
  } catch (error) {
    if ((error as Error).constructor.name === "GraphError") return error as GraphError;
    throw error;
  }
  throw new Error("nothing was refused");
}

/** Places in a file that predicting doesn't need, and does not read, as refusals name them. */
const unread = [
  /^bad-file: (seed|generators|optimizer|state|init)\b/,
  /^bad-file: (the file|the graph) lacks "(seed|generators|optimizer)"/,
  /^bad-file: (the file|the graph|layers\[\d+\]|synapses\[\d+\]) has an unknown /,
  /^bad-file: (layers|synapses)\[\d+\]\.\w+(Steps|Product|Mean|Square|Momentum)\b/,
  /^bad-file: tensor "optimizer\./,
  /^bad-file: layers\[\d+\]: The (loss|dropout|weight) of /,
  /^bad-file: layers\[\d+\]: .* of "(huber|hinge|logCosh|kl|mse|mae|poisson|entropy|crossEntropy)"/,
  /^bad-file: layers\[\d+\]: .*\b(frozen|weight)\b/,
  /^bad-file: synapses\[\d+\]: The (l1|l2|maxNorm) of /,
  /^bad-file: synapses\[\d+\]: .*\b(frozen|init|l1|l2|maxNorm)\b/,
  /^bad-file: synapses\[\d+\]: .*\binitial weights\b/,
  /^bad-name: /,
];

/** Returns an object's members of some names; anything else as it is. */
function only(given: unknown, names: readonly string[], more: object = {}): unknown {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return given;
  const kept = Object.entries(given).filter(([name]) => names.includes(name));
  return Object.fromEntries([...kept, ...Object.entries(more)]);
}

/** Returns the codes of a name's characters. */
const encodeName = (name: string) => Array.from({ length: name.length }, (_, i) => name.charCodeAt(i)).join();

/** Returns a file's object with whatever predicting doesn't read left out, or replaced by something valid. */
function needed(file: unknown): unknown {
  const each = (list: unknown, change: (entry: unknown) => unknown) =>
    Array.isArray(list) ? Array.from(list, (_, i) => (i in list ? change(list[i]) : undefined)) : list;
  const isRule = (loss: unknown) => typeof loss === "string" || (typeof loss === "object" && loss !== null);
  const layer = (entry: unknown) => {
    const names = ["name", "kind", "size", "activation", "loss", "hasBias", "norm", "scaler", "bias", "gain"];
    names.push("join", "time", "initial", "shape", "perUnit", "classes");
    const { kind, loss } = Object(entry) as Record<string, unknown>;
    return only(entry, names, kind === "output" && isRule(loss) ? { loss: "mse" } : {});
  };
  const synapse = (entry: unknown) => {
    const { init, name } = Object(entry) as Record<string, unknown>;
    const names = ["from", "to", "kind", "share", "weights", "delay", "at"];
    names.push("kernel", "stride", "dilation", "padding", "groups", "countPadding", "connections", "units");
    const isValues = typeof init === "object" && init !== null && Object.hasOwn(init, "values");
    const hasInit = Object.hasOwn(Object(entry), "init");
    return only(entry, names, {
      ...(hasInit && { init: isValues ? init : "zeros" }),
      // A name that no synapse may have is one to predicting.
      ...(typeof name === "string" && {
        name: name !== "" && name.isWellFormed() ? name : `as ${encodeName(name)}`,
      }),
    });
  };
  const { layers, synapses } = Object(file) as Record<string, unknown>;
  const has = (name: string) => Object.hasOwn(Object(file), name);
  const fresh = { seed: 0, generators: { shuffles: 0 }, optimizer: { name: "sgd", rate: 0.1 } };
  return only(file, ["format", "version", "precision"], {
    ...fresh,
    ...(has("layers") && { layers: each(layers, layer) }),
    ...(has("synapses") && { synapses: each(synapses, synapse) }),
  });
}

/** Returns whether both refuse something in the same words, after which the graph may have a hint. */
const sameWords = (mine: string, theirs: string) =>
  mine === theirs ||
  theirs.startsWith(`${mine} `) ||
  /^bad-file: the file is .*, and no graph\. /.test(theirs);

/** Returns whether both refuse a file in the same words, or the graph does so for a part that predicting doesn't read. */
const agree = (mine: string, theirs: string) =>
  sameWords(mine, theirs) || unread.some((place) => place.test(theirs));

/** Returns the outcome of a call: a refusal's code and message, without suggestions of names. */
function outcome(call: () => { dispose(): void }, type: { new (...given: never[]): Error }): string {
  try {
    call().dispose();
    return "valid";
  } catch (error) {
    if (!(error instanceof type)) throw error;
    const { code, message } = error as GraphError;
    return `${code}: ${message.replaceAll(/ (Did you mean "[^"]*"\?|Write `[^`]*`\.)/g, "")}`;
  }
}

describe("the refusals of a graph", () => {
  type Read = (given: never) => { dispose(): void };
  const pair = (name: "load" | "fromJSON", given: unknown) => {
    const { load, fromJSON } = predict;
    const mine = outcome(() => ({ load, fromJSON })[name](wrong(given)), predict.GraphError);
    return [mine, outcome(() => (Graph[name] as Read)(wrong(given)), GraphError)];
  };

  it("of hostile files", () => {
    const { load, fromJSON } = Graph;
    const read: ["load" | "fromJSON", unknown][] = [];
    const note = (name: "load" | "fromJSON") => (given: unknown) => {
      read.push([name, given]);
      throw new Error("noted");
    };
    try {
      Object.assign(Graph, { load: note("load"), fromJSON: note("fromJSON") });
      for (const [, attack] of hostile) {
        try {
          attack();
        } catch {}
      }
    } finally {
      Object.assign(Graph, { load, fromJSON });
    }
    expect(read.length).toBeGreaterThan(100);
    for (const [name, given] of read) {
      const [mine, theirs] = pair(name, given) as [string, string];
      if (!agree(mine, theirs)) expect(mine).toBe(theirs);
    }
  });

  it(`of 2,000 mutated files, PLEXUS_SEED=${seed}`, () => {
    const files = graphs().map((graph) => ({ json: JSON.stringify(graph), bytes: graph.save() }));
    for (let i = 0; i < 1000; i++) {
      const { json, bytes } = files[i % files.length]!;
      const spoilt = mutated(JSON.parse(json), new Random(seed * 500_009 + i));
      const mine = outcome(() => predict.fromJSON(wrong(spoilt)), predict.GraphError);
      const theirs = outcome(() => Graph.fromJSON(wrong(needed(spoilt))), GraphError);
      if (!sameWords(mine, theirs)) expect(mine, `file ${i}`).toBe(theirs);
      const [own, other] = pair("load", mutatedBytes(bytes, new Random(seed * 400_009 + i))) as [
        string,
        string,
      ];
      if (!agree(own, other)) expect(own, `bytes ${i}`).toBe(other);
    }
  });

  it("of wrong calls", () => {
    const graph = new Graph({ seed: 1, inputs: { x: 2 }, outputs: { y: 1 }, synapses: [["x", "y"]] });
    const model = float64.load(graph.save());
    const calls: unknown[][] = [
      [],
      [null],
      [{}],
      [{ x: [1] }],
      [{ x: [1, Number.NaN] }],
      [{ x: "1, 2" }],
      [{ x: [1, 2], z: [1] }],
      [{ x: [1, 2] }, { outputs: [] }],
      [{ x: [1, 2] }, { outputs: ["x"] }],
      [{ x: [1, 2] }, { output: ["y"] }],
      [{ x: [1, 2] }, null],
    ];
    for (const given of calls) {
      const [mine, theirs] = [model, graph].map((one) => {
        const error = refusal(() => (one.predict as (...given: unknown[]) => unknown)(...given));
        return `${error.code}: ${error.message}`;
      }) as [string, string];
      if (!sameWords(mine, theirs)) expect(mine).toBe(theirs);
    }
    model.dispose();
    model.dispose();
    expect(refusal(() => model.predict({ x: [1, 2] })).code).toBe("disposed");
  });

  it.each<[Precision, typeof float32]>([
    ["float64", float32],
    ["float32", float64],
  ])("of a file in %s, whose core is not inside", (precision, { load }) => {
    const graph = new Graph({ precision, inputs: { x: 2 }, outputs: { y: 1 }, synapses: [["x", "y"]] });
    const error = refusal(() => load(graph.save()));
    expect(error.code).toBe("no-wasm");
    expect(error.message).toContain(`plexus-nn/${precision}.wasm`);
  });
});

/** Returns the files of the source that an entry bundles. */
async function filesOf(entry: string): Promise<string[]> {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    target: "es2022",
    define: { embeddedCores: "undefined", marks: "{}" },
  });
  const [output] = Object.values(metafile.outputs);
  return Object.entries(output!.inputs).flatMap(([file, { bytesInOutput }]) =>
    bytesInOutput > 0 ? [file] : [],
  );
}

it("has nothing of training, and nothing of changes of a graph", async () => {
  const files = await filesOf("src/entries/predict/index.ts");
  expect(files).toContain("src/calls/bind.ts");
  const others = [
    /^src\/(fit|graph)\//,
    /^src\/memory\/(adopt|training|optimizer|gradients|learning|noise|relayout|runs|packing|finite)\.ts$/,
    /^src\/calls\/(train|diverged|targets|range|weighting|outputs|score|edit|network)\.ts$/,
    /^src\/format\/(copy|moments|rebuild|description)\.ts$/,
    /^src\/rules\/(optimizer|schedule|metric|init|loss|scaler)\.ts$/,
  ];
  expect(files.filter((file) => others.some((other) => other.test(file)))).toEqual([]);
});

describe("the size", () => {
  it.each([
    ["predict-float32.js", 52],
    ["predict-float64.js", 51],
    ["predict.js", 36],
  ])("of %s is below %i kB gzipped", (name, most) => {
    expect(gzipSync(dist(name), { level: 9 }).length).toBeLessThan(most * 1000);
  });
});
