// Binds the data of a call to the slots of a pass: checks it, and writes it to the matrices of layers.

import { GraphError } from "../base/error.js";
import { form } from "../base/form.js";
import { unreadable } from "../base/options.js";
import { detached, isRecord, LEVELS, rowsOrLevels, write } from "../base/read.js";
import { show } from "../base/text.js";
import { fill, type Need, type Pass } from "../memory/pass.js";
import { dropSteps } from "../memory/steps.js";
import type { LayerNode } from "../model/node.js";
import { namesOf, type Topology } from "../model/topology.js";
import { bindSteps } from "./bindsteps.js";
import type { Bindable, Bound } from "./bound.js";
import { detach, enter } from "./enter.js";
import { convert } from "./forms.js";
import { classHint, fillEach, namesInOrder, uneven } from "./slots.js";
import type { Timing } from "./timing.js";
import type { Weighting } from "./weighting.js";

// While one of these three reads data, a flag that `Memory.still` checks keeps that data's code from using the graph. Each
// sets it itself, since a shared function would cost a small graph's step a sixth of its time.

/**
 * Writes values and targets to the pass over their outputs' ancestors. If `isPieced`, data of more rows than a piece stays in
 * the slots, for `inPieces`.
 */
export function bind(
  net: Bindable,
  xs: unknown,
  ts: unknown,
  need: Need,
  weighting?: Weighting,
  isPieced = false,
  timing?: Timing,
): Bound {
  const { memory } = net;
  let known: Pass | undefined;
  memory.reading = true;
  try {
    // The targets usually name the outputs of the last call: then one loop over them suffices.
    if (memory.isLaidOut) known = isRecord(ts) ? memory.passes.again(ts) : undefined;
    else [xs, ts] = [detach(memory.core, xs), detach(memory.core, ts)];
    const pass = known ?? memory.pass(net.targets!.outputsOf(ts));
    const isCounted =
      timing === undefined ? !pass.needsTime : isOneStep(timing, pass, isPieced || weighting !== undefined);
    const rows = fillUnguarded(net, pass, xs, ts, weighting, known !== undefined, isCounted);
    if (rows === LEVELS || timing !== undefined) {
      return bindTimed(net, pass, rows, timing, weighting, need, true, isPieced);
    }
    writeSlots(net, pass, rows, need, weighting, true, isPieced);
    return { pass, rows };
  } catch (cause) {
    throw unreadable(cause, "bad-shape", "The data");
  } finally {
    memory.reading = false;
  }
}

/**
 * Returns whether data with a timing may have the form of data without steps: one step, of an input, whose targets are no class
 * numbers. Other data, and data with weights or in pieces (`isOther`), is read step by step.
 */
export function isOneStep({ steps }: Timing, { inputs, slots }: Pass, isOther: boolean): boolean {
  const isOne = !isOther && (steps === undefined || steps === 1);
  return isOne && inputs.length > 0 && !slots.some(({ classes }) => classes);
}

/** Writes values to the inputs of the pass over the ancestors of named outputs, or of all. `isPieced` is as in `bind`. */
export function bindInputs(
  net: Bindable,
  xs: unknown,
  outputs: unknown,
  isPieced = false,
  timing?: Timing,
): Bound {
  const { memory } = net;
  memory.reading = true;
  try {
    const values = memory.isLaidOut ? xs : detach(memory.core, xs);
    const pass = memory.pass(outputsOf(net, outputs));
    const isCounted = timing === undefined ? !pass.needsTime : isOneStep(timing, pass, false);
    const rows = fillUnguarded(net, pass, values, undefined, undefined, false, isCounted);
    if (rows === LEVELS || timing !== undefined) {
      return bindTimed(net, pass, rows, timing, undefined, "states", false, isPieced);
    }
    writeSlots(net, pass, rows, "states", undefined, false, isPieced);
    return { pass, rows };
  } catch (cause) {
    throw unreadable(cause, "bad-shape", "The data");
  } finally {
    memory.reading = false;
  }
}

/**
 * Puts values and targets into the slots of a pass. Returns the number of rows, if they are counted (`isCounted`); LEVELS as
 * `fillUnguarded` does.
 */
export function fillSlots(
  net: Bindable,
  pass: Pass,
  xs: unknown,
  ts: unknown,
  weighting: Weighting | undefined,
  isCounted: boolean,
): number {
  const { memory } = net;
  memory.reading = true;
  try {
    return fillUnguarded(net, pass, xs, ts, weighting, false, isCounted);
  } catch (cause) {
    throw unreadable(cause, "bad-shape", "The data");
  } finally {
    memory.reading = false;
  }
}

/** Returns the named outputs, or all. Throws `unknown-layer`, `not-an-output`, `bad-option`. */
export function outputsOf({ topology }: Bindable, outputs: unknown): readonly LayerNode[] {
  if (outputs === undefined) return topology.allOutputs;
  if (Array.isArray(outputs) && outputs.length > 0) return topology.outputsOf(outputs);
  const wanted = "an array of at least one output's name";
  throw new GraphError("bad-option", `The outputs are ${wanted}, not ${show(outputs)}.`);
}

