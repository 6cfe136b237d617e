// A graph's numbers in the core's memory.
//
//     parameters   store.ts
//     optimizer    state.ts
//     records      records.ts
//     states       for each layer that a pass has reached: pre, post, and what training adds
//     passes       one for each set of outputs that was asked for
//
// Allocation happens here, before a pass, never inside one.

import { Alone, Block, LayerWord, PassWord, RunWord, Small, Status } from "../assembly/abi.js";
import { GraphError, show } from "./error.js";
import { type Layer, type LayerState, learnsBias } from "./layer.js";
import { checkRate, type Moment, momentsOf, type Settings, unsaved } from "./optimizer.js";
import { isChain, isSmall, type Pass, type Slot, slot } from "./pass.js";
import { Records } from "./records.js";
import { losses } from "./rule.js";
import { owner, type Synapse } from "./synapse.js";
import type { FloatArray, Precision } from "./types.js";

export type { Pass, Slot } from "./pass.js";

export class Memory extends Records {
  /** Whether samples or units of some output are weighed now. */
  #weighing = false;
  /** Where noisy steps are counted: 64 bits; 0 before a layer drops units. */
  #noise = 0;

  // ------------------------------------------------------------------------------------------------ parameters

  /** Where an optimizer keeps a moment of some parameters. */
  moment(name: Moment, offset: number, count: number): FloatArray<Precision> {
    this.settle();
    this.ensureState();
    return this.view(this.state.moment(name) + offset * this.bytes, count);
  }

  /** Goes on from the steps that a file tells of some parameters. */
  reach(offset: number, steps: number, product: number): void {
    this.settle();
    this.ensureState();
    this.state.reach(offset, steps, product);
  }

  /** Takes another optimizer, with fresh state. */
  restart(settings: Settings): void {
    this.state.restart(settings);
    for (const pass of this.passes.values()) {
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
    const rooms = [...this.passes.values()].map((pass) => [pass, pass.deltaRoom] as const);
    this.restart(from.state.settings);
    if (typeof rate === "function" && from.state.settings.rate === unsaved) this.state.rate = rate;
    const theirs = [...from.places()];
    [...this.places()].forEach(({ offset, count }, i) => {
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
    let index = call.notFinite(values, rows * l.size);
    if (index >= 0) throw this.refusal(l, input ? Status.input : Status.target, values, index);
    index = shares ? call.outside(values, rows * l.size) : -1;
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

  // --------------------------------------------------------------------------------------------------- records

  // ---------------------------------------------------------------------------------------------------- passes

  /** The pass of the last call, where it still holds. */
  get latest(): Pass | undefined {
    this.settle();
    return this.last;
  }

  /** The pass over the ancestors of some outputs, which are in the order of their creation. Throws `unconnected`. */
  pass(outputs: readonly Layer[]): Pass {
    this.settle();
    if (outputs === this.last?.outputs) return this.last;
    const key = outputs.length === 1 ? `${outputs[0]!.$.index}` : outputs.map((o) => o.$.index).join();
    const known = this.passes.get(key);
    if (known !== undefined) {
      this.last = known;
      return known;
    }
    const layers = this.topology.ancestors(outputs);
    const [record, layerList, outputList, outputCosts] = this.take([
      [PassWord.words * 4, "a pass"],
      [layers.length * 4, "a pass"],
      [outputs.length * 4, "a pass"],
      [outputs.length * 8, "a pass"],
    ]) as [number, number, number, number];
    const { u32 } = this.core;
    const at = record >>> 2;
    layers.forEach((layer, i) => {
      u32[(layerList >>> 2) + i] = this.layerRecord(layer);
    });
    outputs.forEach((layer, i) => {
      u32[(outputList >>> 2) + i] = this.layerRecord(layer);
    });
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
    this.passes.set(key, pass);
    this.last = pass;
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
        synapses.map((synapse) => this.synapseRecord(synapse)),
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
    if (need === "gradients" && (pass.deltaRoom < rows || this.gradientsAt === 0)) {
      this.ensureGradients();
      this.ensureState();
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
        this.recordStates(layer);
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
    const blocks = this.take(
      growing.map(
        ({ layer }) => [rows * layer.$.size * this.bytes, `${rows} rows of ${layer.$.name}`] as const,
      ),
    );
    growing.forEach(({ layer, matrix }, i) => {
      const { $: l } = layer;
      if (matrix === "pre" || matrix === "post") {
        this.core.u8.copyWithin(blocks[i]!, l[matrix], l[matrix] + l.rows * l.size * this.bytes);
      }
      this.arena.free(l[matrix]);
      l[matrix] = blocks[i]!;
    });
    for (const layer of layers) {
      if (layer.$[room] >= rows) continue;
      layer.$[room] = rows;
      if (layer.$.activation.name === "linear") layer.$.post = layer.$.pre;
      this.recordStates(layer);
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
    this.#replace(pass, PassWord.spare, rows * widest * (8 + this.bytes), "the weighed costs");
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
      if (most > 0) this.#replace(pass, PassWord.twin, most * this.bytes, "shared weights");
    }
    pass.deltaRoom = rows;
  }

  /** The blocks of parameters that lead to the pass's outputs, and learn: each once. */
  #blocks(pass: Pass): Run[] {
    const blocks = new Map<number, Run>();
    const add = (offset: number, count: number, synapse?: Synapse) =>
      blocks.set(offset, { offset, count: this.round(count), synapse });
    for (const { $: l } of pass.layers) {
      if (learnsBias(l)) add(l.offset, l.size);
      if (l.norm !== undefined && !l.frozen) add(l.gainOffset, l.size);
      for (const synapse of l.incoming) {
        const { $: s } = owner(synapse);
        if (synapse.$.kind === "dense" && !s.frozen) add(s.offset, s.count, owner(synapse));
      }
    }
    return [...blocks.values()];
  }

  /** Those blocks in order; for plain descent as few runs of neighbours as the small ones make. */
  #recordRuns(pass: Pass): void {
    const parts = this.#blocks(pass);
    parts.sort((a, b) => a.offset - b.offset);
    const { isPlain } = this.state;
    const runs: Run[] = [];
    for (const part of parts) {
      const last = runs.at(-1);
      const joins = isPlain && last !== undefined && last.offset + last.count === part.offset;
      if (!joins || isLarge(last) || isLarge(part)) runs.push(part);
      else runs[runs.length - 1] = { offset: last.offset, count: last.count + part.count };
    }
    const list = this.arena.alloc(runs.length * RunWord.words * 4, "a pass");
    pass.blocks.push(list);
    const { u32 } = this.core;
    runs.forEach(({ offset, count, synapse }, i) => {
      const at = (list >>> 2) + i * RunWord.words;
      u32[at + RunWord.values] = this.parametersAt + offset * this.bytes;
      u32[at + RunWord.gradients] = this.gradientsAt + offset * this.bytes;
      u32[at + RunWord.count] = count;
      u32[at + RunWord.block] = isPlain ? 0 : this.state.block(offset);
      u32[at + RunWord.synapse] = synapse === undefined ? 0 : this.synapseRecord(synapse);
    });
    u32[(pass.record >>> 2) + PassWord.runs] = list;
    u32[(pass.record >>> 2) + PassWord.runCount] = runs.length;
  }
}

/** Parameters that lie one after the other, from `offset` on; whole lanes. Of one synapse, if it is given. */
interface Run {
  readonly offset: number;
  readonly count: number;
  readonly synapse?: Synapse | undefined;
}

/** Whether it is a matrix that takes its step alone. */
function isLarge({ count, synapse }: Run): boolean {
  return synapse !== undefined && count >= Alone.weights;
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
