// Every public call with hostile values: it ends in a GraphError with nothing changed, or succeeds. Nothing else is known.

import { GraphError } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { Random, seed } from "../../support/helpers.js";
import { type Call, calls } from "./calls.js";
import { stepCalls } from "./steps.js";
import { foreign, Thrown, values } from "./values.js";
import { World } from "./world.js";

const random = new Random(seed);
const all = [...values, ...Object.entries(await foreign())];

/** Tries a call with a value. Returns the fault of its end, if there is one. */
async function trial(world: World, call: Call, make: (typeof all)[number][1]): Promise<string | undefined> {
  let isRefused = false;
  const value = make(call.sound(world), world);
  try {
    await call.call(world, value);
  } catch (error) {
    // An error of the caller's function, or of a function that can't be called, comes out as it is.
    const isOwn = call.isCallback === true && (error instanceof Thrown || typeof value === "function");
    if (!isOwn && !(error instanceof GraphError)) return `threw ${told(error)}`;
    isRefused = !isOwn;
  }
  return world.verdict(isRefused);
}

/** Returns an error as text, even if it throws when it is read. */
function told(error: unknown): string {
  try {
    return (error as Error | null)?.stack ?? String(error);
  } catch {
    return "an object that can't be read";
  }
}

describe(`hostile values end in a GraphError with nothing changed, or are taken, PLEXUS_SEED=${seed}`, () => {
  it.each([...calls, ...stepCalls])("$name", { timeout: 300_000 }, async (call) => {
    const failures: string[] = [];
    let world = new World(true, call.isLooped);
    // Calls that are refused leave a world as it was: it serves the next one, and must work in the end.
    for (const [name, make] of all) {
      const wrong = await trial(world, call, make);
      if (wrong !== undefined) failures.push(`${name}: ${wrong.slice(0, 600)}`);
      if (wrong === undefined && !world.isSpent) continue;
      world.dispose();
      world = new World(random.chance(0.7), call.isLooped);
    }
    const wrong = world.works();
    if (wrong !== undefined) failures.push(`after refusals: ${wrong}`);
    world.dispose();
    expect(failures).toEqual([]);
  });
});
