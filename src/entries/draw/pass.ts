// The layers that a program computes, in its order, with their loops.

import { findAcausal, needsTime } from "../../model/time.js";
import type { Drawing, DrawnLayer, DrawnSynapse } from "./drawing.js";

export interface ProgramPass {
  /** Each after its sources, but for a loop's layers, which are neighbours. */
  readonly layers: readonly ProgramLayer[];
  /** Whether the program takes steps: there are delays, an `at` or an input without time. */
  readonly hasSteps: boolean;
  /** Whether a state can continue it. */
  readonly isCausal: boolean;
  /** Returns whether a layer of the drawing is in the program. */
  has(layer: number): boolean;
  /** Returns the place of a layer of the drawing in the program. */
  placeOf(layer: number): number;
}

export interface ProgramLayer {
  readonly drawn: DrawnLayer;
  /** In the core's order of sums: those from outside the loop first; factors in connection order. */
  readonly incoming: readonly DrawnSynapse[];
  /** Of the first layer of a loop: the place after its last one. */
  readonly until: number | undefined;
  /** Of the first layer of a loop: whether it runs from the last step to the first. */
  readonly isReversed: boolean;
  /** Number of earlier steps that a state remembers. */
  readonly depth: number;
}

/** Returns the layers that a drawing's outputs need. Throws `not-an-output`, `unconnected`. */
export function passOf({ topology, layers }: Drawing): ProgramPass {
  const pass = topology.ancestors(topology.allOutputs);
  const { loops } = topology;
  const isCausal = findAcausal(pass, (layer) => loops.timedOf(layer)) === undefined;
  const places = new Map(pass.map(({ index }, place) => [index, place]));
  const depths = new Map<number, number>();
  for (const { index } of isCausal ? pass : []) {
    for (const { from, delay } of layers[index]!.incoming) {
      depths.set(from, Math.max(depths.get(from) ?? 0, delay));
    }
  }
  return {
    layers: pass.map((node, place): ProgramLayer => {
      const drawn = layers[node.index]!;
      const { incoming, join } = drawn;
      const loop = loops.loopOf(node);
      const isFirst = loop !== undefined && loop[0] === node;
      return {
        drawn,
        incoming: join === "product" ? incoming : [...incoming].sort((a, b) => +a.isInside - +b.isInside),
        until: isFirst && loop.length > 1 ? place + loop.length : undefined,
        isReversed: isFirst && loops.isReversed(loop),
        depth: depths.get(node.index) ?? 0,
      };
    }),
    hasSteps: needsTime(pass) || pass.some(({ kind, time }) => kind === "input" && !time),
    isCausal,
    has: (layer) => places.has(layer),
    placeOf: (layer) => places.get(layer)!,
  };
}
