// The derivatives of a cost: the sum of the outputs' losses, or a cost that the caller computes.

import { GraphError } from "../base/error.js";
import { options } from "../base/options.js";
import type { Precision } from "../base/precision.js";
import { type Gradients, lossDerivatives } from "./derivatives.js";
import type { Network } from "./network.js";
import { upstreamGradients } from "./upstream.js";
import { readCall } from "./weighting.js";

/** Returns the derivatives of the cost; `ts` is null for a cost that the caller computes. Throws as `Graph.gradients` does. */
export function gradients(net: Network, xs: unknown, ts: unknown, given: unknown): Gradients<Precision> {
  net.memory.still();
  const known = ["outputs", "sampleWeights", "mask", "steps", "state"];
  const { outputs, ...rest } = options(given, known, "gradients");
  const read = readCall(net.topology, given === undefined ? undefined : rest, "gradients");
  net.memory.still();
  if (ts !== null && outputs === undefined) return lossDerivatives(net, xs, ts, read).gradients;
  if (ts === null) return upstreamGradients(net, xs, outputs, read);
  const either = "targets, or null for targets and the gradients of outputs as `outputs`, not both";
  throw new GraphError("bad-option", `gradients takes ${either}.`);
}
