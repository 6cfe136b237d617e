// The metadata of a file tells which graph it is of, and what its units and outputs are called.

import { createHash } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, StringStringEntryProtoSchema } from "onnx-buf";
import { type ErrorCode, Graph } from "plexus-nn";
import { fromOnnx, type ToOnnxOptions, toOnnx } from "plexus-nn/onnx";
import { describe, expect, test } from "vitest";
import project from "../../../package.json" with { type: "json" };
import { Hash } from "../../../src/entries/onnx/export/hash.js";
import { expectClose, expectRefusal, Random, seed, wrong } from "../../support/helpers.js";
import { randomGraph } from "./graphs.js";
import { decode, judge } from "./judge.js";
import { builds, built } from "./maps.js";

const pets = () =>
  new Graph({
    seed: 11,
    inputs: { x: 2 },
    hidden: { h: { size: 4, activation: "tanh" } },
    outputs: { pet: { size: 3, activation: "softmax" }, tame: 1 },
    synapses: [
      ["x", "h"],
      ["h", "pet"],
      ["h", "tame"],
    ],
  });

/** Returns the properties of a file. */
function properties(file: Uint8Array): Record<string, string> {
  return Object.fromEntries(decode(file).metadataProps.map(({ key, value }) => [key, value]));
}

/** Returns the hash of what follows the header of a graph's file, by another implementation. */
function hashOfSaved(graph: { save(options: { optimizer: false }): Uint8Array }): string {
  const file = Buffer.from(graph.save({ optimizer: false }));
  return createHash("sha256")
    .update(file.subarray(8 + Number(file.readBigUInt64LE())))
    .digest("hex");
}

test(`a hash in pieces is that of node:crypto, at every length around a block (seed ${seed})`, () => {
  const random = new Random(seed);
  for (const length of [...Array(200).keys(), 100_000]) {
    const bytes = Uint8Array.from({ length }, () => random.whole(0, 255));
    const hash = new Hash();
    for (let at = 0; at < length; ) {
      const end = at + random.whole(0, 150);
      hash.add(bytes.subarray(at, end));
      at = end;
    }
    expect(hash.digest(), `${length} bytes`).toBe(createHash("sha256").update(bytes).digest("hex"));
  }
});

