// Reads the optimizer's state from a file: steps in entries, and moments beside the parameters.

import type { FloatArray, Precision } from "../base/precision.js";
import { show } from "../base/text.js";
import { create, type Network } from "../calls/network.js";
import type { OptimizerState } from "../memory/optimizer.js";
import { momentTensors, type Tensor } from "../memory/tensor.js";
import { isPlain, momentsOf } from "../rules/optimizer.js";
import { unsaved } from "../rules/schedule.js";
import type { Entry } from "./description.js";
import type { OptimizerEntries } from "./entry.js";
import { bad, fields, numberAt } from "./path.js";
import type { Facts, Start } from "./rebuild.js";

/** Starts a network that trains. `inside` says whether moments are members of their entries. Throws `bad-option`, `no-wasm`. */
export function startNetwork(
  { precision, seed, init, optimizer, generators, connections }: Facts,
  inside: boolean,
): Start<Network> {
  const { shuffles, noises } = generators;
  const rate = optimizer.rate === "function" ? unsaved : optimizer.rate;
  const net = create(precision, seed, init, { ...optimizer, rate }, { shuffles, connections });
  net.training.noise.steps = noises;
  return { net, optimizer: entriesOf(net, inside) };
}

function entriesOf({ training }: Network, inside: boolean): OptimizerEntries {
  const state = training.optimizer;
  return {
    readState: (given) => readState(given, state),
    members: (part) => members(part, state, inside),
    read(entry, path, parameters) {
      const { steps, product } = readSteps(entry, path, parameters, state, inside);
      return {
        tensors: steps > 0 ? momentTensors(parameters, momentsOf(state.settings)) : [],
        restore(block) {
          if (steps > 0) training.restore(block, steps, product);
        },
        view: ({ moment }, block) => training.moment(moment!, block),
        accept({ moment }, view) {
          state.bound(view);
          return moment === "square" ? negative(view) : -1;
        },
      };
    },
  };
}

/** Reads the steps made, and the state of a rate that follows epochs. */
function readState(given: unknown, state: OptimizerState): void {
  const { plateau } = state;
  const names = plateau === undefined ? ["steps"] : ["steps", "rate", "waited"];
  const read = fields(given, "state", names, plateau === undefined ? [] : ["best"]);
  state.steps = numberAt("state.steps", read.steps, { least: 0, whole: true });
  if (plateau === undefined) return;
  state.now = numberAt("state.rate", read.rate, { least: 0 });
  plateau.waited = numberAt("state.waited", read.waited, { least: 0, whole: true });
  if ("best" in read) plateau.best = numberAt("state.best", read.best, {});
}

/** Returns the index of the first number below 0, or -1. */
function negative(values: FloatArray<Precision>): number {
  for (let i = 0; i < values.length; i++) if (values[i]! < 0) return i;
  return -1;
}

/** Returns the names of the members for an optimizer's state of some parameters. */
function members(part: string, { settings }: OptimizerState, inside: boolean): string[] {
  if (isPlain(settings)) return [];
  const parameters: Tensor = { name: "", shape: [], list: "layers", index: 0, member: part };
  const tensors = inside ? momentTensors(parameters, momentsOf(settings)) : [];
  const product = settings.name === "nadam" ? [`${part}Product`] : [];
  return [`${part}Steps`, ...product, ...tensors.map(({ member }) => member)];
}

/** Reads the steps that reached some parameters; none if their entry has no steps. */
function readSteps(entry: Entry, path: string, tensor: Tensor, state: OptimizerState, inside: boolean) {
  const [stepsName, productName] = [`${tensor.member}Steps`, `${tensor.member}Product`];
  if (entry[stepsName] === undefined) {
    const alone = members(tensor.member, state, inside).find((member) => entry[member] !== undefined);
    if (alone !== undefined) throw bad(`${path}.${alone}`, `is there without ${show(stepsName)}`);
    return { steps: 0, product: 0 };
  }
  const steps = numberAt(`${path}.${stepsName}`, entry[stepsName], { least: 1, whole: true });
  const isNadam = state.settings.name === "nadam";
  const bounds = { least: 0, below: 1 };
  const product = isNadam ? numberAt(`${path}.${productName}`, entry[productName], bounds) : 0;
  return { steps, product };
}
