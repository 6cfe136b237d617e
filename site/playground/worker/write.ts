// Continues a text, character by character, with the graph of a lesson of characters.

import { exp, log } from "../data/maths.ts";
import { Random } from "../data/random.ts";
import { Refused } from "../model/refusal.ts";
import type { Order } from "./message.ts";
import type { Session } from "./session.ts";

/** Returns a text with `count` further characters. Characters that the lesson lacks are left out of the start. */
export function write(
  { graph, lesson, step }: Session,
  { text, count, temperature }: Extract<Order, { readonly kind: "write" }>,
): string {
  const [input] = lesson.inputs;
  const output = lesson.outputs.find(
    ({ labels, goal }) => goal === "classes" && labels.length === input?.size,
  );
  if (input === undefined || output === undefined || lesson.steps === undefined) {
    throw new Refused("bad-data", "Only a graph that learns characters writes.");
  }
  const random = new Random(step);
  const state = graph.state();
  const next = (character: number) => {
    const x = new Float64Array(input.size);
    x[character] = 1;
    return graph.predict({ [input.name]: x }, { state, outputs: [output.name] })[output.name]!;
  };
  let written = "";
  let shares: ArrayLike<number> = new Float64Array(input.size).fill(1);
  for (const character of text) {
    const place = input.labels.indexOf(character);
    if (place >= 0) shares = next(place);
    written += character;
  }
  for (let k = 0; k < count; k++) {
    const place = drawn(shares, temperature, random);
    written += input.labels[place]!;
    shares = next(place);
  }
  return written;
}

/** Returns the place of the largest share, or draws one by the shares to the power of 1 / temperature. */
function drawn(shares: ArrayLike<number>, temperature: number, random: Random): number {
  const all = Array.from(shares);
  if (!(temperature > 0)) return all.indexOf(Math.max(...all));
  const powers = all.map((share) => (share > 0 ? exp(log(share) / temperature) : 0));
  let left = random.uniform() * powers.reduce((a, b) => a + b, 0);
  for (const [place, power] of powers.entries()) {
    left -= power;
    if (left < 0) return place;
  }
  return all.indexOf(Math.max(...all));
}
