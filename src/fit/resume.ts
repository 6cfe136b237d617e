// Resuming: reads a checkpoint, and takes over its network.

import { GraphError } from "../base/error.js";
import { isObject } from "../base/options.js";
import { plain } from "../base/plain.js";
import { show } from "../base/text.js";
import type { Network } from "../calls/network.js";
import { numbersIn, outlineOf } from "../format/arrays.js";
import { encode } from "../format/base64.js";
import { describe } from "../format/description.js";
import { fromJSON } from "../format/json.js";
import { adopt, type Numbers, numbersOf } from "../memory/adopt.js";
import { bytesOf } from "../memory/tensor.js";
import type { Room } from "../memory/training.js";
import { unsaved } from "../rules/schedule.js";
import { FORMAT, type ResumePoint, VERSION } from "./checkpoint.js";
import type { Checkpoint } from "./history.js";
import { type Scalers, scalersOf } from "./scaling.js";

/** Reads the parts of a checkpoint that `fit` needs. Throws `bad-file`. */
export function readCheckpoint(given: unknown): {
  readonly graph: unknown;
  readonly point: ResumePoint;
  /** The fixed options of its run. */
  readonly options: object;
} {
  const { format, version, graph, fit } = given as Partial<Checkpoint>;
  if (format !== FORMAT || version !== VERSION) {
    const found = `format ${show(format)}, version ${show(version)}`;
    throw bad(`The checkpoint has ${found}; this release reads ${show(FORMAT)}, version ${VERSION}`);
  }
  const { options, ...point } = (fit ?? {}) as ResumePoint & { readonly options?: object };
  const { epoch, batch, tally, place, steps, seconds, rate, epochs, verdict, best } = point;
  const isWhole =
    [epoch, batch, steps].every(isCount) &&
    [seconds, rate].every(isAmount) &&
    isObject(tally?.outputs) &&
    [tally, ...Object.values(tally.outputs)].every((sum) => has(sum, Number.isFinite, "rows", "cost")) &&
    (place === undefined || (has(place, isIndex, "batch", "window") && isObject(place.state))) &&
    Array.isArray(epochs) &&
    epochs.length === epoch - 1 &&
    epochs.every(
      (one, i) =>
        has(one, isAmount, "step", "epochs", "rate", "seconds", "samplesPerSecond") &&
        has(one, Number.isFinite, "cost") &&
        one.epoch === i + 1,
    ) &&
    has(verdict, isAmount, "waited") &&
    (verdict.best === undefined ||
      (has(verdict.best, isCount, "epoch") && has(verdict.best, Number.isFinite, "value"))) &&
    (best === undefined || typeof best === "string") &&
    isObject(options);
  if (!isWhole) throw bad("The checkpoint's `fit` is damaged");
  return { graph, point, options };
}

const isCount = (value: unknown) => Number.isInteger(value) && (value as number) >= 1;
const isIndex = (value: unknown) => Number.isInteger(value) && (value as number) >= 0;
const isAmount = (value: unknown) => Number.isFinite(value) && (value as number) >= 0;

/** Returns whether a value is an object whose members of some names all fit. */
function has(given: unknown, fits: (value: unknown) => boolean, ...names: readonly string[]): boolean {
  return isObject(given) && names.every((name) => fits((given as Record<string, unknown>)[name]));
}

/** Refuses to resume with fixed options other than at the run's start. Throws `bad-option`. */
export function checkFixedOptions(before: object, now: object): void {
  const [old, given] = [before, now].map((one) => JSON.parse(JSON.stringify(one)));
  for (const name of Object.keys({ ...old, ...given })) {
    const [was, is] = [old[name], given[name]].map((value) => JSON.stringify(value) ?? "nothing");
    if (was === is) continue;
    const what = name === "rows" ? "the data's rows were" : `\`${name}\` was`;
    throw new GraphError("bad-option", `The run that is resumed had others: ${what} ${was}, and now ${is}.`);
  }
}

/** The network of a checkpoint, ready to be taken over. */
export interface Saved {
  readonly scalers: Scalers;
  /** Copies parameters, optimizer, generators and scalers into the network. */
  adopt(): void;
  free(): void;
}

/** Rebuilds the network of a file, for a network of the same topology and precision to take over. Throws `bad-file`, `bad-option`. */
export function restore(network: Network, file: unknown): Saved {
  const saved = fromJSON(plain(file, "bad-file", "The file"));
  agree(network, saved);
  return {
    scalers: scalersOf(saved),
    adopt: () => takeOver(network, saved, numbersOf(saved)),
    free: () => saved.memory.dispose(),
  };
}

/**
 * Does the same for a graph of `toArrays`, in slices. Then only `adopt` changes the network, at once. Throws as `restore` does, and
 * `out-of-memory`.
 */
export function* restoreArrays(network: Network, graph: object): Generator<void, Saved> {
  const outline = outlineOf(graph);
  const { network: saved } = outline;
  const { memory, training } = network;
  agree(network, saved);
  let [isDone, room]: [boolean, Room | undefined] = [false, undefined];
  try {
    const numbers = yield* numbersIn(outline);
    if (numbers.some(({ steps }) => steps > 0)) {
      room = yield* training.roomFor(saved.training.optimizer.settings);
    }
    isDone = true;
    return {
      scalers: scalersOf(saved),
      adopt: () => {
        takeOver(network, saved, numbers, room);
        room = undefined;
      },
      free: () => {
        saved.memory.dispose();
        for (const block of room ?? []) memory.arena.free(block);
      },
    };
  } finally {
    if (!isDone) saved.memory.dispose();
  }
}

/** Refuses the network of a file, unless it can be taken over. Throws `bad-option`, with its memory freed. */
function agree(network: Network, saved: Network): void {
  if (shapeOf(saved) !== shapeOf(network)) {
    saved.memory.dispose();
    const wanted = "a graph of the same layers, synapses, options and precision as this one";
    throw new GraphError("bad-option", `A run is resumed on ${wanted}.`);
  }
  const { rate } = network.training.optimizer.settings;
  const savedRate = saved.training.optimizer.settings.rate;
  if (savedRate === unsaved && (rate === unsaved || typeof rate !== "function")) {
    saved.memory.dispose();
    unsaved();
  }
}

/** Takes over the numbers of a network that agrees. */
function takeOver(network: Network, saved: Network, numbers: readonly Numbers[], room?: Room): void {
  const { topology, training } = network;
  adopt(network, saved.training.optimizer, numbers, room);
  topology.layers.forEach((layer, i) => {
    layer.scaler = saved.topology.layers[i]!.scaler;
  });
  training.reseed(saved.memory.seed);
  training.noise.steps = saved.training.noise.steps;
  network.shuffles = saved.shuffles;
  network.connections = saved.connections;
}

/**
 * Returns the members of a description that a resumed run must repeat, as text: all except parameters, moments and scalers.
 */
function shapeOf(network: Network): string {
  const { description, tensors } = describe(network.contents());
  const { precision, layers, synapses } = description;
  const maps = tensors.flatMap(({ dtype, view }) => (dtype === undefined ? [] : [encode(bytesOf(view()))]));
  // Members with a scaler, or with the optimizer's step counts of a parameter block.
  const ignored = /^scaler$|Steps$|Product$/;
  const repeated = (name: string, value: unknown) => (ignored.test(name) ? undefined : value);
  return JSON.stringify([precision, layers, synapses, maps], repeated);
}

function bad(what: string): GraphError {
  return new GraphError("bad-file", `${what}.`);
}
