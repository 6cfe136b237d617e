// Damaged and foreign files: each is `bad-file`, with the place that is wrong.

import { Graph } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { expectRefusal, refusal, wrong } from "../support/helpers.js";

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Path = (string | number)[];

function file(): { [name: string]: Json } {
  const graph = new Graph({
    seed: 5,
    inputs: { x: 2, c: 1 },
    hidden: { h: { size: 3, activation: "tanh" }, k: 2 },
    outputs: { y: 1, z: { size: 2, activation: "softmax" } },
    synapses: [
      ["x", "h"],
      ["c", "h"],
      ["h", "k", { init: "he" }],
      ["k", "y"],
      ["k", "z"],
      ["h", "z", { name: "skip" }],
    ],
  });
  graph.train({ x: [1, 2], c: [3] }, { y: [1], z: [0, 1] });
  return JSON.parse(JSON.stringify(graph)) as { [name: string]: Json };
}

/** Returns every place of a file, with its value. */
function places(value: Json, path: Path = []): { path: Path; value: Json }[] {
  const here = [{ path, value }];
  if (value === null || typeof value !== "object") return here;
  const inside = Array.isArray(value) ? value.map((entry, i) => [i, entry] as const) : Object.entries(value);
  return [...here, ...inside.flatMap(([name, entry]) => places(entry, [...path, name]))];
}

/** Returns the file with another value at a place, or without the place. */
function changed(path: Path, change: (parent: { [name: string]: unknown }, name: string) => void): unknown {
  const json = file() as { [name: string]: unknown };
  let parent = json;
  for (const name of path.slice(0, -1)) parent = parent[name] as typeof parent;
  change(parent, String(path.at(-1)));
  return json;
}

const spelt = (path: Path) =>
  path.map((name, i) => (typeof name === "number" ? `[${name}]` : i === 0 ? name : `.${name}`)).join("");

/** Returns whether a message names the place: at least the entry of the list, or the member of the file. */
function isNamed(message: string, path: Path): boolean {
  return message.includes(spelt(path.slice(0, typeof path[1] === "number" ? 2 : 1)));
}

const all = places(file()).filter(({ path }) => path.length > 0);
const members = all.filter(({ path }) => typeof path.at(-1) === "string");
const objects = places(file()).filter(
  ({ value }) => value !== null && typeof value === "object" && !Array.isArray(value),
);

function expectBad(json: unknown, path: Path): void {
  const error = refusal(() => Graph.fromJSON(wrong(json)));
  expect(`${error.code}: ${error.message}`).toContain("bad-file: ");
  if (!isNamed(error.message, path)) throw new Error(`${spelt(path)} is not named by: ${error.message}`);
}

describe("every place of a file is checked, and named where it is wrong", () => {
  it("is as many as there are", () => expect(all.length).toBeGreaterThan(70));

  // A synapse without a name is a synapse, too; a graph without a state has made no step, and one without an init has `uniform`.
  const optional = ["state", "init"];
  const needed = members.filter(
    ({ path }) => (path.at(-1) !== "name" || path[0] !== "synapses") && !optional.includes(path.join()),
  );
  it.each(needed.map(({ path }) => [spelt(path), path] as const))("%s missing", (_, path) => {
    const error = refusal(() => Graph.fromJSON(wrong(changed(path, (parent, name) => delete parent[name]))));
    expect(error.code).toBe("bad-file");
    expect(error.message).toContain(String(path.at(-1)));
  });

  it.each(all.map(({ path, value }) => [spelt(path), path, value] as const))(
    "%s of another type",
    (_, path, value) => {
      const others: unknown[] = [
        null,
        true,
        7.5,
        "seven",
        [],
        {},
        [7],
        -1,
        Number.NaN,
        "",
        new Date(0),
        2 ** 53,
      ];
      for (const other of others) {
        // A few are what they should be: texts where any text will do, a rate of 7.5, an empty list at the end.
        const isText =
          typeof other === "string" && other !== "" && path.at(-1) === "name" && path.length === 3;
        const isRate = path.at(-1) === "rate" && typeof other === "number" && other >= 0;
        const isList = Array.isArray(other) && other.length === 0 && path.length === 1;
        if (isText || isRate || isList || Object.is(other, value)) continue;
        expectBad(
          changed(path, (parent, name) => {
            parent[name] = other;
          }),
          path,
        );
      }
    },
  );

  it.each(objects.map(({ path }) => [spelt(path) || "the file", path] as const))(
    "%s with one more member",
    (_, path) => {
      for (const extra of ["extra", "__proto__", "toString", "Version"]) {
        const json = changed([...path, extra], (parent, name) => {
          Object.defineProperty(parent, name, { value: 1, enumerable: true, configurable: true });
        });
        const error = refusal(() => Graph.fromJSON(wrong(json)));
        expect([error.code, error.message.includes(extra)]).toEqual(["bad-file", true]);
      }
    },
  );
});

