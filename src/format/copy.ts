// A copy of a graph: rebuilt from its description, as from a file, with its numbers copied from memory to memory.

import type { Precision } from "../base/precision.js";
import type { Contents, Network } from "../calls/network.js";
import { describe } from "./description.js";
import { rebuild } from "./rebuild.js";

/** Copies a graph, in its own precision or another. Throws `out-of-memory`, and `bad-file` for numbers that no file may have. */
export function copy(source: Contents, precision: Precision): Network {
  const { description, tensors } = describe({ ...source, precision });
  const views = new Map(tensors.map(({ name, view }) => [name, view]));
  return rebuild(description, {
    inside: false,
    check() {},
    fill({ name }, view) {
      view.set(views.get(name)!());
    },
  });
}
