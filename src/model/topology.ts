// The graph without its numbers: layers and synapses by name, and the rules for joining them.

import { GraphError } from "../base/error.js";
import { list, nearest, show } from "../base/text.js";
import { stepOf } from "../rules/step.js";
import { checkLoops } from "./cycle.js";
import type { LayerFields } from "./layer.js";
import { Levels } from "./level.js";
import { Loops } from "./loop.js";
import type { LayerNode, SynapseNode } from "./node.js";
import type { SynapseFields } from "./synapse.js";
import { type PlannedSynapse, StepCounts } from "./time.js";

/** The facts of a new layer. */
type LayerFacts = Pick<
  LayerNode,
  | "name"
  | "kind"
  | "size"
  | "shape"
  | "activation"
  | "loss"
  | "perUnit"
  | "hasBias"
  | "bias"
  | "gain"
  | "initial"
> & { readonly fields: LayerFields };

/** The facts of a new synapse. */
type SynapseFacts = Pick<
  SynapseNode,
  "from" | "to" | "weights" | "init" | "share" | "window" | "pattern" | "units"
> & {
  readonly fields: SynapseFields;
};

export class Topology {
  /** Layers in the order of their creation, as are inputs and outputs. */
  readonly layers: LayerNode[] = [];
  readonly inputs: LayerNode[] = [];
  readonly outputs: LayerNode[] = [];
  readonly synapses: SynapseNode[] = [];
  readonly byName = new Map<string, LayerNode>();
  /** The pairs of layers that unnamed synapses join step by step, and the names of the named synapses. */
  readonly unnamed = new Map<LayerNode, Set<LayerNode>>();
  readonly named = new Set<string>();
  readonly levels = new Levels();
  readonly counts = new StepCounts();
  /** Number of edits so far. */
  edits = 0;
  #loops: { readonly edits: number; readonly facts: Loops } | undefined;

