// The topology of a Keras 2 model, in a row or of any shape: its layers, and the calls that join them.

import { show } from "../error.js";
import type { Config } from "./operations.js";
import { array, bad, members, string, unsupported, whole } from "./read.js";
import { sizeOf } from "./tensor.js";

/** The most units of a tensor, and models inside models. */
const WIDEST = 2 ** 20;
const DEEPEST = 16;

/** Throws `unsupported`. */
export function missing(path: string): never {
  throw unsupported(path, "has no fixed shape");
}

/** A layer of a model. */
export interface Named {
  readonly name: string;
  readonly path: string;
  readonly type: string;
  readonly config: Config;
  /** The model that it is. */
  readonly model?: Model;
}

/** An input, with its shape where the file tells it. */
interface Input {
  readonly name: string;
  readonly path: string;
  readonly shape: readonly number[] | undefined;
}

/** A use of a layer. */
interface Call {
  readonly layer: Named;
  readonly from: readonly Reference[];
}

/** One of the tensors that a call gives. */
export interface Reference {
  readonly layer: Named;
  /** By layer and number; its call, or undefined for an input. */
  readonly key: string;
  readonly tensor: number;
}

export interface Model {
  readonly inputs: readonly Input[];
  readonly outputs: readonly Reference[];
  readonly inputKeys: readonly string[];
  readonly calls: ReadonlyMap<string, Call>;
}

const keyOf = (name: string, call: number) => `${call} ${name}`;

function isModel(type: string): boolean {
  return type === "Sequential" || type === "Functional" || type === "Model";
}

export function readModel(json: unknown, path: string, depth: number): Model {
  if (depth > DEEPEST) throw unsupported(path, `is a model inside ${DEEPEST} others`);
  const { class_name: type, config } = members(json, path);
  if (type === "Sequential") return readSequential(config, path, depth);
  if (typeof type === "string" && isModel(type)) return readFunctional(config, path, depth);
  throw unsupported(path, `is of the class ${show(type)}, not Sequential or Functional`);
}

function readLayer(json: unknown, path: string, depth: number): Named {
  const { class_name, config: inner, name: outer } = members(json, path);
  const type = string(class_name, `${path}.class_name`);
  const config = members(inner, `${path}.config`);
  const name = string(config.name ?? outer, `${path}.config.name`);
  const layer = { name, path: `the layer ${show(name)}`, type, config };
  return isModel(type) ? { ...layer, model: readModel(json, layer.path, depth + 1) } : layer;
}

/** A layer's own input shape, without the samples. */
function readShape({ config, path, model }: Named): readonly number[] | undefined {
  const shape = config.batch_input_shape ?? config.batch_shape;
  if (shape === undefined || shape === null) return model?.inputs[0]?.shape;
  return bounded(
    array(shape, path)
      .slice(1)
      .map((one) => (one === null ? missing(path) : whole(one, path, 1))),
    path,
  );
}

/** Throws `unsupported` for a shape of too many units. */
export function bounded(shape: readonly number[], path: string): readonly number[] {
  if (sizeOf(shape) <= WIDEST) return shape;
  throw unsupported(path, `has ${sizeOf(shape)} units; ${WIDEST} is the most`);
}

function readSequential(config: unknown, path: string, depth: number): Model {
  const list = Array.isArray(config) ? config : array(members(config, path).layers, `${path}.layers`);
  const layers = list.map((one, i) => readLayer(one, `${path}.layers[${i}]`, depth));
  const [first] = layers;
  if (first === undefined) throw bad(path, "has no layers");
  const explicit = first.type === "InputLayer";
  const name = explicit ? first.name : (first.model?.inputs[0]?.name ?? `${first.name}_input`);
  const input: Input = { name, path: first.path, shape: readShape(first) };
  const inputKey = keyOf(name, -1);
  const calls = new Map<string, Call>();
  let last: Reference = { layer: first, key: inputKey, tensor: 0 };
  for (const [i, layer] of layers.slice(explicit ? 1 : 0).entries()) {
    calls.set(keyOf(layer.name, i), { layer, from: [last] });
    last = { layer, key: keyOf(layer.name, i), tensor: 0 };
  }
  return { inputs: [input], inputKeys: [inputKey], outputs: [last], calls };
}

function readFunctional(given: unknown, path: string, depth: number): Model {
  const config = members(given, path);
  const named = new Map<string, Named>();
  const nodes: [Named, unknown[]][] = [];
  array(config.layers, `${path}.layers`).forEach((one, i) => {
    const layer = readLayer(one, `${path}.layers[${i}]`, depth);
    if (named.has(layer.name)) throw bad(path, `has two layers ${show(layer.name)}`);
    named.set(layer.name, layer);
    nodes.push([layer, array(members(one, layer.path).inbound_nodes, `${layer.path}.inbound_nodes`)]);
  });
  const firsts = new Set<Named>();
  const refer = (value: unknown, place: string): Reference => {
    if (!Array.isArray(value)) throw unsupported(place, "refers to layers in another way than Keras 2");
    const [name, call, tensor] = value;
    const layer = named.get(string(name, place));
    if (layer === undefined) throw bad(place, `names a layer ${show(name)}, which is not there`);
    if (call === 0) firsts.add(layer);
    return { layer, key: keyOf(layer.name, whole(call, place, 0)), tensor: whole(tensor, place, 0) };
  };
  const several = (value: unknown, place: string): Reference[] => {
    const references = array(value, place);
    // One alone may stand without a list around it.
    return typeof references[0] === "string"
      ? [refer(value, place)]
      : references.map((one) => refer(one, place));
  };
  const inputs = several(config.input_layers, `${path}.input_layers`);
  const outputs = several(config.output_layers, `${path}.output_layers`);
  const used = nodes.map(([layer, uses]) => {
    return uses.map((use, i) => several(use, `${layer.path}.inbound_nodes[${i}]`));
  });
  const calls = new Map<string, Call>();
  for (const [n, [layer]] of nodes.entries()) {
    // A model's own making counts as its first call, unless something refers to that as a later one.
    const first = layer.model !== undefined && !firsts.has(layer) ? 1 : 0;
    for (const [i, from] of used[n]!.entries()) calls.set(keyOf(layer.name, i + first), { layer, from });
  }
  return {
    inputs: inputs.map(({ layer }) => ({ name: layer.name, path: layer.path, shape: readShape(layer) })),
    inputKeys: inputs.map(({ key }) => key),
    outputs,
    calls,
  };
}
