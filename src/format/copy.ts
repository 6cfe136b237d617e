// Copies of a graph: rebuilt from its description, as from a file, with the numbers copied from memory to memory.

import type { Precision } from "../base/precision.js";
import type { Network } from "../calls/network.js";
import { describe } from "./description.js";
import type { Numbers } from "./numbers.js";
import { rebuild } from "./rebuild.js";

/**
 * Copies a network, in its own precision or another. Throws `not-finite`, `disposed`, `out-of-memory`, and `bad-file` for
 * numbers that no file may have.
 */
export function copy(network: Network, precision: Precision): Network {
  const { description, tensors } = describe({ ...network.savable("copied"), precision });
  const views = new Map(tensors.map(({ name, view }) => [name, view]));
  const numbers: Numbers = {
    inside: false,
    check: ({ name, dtype }) => (dtype === undefined ? 0 : views.get(name)!().length),
    fill({ name }, view) {
      view.set(views.get(name)!());
    },
  };
  return rebuild(description, numbers);
}

/** Copies a network with its rate, which may be a function that no file holds. Throws as `copy` does. */
export function clone(network: Network): Network {
  const made = copy(network, network.memory.precision);
  const { rate } = network.training.optimizer.settings;
  if (typeof rate === "function") made.training.optimizer.rate = rate;
  return made;
}
