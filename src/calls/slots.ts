// Slots of a pass, filled from what a caller named in another order, or beside other names; and the refusals of that.

import { GraphError } from "../base/error.js";
import { isFlat } from "../base/read.js";
import { show } from "../base/text.js";
import type { Slot } from "../memory/pass.js";
import type { LayerNode } from "../model/node.js";

/** Whether an object names some layers in their order, and nothing else: told without making a list of its names. */
export function names(given: object, layers: readonly LayerNode[]): boolean {
  let next = 0;
  for (const name in given) {
    if (next === layers.length || layers[next]!.name !== name || !Object.hasOwn(given, name)) return false;
    next++;
  }
  return next === layers.length;
}

/** Puts an object's own values into slots, in whatever order it names them. Throws `missing-input`, `missing-target`. */
export function fillEach(given: object, slots: readonly Slot[], from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const slot = slots[i]!;
    slot.data = Object.hasOwn(given, slot.name) ? (given as Record<string, unknown>)[slot.name] : undefined;
    if (slot.data === undefined) throw missing(slot);
  }
}

function missing(slot: Slot): GraphError {
  const name = show(slot.name);
  return slot.matrix === "input"
    ? new GraphError("missing-input", `There are no values for the input ${name}, which is needed.`)
    : new GraphError("missing-target", `There is no target for the output ${name}.`);
}

/** The error of data that has other rows than that of the first slot. */
export function uneven(
  first: string,
  rows: number,
  { name, classes, data }: Slot,
  found: number,
): GraphError {
  const counts = `${show(first)} has ${rows} and ${show(name)} ${found}`;
  const numbers = `; as class numbers its ${(data as { length: number }).length} values would be a row each`;
  const flat = classes && isFlat(data, (data as { length: number }).length);
  return new GraphError(
    "bad-shape",
    `All names of a call have as many rows, but ${counts}${flat ? numbers : ""}.`,
  );
}
