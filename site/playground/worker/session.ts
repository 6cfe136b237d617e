// A graph in training, step by step. All that it computes follows from its sketch. The same steps have the same bits, in one run or
// in pieces, on every machine.

import { Graph, Scaler } from "plexus-nn";
import { bind } from "../data/bind.ts";
import { Random } from "../data/random.ts";
import { type AnyGraph, build, withSettings } from "../model/build.ts";
import { withChange } from "../model/changes.ts";
import type { Lesson, Rows } from "../model/lesson.ts";
import { Refused } from "../model/refusal.ts";
import type { Settings, Sketch } from "../model/sketch.ts";
import type { Frame, Score } from "./message.ts";

/** Most rows of each kind that a score is of, the first ones: of small passes, and of those over `WIDE` states. */
const SCORED = { training: 500, heldOut: 1000 } as const;
const SCORED_WIDE = { training: 200, heldOut: 200 } as const;
const WIDE = 1e5;

/** Rows of training from one score to the next, where epochs are longer. */
const BETWEEN = 500;

export type ScoreAt = Frame["scores"][number];

/** All that a session needs to return to a step. */
export interface Snapshot {
  readonly file: Uint8Array;
  readonly place: Place;
  readonly settings: Settings;
  readonly changes: Sketch["changes"];
}

/** The place in the training. */
interface Place {
  readonly step: number;
  readonly epoch: number;
  /** Rows of this epoch that are done, and of all epochs. */
  readonly cursor: number;
  readonly rows: number;
  /** Rows of all epochs after which the next score is due. */
  readonly due: number;
}

export class Session {
  readonly sketch: Sketch;
  readonly lesson: Lesson;
  #graph: AnyGraph;
  #place: Place = { step: 0, epoch: 0, cursor: 0, rows: 0, due: 0 };
  #settings: Settings;
  #changes: Sketch["changes"] = [];
  #order: Uint32Array;
  /** Changes of the sketch that a replay has made. */
  #followed = 0;
  /** Room for a batch of each name. */
  readonly #batch = new Map<string, Float64Array>();

