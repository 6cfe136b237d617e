// Training over epochs. The data goes into the engine's memory once; batches run there, some milliseconds at a time.

import { FeedWord, LayerWord } from "../assembly/abi.js";
import { settled, write } from "./data.js";
import { GraphError, options, show } from "./error.js";
import type { Memory, Pass } from "./memory.js";
import { precisions } from "./rule.js";
import type { FitOptions, History, Progress } from "./types.js";

/** What training needs of a graph. */
export interface Schedule {
  readonly memory: Memory;
  readonly seed: number;
  readonly rate: number;
  /** The pass towards the targets' outputs. */
  pass(ts: unknown): Pass;
  /** Puts what is given for a pass into its slots. Gives the rows. */
  read(pass: Pass, xs: unknown, ts: unknown): number;
  /** Throws what a status means. */
  accept(pass: Pass, rows: number, status: number, where?: string): void;
  reached(pass: Pass, rows: number): void;
  /** The number of the next shuffle. */
  shuffle(): number;
}

/** The longest that training holds the event loop, in milliseconds, where a batch is shorter. */
const SLICE = 10;

export async function train(schedule: Schedule, data: unknown, given: unknown): Promise<History> {
  const known = ["epochs", "batchSize", "shuffle", "onEpoch"];
  const { epochs = 1, batchSize = 32, shuffle = true, onEpoch } = options(given, known, "fit");
  checkCount("epochs", epochs);
  checkCount("batchSize", batchSize);
  if (typeof shuffle !== "boolean") {
    throw new GraphError("bad-option", `\`shuffle\` is true or false, not ${show(shuffle)}.`);
  }
  if (onEpoch !== undefined && typeof onEpoch !== "function") {
    throw new GraphError("bad-option", `\`onEpoch\` is a function, not ${show(onEpoch)}.`);
  }
  if (data === null || typeof data !== "object") {
    throw new GraphError("bad-shape", `The data is { xs, ts }, not ${show(data)}.`);
  }
  const { xs, ts } = data as { xs?: unknown; ts?: unknown };
  const set = load(schedule, xs, ts, Math.min(batchSize, 2 ** 30), shuffle);
  try {
    return await run(schedule, set, { epochs, batchSize: set.batchSize, onEpoch: onEpoch as Hook });
  } finally {
    set.free();
  }
}

type Hook = FitOptions["onEpoch"];

function checkCount(name: string, value: unknown): asserts value is number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 1) return;
  throw new GraphError("bad-option", `\`${name}\` is a whole number, at least 1, not ${show(value)}.`);
}

/** The data in the engine's memory. */
interface Loaded {
  readonly pass: Pass;
  readonly rows: number;
  readonly batchSize: number;
  /** Records of what a batch takes from where. */
  readonly feeds: number;
  readonly feedCount: number;
  /** Pointer of the rows' order, 0 where it is their own. */
  readonly order: number;
  /** Pointer of the sum of rows · cost over an epoch. */
  readonly sum: number;
  free(): void;
}

/** Checks all data once and copies it. */
function load(schedule: Schedule, xs: unknown, ts: unknown, size: number, shuffle: boolean): Loaded {
  const { memory } = schedule;
  const pass = schedule.pass(ts);
  const rows = schedule.read(pass, xs, ts);
  for (const slot of pass.slots) slot.data = settled(slot.data, memory.core.buffer);
  const batchSize = Math.min(size, rows);
  const blocks: number[] = [];
  const free = () => {
    for (const block of blocks) memory.arena.free(block);
  };
  const take = (bytes: number, what: string) => {
    const block = memory.arena.alloc(bytes, what);
    blocks.push(block);
    return block;
  };
  try {
    memory.ensure(pass, batchSize, "gradients");
    const width = precisions[memory.precision];
    const sources = pass.slots.map(({ layer }) =>
      take(rows * layer.$.size * width, `the data of ${layer.$.name}`),
    );
    const feeds = take(pass.slots.length * FeedWord.words * 4, "the data");
    const order = shuffle ? take(rows * 4, "the order of the data") : 0;
    const sum = take(8, "the cost");
    pass.slots.forEach((slot, i) => {
      const { name, size } = slot.layer.$;
      write(slot.data, name, rows, size, memory.numbers, memory.place(sources[i]!));
      memory.checkValues(slot, sources[i]!, rows);
      slot.data = undefined;
      const at = (feeds >>> 2) + i * FeedWord.words;
      const word = slot.matrix === "given" ? LayerWord.given : LayerWord.target;
      memory.core.u32[at + FeedWord.word] = memory.word(slot.layer, word);
      memory.core.u32[at + FeedWord.source] = sources[i]!;
      memory.core.u32[at + FeedWord.bytes] = size * width;
    });
    return { pass, rows, batchSize, feeds, feedCount: pass.slots.length, order, sum, free };
  } catch (error) {
    free();
    throw error;
  }
}

async function run(
  schedule: Schedule,
  set: Loaded,
  { epochs, batchSize, onEpoch }: { epochs: number; batchSize: number; onEpoch: Hook },
): Promise<History> {
  const { memory, rate } = schedule;
  const { call } = memory.core;
  const batches = Math.ceil(set.rows / batchSize);
  const steps = epochs * batches;
  const history: Progress[] = [];
  const begun = performance.now();
  let resumed = begun;
  let slice = 1; // batches to a crossing; follows their measured cost, and changes no bits
  for (let epoch = 1; epoch <= epochs; epoch++) {
    memory.live();
    if (set.order !== 0) call.shuffle(set.order, set.rows, schedule.seed, schedule.shuffle());
    memory.core.f64[set.sum / 8] = 0;
    for (let batch = 0; batch < batches; ) {
      const to = Math.min(batches, batch + slice);
      const before = performance.now();
      const reached = call.batches(
        set.pass.record,
        set.feeds,
        set.feedCount,
        set.order,
        set.rows,
        batchSize,
        batch,
        to,
        rate,
        set.sum,
      );
      schedule.reached(set.pass, Math.min(batchSize, set.rows - (reached - 1) * batchSize));
      if (reached < to) {
        schedule.accept(set.pass, batchSize, call.fault(), ` in epoch ${epoch}, batch ${reached + 1}`);
      }
      batch = reached;
      const now = performance.now();
      slice = now - before < SLICE / 4 ? slice * 2 : now - before > SLICE / 2 ? Math.ceil(slice / 2) : slice;
      if (now - resumed > SLICE / 2) {
        await breath();
        memory.live();
        resumed = performance.now();
      }
    }
    const seconds = (performance.now() - begun) / 1000;
    const progress: Progress = {
      kind: "epoch",
      epoch,
      epochs,
      step: epoch * batches,
      steps,
      cost: memory.core.f64[set.sum / 8]! / set.rows,
      rate,
      samplesPerSecond: (epoch * set.rows) / Math.max(seconds, 1e-6),
      seconds,
      secondsLeft: (seconds / epoch) * (epochs - epoch),
    };
    history.push(progress);
    await onEpoch?.(progress);
  }
  return { epochs: history, stopped: "epochs", steps, seconds: (performance.now() - begun) / 1000 };
}

/**
 * Lets the event loop turn once: by `setImmediate`, or, where there is none, by a message, since timers are clamped to
 * milliseconds in browsers.
 */
function breath(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (resume: () => void) => void };
  return new Promise((resolve) => {
    if (setImmediate !== undefined) {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}
