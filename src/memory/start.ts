// The start of parameters, which are zeros when they are placed.

import type { Vector } from "../base/read.js";
import type { Start } from "../model/block.js";
import { drawParameters, type Initial, workspace } from "../rules/init.js";
import { matrixOf, type Weights } from "../rules/link.js";
import type { Memory } from "./memory.js";

/** Returns the start of a given bias. */
export function givenValues(memory: Memory, values: Vector): Start {
  return { workspace: 0, write: (at) => memory.core.view(at, values.length).set(values) };
}

/** Returns the start of a gain. */
export function ones(memory: Memory, count: number): Start {
  return { workspace: 0, write: (at) => void memory.core.view(at, count).fill(1) };
}

/** Returns the start of weights, drawn with the graph's seed from a random stream of their own, the stream `number`. */
export function drawn(
  memory: Memory,
  initial: Initial,
  number: number,
  weights: Weights,
  from: number,
  to: number,
): Start {
  const [rows, columns] = matrixOf(weights.shape(from, to));
  const [a, b] = drawParameters(initial, ...weights.fans(from, to));
  const { row, values } = initial;
  return {
    workspace: workspace(initial, rows, columns),
    write(at, workspace) {
      if (values !== undefined) memory.core.view(at, values.length).set(values);
      else if (row.way === undefined) memory.core.view(at, rows * columns).fill(a);
      else memory.core.call.start(row.way, at, rows, columns, memory.seed, number, a, b, workspace);
    },
  };
}
