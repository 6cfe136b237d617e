// A graph's numbers in the core's memory, and the records that tell the core where they are.
//
//     parameters   every bias and weight matrix in the order of creation, each rounded up to whole lanes
//     gradients    the same again, from the first training on
//     states       for each layer that a pass has reached: pre, post, and what training adds
//     records      layers, synapses and lists of pointers: made anew after a change of the topology
//     passes       one for each set of outputs that was asked for
//
// Allocation happens here, before a pass, never inside one.

import { Block, LayerWord, PassWord, Status, SynapseWord } from "../assembly/abi.js";
import { Arena, type Core, collected, engine, probe } from "./core.js";
import { GraphError, show } from "./error.js";
import type { Layer, LayerState } from "./layer.js";
import { activations, inits, kind, losses, precisions } from "./rule.js";
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
  /** Blocks to free with it. */
  readonly blocks: number[];
  /** The rows that it has room for, with and without targets. */
  room: number;
  targetRoom: number;
  deltaRoom: number;
}

/** Where the data of a call goes. */
export interface Slot {
  readonly layer: Layer;
  readonly matrix: "given" | "target";
  /** What the caller gave, during a call. */
  data: unknown;
}

export class Memory {
  readonly core: Core = engine();
  readonly arena = new Arena();
  readonly precision: Precision;
  readonly #bytes: number;
  readonly #topology: Topology;
  readonly #seed: number;
  #disposed = false;

  /** Parameters reserved so far, each block rounded up to whole lanes. */
  #count = 0;
  #probed = 0;
  /** What has its place in memory: numbers of parameters, of layers and of synapses. */
  #placed = { count: 0, layers: 0, synapses: 0 };
  #parameters = 0;
  #gradients = 0;
  #layerRecords = 0;
  #synapseRecords = 0;
  #lists = 0;
  readonly #passes = new Map<string, Pass>();
  /** The pass of the last call, most often that of the next. */
  #last: Pass | undefined;

  constructor(topology: Topology, precision: Precision, seed: number) {
    this.precision = precision;
    this.#bytes = precisions[precision];
    this.#topology = topology;
    this.#seed = seed;
    collected.register(this, this.arena, this);
  }

