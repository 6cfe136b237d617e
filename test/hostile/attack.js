// Every attack, told in counts: how many of each kind ended in which code. The module's address may have a seed: attack.js?seed=7.

import { Graph } from "../../dist/index.js";
import { Random } from "../support/mulberry.js";
import { pack, unpack } from "../support/tensors.js";
import { graphs } from "./corpus.js";
import { foreign, hostile as hostileForeign } from "./foreign.js";
import { hostile } from "./hostile.js";
import { mutated, mutatedBytes } from "./mutate.js";
import { verdict } from "./verdict.js";

const seed = Number(new URL(import.meta.url).searchParams.get("seed") ?? 20);

/** The mutations of each kind: 100,000 of the two formats together, and more of other libraries' files. */
const MUTATIONS = { json: 30_000, bytes: 30_000, safetensors: 40_000, foreign: 30_000 };

/** @typedef {Record<string, number>} Counts */

/** The fault, and how to repeat it. @type {string[]} */
let failures = [];

/**
 * @param {Counts} counts
 * @param {string} name
 * @param {() => Graph<any, any, any, any>} read
 * @param {string} [wanted]
 */
function attempt(counts, name, read, wanted) {
  try {
    const code = verdict(read);
    counts[code] = (counts[code] ?? 0) + 1;
    if (wanted !== undefined && code !== wanted) failures.push(`${name}: ${code}, not ${wanted}`);
  } catch (error) {
    if (failures.length < 10) failures.push(`${name}: ${error instanceof Error ? error.stack : error}`);
  }
}

/**
 * @param {keyof typeof MUTATIONS} name
 * @param {(random: Random, i: number) => () => Graph<any, any, any, any>} make
 */
function mutations(name, make) {
  /** @type {Counts} */
  const counts = {};
  for (let i = 0; i < MUTATIONS[name]; i++) {
    const read = make(new Random(seed * 1_000_003 + i), i);
    attempt(counts, `mutation ${i} of ${name}, seed ${seed}`, read);
  }
  return counts;
}

export default async function attack() {
  failures = [];
  const files = graphs().map((graph) => ({ json: graph.toJSON(), bytes: graph.save() }));
  /** @template T @param {readonly T[]} list @param {number} i */
  const at = (list, i) => /** @type {T} */ (list[i % list.length]);
  /** @type {Record<string, Counts>} */
  const counts = { hostile: {}, truncated: {} };
  for (const [name, read, code] of [...hostile, ...hostileForeign]) {
    attempt(/** @type {Counts} */ (counts.hostile), name, read, code);
  }
  for (const { bytes } of files) {
    for (let length = 0; length < bytes.length; length++) {
      attempt(
        /** @type {Counts} */ (counts.truncated),
        `the first ${length} bytes`,
        () => Graph.load(bytes.slice(0, length)),
        "bad-file",
      );
    }
  }
  counts.json = mutations("json", (random, i) => {
    const file = mutated(structuredClone(at(files, i).json), random);
    return () => Graph.fromJSON(/** @type {object} */ (file));
  });
  counts.bytes = mutations("bytes", (random, i) => {
    const file = mutatedBytes(at(files, i).bytes, random);
    return () => Graph.load(file);
  });
  counts.safetensors = mutations("safetensors", (random, i) => {
    const { header, data } = unpack(at(files, i).bytes);
    const graph = JSON.parse(header.__metadata__.graph);
    // The description, the entries, or both.
    if (random.chance(0.6)) header.__metadata__.graph = JSON.stringify(mutated(graph, random));
    const changed = random.chance(0.5) ? mutated(header, random) : header;
    const file = pack(JSON.stringify(changed) ?? "", data);
    return () => Graph.load(file);
  });
  counts.foreign = mutations("foreign", (random, i) => {
    const [file, read] = at(foreign, i);
    const changed = mutated(structuredClone(file), random);
    return () => read(changed);
  });
  return { seed, counts, failures, memory: memory() };
}

/** Returns the bytes of the engine's memory, which never shrinks: so it is the most memory ever taken. */
function memory() {
  const graph = new Graph({ inputs: { x: 1 } });
  const { byteLength } = graph.layer("x").bias.buffer;
  graph.dispose();
  return byteLength;
}
