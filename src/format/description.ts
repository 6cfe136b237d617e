// The description of a graph: its topology, options and generators; docs/format.md lists its members.

import { isObject } from "../base/options.js";
import type { Contents } from "../calls/network.js";
import {
  blockOf,
  layerTensors,
  mapTensors,
  momentTensors,
  type Owner,
  synapseTensors,
  type Tensor,
  type TensorView,
  viewOf,
} from "../memory/tensor.js";
import { layerRows } from "../model/layer.js";
import type { SynapseNode } from "../model/node.js";
import { membersOf } from "../model/option.js";
import { synapseRows } from "../model/synapse.js";
import { activations } from "../rules/activation.js";
import { losses } from "../rules/loss.js";
import { momentsOf } from "../rules/optimizer.js";
import { option } from "../rules/rule.js";
import { numbersOf } from "../rules/scaling.js";
import { biasesOf } from "../rules/shape.js";
import { windowMembers } from "./entry.js";
import { versionOf } from "./version.js";

/** The entry of a layer or a synapse in a description. */
export type Entry = Record<string, unknown>;

/** Returns the members of a part that have a default, and another value. */
export function unusual(part: object, usual: Entry): Entry {
  const found: Entry = {};
  for (const name in usual) {
    const value = (part as Entry)[name];
    if (value !== usual[name]) found[name] = value;
  }
  return found;
}

export const usualLayer = membersOf(layerRows);
export const usualSynapse = membersOf(synapseRows);

/** Returns a value, or a copy of an object, so that nobody holds a frozen one of the graph's. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return [...value];
  return isObject(value) ? { ...value } : value;
}

/** Returns the members of a synapse's window that are its options, as copies. */
function windowOf({ window, kind }: SynapseNode): Entry {
  if (window === undefined || kind === "upsample") return {};
  const members = windowMembers.map((name) => [name, Array.from(window[name], copyOf)]);
  return { ...Object.fromEntries(members), ...unusual(window, { groups: 1, countPadding: false }) };
}

/**
 * Describes a graph without its numbers, and its tensors, with the version of the description. Each tensor has a function that views it in the engine's memory,
 * which may move.
 */
export function describe(contents: Contents) {
  const { precision, topology, seed, init, training, isFresh = false } = contents;
  const { shuffles, noises, connections } = contents;
  const { optimizer } = training;
  const { settings } = optimizer;
  const { steps, plateau } = isFresh ? { steps: 0, plateau: undefined } : optimizer;
  const { rate } = settings;
  /** Adds steps to an entry, if any reached the parameters. Returns their tensors and the tensors of their moments. */
  const viewed = (entry: Entry, owner: Owner, parameters: readonly Tensor[]) =>
    parameters.flatMap((tensor) => {
      const { steps, product } = optimizer.stepsOf(blockOf(owner, tensor));
      const made = isFresh ? 0 : steps;
      if (made > 0) entry[`${tensor.member}Steps`] = made;
      if (made > 0 && settings.name === "nadam") entry[`${tensor.member}Product`] = product;
      const kept = made > 0 ? momentTensors(tensor, momentsOf(settings)) : [];
      return [tensor, ...kept].map((one) => ({ ...one, view: () => viewOf(contents, owner, tensor, one) }));
    });
  const layers = topology.layers.map(
    (l): Entry => ({
      name: l.name,
      kind: l.kind,
      size: l.size,
      ...(l.shape.length === 1 ? {} : { shape: [...l.shape] }),
      activation: option(activations, l.activation),
      ...(l.loss === undefined ? {} : { loss: option(losses, l.loss) }),
      ...unusual({ ...l, norm: copyOf(l.norm), initial: l.initial !== undefined }, usualLayer),
      ...(l.scaler === undefined ? {} : { scaler: numbersOf(l.scaler) }),
    }),
  );
  const synapses = topology.synapses.map(
    (s): Entry => ({
      from: s.from.name,
      to: s.to.name,
      ...unusual({ ...s, share: s.share?.index, units: undefined, ...windowOf(s) }, usualSynapse),
    }),
  );
  return {
    version: versionOf(topology),
    description: {
      precision,
      seed,
      generators: {
        shuffles,
        ...unusual({ noises, connections }, { noises: 0, connections: topology.synapses.length }),
      },
      optimizer: { ...settings, rate: typeof rate === "function" ? "function" : rate },
      ...(steps === 0 && plateau === undefined
        ? {}
        : { state: { steps, ...(plateau && { rate: optimizer.now, ...plateau }) } }),
      ...unusual({ init }, { init: "uniform" }),
      layers,
      synapses,
    },
    tensors: [
      ...topology.layers.flatMap((layer, i) =>
        viewed(layers[i]!, layer, layerTensors(i, { ...layer, biases: biasesOf(layer) })),
      ),
      ...topology.synapses.flatMap((synapse, i) => {
        const { kind, share } = synapse;
        return viewed(synapses[i]!, synapse, synapseTensors(i, synapse, kind, share));
      }),
      // Behind the others, since they take 4 bytes each, and so end at no multiple of 8.
      ...topology.synapses.flatMap((synapse, i) =>
        mapTensors(i, synapse, synapse.kind, synapse.share).map((tensor) => ({
          ...tensor,
          view: (): TensorView => (synapse.units ?? synapse.pattern)!,
        })),
      ),
    ],
  };
}

/** Options of `save` and `toJSON`. */
export interface SaveOptions {
  /** Whether the optimizer's state (steps, moments) is saved, too; `true` by default. */
  readonly optimizer?: boolean;
}
