// A graph as plain data; docs/format.md describes it. What is read is checked before anything is made from it, and each
// refusal names the place, as a path.

import { GraphError, show } from "../error.js";
import type { Graph, GraphSpec } from "../graph.js";
import type { LayerKind } from "../layer.js";
import type { Memory } from "../memory.js";
import { precisions } from "../rule.js";
import type { Topology } from "../topology.js";
import type { Activation, Loss, Optimizer, Precision } from "../types.js";
import { decode, encode, encodedLength } from "./base64.js";

const VERSION = 1;

interface Source {
  readonly memory: Memory;
  readonly topology: Topology;
  readonly seed: number;
  readonly optimizer: Optimizer;
  readonly shuffles: number;
}

export function toJSON({ memory, topology, seed, optimizer, shuffles }: Source): object {
  const text = (offset: number, count: number) => {
    const { buffer, byteOffset, byteLength } = memory.parameters(offset, count);
    return encode(new Uint8Array(buffer, byteOffset, byteLength));
  };
  return {
    format: "plexus",
    version: VERSION,
    precision: memory.precision,
    seed,
    generators: { shuffles },
    optimizer: { ...optimizer },
    layers: topology.layers.map(({ $: l }) => ({
      name: l.name,
      kind: l.kind,
      size: l.size,
      activation: l.activation,
      ...(l.loss === undefined ? {} : { loss: l.loss }),
      bias: text(l.offset, l.size),
    })),
    synapses: topology.synapses.map(({ $: s }) => ({
      from: s.from.$.name,
      to: s.to.$.name,
      ...(s.name === undefined ? {} : { name: s.name }),
      init: s.init,
      weights: text(s.offset, s.from.$.size * s.to.$.size),
    })),
  };
}

type Loose = Graph<string, string, string, Precision>;

/** Makes the graph by the same calls that made the first, then fills in its parameters. */
export function fromJSON(
  json: unknown,
  create: (spec: GraphSpec<string, string, string, Precision>, shuffles: number) => Loose,
): Loose {
  const file = fields(json, "the file", [
    "format",
    "version",
    "precision",
    "seed",
    "generators",
    "optimizer",
    "layers",
    "synapses",
  ]);
  if (file.format !== "plexus") throw bad("format", `is ${show(file.format)}, not "plexus"`);
  if (file.version !== VERSION) {
    throw bad("version", `is ${show(file.version)}; this release reads version ${VERSION}`);
  }
  const { shuffles } = fields(file.generators, "generators", ["shuffles"]);
  if (typeof shuffles !== "number" || !Number.isInteger(shuffles) || shuffles < 0 || shuffles >= 2 ** 32) {
    throw bad("generators.shuffles", `is ${show(shuffles)}, not a whole number from 0 to 2³² - 1`);
  }
  if (typeof file.precision !== "string" || !Object.hasOwn(precisions, file.precision)) {
    throw bad("precision", `is ${show(file.precision)}`);
  }
  const width = precisions[file.precision as Precision];
  if (typeof file.seed !== "number") throw bad("seed", `is ${show(file.seed)}`);
  const spec = {
    precision: file.precision as Precision,
    seed: file.seed,
    optimizer: fields(file.optimizer, "optimizer", ["name", "rate"]) as unknown as Optimizer,
  };
  const graph = at("seed, precision or optimizer", () => create(spec, shuffles));
  try {
    const layers = array(file.layers, "layers").map((entry, i) =>
      addLayer(graph, entry, `layers[${i}]`, width),
    );
    const synapses = array(file.synapses, "synapses").map((entry, i) =>
      addSynapse(graph, entry, `synapses[${i}]`, width),
    );
    layers.forEach(({ layer, bias }, i) => {
      fill(layer.bias, bias, `layers[${i}].bias`);
    });
    synapses.forEach(({ synapse, weights }, i) => {
      fill(synapse.weights, weights, `synapses[${i}].weights`);
    });
  } catch (error) {
    graph.dispose();
    throw error;
  }
  return graph;
}

