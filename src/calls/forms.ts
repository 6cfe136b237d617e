// Data in other forms than rows of numbers: nested samples of layers with shapes, and class numbers.

import { unfold } from "../base/nested.js";
import { bad, LEVELS } from "../base/read.js";
import type { Slot } from "../memory/pass.js";
import { readClasses } from "./classes.js";
import type { Targets } from "./targets.js";
import type { Weighting } from "./weighting.js";

/** Turns nested samples in a slot to rows. Throws `bad-shape`. */
function unfoldSlot(slot: Slot): void {
  const { name, size, nests, also } = slot;
  slot.data = unfold(slot.data, nests, (fault) => bad(name, fault, size, "", also));
}

/** Turns nested samples in the first `count` slots to rows, for a call that may have steps. Returns LEVELS. */
export function unfoldSlots(slots: readonly Slot[], count: number): number {
  for (let i = 0; i < count; i++) unfoldSlot(slots[i]!);
  return LEVELS;
}

/**
 * Converts the data of a slot: nested samples to rows, class numbers to targets, and masked targets to zeros. Checks the class
 * numbers of an input. `weights` is the slot of the loss weights, if there are any.
 */
export function convert(
  slot: Slot,
  rows: number,
  targets: Targets | undefined,
  weighting: Weighting | undefined,
  weights: Slot | undefined,
): void {
  unfoldSlot(slot);
  if (slot.matrix === "target") targets!.convert(slot, rows, weighting, weights);
  else if (slot.layer.classes !== undefined) readClasses(slot, slot.layer.classes);
}
