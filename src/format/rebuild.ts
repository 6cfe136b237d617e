// Rebuilds a graph from its description, by the calls that made the first; then fills in its numbers.

import { type FloatArray, type Precision, precisions } from "../base/precision.js";
import { show } from "../base/text.js";
import { addLayer, type Buildable, connect, scale } from "../calls/build.js";
import { blockOf, layerTensors, type Owner, pathOf, synapseTensors, type Tensor } from "../memory/tensor.js";
import { layerRows } from "../model/layer.js";
import type { SynapseNode } from "../model/node.js";
import { optionsIn } from "../model/option.js";
import { synapseRows } from "../model/synapse.js";
import { Scaler } from "../rules/scaler.js";
import type { Entry } from "./description.js";
import { type OptimizerEntries, type OptimizerEntry, readLayer, readSynapse } from "./entry.js";
import { array, at, bad, fields } from "./path.js";

/** Number of draws from each stream. */
type Generators = Readonly<Record<"shuffles" | "noises" | "connections", number>>;

/** The facts that a network starts from. */
export interface Facts {
  readonly precision: Precision;
  readonly seed: number;
  readonly init: unknown;
  readonly optimizer: Readonly<Record<string, unknown>>;
  readonly generators: Generators;
  /** Random streams taken before this file's synapses. */
  readonly connections: number;
}

/** An empty network, and the reader of its optimizer's state. */
export interface Start<N extends Buildable> {
  readonly net: N;
  readonly optimizer: OptimizerEntries;
}

/** Starts a network. `inside` says whether numbers are members of their entries. Throws `bad-option`, `no-wasm`. */
export type Starter<N extends Buildable> = (facts: Facts, inside: boolean) => Start<N>;

/** Source of a description's numbers. */
export interface Numbers {
  /** Whether each tensor is a member of its entry. */
  readonly inside: boolean;
  /** Refuses a tensor without its right type and shape, before room is reserved for it. */
  check(tensor: Tensor, precision: Precision, member: unknown): void;
  /** Fills a view with a tensor's numbers. */
  fill(tensor: Tensor, view: FloatArray<Precision>, member: unknown): void;
}

export const MEMBERS = ["precision", "seed", "generators", "optimizer", "layers", "synapses"];
export const OPTIONAL = ["init", "state"];

/** Makes a network by the calls that made the first, then fills in its numbers. Throws `bad-file`. */
export function rebuild<N extends Buildable>(description: unknown, numbers: Numbers, start: Starter<N>): N {
  const file = fields(description, "the graph", MEMBERS, OPTIONAL);
  const entries = array(file.synapses, "synapses");
  const generators = {
    noises: 0,
    connections: entries.length,
    ...fields(file.generators, "generators", ["shuffles"], ["noises", "connections"]),
  } as unknown as Generators;
  for (const [name, least, below] of [
    ["shuffles", 0, 2 ** 32],
    ["noises", 0, 2 ** 53],
    ["connections", entries.length, 2 ** 32],
  ] as const) {
    const drawn = generators[name];
    if (!(Number.isInteger(drawn) && drawn >= least && drawn < below)) {
      throw bad(`generators.${name}`, `is ${show(drawn)}, not a whole number from ${least} to ${below - 1}`);
    }
  }
  if (typeof file.precision !== "string" || !Object.hasOwn(precisions, file.precision)) {
    throw bad("precision", `is ${show(file.precision)}`);
  }
  const precision = file.precision as Precision;
  if (typeof file.seed !== "number") throw bad("seed", `is ${show(file.seed)}`);
  const settings = fields(file.optimizer, "optimizer", ["name", "rate"], Object.keys(Object(file.optimizer)));
  // The first releases had `uniform` as their default, and didn't write it.
  const init = file.init === undefined ? "uniform" : file.init;
  // Random streams taken before this file's synapses; each synapse takes one more.
  const connections = generators.connections - entries.length;
  const { seed } = file;
  const { net, optimizer } = at("seed, precision, optimizer or init", () =>
    start({ precision, seed, init, optimizer: settings, generators, connections }, numbers.inside),
  );
  const { topology, memory } = net;
  const fills: (() => void)[] = [];
  /** Makes an owner of tensors, once all of its tensors are checked. */
  const add = <O extends Owner>(parameters: readonly Tensor[], entry: Entry, path: string, make: () => O) => {
    const parts = parameters.map((tensor) => ({ tensor, state: optimizer.read(entry, path, tensor) }));
    for (const { tensor, state } of parts) {
      for (const one of [tensor, ...state.tensors]) numbers.check(one, precision, entry[one.member]);
    }
    const owner = at(path, make);
    const fill = (tensor: Tensor, view: FloatArray<Precision>, others?: OptimizerEntry) => {
      numbers.fill(tensor, view, entry[tensor.member]);
      const refuse = (wrong: number, what: string) => {
        if (wrong >= 0) throw bad(`${pathOf(tensor)}, number ${wrong},`, `is ${view[wrong]}, ${what}`);
      };
      refuse(memory.core.call.notFinite(view.byteOffset, view.length), "not finite");
      if (others !== undefined) refuse(others.accept(tensor, view), "less than 0");
    };
    fills.push(() => {
      for (const { tensor, state } of parts) {
        const block = blockOf(owner, tensor);
        state.restore(block);
        fill(tensor, memory.viewOf(block));
        const isAbsent = tensor.member === "bias" && entry.hasBias === false;
        if (isAbsent && memory.viewOf(block).some((value) => value !== 0)) {
          throw bad(pathOf(tensor), "is not 0, and the layer has no bias");
        }
        for (const one of state.tensors) fill(one, state.view(one, block), state);
      }
    });
    return owner;
  };
  const made: SynapseNode[] = [];
  try {
    if (file.state !== undefined) optimizer.readState(file.state);
    array(file.layers, "layers").forEach((entry, i) => {
      const layer = readLayer(entry, `layers[${i}]`, numbers.inside, optimizer);
      const { name, kind, size, activation, loss, norm } = layer;
      const rest = optionsIn(layerRows, layer);
      add(layerTensors(i, layer, norm), layer as unknown as Entry, `layers[${i}]`, () =>
        addLayer(net, kind, name, size, activation, loss, rest, true),
      );
      const { scaler } = layer;
      if (scaler !== undefined) at(`layers[${i}].scaler`, () => scale(net, name, Scaler.fromJSON(scaler)));
    });
    entries.forEach((entry, i) => {
      const path = `synapses[${i}]`;
      const synapse = readSynapse(entry, path, numbers.inside, optimizer);
      const { from, to } = synapse;
      const { share, init, ...rest } = optionsIn(synapseRows, synapse);
      const [source, target] = at(path, () => [topology.layer(from), topology.layer(to)] as const);
      const shared = typeof share === "number" ? made[share] : undefined;
      if (share !== undefined && shared === undefined) {
        throw bad(`${path}.share`, `is ${show(share)}, not the number of a synapse before it`);
      }
      const tensors = synapseTensors(i, source, target, rest.kind, share);
      const synapseOf = () => {
        const own = init === undefined ? rest : { ...rest, init: init === "values" ? "zeros" : init };
        return connect(net, source, target, own, shared);
      };
      const joined = add(tensors, synapse as unknown as Entry, path, synapseOf);
      if (joined.weights !== undefined) joined.weights.start = undefined; // the weights are in the file
      if (init === "values") joined.init = init;
      made.push(joined);
    });
    for (const fill of fills) fill();
  } catch (error) {
    memory.dispose();
    throw error;
  }
  return net;
}
