// The records that tell the core where a graph's numbers are: layers, synapses and lists of pointers, made anew after a change
// of the topology. abi.ts lists their words.

import { LayerFlag, LayerWord, PassWord, SynapseWord } from "../../assembly/abi.js";
import { GraphError } from "../base/error.js";
import type { Precision } from "../base/precision.js";
import type { Block } from "../model/block.js";
import { layerRows } from "../model/layer.js";
import { type LayerNode, learnsBias, owner, type SynapseNode } from "../model/node.js";
import { wordsOf } from "../model/option.js";
import { synapseRows } from "../model/synapse.js";
import type { Topology } from "../model/topology.js";
import { activations } from "../rules/activation.js";
import { links } from "../rules/link.js";
import { losses } from "../rules/loss.js";
import { kind } from "../rules/rule.js";
import type { Layout } from "./block.js";
import { OptimizerState } from "./optimizer.js";
import { Store } from "./parameters.js";
import type { Pass } from "./pass.js";

const layerWords = wordsOf(layerRows);
const synapseWords = wordsOf(synapseRows);

export abstract class Records extends Store {
  /** The optimizer's state. */
  readonly state: OptimizerState;
  #seed: number;
  /** The state of the topology that the records are of, and whether what learns has changed since. */
  #settled = 0;
  #isLearningStale = false;
  /** Numbers that there is room for at `parametersAt` and at each moment, and blocks of which the state has records. */
  #room = 0;
  #stateRoom = 0;
  #layerRecords = 0;
  #synapseRecords = 0;
  #lists = 0;
  protected readonly passes = new Map<string, Pass>();
  /** The pass of the last call, most often that of the next. */
  last: Pass | undefined;

  constructor(topology: Topology, precision: Precision, seed: number) {
    super(topology, precision);
    this.#seed = seed;
    this.state = new OptimizerState(this.core, this.arena);
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
    return this.#settled === this.topology.edits;
  }