  /** Throws `disposed`. */
  live(): void {
    if (this.#disposed) throw new GraphError("disposed", "This graph was disposed of.");
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

  /** Refuses parameters, and layers, that there is no room for. */
  check(count: number, what: string): void {
    const bytes = (this.#count + this.#round(count)) * this.#bytes;
    if (bytes - this.#probed < 2 ** 20) return;
    probe(bytes, what);
    this.#probed = bytes;
  }

  /** The place of `count` new parameters, by `check` known to have room. */
  reserve(count: number): number {
    const offset = this.#count;
    this.#count += this.#round(count);
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

  gradients(offset: number, count: number): FloatArray<Precision> {
    return this.copy(this.#gradients + offset * this.#bytes, count);
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
    const bounded = !input && l.loss !== undefined && losses[l.loss].bounded;
    let index = call.notFinite(this.#bytes, values, rows * l.size);
    if (index >= 0) throw this.refusal(l, input ? Status.input : Status.target, values, index);
    index = bounded ? call.outside(this.#bytes, values, rows * l.size) : -1;
    if (index >= 0) throw this.refusal(l, Status.range, values, index);
  }

  /** Names a value that can't be computed with. */
  refusal(layer: LayerState, status: Status, values: number, index: number): GraphError {
    const value = show(this.view(values, index + 1)[index]);
    const row = Math.floor(index / layer.size);
    const place = `${show(layer.name)} has ${value} in row ${row}, unit ${index % layer.size}`;
    if (status === Status.range) {
      return new GraphError("bad-target", `The target of ${place}; ${layer.loss} needs targets in [0, 1].`);
    }
    const what = status === Status.input ? "The input" : "The target of";
    return new GraphError("not-finite", `${what} ${place}, in ${this.precision}.`);
  }

  /** Gives what was added to the topology its place: old parameters keep their values, new weights start. */
  #settle(): void {
    const { layers, synapses } = this.#topology;
    if (this.#placed.layers === layers.length && this.#placed.synapses === synapses.length) return;
    const [parameters, layerRecords, synapseRecords, lists] = this.#take([
      [this.#count * this.#bytes, "the parameters"],
      [layers.length * LayerWord.words * 4, "the layers"],
      [synapses.length * SynapseWord.words * 4, "the synapses"],
      [synapses.length * 8, "the synapses"],
    ]) as [number, number, number, number];
    this.core.u8.copyWithin(
      parameters,
      this.#parameters,
      this.#parameters + this.#placed.count * this.#bytes,
    );
    for (const { $: s } of synapses.slice(this.#placed.synapses)) {
      const [from, to] = [s.from.$.size, s.to.$.size];
      const at = parameters + s.offset * this.#bytes;
      this.core.call.uniform(this.#bytes, at, from * to, this.#seed, s.index, inits[s.init](from, to));
    }
    for (const old of [this.#parameters, this.#gradients, this.#layerRecords, this.#synapseRecords]) {
      this.arena.free(old);
    }
    this.arena.free(this.#lists);
    for (const pass of this.#passes.values()) for (const block of pass.blocks) this.arena.free(block);
    this.#passes.clear();
    this.#last = undefined;
    this.#parameters = parameters;
    this.#gradients = 0;
    this.#layerRecords = layerRecords;
    this.#synapseRecords = synapseRecords;
    this.#lists = lists;
    this.#placed = { count: this.#count, layers: layers.length, synapses: synapses.length };
    this.#record();
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
    const { u32 } = this.core;
    let list = this.#lists;
    for (const layer of this.#topology.layers) {
      const { $: l } = layer;
      const at = this.#layerRecord(layer) >>> 2;
      u32[at + LayerWord.size] = l.size;
      u32[at + LayerWord.activation] = kind(activations, l.activation);
      u32[at + LayerWord.loss] = l.loss === undefined ? 0 : kind(losses, l.loss);
      u32[at + LayerWord.input] = l.kind === "input" ? 1 : 0;
      u32[at + LayerWord.bounded] = l.loss !== undefined && losses[l.loss].bounded ? 1 : 0;
      u32[at + LayerWord.bias] = this.#parameters + l.offset * this.#bytes;
      for (const [word, count, synapses] of [
        [LayerWord.incoming, LayerWord.incomings, l.incoming],
        [LayerWord.outgoing, LayerWord.outgoings, l.outgoing],
      ] as const) {
        u32[at + word] = list;
        u32[at + count] = synapses.length;
        for (const { $: s } of synapses) {
          u32[list >>> 2] = this.#synapseRecords + s.index * SynapseWord.words * 4;
          list += 4;
        }
      }
      this.#recordStates(layer);
    }
    for (const { $: s } of this.#topology.synapses) {
      const at = (this.#synapseRecords >>> 2) + s.index * SynapseWord.words;
      u32[at + SynapseWord.from] = this.#layerRecord(s.from);
      u32[at + SynapseWord.to] = this.#layerRecord(s.to);
      u32[at + SynapseWord.weights] = this.#parameters + s.offset * this.#bytes;
    }
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
  }

  /** Room for the gradients of all parameters. */
  #ensureGradients(): void {
    if (this.#gradients !== 0) return;
    this.#gradients = this.arena.alloc(this.#count * this.#bytes, "the gradients");
    const { u32 } = this.core;
    for (const layer of this.#topology.layers) {
      u32[this.word(layer, LayerWord.dbias) >>> 2] = this.#gradients + layer.$.offset * this.#bytes;
    }
    for (const { $: s } of this.#topology.synapses) {
      const at = (this.#synapseRecords >>> 2) + s.index * SynapseWord.words;
      u32[at + SynapseWord.dweights] = this.#gradients + s.offset * this.#bytes;
    }
    for (const pass of this.#passes.values()) pass.deltaRoom = 0;
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
    u32[at + PassWord.small] = layers.every(isSmall) ? 1 : 0;
    const inputs = layers.filter((layer) => layer.$.kind === "input");
    const pass: Pass = {
      record,
      outputs,
      layers,
      inputs,
      slots: [
        ...inputs.map((layer): Slot => ({ layer, matrix: "given", data: undefined })),
        ...outputs.map((layer): Slot => ({ layer, matrix: "target", data: undefined })),
      ],
      blocks: [record, layerList, outputList, outputCosts],
      room: 0,
      targetRoom: 0,
      deltaRoom: 0,
    };
    this.#passes.set(key, pass);
    this.#last = pass;
    return pass;
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
  ensure(pass: Pass, rows: number, need: "states" | "cost" | "gradients"): void {
    if (pass.room < rows) this.#ensureStates(pass, rows);
    if (need !== "states" && pass.targetRoom < rows) this.#ensureTargets(pass, rows);
    if (need === "gradients" && (pass.deltaRoom < rows || this.#gradients === 0)) {
      this.#ensureGradients();
      this.#ensureDeltas(pass, rows);
    }
  }

  /** Gives some layers larger matrices: all of them, or, where memory ends, none. */
  #enlarge(
    layers: readonly Layer[],
    rows: number,
    room: "stateRoom" | "deltaRoom" | "targetRoom",
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
      if (layer.$.activation === "linear") layer.$.post = layer.$.pre;
      this.#recordStates(layer);
    }
  }

  #ensureStates(pass: Pass, rows: number): void {
    this.#enlarge(pass.layers, rows, "stateRoom", ({ $: l }) => {
      const states: Matrix[] = l.activation === "linear" ? ["pre"] : ["pre", "post"];
      return l.kind === "input" ? [...states, "given"] : states;
    });
    pass.room = rows;
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
    const [costs, scratch] = this.#take([
      [rows * 8, "the costs of the samples"],
      [waiting * widest * 8, "partial sums"],
    ]) as [number, number];
    for (const word of [PassWord.costs, PassWord.scratch]) {
      const old = this.passWord(pass, word);
      this.arena.free(old);
      if (pass.blocks.includes(old)) pass.blocks.splice(pass.blocks.indexOf(old), 1);
    }
    pass.blocks.push(costs, scratch);
    this.core.u32[(pass.record >>> 2) + PassWord.costs] = costs;
    this.core.u32[(pass.record >>> 2) + PassWord.scratch] = scratch;
    pass.targetRoom = rows;
  }

  #ensureDeltas(pass: Pass, rows: number): void {
    this.#enlarge(pass.layers, rows, "deltaRoom", () => ["delta"]);
    if (this.passWord(pass, PassWord.runs) === 0) this.#recordRuns(pass);
    pass.deltaRoom = rows;
  }

  /** The parameters that lead to the pass's outputs, as few runs of neighbours as they make. */
  #recordRuns(pass: Pass): void {
    const parts = pass.layers.flatMap(({ $: l }) => [
      { offset: l.offset, count: this.#round(l.size) },
      ...l.incoming.map(({ $: s }) => ({ offset: s.offset, count: this.#round(s.from.$.size * l.size) })),
    ]);
    parts.sort((a, b) => a.offset - b.offset);
    const runs: { offset: number; count: number }[] = [];
    for (const part of parts) {
      const last = runs.at(-1);
      if (last !== undefined && last.offset + last.count === part.offset) last.count += part.count;
      else runs.push(part);
    }
    const list = this.arena.alloc(runs.length * 12, "a pass");
    pass.blocks.push(list);
    const { u32 } = this.core;
    runs.forEach(({ offset, count }, i) => {
      u32[(list >>> 2) + i * 3] = this.#parameters + offset * this.#bytes;
      u32[(list >>> 2) + i * 3 + 1] = this.#gradients + offset * this.#bytes;
      u32[(list >>> 2) + i * 3 + 2] = count;
    });
    u32[(pass.record >>> 2) + PassWord.runs] = list;
    u32[(pass.record >>> 2) + PassWord.runCount] = runs.length;
  }
}

/** The most weights that come into a layer of which the core walks each strip of columns at once. */
const SMALL = 4096;

function isSmall({ $: { size, incoming } }: Layer): boolean {
  return incoming.reduce((sum, { $: s }) => sum + s.from.$.size * size, 0) <= SMALL;
}

type Matrix = "pre" | "post" | "given" | "target" | "delta";
