// The part of a memory for training: the optimizer and its state, gradients, targets, deltas and loss weights. All room is
// taken before a pass, never inside one.

import { BLOCK_SAMPLES, LayerWord, PassWord, Path, RunWord } from "../../assembly/abi.js";
import { GraphError } from "../base/error.js";
import type { FloatArray, Precision } from "../base/precision.js";
import type { Block } from "../model/block.js";
import { mixedOf } from "../model/node.js";
import { isPlain, type Moment, type Settings } from "../rules/optimizer.js";
import { checkRate } from "../rules/schedule.js";
import { Gradients } from "./gradients.js";
import { LearningRecords } from "./learning.js";
import type { Extension, Memory } from "./memory.js";
import { Noise } from "./noise.js";
import { OptimizerState } from "./optimizer.js";
import type { Need, Pass } from "./pass.js";
import { Relayout, type Shaping } from "./relayout.js";
import { runsOf, weightsOf } from "./runs.js";
import type { RowsOf } from "./states.js";
import { ensureSteps } from "./steps.js";
import type { Times } from "./times.js";

/** Blocks of memory for an optimizer's state: one for the records of parameters' blocks, and one for each moment. */
export type Room = readonly number[];

export class Training implements Extension {
  readonly optimizer: OptimizerState;
  readonly noise: Noise;
  readonly #memory: Memory;
  readonly #learning: LearningRecords;
  readonly #gradients: Gradients;
  readonly #relayout: Relayout;
  /** Whether the trainable parts have changed since the records were written. */
  #isStale = false;
  /** Whether the records of some outputs point to loss weights. */
  isWeighted = false;

  constructor(memory: Memory) {
    const { core, arena, topology, records, parameters } = memory;
    this.#memory = memory;
    this.optimizer = new OptimizerState(core, arena);
    this.noise = new Noise(core, arena);
    this.#learning = new LearningRecords(core, topology, records);
    this.#gradients = new Gradients(core, arena, this.#learning);
    this.#relayout = new Relayout(core, arena, parameters, this.optimizer);
    memory.extension = this;
  }

  // ------------------------------------------------------------------------------------------------------ layout

  place(): boolean {
    const hasMoved = this.#relayout.place();
    if (hasMoved) this.#gradients.free();
    return hasMoved;
  }

  writeRecords(): void {
    this.#learning.write();
    this.#gradients.writePointers();
    this.#learning.writeTrainable();
    this.#isStale = false;
  }

  relearn(): void {
    this.#isStale = true;
  }

  free(): void {
    this.optimizer.free();
  }

