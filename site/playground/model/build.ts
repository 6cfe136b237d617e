// From a sketch to a graph of the engine, and the engine's own refusals of sketches that make none.

import { Graph, type SynapseOptions } from "plexus-nn";
import { fromBase64 } from "./base64.ts";
import { type Call, callsOf } from "./calls.ts";
import { isFresh } from "./changes.ts";
import { type Refusal, refusalOf } from "./refusal.ts";
import type { Part, Settings, Sketch } from "./sketch.ts";

/** A graph whose names and precision are those of a sketch. */
// biome-ignore lint/suspicious/noExplicitAny: the names of a sketch are not known to the compiler
export type AnyGraph = Graph<string, string, string, any, any>;

/** Returns the graph of a sketch before its first step. Throws the engine's `GraphError`. */
export function build(sketch: Sketch): AnyGraph {
  return construct(sketch, () => {});
}

/** Builds a graph whose weights are mostly 0, which takes much less time where it is large. Throws the engine's `GraphError`. */
function outline({ start: _, ...sketch }: Sketch, visit: Visit = () => {}): AnyGraph {
  return construct(sketch, visit, { init: "zeros" });
}

/** Called with each part before the calls for it. */
type Visit = (part: Part | undefined) => void;

/** Builds a graph, with an initialization where a part has none of its own. */
function construct(sketch: Sketch, visit: Visit, usual: { readonly init?: "zeros" } = {}): AnyGraph {
  const { seed, precision, settings } = sketch;
  const graph: AnyGraph = new Graph({ seed, precision, optimizer: settings.optimizer as never, ...usual });
  try {
    const synapses: unknown[] = [];
    for (const call of callsOf(sketch)) {
      visit(call.part);
      make(graph, call, synapses, usual.init);
    }
    visit(undefined);
    if (sketch.start !== undefined) adopt(graph, fromBase64(sketch.start));
    return graph;
  } catch (error) {
    graph.dispose();
    throw error;
  }
}

/** Makes a call; `synapses` has the results of all `connect` so far. */
function make(graph: AnyGraph, call: Call, synapses: unknown[], recurrentInit?: "zeros"): void {
  if (call.call === "connect") {
    const { from, to, options, share } = call;
    const given = share === undefined ? options : { ...options, share: synapses[share] };
    synapses.push(graph.connect(from, to, given as SynapseOptions));
  } else if (!("activation" in call)) {
    const options = recurrentInit === undefined ? call.options : { recurrentInit, ...call.options };
    graph[call.call](call.name, call.size as number, call.from, options);
  } else if (call.call === "addOutput") {
    graph.addOutput(call.name, call.size, call.activation as never, call.loss as never, call.options);
  } else {
    graph[call.call](call.name, call.size, call.activation as never, call.options);
  }
}

/** Sets the parameters of all layers and synapses that a file also has, in the same shape. */
function adopt(graph: AnyGraph, file: Uint8Array): void {
  const source: AnyGraph = Graph.load(file);
  try {
    copyShared(graph, source);
  } finally {
    source.dispose();
  }
}

/** Copies the parameters of the layers and synapses that two graphs have in common. */
function copyShared(graph: AnyGraph, source: AnyGraph): void {
  const layers = new Map(source.layers.map((layer) => [layer.name, layer]));
  for (const layer of graph.layers) {
    const from = layers.get(layer.name);
    if (from === undefined) continue;
    if (layer.hasBias && from.bias.length === layer.bias.length) layer.bias = from.bias.slice();
    if (layer.hasInitial && from.size === layer.size) layer.initial = from.initial.slice();
    if (layer.gain !== undefined && from.gain?.length === layer.gain.length) layer.gain = from.gain.slice();
    if (layer.kind !== "hidden" && from.scaler !== undefined && from.size === layer.size) {
      graph.scale(layer.name, from.scaler);
    }
  }
  const key = ({ from, to, delay, at, name, shape, kind }: AnyGraph["synapses"][number]) =>
    JSON.stringify([from.name, to.name, delay, at ?? null, name ?? null, shape, kind]);
  const synapses = new Map(source.synapses.map((synapse) => [key(synapse), synapse]));
  for (const synapse of graph.synapses) {
    const from = synapses.get(key(synapse));
    if (from !== undefined && synapse.weights.length > 0) synapse.weights = from.weights.slice();
  }
}

