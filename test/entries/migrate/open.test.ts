// Arguments that are no file, or wrapped in something: a refusal that names the call. Also hostile objects.

import * as migrate from "plexus-nn/migrate";
import { describe, expect, it } from "vitest";
import { expectRefusal, wrong } from "../../support/helpers.js";

const brain = { sizes: [1, 1], layers: [{}, { weights: [[1]], biases: [0] }] };
const synaptic = {
  neurons: [
    { layer: "input", bias: 0, squash: "LOGISTIC" },
    { layer: "output", bias: 0, squash: "LOGISTIC" },
  ],
  connections: [{ from: 0, to: 1, weight: 1, gater: null }],
};
const neataptic = { input: 1, output: 1, nodes: [{}, {}], connections: [{ from: 0, to: 1, weight: 1 }] };
const convnet = {
  layers: [
    { layer_type: "input", out_sx: 1, out_sy: 1, out_depth: 1 },
    { layer_type: "fc", filters: [{ w: [1] }], biases: { w: [0] } },
    { layer_type: "regression" },
  ],
};
const model = {
  modelTopology: {
    class_name: "Sequential",
    config: [{ class_name: "Dense", config: { name: "d", units: 1, batch_input_shape: [null, 1] } }],
  },
  weightSpecs: [
    { name: "d/kernel", shape: [1, 1], dtype: "float32" },
    { name: "d/bias", shape: [1], dtype: "float32" },
  ],
  weightData: new ArrayBuffer(8),
};
const { fromBrain, fromConvnet, fromNeataptic, fromSynaptic, fromTfjs } = migrate;
const files = {
  fromBrain: brain,
  fromSynaptic: synaptic,
  fromNeataptic: neataptic,
  fromConvnet: convnet,
  fromTfjs: model,
};
const calls: Record<string, (file: never) => unknown> = {
  fromBrain,
  fromConvnet,
  fromNeataptic,
  fromSynaptic,
  fromTfjs,
};
const names = Object.keys(files) as (keyof typeof files)[];

describe.each(names)("%s", (name) => {
  const call = (file: unknown) => calls[name]!(wrong(file));
  const file = files[name];

  it("takes its file", () => {
    expect(() => call(file)).not.toThrow();
  });

  it("names itself for a file that is wrapped, an array's, or a text", () => {
    const cases: [unknown, string][] = [
      [{ network: file }, `${name}(file.network)`],
      [{ net: file, score: 1 }, `${name}(file.net)`],
      [{ model: { best: file } }, `${name}(file.model.best)`],
      [{ "my net": file }, `${name}(file["my net"])`],
      [[file, file], `${name}(file[0])`],
      [{ population: [{}, file] }, `${name}(file.population[1])`],
    ];
    if (name !== "fromTfjs") {
      cases.push(
        [JSON.stringify(file), `${name}(JSON.parse(file))`],
        [{ net: JSON.stringify(file) }, `${name}(JSON.parse(file.net))`],
        [JSON.stringify([{ net: file }]), `${name}(JSON.parse(file)[0].net)`],
      );
    }
    for (const [given, wanted] of cases) expectRefusal(() => call(given), "bad-file", wanted);
  });

  it("names the call of another library's file", () => {
    for (const other of names.filter((one) => one !== name)) {
      expectRefusal(() => call(files[other]), "bad-file", `${other}(file)`);
    }
    expectRefusal(() => call({ format: "plexus", version: 1 }), "bad-file", "Graph.fromJSON(file)");
  });

  const bomb = Array.from({ length: 40 }).reduce<unknown>((inner) => [inner, inner], 1);
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const throws = (name: string) =>
    Object.defineProperty({}, name, { enumerable: true, get: () => Object.keys(wrong(null)) });
  const hostile: [string, unknown][] = [
    ["nothing", undefined],
    ["null", null],
    ["a number", 7],
    ["a symbol", Symbol("net")],
    ["a function", () => file],
    ["bytes", new Uint8Array(8)],
    ["an empty object", {}],
    ["an empty array", []],
    ["a text that is no JSON", "{ network"],

    ["two to the forty values", { ...file, bomb }],
    ["a revoked proxy", revoked.proxy],
    ["a getter that throws", throws("layers")],
    ["another", { neurons: throws("0"), connections: [] }],
    ["an array of 2^32 - 1 holes", { ...file, holes: new Array(2 ** 32 - 1) }],
    ["an array with a hole", { ...file, holes: Object.assign(new Array(3), { 0: 1 }) }],
    [
      "a proxy of length 2^53",
      { ...file, long: new Proxy([], { get: (_, key) => (key === "length" ? 2 ** 53 - 1 : 1) }) },
    ],
    [
      "a proxy of NaN numbers",
      { ...file, layers: new Proxy([], { get: () => Number.NaN }), modelTopology: 1, nodes: 1, neurons: 1 },
    ],
  ];
  it.each(hostile)("refuses %s", (_, given) => {
    expectRefusal(() => call(given), "bad-file");
  });

  it("has no counterpart for objects that never end, or not soon", () => {
    const cyclic: Record<string, unknown> = { ...file };
    cyclic.self = cyclic;
    const deep = Array.from({ length: 10_000 }).reduce<object>((inner) => ({ inner }), {});
    expectRefusal(() => call(cyclic), "unsupported", "part of itself");
    expectRefusal(() => call(deep), "unsupported", "256");
  });
});
