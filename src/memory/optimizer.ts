// An optimizer's state in the core's memory: its record, and the step counts and moments of the parameters.
//
//     record       the optimizer's options and the steps made; behind it the schedule of rates
//     blocks       the step count of each block of parameters, from the first pass that needs it
//     moments      each as long as all parameters, and laid out like them
//
// Plain descent has the record alone.

import { BlockWord, OptimizerWord, ScheduleWord } from "../../assembly/abi.js";
import { GraphError } from "../base/error.js";
import type { Block } from "../model/block.js";
import {
  isPlain,
  type Moment,
  momentsOf,
  readOptimizer,
  type Settings,
  writeOptimizer,
} from "../rules/optimizer.js";
import { type Rate, writeRate } from "../rules/schedule.js";
import type { Arena, Core, Wanted } from "./core.js";
import type { Parameters } from "./parameters.js";

/** State of `reduceOnPlateau`: the best value so far, and the epochs since. */
interface Plateau {
  best?: number;
  waited: number;
}

export class OptimizerState {
  #record: number;
  readonly #core: Core;
  readonly #arena: Arena;
  #settings: Settings = readOptimizer({ name: "sgd" });
  plateau: Plateau | undefined;
  /** Rate that is a function of the steps made, called before each step. */
  rateOf: ((steps: number) => number) | undefined;
  /** Number of blocks that the blocks' records have room for. */
  room = 0;
  /** Pointer of the blocks' records, and of the moments, in the order of their names; none before they are needed. */
  #blocks = 0;
  #moments: readonly number[] = [];

