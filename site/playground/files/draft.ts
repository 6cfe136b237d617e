// From a graph of the engine, such as of an opened file, back to a sketch, whose `start` has its parameters.

import { toBase64 } from "../model/base64.ts";
import { type AnyGraph, build } from "../model/build.ts";
import { layout } from "../model/layout.ts";
import type { DataSketch, LayerSketch, Settings, Sketch, SynapseSketch } from "../model/sketch.ts";

type Layer = AnyGraph["layers"][number];
type Synapse = AnyGraph["synapses"][number];

/** The inner layers of cells, by which a cell is recognised. A GRU whose reset comes after a matrix also has `recall`. */
const parts = {
  lstm: ["input", "forget", "candidate", "output", "write", "keep", "state", "squash"],
  gru: ["update", "reset", "gated", "candidate", "open", "write", "keep"],
} as const;

/** Returns a sketch of a graph, laid out, before its first step. Of its optimizer it has the options that are plain values. */
export function sketchOf(graph: AnyGraph, data: DataSketch): Sketch {
  const { seed, precision } = graph;
  const start = toBase64(graph.save({ optimizer: false }));
  const rest = {
    version: 1,
    data,
    seed,
    precision,
    settings: settingsOf(graph),
    changes: [],
    steps: 0,
    start,
  } as const;
  const plain = { ...rest, layers: graph.layers.map(layerOf), synapses: synapsesOf(graph) };
  const folded = withCells(plain, graph);
  return layout(folded !== undefined && isSame(folded, graph) ? folded : plain);
}

/** Checks whether a sketch makes the same layers and synapses as a graph has. */
function isSame(sketch: Sketch, graph: AnyGraph): boolean {
  let made: AnyGraph | undefined;
  try {
    const { start: _, ...plain } = sketch;
    made = build(plain);
    // The engine refuses the copy at the first difference of what parameters depend on.
    made.copyFrom(graph as never);
    return partsOf(made) === partsOf(graph);
  } catch {
    return false;
  } finally {
    made?.dispose();
  }
}

/** Returns the layers and synapses of a graph as text, but for scalers and names of initial weights. */
function partsOf(graph: AnyGraph): string {
  const { layers, synapses } = graph.toJSON({ optimizer: false }) as Record<"layers" | "synapses", object[]>;
  return JSON.stringify(
    [...layers, ...synapses].map((part) => ({ ...part, init: undefined, scaler: undefined })),
  );
}

function settingsOf({ optimizer }: AnyGraph): Settings {
  const {
    name,
    rate: given,
    ...options
  } = optimizer as { name: string; rate: unknown } & Record<string, unknown>;
  const { rate } = Object(given) as { readonly rate?: number };
  const number = typeof given === "number" ? given : (rate ?? 0.01);
  const plain = Object.entries(options).filter(([, value]) => typeof value !== "object");
  const own = Object.fromEntries(plain) as Record<string, number | boolean | string>;
  return { optimizer: { ...own, name, rate: number }, batchSize: 16, dropout: 0, l1: 0, l2: 0 };
}

