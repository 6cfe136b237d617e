// The memory of a run that threads share. Its maximum is reserved, not used: it is what the run may need, since some hosts refuse
// to reserve more, or keep it for long.

import type { Precision } from "../../base/precision.js";
import { leastPages } from "./instance.js";

const PAGE = 65536;

/** Bytes of a thread's workspace, and of all else that doesn't grow with a run. */
const WORKSPACE = 2 ** 20;
const FIXED = 2 ** 25;

/** Copies of all numbers of a graph: parameters, gradients, three moments, the best, a file of them, and one to move. */
const COPIES = 8;
/** Matrices of a layer, and copies of the rows that have them. */
const MATRICES = 16;

/** Bytes that suffice to begin with: a run without room begins again in a memory of its own. */
const ENOUGH = 2 ** 30;

/** Bytes for batches that are not known before the run. */
const STREAM = 2 ** 30;

/** The parts of a run that its room depends on. */
export interface Needs {
  readonly precision: Precision;
  readonly threads: number;
  /** The graph's data, as `toJSON` returns it. */
  readonly graph: object;
  readonly data: unknown;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Returns a memory that threads can share, of at most so many pages, or undefined where the host has none of the size. */
export function sharedMemory(needs: Needs, pages = PAGE): WebAssembly.Memory | undefined {
  const initial = leastPages(needs.precision);
  const wanted = Math.ceil(bytesFor(needs) / PAGE) + initial;
  const least = Math.min(wanted, ENOUGH / PAGE);
  const most = wanted * 1.25 + (needs.data === undefined ? STREAM / PAGE : 0);
  for (let maximum = Math.min(Math.ceil(most), PAGE); ; maximum = Math.max(least, Math.ceil(maximum / 2))) {
    try {
      return new WebAssembly.Memory({ initial, maximum: Math.min(maximum, pages), shared: true });
    } catch {
      if (maximum === least) return undefined;
    }
  }
}

/** Returns an upper bound of the bytes that a run needs. */
function bytesFor({ threads, graph, data, options }: Needs): number {
  const numbers = bytesIn(graph);
  const given = bytesIn(data) + bytesIn(options);
  const { batchSize } = options;
  const rows = typeof batchSize === "number" && Number.isFinite(batchSize) ? Math.max(batchSize, 64) : 64;
  const states = rows * mostSteps(data) * unitsIn(graph) * 8 * MATRICES;
  return FIXED + threads * (WORKSPACE + numbers) + COPIES * numbers + 3 * given + states * 2;
}

/** Returns the most steps of a sample. */
function mostSteps(data: unknown): number {
  const { steps } = Object(data) as { readonly steps: unknown };
  let most = Number(steps) || 1;
  if (typeof steps === "object" && steps !== null) {
    for (const one of Object.values(steps)) most = Math.max(most, Number(one) || 1);
  }
  return Math.max(1, most);
}

/** Returns the units of all layers of a graph's data. */
function unitsIn(graph: object): number {
  const { layers } = graph as { layers?: unknown };
  if (!Array.isArray(layers)) return 0;
  return layers.reduce((sum: number, { size }: { size: unknown }) => {
    const axes = Array.isArray(size) ? size : [size];
    return sum + axes.reduce((product: number, axis) => product * (Number(axis) || 1), 1);
  }, 0);
}

/** Returns a bound of the bytes of all numbers in some data. */
function bytesIn(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 8;
  if (ArrayBuffer.isView(value)) return 8 * (value as Uint8Array).length;
  let sum = 0;
  for (const one of Object.values(value)) sum += bytesIn(one);
  return sum;
}