/**
 * Puts data into the slots of a pass, without targets if there are none or their slots are filled (`isFilled`). Returns the
 * number of rows, if they are counted (`isCounted`); LEVELS for data of three levels, and for data that isn't counted.
 */
function fillUnguarded(
  net: Bindable,
  pass: Pass,
  xs: unknown,
  ts: unknown,
  weighting: Weighting | undefined,
  isFilled: boolean,
  isCounted: boolean,
): number {
  const { topology } = net;
  const slots = weighting === undefined ? pass.slots : pass.weightedSlots;
  if (!isRecord(xs)) {
    const wrong = `The inputs' values are an object by inputs' names, not ${show(xs)}`;
    const example = form(topology.inputs, ts === undefined ? undefined : topology.outputs);
    throw new GraphError("missing-input", `${wrong}, as in \`${example}\`.`);
  }
  const inputs = pass.inputs.length;
  const count = ts === undefined ? inputs : pass.slots.length;
  if (!fill(xs, slots, 0, inputs)) {
    if (!namesInOrder(xs, topology.inputs)) checkInputs(topology, xs);
    fillEach(xs, slots, 0, inputs);
  }
  if (count > inputs && !isFilled && !fill(ts as object, slots, inputs, count)) {
    fillEach(ts as object, slots, inputs, count);
  }
  if (!isCounted) return LEVELS;
  let rows = 0;
  for (let i = 0; i < count; i++) {
    const slot = slots[i]!;
    if (slot.isConverted || (weighting !== undefined && i >= inputs)) convert(net, pass, i, rows, weighting);
    const found = rowsOrLevels(slot.data, slot.name, slot.size, slot.also);
    if (found === LEVELS) return found;
    if (i > 0 && found !== rows) throw uneven(slots[0]!.name, rows, slot.name, found, classHint(slot));
    rows = found;
  }
  return rows;
}

/**
 * Allocates room for the rows of a pass, unless a call with steps has it (`hasRoom`). Writes the data from its slots to the
 * matrices. `isPieced` is as in `bind`.
 */
function writeSlots(
  net: Bindable,
  pass: Pass,
  rows: number,
  need: Need,
  weighting: Weighting | undefined,
  hasTargets: boolean,
  isPieced: boolean,
  hasRoom = false,
): void {
  const { memory, targets } = net;
  const { core } = memory;
  const slots = weighting === undefined ? pass.slots : pass.weightedSlots;
  const count = hasTargets ? slots.length : pass.inputs.length;
  if (!hasRoom && pass.times !== undefined) dropSteps(memory, pass);
  const room =
    need === "gradients"
      ? pass.deltaRoom
      : need === "states"
        ? pass.room
        : Math.min(pass.room, pass.targetRoom);
  const stays = isPieced && rows > pass.piece;
  if (!hasRoom && (stays || room < rows || (weighting !== undefined && pass.weightsRoom < rows))) {
    // Memory moves when it grows, and the caller's live views lie there.
    for (let i = 0; i < count; i++) slots[i]!.data = detached(slots[i]!.data, core.buffer);
    if (stays) return;
    if (need === "states") memory.ensure(pass, rows);
    else targets!.training.ensure(pass, rows, need, weighting !== undefined);
  }
  const training = targets?.training;
  if (weighting !== undefined || training?.isWeighted)
    training!.useLossWeights(pass, weighting !== undefined);
  // Looked up once, and again if reading made another graph, which moves the memory.
  let { numbers } = core;
  const { bytes } = core;
  for (let i = 0; i < count; i++) {
    const slot = slots[i]!;
    const { data, matrix, states } = slot;
    slot.data = undefined;
    // Compared word by word, since a lookup by name would cost more than all else here.
    const to = matrix === "input" ? states.input : matrix === "target" ? states.target : states.lossWeights;
    const scaler = matrix === "lossWeights" ? undefined : slot.layer.scaler;
    write(data, slot.name, rows, slot.size, numbers, to / bytes, scaler);
    if (numbers.length > 0) continue;
    enter(data, slot.name, rows, slot.size, core, to, scaler);
    numbers = core.numbers;
  }
}

/** Binds data with steps. That of one step lies in its slots as data without steps does. */
function bindTimed(
  net: Bindable,
  pass: Pass,
  rows: number,
  timing: Timing | undefined,
  weighting: Weighting | undefined,
  need: Need,
  hasTargets: boolean,
  isPieced: boolean,
): Bound {
  const bound = bindSteps(net, pass, rows, timing, weighting, { need, hasTargets, isPieced });
  if (bound.steps === undefined) writeSlots(net, pass, rows, need, weighting, hasTargets, isPieced, true);
  return bound;
}

/** Refuses values for names that are no inputs. */
function checkInputs(topology: Topology, xs: object): void {
  for (const name of Object.keys(xs)) {
    if (topology.find(name)?.kind !== "input") {
      throw topology.unknown(name, "input", namesOf(topology.inputs));
    }
  }
}
