// First sketches learn their data: the same accuracy on every machine, since all bits are the same.

import { describe, expect, it } from "vitest";
import { check } from "../playground/model/build.ts";
import type { DataSketch } from "../playground/model/sketch.ts";
import { firstData, starter } from "../playground/model/starter.ts";
import { lessonOf, opened } from "./support/host.ts";

/** Returns the score of a first sketch after some steps, without the sketch's place in time. */
async function learnt(data: DataSketch, steps: number) {
  const sketch = starter(data, await lessonOf(data));
  const session = await opened({ ...sketch, steps });
  try {
    return session.score().heldOut!;
  } finally {
    session.dispose();
  }
}

describe("first sketches", () => {
  it.each(["circles", "xor", "gauss", "spirals"] as const)(
    "learn %s to over 95 %% of held-out points",
    async (name) => {
      const { accuracy } = await learnt({ ...firstData.plane, name }, 1500);
      expect(accuracy).toBeGreaterThan(0.95);
    },
  );

  it("learn irises to over 95 % of held-out flowers", async () => {
    expect((await learnt(firstData.iris, 500)).accuracy).toBeGreaterThan(0.95);
  });

  it("learn handwritten digits to over 95 % of held-out ones in ten epochs", async () => {
    expect((await learnt(firstData.digits, 500)).accuracy).toBeGreaterThan(0.95);
  });

  it.each(["sin(x) + x / 4", "abs(x)", "exp(x/2)"])("fit %s to 3 %% of its variance", async (formula) => {
    expect((await learnt({ ...firstData.curve, formula }, 2500)).cost).toBeLessThan(0.03);
  });

  it.each(["sine", "beats", "logistic"] as const)("predict the series %s", async (name) => {
    expect((await learnt({ ...firstData.series, name, noise: 0.01 }, 1000)).mae).toBeLessThan(0.06);
  });

  it("learn characters, of which most follow from the text before", async () => {
    expect((await learnt(firstData.characters, 200)).accuracy).toBeGreaterThan(0.8);
  });

  it("are graphs that the engine takes", async () => {
    for (const data of Object.values(firstData).filter(({ kind }) => kind !== "table")) {
      expect(check(starter(data, await lessonOf(data)))).toBeUndefined();
    }
  });
});
