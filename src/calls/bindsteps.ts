// Binds data with steps to the slots of a pass: finds the lengths of its samples, and writes its rows in the core's order.

import { GraphError } from "../base/error.js";
import { detached, LEVELS, rowsOf } from "../base/read.js";
import { show } from "../base/text.js";
import type { Memory } from "../memory/memory.js";
import type { Need, Pass, Slot } from "../memory/pass.js";
import { ensureSteps, hasRoomFor, useSteps } from "../memory/steps.js";
import { Times } from "../memory/times.js";
import type { Topology } from "../model/topology.js";
import { stepOf } from "../rules/step.js";
import type { Bindable, Bound, BoundSteps, Purpose } from "./bound.js";
import { unfoldSlot } from "./forms.js";
import { hasLevels, lengthsOf, type Span, samplesOf } from "./sequence.js";
import { uneven } from "./slots.js";
import { enterSteps, type SlotData, slotDataOf } from "./stepdata.js";
import type { Timing } from "./timing.js";
import type { Weighting } from "./weighting.js";

/**
 * Writes data with steps from the slots of a pass to its matrices. `rows` are the samples of data with one step in the form of
 * data without steps, which stays in its slots; LEVELS for any other data.
 */
export function bindSteps(
  net: Bindable,
  pass: Pass,
  rows: number,
  timing: Timing | undefined,
  weighting: Weighting | undefined,
  purpose: Purpose,
): Bound {
  const isOne = rows !== LEVELS && !(purpose.isPieced && rows > pass.piece);
  return isOne && timing !== undefined
    ? bindOneStep(net, pass, rows, timing, weighting !== undefined, purpose)
    : bindAllSteps(net, pass, timing, weighting, purpose);
}

/** Takes room for data of one step, whose rows lie as the caller's do. */
function bindOneStep(
  net: Bindable,
  pass: Pass,
  samples: number,
  timing: Timing,
  isWeighted: boolean,
  { need, hasTargets }: Purpose,
): Bound {
  const { memory } = net;
  const times = evenTimes(pass, samples, 1);
  checkPast(pass, times, timing);
  takeRoom(net, pass, times, need, isWeighted, timing.past !== undefined, () => {
    const slots = isWeighted ? pass.weightedSlots : pass.slots;
    const filled = hasTargets ? slots : slots.slice(0, pass.inputs.length);
    for (const slot of filled) slot.data = detached(slot.data, memory.core.buffer);
  });
  timing.past?.enter(memory, pass, times, timing.chosen);
  useWeights(net, pass, isWeighted);
  return { pass, rows: samples, timing };
}

function bindAllSteps(
  net: Bindable,
  pass: Pass,
  timing: Timing | undefined,
  weighting: Weighting | undefined,
  { need, hasTargets, isPieced }: Purpose,
): Bound {
  const { memory } = net;
  const slots = hasTargets ? pass.slots : pass.slots.slice(0, pass.inputs.length);
  const read = readStepData(net, pass, slots, timing, weighting);
  const { times } = read;
  let { data } = read;
  const detach = () => {
    data = data.map((one) => ({
      ...one,
      sequence: { ...one.sequence, data: detached(one.sequence.data, memory.core.buffer) },
    }));
  };
  if (isPieced && times.rows > pass.piece) {
    detach();
    return { pass, rows: times.samples, timing, steps: { times, data } };
  }
  const isWeighted = weighting !== undefined;
  takeRoom(net, pass, times, need, isWeighted, timing?.past !== undefined, detach);
  timing?.past?.enter(memory, pass, times, timing.chosen);
  useWeights(net, pass, isWeighted);
  const span = { times, first: 0, step: 0 };
  for (const one of data) enterSlot(memory, one, times, span);
  return { pass, rows: times.samples, timing, steps: { times, data } };
}

/**
 * Finds the steps of the data in some slots of a pass, and the form of each slot's, which it takes from the slot. Throws
 * `bad-shape`, `bad-option`, `not-finite`.
 */
export function readStepData(
  { targets, topology }: Bindable,
  pass: Pass,
  slots: readonly Slot[],
  timing: Timing | undefined,
  weighting: Weighting | undefined,
): BoundSteps {
  for (const slot of slots) unfoldSlot(slot);
  const times = timesOf(pass, slots, timing, topology);
  checkPast(pass, times, timing);
  const data = slots.map((slot) => {
    const isTarget = slot.matrix === "target";
    const isTimed = pass.isTimed(slot.layer);
    const weights =
      weighting !== undefined && isTarget
        ? targets!.weightsByStep(weighting, slot, isTimed, times)
        : undefined;
    return slotDataOf(slot, isTimed, times, slots[0]!.name, weights);
  });
  for (const slot of slots) slot.data = undefined;
  return { times, data };
}