/** What a layer's entry should hold; the graph's own checks refuse what it does not. */
interface LayerEntry {
  readonly name: string;
  readonly kind: LayerKind;
  readonly size: number;
  readonly activation: Activation;
  readonly loss?: Loss;
  readonly bias: string;
}

function addLayer(graph: Loose, entry: unknown, path: string, width: number) {
  const { name, kind, size, activation, loss, bias } = fields(
    entry,
    path,
    ["name", "kind", "size", "activation", "bias"],
    ["loss"],
  ) as unknown as LayerEntry;
  if (kind !== "input" && kind !== "hidden" && kind !== "output")
    throw bad(`${path}.kind`, `is ${show(kind)}`);
  if (kind === "output" ? typeof loss !== "string" : loss !== undefined) {
    throw bad(`${path}.loss`, `is ${show(loss)}; outputs have one, and no other layer`);
  }
  if (typeof activation !== "string") throw bad(`${path}.activation`, `is ${show(activation)}`);
  if (typeof size !== "number") throw bad(`${path}.size`, `is ${show(size)}`);
  // The size must fit the bytes that are there before anything is reserved for it.
  checkLength(bias, size, width, `${path}.bias`);
  const layer = at(path, () => {
    if (kind === "input") return graph.addInput(name, size, activation);
    if (kind === "hidden") return graph.addHidden(name, size, activation);
    return graph.addOutput(name, size, activation, loss);
  });
  return { layer, bias };
}

function addSynapse(graph: Loose, entry: unknown, path: string, width: number) {
  const { from, to, name, init, weights } = fields(entry, path, ["from", "to", "init", "weights"], ["name"]);
  if (typeof from !== "string") throw bad(`${path}.from`, `is ${show(from)}`);
  if (typeof to !== "string") throw bad(`${path}.to`, `is ${show(to)}`);
  const count = at(path, () => graph.layer(from).size * graph.layer(to).size);
  checkLength(weights, count, width, `${path}.weights`);
  if (typeof init !== "string") throw bad(`${path}.init`, `is ${show(init)}`);
  const options = (name === undefined ? { init } : { name, init }) as object;
  return { synapse: at(path, () => graph.connect(from, to, options)), weights: weights as string };
}

function checkLength(text: unknown, count: number, width: number, path: string): void {
  if (typeof text !== "string") throw bad(path, `is ${show(text)}, not base64 text`);
  const wanted = encodedLength(count * width);
  if (text.length !== wanted) throw bad(path, `has ${text.length} characters where ${wanted} are expected`);
}

/** Fills a live view, and refuses what isn't finite. */
function fill(view: Float64Array | Float32Array, text: string, path: string): void {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  if (!decode(text, bytes)) throw bad(path, "is not base64 (RFC 4648, padded)");
  const wrong = view.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw bad(`${path}, number ${wrong},`, `is ${view[wrong]}, not finite`);
}

/** The members of an object that has all the required ones, and no unknown ones. */
function fields(
  value: unknown,
  path: string,
  required: readonly string[],
  optional: readonly string[] = [],
): Record<string, unknown> {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw bad(path, `is ${show(value)}, not an object`);
  }
  for (const name of required) if (!Object.hasOwn(value, name)) throw bad(path, `lacks ${show(name)}`);
  for (const name of Object.keys(value)) {
    if (!required.includes(name) && !optional.includes(name)) throw bad(path, `has an unknown ${show(name)}`);
  }
  return Object.assign(Object.create(null), value);
}

function array(value: unknown, path: string): unknown[] {
  if (!Array.isArray(value)) throw bad(path, `is ${show(value)}, not an array`);
  return Array.from(value);
}

/** Turns a refusal by the graph into one of the file, at a place. */
function at<R>(path: string, make: () => R): R {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof GraphError) || error.code === "out-of-memory" || error.code === "no-wasm")
      throw error;
    throw new GraphError("bad-file", `${path}: ${error.message}`, { cause: error });
  }
}

function bad(path: string, what: string): GraphError {
  return new GraphError("bad-file", `${path} ${what}.`);
}
