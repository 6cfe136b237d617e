// The characters of a brain.js network, each of which has a unit, and the run that continues a text.

import { show } from "../../base/text.js";
import { type Graph, GraphError } from "../../index.js";
import { array, bad, members, string, whole } from "./read.js";

/**
 * Continues a text until the network ends it or it is `maxPredictionLength` longer. The next character is the most probable one;
 * with `sample` it is drawn from the probabilities. A higher `temperature` makes these more equal. An array has a character, or a
 * word that the network knows, in each element. Throws `bad-option`.
 */
export type BrainRun = (
  input?: string | readonly (string | number | boolean)[],
  sample?: boolean,
  temperature?: number,
) => string;

/** The characters of a network. Unit 0 is the start of an input and the end of an output, unit i + 1 the character i. */
interface Alphabet {
  readonly names: readonly string[];
  readonly indices: ReadonlyMap<string, number>;
  /** Characters by index; null for marks, such as the one between an input and an output. */
  readonly texts: ReadonlyMap<number, string | null>;
  /** Returns the most characters of a text that continues `given` ones. */
  longest(given: number): number;
  /** Whether it is of an early version, which marks the end of an empty input, too, and takes numbers for characters. */
  readonly isFirst: boolean;
}

type Members = Readonly<Record<string, unknown>>;

/** Reads the characters of a network with `units` units; undefined where it has none. Throws `bad-file`. */
export function readAlphabet(file: Members, units: number): Alphabet | undefined {
  const options = members(file.options ?? {}, "options");
  const { dataFormatter, maxPredictionLength } = options;
  if (dataFormatter === undefined || dataFormatter === null) return undefined;
  const path = "options.dataFormatter";
  const formatter = members(dataFormatter, path);
  const characters = array(formatter.characters, `${path}.characters`);
  if (characters.length === 0) return undefined;
  if (characters.length + 1 !== units) {
    throw bad(`${path}.characters`, `has ${characters.length} characters for ${units} units`);
  }
  const indices = Object.entries(members(formatter.indexTable, `${path}.indexTable`));
  const texts = Object.entries(members(formatter.characterTable, `${path}.characterTable`));
  const specials = array(formatter.specialIndexes ?? [], `${path}.specialIndexes`);
  const most = whole(maxPredictionLength ?? 100, "options.maxPredictionLength", 0);
  return {
    names: ["", ...characters.map((one, i) => word(one, `${path}.characters[${i}]`))],
    indices: new Map(
      indices.map(([name, index]) => {
        return [name, whole(index, `${path}.indexTable[${show(name)}]`, 0, characters.length - 1)] as const;
      }),
    ),
    texts: new Map(
      texts.map(([index, text]) => {
        const place = `${path}.characterTable[${show(index)}]`;
        return [Number(index), text === null ? null : word(text, place)] as const;
      }),
    ),
    // Before version 1.4 the length is that of the whole text.
    longest: (given) => (maxPredictionLength === undefined ? most : most + given + specials.length),
    isFirst: file.trainOpts === undefined,
  };
}

/** Returns a character as text: networks over numbers have those. */
function word(value: unknown, path: string): string {
  return typeof value === "number" || typeof value === "boolean" ? String(value) : string(value, path);
}

/** Returns the run of a network over characters, which takes the graph as it is at each call. */
export function runner(graph: Graph, alphabet: Alphabet): BrainRun {
  return (input = "", sample = false, temperature = 1) => {
    if (!(Number.isFinite(temperature) && temperature > 0)) {
      throw new GraphError(
        "bad-option",
        `The temperature is a finite number above 0, not ${show(temperature)}.`,
      );
    }
    const given = encode(input, alphabet);
    const longest = alphabet.longest(input.length);
    const state = graph.state();
    const xs = new Float64Array(alphabet.names.length);
    const found: number[] = [];
    for (let i = 0; i < longest; i++) {
      // As in brain.js, the last given character is left to the network's guess.
      const unit = i === 0 ? 0 : i < given.length ? given[i - 1]! + 1 : found[i - 1]!;
      xs.fill(0);
      xs[unit] = 1;
      const probabilities = graph.predict({ input: xs }, { state }).output!;
      const next = sample ? draw(probabilities, temperature) : largest(probabilities);
      if (next === 0 || i + 1 === longest) break;
      found.push(next);
    }
    return found
      .slice(given.length)
      .map((unit) => alphabet.texts.get(unit - 1) ?? "")
      .join("");
  };
}

/** Returns the indices of a text's characters. Throws `bad-option` for a character that the network doesn't know. */
function encode(input: unknown, { indices, isFirst, names }: Alphabet): number[] {
  if (typeof input !== "string" && !Array.isArray(input)) {
    throw new GraphError(
      "bad-option",
      `\`run\` takes a text, or an array of characters, not ${show(input)}.`,
    );
  }
  const parts: readonly unknown[] = typeof input === "string" ? input.split("") : input;
  if (!isFirst && parts.length === 0) return [];
  if (!isFirst && typeof parts[0] === "number" && Array.isArray(input)) {
    return parts.map((part) => {
      if (Number.isInteger(part) && (part as number) >= 0 && (part as number) < names.length - 1)
        return part as number;
      throw new GraphError(
        "bad-option",
        `${show(part)} is no index of a character: there are ${names.length - 1}.`,
      );
    });
  }
  const marks = indices.has("stop-input") ? ["stop-input", "start-output"] : [];
  return [...parts, ...marks].map((part) => {
    const isWord = typeof part === "string" || typeof part === "number" || typeof part === "boolean";
    const index = isWord ? (indices.get(String(part)) ?? indices.get("unrecognized")) : undefined;
    if (index !== undefined) return index;
    throw new GraphError("bad-option", `The network doesn't know the character ${show(part)}.`);
  });
}

/** Returns the index of the largest number, the last one of several. */
function largest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! >= values[best]!) best = i;
  return best;
}

/** Draws an index by probabilities, which a temperature above 1 makes more equal. */
function draw(probabilities: ArrayLike<number>, temperature: number): number {
  const most = Math.max(...Array.from(probabilities));
  const shares = Array.from(probabilities, (one) => (one / most) ** (1 / temperature));
  let left = Math.random() * shares.reduce((a, b) => a + b, 0);
  for (const [i, share] of shares.entries()) {
    left -= share;
    if (left < 0) return i;
  }
  return shares.length - 1;
}
