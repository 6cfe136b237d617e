// TensorFlow.js: the artifacts of a LayersModel, whose topology is that of Keras 2. operations.ts has the layers; here they are
// walked through, each call once.

import { show } from "../error.js";
import { type AnyGraph, build } from "./build.js";
import { type Config, operate } from "./operations.js";
import { array, bad, members, string, unsupported, whole } from "./read.js";
import { Maker, sizeOf, type Tensor } from "./tensor.js";
import { Weights } from "./weights.js";

/** What `model.save` hands to its handler, and `tf.io` reads. */
export interface TfjsArtifacts {
  readonly modelTopology: object;
  readonly weightSpecs: readonly object[];
  readonly weightData: ArrayBuffer;
}

/** The most units of a tensor, calls of layers, and models inside models. */
const WIDEST = 2 ** 20;
const MOST = 100_000;
const DEEPEST = 16;

/**
 * The graph of a layers model: its inputs and outputs have the model's names. Throws `bad-file`; `unsupported` for layers that
 * have no counterpart, recurrent and convolutional ones among them.
 */
export function fromTfjs(artifacts: TfjsArtifacts): AnyGraph {
  const { modelTopology, weightSpecs, weightData } = members(artifacts, "the artifacts");
  const topology = members(modelTopology, "modelTopology");
  if (topology.node !== undefined)
    throw unsupported("modelTopology", "is a GraphModel: it has operations, not layers");
  const model = readModel(topology.model_config ?? topology, "model", 0);
  const weights = new Weights(weightSpecs, weightData);
  if (model.outputs.length === 0) throw bad("model", "has no outputs");
  const names = new Set(model.inputs.map(({ name }) => name));
  if (names.size < model.inputs.length) throw bad("model", "has two inputs of one name");
  const outputs = model.outputs.map(({ layer }) => {
    let name = layer.name;
    for (let i = 1; names.has(name); i++) name = `${layer.name}_${i}`;
    names.add(name);
    return name;
  });
  return build((graph, later) => {
    const maker = new Maker(graph, later, names);
    const inputs = model.inputs.map(({ name, shape, path }) => maker.input(name, shape ?? missing(path)));
    new Walk(maker, weights).run(model, inputs, outputs);
  });
}

function missing(path: string): never {
  throw unsupported(path, "has no fixed shape");
}

/** A layer of a model. */
interface Named {
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
interface Reference {
  readonly layer: Named;
  /** By layer and number; its call, or undefined for an input. */
  readonly key: string;
  readonly tensor: number;
}

interface Model {
  readonly inputs: readonly Input[];
  readonly outputs: readonly Reference[];
  readonly inputKeys: readonly string[];
  readonly calls: ReadonlyMap<string, Call>;
}

const keyOf = (name: string, call: number) => `${call} ${name}`;

function isModel(type: string): boolean {
  return type === "Sequential" || type === "Functional" || type === "Model";
}

function readModel(json: unknown, path: string, depth: number): Model {
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

function bounded(shape: readonly number[], path: string): readonly number[] {
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

class Walk {
  readonly #maker: Maker;
  readonly #weights: Weights;
  #calls = 0;

  constructor(maker: Maker, weights: Weights) {
    this.#maker = maker;
    this.#weights = weights;
  }

  /** What a model gives for what it is given; where its outputs have names, they are made as the graph's outputs. */
  run(model: Model, given: readonly Tensor[], names?: readonly string[]): Tensor[] {
    const maker = this.#maker;
    if (given.length !== model.inputKeys.length) {
      throw bad("a model", `of ${model.inputKeys.length} inputs is given ${given.length}`);
    }
    const values = new Map<string, readonly Tensor[]>();
    for (const [i, key] of model.inputKeys.entries()) values.set(key, [given[i]!]);
    const uses = countUses(model);
    const made = new Set<string>();
    for (const key of inOrder(model, values)) {
      const { layer, from } = model.calls.get(key)!;
      const results = this.#call(
        layer,
        from.map((one) => taken(values, one)),
      );
      const last = model.outputs.findIndex((output) => output.key === key && output.tensor === 0);
      values.set(
        key,
        results.map((tensor, i) => {
          if (i === 0 && last >= 0 && names !== undefined && !made.has(key)) {
            made.add(key);
            return maker.output(tensor, names[last]!);
          }
          // What several use is made, so that none of its parameters is there twice.
          return (uses.get(`${i} ${key}`) ?? 0) > 1 ? maker.ready(tensor) : tensor;
        }),
      );
    }
    return model.outputs.map((output, i) => {
      const tensor = taken(values, output);
      const first = model.outputs.findIndex((one) => one.key === output.key && one.tensor === 0);
      const isMade = made.has(output.key) && first === i;
      return names === undefined || isMade ? tensor : maker.output(tensor, names[i]!);
    });
  }

  #call(layer: Named, inputs: readonly Tensor[]): readonly Tensor[] {
    if (++this.#calls > MOST) throw unsupported("the model", `calls its layers more than ${MOST} times`);
    if (layer.model !== undefined) return this.run(layer.model, inputs);
    const tensor = operate({ ...layer, inputs, maker: this.#maker, weights: this.#weights });
    bounded(tensor.shape, layer.path);
    return [tensor];
  }
}

/** How often each tensor is used, as an output too. */
function countUses(model: Model): Map<string, number> {
  const uses = new Map<string, number>();
  for (const { from } of [...model.calls.values(), { from: model.outputs }]) {
    for (const { key, tensor } of from) {
      const name = `${tensor} ${key}`;
      uses.set(name, (uses.get(name) ?? 0) + 1);
    }
  }
  return uses;
}

function taken(values: ReadonlyMap<string, readonly Tensor[]>, { layer, key, tensor }: Reference): Tensor {
  const found = values.get(key)?.[tensor];
  if (found === undefined) throw bad(layer.path, `has no tensor ${tensor} of the call ${key}`);
  return found;
}

/** The calls that the outputs depend on, each after those whose tensors it takes. Throws `bad-file` for a loop. */
function inOrder(model: Model, known: ReadonlyMap<string, unknown>): string[] {
  const done = new Set<string>(known.keys());
  const entered = new Set<string>();
  const order: string[] = [];
  const stack = model.outputs.map(({ key }) => key);
  for (let key = stack.at(-1); key !== undefined; key = stack.at(-1)) {
    const call = model.calls.get(key);
    if (call === undefined && !done.has(key)) throw bad("the model", `lacks the call ${show(key)}`);
    const missing = done.has(key) ? [] : call!.from.map((one) => one.key).filter((one) => !done.has(one));
    if (missing.length === 0) {
      stack.pop();
      if (!done.has(key)) order.push(key);
      done.add(key);
    } else if (entered.has(key)) {
      throw bad(call!.layer.path, "is part of a loop");
    } else {
      entered.add(key);
      stack.push(...missing);
    }
  }
  return order;
}
