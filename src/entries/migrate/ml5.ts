// Files of ml5's `neuralNetwork.save()`: a layers model of TensorFlow.js, and a meta file with the meaning of its numbers.

import { show } from "../../base/text.js";
import { type Graph, GraphError, Scaler } from "../../index.js";
import { plain } from "./plain.js";
import { array, bad, members, number, unsupported } from "./read.js";
import { fromTfjs, type TfjsBytes, type TfjsModel } from "./tfjs.js";

/** Units of a layer: their names, and the offset and divisor of each. */
interface Units {
  readonly names: string[];
  readonly offset: number[];
  readonly divisor: number[];
}

/**
 * Makes the graph of an ml5 network from its `model.json`, `model_meta.json` and the bytes of its weights. If the data were
 * normalized, the graph has scalers, so that it takes and returns the user's numbers. `inputs` are the names of the input's
 * units, `outputs` the classes or the names of the output's values. A text among the inputs has a unit, `name=text`, for each
 * of its values. Throws `bad-file`, `unsupported`.
 */
export function fromMl5(
  model: TfjsModel,
  meta: object,
  weights: TfjsBytes | readonly TfjsBytes[],
): { graph: Graph; inputs: string[]; outputs: string[] } {
  const file = unified(members(plain(meta, "the meta file"), "the meta file"));
  const normalized = file.isNormalized === true;
  const graph = fromTfjs(model, weights);
  try {
    const [input, output] = [graph.inputs, graph.outputs].map((layers) => {
      if (layers.length !== 1)
        throw unsupported("the model", `has ${layers.length} inputs or outputs, not one`);
      return layers[0]!;
    });
    const inputs = readUnits(file.inputs, "inputs", input!.size, Number.MAX_VALUE);
    const outputs = readUnits(file.outputs, "outputs", output!.size, Number.MIN_VALUE);
    if (normalized) {
      for (const [layer, units] of [[input!, inputs] as const, [output!, outputs] as const])
        scale(graph, layer.name, units);
    }
    return { graph, inputs: inputs.names, outputs: outputs.names };
  } catch (error) {
    graph.dispose();
    throw error;
  }
}

/**
 * Converts a meta file from before version 0.5. It has the ranges apart, `{ data, meta }`, in lists by input and by output;
 * null where nothing was normalized.
 */
function unified(file: Record<string, unknown>): Record<string, unknown> {
  if (file.inputs !== undefined || file.meta === undefined || file.data === undefined) return file;
  const [meta, ranges] = [members(file.meta, "meta"), members(file.data, "data")];
  const sides = (["input", "output"] as const).map((side) => {
    const units = Object.entries(members(meta[`${side}s`], `meta.${side}s`));
    const limit = (name: "Min" | "Max", i: number) => {
      const given = ranges[side + name];
      // Classes have one range for all, which nothing reads.
      return Array.isArray(given) ? { [name.toLowerCase()]: given[i] ?? null } : {};
    };
    return units.map(([name, unit], i) => {
      const read = members(unit, `meta.${side}s.${name}`);
      return [name, { ...read, ...limit("Min", i), ...limit("Max", i) }] as const;
    });
  });
  const [inputs, outputs] = sides.map((units) => Object.fromEntries(units));
  return { ...meta, inputs, outputs };
}

function scale(graph: Graph, name: string, { offset, divisor }: Units): void {
  if (offset.every((one) => one === 0) && divisor.every((one) => one === 1)) return;
  (graph as Graph<string, string, string>).scale(name, Scaler.fromJSON({ kind: "minmax", offset, divisor }));
}

/**
 * Reads the ranges of a layer's units from a meta file. If a range is empty, ml5 takes 0 for every input and returns its
 * number for every output; the graph does so by the divisor `constant`.
 */
function readUnits(given: unknown, path: string, size: number, constant: number): Units {
  const units: Units = { names: [], offset: [], divisor: [] };
  for (const [name, value] of Object.entries(members(given, path))) {
    const place = `${path}.${name}`;
    const { dtype, legend, min = 0, max = 1 } = members(value, place);
    if (dtype === "string") {
      const classes = readLegend(legend, place, size);
      units.names.push(...classes.map((one) => (path === "outputs" ? one : `${name}=${one}`)));
      units.offset.push(...classes.map(() => 0));
      units.divisor.push(...classes.map(() => 1));
      continue;
    }
    if (dtype !== "number" && dtype !== "array") throw bad(`${place}.dtype`, `is ${show(dtype)}`);
    const least = number(min, `${place}.min`);
    const range = number(number(max, `${place}.max`) - least, `the range of ${place}`);
    // An array, such as an image's numbers, is the layer's only member.
    for (let i = 0; i < (dtype === "array" ? size : 1); i++) {
      units.names.push(dtype === "array" ? `${name}[${i}]` : name);
      units.offset.push(least);
      units.divisor.push(range === 0 ? constant : range);
    }
  }
  if (units.names.length !== size) {
    throw new GraphError(
      "bad-file",
      `${path} of the meta file has ${units.names.length} units, and the model ${size}.`,
    );
  }
  return units;
}

/** Returns the texts of a legend, each at the index of its unit. */
function readLegend(legend: unknown, place: string, size: number): string[] {
  const entries = Object.entries(members(legend, `${place}.legend`));
  if (entries.length > size) throw bad(`${place}.legend`, `has ${entries.length} texts for ${size} units`);
  const found = new Array<string>(entries.length);
  for (const [text, code] of entries) {
    const units = array(code, `${place}.legend`);
    const at = units.indexOf(1);
    if (units.length !== entries.length || at < 0 || found[at] !== undefined) {
      throw bad(`${place}.legend`, `has for ${show(text)} no unit of its own`);
    }
    found[at] = text;
  }
  return found;
}
