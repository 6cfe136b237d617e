// The records by which the core finds a graph's numbers: layers, synapses and lists of pointers, made anew after a change of
// the topology. abi.ts lists their words; learning.ts writes the words for training.

import { LayerWord, Step, SynapseWord } from "../../assembly/abi.js";
import { type LayerNode, mixedOf, type SynapseNode } from "../model/node.js";
import { depthOf } from "../model/time.js";
import type { Topology } from "../model/topology.js";
import { activations } from "../rules/activation.js";
import { joins } from "../rules/join.js";
import { links } from "../rules/link.js";
import { groupsOf } from "../rules/norm.js";
import { kind } from "../rules/rule.js";
import { biasesOf, channels } from "../rules/shape.js";
import { picks } from "../rules/step.js";
import type { Arena, Core } from "./core.js";
import { Maps } from "./maps.js";
import type { Parameters } from "./parameters.js";

export class Records {
  readonly #core: Core;
  readonly #arena: Arena;
  readonly #topology: Topology;
  readonly #parameters: Parameters;
  #layers = 0;
  #synapses = 0;
  /** Pointers of each layer's incoming synapses, then of each layer's outgoing synapses. */
  #lists = 0;
  /** Edits of the topology that the records follow; -1 if parameters have moved since. */
  edits = 0;
  readonly #maps: Maps;

  constructor(core: Core, arena: Arena, topology: Topology, parameters: Parameters) {
    this.#core = core;
    this.#arena = arena;
    this.#topology = topology;
    this.#parameters = parameters;
    this.#maps = new Maps(core, arena);
  }

  /** Takes room for all layers and synapses. Throws `out-of-memory`, with nothing changed. */
  make(): void {
    const { layers, synapses, edits } = this.#topology;
    this.#maps.make(synapses);
    const taken = this.#arena.take([
      [layers.length * LayerWord.words * 4, "the layers"],
      [synapses.length * SynapseWord.words * 4, "the synapses"],
      [synapses.length * 8, "the synapses"],
    ]) as [number, number, number];
    for (const old of [this.#layers, this.#synapses, this.#lists]) this.#arena.free(old);
    [this.#layers, this.#synapses, this.#lists] = taken;
    this.edits = edits;
  }

  /** Writes the words that a pass forward reads. */
  write(): void {
    const { u32, f64 } = this.#core;
    const { layers, synapses, loops } = this.#topology;
    for (const l of layers) {
      const at = this.layer(l) >>> 2;
      u32[at + LayerWord.size] = l.size;
      u32[at + LayerWord.biases] = biasesOf(l);
      u32[at + LayerWord.positions] = l.size / biasesOf(l);
      u32[at + LayerWord.channels] = channels(l.shape);
      u32[at + LayerWord.mixed] = mixedOf(l);
      if (l.norm !== undefined && (l.norm !== "layer" || l.shape.length > 1))
        u32[at + LayerWord.groups] = groupsOf(l.norm);
      u32[at + LayerWord.activation] = kind(activations, l.activation.name);
      u32[at + LayerWord.isInput] = l.kind === "input" ? 1 : 0;
      f64[(at + LayerWord.activationParameter) / 2] = l.activation.parameter;
      u32[at + LayerWord.bias] = this.#parameters.pointer(l.bias);
      if (l.gain !== undefined) u32[at + LayerWord.gain] = this.#parameters.pointer(l.gain);
      if (l.initial !== undefined) u32[at + LayerWord.initial] = this.#parameters.pointer(l.initial);
      u32[at + LayerWord.join] = kind(joins, l.join);
      u32[at + LayerWord.timed] = loops.timedOf(l) ? 1 : 0;
      u32[at + LayerWord.depth] = depthOf(l);
      const loop = loops.loopOf(l);
      if (loop?.[0] === l) this.#writeLoop(loop, loops.isReversed(loop));
    }
    this.list("incoming");
    for (const s of synapses) {
      const at = this.synapse(s) >>> 2;
      u32[at + SynapseWord.from] = this.layer(s.from);
      u32[at + SynapseWord.to] = this.layer(s.to);
      u32[at + SynapseWord.weights] =
        s.weights === undefined ? this.#parameters.at : this.#parameters.pointer(s.weights);
      u32[at + SynapseWord.kind] = kind(links, s.kind);
      u32[at + SynapseWord.rows] = s.weights?.rows ?? 0;
      u32[at + SynapseWord.columns] = s.weights?.columns ?? 0;
      u32[at + SynapseWord.map] = this.#maps.write(s);
      u32[at + SynapseWord.delay] = s.delay;
      u32[at + SynapseWord.at] = s.at === undefined ? Step.own : picks[s.at];
      u32[at + SynapseWord.inside] = loops.isInside(s) ? 1 : 0;
      const isOwnStep = s.delay === 0 && s.at === undefined;
      u32[at + SynapseWord.aligned] = isOwnStep && loops.timedOf(s.from) === loops.timedOf(s.to) ? 1 : 0;
    }
  }

  /** Takes the workspace of all synapses, and writes its pointer. Throws `out-of-memory`; the next layout tries again. */
  takeRoom(): void {
    const { synapses } = this.#topology;
    try {
      const room = this.#maps.room(synapses, (synapse) => this.synapse(synapse));
      const { u32 } = this.#core;
      for (const synapse of synapses) u32[(this.synapse(synapse) >>> 2) + SynapseWord.room] = room;
    } catch (error) {
      this.edits = -1;
      throw error;
    }
  }

  /** Writes the length and the direction of a loop to all its layers. */
  #writeLoop(loop: readonly LayerNode[], isReversed: boolean): void {
    const { u32 } = this.#core;
    for (const layer of loop) {
      u32[this.word(layer, LayerWord.loop) >>> 2] = loop.length;
      u32[this.word(layer, LayerWord.reversed) >>> 2] = isReversed ? 1 : 0;
    }
  }

  /** Writes the list of each layer's synapses on one side. */
  list(side: "incoming" | "outgoing"): void {
    const { u32 } = this.#core;
    const [word, count, begin] = {
      incoming: [LayerWord.incoming, LayerWord.incomings, 0] as const,
      outgoing: [LayerWord.outgoing, LayerWord.outgoings, this.#topology.synapses.length] as const,
    }[side];
    let list = this.#lists + begin * 4;
    for (const layer of this.#topology.layers) {
      u32[this.word(layer, word) >>> 2] = list;
      u32[this.word(layer, count) >>> 2] = layer[side].length;
      for (const synapse of layer[side]) {
        u32[list >>> 2] = this.synapse(synapse);
        list += 4;
      }
    }
  }

  /** Returns the pointer of a layer's record. */
  layer({ index }: LayerNode): number {
    return this.#layers + index * LayerWord.words * 4;
  }

  /** Returns the pointer of a synapse's record. */
  synapse({ index }: SynapseNode): number {
    return this.#synapses + index * SynapseWord.words * 4;
  }

  /** Returns the address of a word of a layer's record. */
  word(layer: LayerNode, word: LayerWord): number {
    return this.layer(layer) + word * 4;
  }
}
