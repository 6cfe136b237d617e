// A graph's numbers in the core's memory.
//
//     parameters   store.ts
//     optimizer    state.ts
//     records      records.ts
//     passes       passes.ts: one for each set of outputs that was asked for
//     states       for each layer that a pass has reached: pre, post, and what training adds
//
// Allocation happens here, before a pass, never inside one.

import { BLOCK_SAMPLES, LayerWord, PassWord, Path } from "../../assembly/abi.js";
import type { FloatArray, Precision } from "../base/precision.js";
import type { Block } from "../model/block.js";
import type { LayerNode } from "../model/node.js";
import { type Moment, momentsOf, type Settings } from "../rules/optimizer.js";
import { checkRate, unsaved } from "../rules/schedule.js";
import type { Pass } from "./pass.js";
import { Passes } from "./passes.js";

/** The purposes of a pass that need room: predicting, a cost, training. */
export type Need = "states" | "cost" | "gradients";

export class Memory extends Passes {
  /** Whether samples or units of some output are weighed now. */
  #weighing = false;

  // ------------------------------------------------------------------------------------------------ parameters

  /** Where an optimizer keeps a moment of some parameters. */
  moment(name: Moment, block: Block): FloatArray<Precision> {
    this.lay();
    this.ensureState();
    return this.view(this.state.moment(name) + block.offset * this.bytes, block.count);
  }

  /** Restores the step count of some parameters from a file. */
  reach(block: Block, steps: number, product: number): void {
    this.lay();
    this.ensureState();
    this.state.reach(block, steps, product);
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
    this.settle();
    const { rate } = this.state.settings;
    const rooms = [...this.passes.values()].map((pass) => [pass, pass.deltaRoom] as const);
    this.restart(from.state.settings);
    if (typeof rate === "function" && from.state.settings.rate === unsaved) this.state.rate = rate;
    const theirs = [...from.places()];
    [...this.places()].forEach((block, i) => {
      const { steps, product } = from.state.reached(theirs[i]!);
      if (steps === 0) return;
      this.reach(block, steps, product);
      for (const name of momentsOf(from.state.settings)) {
        this.moment(name, block).set(from.moment(name, theirs[i]!));
      }
    });
    this.state.resume(from.state);
    for (const [pass, rows] of rooms) if (rows > 0) this.ensure(pass, rows, "gradients");
  }

  /**
   * Asks a rate that is a function for that of the next step; meanwhile nothing may change. Throws `bad-option`, `disposed`, and
   * whatever the function throws, as it is.
   */
  ask(): void {
    const { rate } = this.state.settings;
    if (typeof rate !== "function") return;
    const { busy } = this;
    this.busy = true;
    try {
      const { steps } = this.state;
      const next = checkRate(rate(steps));
      this.live();
      this.state.now = next;
    } finally {
      this.busy = busy;
    }
  }

  states(layer: LayerNode, pointer: number): FloatArray<Precision> {
    this.live();
    return this.view(pointer, layer.rows * layer.size);
  }

  // ---------------------------------------------------------------------------------------------------- states

  /** Frees a layer's states: it is as before its first pass. */
  freeStates(layer: LayerNode): void {
    for (const matrix of matrices) {
      this.arena.free(layer[matrix]);
      layer[matrix] = 0;
    }
    layer.rows = layer.stateRoom = layer.deltaRoom = layer.targetRoom = layer.lossWeightsRoom = 0;
  }

  /** Room for a pass over `rows` samples: for predicting, with targets for a cost, with gradients for training. */
  ensure(pass: Pass, rows: number, need: Need, weighed = false): void {
    if (pass.room < rows) this.#ensureStates(pass, rows);
    if (need !== "states" && pass.targetRoom < rows) this.#ensureTargets(pass, rows);
    if (need === "gradients" && (pass.deltaRoom < rows || this.gradientsAt === 0)) {
      this.ensureGradients();
      this.ensureState();
      this.#ensureDeltas(pass, rows);
    }
    if (weighed && pass.weighedRoom < rows) this.#ensureWeights(pass, rows);
  }