  /** Builds the graph before its first step. `data` is the sketch's own, of `load`. Throws as the engine and `bind` do. */
  constructor(sketch: Sketch, data: Lesson) {
    this.sketch = sketch;
    this.#settings = sketch.settings;
    this.#graph = build(sketch);
    try {
      this.lesson = bind(data, this.#graph);
      // A graph that was opened has learnt with its own scalers, or without.
      const scalers = sketch.start === undefined ? this.lesson.scalers : {};
      for (const [name, scaler] of Object.entries(scalers)) this.#graph.scale(name, Scaler.fromJSON(scaler));
      this.#order = this.#orderOf(0);
    } catch (error) {
      this.#graph.dispose();
      throw error;
    }
  }

  get graph(): AnyGraph {
    return this.#graph;
  }

  get step(): number {
    return this.#place.step;
  }

  /** Whole epochs that are done. */
  get epoch(): number {
    return this.#place.epoch;
  }

  /** Samples of all steps. */
  get samples(): number {
    return this.#place.rows;
  }

  get settings(): Settings {
    return this.#settings;
  }

  get changes(): Sketch["changes"] {
    return this.#changes;
  }

  /** Steps to the end of this epoch. */
  get stepsLeft(): number {
    return Math.ceil((this.lesson.training.count - this.#place.cursor) / this.#settings.batchSize);
  }

  /** Whether a score is due. The steps at which one is don't depend on the time that they take. */
  get isDue(): boolean {
    return this.lesson.training.count > 0 && this.#place.rows >= this.#place.due;
  }

  /** Returns the order of an epoch's rows, drawn from the sketch's seed. */
  #orderOf(epoch: number): Uint32Array {
    const mixed = (this.sketch.seed ^ Math.imul(epoch + 1, 0x9e3779b9)) >>> 0;
    return new Random(mixed).order(this.lesson.training.count);
  }

  /** Changes the settings from the next step on. Throws the engine's `GraphError`, and then has changed nothing. */
  change(settings: Settings): void {
    if (!Number.isInteger(settings.batchSize) || settings.batchSize < 1) {
      throw new Refused(
        "bad-data",
        `A batch has a whole number of rows, at least 1, not ${settings.batchSize}.`,
      );
    }
    this.#graph = withSettings(this.#graph, this.sketch, this.#settings, settings);
    this.#settings = settings;
    const { settings: first } = this.sketch;
    this.#changes = withChange({ settings: first, changes: this.#changes }, this.step, settings);
  }

  /** Makes the next step. Throws `diverged`, and then has changed nothing. */
  train(): void {
    const { training, steps } = this.lesson;
    if (training.count === 0)
      throw new Refused("no-data", "There is no data to train on: choose some first.");
    this.#follow();
    const { step, epoch, cursor, rows, due } = this.#place;
    const end = Math.min(training.count, cursor + this.#settings.batchSize);
    const picked = this.#order.subarray(cursor, end);
    const xs = this.#gathered(training.xs, training.count, picked, "x.");
    const ts = this.#gathered(training.ts, training.count, picked, "t.");
    this.#graph.train(xs, ts as never, (steps === undefined ? {} : { steps }) as never);
    const isLast = end === training.count;
    this.#place = {
      step: step + 1,
      epoch: epoch + Number(isLast),
      cursor: isLast ? 0 : end,
      rows: rows + picked.length,
      due,
    };
    if (isLast) this.#order = this.#orderOf(epoch + 1);
  }

  /** Makes the changes of the sketch that are due at this step, in a replay. */
  #follow(): void {
    const { changes } = this.sketch;
    while (changes[this.#followed]?.step === this.step) this.change(changes[this.#followed++]!.settings);
  }

  /** Trains the steps of the sketch, some at a time: returns whether all are done. */
  replay(most: number, onScore: (score: ScoreAt) => void): boolean {
    const { steps } = this.sketch;
    for (let count = 0; count < most && this.step < steps; count++) {
      this.train();
      if (this.isDue) onScore(this.score());
    }
    if (this.step < steps) return false;
    this.#follow();
    return true;
  }

  /** Gathers rows of all names to the room for a batch. */
  #gathered(
    values: Rows["xs"],
    count: number,
    picked: Uint32Array,
    prefix: string,
  ): Record<string, Float64Array> {
    const made: Record<string, Float64Array> = Object.create(null);
    for (const [name, from] of Object.entries(values)) {
      const width = from.length / count;
      const key = prefix + name;
      let room = this.#batch.get(key);
      if (room === undefined || room.length < picked.length * width) {
        room = new Float64Array(Math.max(picked.length, Math.min(count, this.#settings.batchSize)) * width);
        this.#batch.set(key, room);
      }
      for (let row = 0; row < picked.length; row++) {
        const at = picked[row]! * width;
        room.set(from.subarray(at, at + width), row * width);
      }
      made[name] = room.length === picked.length * width ? room : room.subarray(0, picked.length * width);
    }
    return made;
  }

  /** Computes the scores at this step, and when the next ones are due. */
  score(): ScoreAt {
    const { step, epoch, rows } = this.#place;
    const { training, heldOut } = this.lesson;
    const most = this.#scored;
    const scored = Math.min(training.count, most.training) + Math.min(heldOut.count, most.heldOut);
    const part = training.count / Math.max(1, Math.round(training.count / BETWEEN));
    // A row that is scored costs a third of one that is trained: wide scores take some 10 % of the time.
    const rarely = this.#isWide ? Math.ceil((3 * scored) / part) : 1;
    const quantum = part * Math.max(rarely, sparsity(epoch));
    this.#place = { ...this.#place, due: (Math.floor(rows / quantum + 1e-9) + 1) * quantum - 1e-6 };
    const score = { step, epoch, training: this.#scoreOf(training, most.training) };
    return heldOut.count === 0 ? score : { ...score, heldOut: this.#scoreOf(heldOut, most.heldOut) };
  }

  /** Returns the cost of the score at this step, which may be due at another. */
  cost(): number {
    return this.#scoreOf(this.lesson.training, this.#scored.training).cost;
  }

  /** Most rows that a score is of. */
  get #scored() {
    return this.#isWide ? SCORED_WIDE : SCORED;
  }

  /** Whether a pass over all rows has many states. */
  get #isWide(): boolean {
    const { training, heldOut, steps = 1 } = this.lesson;
    const width = this.#graph.layers.reduce((sum, { size }) => sum + size, 0);
    return (training.count + heldOut.count) * steps * width > WIDE;
  }

  /** Evaluates the first rows of some. */
  #scoreOf({ count, xs, ts }: Rows, most: number): Score {
    const { steps, outputs } = this.lesson;
    const rows = Math.min(count, most);
    const first = (values: Rows["xs"]) =>
      Object.fromEntries(
        Object.entries(values).map(([name, all]) => [name, all.subarray(0, (all.length / count) * rows)]),
      );
    const isGoal = (goal: string) => outputs.some((output) => output.goal === goal);
    const metrics = [...(isGoal("classes") ? ["accuracy"] : []), ...(isGoal("number") ? ["mae"] : [])];
    const timed = steps === undefined ? {} : { steps };
    const evaluation = this.#graph.evaluate(first(xs), first(ts) as never, { metrics, ...timed } as never);
    const score: { cost: number; accuracy?: number; mae?: number } = { cost: evaluation.cost };
    for (const { name, goal } of outputs) {
      const { accuracy, mae } = (evaluation.outputs as Record<string, { accuracy?: number; mae?: number }>)[
        name
      ]!;
      if (goal === "classes" && accuracy !== undefined) score.accuracy ??= accuracy;
      if (goal === "number" && mae !== undefined) score.mae ??= mae;
    }
    return score;
  }

  snapshot(): Snapshot {
    return {
      file: this.#graph.save(),
      place: this.#place,
      settings: this.#settings,
      changes: this.#changes,
    };
  }

  /**
   * Returns to a step of this session, by training again from a snapshot that is not behind it, to the same bits. The settings
   * stay, as a change at that step.
   */
  restore({ file, place, settings, changes }: Snapshot, step: number): void {
    const wanted = this.#settings;
    const later = this.#changes.filter((change) => change.step < step && !changes.includes(change));
    const graph: AnyGraph = Graph.load(file);
    this.#graph.dispose();
    this.#graph = graph;
    this.#place = place;
    this.#settings = settings;
    this.#changes = changes;
    this.#order = this.#orderOf(place.epoch);
    for (const change of later) {
      this.#trainTo(change.step);
      this.change(change.settings);
    }
    this.#trainTo(step);
    if (JSON.stringify(wanted) !== JSON.stringify(this.#settings)) this.change(wanted);
  }

  /** Trains to a step, with the scores on the way, which decide when the next one is due. */
  #trainTo(step: number): void {
    while (this.step < step) {
      this.train();
      if (this.isDue) this.score();
    }
  }

  /** Returns the sketch of the session as it is now: one that leads to the same bits. */
  now(): Sketch {
    return { ...this.sketch, changes: this.#changes, steps: this.step };
  }

  dispose(): void {
    this.#graph.dispose();
  }
}

/** Returns how many scores of early epochs there are to one of this epoch: 1, 2, 5, 10, and so on, one for each 200 epochs. */
function sparsity(epoch: number): number {
  let [least, digit] = [1, 0];
  const factors = [2, 2.5, 2];
  while (least * factors[digit % 3]! <= epoch / 200) least *= factors[digit++ % 3]!;
  return least;
}
