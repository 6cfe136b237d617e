// The topology of a Keras model, sequential or functional: its layers, and the calls that join them. Versions 1 to 3 write it
// in several ways.

import { show } from "../../base/text.js";
import type { Config } from "./operation.js";
import { array, bad, members, string, unsupported, whole } from "./read.js";
import { recurrent } from "./recurrent.js";
import { sizeOf } from "./tensor.js";

/** Most units of a tensor, greatest depth of nested models, and most layers of all of them. */
const WIDEST = 2 ** 22;
const DEEPEST = 16;
const LAYERS = 100_000;

/** Throws `unsupported` for a layer without a fixed shape. */
export function missing(path: string): never {
  throw unsupported(path, "has no fixed shape");
}

/** A layer of a model. */
export interface Named {
  readonly name: string;
  readonly path: string;
  readonly type: string;
  readonly config: Config;
  /** The model that the layer is. */
  readonly model?: Model;
}

/** A shape without the samples. The first axis of several is null where it is any number of steps. */
type Shape = readonly (number | null)[];

/** An input, with its shape where the file has one. */
interface Input {
  readonly name: string;
  readonly path: string;
  readonly shape: Shape | undefined;
}

/** A use of a layer. */
interface Call {
  readonly layer: Named;
  readonly from: readonly Reference[];
}

/** One of the tensors that a call returns. */
export interface Reference {
  readonly layer: Named;
  /** Layer and number of the call. It is a key of the model's calls, which lack inputs. */
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

/** Reads the topology of a model. Throws `bad-file`, `unsupported`. */
export function readModel(json: unknown, path: string): Model {
  return new Reader().model(json, path, 0);
}

/** Returns a layer's own input shape, without the samples. */
function readShape({ config, path, model }: Named): Shape | undefined {
  const shape = config.batch_input_shape ?? config.batch_shape;
  if (shape === undefined || shape === null) return model?.inputs[0]?.shape;
  return shapeOf(shape, path);
}

function shapeOf(shape: unknown, path: string): Shape {
  const dims = array(shape, path).slice(1);
  const read = dims.map((one, i) => {
    if (one === null) return i === 0 ? null : missing(path);
    return whole(one, path, 1);
  });
  bounded(
    read.map((one) => one ?? 1),
    path,
  );
  return read;
}

/** Returns whether a model has a layer that works on sequences, or an input of any number of steps. */
export function hasSteps(model: Model): boolean {
  const models = new Set([model]);
  // The loop also visits models that are added inside of it.
  for (const { inputs, calls } of models) {
    if (inputs.some(({ shape }) => shape?.[0] === null)) return true;
    for (const { layer } of calls.values()) {
      if (Object.hasOwn(recurrent, layer.type) || layer.type === "TimeDistributed") return true;
      if (layer.model !== undefined) models.add(layer.model);
    }
  }
  return false;
}

/** Throws `unsupported` for a shape of too many units. */
export function bounded(shape: readonly number[], path: string): readonly number[] {
  if (sizeOf(shape) <= WIDEST) return shape;
  throw unsupported(path, `has ${sizeOf(shape)} units; ${WIDEST} is the most`);
}

class Reader {
  #layers = 0;

  model(json: unknown, path: string, depth: number): Model {
    if (depth > DEEPEST) throw unsupported(path, `is a model inside ${DEEPEST} others`);
    const { class_name: type, config, build_config } = members(json, path);
    if (type === "Sequential") return this.#sequential(config, build_config, path, depth);
    if (typeof type === "string" && isModel(type)) return this.#functional(config, path, depth);
    throw unsupported(path, `is of the class ${show(type)}, not Sequential or Functional`);
  }

  #layer(json: unknown, path: string, depth: number): Named {
    if (++this.#layers > LAYERS) throw unsupported("the model", `has more than ${LAYERS} layers`);
    const { class_name, config: inner, name: outer } = members(json, path);
    const type = string(class_name, `${path}.class_name`);
    // Before Keras 2.2.3 a sequential model has a list here, and no name of its own.
    const list = type === "Sequential" && Array.isArray(inner);
    const config = list ? {} : members(inner, `${path}.config`);
    const name = string(config.name ?? outer ?? (list ? "sequential" : undefined), `${path}.config.name`);
    const layer = { name, path: `the layer ${show(name)}`, type, config };
    return isModel(type) ? { ...layer, model: this.model(json, layer.path, depth + 1) } : layer;
  }