  /** Removes blocks of parameters. Their room is freed with the next layout; at once, if it is a quarter of all. */
  release(gone: ReadonlySet<Block>): void {
    this.#relayout.remove(gone);
    this.#memory.passes.clear();
    if (!this.#relayout.isSparse) return;
    try {
      this.#memory.place();
    } catch (error) {
      // Without room to move, the next call tries again; the removal is made.
      if (!(error instanceof GraphError)) throw error;
    }
  }

  /** Sets another shape of a block, which its numbers take with the next layout. */
  reshape(block: Block, shape: Shaping): void {
    this.#relayout.reshape(block, shape);
  }

  // --------------------------------------------------------------------------------------------------- optimizer

  /** Views an optimizer's moment of some parameters. */
  moment(name: Moment, block: Block): FloatArray<Precision> {
    this.#memory.place();
    this.#ensureOptimizer();
    const { core } = this.#memory;
    return core.view(this.optimizer.moment(name) + block.offset * core.bytes, block.count);
  }

  /** Restores the step count of some parameters from a file. */
  restore(block: Block, steps: number, product: number): void {
    this.#memory.place();
    this.#ensureOptimizer();
    this.optimizer.restore(block, steps, product);
  }

  /** Takes room for the state of the optimizer that `restart` sets next, in slices. Throws `out-of-memory`, with nothing changed. */
  *roomFor(settings: Settings): Generator<void, Room | undefined> {
    if (isPlain(settings)) return undefined;
    const { arena, core, parameters } = this.#memory;
    this.#memory.place();
    const { length } = parameters.blocks;
    return yield* arena.takeInSlices(
      this.optimizer.wanted(length, this.#relayout.room * core.bytes, settings),
    );
  }

  /** Sets another optimizer, with fresh state, in its room if that was taken before. */
  restart(settings: Settings, room?: Room): void {
    const { arena, core, parameters, passes } = this.#memory;
    this.optimizer.restart(settings);
    if (room !== undefined) this.optimizer.place(room, parameters);
    for (const pass of passes) {
      const runs = this.passWord(pass, PassWord.runs);
      if (runs === 0) continue;
      arena.free(runs);
      pass.blocks.splice(pass.blocks.indexOf(runs), 1);
      core.u32[(pass.record >>> 2) + PassWord.runs] = 0;
      pass.deltaRoom = 0;
    }
  }

  /**
   * Calls a rate that is a function for the next step's rate; meanwhile nothing may change. Throws `bad-option`, `disposed`,
   * and errors of the function as they are.
   */
  askRate(): void {
    const { optimizer } = this;
    const { rateOf } = optimizer;
    if (rateOf === undefined) return;
    const memory = this.#memory;
    const { busy } = memory;
    memory.busy = true;
    try {
      const next = checkRate(rateOf(optimizer.steps));
      memory.live();
      optimizer.now = next;
    } finally {
      memory.busy = busy;
    }
  }

  // -------------------------------------------------------------------------------------------------------- room

  /** Takes room for a pass over `rows` samples: for predicting, with targets for a cost, with gradients for training. */
  ensure(pass: Pass, rows: number, need: Need, isWeighted = false): void {
    this.#memory.ensure(pass, rows);
    if (need !== "states") this.ensureCosts(pass, rows, isWeighted);
    if (need === "gradients" && pass.deltaRoom < rows) {
      this.#ensureGradients();
      this.#ensureDeltas(pass, rows, rows);
    }
  }

  /** Takes room for a pass with steps, as `ensure` does. */
  ensureSteps(pass: Pass, times: Times, need: Need, isWeighted: boolean, isStateful: boolean): void {
    try {
      this.#ensureSteps(pass, times, need, isWeighted, isStateful);
    } catch (cause) {
      throw need === "gradients" && times.steps > 1 ? windowed(cause) : cause;
    }
  }

  #ensureSteps(pass: Pass, times: Times, need: Need, isWeighted: boolean, isStateful: boolean): void {
    const memory = this.#memory;
    ensureSteps(memory, pass, times, isStateful);
    if (need !== "states") this.ensureStepCosts(pass, times, isWeighted);
    if (need === "gradients" && (pass.deltaRoom === 0 || !pass.hasRoom("delta", times))) {
      this.#ensureGradients();
      this.#ensureDeltas(pass, times.samples, pass.rowsBy(times));
      memory.states.enlarge(pass.layers, times.samples, "dpast");
      pass.tookRoom("delta", times);
    }
  }

  /** Takes room for the costs of `rows` samples alone. */
  ensureCosts(pass: Pass, rows: number, isWeighted: boolean): void {
    if (pass.targetRoom < rows) this.#ensureTargets(pass, rows, rows, rows, treeDepth(rows, pass));
    if (isWeighted && pass.weightsRoom < rows) this.#ensureWeights(pass, rows, rows, rows);
  }

  /** Takes room for the costs of a pass with steps alone. */
  ensureStepCosts(pass: Pass, times: Times, isWeighted: boolean): void {
    const { samples, rows } = times;
    if (!pass.hasRoom("target", times)) {
      // A sum over rows is a tree over blocks of samples, whose leaves are trees over a block's rows. The room must do for any
      // steps of as many rows and samples.
      const most = pass.extentWith("target", times);
      const waiting = treeDepth(most.samples, pass) + treeDepth(most.rows, pass) + 1;
      this.#ensureTargets(pass, samples, rows, pass.rowsBy(times), waiting);
      pass.tookRoom("target", times);
    }
    if (isWeighted && !pass.hasRoom("lossWeights", times)) {
      this.#ensureWeights(pass, samples, rows, pass.rowsBy(times));
      pass.tookRoom("lossWeights", times);
    }
  }

  /** Takes room for loss weights, and for the weighted costs of the widest output. `most` is the most rows of an output. */
  #ensureWeights(pass: Pass, samples: number, most: number, rows: RowsOf): void {
    const memory = this.#memory;
    memory.states.enlarge(pass.outputs, rows, "lossWeights");
    const widest = pass.outputs.reduce((most, l) => Math.max(most, l.size), 0);
    const bytes = most * widest * (8 + memory.core.bytes);
    memory.reserve(pass, PassWord.weightedScratch, bytes, "the weighted costs");
    pass.weightsRoom = Math.max(samples, pass.weightsRoom);
  }