  /** Facts about loops and time, as of the last edit. */
  get loops(): Loops {
    const { edits, layers, counts } = this;
    if (this.#loops?.edits !== edits) this.#loops = { edits, facts: new Loops(layers, counts.hasDelays) };
    return this.#loops.facts;
  }

  /** Returns the layer of a name, if there is one. */
  find(name: string): LayerNode | undefined {
    return this.byName.get(name);
  }

  /** Returns the layer of a name. Throws `unknown-layer`. */
  layer(name: unknown): LayerNode {
    const layer = typeof name === "string" ? this.byName.get(name) : undefined;
    if (layer === undefined) throw this.unknown(name, "layer", this.byName.keys());
    return layer;
  }

  /** Returns the output of a name. Throws `unknown-layer`, `not-an-output`. */
  output(name: unknown): LayerNode {
    const layer = typeof name === "string" ? this.find(name) : undefined;
    if (layer?.kind === "output") return layer;
    if (layer === undefined) throw this.unknown(name, "output", namesOf(this.outputs));
    const kind = layer.kind === "input" ? "an input" : "a hidden layer";
    throw new GraphError("not-an-output", `The layer ${show(name)} is not an output but ${kind}.`);
  }

  /** Returns the outputs of some names, each once, in the order of their creation. Throws as `output` does. */
  outputsOf(names: readonly unknown[]): readonly LayerNode[] {
    const found = new Set(Array.from(names, (name) => this.output(name)));
    return found.size === this.outputs.length ? this.outputs : [...found].sort((a, b) => a.index - b.index);
  }

  /** All outputs, at least one. Throws `not-an-output`. */
  get allOutputs(): readonly LayerNode[] {
    if (this.outputs.length > 0) return this.outputs;
    throw new GraphError("not-an-output", "This graph has no output.");
  }

  /** Returns the error for a name of no layer, or of no layer of a kind. */
  unknown(given: unknown, what: string, known: Iterable<string>): GraphError {
    const near = typeof given === "string" ? nearest(given, known) : undefined;
    const hint = near === undefined ? "" : ` Did you mean ${show(near)}?`;
    return new GraphError("unknown-layer", `There is no ${what} ${show(given)} in this graph.${hint}`);
  }

  /** Refuses a name that no new layer can have. */
  checkName(name: unknown): asserts name is string {
    if (typeof name !== "string" || name === "") {
      throw new GraphError("bad-name", `A layer's name is a string that is not empty, not ${show(name)}.`);
    }
    if (!name.isWellFormed()) {
      throw new GraphError("bad-name", `The name ${show(name)} has half a character (a lone surrogate).`);
    }
    if (this.byName.has(name)) {
      throw new GraphError("duplicate-layer", `There is a layer ${show(name)} already.`);
    }
  }

  /** Adds a layer that `checkName` has passed. */
  addLayer({ fields, ...facts }: LayerFacts): LayerNode {
    // The fields come last: V8 makes and reads an object more slowly if members follow a spread.
    const layer: LayerNode = {
      name: facts.name,
      kind: facts.kind,
      size: facts.size,
      shape: facts.shape,
      activation: facts.activation,
      loss: facts.loss,
      perUnit: facts.perUnit,
      hasBias: facts.hasBias,
      bias: facts.bias,
      gain: facts.gain,
      initial: facts.initial,
      handle: undefined,
      isRemoved: false,
      index: this.layers.length,
      incoming: [],
      outgoing: [],
      level: 0,
      near: [],
      search: 0,
      scaler: undefined,
      ...fields,
    };
    this.layers.push(layer);
    if (layer.kind === "input") this.inputs.push(layer);
    if (layer.kind === "output") this.outputs.push(layer);
    this.byName.set(layer.name, layer);
    this.edits++;
    return layer;
  }

  /** Refuses a synapse that can't be added. */
  checkSynapse(planned: PlannedSynapse, name: string | undefined): void {
    const { from, to } = planned;
    if (to.kind === "input") {
      const why = "an input takes its values from the caller";
      throw new GraphError(
        "not-a-target",
        `${show(from.name)} can't feed the input ${show(to.name)}: ${why}.`,
      );
    }
    if (name !== undefined && this.named.has(name)) {
      throw new GraphError("duplicate-synapse", `There is a synapse named ${show(name)} already.`);
    }
    if (name === undefined && this.#hasUnnamed(planned)) {
      const step = stepOf(planned);
      const joined = `${show(from.name)}${step === undefined ? "" : ` (${step})`} to ${show(to.name)}`;
      throw new GraphError(
        "duplicate-synapse",
        `A synapse from ${joined} is there already; give the second a name.`,
      );
    }
    checkLoops(this.levels, this.counts, planned, this.synapses.length);
  }

  /** Returns whether an unnamed synapse joins two layers with a delay or an `at`. */
  #hasUnnamed({ from, to, delay, at }: PlannedSynapse): boolean {
    if (isStepwise({ delay, at })) return this.unnamed.get(from)?.has(to) === true;
    const fewer = from.outgoing.length < to.incoming.length ? from.outgoing : to.incoming;
    return fewer.some((s) => {
      return s.from === from && s.to === to && s.name === undefined && s.delay === delay && s.at === at;
    });
  }

  /** Adds a synapse that `checkSynapse` has passed. */
  addSynapse({ from, to, weights, init, share, window, pattern, units, fields }: SynapseFacts): SynapseNode {
    const synapse: SynapseNode = {
      from,
      to,
      weights,
      init,
      share,
      window,
      pattern,
      units,
      handle: undefined,
      isRemoved: false,
      isShared: false,
      index: this.synapses.length,
      ...fields,
    };
    const { name } = synapse;
    this.synapses.push(synapse);
    if (share !== undefined) share.isShared = synapse.isShared = true;
    from.outgoing.push(synapse);
    to.incoming.push(synapse);
    if (name !== undefined) this.named.add(name);
    else if (isStepwise(synapse) && !this.unnamed.get(from)?.add(to)) this.unnamed.set(from, new Set([to]));
    if (synapse.delay === 0) this.levels.join(from, to);
    this.counts.count(synapse, 1);
    this.edits++;
    return synapse;
  }

