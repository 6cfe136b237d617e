// The numbers of a state as plain data; docs/format.md describes it.

import { holds, type precisions } from "../base/precision.js";
import { show } from "../base/text.js";
import { isClass } from "../calls/classes.js";
import type { Network } from "../calls/network.js";
import { Past, type Remembered } from "../calls/past.js";
import { bytesOf } from "../memory/tensor.js";
import { decode, encode } from "./base64.js";
import { array, at, bad, fields, numberAt } from "./path.js";

const FORMAT = "plexus-state";
const VERSION = 1;

/** Returns the numbers of a state as plain data. Throws `unsupported` where a text is too long for the host. */
export function stateToJSON({ topology, rows, steps, outputs, layers }: Past, precision: string): object {
  return {
    format: FORMAT,
    version: VERSION,
    precision,
    rows,
    steps: [...steps],
    outputs: outputs?.map(({ index }) => topology.layers[index]!.name) ?? [],
    layers: layers.map(({ layer: { name }, depth, values, begun }) => {
      return { name, depth, values: encode(bytesOf(values)), begun: encode(begun) };
    }),
  };
}

/** Returns the numbers of a state from plain data. Throws `bad-file`, `out-of-memory`. */
export function stateFromJSON({ topology, memory }: Network, json: unknown): Past {
  const required = ["format", "version", "precision", "rows", "steps", "outputs", "layers"];
  const file = fields(json, "the state", required, []);
  if (file.format !== FORMAT) throw bad("format", `is ${show(file.format)}, not ${show(FORMAT)}`);
  if (file.version !== VERSION) {
    throw bad("version", `is ${show(file.version)}; this release reads version ${VERSION}`);
  }
  if (file.precision !== memory.precision) {
    throw bad("precision", `is ${show(file.precision)}, and that of the graph ${show(memory.precision)}`);
  }
  const rows = numberAt("rows", file.rows, { least: 1, whole: true });
  const steps = array(file.steps, "steps");
  if (steps.length !== rows) throw bad("steps", `has ${steps.length} elements for ${rows} rows`);
  const entries = array(file.layers, "layers");
  const outputs = array(file.outputs, "outputs");
  const past = new Past(topology, memory, rows);
  if (entries.length !== past.layers.length) {
    const found = `has ${entries.length} layers, and the graph remembers ${past.layers.length}`;
    throw bad("layers", found);
  }
  entries.forEach((entry, i) => {
    readLayer(entry, `layers[${i}]`, past.layers[i]!, memory.precision);
  });
  steps.forEach((count, row) => {
    past.steps[row] = numberAt(`steps[${row}]`, count, { least: 0, whole: true });
  });
  if (outputs.length > 0) past.outputs = at("outputs", () => topology.outputsOf(outputs));
  return past;
}

/** Reads the remembered steps of a layer. Throws `bad-file`. */
function readLayer(
  entry: unknown,
  path: string,
  { layer, depth, values, begun }: Remembered,
  precision: keyof typeof precisions,
): void {
  const read = fields(entry, path, ["name", "depth", "values", "begun"], []);
  if (read.name !== layer.name) throw bad(`${path}.name`, `is ${show(read.name)}, not ${show(layer.name)}`);
  if (read.depth !== depth) throw bad(`${path}.depth`, `is ${show(read.depth)}, not ${depth}`);
  for (const [name, bytes] of [
    ["values", bytesOf(values)],
    ["begun", begun],
  ] as const) {
    const text = read[name];
    if (typeof text === "string" && decode(text, bytes)) continue;
    throw bad(`${path}.${name}`, `is not base64 of ${bytes.length} bytes (RFC 4648, padded)`);
  }
  if (begun.some((flag) => flag > 1)) throw bad(`${path}.begun`, "has a byte that is neither 0 nor 1");
  const { classes, size } = layer;
  // The core reads rows of a table by class numbers.
  const isNone = (value: number, i: number) =>
    classes !== undefined && begun[Math.floor(i / size)] === 1 && !isClass(value, classes);
  const wrong = values.findIndex((value, i) => !holds(precision, value) || isNone(value, i));
  if (wrong >= 0) throw bad(`${path}.values`, `has ${values[wrong]} as number ${wrong}`);
}
