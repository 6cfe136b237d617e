// Fills the slots of a pass from an object with its names in another order, or with further names. Refuses uneven data.

import { GraphError } from "../base/error.js";
import { show } from "../base/text.js";
import type { Slot } from "../memory/pass.js";
import type { LayerNode } from "../model/node.js";
import { isFlat } from "./classes.js";

/** Returns whether an object names some layers in their order, and nothing else. Makes no list of its names. */
export function namesInOrder(given: object, layers: readonly LayerNode[]): boolean {
  let next = 0;
  for (const name in given) {
    if (next === layers.length || layers[next]!.name !== name || !Object.hasOwn(given, name)) return false;
    next++;
  }
  return next === layers.length;
}

/** Puts an object's own values into slots, in any order of its names. Throws `missing-input`, `missing-target`. */
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

/** Returns the error for data with another number of rows than the first data of the call. */
export function uneven(first: string, rows: number, name: string, found: number, hint = ""): GraphError {
  const counts = `${show(first)} has ${rows} and ${show(name)} ${found}`;
  return new GraphError("bad-shape", `All names of a call have as many rows, but ${counts}${hint}.`);
}

/** Returns the hint that a slot's data would fit as class numbers; an empty one for other data. */
export function classHint({ classes, parts, data }: Slot): string {
  const { length } = data as { length: number };
  return classes && parts === 1 && isFlat(data, length)
    ? `; as class numbers its ${length} values would be a row each`
    : "";
}