/** Returns options without those that are undefined or as if left out. */
function given(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function layerOf(layer: Layer): LayerSketch {
  const {
    name,
    kind,
    size,
    shape,
    classes,
    activation,
    loss,
    hasBias,
    hasInitial,
    norm,
    dropout,
    frozen,
    join,
    weight,
    time,
  } = layer;
  const isUnitwise = shape.length > 1 && hasBias && layer.bias.length === size;
  const options = given({
    activation: kind === "input" && activation === "linear" ? undefined : activation,
    loss,
    // A bias for each unit of a shape has to be given as numbers.
    bias: hasBias
      ? isUnitwise
        ? new Array(size).fill(0)
        : undefined
      : classes === undefined
        ? false
        : undefined,
    initial: hasInitial ? true : undefined,
    norm,
    dropout: dropout > 0 ? dropout : undefined,
    frozen: frozen || undefined,
    join: join === "sum" ? undefined : join,
    weight: weight === 1 ? undefined : weight,
    classes,
    time: kind === "input" && !time ? false : undefined,
  });
  return { name, kind, size: shape.length > 1 ? [...shape] : size, options, x: 0, y: 0 };
}

function synapsesOf({ synapses }: AnyGraph): SynapseSketch[] {
  return synapses.map((synapse) => ({
    from: synapse.from.name,
    to: synapse.to.name,
    options: synapseOptions(synapse, synapses),
  }));
}

function synapseOptions(synapse: Synapse, all: readonly Synapse[]): Record<string, unknown> {
  const {
    name,
    kind,
    share,
    delay,
    at,
    kernel,
    stride,
    dilation,
    padding,
    groups,
    countPadding,
    connections,
    units,
  } = synapse;
  const isOwn = share === undefined;
  const hasWeights = synapse.weights.length > 0;
  return given({
    name,
    kind: kind === "dense" ? undefined : kind,
    share: isOwn ? undefined : all.indexOf(share as Synapse),
    delay: delay === 0 ? undefined : delay,
    at,
    kernel: kind === "upsample" ? undefined : kernel && [...kernel],
    stride: kind === "upsample" ? undefined : stride && [...stride],
    dilation: kind === "upsample" ? undefined : dilation && [...dilation],
    padding: kind === "upsample" ? undefined : padding?.map((pair) => [...pair]),
    groups: groups === 1 ? undefined : groups,
    countPadding: countPadding || undefined,
    connections: isOwn && connections !== undefined ? pairs(connections) : undefined,
    units: units === undefined ? undefined : [...units],
    frozen: isOwn && hasWeights && synapse.frozen ? true : undefined,
    l1: isOwn && synapse.l1 > 0 ? synapse.l1 : undefined,
    l2: isOwn && synapse.l2 > 0 ? synapse.l2 : undefined,
    maxNorm: isOwn ? synapse.maxNorm : undefined,
  });
}

function pairs(flat: Uint32Array): [number, number][] {
  return Array.from({ length: flat.length / 2 }, (_, k) => [flat[2 * k]!, flat[2 * k + 1]!]);
}

/** Returns the sketch with one layer for each cell that its names show; undefined if there is none. */
function withCells(sketch: Sketch, graph: AnyGraph): Sketch | undefined {
  const names = new Set(sketch.layers.map(({ name }) => name));
  const cells = new Map<string, LayerSketch>();
  const inner = new Map<string, string>();
  for (const layer of sketch.layers) {
    const kind = (["lstm", "gru"] as const).find((one) =>
      parts[one].every((part) => names.has(`${layer.name}.${part}`)),
    );
    if (layer.kind !== "hidden" || kind === undefined) continue;
    for (const part of [...parts[kind], "recall"]) inner.set(`${layer.name}.${part}`, layer.name);
    cells.set(layer.name, { ...layer, options: cellOptions(kind, layer, graph) });
  }
  if (cells.size === 0) return undefined;
  const layers = sketch.layers
    .filter(({ name }) => !inner.has(name))
    .map((layer) => cells.get(layer.name) ?? layer);
  const isInner = (name: string, cell: string) => name === cell || inner.get(name) === cell;
  const synapses = sketch.synapses.flatMap((synapse): SynapseSketch[] => {
    const { from, to } = synapse;
    const cell = inner.get(to) ?? (cells.has(to) ? to : undefined);
    if (cell === undefined) return [synapse];
    if (isInner(from, cell)) return [];
    // The sources of a cell lead to each of its gates; one of them stands for all.
    return to === `${cell}.candidate` ? [{ from, to: cell, options: {} }] : [];
  });
  return { ...sketch, layers, synapses };
}

/** Returns the options of a cell as its inner layers show them. */
function cellOptions(
  kind: "lstm" | "gru",
  { name, options }: LayerSketch,
  graph: AnyGraph,
): Record<string, unknown> {
  const candidate = graph.layer(`${name}.candidate`);
  const gate = graph.layer(kind === "lstm" ? `${name}.forget` : `${name}.update`);
  const isBefore = kind === "gru" && !graph.synapses.some(({ to }) => to.name === `${name}.recall`);
  const loop = graph.synapses.find(({ from, to }) => from.name === name && to.name === gate.name);
  const peephole = graph.synapses.some(
    ({ from, to }) => from.name === `${name}.state` && to.name === `${name}.output`,
  );
  return given({
    cell: kind,
    activation: candidate.activation === "tanh" ? undefined : candidate.activation,
    gate: gate.activation === "sigmoid" ? undefined : gate.activation,
    backward: loop !== undefined && loop.delay < 0 ? true : undefined,
    initial: options.initial,
    dropout: options.dropout,
    l1: loop !== undefined && loop.l1 > 0 ? loop.l1 : undefined,
    l2: loop !== undefined && loop.l2 > 0 ? loop.l2 : undefined,
    norm: gate.norm,
    peephole: peephole || undefined,
    reset: isBefore ? "before" : undefined,
  });
}
