// The numbers of a graph's file, put into a graph that is there.

import { GraphError } from "../base/error.js";
import type { Network } from "../calls/network.js";
import { copyFrom } from "../calls/transfer.js";
import { load } from "./safetensors.js";

/**
 * Takes over the parameters and scalers of a graph's file, and begins the optimizer afresh. Throws as `load` does; `bad-file`
 * also for another graph, with the first difference; `busy`, `disposed`.
 */
export function merge(net: Network, bytes: unknown): void {
  const { memory, topology, training } = net;
  memory.idle();
  const other = load(bytes);
  try {
    copyFrom(net, other, 1, (how) => {
      return new GraphError("bad-file", `merge takes a file of the same graph; in the one given, ${how}.`);
    });
    for (const { name, scaler } of other.topology.layers) topology.layer(name).scaler = scaler;
    training.restart(training.optimizer.settings);
  } finally {
    other.memory.dispose();
  }
}
