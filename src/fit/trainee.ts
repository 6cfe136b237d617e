// A graph as `fit` sees it, and how it takes over what a checkpoint has.

import { GraphError } from "../base/error.js";
import { reading } from "../base/options.js";
import { plain } from "../base/plain.js";
import type { Data } from "../base/read.js";
import { show } from "../base/text.js";
import { scalable } from "../calls/build.js";
import { acceptStep, diverged } from "../calls/diverged.js";
import { detach } from "../calls/enter.js";
import type { Network } from "../calls/network.js";
import { usualMetrics } from "../calls/score.js";
import { trainStep } from "../calls/train.js";
import { weightingOf } from "../calls/weighting.js";
import { describe } from "../format/description.js";
import { fromJSON, toJSON, toJSONInSlices } from "../format/json.js";
import { pack, unpack } from "../memory/packing.js";
import { readMetrics } from "../rules/metric.js";
import { Scaler, type ScalerKind } from "../rules/scaler.js";
import { unsaved } from "../rules/schedule.js";
import { type Dataset, dataset } from "./dataset.js";
import type { Saved, Scalers, Trainee } from "./source.js";

export function traineeOf(net: Network): Trainee {
  const { topology, memory, training, binding } = net;
  return {
    memory,
    training,
    get seed() {
      return memory.seed;
    },
    get shuffles() {
      return net.shuffles;
    },
    set shuffles(drawn) {
      net.shuffles = drawn;
    },
    hold: (data) => {
      const { xs, ts, ...counts } = dataset(data);
      return reading("bad-shape", "The data", () => {
        const held = { xs: detach(memory.core, xs), ts: detach(memory.core, ts) };
        const read = plain(counts, "bad-option", "The options of a dataset");
        memory.live();
        return { ...held, ...(read as object) } as Dataset;
      });
    },
    pass: ({ ts }) => memory.pass(reading("bad-shape", "The targets", () => net.targets.outputsOf(ts))),
    read: (pass, data, isScored) => {
      const weighting = weightingOf(topology, data, isScored);
      const rows = binding.fill(pass, data.xs, data.ts, weighting);
      return { rows, slots: weighting === undefined ? pass.slots : pass.weightedSlots };
    },
    step: (data, place) => {
      const weighting = weightingOf(topology, data);
      memory.live();
      training.askRate();
      const { pass, rows } = binding.bind(data.xs, data.ts, "gradients", weighting);
      return { pass, rows, cost: trainStep(net, pass, rows, place) };
    },
    accept: (pass, rows, status, place) => acceptStep(net, pass, rows, status, place),
    diverged: (what, layer, ...rest) => diverged(what, layer, net, ...rest),
    measures: (name, metrics, pass) => {
      const layer = (pass ?? topology).outputs.find((l) => l.name === name);
      if (layer === undefined) return [];
      return ["cost", ...readMetrics(metrics ?? usualMetrics(layer)).map(({ name }) => name)];
    },
    fitScalers: ({ xs, ts }, scale) => {
      const fitted = Object.entries(scale)
        .filter(([, kind]) => kind !== undefined)
        .map(([name, kind]) => {
          const layer = scalable(topology, name);
          const data = layer.kind === "input" ? xs : ts;
          const values = Object.hasOwn(Object(data), name) ? (data as Record<string, Data>)[name] : undefined;
          if (values !== undefined)
            return [name, Scaler.fit(values, layer.size, kind as ScalerKind, name)] as const;
          throw new GraphError("bad-option", `\`scale\` names ${show(name)}, of which there is no data.`);
        });
      return new Map([...scalersOf(net), ...fitted]);
    },
    scale: (scalers) => {
      for (const [name, scaler] of scalers) scalable(topology, name).scaler = scaler;
    },
    toJSON: () => toJSON(net.savable("saved")),
    toJSONInSlices: (rest) => toJSONInSlices(net.savable("saved"), rest),
    restore: (json) => restore(net, fromJSON(plain(json, "bad-file", "The file"))),
  };
}

/** The graph of a file, of the same topology and precision, whose numbers this one can take over. */
function restore(net: Network, saved: Network): Saved {
  const { memory, training } = net;
  if (shapeOf(saved) !== shapeOf(net)) {
    saved.memory.dispose();
    const wanted = "a graph of the same layers, synapses, options and precision as this one";
    throw new GraphError("bad-option", `A run is resumed on ${wanted}.`);
  }
  const { rate } = training.optimizer.settings;
  if (
    saved.training.optimizer.settings.rate === unsaved &&
    (rate === unsaved || typeof rate !== "function")
  ) {
    saved.memory.dispose();
    unsaved();
  }
  return {
    scalers: scalersOf(saved),
    adopt: () => {
      unpack(memory, pack(saved.memory, saved.memory.all), memory.all);
      training.adopt(saved.training);
      net.topology.layers.forEach((layer, i) => {
        layer.scaler = saved.topology.layers[i]!.scaler;
      });
      training.reseed(saved.memory.seed);
      training.noises = saved.training.noises;
      net.shuffles = saved.shuffles;
      net.connections = saved.connections;
    },
    free: () => saved.memory.dispose(),
  };
}

function scalersOf({ topology }: Network): Scalers {
  const scaled = topology.layers.filter((l) => l.scaler !== undefined);
  return new Map(scaled.map((l) => [l.name, l.scaler!]));
}

/** Everything that must agree for a training to resume with the same bits, except numbers and scalers. */
function shapeOf(net: Network): string {
  const { precision, layers, synapses } = describe(net.source()).description;
  // Such members hold the optimizer's step counts of a part.
  const passing = /^scaler$|Steps$|Product$/;
  const lasting = (name: string, value: unknown) => (passing.test(name) ? undefined : value);
  return JSON.stringify([precision, layers, synapses], lasting);
}