describe("parameters are refused with their place", () => {
  const texts = all.filter(({ path }) => path.at(-1) === "bias" || path.at(-1) === "weights");

  it.each(texts.map(({ path, value }) => [spelt(path), path, value as string] as const))(
    "%s",
    (_, path, text) => {
      const spoilt = [
        text.slice(0, -1),
        text.slice(0, -4),
        `${text}AAAA`,
        `${text}=`,
        ` ${text.slice(1)}`,
        `${text.slice(0, 4)}\n${text.slice(5)}`,
        `-${text.slice(1)}`,
        `_${text.slice(1)}`,
        `é${text.slice(1)}`,
        `=${text.slice(1)}`,
        text.replace(/.$/, "*"),
      ];
      // The bits that padding leaves unused are 0 in the one right way to write it.
      if (text.endsWith("==")) spoilt.push(text.replace(/.==$/, "B=="), text.replace(/==$/, "A="));
      else if (text.endsWith("=")) spoilt.push(text.replace(/.=$/, "B="), text.replace(/=$/, "A"));
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        const bytes = Buffer.from(text, "base64");
        bytes.writeDoubleLE(value, bytes.length - 8);
        spoilt.push(bytes.toString("base64"));
      }
      for (const other of spoilt) {
        const json = changed(path, (parent, name) => {
          parent[name] = other;
        });
        expectRefusal(() => Graph.fromJSON(wrong(json)), "bad-file", spelt(path));
      }
    },
  );
});

const set = (path: Path, value: unknown) =>
  changed(path, (parent, name) => {
    parent[name] = value;
  });

