// The graph of the planned layers.

import { show } from "../../../base/text.js";
import { Graph, GraphError, type Layer, type LayerOptions, type Precision } from "../../../index.js";
import { join, type Loose, type Owners, type Parameter } from "./join.js";
import type { Plan } from "./plan.js";
import { isChannelsFirst, isSame, settle } from "./shapes.js";
import type { Numbers } from "./tensor.js";
import { isDense, isPick, type LayerPlan, type Value } from "./term.js";
import { isFixed, isOwnStep, isSum, layerOf, size, timedLayers } from "./value.js";

/** Names the outputs. A layer that already computes one becomes it; for the others a linear layer is added. */
export function nameOutputs(plan: Plan, given: readonly { name: string; value: Value }[]): LayerPlan[] {
  // A layer finds the shape for a norm over parts of its units, which an output can't change.
  const outputs = given.map(({ name, value }) => {
    return { name, value: value.groups === undefined ? value : plan.asLayer(value, name) };
  });
  settle(plan.layers, plan.keepsOrder);
  const claim = (name: string, value: Value) => {
    const layer = claimable(value, plan.keepsOrder);
    if (layer?.kind !== "hidden") return undefined;
    layer.kind = "output";
    layer.name = name;
    return layer;
  };
  // Outputs whose name a layer has come first, so that no other output takes that layer.
  const own = outputs.map(({ name, value }) => {
    const layer = layerOf(value);
    return layer?.label === name ? claim(name, value) : undefined;
  });
  const found = outputs.map(({ name, value }, i) => {
    const made = own[i] ?? claim(name, value);
    if (made !== undefined) return made;
    const { terms, bias, gain, groups, dims, isProduct = false } = value;
    return plan.add({
      label: name,
      kind: "output",
      size: size(value),
      activation: "linear",
      dims,
      terms,
      bias,
      gain,
      groups,
      isProduct,
    });
  });
  settle(plan.layers, plan.keepsOrder);
  return found;
}

/**
 * Returns the layer whose units a value is, in the graph's order of results: the file's, or an image's with its channels last.
 */
function claimable(v: Value, keepsOrder: boolean): LayerPlan | undefined {
  const layer = layerOf(v);
  if (layer !== undefined) {
    const { order, shape, isImage = false } = layer;
    const isTurned = order !== undefined && isImage && !keepsOrder && isChannelsFirst(v.dims, shape!, order);
    return order === undefined || isTurned ? layer : undefined;
  }
  const [term] = v.terms;
  const { map, from } = term ?? {};
  const isPicked =
    v.terms.length === 1 && v.bias === undefined && isSum(v) && isOwnStep(term!) && isPick(map!);
  if (!isPicked || map.scale !== undefined || from!.order === undefined) return undefined;
  return isSame(map.index, from!.order) ? from : undefined;
}

/** Charges the plan for picks, and for matrices in another order. Throws `unsupported` where there is no room. */
export function chargePicks(plan: Plan, outputs: readonly LayerPlan[]): void {
  for (const layer of ancestors(outputs)) {
    const { size, terms } = layer;
    for (const { from, map } of terms) {
      if (isPick(map)) plan.chargeUnits(size);
      else if (isDense(map) && (layer.order ?? from.order) !== undefined) plan.charge(map.matrix.length);
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
    const owners: Owners = new Map();
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
        const ends = { source: made.get(term.from)!, target: made.get(planned)! };
        join(graph, { term, options, planned, ...ends }, owners, parameters);
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

/** Returns numbers of a layer's units in the order of the graph. */
function ordered(numbers: Numbers, { order }: LayerPlan): Numbers {
  return order === undefined ? numbers : numbers.map((_, at) => numbers[order[at]!]!);
}

/** Returns whether numbers of units, in the order of the graph, are the same at each position. */
function isPerChannel(numbers: Numbers, count: number): boolean {
  return numbers.every((value, at) => value === numbers[at % count]);
}

/** Returns the norm of a layer with a gain. */
function normOf({ groups, size, shape }: LayerPlan): NonNullable<LayerOptions["norm"]> {
  if (groups === undefined) return "layer";
  const members = groups.filter((group) => group === groups[0]).length;
  return shape === undefined && members === size ? "layer" : { name: "group", groups: size / members };
}

function addLayer(graph: Loose, planned: LayerPlan, parameters: Parameter[]): Layer {
  const { kind, name, size, shape, activation, gain, terms, isProduct = false, isTimeless = false } = planned;
  const isZero = planned.initial?.every((value) => value === 0) ?? true;
  const initial = isZero ? {} : { initial: ordered(planned.initial!, planned) };
  const extents = shape ?? size;
  if (kind === "input") {
    const time = isTimeless ? { time: false } : {};
    const classes = planned.classes === undefined ? {} : { classes: planned.classes };
    return graph.addInput(name, extents, undefined, { ...time, ...classes, ...initial });
  }
  const [bias, gains] = [planned.bias, gain].map((numbers) => numbers && ordered(numbers, planned));
  const channels = shape?.at(-1) ?? size;
  const isPerUnit = [bias, gains].some(
    (numbers) => numbers !== undefined && !isPerChannel(numbers, channels),
  );
  const count = isPerUnit ? size : channels;
  // A layer that only selects has no weights in the file, and nothing to learn here.
  const frozen = bias !== undefined && gain === undefined && terms.every(isFixed);
  const options: LayerOptions = {
    ...(isPerUnit ? { bias: new Float64Array(size) } : bias === undefined ? { bias: false } : {}),
    ...(frozen ? { frozen } : {}),
    ...(gain === undefined ? {} : { norm: normOf(planned) }),
    ...(isProduct ? { join: "product" } : {}),
    ...initial,
  };
  const layer =
    kind === "hidden"
      ? graph.addHidden(name, extents, activation, options)
      : graph.addOutput(name, extents, activation, undefined, options);
  const write = (view: () => Float64Array | Float32Array, numbers: Numbers | undefined, what: string) => {
    if (numbers !== undefined)
      parameters.push({ view, numbers: numbers.subarray(0, count), what: `the ${what} of ${show(name)}` });
  };
  write(() => layer.bias, bias, "bias");
  write(() => layer.gain!, gains, "gain");
  return layer;
}

function fill({ view, numbers, what }: Parameter): void {
  const place = view();
  place.set(numbers);
  const wrong = place.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0)
    throw new GraphError("bad-file", `Number ${wrong} of ${what} is ${numbers[wrong]}, not finite.`);
}
