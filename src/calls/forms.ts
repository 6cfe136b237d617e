// Data in other forms than rows of numbers: nested samples of layers with shapes, and class numbers.

import { unfold } from "../base/nested.js";
import { bad } from "../base/read.js";
import type { Pass, Slot } from "../memory/pass.js";
import type { Bindable } from "./bound.js";
import { readClasses } from "./classes.js";
import type { Weighting } from "./weighting.js";

/** Turns nested samples in a slot to rows. Throws `bad-shape`. */
export function unfoldSlot(slot: Slot): void {
  const { name, size, nests, also } = slot;
  slot.data = unfold(slot.data, nests, (fault) => bad(name, fault, size, "", also));
}

/**
 * Converts the data in slot `i` of a pass, of `rows` samples: nested samples to rows, class numbers to targets, and masked
 * targets to zeros. Checks the class numbers of an input.
 */
export function convert(
  { targets }: Bindable,
  pass: Pass,
  i: number,
  rows: number,
  weighting: Weighting | undefined,
): void {
  const slot = pass.slots[i]!;
  unfoldSlot(slot);
  if (slot.matrix === "target") {
    targets!.convert(slot, rows, weighting, pass.weightedSlots[i + pass.outputs.length]);
  } else if (slot.layer.classes !== undefined) readClasses(slot, slot.layer.classes);
}