describe("a file that is no graph is refused with the reason", () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    ["of another format", set(["format"], "onnx"), "format"],
    ["of a later version", set(["version"], 3), "version"],
    ["of an earlier version", set(["version"], 0), "version"],
    ["of a version in text", set(["version"], "1"), "version"],
    ["of another precision", set(["precision"], "float16"), "precision"],
    ["of toString's precision", set(["precision"], "toString"), "precision"],
    ["of the other precision's parameters", set(["precision"], "float32"), "layers[0].bias"],
    ["a seed of 2^32", set(["seed"], 2 ** 32), "seed"],
    ["a rate of infinity", set(["optimizer", "rate"], Number.POSITIVE_INFINITY), "optimizer"],
    ["another optimizer", set(["optimizer", "name"], "adem"), "optimizer"],
    ["a name twice", set(["layers", 1, "name"], "x"), "layers[1]"],
    ["a name of half a character", set(["layers", 1, "name"], "\ud800"), "layers[1]"],
    ["a size of 2^40", set(["layers", 2, "size"], 2 ** 40), "layers[2]"],
    ["a size of 2^31", set(["layers", 2, "size"], 2 ** 31), "layers[2]"],
    ["a size of 1e308", set(["layers", 2, "size"], 1e308), "layers[2]"],
    ["another activation", set(["layers", 2, "activation"], "sofmax"), "layers[2]"],
    ["another loss", set(["layers", 4, "loss"], "entropie"), "layers[4]"],
    ["entropy on a layer that leaves [0, 1]", set(["layers", 4, "activation"], "linear"), "layers[4]"],
    [
      "an activation's unknown number",
      set(["layers", 2, "activation"], { name: "elu", beta: 1 }),
      "layers[2]",
    ],
    [
      "an activation's number in text",
      set(["layers", 2, "activation"], { name: "elu", alpha: "1" }),
      "layers[2]",
    ],
    [
      "a loss's number out of range",
      set(["layers", 4, "loss"], { name: "entropy", smoothing: 1 }),
      "layers[4]",
    ],
    ["a loss on a hidden layer", set(["layers", 2, "loss"], "mse"), "layers[2].loss"],
    ["another kind", set(["layers", 2, "kind"], "output"), "layers[2].loss"],
    ["a kind of its own", set(["layers", 2, "kind"], "recurrent"), "layers[2].kind"],
    ["a synapse from nowhere", set(["synapses", 2, "from"], "nowhere"), "synapses[2]"],
    ["a synapse to an input", set(["synapses", 2, "to"], "x"), "synapses[2]"],
    ["a synapse to itself", set(["synapses", 2, "to"], "h"), "synapses[2]"],
    ["a synapse twice", set(["synapses", 1, "from"], "x"), "synapses[1]"],
    ["a synapse's empty name", set(["synapses", 5, "name"], ""), "synapses[5]"],
    ["a synapse's other init", set(["synapses", 2, "init"], "xavier"), "synapses[2]"],
    ["an init without its number", set(["synapses", 2, "init"], { name: "constant" }), "synapses[2]"],
    [
      "an init that is values",
      set(["synapses", 0, "init"], { values: [1, 2, 3, 4, 5, 6] }),
      "synapses[0].init",
    ],
    ["a graph's init that is null", set(["init"], null), "init"],
    ["a graph's init that is values", set(["init"], "values"), "init"],
    ["an empty list of layers", set(["layers"], []), "synapses[0]"],
    ["a list with a hole", set(["layers"], new Array(2)), "layers has a hole at 0"],
  ];

  it.each(cases)("%s", (_, json, place) => {
    expectRefusal(() => Graph.fromJSON(wrong(json)), "bad-file", place);
  });

  it("a loop", () => {
    const json = file() as unknown as {
      synapses: { from: string; to: string; weights: string; init: string }[];
    };
    const back = Buffer.alloc(6 * 8).toString("base64");
    json.synapses.push({ from: "k", to: "h", init: "uniform", weights: back });
    expectRefusal(() => Graph.fromJSON(json), "bad-file", "synapses[6]", "h → k → h");
  });

  it("matrices that overflow", () => {
    const json = file();
    const layer = { kind: "hidden", size: 2 ** 26, activation: "tanh", bias: "AAAA" };
    json.layers = [
      { ...layer, name: "a" },
      { ...layer, name: "b" },
    ];
    expectRefusal(() => Graph.fromJSON(json), "bad-file", "layers[0].bias");
  });

  const foreign = [
    undefined,
    null,
    true,
    0,
    7,
    "",
    "{}",
    JSON.stringify(file()),
    [],
    [file()],
    {},
    new Map(),
    () => file(),
    Symbol("s"),
    1n,
  ];
  it.each(foreign.map((json) => [typeof json, json] as const))("a %s", (_, json) => {
    expect(refusal(() => Graph.fromJSON(wrong(json))).code).toBe("bad-file");
  });

  it.each([
    ["TensorFlow.js", { modelTopology: {}, weightsManifest: [] }],
    ["brain.js", { type: "NeuralNetwork", sizes: [2, 3, 1], layers: [] }],
    ["synaptic", { neurons: [], connections: [] }],
    ["a file by inheritance", Object.create(file())],
  ])("%s", (_, json) => {
    expect(refusal(() => Graph.fromJSON(json)).code).toBe("bad-file");
  });

  it("leaves no graph behind: refused files take no memory", () => {
    const size = 200;
    const large = JSON.parse(
      JSON.stringify(new Graph({ inputs: { x: size }, outputs: { y: size }, synapses: [["x", "y"]] })),
    ) as { synapses: { weights: string }[] };
    // Of the right length, so that the graph is made before the text is read.
    large.synapses[0]!.weights = large.synapses[0]!.weights.replace(/...$/, "***");
    const graph = new Graph();
    graph.addInput("x", 4);
    const memory = () => graph.layer("x").bias.buffer.byteLength;
    const before = memory();
    for (let i = 0; i < 200; i++)
      expectRefusal(() => Graph.fromJSON(large), "bad-file", "synapses[0].weights");
    // 320 kB each would be 64 MB.
    expect(memory() - before).toBeLessThan(2 ** 22);
  });
});