/** Writes rows of a slot's data, and their loss weights, to the matrices of its layer. */
export function enterSlot(memory: Memory, data: SlotData, whole: Times, span: Span): void {
  const { states, matrix } = data.slot;
  const { core } = memory;
  enterSteps(data, whole, span, core, states[matrix]);
  if (data.lossWeights !== undefined) core.numbers.set(data.lossWeights, states.lossWeights / core.bytes);
}

/** Takes room for a pass with steps, and writes these to its record. `detach` copies live views, since memory may move. */
function takeRoom(
  { memory, targets }: Bindable,
  pass: Pass,
  times: Times,
  need: Need,
  isWeighted: boolean,
  isStateful: boolean,
  detach: () => void,
): void {
  if (!hasRoomFor(pass, times, need, isWeighted, isStateful)) {
    detach();
    if (need === "states") ensureSteps(memory, pass, times, isStateful);
    else targets!.training.ensureSteps(pass, times, need, isWeighted, isStateful);
  }
  useSteps(memory, pass, times, isStateful);
}

function useWeights({ targets }: Bindable, pass: Pass, isWeighted: boolean): void {
  if (isWeighted || targets?.training.isWeighted) targets!.training.useLossWeights(pass, isWeighted);
}

function checkPast(pass: Pass, { samples }: Times, timing: Timing | undefined): void {
  if (timing?.past === undefined) return;
  timing.past.checkPass(pass, samples, timing.chosen?.length ?? timing.past.rows);
}

/** Returns the steps of samples with equal lengths, those of the last call if they agree. */
export function evenTimes(pass: Pass, samples: number, steps: number): Times {
  const { times } = pass.steps;
  return times?.isOf(samples, steps) ? times : new Times(samples, steps);
}

/** Returns the steps of a call: of `steps`, of data with three levels, or one with a state. Throws `bad-shape`, `bad-option`. */
function timesOf(pass: Pass, slots: readonly Slot[], timing: Timing | undefined, topology: Topology): Times {
  const timed = slots.filter(({ layer }) => topology.loops.timedOf(layer));
  let lengths = timing?.steps;
  const leveled = timed.find(({ data }) => hasLevels(data));
  if (lengths === undefined && leveled !== undefined) {
    lengths = lengthsOf(leveled.data as Parameters<typeof lengthsOf>[0], dataOf(leveled));
  }
  if (lengths === undefined) {
    if (timing?.past === undefined) throw stepless(pass, slots);
    lengths = 1;
  }
  const [first] = slots;
  const steps = typeof lengths === "number" ? lengths : Math.max(...lengths);
  const known = typeof lengths === "number" ? undefined : lengths.length;
  const samples =
    first === undefined ? (known ?? timing?.past?.rows ?? 1) : countSamples(first, topology, steps, known);
  if (typeof lengths === "number") return evenTimes(pass, samples, lengths);
  if (samples === lengths.length) return new Times(samples, lengths);
  if (timing?.steps === undefined) throw uneven(leveled!.name, lengths.length, first!.name, samples);
  const found = `${lengths.length} lengths, and ${show(first!.name)} has ${samples} samples`;
  throw new GraphError("bad-option", `\`steps\` is a length for each sample, but there are ${found}.`);
}

/** Returns the number of samples in the first data of a call. `known` is the number of their lengths. */
function countSamples(slot: Slot, topology: Topology, steps: number, known: number | undefined): number {
  const { data, name, size, layer } = slot;
  if (!topology.loops.timedOf(layer)) {
    return hasLevels(data) ? (known ?? data.length) : rowsOf(data, name, size);
  }
  if (known !== undefined && Array.isArray(data) && data.length === known && typeof data[0] === "object")
    return known;
  return samplesOf(data, dataOf(slot), size, steps);
}

function dataOf({ name }: Slot): string {
  return `The data for ${show(name)}`;
}

/** Returns the error for data without steps where a pass needs them. */
function stepless(pass: Pass, slots: readonly Slot[]): GraphError {
  const synapse = pass.layers.flatMap(({ incoming }) => incoming).find((s) => stepOf(s) !== undefined);
  const name = slots[0] === undefined ? "The data" : dataOf(slots[0]);
  const why =
    synapse && `, but ${show(synapse.to.name)} receives ${show(synapse.from.name)} (${stepOf(synapse)})`;
  return new GraphError(
    "bad-shape",
    `${name} has no steps${why}. Give their number as \`steps\`, \`steps: 1\` for one; or samples as arrays of steps; or a \`state\`.`,
  );
}
