// A network from its description, by the same calls that made the first; then its numbers, wherever they are.

import type { FloatArray, Precision } from "../base/precision.js";
import { show } from "../base/text.js";
import { addLayer, connect, scale } from "../calls/build.js";
import { create, type Network } from "../calls/network.js";
import { layerRows } from "../model/layer.js";
import { optionsIn } from "../model/option.js";
import { synapseRows } from "../model/synapse.js";
import { Scaler } from "../rules/scaler.js";
import { unsaved } from "../rules/schedule.js";
import {
  assemble,
  fill,
  fillParts,
  type Maker,
  type Part,
  type Rebuilder,
  readPrecision,
  refuse,
} from "./assemble.js";
import { usualLayer, usualSynapse } from "./description.js";
import { momentMembers, readMoments, readState } from "./moments.js";
import type { Numbers } from "./numbers.js";
import { array, at, bad, fields } from "./path.js";

/** Number of draws from each stream. */
type Generators = Readonly<Record<"shuffles" | "noises" | "connections", number>>;

/** A network without its numbers, and the tensors of its parameters. */
export interface Outline {
  readonly network: Network;
  readonly parts: readonly Part[];
}

/** Members of the description of a network that trains on. */
const described = {
  members: ["precision", "seed", "generators", "optimizer", "layers", "synapses"],
  optional: ["init", "state"],
};

/** Rebuilds a network that trains on. */
export const networks: Rebuilder<Network> = { ...described, rebuild };

/** Rebuilds such a network without its numbers, for which it has no room either. */
export const outlines: Rebuilder<Outline> = { ...described, rebuild: outline };

/** Returns the index of the first number below 0, or -1. */
export function negative(values: FloatArray<Precision>): number {
  for (let i = 0; i < values.length; i++) if (values[i]! < 0) return i;
  return -1;
}

/** Makes a network by the same calls that made the first, then fills in its numbers. Throws `bad-file`. */
export function rebuild(file: Record<string, unknown>, numbers: Numbers): Network {
  const { network, parts } = outline(file, numbers);
  const { memory, training } = network;
  fillParts(memory, numbers, parts, ({ moments, entry }, block) => {
    const { steps, product, tensors } = moments!;
    if (steps > 0) training.restore(block, steps, product);
    for (const tensor of tensors) {
      const view = training.moment(tensor.moment!, block);
      fill(memory, numbers, tensor, view, entry);
      if (tensor.moment === "square") refuse(tensor, view, negative(view), "less than 0");
      training.optimizer.bound(view);
    }
  });
  return network;
}

function outline(file: Record<string, unknown>, numbers: Numbers): Outline {
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
  const precision = readPrecision(file.precision);
  if (typeof file.seed !== "number") throw bad("seed", `is ${show(file.seed)}`);
  const given = fields(file.optimizer, "optimizer", ["name", "rate"], Object.keys(Object(file.optimizer)));
  // The first releases had `uniform` as their default, and didn't write it.
  const init = file.init === undefined ? "uniform" : file.init;
  const optimizer = { ...given, rate: given.rate === "function" ? unsaved : given.rate };
  // The numbers that seeded no weights of this file's; each synapse takes one more.
  const connections = generators.connections - entries.length;
  const net = at("seed, precision, optimizer or init", () => {
    const drawn = { shuffles: generators.shuffles, connections };
    return create(precision, file.seed, init, optimizer, drawn);
  });
  const { memory, training } = net;
  const { optimizer: state } = training;
  training.noise.steps = generators.noises;
  const { inside } = numbers;
  const furtherMembers = (parts: readonly string[]) =>
    parts.flatMap((part) => momentMembers(part, state, inside));
  const maker: Maker = {
    topology: net.topology,
    memory,
    layerMembers: (parts) => [...Object.keys(usualLayer), ...furtherMembers(parts)],
    synapseMembers: (parts) => [...Object.keys(usualSynapse), ...furtherMembers(parts)],
    addLayer(entry) {
      const { kind, name, size, shape = size, activation, loss } = entry;
      const options = optionsIn(layerRows, entry);
      if (entry.initial !== undefined) options.initial = true; // the values are filled in
      return addLayer(net, kind, name, shape, activation, loss, options, true);
    },
    scale: ({ name }, scaler) => scale(net, name, Scaler.fromJSON(scaler)),
    connect(entry, from, to, shared, { pattern, units }) {
      const { share: _, init, ...rest } = optionsIn(synapseRows, entry);
      if (units !== undefined) rest.units = units;
      if (pattern !== undefined && shared === undefined) rest.connections = pattern;
      const own = init === undefined ? rest : { ...rest, init: init === "values" ? "zeros" : init };
      const synapse = connect(net, from, to, own, shared);
      if (init === "values") synapse.init = init;
      return synapse;
    },
    readMoments: (entry, path, tensor) => readMoments(entry, path, tensor, state, inside),
  };
  try {
    if (file.state !== undefined) readState(file.state, state);
  } catch (error) {
    memory.dispose();
    throw error;
  }
  return { network: net, parts: assemble(file.layers, entries, numbers, maker) };
}
