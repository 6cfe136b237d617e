// The records that tell the core where a graph's numbers are: layers, synapses and lists of pointers, made anew after a change
// of the topology. abi.ts lists their words.

import { LayerFlag, LayerWord, PassWord, SynapseKind, SynapseWord } from "../assembly/abi.js";
import { numbers, room } from "./init.js";
import { type Layer, learnsBias } from "./layer.js";
import type { Pass } from "./pass.js";
import { activations, kind, losses } from "./rule.js";
import { State } from "./state.js";
import { Store } from "./store.js";
import { owner, type Synapse, type SynapseState } from "./synapse.js";
import type { Topology } from "./topology.js";
import type { Precision } from "./types.js";

export abstract class Records extends Store {
  /** What the optimizer keeps. */
  readonly state: State;
  #seed: number;
  /** What has its place in memory: numbers of parameters, of their blocks, of layers and of synapses. */
  #placed = { count: 0, blocks: 0, layers: 0, synapses: 0 };
  #layerRecords = 0;
  #synapseRecords = 0;
  #lists = 0;
  protected readonly passes = new Map<string, Pass>();
  /** The pass of the last call, most often that of the next. */
  last: Pass | undefined;

  constructor(topology: Topology, precision: Precision, seed: number) {
    super(topology, precision);
    this.#seed = seed;
    this.state = new State(this.core, this.arena);
  }

  /** Of the generators. */
  get seed(): number {
    return this.#seed;
  }

  set seed(seed: number) {
    this.#seed = seed;
    for (const { record } of this.passes.values()) this.core.u32[(record >>> 2) + PassWord.seed] = seed;
  }

  /** Whether all of the topology has its place. */
  get isSettled(): boolean {
    const { layers, synapses } = this.topology;
    return this.#placed.layers === layers.length && this.#placed.synapses === synapses.length;
  }

