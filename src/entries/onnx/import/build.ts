// The graph of the planned layers.

import { show } from "../../../base/text.js";
import {
  Graph,
  GraphError,
  type Layer,
  type LayerOptions,
  type Precision,
  type Synapse,
} from "../../../index.js";
import { type Plan, timedLayers } from "./plan.js";
import type { Numbers } from "./tensor.js";
import {
  densified,
  isDiagonal,
  isFixed,
  isIdentity,
  isPick,
  type LayerPlan,
  layerOf,
  size,
  type Term,
  type Value,
} from "./value.js";

/** Names the outputs. A layer that already computes one becomes it; for the others a linear layer is added. */
export function nameOutputs(plan: Plan, outputs: readonly { name: string; value: Value }[]): LayerPlan[] {
  const claim = (name: string, layer: LayerPlan | undefined) => {
    if (layer?.kind !== "hidden") return undefined;
    layer.kind = "output";
    layer.name = name;
    return layer;
  };
  // Outputs whose name a layer has come first, so that no other output takes that layer.
  const own = outputs.map(({ name, value }) => {
    const layer = layerOf(value);
    return layer?.label === name ? claim(name, layer) : undefined;
  });
  return outputs.map(({ name, value }, i) => {
    const made = own[i] ?? claim(name, layerOf(value));
    if (made !== undefined) return made;
    const { terms, bias, gain, isProduct = false } = value;
    return plan.add({
      label: name,
      kind: "output",
      size: size(value),
      activation: "linear",
      terms,
      bias,
      gain,
      isProduct,
    });
  });
}

type Loose = Graph<string, string, string, Precision>;

/** Numbers for a graph's parameter, written once all layers are there. */
interface Parameter {
  readonly view: () => Float64Array | Float32Array;
  readonly numbers: Numbers;
  readonly what: string;
}

/** Charges the plan for the matrices of picks. Throws `unsupported` where there is no room. */
export function chargePicks(plan: Plan, outputs: readonly LayerPlan[]): void {
  for (const { size, terms } of ancestors(outputs)) {
    for (const { from, map } of terms) {
      if (isPick(map) && !isIdentity(map)) plan.charge(isDiagonal(map) ? size : from.size * size);
    }
  }
}

/** Makes the graph, or nothing. Throws `bad-file` where a parameter, or an activation's parameter, is not finite. */
export function build(plan: Plan, outputs: readonly LayerPlan[], precision: Precision): Graph {
  chargePicks(plan, outputs);
  const used = ancestors(outputs);
  const layers = plan.layers.filter((layer) => used.has(layer) || layer.kind === "input");
  nameHidden(layers);
  const graph: Loose = new Graph<string, string, string, Precision>({ precision, seed: 0 });
  try {
    const made = new Map<LayerPlan, Layer>();
    const parameters: Parameter[] = [];
    for (const planned of [...layers.filter(({ kind }) => kind !== "output"), ...outputs]) {
      made.set(planned, addLayer(graph, planned, parameters));
    }
    const owners = new Map<Numbers, Synapse>();
    const timed = timedLayers(plan.layers);
    for (const planned of layers) {
      const joined = new Map<LayerPlan, Set<string>>();
      for (const [i, term] of planned.terms.entries()) {
        const { delay = 0 } = term;
        const at = timed.has(term.from) ? term.at : undefined;
        // A second synapse between two layers needs a name.
        const steps = joined.get(term.from) ?? new Set();
        const step = `${delay} ${at}`;
        const named = steps.has(step) ? { name: `${planned.name}.${i}` } : {};
        joined.set(term.from, steps.add(step));
        const options = { ...named, ...(delay === 0 ? {} : { delay }), ...(at === undefined ? {} : { at }) };
        const joint = { term, options, source: made.get(term.from)!, target: made.get(planned)! };
        join(graph, joint, owners, parameters);
      }
    }
    for (const parameter of parameters) fill(parameter);
  } catch (error) {
    graph.dispose();
    // An operator's number that no layer can have, such as an infinite alpha.
    if (!(error instanceof GraphError && error.code === "bad-option")) throw error;
    throw new GraphError("bad-file", error.message, { cause: error });
  }
  return graph as unknown as Graph;
}

