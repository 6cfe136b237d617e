// The courses of a drawing's synapses between its rows of boxes.

import { ordered } from "../../base/order.js";
import { type Drawing, type DrawnSynapse, returns } from "./drawing.js";

/**
 * The course of a synapse: down to a later row, up to an earlier one, aside in its own row, or round its own box. Synapses
 * that return rank no layers, so that a loop isn't stretched.
 */
export type Course = "down" | "up" | "aside" | "round";

/** Returns the row of each layer, as early as possible: below the sources of synapses that don't return. */
function rowsOf({ layers }: Drawing): number[] {
  const sources = (layer: number) => {
    return layers[layer]!.incoming.filter((synapse) => !returns(synapse)).map(({ from }) => from);
  };
  const rows = layers.map(() => 0);
  for (const layer of ordered(layers.keys(), sources)) {
    for (const source of sources(layer)) rows[layer] = Math.max(rows[layer]!, rows[source]! + 1);
  }
  return rows;
}

function courseOf(synapse: DrawnSynapse, rows: readonly number[]): Course {
  const { from, to } = synapse;
  if (!returns(synapse)) return "down";
  if (from === to) return "round";
  const [source, target] = [rows[from]!, rows[to]!];
  return source < target ? "down" : source > target ? "up" : "aside";
}

/** Returns the courses of all synapses, and the rows that they pass in all. */
export function coursesOf(drawing: Drawing): { courses: readonly Course[]; passed: number } {
  const rows = rowsOf(drawing);
  const { synapses } = drawing;
  return {
    courses: synapses.map((synapse) => courseOf(synapse, rows)),
    passed: synapses.reduce((sum, { from, to }) => sum + Math.abs(rows[to]! - rows[from]!), 0),
  };
}