  /** Gives what was added to the topology its place: old parameters keep their values, new weights start. */
  protected settle(): void {
    if (this.isSettled) return;
    this.live();
    const { layers, synapses } = this.topology;
    const fresh = synapses.slice(this.#placed.synapses);
    const [parameters, layerRecords, synapseRecords, lists, beside, ...state] = this.take([
      [this.count * this.bytes, "the parameters"],
      [layers.length * LayerWord.words * 4, "the layers"],
      [synapses.length * SynapseWord.words * 4, "the synapses"],
      [synapses.length * 8, "the synapses"],
      [
        fresh.reduce((most, { $: s }) => Math.max(most, room(s.initial, s.from.$.size, s.to.$.size)), 0),
        "the initial weights",
      ],
      ...(this.state.isPlaced ? this.state.wanted(this.count * this.bytes, this.blockCount) : []),
    ]) as [number, number, number, number, number, ...number[]];
    this.core.u8.copyWithin(
      parameters,
      this.parametersAt,
      this.parametersAt + this.#placed.count * this.bytes,
    );
    for (const { $: l } of layers.slice(this.#placed.layers)) {
      if (l.start !== undefined) this.view(parameters + l.offset * this.bytes, l.size).set(l.start);
      if (l.norm !== undefined) this.view(parameters + l.gainOffset * this.bytes, l.size).fill(1);
    }
    for (const { $: s } of fresh) this.#start(s, parameters + s.offset * this.bytes, beside);
    this.arena.free(beside);
    for (const old of [this.parametersAt, this.gradientsAt, this.#layerRecords, this.#synapseRecords]) {
      this.arena.free(old);
    }
    this.arena.free(this.#lists);
    this.forget();
    this.state.place(state, parameters, this.#placed.count * this.bytes, this.#placed.blocks);
    this.parametersAt = parameters;
    this.gradientsAt = 0;
    this.#layerRecords = layerRecords;
    this.#synapseRecords = synapseRecords;
    this.#lists = lists;
    this.#placed = {
      count: this.count,
      blocks: this.blockCount,
      layers: layers.length,
      synapses: synapses.length,
    };
    this.#record();
  }

  /** Frees all passes. */
  protected forget(): void {
    for (const pass of this.passes.values()) pass.free(this.arena);
    this.passes.clear();
    this.last = undefined;
  }

  /** Follows a change of what learns. */
  relearn(): void {
    this.forget();
    // What is not in its place yet is recorded when it is.
    if (this.isSettled) this.#recordLearning();
  }

  /** Gives new weights, zeros so far, what they start with. `beside`: room for that. */
  #start(synapse: SynapseState, weights: number, beside: number): void {
    const { initial, index, from, to } = synapse;
    const [rows, columns] = [from.$.size, to.$.size];
    if (initial === undefined) return;
    synapse.initial = undefined;
    const [a, b] = numbers(initial, rows, columns);
    const { way } = initial.row;
    if (initial.values !== undefined) this.numbers.set(initial.values, this.place(weights));
    else if (way === undefined) this.view(weights, rows * columns).fill(a);
    else this.core.call.start(way, weights, rows, columns, this.seed, index, a, b, beside);
  }

  protected layerRecord(layer: Layer): number {
    return this.#layerRecords + layer.$.index * LayerWord.words * 4;
  }

  /** The address of a word of a layer's record. */
  word(layer: Layer, word: LayerWord): number {
    return this.layerRecord(layer) + word * 4;
  }

  /** Writes the records of all layers and synapses. */
  #record(): void {
    const { u32, f64 } = this.core;
    let list = this.#lists;
    for (const layer of this.topology.layers) {
      const { $: l } = layer;
      const at = this.layerRecord(layer) >>> 2;
      u32[at + LayerWord.size] = l.size;
      u32[at + LayerWord.activation] = kind(activations, l.activation.name);
      u32[at + LayerWord.loss] = l.loss === undefined ? 0 : kind(losses, l.loss.name);
      u32[at + LayerWord.input] = l.kind === "input" ? 1 : 0;
      u32[at + LayerWord.bounded] = l.loss !== undefined && losses[l.loss.name].shares ? 1 : 0;
      f64[(at + LayerWord.bend) / 2] = l.activation.own;
      f64[(at + LayerWord.margin) / 2] = l.loss?.own ?? 0;
      f64[(at + LayerWord.weight) / 2] = l.weight;
      f64[(at + LayerWord.dropout) / 2] = l.dropout;
      u32[at + LayerWord.place] = l.index;
      u32[at + LayerWord.bias] = this.parametersAt + l.offset * this.bytes;
      if (l.norm !== undefined) u32[at + LayerWord.gain] = this.parametersAt + l.gainOffset * this.bytes;
      for (const [word, count, synapses] of [
        [LayerWord.incoming, LayerWord.incomings, l.incoming],
        [LayerWord.outgoing, LayerWord.outgoings, l.outgoing],
      ] as const) {
        u32[at + word] = list;
        u32[at + count] = synapses.length;
        for (const synapse of synapses) {
          u32[list >>> 2] = this.synapseRecord(synapse);
          list += 4;
        }
      }
      this.recordStates(layer);
    }
    for (const synapse of this.topology.synapses) {
      const { $: s } = synapse;
      const at = this.synapseRecord(synapse) >>> 2;
      u32[at + SynapseWord.from] = this.layerRecord(s.from);
      u32[at + SynapseWord.to] = this.layerRecord(s.to);
      u32[at + SynapseWord.weights] = this.parametersAt + s.offset * this.bytes;
      u32[at + SynapseWord.kind] = s.kind === "identity" ? SynapseKind.identity : SynapseKind.dense;
      f64[(at + SynapseWord.l1) / 2] = s.l1;
      f64[(at + SynapseWord.l2) / 2] = s.l2;
      f64[(at + SynapseWord.most) / 2] = s.maxNorm ?? 0;
      u32[at + SynapseWord.shared] = s.isShared ? 1 : 0;
      if (s.share !== undefined) u32[at + SynapseWord.owner] = this.synapseRecord(s.share);
    }
    this.#recordLearning();
  }

  /** Writes what learns, and where no gradient need come: where neither a layer nor what it hears from learns. */
  #recordLearning(): void {
    const { u32 } = this.core;
    for (const synapse of this.topology.synapses) {
      u32[(this.synapseRecord(synapse) >>> 2) + SynapseWord.frozen] = synapse.$.frozen ? 1 : 0;
    }
    const learning = new Set<Layer>();
    for (const layer of this.topology.sorted()) {
      const { $: l } = layer;
      const learns =
        learnsBias(l) ||
        (l.norm !== undefined && !l.frozen) ||
        l.incoming.some((s) => learning.has(s.$.from) || (s.$.kind === "dense" && !owner(s).$.frozen));
      if (learns) learning.add(layer);
      const asked = l.incoming.some(({ $: { from } }) => from.$.kind === "input" && learnsBias(from.$));
      u32[this.word(layer, LayerWord.flags) >>> 2] =
        (l.frozen ? LayerFlag.frozen : 0) |
        (l.hasBias ? 0 : LayerFlag.unbiased) |
        (asked ? LayerFlag.asked : 0) |
        (learns ? 0 : LayerFlag.idle);
    }
  }

  protected synapseRecord(synapse: Synapse): number {
    return this.#synapseRecords + synapse.$.index * SynapseWord.words * 4;
  }

  protected recordStates(layer: Layer): void {
    const { u32 } = this.core;
    const { $: l } = layer;
    const at = this.layerRecord(layer) >>> 2;
    u32[at + LayerWord.pre] = l.pre;
    u32[at + LayerWord.post] = l.post;
    u32[at + LayerWord.given] = l.given;
    u32[at + LayerWord.delta] = l.delta;
    u32[at + LayerWord.target] = l.target;
    u32[at + LayerWord.hat] = l.hat;
    u32[at + LayerWord.spread] = l.spread;
    u32[at + LayerWord.keep] = l.keep;
    u32[at + LayerWord.dropped] = l.dropped;
  }

  /** Room for the gradients of all parameters. */
  protected ensureGradients(): void {
    if (this.gradientsAt !== 0) return;
    this.gradientsAt = this.arena.alloc(this.count * this.bytes, "the gradients");
    const { u32 } = this.core;
    for (const layer of this.topology.layers) {
      const { offset, gainOffset } = layer.$;
      u32[this.word(layer, LayerWord.dbias) >>> 2] = this.gradientsAt + offset * this.bytes;
      u32[this.word(layer, LayerWord.dgain) >>> 2] = this.gradientsAt + gainOffset * this.bytes;
    }
    for (const synapse of this.topology.synapses) {
      const at = this.synapseRecord(synapse) >>> 2;
      u32[at + SynapseWord.dweights] = this.gradientsAt + synapse.$.offset * this.bytes;
    }
    for (const pass of this.passes.values()) pass.deltaRoom = 0;
  }

  /** Room for what the optimizer keeps of all parameters. */
  protected ensureState(): void {
    if (this.state.isPlaced || this.state.isPlain) return;
    const taken = this.take(this.state.wanted(this.count * this.bytes, this.blockCount));
    this.state.place(taken, this.parametersAt, 0, 0);
  }
}
