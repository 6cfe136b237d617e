// Random graphs in PyTorch: ten steps there are those of `fit`, on one process and on two.

import { describe, expect, it } from "vitest";
import { Random, seed } from "../../support/helpers.js";
import { plainTrial, tangledTrial } from "./cases.js";
import { faultsOf, python, required, type Trained, type Trial, trainedHere } from "./trial.js";

/** Draws trials until so many of them can be trained. */
async function drawn(count: number, draw: (random: Random) => Trial, stream: number): Promise<Trained[]> {
  const trials: Trained[] = [];
  for (let i = 0; trials.length < count; i++) {
    const random = new Random(seed * 910_001 + stream * 10_000 + i);
    const trial = await trainedHere(draw(random));
    if (trial !== undefined) trials.push({ ...trial, name: `${trial.name} ${i}` });
  }
  return trials;
}

describe.skipIf(python === undefined && !required)(`PyTorch, PLEXUS_SEED=${seed}`, () => {
  it("trains random graphs as fit does, on one process and on two", async () => {
    expect(await faultsOf(await drawn(60, plainTrial, 0))).toEqual([]);
  });

  it("trains random graphs of shapes and loops as fit does, on one process and on two", async () => {
    expect(await faultsOf(await drawn(60, tangledTrial, 1))).toEqual([]);
  });
});
