// A graph's numbers in the core's memory, and the records that tell the core where they are.
//
//     parameters   every bias and weight matrix in the order of creation, each rounded up to whole lanes
//     gradients    the same again, from the first training on
//     optimizer    state.ts
//     states       for each layer that a pass has reached: pre, post, and what training adds
//     records      layers, synapses and lists of pointers: made anew after a change of the topology
//     passes       one for each set of outputs that was asked for
//
// Allocation happens here, before a pass, never inside one.

import {
  Block,
  LayerFlag,
  LayerWord,
  PassWord,
  RunWord,
  Small,
  Status,
  SynapseKind,
  SynapseWord,
} from "../assembly/abi.js";
import { Arena, type Core, collected, engine, probe } from "./core.js";
import { GraphError, show } from "./error.js";
import { numbers, room } from "./init.js";
import type { Layer, LayerState } from "./layer.js";
import { checkRate, type Moment, momentsOf, type Settings, unsaved } from "./optimizer.js";
import { activations, kind, losses, precisions } from "./rule.js";
import { State } from "./state.js";
import { owner, type Synapse, type SynapseState } from "./synapse.js";
import type { Topology } from "./topology.js";
import type { FloatArray, Precision } from "./types.js";

/** A pass over the ancestors of some outputs, as the wrapper sees it. */
export interface Pass {
  readonly record: number;
  /** In the order of their creation. */
  readonly outputs: readonly Layer[];
  readonly layers: readonly Layer[];
  readonly inputs: readonly Layer[];
  /** What a call gives: values for the inputs, then targets for the outputs. */
  readonly slots: readonly Slot[];
  /** The same, then what each unit of each sample counts in the outputs' costs. */
  readonly weighed: readonly Slot[];
  /** The shorter way that the core has for one sample, if it has one. */
  readonly small: Small;
  /** Blocks to free with it. */
  readonly blocks: number[];
  /** The rows that it has room for, with and without targets. */
  room: number;
  targetRoom: number;
  deltaRoom: number;
  weighedRoom: number;
}

/** Where the data of a call goes. */
export interface Slot {
  readonly layer: Layer;
  readonly name: string;
  readonly size: number;
  readonly matrix: "given" | "target" | "emphasis";
  /** Whether its targets may be class numbers. */
  readonly classes: boolean;
  /** What the caller gave, during a call. */
  data: unknown;
}

export class Memory {
  readonly core: Core = engine();
  readonly arena = new Arena();
  readonly precision: Precision;
  readonly state: State;
  readonly #bytes: number;
  readonly #topology: Topology;
  #seed: number;
  #disposed = false;
  /** Whether `fit` runs. */
  busy = false;

  /** Parameters reserved so far, each block rounded up to whole lanes, and the blocks. */
  #count = 0;
  #blockCount = 0;
  #probed = 0;
  /** What has its place in memory: numbers of parameters, of their blocks, of layers and of synapses. */
  #placed = { count: 0, blocks: 0, layers: 0, synapses: 0 };
  #parameters = 0;
  #gradients = 0;
  #layerRecords = 0;
  #synapseRecords = 0;
  #lists = 0;
  readonly #passes = new Map<string, Pass>();
  /** The pass of the last call, most often that of the next. */
  #last: Pass | undefined;
  /** Whether samples or units of some output are weighed now. */
  #weighing = false;
  /** Where noisy steps are counted: 64 bits; 0 before a layer drops units. */
  #noise = 0;

  constructor(topology: Topology, precision: Precision, seed: number) {
    this.precision = precision;
    this.#bytes = precisions[precision];
    this.#topology = topology;
    this.#seed = seed;
    this.state = new State(this.core, this.arena);
    collected.register(this, this.arena, this);
  }