  #sequential(config: unknown, built: unknown, path: string, depth: number): Model {
    const { layers: inner, build_input_shape } = Array.isArray(config)
      ? { layers: config }
      : members(config, path);
    const list = array(inner, `${path}.layers`);
    const layers = list.map((one, i) => this.#layer(one, `${path}.layers[${i}]`, depth));
    const [first] = layers;
    if (first === undefined) throw bad(path, "has no layers");
    const explicit = first.type === "InputLayer";
    const name = explicit ? first.name : (first.model?.inputs[0]?.name ?? `${first.name}_input`);
    // Keras 2 and 3 write the built shape, each in its place.
    const whole =
      build_input_shape ??
      (built === undefined || built === null ? undefined : members(built, path).input_shape);
    const shape =
      readShape(first) ?? (whole === undefined || whole === null ? undefined : shapeOf(whole, path));
    const input: Input = { name, path: first.path, shape };
    const inputKey = keyOf(name, -1);
    const calls = new Map<string, Call>();
    let last: Reference = { layer: first, key: inputKey, tensor: 0 };
    for (const [i, layer] of layers.slice(explicit ? 1 : 0).entries()) {
      calls.set(keyOf(layer.name, i), { layer, from: [last] });
      last = { layer, key: keyOf(layer.name, i), tensor: 0 };
    }
    return { inputs: [input], inputKeys: [inputKey], outputs: [last], calls };
  }

  #functional(given: unknown, path: string, depth: number): Model {
    const config = members(given, path);
    const named = new Map<string, Named>();
    const nodes: [Named, unknown[]][] = [];
    array(config.layers, `${path}.layers`).forEach((one, i) => {
      const layer = this.#layer(one, `${path}.layers[${i}]`, depth);
      if (named.has(layer.name)) throw bad(path, `has two layers ${show(layer.name)}`);
      named.set(layer.name, layer);
      nodes.push([layer, array(members(one, layer.path).inbound_nodes, `${layer.path}.inbound_nodes`)]);
    });
    const firsts = new Set<Named>();
    const refer = (value: unknown, place: string): Reference => {
      const [name, call, tensor] = array(value, place);
      const layer = named.get(string(name, place));
      if (layer === undefined) throw bad(place, `names a layer ${show(name)}, which is not there`);
      if (call === 0) firsts.add(layer);
      return { layer, key: keyOf(layer.name, whole(call, place, 0)), tensor: whole(tensor, place, 0) };
    };
    const several = (value: unknown, place: string): Reference[] => {
      // Inputs and outputs with names are members of an object.
      const list =
        typeof value === "object" && value !== null && !Array.isArray(value) ? Object.values(value) : value;
      return histories(list, place).map((one) => refer(one, place));
    };
    const inputs = several(config.input_layers, `${path}.input_layers`);
    const outputs = several(config.output_layers, `${path}.output_layers`);
    const used = nodes.map(([layer, uses]) => {
      return uses.map((use, i) => {
        const place = `${layer.path}.inbound_nodes[${i}]`;
        return Array.isArray(use) ? several(use, place) : tensors(use, place).map((one) => refer(one, place));
      });
    });
    const calls = new Map<string, Call>();
    for (const [n, [layer]] of nodes.entries()) {
      // The creation of a model counts as its first call, unless a reference calls it a later one.
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
}

/** Returns references of Keras 1 and 2, `[layer, call, tensor]`. A single one may stand without a list around it. */
function histories(value: unknown, place: string): unknown[] {
  const list = array(value, place);
  return typeof list[0] === "string" ? [list] : list;
}

/** Returns the references in a call of Keras 3, `{ args, kwargs }`: each is an object that stands for a tensor. */
function tensors(call: unknown, place: string): unknown[] {
  const { args, kwargs } = members(call, place);
  if (Object.values(members(kwargs ?? {}, place)).some((one) => historyOf(one) !== undefined)) {
    throw unsupported(place, "gives a tensor by name");
  }
  const [first, ...others] = array(args, `${place}.args`);
  if (first === undefined) throw bad(`${place}.args`, "is empty");
  // Layers of several tensors take them in a list.
  const list = Array.isArray(first) && others.length === 0 ? first : [first, ...others];
  return list.map((one) => {
    const history = historyOf(one);
    if (history === undefined)
      throw unsupported(place, `is given ${show(one)}, which is no tensor of the model`);
    return history;
  });
}

function historyOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { class_name, config } = value as Record<string, unknown>;
  if (class_name !== "__keras_tensor__" || typeof config !== "object" || config === null) return undefined;
  return (config as Record<string, unknown>).keras_history;
}
