// Room for a pass with steps, and the steps of a call in the record of its pass.

import { BLOCK_SAMPLES, PassWord, Path } from "../../assembly/abi.js";
import { depthOf } from "../model/time.js";
import type { Memory } from "./memory.js";
import type { Need, Pass } from "./pass.js";
import type { Times } from "./times.js";

/**
 * Takes room for a pass forward with steps, and for the values before the first one; of a state, if `isStateful`. Throws
 * `out-of-memory`.
 */
export function ensureSteps({ states }: Memory, pass: Pass, times: Times, isStateful: boolean): void {
  const { samples } = times;
  if (!pass.hasRoom("state", times)) {
    states.enlarge(pass.layers, pass.rowsBy(times), "state");
    states.enlarge(pass.layers, Math.min(samples, BLOCK_SAMPLES), "past");
    pass.tookRoom("state", times);
    pass.room = Math.max(samples, pass.room);
  }
  if (isStateful && !pass.hasRoom("past", times)) {
    states.enlarge(pass.layers, (layer) => depthOf(layer) * samples, "past");
    pass.tookRoom("past", times);
  }
}

/** Returns whether a pass has room for a call with steps, so that the memory won't move. */
export function hasRoomFor(
  pass: Pass,
  times: Times,
  need: Need,
  isWeighted: boolean,
  isStateful: boolean,
): boolean {
  return (
    bytesOf(times) <= pass.steps.bytes &&
    pass.hasRoom("state", times) &&
    (need === "states" || pass.hasRoom("target", times)) &&
    (need !== "gradients" || (pass.deltaRoom > 0 && pass.hasRoom("delta", times))) &&
    (!isWeighted || pass.hasRoom("lossWeights", times)) &&
    (!isStateful || pass.hasRoom("past", times))
  );
}

/** Returns the bytes of the words of some steps, and of the order of their samples. */
function bytesOf({ words, order }: Times): number {
  return (words.length + (order?.length ?? 0)) * 4;
}

/**
 * Writes the steps of a call to the record of its pass. `isStateful`: values before the first step are those of a state.
 * Throws `out-of-memory`.
 */
export function useSteps(memory: Memory, pass: Pass, times: Times, isStateful: boolean): void {
  const { steps } = pass;
  if (steps.times !== times) write(memory, pass, times);
  const { u32 } = memory.core;
  const at = pass.record >>> 2;
  u32[at + PassWord.times] = steps.at;
  u32[at + PassWord.stateful] = isStateful ? 1 : 0;
  u32[at + PassWord.order] = times.order === undefined ? 0 : steps.at + times.words.length * 4;
  u32[at + PassWord.path] = Path.general;
  pass.times = times;
}

/** Takes the steps of the last call from the record of its pass. */
export function dropSteps({ core }: Memory, pass: Pass): void {
  if (pass.times === undefined) return;
  pass.times = undefined;
  const at = pass.record >>> 2;
  for (const word of [PassWord.times, PassWord.stateful, PassWord.order]) core.u32[at + word] = 0;
  core.u32[at + PassWord.path] = pass.path;
}

/** Writes the words of some steps, and the order of their samples, to a block of the pass. */
function write({ arena, core }: Memory, pass: Pass, times: Times): void {
  const { steps } = pass;
  const { words, order } = times;
  const bytes = bytesOf(times);
  if (bytes > steps.bytes) {
    const block = arena.alloc(bytes, "the steps of a call");
    if (steps.bytes > 0) pass.blocks.splice(pass.blocks.indexOf(steps.at), 1);
    arena.free(steps.at);
    pass.blocks.push(block);
    steps.at = block;
    steps.bytes = bytes;
  }
  core.u32.set(words, steps.at >>> 2);
  if (order !== undefined) core.u32.set(order, (steps.at >>> 2) + words.length);
  steps.times = times;
}
