// Data of more rows than a piece has. A row's bits don't depend on other rows, and the states take a piece's room.

import type { Memory } from "../memory/memory.js";
import type { Bound } from "./bound.js";
import { enter } from "./enter.js";
import { checkFinite, rowsFrom } from "./status.js";

/**
 * Writes the data that `bind` has left in its slots: values of inputs piece by piece, and targets at once by `enterTargets`.
 * Calls `work` for each piece. All data is checked first, so that a refusal has computed nothing.
 */
export function inPieces(
  memory: Memory,
  { pass, rows }: Bound,
  work: (first: number, count: number) => void,
  enterTargets?: () => void,
): void {
  const { piece } = pass;
  memory.ensure(pass, piece);
  memory.read("bad-shape", "The data", () => {
    const enterInputs = (first: number, count: number, isChecked: boolean) => {
      for (const slot of pass.slots.slice(0, pass.inputs.length)) {
        const { data, name, size, states, layer } = slot;
        enter(data, name, count, size, memory.core, states.input, layer.scaler, first);
        if (isChecked) checkFinite(memory, slot, states.input, count, rowsFrom(first));
      }
    };
    const each = (visit: (first: number, count: number) => void) => {
      for (let first = 0; first < rows; first += piece) visit(first, Math.min(piece, rows - first));
    };
    try {
      each((first, count) => enterInputs(first, count, true));
      enterTargets?.();
      each((first, count) => {
        enterInputs(first, count, false);
        work(first, count);
      });
    } finally {
      for (const slot of pass.weightedSlots) slot.data = undefined;
    }
  });
}
