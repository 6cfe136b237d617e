// The data of a prediction in parts: some samples each, which a thread computes by themselves.

import { detached, isNested, isRecord, isTyped, lengthOfData, type TypedArray } from "../../base/read.js";
import type { Network } from "../../calls/network.js";
import { INSIDE } from "../../graph/internal.js";
import { Graph } from "../../index.js";
import type { Slot } from "../../memory/pass.js";
import type { Times } from "../../memory/times.js";
import type { LayerNode } from "../../model/node.js";
import { plainSource, type Source, stepSource } from "./source.js";
import { threads } from "./threads.js";

/** Most numbers of a part, of inputs and outputs: a page copies them in about a millisecond. */
const MOST = 2 ** 17;

/** A layer's numbers, and whether it has a row for each step of each sample. */
interface Place {
  readonly name: string;
  readonly size: number;
  readonly isTimed: boolean;
}

/** Data of some samples. */
export interface Part {
  /** Index of its first sample among all; in calls with steps, in the core's order. */
  readonly first: number;
  /** Values of each input: (samples, size), and with time (samples, steps of the longest, size). */
  readonly xs: readonly TypedArray[];
  readonly samples: number;
  /** Steps of each sample, in calls with steps. */
  readonly steps: readonly number[] | undefined;
}

/** The samples of a call, and the parts that they make. */
export interface Parts {
  /** The outputs, in the order of their creation. */
  readonly outputs: readonly Place[];
  readonly samples: number;
  /** The steps of the samples, in calls with steps. */
  readonly times: Times | undefined;
  /** Number of parts. */
  readonly count: number;
  /** Copies a part. Throws `bad-shape`, `bad-input`. */
  take(index: number): Part;
  /** Takes back the values of a part that was computed. */
  give(xs: readonly TypedArray[]): void;
}

/**
 * Reads the forms of a call's data, for `wanted` parts at least. Reads the values when a part is taken. Throws as `predict` does for
 * names, shapes and options.
 */
export function partsOf(
  network: Network,
  xs: unknown,
  outputs: unknown,
  steps: unknown,
  wanted: number,
): Parts {
  const { memory, topology } = network;
  const { fillSlots, isOneStep, outputsOf, readStepData, readTiming } = Graph[INSIDE];
  memory.still();
  const timing = readTiming(topology, steps, undefined);
  const pass = memory.pass(outputsOf(network, outputs));
  const values = memory.read("bad-shape", "The data", () => detachViews(xs, memory.core.buffer));
  fillSlots(network, pass, values, undefined, undefined, false);
  const slots = pass.slots.slice(0, pass.inputs.length);
  const made = memory.read("bad-shape", "The data", () => {
    const isCounted = timing === undefined ? !pass.needsTime : isOneStep(timing, pass, false);
    const samples = isCounted ? countSamples(slots, timing !== undefined) : undefined;
    if (samples !== undefined && timing === undefined) {
      const isSharing = threads().sharing === "memory";
      return { samples, times: undefined, sources: slots.map((slot) => plainSource(slot, isSharing)) };
    }
    const { times, data } = readStepData(network, pass, slots, timing, undefined);
    return { samples: times.samples, times, sources: data.map((one) => stepSource(one, times)) };
  });
  for (const slot of slots) slot.data = undefined;
  const place = (layer: LayerNode): Place => {
    return { name: layer.name, size: layer.size, isTimed: made.times !== undefined && pass.isTimed(layer) };
  };
  return inParts(
    { ...made, inputs: pass.inputs.map(place), outputs: pass.outputs.map(place) },
    pass.piece,
    wanted,
  );
}

/**
 * Returns the number of samples of inputs without steps; `undefined` for data of three levels. Unless `isWhole`, rows behind the
 * first are checked when their part is taken, since there may be very many. Throws `bad-shape`.
 */
function countSamples(slots: readonly Slot[], isWhole: boolean): number | undefined {
  const { isUnfoldable, rowsOrLevels, uneven, unfoldSlot } = Graph[INSIDE];
  let samples = 0;
  for (const [i, slot] of slots.entries()) {
    const { name, nests, size, also } = slot;
    // Nested samples are made flat part by part; other data of a layer with a shape is flat already, or is refused.
    const isNest = isUnfoldable(slot.data, nests);
    if (!isNest) unfoldSlot(slot);
    const { data } = slot;
    const isLong = !isWhole && !isNest && isNested(data);
    const rows = isNest ? 1 : rowsOrLevels(isLong ? data.slice(0, 1) : data, name, size, also);
    if (rows < 0) return undefined;
    const found = isNest || isLong ? lengthOfData(data as readonly unknown[]) : rows;
    if (i > 0 && found !== samples) throw uneven(slots[0]!.name, samples, name, found);
    samples = found;
  }
  return samples;
}

/**
 * Copies data by names where it lies in the engine's memory, which may move or change meanwhile. Rows are looked at where the first
 * one is a typed array.
 */
function detachViews(given: unknown, engine: ArrayBuffer): unknown {
  if (!isRecord(given)) return given;
  const copy = (data: unknown) =>
    isTyped(data) || (isNested(data) && isTyped(data[0])) ? detached(data, engine) : data;
  return Object.fromEntries(Object.entries(given).map(([name, data]) => [name, copy(data)]));
}

interface Made {
  readonly samples: number;
  readonly times: Times | undefined;
  readonly sources: readonly Source[];
  readonly inputs: readonly Place[];
  readonly outputs: readonly Place[];
}

/** Divides samples into parts of at most `piece` rows, and into `wanted` ones at least. */
function inParts({ samples, times, sources, inputs, outputs }: Made, piece: number, wanted: number): Parts {
  const longest = times?.steps ?? 1;
  const numbers = [...inputs, ...outputs].reduce(
    (sum, { size, isTimed }) => sum + size * (isTimed ? longest : 1),
    0,
  );
  const fitting = Math.floor(Math.min(MOST / numbers, piece / longest));
  const most = Math.max(1, Math.min(fitting, Math.ceil(samples / wanted)));
  return {
    outputs,
    samples,
    times,
    count: Math.ceil(samples / most),
    take(index) {
      const first = index * most;
      const count = Math.min(most, samples - first);
      const steps =
        times && Array.from({ length: count }, (_, i) => times.lengthOf(times.sampleAt(first + i)));
      const width = (i: number) => inputs[i]!.size * (inputs[i]!.isTimed ? steps![0]! : 1);
      const room = (i: number) => inputs[i]!.size * (inputs[i]!.isTimed ? longest : 1);
      const xs = sources.map((source, i) => source.take(first, count, width(i), most * room(i)));
      return { first, samples: count, xs, steps };
    },
    give(xs) {
      xs.forEach((values, i) => {
        sources[i]!.give(values);
      });
    },
  };
}