  constructor(core: Core, arena: Arena) {
    this.#core = core;
    this.#arena = arena;
    this.#record = arena.alloc((OptimizerWord.words + ScheduleWord.words) * 4, "the optimizer");
    this.restart(this.#settings);
  }

  /** The pointer of the optimizer's record. Throws `disposed` after the graph's disposal. */
  get record(): number {
    if (this.#record !== 0) return this.#record;
    throw new GraphError("disposed", "This graph was disposed of.");
  }

  /** Drops its pointers, since the graph's memory was freed. */
  free(): void {
    this.#record = 0;
    this.#blocks = 0;
    this.#moments = [];
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** Sets another optimizer, with fresh state. */
  restart(settings: Settings): void {
    for (const block of [this.#blocks, ...this.#moments]) this.#arena.free(block);
    this.#blocks = 0;
    this.#moments = [];
    const { u32, f64 } = this.#core;
    const [from, to] = [this.record, this.record + OptimizerWord.words * 4];
    this.#core.u8.fill(0, from, to);
    writeOptimizer(settings, u32.subarray(from / 4), f64.subarray(from / 8));
    this.#settings = settings;
    this.rate = settings.rate;
  }

  /** Sets another rate, and keeps the state. */
  set rate(rate: Rate) {
    const { u32, f64 } = this.#core;
    writeRate(rate, u32.subarray(this.record / 4), f64.subarray(this.record / 8));
    this.#settings = Object.freeze({ ...this.#settings, rate });
    const follows = typeof rate === "object" && rate.name === "reduceOnPlateau";
    this.plateau = follows ? { waited: 0 } : undefined;
    this.rateOf = typeof rate === "function" ? rate : undefined;
  }

  /** The rate of the last step, or of the next one. */
  get now(): number {
    return this.#core.f64[this.record / 8 + OptimizerWord.rate / 2]!;
  }

  set now(rate: number) {
    this.#core.f64[this.record / 8 + OptimizerWord.rate / 2] = rate;
  }

  /** Number of steps made. */
  get steps(): number {
    return this.#core.f64[this.record / 8 + OptimizerWord.steps / 2]!;
  }

  set steps(count: number) {
    this.#core.f64[this.record / 8 + OptimizerWord.steps / 2] = count;
  }

  /** Resumes from the steps of an equal optimizer, whose moments were copied. */
  resume(from: OptimizerState): void {
    this.steps = from.steps;
    this.now = from.now;
    this.plateau = from.plateau && { ...from.plateau };
    const { f64 } = this.#core;
    const word = OptimizerWord.momentBound / 2;
    f64[this.record / 8 + word] = f64[from.record / 8 + word]!;
  }

  /**
   * Passes the monitored value of an epoch to `reduceOnPlateau`, and the direction of better values. The rate is reduced
   * after `patience` epochs without an improvement of more than `minDelta`.
   */
  follow(value: number | undefined, mode: "min" | "max"): void {
    const { plateau } = this;
    const { rate } = this.#settings;
    if (plateau === undefined || typeof rate !== "object" || rate.name !== "reduceOnPlateau") return;
    const { factor, patience, minRate, minDelta } = rate as Required<typeof rate>;
    const { best = mode === "min" ? Infinity : -Infinity } = plateau;
    if (value !== undefined && (mode === "min" ? best - value : value - best) > minDelta) {
      plateau.best = value;
      plateau.waited = 0;
    } else if (++plateau.waited >= patience) {
      plateau.waited = 0;
      this.now = Math.max(this.now * factor, Math.min(this.now, minRate));
    }
  }

  // ---------------------------------------------------------------------------------------------- blocks, moments

  get isPlain(): boolean {
    return isPlain(this.#settings);
  }

  /**
   * Returns the memory for the records of so many blocks, and for each moment `bytes`; none of either if its argument is
   * `undefined`. `settings` are those of the optimizer that has the state.
   */
  wanted(blocks: number | undefined, bytes: number | undefined, settings = this.#settings): Wanted {
    const what = `the state of ${settings.name}`;
    return [
      ...(blocks === undefined ? [] : [[blocks * BlockWord.words * 4, what] as const]),
      ...(bytes === undefined ? [] : momentsOf(settings).map(() => [bytes, what] as const)),
    ];
  }

  get isPlaced(): boolean {
    return this.#blocks !== 0;
  }

  /** Takes memory for its state of all parameters. */
  place([records, ...moments]: readonly number[], { at, blocks }: Parameters): void {
    this.placeBlocks(records!, blocks.length);
    this.placeMoments(moments, at);
  }

  /** Takes memory for the records of `room` blocks. `move` copies the old records there. */
  placeBlocks(taken: number, room: number, move?: (from: number, to: number, bytes: number) => void): void {
    move?.(this.#blocks, taken, BlockWord.words * 4);
    this.#arena.free(this.#blocks);
    this.#blocks = taken;
    this.room = room;
  }

  /** Takes memory for moments, if it is given, for parameters at a pointer. `move` copies the old moments there. */
  placeMoments(
    taken: readonly number[],
    parameters: number,
    move?: (from: number, to: number) => void,
  ): void {
    const old = this.#moments;
    if (taken.length > 0) this.#moments = taken;
    old.forEach((from, i) => {
      move?.(from, this.#moments[i]!);
      if (from !== this.#moments[i]) this.#arena.free(from);
    });
    const { u32 } = this.#core;
    const words = {
      mean: OptimizerWord.mean,
      square: OptimizerWord.square,
      momentum: OptimizerWord.momentum,
    };
    momentsOf(this.#settings).forEach((name, i) => {
      u32[this.record / 4 + words[name]] = this.#moments[i]! - parameters;
    });
  }

  /** Returns the pointer of a block's record. */
  block({ place }: Block): number {
    return this.#blocks + place!.index * BlockWord.words * 4;
  }

  /** Returns the steps that reached a block, and nadam's product. */
  stepsOf(block: Block): { steps: number; product: number } {
    if (this.#blocks === 0 || block.place === undefined) return { steps: 0, product: 0 };
    const at = this.block(block) / 8;
    const { f64 } = this.#core;
    return { steps: f64[at + BlockWord.steps / 2]!, product: f64[at + BlockWord.product / 2]! };
  }

  /** Restores a block's step count, and nadam's product, from a file. */
  restore(block: Block, steps: number, product: number): void {
    const at = this.block(block) / 8;
    const { f64 } = this.#core;
    f64[at + BlockWord.steps / 2] = steps;
    f64[at + BlockWord.product / 2] = product;
  }

  /** Returns the pointer of a moment of all parameters. */
  moment(name: Moment): number {
    return this.#moments[momentsOf(this.#settings).indexOf(name)]!;
  }

  /** Bounds moments from a file, so that the core knows when a step is sure to keep them finite. */
  bound(values: Float64Array | Float32Array): void {
    const at = this.record / 8 + OptimizerWord.momentBound / 2;
    const { f64 } = this.#core;
    let largest = Math.max(1, f64[at]!);
    for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!));
    f64[at] = largest;
  }
}
