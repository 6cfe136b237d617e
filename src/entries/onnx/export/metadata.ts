// The metadata of a file: the release, the graph that it is of, and the names of its layers and classes.

import { RELEASE } from "../../../base/release.js";
import { show } from "../../../base/text.js";
import type { Network } from "../../../calls/network.js";
import { type AnyGraph, GraphError, type Layer } from "../../../index.js";
import {
  blockOf,
  bytesOf,
  layerTensors,
  mapTensors,
  synapseTensors,
  type TensorView,
} from "../../../memory/tensor.js";
import { biasesOf, channels } from "../../../rules/shape.js";
import { Hash } from "./hash.js";

/** Names of classes by the name of an output, in the order of its units or channels. */
export type ClassNames = Readonly<Record<string, readonly string[]>>;

/** A property of an ONNX model. */
interface Property {
  readonly key: string;
  readonly value: string;
}

/**
 * Returns the properties of a file. `layers` are the names that it has, and `classes` is left out where there are none.
 * Texts of several names are JSON.
 */
export function metadata(
  { seed }: AnyGraph,
  network: Network,
  layers: readonly string[],
  classes: ClassNames,
): Property[] {
  const properties: [string, string][] = [
    ["version", RELEASE],
    ["seed", `${seed}`],
    ["parameters", `sha256:${hashOf(network)}`],
    ["layers", JSON.stringify(layers)],
  ];
  if (Object.keys(classes).length > 0) properties.push(["classes", JSON.stringify(classes)]);
  return properties.map(([name, value]) => ({ key: `plexus.${name}`, value }));
}

/** Returns the SHA-256 of a graph's tensors in the order of `save`: of all that follows the header of that file. */
function hashOf({ topology: { layers, synapses }, memory }: Network): string {
  const hash = new Hash();
  const add = (view: TensorView) => hash.add(bytesOf(view));
  for (const layer of layers) {
    for (const tensor of layerTensors(0, { ...layer, biases: biasesOf(layer) })) {
      add(memory.viewOf(blockOf(layer, tensor)));
    }
  }
  for (const synapse of synapses) {
    for (const tensor of synapseTensors(0, synapse, synapse.kind, synapse.share)) {
      add(memory.viewOf(blockOf(synapse, tensor)));
    }
  }
  for (const synapse of synapses) {
    const { kind, share, units, pattern } = synapse;
    if (mapTensors(0, synapse, kind, share).length > 0) add((units ?? pattern)!);
  }
  return hash.digest();
}

/**
 * Reads names of classes for outputs of a file, one for each unit, or for each channel of a shape. Throws `bad-option`,
 * `unknown-layer`, `not-an-output`.
 */
export function readClasses(given: unknown, graph: AnyGraph, outputs: readonly Layer[]): ClassNames {
  const classes: Record<string, readonly string[]> = Object.create(null);
  if (given === undefined) return classes;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    const form = '`{ y: ["cat", "dog"] }`';
    throw new GraphError("bad-option", `The classes are an object such as ${form}, not ${show(given)}.`);
  }
  for (const name of Object.keys(given)) {
    const { kind } = graph.layer(name);
    if (kind !== "output") throw new GraphError("not-an-output", `The layer ${show(name)} is not an output.`);
    if (!outputs.some((output) => output.name === name)) {
      const left = `the file has no output ${show(name)}, since \`outputs\` leaves it out`;
      throw new GraphError("bad-option", `The classes can't be written: ${left}.`);
    }
  }
  // In the order of the outputs, so that equal options make equal files.
  for (const { name, shape } of graph.outputs) {
    if (!Object.hasOwn(given, name)) continue;
    classes[name] = readNames((given as Record<string, unknown>)[name], name, channels(shape));
  }
  return classes;
}

/** Reads the names of an output's classes. Throws `bad-option`. */
function readNames(given: unknown, output: string, count: number): readonly string[] {
  const of = `The classes of ${show(output)} are`;
  if (!Array.isArray(given))
    throw new GraphError("bad-option", `${of} an array of names, not ${show(given)}.`);
  if (given.length !== count) {
    const names = count === 1 ? "1 name" : `${count} names`;
    throw new GraphError("bad-option", `${of} ${names}, one for each unit or channel, not ${given.length}.`);
  }
  const wrong = Array.from(given).find(
    (name) => typeof name !== "string" || name === "" || !name.isWellFormed(),
  );
  if (wrong !== undefined || given.length > Object.keys(given).length) {
    throw new GraphError("bad-option", `${of} strings that are not empty, not ${show(wrong)}.`);
  }
  const twice = given.find((name, i) => given.indexOf(name) < i);
  if (twice !== undefined)
    throw new GraphError("bad-option", `${of} different names, and ${show(twice)} comes twice.`);
  return given;
}