  /** Returns the outputs and all their ancestors, each after its sources, and each loop in one piece. Throws `unconnected`. */
  ancestors(outputs: readonly LayerNode[]): LayerNode[] {
    return this.loops.ancestors(outputs, (layer, output) => {
      const { kind, incoming, name } = layer;
      if (kind !== "input" && incoming.length === 0) {
        const needs = layer === output ? "" : `, and the output ${show(output.name)} depends on it`;
        throw new GraphError("unconnected", `Nothing comes into the layer ${show(name)}${needs}.`);
      }
      return incoming.map((synapse) => synapse.from);
    });
  }
}

/** Returns whether a synapse joins each step of its source to the same step of its target. */
function isStepwise({ delay, at }: Pick<SynapseNode, "delay" | "at">): boolean {
  return delay === 0 && at === undefined;
}

/** Removes layers with all their synapses, and other synapses. The indices of the remaining parts close up. */
export function remove(
  topology: Topology,
  layers: ReadonlySet<LayerNode>,
  synapses: ReadonlySet<SynapseNode>,
): void {
  const touched = new Set<LayerNode>();
  for (const s of synapses) {
    if (s.name !== undefined) topology.named.delete(s.name);
    else if (isStepwise(s)) topology.unnamed.get(s.from)!.delete(s.to);
    topology.counts.count(s, -1);
    touched.add(s.from).add(s.to);
  }
  for (const layer of touched) {
    filterInPlace(layer.incoming, (synapse) => !synapses.has(synapse));
    filterInPlace(layer.outgoing, (synapse) => !synapses.has(synapse));
    topology.levels.part(layer);
  }
  for (const part of [...layers, ...synapses]) part.isRemoved = true;
  for (const layer of layers) {
    topology.byName.delete(layer.name);
    topology.unnamed.delete(layer);
  }
  for (const list of [topology.layers, topology.inputs, topology.outputs])
    filterInPlace(list, (layer) => !layers.has(layer));
  filterInPlace(topology.synapses, (synapse) => !synapses.has(synapse));
  for (const list of [topology.layers, topology.synapses]) {
    list.forEach((part, index) => {
      part.index = index;
    });
  }
  topology.edits++;
}

/**
 * Returns the one synapse between two layers, of a delay if one is given. Throws `unknown-synapse` if there is none, or
 * several.
 */
export function synapseBetween(from: LayerNode, to: LayerNode, delay?: number): SynapseNode {
  const fewer = from.outgoing.length < to.incoming.length ? from.outgoing : to.incoming;
  const found = fewer.filter(
    (s) => s.from === from && s.to === to && (delay === undefined || s.delay === delay),
  );
  if (found.length === 1) return found[0]!;
  const by = delay === undefined ? "" : ` with a delay of ${delay}`;
  const joined = `from ${show(from.name)} to ${show(to.name)}${by}`;
  if (found.length === 0) throw new GraphError("unknown-synapse", `There is no synapse ${joined}.`);
  const names = list(
    found.map((s) => s.name ?? `(${stepOf(s) ?? "unnamed"})`),
    16,
  );
  throw new GraphError(
    "unknown-synapse",
    `${found.length} synapses go ${joined}: ${names}; see \`synapses\`.`,
  );
}

/** Returns all layers, each after its sources outside its loop, and each loop in one piece. */
export function sorted({ layers, loops, counts }: Topology): readonly LayerNode[] {
  if (counts.hasDelays) return loops.ancestors(layers, ({ incoming }) => incoming.map(({ from }) => from));
  const waiting = layers.map((layer) => layer.incoming.length);
  const order = layers.filter((layer) => layer.incoming.length === 0);
  for (const layer of order) {
    for (const { to } of layer.outgoing) if (--waiting[to.index]! === 0) order.push(to);
  }
  return order;
}

export function* namesOf(layers: readonly LayerNode[]): Iterable<string> {
  for (const layer of layers) yield layer.name;
}

/** Filters a list in place, in its order. */
function filterInPlace<T>(list: T[], passes: (one: T) => boolean): void {
  let length = 0;
  for (const one of list) if (passes(one)) list[length++] = one;
  list.length = length;
}
