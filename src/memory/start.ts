// The start of parameters, which are zeros when they are placed.

import type { Vector } from "../base/read.js";
import type { Start } from "../model/block.js";
import { drawParameters, type Initial, workspace } from "../rules/init.js";
import { type Joined, matrixOf, type Weights } from "../rules/link.js";
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
  joined: Joined,
): Start {
  const [rows, columns] = matrixOf(weights.shape(joined));
  const count = rows * columns;
  const { row, values } = initial;
  const { pattern } = joined;
  const isByDegree = pattern !== undefined && row.square !== undefined;
  const [a, b] = drawParameters(initial, ...weights.fans(joined));
  return {
    workspace: isByDegree ? count * 8 : workspace(initial, rows, columns),
    write(at, workspace) {
      const { core, seed } = memory;
      if (values !== undefined) core.view(at, values.length).set(values);
      else if (row.way === undefined) core.view(at, count).fill(a);
      else {
        if (isByDegree)
          new Float64Array(core.buffer, workspace, count).set(reaches(initial, joined, pattern));
        core.call.start(row.way, at, rows, columns, seed, number, a, b, workspace, isByDegree ? 1 : 0);
      }
    },
  };
}

/** Returns the limit or the deviation of each weight of a pattern, by the degrees of its units. */
function reaches(initial: Initial, { from, to }: Joined, pattern: Uint32Array): Float64Array {
  const [outOf, into] = [new Uint32Array(from.size), new Uint32Array(to.size)];
  for (let i = 0; i < pattern.length; i += 2) {
    outOf[pattern[i]!]!++;
    into[pattern[i + 1]!]!++;
  }
  return Float64Array.from(
    { length: pattern.length / 2 },
    (_, i) => drawParameters(initial, into[pattern[2 * i + 1]!]!, outOf[pattern[2 * i]!]!)[1],
  );
}