function ancestors(outputs: readonly LayerPlan[]): Set<LayerPlan> {
  const found = new Set(outputs);
  for (const layer of found) for (const { from } of layer.terms) found.add(from);
  return found;
}

function nameHidden(layers: readonly LayerPlan[]): void {
  const taken = new Set(layers.filter(({ kind }) => kind !== "hidden").map(({ name }) => name));
  for (const layer of layers) {
    if (layer.kind !== "hidden") continue;
    for (let i = 2; taken.has(layer.name); i++) layer.name = `${layer.label}.${i}`;
    taken.add(layer.name);
  }
}

function addLayer(graph: Loose, planned: LayerPlan, parameters: Parameter[]): Layer {
  const { kind, name, size, activation, bias, gain, terms, isProduct = false, isTimeless = false } = planned;
  const initial = planned.initial?.some((value) => value !== 0) ? { initial: planned.initial } : {};
  if (kind === "input")
    return graph.addInput(name, size, undefined, { ...(isTimeless ? { time: false } : {}), ...initial });
  // A layer that only selects has no weights in the file, and nothing to learn here.
  const frozen = bias !== undefined && gain === undefined && terms.every(isFixed);
  const options: LayerOptions = {
    ...(bias === undefined ? { bias: false } : {}),
    ...(frozen ? { frozen } : {}),
    ...(gain === undefined ? {} : { norm: "layer" }),
    ...(isProduct ? { join: "product" } : {}),
    ...initial,
  };
  const layer =
    kind === "hidden"
      ? graph.addHidden(name, size, activation, options)
      : graph.addOutput(name, size, activation, undefined, options);
  if (bias !== undefined)
    parameters.push({ view: () => layer.bias, numbers: bias, what: `the bias of ${show(name)}` });
  if (gain !== undefined)
    parameters.push({ view: () => layer.gain!, numbers: gain, what: `the gain of ${show(name)}` });
  return layer;
}

interface Joint {
  readonly term: Term;
  readonly options: { readonly name?: string; readonly delay?: number; readonly at?: "last" | "first" };
  readonly source: Layer;
  readonly target: Layer;
}

/**
 * Connects two layers: by the identity where units are passed unchanged, with shared weights where another synapse has the
 * same matrix.
 */
function join(
  graph: Loose,
  { term, options, source, target }: Joint,
  owners: Map<Numbers, Synapse>,
  parameters: Parameter[],
) {
  const { map } = term;
  if (isPick(map) && isIdentity(map)) {
    graph.connect(source, target, { ...options, kind: "identity" });
    return;
  }
  const kind = isPick(map) && isDiagonal(map) ? "oneToOne" : "dense";
  const numbers = !isPick(map)
    ? map.matrix
    : isDiagonal(map)
      ? map.scale!
      : densified(map, source.size, target.size);
  const owner = owners.get(numbers);
  if (owner !== undefined && owner.kind === kind && owner.shape[0] === source.size) {
    graph.connect(source, target, { ...options, share: owner, kind });
    return;
  }
  const frozen = isFixed(term) ? { frozen: true } : {};
  const synapse = graph.connect(source, target, { ...options, ...frozen, kind, init: "zeros" });
  owners.set(numbers, synapse);
  const what = `the weights from ${show(source.name)} to ${show(target.name)}`;
  parameters.push({ view: () => synapse.weights, numbers, what });
}

function fill({ view, numbers, what }: Parameter): void {
  const place = view();
  place.set(numbers);
  const wrong = place.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0)
    throw new GraphError("bad-file", `Number ${wrong} of ${what} is ${numbers[wrong]}, not finite.`);
}