describe("the metadata", () => {
  const classes = { pet: ["cat", "dog", "newt"] };

  test("has the release, the seed, the parameters' hash, and the names of layers and classes", () => {
    const graph = pets();
    const file = toOnnx(graph, { classes });
    expect(decode(file).producerVersion).toBe(project.version);
    expect(properties(file)).toEqual({
      "plexus.version": project.version,
      "plexus.seed": "11",
      "plexus.parameters": `sha256:${hashOfSaved(graph)}`,
      "plexus.layers": '["x","h","pet","tame"]',
      "plexus.classes": '{"pet":["cat","dog","newt"]}',
    });
  });

  test("has the names of the layers that the file has, and no classes where none are given", () => {
    const found = properties(toOnnx(pets(), { outputs: ["tame"] }));
    expect(found["plexus.layers"]).toBe('["x","h","tame"]');
    expect(found).not.toHaveProperty("plexus.classes");
    expect(properties(toOnnx(pets(), { classes: {} }))).not.toHaveProperty("plexus.classes");
  });

  test("has one hash for each state of a graph, whatever a file has of it", () => {
    const graph = pets();
    const hash = (options?: ToOnnxOptions) => properties(toOnnx(graph, options))["plexus.parameters"];
    const before = hash();
    expect(hash({ outputs: ["tame"], precision: "float32" })).toBe(before);
    graph.train({ x: [1, 2] }, { tame: [1] });
    expect(hash()).not.toBe(before);
    expect(hash()).toBe(`sha256:${hashOfSaved(Graph.load(graph.save()))}`);
  });

  test(`has the hash of what save writes, for random graphs and every kind of synapse (seed ${seed})`, () => {
    const random = new Random(seed);
    const graphs = Array.from({ length: 20 }, () => randomGraph(random, random.pick(["float64", "float32"])));
    for (const name of Object.keys(builds)) graphs.push(built(random, name, "float32"));
    for (const [i, graph] of graphs.entries()) {
      const found = properties(toOnnx(graph))["plexus.parameters"];
      expect(found, `graph ${i}`).toBe(`sha256:${hashOfSaved(graph)}`);
    }
  });

  test("is the same text for the same graph and options, in any order of the options", () => {
    const graph = pets();
    const all = { tame: ["tame"], ...classes };
    const one = toOnnx(graph, { classes: all });
    const other = toOnnx(Graph.load(graph.save()), { classes: { ...classes, tame: ["tame"] } });
    expect(Buffer.compare(one, other)).toBe(0);
  });

  test("takes any names, __proto__ among them", () => {
    const graph = new Graph<string, string, string>({ seed: 1 });
    graph.addInput("x", 1);
    graph.addOutput("__proto__", [2, 2, 2], "softmax");
    graph.connect("x", "__proto__");
    const names = ['\n"', "🦎"];
    const given = Object.fromEntries([["__proto__", names]]);
    const found = JSON.parse(properties(toOnnx(graph, { classes: given }))["plexus.classes"]!);
    expect(Object.entries(found)).toEqual([["__proto__", names]]);
  });

  test("changes nothing of the predictions by onnxruntime, nor of the way back", async () => {
    const graph = pets();
    const file = toOnnx(graph, { classes });
    const x = [
      [0.5, -1],
      [2, 3],
    ];
    const found = await judge(file, { x }, "float64");
    const wanted = graph.predict({ x });
    expectClose(found.pet!, wanted.pet, 1e-12, "pet");
    expectClose(fromOnnx(file).predict({ x }).pet!, wanted.pet, 1e-12, "pet");
  });

  test("of a foreign file is not read, whatever it has", () => {
    const model = decode(toOnnx(pets()));
    const metadataProps = Array.from({ length: 500 }, () =>
      create(StringStringEntryProtoSchema, { key: "plexus.classes", value: "{" }),
    );
    const file = toBinary(ModelProtoSchema, create(ModelProtoSchema, { ...model, metadataProps }));
    expect(fromOnnx(file).outputs.map(({ name }) => name)).toEqual(["pet", "tame"]);
  });
});

test.each<[string, unknown, ErrorCode, string, ToOnnxOptions?]>([
  ["no object", ["cat"], "bad-option", "an array of 1"],
  ["too few names", { pet: ["cat", "dog"] }, "bad-option", "3 names"],
  ["two names of a single unit", { tame: ["no", "yes"] }, "bad-option", "1 name,"],
  ["a text for names", { pet: "cat" }, "bad-option", "an array of names"],
  ["a number for a name", { pet: ["cat", 2, "newt"] }, "bad-option", "not 2"],
  ["an empty name", { pet: ["cat", "", "newt"] }, "bad-option", "not empty"],
  ["a hole", { pet: Object.assign(Array(3), { 0: "cat", 2: "newt" }) }, "bad-option", "undefined"],
  ["half a character", { pet: ["cat", "\ud800", "newt"] }, "bad-option", "not empty"],
  ["a name twice", { pet: ["cat", "dog", "cat"] }, "bad-option", "comes twice"],
  ["an unknown output", { pets: ["cat"] }, "unknown-layer", "pets"],
  ["a hidden layer", { h: ["cat"] }, "not-an-output", "h"],
  ["an output that the file hasn't", { pet: ["cat"] }, "bad-option", "leaves it out", { outputs: ["tame"] }],
])("refused as classes: %s", (_, classes, code, mention, options = {}) => {
  const graph = pets();
  expectRefusal(() => toOnnx(graph, { ...options, classes: wrong(classes) }), code, mention);
});
