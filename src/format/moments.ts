// The optimizer's members of a description: its own steps, and the step count and moments of each part.

import { show } from "../base/text.js";
import type { OptimizerState } from "../memory/optimizer.js";
import { momentTensors, type Tensor } from "../memory/tensor.js";
import { isPlain, momentsOf } from "../rules/optimizer.js";
import type { Moments } from "./assemble.js";
import type { Entry } from "./description.js";
import { bad, fields, numberAt } from "./path.js";

/** Reads the steps made, and where the rate stands, if it follows epochs. */
export function readState(given: unknown, state: OptimizerState): void {
  const { plateau } = state;
  const members = plateau === undefined ? ["steps"] : ["steps", "rate", "waited"];
  const read = fields(given, "state", members, plateau === undefined ? [] : ["best"]);
  state.steps = numberAt("state.steps", read.steps, { least: 0, whole: true });
  if (plateau === undefined) return;
  state.now = numberAt("state.rate", read.rate, { least: 0 });
  plateau.waited = numberAt("state.waited", read.waited, { least: 0, whole: true });
  if ("best" in read) plateau.best = numberAt("state.best", read.best, {});
}

/** Returns the names of the optimizer's members for some parameters. */
export function momentMembers(part: string, { settings }: OptimizerState, inside: boolean): string[] {
  if (isPlain(settings)) return [];
  const parameters: Tensor = { name: "", shape: [], list: "layers", index: 0, member: part };
  const tensors = inside ? momentTensors(parameters, momentsOf(settings)) : [];
  const product = settings.name === "nadam" ? [`${part}Product`] : [];
  return [`${part}Steps`, ...product, ...tensors.map(({ member }) => member)];
}

/** Reads the steps that reached some parameters, none where the entry has none, and returns the tensors of their moments. */
export function readMoments(
  entry: Entry,
  path: string,
  tensor: Tensor,
  state: OptimizerState,
  inside: boolean,
): Moments {
  const [stepsName, productName] = [`${tensor.member}Steps`, `${tensor.member}Product`];
  if (entry[stepsName] === undefined) {
    const alone = momentMembers(tensor.member, state, inside).find((member) => entry[member] !== undefined);
    if (alone !== undefined) throw bad(`${path}.${alone}`, `is there without ${show(stepsName)}`);
    return { steps: 0, product: 0, tensors: [] };
  }
  const steps = numberAt(`${path}.${stepsName}`, entry[stepsName], { least: 1, whole: true });
  const isNadam = state.settings.name === "nadam";
  const bounds = { least: 0, below: 1 };
  const product = isNadam ? numberAt(`${path}.${productName}`, entry[productName], bounds) : 0;
  return { steps, product, tensors: momentTensors(tensor, momentsOf(state.settings)) };
}