  /** Throws `disposed`. */
  live(): void {
    if (this.#disposed) throw new GraphError("disposed", "This graph was disposed of.");
  }

  /** Throws `disposed`, or `busy` while `fit` runs. */
  idle(): void {
    this.live();
    if (this.busy) throw new GraphError("busy", "The graph is in training: wait for `fit` to end.");
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    collected.unregister(this);
    this.arena.clear();
  }

  /** Numbers of the graph's precision, over the whole memory. */
  get numbers(): FloatArray<Precision> {
    return this.#bytes === 8 ? this.core.f64 : this.core.f32;
  }

  /** The place of a pointer in `numbers`. */
  place(pointer: number): number {
    return pointer / this.#bytes;
  }

  view(pointer: number, count: number): FloatArray<Precision> {
    const { buffer } = this.core;
    return this.#bytes === 8
      ? new Float64Array(buffer, pointer, count)
      : new Float32Array(buffer, pointer, count);
  }

  /** The caller's own copy. */
  copy(pointer: number, count: number): FloatArray<Precision> {
    return this.view(pointer, count).slice();
  }

  // ------------------------------------------------------------------------------------------------ parameters

  /** Refuses parameters, and layers, that there is no room for; `beside`: bytes that their start takes. */
  check(count: number, what: string, beside = 0): void {
    const bytes = (this.#count + this.#round(count)) * this.#bytes;
    if (bytes + beside - this.#probed < 2 ** 20) return;
    probe(Math.max(bytes, beside), what);
    this.#probed = bytes;
  }

  /** The place of `count` new parameters, by `check` known to have room. */
  reserve(count: number): number {
    const offset = this.#count;
    this.#count += this.#round(count);
    this.#blockCount++;
    return offset;
  }

  #round(count: number): number {
    const lanes = 16 / this.#bytes;
    return Math.ceil(count / lanes) * lanes;
  }

  parameters(offset: number, count: number): FloatArray<Precision> {
    this.live();
    this.#settle();
    return this.view(this.#parameters + offset * this.#bytes, count);
  }

  /** All of them, of every layer and synapse, padding included. */
  get all(): FloatArray<Precision> {
    return this.parameters(0, this.#count);
  }

  /** The places of all parameters, layer by layer and then synapse by synapse, in whatever order they were made. */
  *#places(): Iterable<{ readonly offset: number; readonly count: number }> {
    for (const { $: l } of this.#topology.layers) {
      yield { offset: l.offset, count: l.size };
      if (l.norm !== undefined) yield { offset: l.gainOffset, count: l.size };
    }
    for (const { $: s } of this.#topology.synapses) {
      if (s.share === undefined) yield { offset: s.offset, count: s.count };
    }
  }

  /** The parameters in that order and without padding, of numbers that lie as the graph's do. */
  pack(all: FloatArray<Precision>): FloatArray<Precision> {
    const packed = all.slice();
    let end = 0;
    for (const { offset, count } of this.#places()) {
      packed.set(all.subarray(offset, offset + count), end);
      end += count;
    }
    return packed.slice(0, end);
  }

  unpack(packed: FloatArray<Precision>, all: FloatArray<Precision>): void {
    let begin = 0;
    for (const { offset, count } of this.#places()) {
      all.set(packed.subarray(begin, begin + count), offset);
      begin += count;
    }
  }

  get packed(): FloatArray<Precision> {
    return this.pack(this.all);
  }

  set packed(packed: FloatArray<Precision>) {
    this.unpack(packed, this.all);
  }

  gradients(offset: number, count: number): FloatArray<Precision> {
    return this.copy(this.#gradients + offset * this.#bytes, count);
  }

  /** Where an optimizer keeps a moment of some parameters. */
  moment(name: Moment, offset: number, count: number): FloatArray<Precision> {
    this.#settle();
    this.#ensureState();
    return this.view(this.state.moment(name) + offset * this.#bytes, count);
  }

  /** Goes on from the steps that a file tells of some parameters. */
  reach(offset: number, steps: number, product: number): void {
    this.#settle();
    this.#ensureState();
    this.state.reach(offset, steps, product);
  }

  /** Takes another optimizer, with fresh state. */
  restart(settings: Settings): void {
    this.state.restart(settings);
    for (const pass of this.#passes.values()) {
      const runs = this.passWord(pass, PassWord.runs);
      if (runs === 0) continue;
      this.arena.free(runs);
      pass.blocks.splice(pass.blocks.indexOf(runs), 1);
      this.core.u32[(pass.record >>> 2) + PassWord.runs] = 0;
      pass.deltaRoom = 0;
    }
  }

  /** Takes over the optimizer of a graph of the same shape, and all that it keeps. Passes that can train still can. */
  adopt(from: Memory): void {
    const { rate } = this.state.settings;
    const rooms = [...this.#passes.values()].map((pass) => [pass, pass.deltaRoom] as const);
    this.restart(from.state.settings);
    if (typeof rate === "function" && from.state.settings.rate === unsaved) this.state.rate = rate;
    const theirs = [...from.#places()];
    [...this.#places()].forEach(({ offset, count }, i) => {
      const { steps, product } = from.state.reached(theirs[i]!.offset);
      if (steps === 0) return;
      this.reach(offset, steps, product);
      for (const name of momentsOf(from.state.settings)) {
        this.moment(name, offset, count).set(from.moment(name, theirs[i]!.offset, count));
      }
    });
    this.state.resume(from.state);
    for (const [pass, rows] of rooms) if (rows > 0) this.ensure(pass, rows, "gradients");
  }

  /**
   * Asks a rate that is a function for that of the next step; meanwhile nothing may change. Throws `bad-option`, `disposed`.
   */
  ask(): void {
    const { rate } = this.state.settings;
    if (typeof rate !== "function") return;
    const { busy } = this;
    this.busy = true;
    try {
      const next = checkRate(rate(this.state.steps));
      this.live();
      this.state.now = next;
    } finally {
      this.busy = busy;
    }
  }

  /** The largest of all absolute derivatives by the parameters that a pass with its data reaches; Infinity for what isn't finite. */
  largestGradient(pass: Pass, rows: number): number {
    this.core.call.gradients(pass.record, rows);
    const parts = [
      ...pass.layers.map(({ $: l }) => this.gradients(l.offset, l.size)),
      ...this.weights(pass).map(({ $: s }) => this.gradients(s.offset, s.count)),
    ];
    let largest = 0;
    for (const part of parts) {
      for (const value of part) {
        largest = Number.isFinite(value) ? Math.max(largest, Math.abs(value)) : Number.POSITIVE_INFINITY;
      }
    }
    return largest;
  }

  states(layer: LayerState, pointer: number): FloatArray<Precision> {
    this.live();
    return this.view(pointer, layer.rows * layer.size);
  }

  /** Checks values for an input, or targets for an output, wherever they lie. */
  checkValues({ layer, matrix }: Slot, values: number, rows: number): void {
    const { $: l } = layer;
    const { call } = this.core;
    const input = matrix === "given";
    const shares = !input && l.loss !== undefined && losses[l.loss.name].shares;
    let index = call.notFinite(this.#bytes, values, rows * l.size);
    if (index >= 0) throw this.refusal(l, input ? Status.input : Status.target, values, index);
    index = shares ? call.outside(this.#bytes, values, rows * l.size) : -1;
    if (index >= 0) throw this.refusal(l, Status.range, values, index);
  }

  /** Names a value that can't be computed with. */
  refusal(layer: LayerState, status: Status, values: number, index: number): GraphError {
    const value = show(this.view(values, index + 1)[index]);
    const row = Math.floor(index / layer.size);
    const place = `${show(layer.name)} has ${value} in row ${row}, unit ${index % layer.size}`;
    if (status === Status.range) {
      return new GraphError(
        "bad-target",
        `The target of ${place}; ${layer.loss?.name} needs targets in [0, 1].`,
      );
    }
    const what = status === Status.input ? "The input" : "The target of";
    return new GraphError("not-finite", `${what} ${place}, in ${this.precision}.`);
  }

  get #isSettled(): boolean {
    const { layers, synapses } = this.#topology;
    return this.#placed.layers === layers.length && this.#placed.synapses === synapses.length;
  }

  /** Gives what was added to the topology its place: old parameters keep their values, new weights start. */
  #settle(): void {
    if (this.#isSettled) return;
    const { layers, synapses } = this.#topology;
    const fresh = synapses.slice(this.#placed.synapses);
    const [parameters, layerRecords, synapseRecords, lists, beside, ...state] = this.#take([
      [this.#count * this.#bytes, "the parameters"],
      [layers.length * LayerWord.words * 4, "the layers"],
      [synapses.length * SynapseWord.words * 4, "the synapses"],
      [synapses.length * 8, "the synapses"],
      [
        fresh.reduce((most, { $: s }) => Math.max(most, room(s.initial, s.from.$.size, s.to.$.size)), 0),
        "the initial weights",
      ],
      ...(this.state.isPlaced ? this.state.wanted(this.#count * this.#bytes, this.#blockCount) : []),
    ]) as [number, number, number, number, number, ...number[]];
    this.core.u8.copyWithin(
      parameters,
      this.#parameters,
      this.#parameters + this.#placed.count * this.#bytes,
    );
    for (const { $: l } of layers.slice(this.#placed.layers)) {
      if (l.start !== undefined) this.view(parameters + l.offset * this.#bytes, l.size).set(l.start);
      if (l.norm !== undefined) this.view(parameters + l.gainOffset * this.#bytes, l.size).fill(1);
    }
    for (const { $: s } of fresh) this.#start(s, parameters + s.offset * this.#bytes, beside);
    this.arena.free(beside);
    for (const old of [this.#parameters, this.#gradients, this.#layerRecords, this.#synapseRecords]) {
      this.arena.free(old);
    }
    this.arena.free(this.#lists);
    this.#forget();
    this.state.place(state, parameters, this.#placed.count * this.#bytes, this.#placed.blocks);
    this.#parameters = parameters;
    this.#gradients = 0;
    this.#layerRecords = layerRecords;
    this.#synapseRecords = synapseRecords;
    this.#lists = lists;
    this.#placed = {
      count: this.#count,
      blocks: this.#blockCount,
      layers: layers.length,
      synapses: synapses.length,
    };
    this.#record();
  }

  #forget(): void {
    for (const pass of this.#passes.values()) for (const block of pass.blocks) this.arena.free(block);
    this.#passes.clear();
    this.#last = undefined;
  }

  /** Follows a change of what learns. */
  relearn(): void {
    this.#forget();
    // What is not in its place yet is recorded when it is.
    if (this.#isSettled) this.#recordLearning();
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
    else this.core.call.start(this.#bytes, way, weights, rows, columns, this.seed, index, a, b, beside);
  }

  /** Several blocks, or none of them. */
  #take(wanted: readonly (readonly [bytes: number, what: string])[]): number[] {
    const taken: number[] = [];
    try {
      for (const [bytes, what] of wanted) taken.push(this.arena.alloc(bytes, what));
    } catch (error) {
      for (const block of taken) this.arena.free(block);
      throw error;
    }
    return taken;
  }

  // --------------------------------------------------------------------------------------------------- records

  #layerRecord(layer: Layer): number {
    return this.#layerRecords + layer.$.index * LayerWord.words * 4;
  }

  /** The address of a word of a layer's record. */
  word(layer: Layer, word: LayerWord): number {
    return this.#layerRecord(layer) + word * 4;
  }

  /** Writes the records of all layers and synapses. */
  #record(): void {
    const { u32, f64 } = this.core;
    let list = this.#lists;
    for (const layer of this.#topology.layers) {
      const { $: l } = layer;
      const at = this.#layerRecord(layer) >>> 2;
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
      u32[at + LayerWord.bias] = this.#parameters + l.offset * this.#bytes;
      if (l.norm !== undefined) u32[at + LayerWord.gain] = this.#parameters + l.gainOffset * this.#bytes;
      for (const [word, count, synapses] of [
        [LayerWord.incoming, LayerWord.incomings, l.incoming],
        [LayerWord.outgoing, LayerWord.outgoings, l.outgoing],
      ] as const) {
        u32[at + word] = list;
        u32[at + count] = synapses.length;
        for (const synapse of synapses) {
          u32[list >>> 2] = this.#synapseRecord(synapse);
          list += 4;
        }
      }
      this.#recordStates(layer);
    }
    for (const synapse of this.#topology.synapses) {
      const { $: s } = synapse;
      const at = this.#synapseRecord(synapse) >>> 2;
      u32[at + SynapseWord.from] = this.#layerRecord(s.from);
      u32[at + SynapseWord.to] = this.#layerRecord(s.to);
      u32[at + SynapseWord.weights] = this.#parameters + s.offset * this.#bytes;
      u32[at + SynapseWord.kind] = s.kind === "identity" ? SynapseKind.identity : SynapseKind.dense;
      f64[(at + SynapseWord.l1) / 2] = s.l1;
      f64[(at + SynapseWord.l2) / 2] = s.l2;
      f64[(at + SynapseWord.most) / 2] = s.maxNorm ?? 0;
      u32[at + SynapseWord.shared] = s.isShared ? 1 : 0;
      if (s.share !== undefined) u32[at + SynapseWord.owner] = this.#synapseRecord(s.share);
    }
    this.#recordLearning();
  }

  /** Writes what learns, and where no gradient need come: where neither a layer nor what it hears from learns. */
  #recordLearning(): void {
    const { u32 } = this.core;
    for (const synapse of this.#topology.synapses) {
      u32[(this.#synapseRecord(synapse) >>> 2) + SynapseWord.frozen] = synapse.$.frozen ? 1 : 0;
    }
    const learning = new Set<Layer>();
    for (const layer of this.#topology.sorted()) {
      const { $: l } = layer;
      const learns =
        learnsBias(l) ||
        (l.norm !== undefined && !l.frozen) ||
        l.incoming.some((s) => learning.has(s.$.from) || (s.$.kind === "dense" && !owner(s).$.frozen));
      if (learns) learning.add(layer);
      const mixed = l.norm !== undefined || l.outgoing.some((s) => s.$.to.$.norm !== undefined);
      const asked = l.incoming.some(({ $: { from } }) => from.$.kind === "input" && learnsBias(from.$));
      u32[this.word(layer, LayerWord.flags) >>> 2] =
        (l.frozen ? LayerFlag.frozen : 0) |
        (l.hasBias ? 0 : LayerFlag.unbiased) |
        (asked ? LayerFlag.asked : 0) |
        (learns ? 0 : LayerFlag.idle) |
        (mixed ? LayerFlag.mixed : 0);
    }
  }

  #synapseRecord(synapse: Synapse): number {
    return this.#synapseRecords + synapse.$.index * SynapseWord.words * 4;
  }

  #recordStates(layer: Layer): void {
    const { u32 } = this.core;
    const { $: l } = layer;
    const at = this.#layerRecord(layer) >>> 2;
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
  #ensureGradients(): void {
    if (this.#gradients !== 0) return;
    this.#gradients = this.arena.alloc(this.#count * this.#bytes, "the gradients");
    const { u32 } = this.core;
    for (const layer of this.#topology.layers) {
      const { offset, gainOffset } = layer.$;
      u32[this.word(layer, LayerWord.dbias) >>> 2] = this.#gradients + offset * this.#bytes;
      u32[this.word(layer, LayerWord.dgain) >>> 2] = this.#gradients + gainOffset * this.#bytes;
    }
    for (const synapse of this.#topology.synapses) {
      const at = this.#synapseRecord(synapse) >>> 2;
      u32[at + SynapseWord.dweights] = this.#gradients + synapse.$.offset * this.#bytes;
    }
    for (const pass of this.#passes.values()) pass.deltaRoom = 0;
  }

  /** Room for what the optimizer keeps of all parameters. */
  #ensureState(): void {
    if (this.state.isPlaced || this.state.isPlain) return;
    const taken = this.#take(this.state.wanted(this.#count * this.#bytes, this.#blockCount));
    this.state.place(taken, this.#parameters, 0, 0);
  }

  // ---------------------------------------------------------------------------------------------------- passes

  /** The pass over the ancestors of some outputs, which are in the order of their creation. Throws `unconnected`. */
  pass(outputs: readonly Layer[]): Pass {
    this.#settle();
    if (outputs === this.#last?.outputs) return this.#last;
    const key = outputs.length === 1 ? `${outputs[0]!.$.index}` : outputs.map((o) => o.$.index).join();
    const known = this.#passes.get(key);
    if (known !== undefined) {
      this.#last = known;
      return known;
    }
    const layers = this.#topology.ancestors(outputs);
    const [record, layerList, outputList, outputCosts] = this.#take([
      [PassWord.words * 4, "a pass"],
      [layers.length * 4, "a pass"],
      [outputs.length * 4, "a pass"],
      [outputs.length * 8, "a pass"],
    ]) as [number, number, number, number];
    const { u32 } = this.core;
    const at = record >>> 2;
    layers.forEach((layer, i) => {
      u32[(layerList >>> 2) + i] = this.#layerRecord(layer);
    });
    outputs.forEach((layer, i) => {
      u32[(outputList >>> 2) + i] = this.#layerRecord(layer);
    });
    u32[at + PassWord.precision] = this.#bytes;
    u32[at + PassWord.layers] = layerList;
    u32[at + PassWord.layerCount] = layers.length;
    u32[at + PassWord.outputs] = outputList;
    u32[at + PassWord.outputCount] = outputs.length;
    u32[at + PassWord.outputCosts] = outputCosts;
    u32[at + PassWord.optimizer] = this.state.record;
    const small = !layers.every(isSmall) ? Small.no : isChain(layers, outputs) ? Small.chain : Small.yes;
    u32[at + PassWord.small] = small;
    u32[at + PassWord.seed] = this.seed;
    const inputs = layers.filter((layer) => layer.$.kind === "input");
    const slots = [
      ...inputs.map((layer) => slot(layer, "given")),
      ...outputs.map((layer) => slot(layer, "target")),
    ];
    const pass: Pass = {
      record,
      outputs,
      layers,
      inputs,
      slots,
      weighed: [...slots, ...outputs.map((layer) => slot(layer, "emphasis"))],
      small,
      blocks: [record, layerList, outputList, outputCosts],
      room: 0,
      targetRoom: 0,
      deltaRoom: 0,
      weighedRoom: 0,
    };
    this.#recordBeside(pass);
    this.#passes.set(key, pass);
    this.#last = pass;
    return pass;
  }

  /** What only some passes have: penalties, bounds on norms, noise. */
  #recordBeside(pass: Pass): void {
    const { u32 } = this.core;
    const at = pass.record >>> 2;
    const held = this.weights(pass);
    for (const [word, count, synapses] of [
      [PassWord.penalised, PassWord.penalisedCount, held.filter(({ $: s }) => s.l1 > 0 || s.l2 > 0)],
      [PassWord.limited, PassWord.limitedCount, held.filter(({ $: s }) => s.maxNorm !== undefined)],
    ] as const) {
      if (synapses.length === 0) continue;
      this.#replace(pass, word, synapses.length * 4, "a pass");
      u32[at + count] = synapses.length;
      u32.set(
        synapses.map((synapse) => this.#synapseRecord(synapse)),
        u32[at + word]! >>> 2,
      );
    }
    if (pass.layers.some((layer) => layer.$.dropout > 0)) u32[at + PassWord.noise] = this.#noiseCount();
  }

  /** The synapses whose weights a pass uses, each once, in connection order. */
  weights(pass: Pass): Synapse[] {
    const held = new Set(pass.layers.flatMap(({ $: l }) => l.incoming.map(owner)));
    return [...held].filter(({ $: s }) => s.kind === "dense").sort((a, b) => a.$.index - b.$.index);
  }

  /** The address of the count of noisy steps. */
  #noiseCount(): number {
    if (this.#noise === 0) this.#noise = this.arena.alloc(8, "a generator");
    return this.#noise;
  }

  /** Of the generators. */
  get seed(): number {
    return this.#seed;
  }

  set seed(seed: number) {
    this.#seed = seed;
    for (const { record } of this.#passes.values()) this.core.u32[(record >>> 2) + PassWord.seed] = seed;
  }

  /** Noisy steps so far: the state of that stream. */
  get noises(): number {
    const at = this.#noise >>> 2;
    return at === 0 ? 0 : this.core.u32[at]! + this.core.u32[at + 1]! * 2 ** 32;
  }

  set noises(count: number) {
    if (count === this.noises) return;
    const at = this.#noiseCount() >>> 2;
    this.core.u32[at] = count % 2 ** 32;
    this.core.u32[at + 1] = Math.floor(count / 2 ** 32);
  }

  /** A word of the pass's record. */
  passWord(pass: Pass, word: PassWord): number {
    return this.core.u32[(pass.record >>> 2) + word]!;
  }

  /** The cost of an output of the pass, from its last `evaluate`. */
  outputCost(pass: Pass, output: number): number {
    return this.core.f64[this.passWord(pass, PassWord.outputCosts) / 8 + output]!;
  }

  /** Room for a pass over `rows` samples: for predicting, with targets for a cost, with gradients for training. */
  ensure(pass: Pass, rows: number, need: "states" | "cost" | "gradients", weighed = false): void {
    if (pass.room < rows) this.#ensureStates(pass, rows);
    if (need !== "states" && pass.targetRoom < rows) this.#ensureTargets(pass, rows);
    if (need === "gradients" && (pass.deltaRoom < rows || this.#gradients === 0)) {
      this.#ensureGradients();
      this.#ensureState();
      this.#ensureDeltas(pass, rows);
    }
    if (weighed && pass.weighedRoom < rows) this.#ensureWeights(pass, rows);
  }

  /** Says whether the costs of a pass's outputs are weighed by their matrices of emphasis. */
  weigh(pass: Pass, weighed: boolean): void {
    if (!weighed && !this.#weighing) return;
    this.#weighing ||= weighed;
    this.core.u32[(pass.record >>> 2) + PassWord.small] = weighed ? Small.no : pass.small;
    for (const layer of pass.outputs) {
      this.core.u32[this.word(layer, LayerWord.emphasis) >>> 2] = weighed ? layer.$.emphasis : 0;
    }
  }

  /** Room for the costs of `rows` samples alone. */
  ensureCosts(pass: Pass, rows: number, weighed: boolean): void {
    if (pass.targetRoom < rows) this.#ensureTargets(pass, rows);
    if (weighed && pass.weighedRoom < rows) this.#ensureWeights(pass, rows);
  }

  /** Does some work with matrices of some layers elsewhere. */
  redirect<R>(
    layers: readonly Layer[],
    places: readonly Partial<Record<Matrix, number>>[],
    work: () => R,
  ): R {
    const kept = layers.map(({ $: { pre, post, target, emphasis } }) => ({ pre, post, target, emphasis }));
    const point = (to: typeof places) => {
      layers.forEach((layer, i) => {
        Object.assign(layer.$, to[i]);
        this.#recordStates(layer);
      });
    };
    point(places);
    try {
      return work();
    } finally {
      point(kept);
    }
  }

  /** Gives some layers larger matrices: all of them, or, where memory ends, none. */
  #enlarge(
    layers: readonly Layer[],
    rows: number,
    room: "stateRoom" | "deltaRoom" | "targetRoom" | "emphasisRoom",
    matrices: (layer: Layer) => readonly Matrix[],
  ): void {
    const growing = layers
      .filter((layer) => layer.$[room] < rows)
      .flatMap((layer) => matrices(layer).map((matrix) => ({ layer, matrix })));
    const blocks = this.#take(
      growing.map(
        ({ layer }) => [rows * layer.$.size * this.#bytes, `${rows} rows of ${layer.$.name}`] as const,
      ),
    );
    growing.forEach(({ layer, matrix }, i) => {
      const { $: l } = layer;
      if (matrix === "pre" || matrix === "post") {
        this.core.u8.copyWithin(blocks[i]!, l[matrix], l[matrix] + l.rows * l.size * this.#bytes);
      }
      this.arena.free(l[matrix]);
      l[matrix] = blocks[i]!;
    });
    for (const layer of layers) {
      if (layer.$[room] >= rows) continue;
      layer.$[room] = rows;
      if (layer.$.activation.name === "linear") layer.$.post = layer.$.pre;
      this.#recordStates(layer);
    }
  }

  #ensureStates(pass: Pass, rows: number): void {
    this.#enlarge(pass.layers, rows, "stateRoom", ({ $: l }) => {
      const states: Matrix[] = ["pre"];
      if (l.activation.name !== "linear") states.push("post");
      if (l.kind === "input") states.push("given");
      if (l.norm !== undefined) states.push("hat", "spread");
      if (l.dropout > 0) states.push("keep", "dropped");
      return states;
    });
    pass.room = rows;
  }

  /** Matrices of what units count, and room beside the costs of the widest output. */
  #ensureWeights(pass: Pass, rows: number): void {
    this.#enlarge(pass.outputs, rows, "emphasisRoom", () => ["emphasis"]);
    const widest = Math.max(...pass.outputs.map(({ $: l }) => l.size));
    this.#replace(pass, PassWord.spare, rows * widest * (8 + this.#bytes), "the weighed costs");
    pass.weighedRoom = rows;
  }

  /** A larger block for a word of a pass. */
  #replace(pass: Pass, word: PassWord, bytes: number, what: string): void {
    const block = this.arena.alloc(bytes, what);
    const old = this.passWord(pass, word);
    this.arena.free(old);
    if (pass.blocks.includes(old)) pass.blocks.splice(pass.blocks.indexOf(old), 1);
    pass.blocks.push(block);
    this.core.u32[(pass.record >>> 2) + word] = block;
  }

  /** Targets, the costs of samples, and the partial sums over blocks of samples. */
  #ensureTargets(pass: Pass, rows: number): void {
    this.#enlarge(pass.outputs, rows, "targetRoom", () => ["target"]);
    const waiting = Math.floor(Math.log2(Math.ceil(rows / Block.samples)));
    const widest = pass.layers.reduce(
      (most, { $: l }) =>
        l.incoming.reduce((n, { $: s }) => Math.max(n, s.from.$.size * l.size), Math.max(most, l.size)),
      1,
    );
    this.#replace(pass, PassWord.costs, rows * 8, "the costs of the samples");
    this.#replace(pass, PassWord.scratch, waiting * widest * 8, "partial sums");
    pass.targetRoom = rows;
  }

  #ensureDeltas(pass: Pass, rows: number): void {
    this.#enlarge(pass.layers, rows, "deltaRoom", () => ["delta"]);
    if (this.passWord(pass, PassWord.runs) === 0) {
      this.#recordRuns(pass);
      const shared = this.weights(pass).filter(({ $: s }) => s.isShared);
      const most = Math.max(0, ...shared.map(({ $: s }) => s.count));
      if (most > 0) this.#replace(pass, PassWord.twin, most * this.#bytes, "shared weights");
    }
    pass.deltaRoom = rows;
  }

  /** The blocks of parameters that lead to the pass's outputs, and learn: each once. */
  #blocks(pass: Pass): { offset: number; count: number }[] {
    const blocks = new Map<number, number>();
    for (const { $: l } of pass.layers) {
      if (learnsBias(l)) blocks.set(l.offset, l.size);
      if (l.norm !== undefined && !l.frozen) blocks.set(l.gainOffset, l.size);
      for (const synapse of l.incoming) {
        if (synapse.$.kind === "dense" && !owner(synapse).$.frozen)
          blocks.set(synapse.$.offset, synapse.$.count);
      }
    }
    return [...blocks].map(([offset, count]) => ({ offset, count: this.#round(count) }));
  }

  /** Those blocks in order; for plain descent as few runs of neighbours as they make. */
  #recordRuns(pass: Pass): void {
    const parts = this.#blocks(pass);
    parts.sort((a, b) => a.offset - b.offset);
    const { isPlain } = this.state;
    const runs: { offset: number; count: number }[] = [];
    for (const part of parts) {
      const last = runs.at(-1);
      if (isPlain && last !== undefined && last.offset + last.count === part.offset) last.count += part.count;
      else runs.push(part);
    }
    const list = this.arena.alloc(runs.length * RunWord.words * 4, "a pass");
    pass.blocks.push(list);
    const { u32 } = this.core;
    runs.forEach(({ offset, count }, i) => {
      const at = (list >>> 2) + i * RunWord.words;
      u32[at + RunWord.values] = this.#parameters + offset * this.#bytes;
      u32[at + RunWord.gradients] = this.#gradients + offset * this.#bytes;
      u32[at + RunWord.count] = count;
      u32[at + RunWord.block] = isPlain ? 0 : this.state.block(offset);
    });
    u32[(pass.record >>> 2) + PassWord.runs] = list;
    u32[(pass.record >>> 2) + PassWord.runCount] = runs.length;
  }
}

function slot(layer: Layer, matrix: Slot["matrix"]): Slot {
  const { name, loss, size } = layer.$;
  const classes = matrix === "target" && loss?.name === "crossEntropy" && size > 1;
  return { layer, name, size, matrix, classes, data: undefined };
}

/** The most weights that come into a layer of which the core walks each strip of columns at once. */
const SMALL = 4096;

/** Whether a layer is small, and has nothing that only the general way knows. */
function isSmall({ $: l }: Layer): boolean {
  const { size, incoming } = l;
  if (l.norm !== undefined || l.dropout > 0 || !learnsBias(l) || l.weight !== 1) return false;
  if (
    incoming.some(({ $: s }) => s.kind !== "dense" || s.frozen || s.isShared || s.l1 + s.l2 > 0 || s.maxNorm)
  )
    return false;
  return incoming.reduce((sum, { $: s }) => sum + s.from.$.size * size, 0) <= SMALL;
}

function learnsBias({ hasBias, frozen }: LayerState): boolean {
  return hasBias && !frozen;
}

/** What `Small.chain` says. */
function isChain(layers: readonly Layer[], outputs: readonly Layer[]): boolean {
  if (layers.length !== 3 || outputs.length !== 1 || outputs[0] !== layers[2]) return false;
  const [x, h, y] = layers.map(({ $ }) => $) as [LayerState, LayerState, LayerState];
  const inRow = h.incoming.length === 1 && y.incoming.length === 1 && y.incoming[0]!.$.from.$ === h;
  const common = y.size === 1 && (y.loss?.name === "mse" || y.loss?.name === "entropy");
  return inRow && common && [x, h, y].map((l) => l.activation.name).join() === "linear,sigmoid,sigmoid";
}

type Matrix =
  | "pre"
  | "post"
  | "given"
  | "target"
  | "delta"
  | "hat"
  | "spread"
  | "keep"
  | "dropped"
  | "emphasis";