  /** Follows changes of the topology: all records are made anew. Throws `out-of-memory`, with nothing changed. */
  protected settle(): void {
    if (this.isSettled) return;
    this.lay();
    const { layers, synapses, edits } = this.topology;
    const taken = this.take([
      [layers.length * LayerWord.words * 4, "the layers"],
      [synapses.length * SynapseWord.words * 4, "the synapses"],
      [synapses.length * 8, "the synapses"],
    ]) as [number, number, number];
    for (const old of [this.#layerRecords, this.#synapseRecords, this.#lists]) this.arena.free(old);
    [this.#layerRecords, this.#synapseRecords, this.#lists] = taken;
    this.forget();
    this.#settled = edits;
    this.#record();
  }

  /**
   * Gives every block its place: old numbers are moved there, with all that the optimizer keeps of them, and new ones start. Where
   * only new blocks came and there is room, nothing moves. Throws `out-of-memory`, with nothing changed.
   */
  lay(): void {
    if (this.blocks.isSettled) return;
    this.live();
    const layout = this.blocks.layout();
    const { beside, parameters, numbers, records, moments } = this.#makeRoom(layout);
    const before = this.parametersAt;
    const isNew = parameters !== undefined;
    if (isNew) [this.parametersAt, this.#room] = [parameters, numbers!];
    const carry = (from: number, to: number) => {
      if (from !== 0) this.blocks.carry(this.core.u8, layout, from, to, this.bytes);
    };
    // In the same memory a new block may start where an old one still lies. In another, the kept part of a block that grows
    // comes last.
    if (!isNew) carry(before, before);
    layout.blocks.forEach(({ start }, i) => {
      start?.write(this.parametersAt + layout.places[i]!.offset * this.bytes, beside);
    });
    if (isNew) carry(before, this.parametersAt);
    if (this.state.isPlaced) {
      this.state.placeMoments(moments, this.parametersAt, carry);
      if (records !== undefined) {
        this.state.placeBlocks(records, (...places) =>
          this.blocks.carryRecords(this.core.u8, layout, ...places),
        );
      }
    }
    this.blocks.settle(layout);
    this.arena.free(beside);
    if (isNew) this.arena.free(before);
    if (!isNew && !layout.isWhole) return;
    this.arena.free(this.gradientsAt);
    this.gradientsAt = 0;
    this.forget();
    this.#settled = -1; // the records point to where the parameters were
  }

  /** Drops blocks of parameters. Their room comes back with the next layout: at once, where it is a quarter of all. */
  release(gone: ReadonlySet<Block>): void {
    this.blocks.remove(gone);
    this.forget();
    if (this.blocks.end < this.blocks.total * 1.25) return;
    try {
      this.lay();
    } catch (error) {
      // Where there is no room to move, the next call tries again: the removal is made.
      if (!(error instanceof GraphError)) throw error;
    }
  }

  /**
   * Takes memory for a layout: beside what starts, and where it is needed, for parameters and for what the optimizer keeps. A graph
   * that grows has room for half as many numbers again, if there is, so that it is copied now and then alone.
   */
  #makeRoom({ blocks, end, isWhole, isReshaped }: Layout) {
    const isTight = end > this.#room || isReshaped || this.parametersAt === 0;
    const grown = Math.ceil(this.#room * 1.5);
    const choices: (number | undefined)[] = [];
    if (end > this.#room && grown > end) choices.push(grown);
    if (isTight || (isWhole && end < this.#room * 0.75)) choices.push(end);
    if (!isTight) choices.push(undefined);
    const { state } = this;
    const isShort = state.isPlaced && (isWhole || this.blocks.length > this.#stateRoom);
    const spare = isWhole ? 0 : Math.ceil(this.#stateRoom * 1.5);
    const records = isShort ? Math.max(this.blocks.length, spare) : undefined;
    const beside = blocks.reduce((most, { start }) => Math.max(most, start?.room ?? 0), 0);
    for (;;) {
      const choice = choices.shift();
      const numbers = choice && this.blocks.round(choice);
      const bytes = numbers === undefined ? undefined : numbers * this.bytes;
      try {
        const taken = this.take([
          [beside, "the initial weights"],
          ...(bytes === undefined ? [] : [[bytes, "the parameters"] as const]),
          ...(state.isPlaced ? state.wanted(records, bytes) : []),
        ]);
        if (records !== undefined) this.#stateRoom = records;
        return {
          beside: taken.shift()!,
          numbers,
          parameters: bytes === undefined ? undefined : taken.shift()!,
          records: records === undefined ? undefined : taken.shift()!,
          moments: taken,
        };
      } catch (error) {
        if (choices.length === 0) throw error;
      }
    }
  }

  /** Frees all passes. */
  protected forget(): void {
    for (const pass of this.passes.values()) pass.free(this.arena);
    this.passes.clear();
    this.last = undefined;
  }

  /** Notes a change of what learns. */
  relearn(): void {
    this.forget();
    this.#isLearningStale = true;
  }

  /** Follows a change of what learns, if there was one, before a pass is made. */
  protected learn(): void {
    if (this.#isLearningStale) this.#recordLearning();
  }

  protected layerRecord(layer: LayerNode): number {
    return this.#layerRecords + layer.index * LayerWord.words * 4;
  }

  /** The address of a word of a layer's record. */
  word(layer: LayerNode, word: LayerWord): number {
    return this.layerRecord(layer) + word * 4;
  }

  /** Writes the records of all layers and synapses. */
  #record(): void {
    const { u32, f64 } = this.core;
    let list = this.#lists;
    const recordList = (at: number, word: LayerWord, count: LayerWord, synapses: readonly SynapseNode[]) => {
      u32[at + word] = list;
      u32[at + count] = synapses.length;
      for (const synapse of synapses) {
        u32[list >>> 2] = this.synapseRecord(synapse);
        list += 4;
      }
    };
    for (const layer of this.topology.layers) {
      const l = layer;
      const at = this.layerRecord(layer) >>> 2;
      u32[at + LayerWord.size] = l.size;
      u32[at + LayerWord.activation] = kind(activations, l.activation.name);
      u32[at + LayerWord.loss] = l.loss === undefined ? 0 : kind(losses, l.loss.name);
      u32[at + LayerWord.isInput] = l.kind === "input" ? 1 : 0;
      u32[at + LayerWord.bounded] = l.loss !== undefined && losses[l.loss.name].shares ? 1 : 0;
      f64[(at + LayerWord.activationParameter) / 2] = l.activation.parameter;
      f64[(at + LayerWord.lossParameter) / 2] = l.loss?.parameter ?? 0;
      for (const [field, word] of layerWords) f64[(at + word) / 2] = Number(l[field] ?? 0);
      u32[at + LayerWord.place] = l.index;
      u32[at + LayerWord.bias] = this.parametersAt + l.bias.offset * this.bytes;
      if (l.gain !== undefined) u32[at + LayerWord.gain] = this.parametersAt + l.gain.offset * this.bytes;
      recordList(at, LayerWord.incoming, LayerWord.incomings, l.incoming);
      recordList(at, LayerWord.outgoing, LayerWord.outgoings, l.outgoing);
      this.recordStates(layer);
    }
    for (const synapse of this.topology.synapses) {
      const s = synapse;
      const at = this.synapseRecord(synapse) >>> 2;
      u32[at + SynapseWord.from] = this.layerRecord(s.from);
      u32[at + SynapseWord.to] = this.layerRecord(s.to);
      u32[at + SynapseWord.weights] = this.parametersAt + (s.weights?.offset ?? 0) * this.bytes;
      u32[at + SynapseWord.kind] = kind(links, s.kind);
      for (const [field, word] of synapseWords) f64[(at + word) / 2] = Number(s[field] ?? 0);
      u32[at + SynapseWord.shared] = s.isShared ? 1 : 0;
      if (s.share !== undefined) u32[at + SynapseWord.owner] = this.synapseRecord(s.share);
    }
    if (this.gradientsAt !== 0) this.#recordGradients();
    this.#recordLearning();
  }

  /** Writes which parts are trainable, and which layers need no gradient: neither they nor their sources learn. */
  #recordLearning(): void {
    this.#isLearningStale = false;
    const { u32 } = this.core;
    for (const synapse of this.topology.synapses) {
      u32[(this.synapseRecord(synapse) >>> 2) + SynapseWord.frozen] = synapse.frozen ? 1 : 0;
    }
    const learning = new Uint8Array(this.topology.layers.length);
    for (const layer of this.topology.sorted()) {
      const l = layer;
      const learns =
        learnsBias(l) ||
        (l.norm !== undefined && !l.frozen) ||
        l.incoming.some((s) => learning[s.from.index] === 1 || (s.weights !== undefined && !owner(s).frozen));
      if (learns) learning[l.index] = 1;
      const asked = l.incoming.some(({ from }) => from.kind === "input" && learnsBias(from));
      u32[this.word(layer, LayerWord.flags) >>> 2] =
        (l.frozen ? LayerFlag.frozen : 0) |
        (l.hasBias ? 0 : LayerFlag.unbiased) |
        (asked ? LayerFlag.sumsNeeded : 0) |
        (learns ? 0 : LayerFlag.noGradient);
    }
  }

  protected synapseRecord(synapse: SynapseNode): number {
    return this.#synapseRecords + synapse.index * SynapseWord.words * 4;
  }

  protected recordStates(layer: LayerNode): void {
    const { u32 } = this.core;
    const l = layer;
    const at = this.layerRecord(layer) >>> 2;
    u32[at + LayerWord.pre] = l.pre;
    u32[at + LayerWord.post] = l.post;
    u32[at + LayerWord.input] = l.input;
    u32[at + LayerWord.delta] = l.delta;
    u32[at + LayerWord.target] = l.target;
    u32[at + LayerWord.normalized] = l.normalized;
    u32[at + LayerWord.rstd] = l.rstd;
    u32[at + LayerWord.dropoutMask] = l.dropoutMask;
    u32[at + LayerWord.droppedPost] = l.droppedPost;
  }

  /** Room for the gradients of all parameters. */
  protected ensureGradients(): void {
    if (this.gradientsAt !== 0) return;
    this.gradientsAt = this.arena.alloc(this.#room * this.bytes, "the gradients");
    this.#recordGradients();
    for (const pass of this.passes.values()) pass.deltaRoom = 0;
  }

  #recordGradients(): void {
    const { u32 } = this.core;
    const at = (block: Block | undefined) => this.gradientsAt + (block?.offset ?? 0) * this.bytes;
    for (const layer of this.topology.layers) {
      u32[this.word(layer, LayerWord.dbias) >>> 2] = at(layer.bias);
      u32[this.word(layer, LayerWord.dgain) >>> 2] = at(layer.gain);
    }
    for (const synapse of this.topology.synapses) {
      u32[(this.synapseRecord(synapse) >>> 2) + SynapseWord.dweights] = at(synapse.weights);
    }
  }

  /** Room for what the optimizer keeps of all parameters. */
  protected ensureState(): void {
    if (this.state.isPlaced || this.state.isPlain) return;
    const [records, ...moments] = this.take(this.state.wanted(this.blocks.length, this.#room * this.bytes));
    this.#stateRoom = this.blocks.length;
    this.state.placeBlocks(records!);
    this.state.placeMoments(moments, this.parametersAt);
  }
}