/** Members of the engine's JSON that settings change. */
interface GraphFile {
  readonly layers: { dropout?: unknown }[];
  readonly synapses: { l1?: unknown; l2?: unknown }[];
}

/**
 * Returns the graph under other settings, with its parameters, generators and the optimizer's state. Where dropout or penalties
 * change it is another graph, and the given one is disposed of. Throws the engine's `GraphError`.
 */
export function withSettings(graph: AnyGraph, sketch: Sketch, before: Settings, after: Settings): AnyGraph {
  const { rate } = after.optimizer;
  const isRebuilt = before.dropout !== after.dropout || before.l1 !== after.l1 || before.l2 !== after.l2;
  const next = isRebuilt ? rebuilt(graph, sketch, after) : graph;
  try {
    if (isFresh(before, after)) next.optimizer = after.optimizer as never;
    else if (rate !== before.optimizer.rate) next.rate = rate;
  } catch (error) {
    if (isRebuilt) next.dispose();
    throw error;
  }
  if (isRebuilt) graph.dispose();
  return next;
}

/** Returns a copy of a graph with the dropout and the penalties of some settings. */
function rebuilt(graph: AnyGraph, sketch: Sketch, settings: Settings): AnyGraph {
  const model = outline({ ...sketch, settings });
  try {
    const file = graph.toJSON() as GraphFile;
    const wanted = model.toJSON({ optimizer: false }) as GraphFile;
    for (const [place, layer] of file.layers.entries()) adjust(layer, wanted.layers[place]!, "dropout");
    for (const [place, synapse] of file.synapses.entries()) {
      adjust(synapse, wanted.synapses[place]!, "l1");
      adjust(synapse, wanted.synapses[place]!, "l2");
    }
    return Graph.fromJSON(file);
  } finally {
    model.dispose();
  }
}

/** Sets a member as another part has it, or removes it. */
function adjust<K extends string>(
  part: { [N in K]?: unknown },
  wanted: { readonly [N in K]?: unknown },
  name: K,
): void {
  if (wanted[name] === undefined) delete part[name];
  else part[name] = wanted[name];
}

/**
 * Returns for each synapse of a sketch its place among the graph's synapses. A source of a cell has a matrix for each gate, and
 * none of its own: undefined. The synapses of `connect` are the graph's last ones.
 */
export function synapseIndexes(
  sketch: Sketch,
  synapses: readonly { readonly from: unknown; readonly to: unknown }[],
): (number | undefined)[] {
  const connects = callsOf(sketch).filter((call) => call.call === "connect");
  const first = synapses.length - connects.length;
  const found: (number | undefined)[] = sketch.synapses.map(() => undefined);
  for (const [number, { part, to }] of connects.entries()) {
    const place = (part as { readonly synapse: number }).synapse;
    if (sketch.synapses[place]!.to === to) found[place] = first + number;
  }
  return found;
}

/**
 * Returns the engine's refusal of a sketch, with the part at fault; undefined for a sketch that can be trained. Builds the graph,
 * predicts one row of zeros, and disposes of it.
 */
export function check(sketch: Sketch): Refusal | undefined {
  let part: Part | undefined;
  let graph: AnyGraph | undefined;
  try {
    graph = outline(sketch, (next) => {
      part = next;
    });
    if (graph.outputs.length > 0) graph.predict(zeros(graph), hasTime(graph) ? { steps: 1 } : {});
    return undefined;
  } catch (error) {
    return refusalOf(error, part ?? loneLayer(sketch, error));
  } finally {
    graph?.dispose();
  }
}

/** Checks whether the values of a graph depend on steps in time. */
export function hasTime(graph: AnyGraph): boolean {
  return graph.synapses.some(({ delay, at }) => delay !== 0 || at !== undefined);
}

/** Returns a row of zeros for each input. */
function zeros(graph: AnyGraph): Record<string, Float64Array> {
  return Object.fromEntries(graph.inputs.map(({ name, size }) => [name, new Float64Array(size)]));
}

/** Returns the first layer without a source that an error names; undefined if there is none. */
function loneLayer({ layers, synapses }: Sketch, error: unknown): Part | undefined {
  const lone = layers.find(
    ({ name, kind }) =>
      kind !== "input" &&
      !synapses.some(({ to }) => to === name) &&
      String(error).includes(JSON.stringify(name)),
  );
  return lone && { layer: lone.name };
}
