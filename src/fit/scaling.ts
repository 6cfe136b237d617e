// Scalers of a network's inputs and outputs, by names of layers.

import { GraphError } from "../base/error.js";
import type { Data } from "../base/read.js";
import { show } from "../base/text.js";
import { scalable } from "../calls/build.js";
import type { Network } from "../calls/network.js";
import { rowAt } from "../calls/stepdata.js";
import type { LayerNode } from "../model/node.js";
import { Scaler } from "../rules/scaler.js";
import { checkScaled, type ScalerKind, type Scaling } from "../rules/scaling.js";
import { channels } from "../rules/shape.js";
import type { Dataset } from "./dataset.js";
import { bindDataset } from "./rows.js";

/** Scalers by layers' names. */
export type Scalers = ReadonlyMap<string, Scaling>;

/** Returns the scalers that a network has. */
export function scalersOf({ topology }: Network): Scalers {
  const scaled = topology.layers.filter((l) => l.scaler !== undefined);
  return new Map(scaled.map((l) => [l.name, l.scaler!]));
}

/** Sets the scalers of layers. */
export function setScalers({ topology }: Network, scalers: Scalers): void {
  for (const [name, scaler] of scalers) scalable(topology, name).scaler = scaler;
}

/**
 * Returns a network's scalers, with new ones for some layers, fitted to data: of sequences, to each step of each sample. Throws
 * `bad-option`, and errors of `Scaler.fit`.
 */
export function fitScalers(
  network: Network,
  set: Dataset,
  kinds: Readonly<Record<string, ScalerKind | undefined>>,
): Scalers {
  const { xs, ts } = set;
  const fitted = Object.entries(kinds).flatMap(([name, kind]) => {
    if (kind === undefined) return [];
    const layer = scalable(network.topology, name);
    const data = layer.kind === "input" ? xs : ts;
    const values = Object.hasOwn(Object(data), name) ? (data as Record<string, Data>)[name] : undefined;
    checkScaled(layer, channels(layer.shape));
    if (values !== undefined) {
      const found = typeof set.steps === "object" ? stepsOf(network, set, layer) : values;
      return [[name, Scaler.fit(found, channels(layer.shape), kind, name)] as const];
    }
    throw new GraphError("bad-option", `\`scale\` names ${show(name)}, of which there is no data.`);
  });
  return new Map([...scalersOf(network), ...fitted]);
}

/** Returns the data of a layer without what lies beyond the lengths of samples, as three levels. */
function stepsOf(network: Network, set: Dataset, layer: LayerNode): Data {
  const { pass, slots, steps } = bindDataset(network, set, false);
  const { times, data } = steps!;
  const { sequence } = data[slots.findIndex((slot) => slot.layer === layer)]!;
  const isTimed = pass.isTimed(layer);
  const row = (sample: number, step: number) => {
    const [values, from] = rowAt(sequence, times, isTimed, sample, step);
    return values.slice(from, from + sequence.width);
  };
  return Array.from({ length: times.samples }, (_, sample) =>
    isTimed ? Array.from({ length: times.lengthOf(sample) }, (_, step) => row(sample, step)) : row(sample, 0),
  ) as Data;
}