  /** Sets whether the costs of a pass's outputs have loss weights. */
  weigh(pass: Pass, weighed: boolean): void {
    if (!weighed && !this.#weighing) return;
    this.#weighing ||= weighed;
    this.core.u32[(pass.record >>> 2) + PassWord.path] = weighed ? Path.general : pass.path;
    for (const layer of pass.outputs) {
      this.core.u32[this.word(layer, LayerWord.lossWeights) >>> 2] = weighed ? layer.lossWeights : 0;
    }
  }

  /** Room for the costs of `rows` samples alone. */
  ensureCosts(pass: Pass, rows: number, weighed: boolean): void {
    if (pass.targetRoom < rows) this.#ensureTargets(pass, rows);
    if (weighed && pass.weighedRoom < rows) this.#ensureWeights(pass, rows);
  }

  /** Does some work with matrices of some layers elsewhere. */
  redirect<R>(
    layers: readonly LayerNode[],
    places: readonly Partial<Record<Matrix, number>>[],
    work: () => R,
  ): R {
    const kept = layers.map(({ pre, post, target, lossWeights }) => ({
      pre,
      post,
      target,
      lossWeights,
    }));
    const point = (to: typeof places) => {
      layers.forEach((layer, i) => {
        Object.assign(layer, to[i]);
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

  /** Enlarges matrices of some layers: all of them, or, where memory ends, none. */
  #enlarge(
    layers: readonly LayerNode[],
    rows: number,
    room: "stateRoom" | "deltaRoom" | "targetRoom" | "lossWeightsRoom",
    matrices: (layer: LayerNode) => readonly Matrix[],
  ): void {
    const growing = layers
      .filter((layer) => layer[room] < rows)
      .flatMap((layer) => matrices(layer).map((matrix) => ({ layer, matrix })));
    const blocks = this.take(
      growing.map(
        ({ layer, matrix }) =>
          [rows * widthOf(layer, matrix) * this.bytes, `${rows} rows of ${layer.name}`] as const,
      ),
    );
    growing.forEach(({ layer, matrix }, i) => {
      const l = layer;
      if (matrix === "pre" || matrix === "post") {
        this.core.u8.copyWithin(blocks[i]!, l[matrix], l[matrix] + l.rows * l.size * this.bytes);
      }
      this.arena.free(l[matrix]);
      l[matrix] = blocks[i]!;
    });
    for (const layer of layers) {
      if (layer[room] >= rows) continue;
      layer[room] = rows;
      if (layer.activation.name === "linear") layer.post = layer.pre;
      this.recordStates(layer);
    }
  }

  #ensureStates(pass: Pass, rows: number): void {
    this.#enlarge(pass.layers, rows, "stateRoom", (l) => {
      const states: Matrix[] = ["pre"];
      if (l.activation.name !== "linear") states.push("post");
      if (l.kind === "input") states.push("input");
      if (l.norm !== undefined) states.push("normalized", "rstd");
      if (l.dropout > 0) states.push("dropoutMask", "droppedPost");
      return states;
    });
    pass.room = rows;
  }

  /** Matrices of what units count, and room beside the costs of the widest output. */
  #ensureWeights(pass: Pass, rows: number): void {
    this.#enlarge(pass.outputs, rows, "lossWeightsRoom", () => ["lossWeights"]);
    const widest = pass.outputs.reduce((most, l) => Math.max(most, l.size), 0);
    this.replace(pass, PassWord.weightedScratch, rows * widest * (8 + this.bytes), "the weighed costs");
    pass.weighedRoom = rows;
  }

  /** Targets, the costs of samples, and the partial sums over blocks of samples. */
  #ensureTargets(pass: Pass, rows: number): void {
    this.#enlarge(pass.outputs, rows, "targetRoom", () => ["target"]);
    const waiting = Math.floor(Math.log2(Math.ceil(rows / BLOCK_SAMPLES)));
    const widest = pass.layers.reduce(
      (most, l) => l.incoming.reduce((n, s) => Math.max(n, s.from.size * l.size), Math.max(most, l.size)),
      1,
    );
    this.replace(pass, PassWord.costs, rows * 8, "the costs of the samples");
    this.replace(pass, PassWord.partialSums, waiting * widest * 8, "partial sums");
    pass.targetRoom = rows;
  }

  #ensureDeltas(pass: Pass, rows: number): void {
    this.#enlarge(pass.layers, rows, "deltaRoom", () => ["delta"]);
    if (this.passWord(pass, PassWord.runs) === 0) {
      const shared = this.weights(pass).filter((s) => s.isShared);
      const most = shared.reduce((count, s) => Math.max(count, s.weights!.count), 0);
      if (most > 0) this.replace(pass, PassWord.sharedGradient, most * this.bytes, "shared weights");
      this.recordRuns(pass); // last: the runs say that all else is there
    }
    pass.deltaRoom = rows;
  }
}

/** The numbers that a sample has in a matrix. */
function widthOf(l: LayerNode, matrix: Matrix): number {
  return matrix === "rstd" ? 1 : l.size;
}

const matrices = [
  "pre",
  "post",
  "input",
  "delta",
  "target",
  "normalized",
  "rstd",
  "dropoutMask",
  "droppedPost",
  "lossWeights",
] as const;
type Matrix = (typeof matrices)[number];