  /**
   * Takes room for targets, the costs of at most `most` rows, and the partial sums over blocks, of which `waiting` can wait in
   * a tree.
   */
  #ensureTargets(pass: Pass, samples: number, most: number, rows: RowsOf, waiting: number): void {
    if (pass.targetRoom === 0) this.#prepare(pass);
    this.#memory.states.enlarge(pass.outputs, rows, "target");
    const widest = pass.layers.reduce(
      (most, l) => l.incoming.reduce((n, s) => Math.max(n, s.weights?.count ?? 0), Math.max(most, l.size)),
      1,
    );
    const parts = pass.outputs.reduce((n, l) => Math.max(n, l.size / mixedOf(l)), 1);
    this.#memory.reserve(pass, PassWord.costs, most * parts * 8, "the costs of the samples");
    this.#memory.reserve(pass, PassWord.partialSums, waiting * widest * 8, "partial sums");
    pass.targetRoom = Math.max(samples, pass.targetRoom);
  }

  /** Writes the words of a pass for costs and training: the optimizer, penalties, bounds on norms, noise. */
  #prepare(pass: Pass): void {
    const { core, records, seed } = this.#memory;
    if (this.#isStale) this.#learning.writeTrainable();
    this.#isStale = false;
    const at = pass.record >>> 2;
    const held = weightsOf(pass, ({ l1, l2, maxNorm }) => l1 > 0 || l2 > 0 || maxNorm !== undefined);
    for (const [word, count, synapses] of [
      [PassWord.penalised, PassWord.penalisedCount, held.filter((s) => s.l1 > 0 || s.l2 > 0)],
      [PassWord.limited, PassWord.limitedCount, held.filter((s) => s.maxNorm !== undefined)],
    ] as const) {
      if (synapses.length === 0) continue;
      this.#memory.reserve(pass, word, synapses.length * 4, "a pass");
      const { u32 } = core; // not before: the memory may have grown
      u32[at + count] = synapses.length;
      u32.set(
        synapses.map((synapse) => records.synapse(synapse)),
        u32[at + word]! >>> 2,
      );
    }
    const noise = pass.layers.some((layer) => layer.dropout > 0) ? this.noise.pointer() : 0;
    const { u32 } = core;
    u32[at + PassWord.noise] = noise;
    u32[at + PassWord.seed] = seed;
    u32[at + PassWord.optimizer] = this.optimizer.record;
  }

  /** Takes room for the optimizer's state of all parameters. */
  #ensureOptimizer(): void {
    const { optimizer } = this;
    if (optimizer.isPlaced || optimizer.isPlain) return;
    const { arena, core, parameters } = this.#memory;
    const { length } = parameters.blocks;
    optimizer.place(arena.take(optimizer.wanted(length, this.#relayout.room * core.bytes)), parameters);
  }

  /** Takes room for the gradients of all parameters, and for the optimizer's state. */
  #ensureGradients(): void {
    const { passes } = this.#memory;
    if (this.#gradients.ensure(this.#relayout.room)) for (const one of passes) one.deltaRoom = 0;
    this.#ensureOptimizer();
  }

  #ensureDeltas(pass: Pass, samples: number, rows: RowsOf): void {
    this.#memory.states.enlarge(pass.layers, rows, "delta");
    if (this.passWord(pass, PassWord.runs) === 0) {
      const shared = weightsOf(pass).filter((s) => s.isShared);
      const most = shared.reduce((count, s) => Math.max(count, s.weights!.count), 0);
      const { bytes } = this.#memory.core;
      if (most > 0) this.#memory.reserve(pass, PassWord.sharedGradient, most * bytes, "shared weights");
      this.#recordRuns(pass); // last, since the runs show that all else is there
    }
    pass.deltaRoom = Math.max(samples, pass.deltaRoom);
  }

  #recordRuns(pass: Pass): void {
    const { arena, core, parameters, records } = this.#memory;
    const { isPlain } = this.optimizer;
    const runs = runsOf(pass, isPlain, (count) => parameters.round(count));
    const list = arena.alloc(runs.length * RunWord.words * 4, "a pass");
    pass.blocks.push(list);
    const { u32, bytes } = core;
    runs.forEach(({ block, offset, count, synapse, initial }, i) => {
      const at = (list >>> 2) + i * RunWord.words;
      u32[at + RunWord.values] = parameters.at + offset * bytes;
      u32[at + RunWord.gradients] = this.#gradients.pointer(offset);
      u32[at + RunWord.count] = count;
      u32[at + RunWord.block] = isPlain ? 0 : this.optimizer.block(block);
      u32[at + RunWord.synapse] = synapse === undefined ? 0 : records.synapse(synapse);
      u32[at + RunWord.initial] = initial === undefined ? 0 : records.layer(initial);
    });
    u32[(pass.record >>> 2) + PassWord.runs] = list;
    u32[(pass.record >>> 2) + PassWord.runCount] = runs.length;
  }

  // ------------------------------------------------------------------------------------------------------ passes

  /** Sets whether the costs of a pass's outputs have loss weights. */
  useLossWeights(pass: Pass, isWeighted: boolean): void {
    if (!isWeighted && !this.isWeighted) return;
    this.isWeighted = true;
    const { core, records, states } = this.#memory;
    core.u32[(pass.record >>> 2) + PassWord.path] =
      isWeighted || pass.times !== undefined ? Path.general : pass.path;
    for (const layer of pass.outputs) {
      const pointer = isWeighted ? states.of(layer).lossWeights : 0;
      core.u32[records.word(layer, LayerWord.lossWeights) >>> 2] = pointer;
    }
  }

  /** Copies the gradients of a block. */
  gradients(block: Block): FloatArray<Precision> {
    this.#memory.live();
    return this.#gradients.copy(block);
  }

  /** Returns a word of the pass's record. */
  passWord(pass: Pass, word: PassWord): number {
    return this.#memory.core.u32[(pass.record >>> 2) + word]!;
  }

  /** Returns the cost of an output of the pass, from its last `evaluate`. */
  outputCost(pass: Pass, output: number): number {
    return this.#memory.core.f64[this.passWord(pass, PassWord.outputCosts) / 8 + output]!;
  }

  /** Sets another seed, for existing passes as for new ones. */
  reseed(seed: number): void {
    const { core, passes } = this.#memory;
    this.#memory.seed = seed;
    for (const { record } of passes) core.u32[(record >>> 2) + PassWord.seed] = seed;
  }
}

/**
 * Returns the most partial sums over so many rows that wait in the tree of their blocks. A block has fewer samples where a layer
 * has positions, at least one.
 */
function treeDepth(rows: number, { layers }: Pass): number {
  const block = layers.some(({ shape }) => shape.length > 1) ? 1 : BLOCK_SAMPLES;
  return Math.floor(Math.log2(Math.ceil(rows / block)));
}

/** Returns the error for training without room for all steps at once. */
function windowed(cause: unknown): unknown {
  if (!(cause instanceof GraphError) || cause.code !== "out-of-memory") return cause;
  const help = "With a `window`, `fit` trains on some steps at a time.";
  return new GraphError("out-of-memory", `${cause.message} ${help}`, { cause });
}
