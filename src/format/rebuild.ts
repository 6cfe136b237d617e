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
  type Maker,
  type Moments,
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

/** Rebuilds a network that trains on. */
export const networks: Rebuilder<Network> = {
  members: ["precision", "seed", "generators", "optimizer", "layers", "synapses"],
  optional: ["init", "state"],
  rebuild,
};

/** Returns the index of the first number below 0, or -1. */
function negative(values: FloatArray<Precision>): number {
  for (let i = 0; i < values.length; i++) if (values[i]! < 0) return i;
  return -1;
}

/** Makes a network by the same calls that made the first, then fills in its numbers. Throws `bad-file`. */
export function rebuild(file: Record<string, unknown>, numbers: Numbers): Network {
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
    readMoments(entry, path, tensor): Moments {
      const { steps, product, moments } = readMoments(entry, path, tensor, state, inside);
      return {
        tensors: moments,
        restore(block) {
          if (steps > 0) training.restore(block, steps, product);
          for (const one of moments) {
            const view = training.moment(one.moment!, block);
            fill(memory, numbers, one, view, entry);
            if (one.moment === "square") refuse(one, view, negative(view), "less than 0");
            state.bound(view);
          }
        },
      };
    },
  };
  try {
    if (file.state !== undefined) readState(file.state, state);
  } catch (error) {
    memory.dispose();
    throw error;
  }
  assemble(file.layers, entries, numbers, maker);
  return net;
}
