// The calls of the engine that make a sketch's graph, as plain data: the graph and the code that is taken away follow from them.

import type { LayerSketch, Part, Settings, Sketch, SynapseSketch } from "./sketch.ts";

type Options = Readonly<Record<string, unknown>>;

/** A call of the engine, and the part of the sketch that it is of. */
export type Call =
  | {
      readonly call: "addInput" | "addHidden" | "addOutput";
      readonly part: Part;
      readonly name: string;
      readonly size: LayerSketch["size"];
      readonly activation: unknown;
      readonly loss: unknown;
      readonly options: Options;
    }
  | {
      readonly call: "addLstm" | "addGru";
      readonly part: Part;
      readonly name: string;
      readonly size: LayerSketch["size"];
      /** Names of layers that were made before. */
      readonly from: readonly string[];
      readonly options: Options;
    }
  | {
      readonly call: "connect";
      readonly part: Part;
      readonly from: string;
      readonly to: string;
      readonly options: Options;
      /** The number of the earlier `connect` whose weights it shares. */
      readonly share?: number;
    };

/** The layers of a cell that receive its sources. */
const gates = {
  lstm: ["input", "forget", "candidate", "output"],
  gru: ["update", "reset", "candidate"],
} as const;

const kindsWithWeights = ["dense", "oneToOne", "sparse", "conv", "convTranspose", "embedding"];

/** Returns the kind of cell that a layer is; undefined for a plain layer. */
export function cellOf(layer: LayerSketch | undefined): "lstm" | "gru" | undefined {
  const cell = layer?.kind === "hidden" ? layer.options.cell : undefined;
  return cell === "lstm" || cell === "gru" ? cell : undefined;
}

/** Checks whether a synapse is a plain one into a cell, which then makes it one of the cell's sources. */
function isSource({ options }: SynapseSketch): boolean {
  return Object.keys(options).length === 0;
}

/** Returns the dropout of a layer under some settings: its own, or the one of all hidden layers. */
function dropoutOf({ kind, options }: LayerSketch, settings: Settings): unknown {
  return options.dropout ?? (kind === "hidden" && settings.dropout > 0 ? settings.dropout : undefined);
}

/** Returns the penalties of weights under some settings: their own, or the ones of all weights. */
function penaltiesOf({ l1, l2 }: Options, settings: Settings): Options {
  return {
    l1: l1 ?? (settings.l1 > 0 ? settings.l1 : undefined),
    l2: l2 ?? (settings.l2 > 0 ? settings.l2 : undefined),
  };
}

/** Checks whether a synapse has weights, and shares no other's. */
function hasWeights({ kind = "dense", share }: Options): boolean {
  return share === undefined && typeof kind === "string" && kindsWithWeights.includes(kind);
}

/** Returns a copy without the members that are undefined. */
function defined(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/**
 * Returns the calls that make a sketch's graph under some settings. Their order is that of a declaration: inputs, hidden layers,
 * outputs, synapses, each in the sketch's order. The parameters depend on it.
 */
export function callsOf(sketch: Sketch, settings: Settings = sketch.settings): Call[] {
  const calls: Call[] = [];
  const layers = new Map(sketch.layers.map((layer) => [layer.name, layer]));
  const made = new Set<string>();
  const taken = new Set<number>();
  for (const kind of ["input", "hidden", "output"] as const) {
    for (const layer of sketch.layers.filter((one) => one.kind === kind)) {
      const { name, size } = layer;
      const part = { layer: name };
      const { activation, loss, cell: _, ...rest } = layer.options;
      const options = defined({ ...rest, dropout: dropoutOf(layer, settings) });
      const cell = cellOf(layer);
      if (cell === undefined) {
        const call = ({ input: "addInput", hidden: "addHidden", output: "addOutput" } as const)[kind];
        calls.push({ call, part, name, size, activation, loss, options });
      } else {
        const sources = [...sketch.synapses.entries()].filter(
          ([, synapse]) => synapse.to === name && made.has(synapse.from) && isSource(synapse),
        );
        for (const [place] of sources) taken.add(place);
        const from = sources.map(([, synapse]) => synapse.from);
        const own = defined({ ...options, activation, ...penaltiesOf(options, settings) });
        calls.push({ call: cell === "lstm" ? "addLstm" : "addGru", part, name, size, from, options: own });
      }
      made.add(name);
    }
  }
  addSynapses(sketch, settings, layers, taken, calls);
  return calls;
}

/** Adds the calls of the synapses that are not among `taken`, which the cells have made. */
function addSynapses(
  { synapses }: Sketch,
  settings: Settings,
  layers: ReadonlyMap<string, LayerSketch>,
  taken: ReadonlySet<number>,
  calls: Call[],
): void {
  /** The number of the first `connect` of each synapse of the sketch. */
  const numbers = new Map<number, number>();
  let count = 0;
  for (const [place, synapse] of synapses.entries()) {
    if (taken.has(place)) continue;
    const { from, to } = synapse;
    const { share: shared, ...rest } = synapse.options;
    const layer = isSource(synapse) ? layers.get(to) : undefined;
    const cell = cellOf(layer);
    // A source that is made after its cell leads to each gate, and to the candidate, with the cell's own penalties.
    const targets = cell === undefined ? [to] : gates[cell].map((gate) => `${to}.${gate}`);
    const own = cell === undefined ? rest : layer!.options;
    const penalties = hasWeights(synapse.options) ? penaltiesOf(own, settings) : {};
    const options = defined({ ...rest, ...penalties });
    numbers.set(place, count);
    for (const target of targets) {
      const share = typeof shared === "number" ? numbers.get(shared) : undefined;
      const part = { synapse: place };
      calls.push({
        call: "connect",
        part,
        from,
        to: target,
        options,
        ...(share === undefined ? {} : { share }),
      });
      count++;
    }
  }
}
