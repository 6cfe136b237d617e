// A graph as `fit` sees it, and how it takes over what a checkpoint has.

import { GraphError } from "../base/error.js";
import { reading } from "../base/options.js";
import { plain } from "../base/plain.js";
import type { Data } from "../base/read.js";
import { show } from "../base/text.js";
import type { Network } from "../calls/network.js";
import { usualMetrics } from "../calls/score.js";
import { accept, diverged, reached } from "../calls/status.js";
import { descend } from "../calls/train.js";
import { describe } from "../format/description.js";
import { fromJSON, toJSON, toJSONInSlices } from "../format/json.js";
import { readMetrics } from "../rules/metric.js";
import { Scaler, type ScalerKind } from "../rules/scaler.js";
import { unsaved } from "../rules/schedule.js";
import { type Dataset, dataset } from "./dataset.js";
import type { Saved, Scalers, Trainee } from "./source.js";

export function traineeOf(net: Network): Trainee {
  const { memory, binding } = net;
  return {
    memory,
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
        const held = { xs: binding.hold(xs, true), ts: binding.hold(ts, true) };
        const read = plain(counts, "bad-option", "The options of a dataset");
        memory.live();
        return { ...held, ...(read as object) } as Dataset;
      });
    },
    pass: ({ ts }) => memory.pass(reading("bad-shape", "The targets", () => binding.aims(ts))),
    read: (pass, data, isScored) => {
      const counts = binding.countsOf(data, isScored);
      const rows = binding.read(pass, data.xs, data.ts, counts);
      return { rows, slots: counts === undefined ? pass.slots : pass.weighed };
    },
    step: (data, place) => {
      const counts = binding.countsOf(data);
      memory.live();
      memory.ask();
      const pass = binding.aim(data.xs, data.ts, "gradients", counts);
      const { rows } = pass;
      return { pass, rows, cost: descend(memory, pass, place) };
    },
    accept: (pass, rows, status, place) => accept(memory, pass, rows, status, place),
    reached: (pass, rows) => reached(pass, rows),
    diverged: (what, layer, ...rest) => diverged(what, layer, memory, ...rest),
    measures: (name, metrics, pass) => {
      const layer = (pass ?? binding).outputs.find((l) => l.name === name);
      if (layer === undefined) return [];
      return ["cost", ...readMetrics(metrics ?? usualMetrics(layer)).map(({ name }) => name)];
    },
    fitScalers: ({ xs, ts }, scale) => {
      const fitted = Object.entries(scale)
        .filter(([, kind]) => kind !== undefined)
        .map(([name, kind]) => {
          const layer = binding.scalable(name);
          const data = layer.kind === "input" ? xs : ts;
          const values = Object.hasOwn(Object(data), name) ? (data as Record<string, Data>)[name] : undefined;
          if (values !== undefined)
            return [name, Scaler.fit(values, layer.size, kind as ScalerKind, name)] as const;
          throw new GraphError("bad-option", `\`scale\` names ${show(name)}, of which there is no data.`);
        });
      return new Map([...scalersOf(net), ...fitted]);
    },
    scale: (scalers) => {
      for (const [name, scaler] of scalers) binding.scalable(name).scaler = scaler;
    },
    toJSON: () => toJSON(net.savable("saved")),
    toJSONInSlices: (rest) => toJSONInSlices(net.savable("saved"), rest),
    restore: (json) => restore(net, fromJSON(plain(json, "bad-file", "The file"))),
  };
}

/** The graph of a file, of the same topology and precision, whose numbers this one can take over. */
function restore(net: Network, saved: Network): Saved {
  const { memory } = net;
  if (shapeOf(saved) !== shapeOf(net)) {
    saved.memory.dispose();
    const wanted = "a graph of the same layers, synapses, options and precision as this one";
    throw new GraphError("bad-option", `A run is resumed on ${wanted}.`);
  }
  const { rate } = memory.state.settings;
  if (saved.memory.state.settings.rate === unsaved && (rate === unsaved || typeof rate !== "function")) {
    saved.memory.dispose();
    unsaved();
  }
  return {
    scalers: scalersOf(saved),
    adopt: () => {
      memory.packed = saved.memory.packed;
      memory.adopt(saved.memory);
      net.topology.layers.forEach((layer, i) => {
        layer.scaler = saved.topology.layers[i]!.scaler;
      });
      memory.seed = saved.memory.seed;
      memory.noises = saved.memory.noises;
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
