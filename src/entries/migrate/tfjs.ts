// Files of TensorFlow.js: the artifacts of a LayersModel. topology.ts reads its layers, operations.ts computes them, and this
// file runs each call once.

import { list, show } from "../../base/text.js";
import type { Graph } from "../../index.js";
import { build } from "./build.js";
import { classesOf } from "./embedding.js";
import { padded } from "./images.js";
import { Maker } from "./maker.js";
import { open } from "./open.js";
import { operate } from "./operations.js";
import { bytesOf, plain } from "./plain.js";
import { array, bad, members, string, unsupported } from "./read.js";
import type { Tensor } from "./tensor.js";
import { bounded, hasSteps, type Model, missing, type Named, type Reference, readModel } from "./topology.js";
import { Weights } from "./weights.js";

/** Bytes: an ArrayBuffer, or a view such as a Buffer or a Uint8Array. Of a view's memory only its own bytes are read. */
export type TfjsBytes = ArrayBuffer | ArrayBufferView;

/** Artifacts that `model.save` hands to its handler, and `tf.io` reads. */
export interface TfjsArtifacts {
  readonly modelTopology: object;
  readonly weightSpecs: readonly object[];
  readonly weightData: TfjsBytes | readonly TfjsBytes[];
}

/** A `model.json`, parsed. */
export interface TfjsModel {
  readonly modelTopology: object;
  readonly weightsManifest: readonly {
    readonly paths: readonly string[];
    readonly weights: readonly object[];
  }[];
}

/** Most calls of layers: a small file could ask for any number. */
const CALLS = 100_000;

/**
 * Makes the graph of a layers model: its inputs and outputs have the model's names. `model` is the artifacts of `model.save`,
 * or a parsed `model.json` with the bytes of its weights. These bytes are all in one run, or in one for each path of the
 * manifest. Inputs of a model with recurrent layers take sequences of any length, those before an embedding class numbers.
 * Channels come last, in images and kernels alike. Throws `bad-file`; `unsupported` for layers without a counterpart.
 */
export function fromTfjs(model: TfjsArtifacts): Graph;
export function fromTfjs(model: TfjsModel, weights: TfjsBytes | readonly TfjsBytes[]): Graph;
export function fromTfjs(given: TfjsArtifacts | TfjsModel, shards?: TfjsBytes | readonly TfjsBytes[]): Graph {
  const file = open(given, "fromTfjs");
  const bytes = shards === undefined ? undefined : plain(shards, "the weights");
  const topology = members(file.modelTopology, "modelTopology");
  if (topology.node !== undefined)
    throw unsupported("modelTopology", "is a GraphModel: it has operations, not layers");
  const model = readModel(topology.model_config ?? topology, "model");
  const weights = file.weightSpecs === undefined ? fromManifest(file, bytes) : fromArtifacts(file, bytes);
  if (model.outputs.length === 0) throw bad("model", "has no outputs");
  const names = new Set(model.inputs.map(({ name }) => name));
  if (names.size < model.inputs.length) throw bad("model", "has two inputs of one name");
  const outputs = model.outputs.map(({ layer }) => {
    let name = layer.name;
    for (let i = 1; names.has(name); i++) name = `${layer.name}_${i}`;
    names.add(name);
    return name;
  });
  return build((graph) => {
    const maker = new Maker(graph, names);
    const walk = new Walk(maker, weights);
    const isRecurrent = hasSteps(model);
    const inputs = model.inputs.map(({ name, path, shape = missing(path) }, i) => {
      const classes = classesOf(model, i);
      // In a model of sequences, the first of several axes is that of the steps. Class numbers can have this axis alone.
      const steps = isRecurrent && (shape.length > 1 || (classes !== undefined && shape[0] !== 1));
      const step = (steps ? shape.slice(1) : shape).map((one) => one ?? missing(path));
      return maker.input(name, step, isRecurrent ? steps : undefined, classes);
    });
    walk.run(model, inputs, outputs);
    maker.finish();
  });
}

type Members = Readonly<Record<string, unknown>>;

function fromArtifacts({ weightSpecs, weightData }: Members, bytes: unknown): Weights {
  const data = bytes ?? weightData;
  const list = Array.isArray(data) ? data : [data];
  return new Weights(
    array(weightSpecs, "weightSpecs"),
    list.map((one) => bytesOf(one, "weightData")),
  );
}

function fromManifest({ weightsManifest }: Members, bytes: unknown): Weights {
  const groups = array(weightsManifest, "weightsManifest").map((group, i) =>
    members(group, `weightsManifest[${i}]`),
  );
  const specs = groups.flatMap(({ weights }, i) => array(weights, `weightsManifest[${i}].weights`));
  const paths = groups.flatMap(({ paths }, i) => array(paths, `weightsManifest[${i}].paths`));
  const files = list(paths.map((path, i) => string(path, `path ${i} of weightsManifest`)));
  if (bytes === undefined) {
    throw bad("the file", `is a model.json; call fromTfjs(file, weights) with the bytes of ${files}`);
  }
  const shards = Array.isArray(bytes) ? bytes : [bytes];
  if (shards.length !== paths.length && shards.length !== 1) {
    throw bad("the weights", `are ${shards.length} shards, and the manifest names ${paths.length}: ${files}`);
  }
  return new Weights(
    specs,
    shards.map((one, i) => bytesOf(one, `shard ${i} of the weights`)),
  );
}

class Walk {
  readonly #maker: Maker;
  readonly #weights: Weights;
  #calls = 0;

  constructor(maker: Maker, weights: Weights) {
    this.#maker = maker;
    this.#weights = weights;
  }

  /** Returns a model's outputs for its inputs; outputs with names are made as the graph's outputs. */
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
            return maker.output(padded(maker, tensor, layer.name), names[last]!);
          }
          // A tensor with several uses is made now, so that no parameter is there twice.
          return (uses.get(`${i} ${key}`) ?? 0) > 1 ? maker.ready(tensor) : tensor;
        }),
      );
    }
    return model.outputs.map((output, i) => {
      const tensor = taken(values, output);
      const first = model.outputs.findIndex((one) => one.key === output.key && one.tensor === 0);
      const isMade = made.has(output.key) && first === i;
      if (names === undefined || isMade) return tensor;
      return maker.output(padded(maker, tensor, output.layer.name), names[i]!);
    });
  }

  #call(layer: Named, inputs: readonly Tensor[]): readonly Tensor[] {
    if (++this.#calls > CALLS) throw unsupported("the model", `calls its layers more than ${CALLS} times`);
    if (layer.model !== undefined) return this.run(layer.model, inputs);
    const tensor = operate({
      ...layer,
      scope: layer.name,
      inputs,
      maker: this.#maker,
      weights: this.#weights,
    });
    bounded(tensor.shape, layer.path);
    return [tensor];
  }
}

/** Counts the uses of each tensor, as an output too. */
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

/** Returns the calls that the outputs depend on, each after its sources. Throws `bad-file` for a loop. */
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
      for (const key of missing) stack.push(key);
    }
  }
  return order;
}
