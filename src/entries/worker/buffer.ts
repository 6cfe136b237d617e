// The buffers that are posted with a message, so that they are moved and not copied.

import { isRecord, isTyped } from "../../base/read.js";

/**
 * Returns the buffers of all typed arrays in data that nobody else has: of a graph, or of a dataset by layers' names. Lists of
 * numbers and of rows are not looked into.
 */
export function buffersIn(...data: readonly unknown[]): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const visit = (value: unknown, left: number) => {
    if (isTyped(value)) {
      if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
    } else if (typeof value === "object" && value !== null && left > 0) {
      if (Array.isArray(value) && !isRecord(value[0])) return;
      for (const one of Object.values(value)) visit(one, left - 1);
    }
  };
  for (const one of data) visit(one, 3);
  return [...found];
}
