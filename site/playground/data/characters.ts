// A text, of which each next character is to be predicted.

import type { Lesson } from "../model/lesson.ts";
import { Refused } from "../model/refusal.ts";
import { dealt, type Example } from "./rows.ts";

/** Most characters of a text, and most different ones. */
const LONGEST = 20000;
const MOST_KINDS = 96;

/** Returns the characters that occur in a text, sorted. */
function alphabetOf(text: string): string[] {
  return [...new Set(text)].sort();
}

/** Returns the lesson of a text: rows of `steps` characters, each one-hot, with the next character as its class. */
export function characters(text: string, steps: number, share: number, seed: number): Lesson {
  const all = Array.from(text);
  const alphabet = alphabetOf(text);
  const size = alphabet.length;
  if (all.length > LONGEST)
    throw new Refused("bad-data", `The text has ${all.length} characters; ${LONGEST} are the most.`);
  if (size > MOST_KINDS)
    throw new Refused("bad-data", `The text has ${size} different characters; ${MOST_KINDS} are the most.`);
  if (size < 2) throw new Refused("bad-data", "The text needs at least two different characters.");
  if (all.length < steps + 2)
    throw new Refused("bad-data", `The text needs at least ${steps + 2} characters.`);
  const codes = all.map((character) => alphabet.indexOf(character));
  const spread = (from: number) => {
    const values = new Float64Array(steps * size);
    for (let step = 0; step < steps; step++) values[step * size + codes[from + step]!] = 1;
    return values;
  };
  const examples: Example[] = [];
  // Windows overlap by half, so that short texts have several.
  for (let from = 0; from + steps < all.length; from += Math.max(1, steps >> 1)) {
    examples.push({ x: spread(from), t: spread(from + 1) });
  }
  return {
    inputs: [{ name: "x", size, shape: [size], labels: alphabet }],
    outputs: [{ name: "y", size, goal: "classes", labels: alphabet }],
    ...dealt(examples, share, seed),
    steps,
    scalers: {},
    bounds: alphabet.map(() => [0, 1] as const),
  };
}
