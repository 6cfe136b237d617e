// A reader of sketches from outside, out of a link or a file: checks the form of all members. The engine checks their meaning.

import { Refused } from "./refusal.ts";
import type { DataSketch, LayerSketch, Settings, Sketch, SynapseSketch } from "./sketch.ts";

/** Most layers, synapses and columns of a sketch, and most changes of settings. */
const MOST = 1000;
const MOST_CHANGES = 10_000;

/** Most levels of an option, such as of pairs of numbers. */
const DEEPEST = 8;

/** Reads a value at a path, or throws. */
type Reader<T> = (value: unknown, path: string) => T;

function wrong(path: string, wanted: string): Refused {
  return new Refused("bad-link", `The playground takes no such sketch: ${path} is not ${wanted}.`);
}

const text: Reader<string> = (value, path) => {
  if (typeof value === "string") return value;
  throw wrong(path, "a text");
};

function number(least: number, most: number, isWhole = false): Reader<number> {
  const wanted = `${isWhole ? "a whole number" : "a number"} from ${least} to ${most}`;
  return (value, path) => {
    const isFine = typeof value === "number" && value >= least && value <= most;
    if (isFine && (!isWhole || Number.isInteger(value))) return value;
    throw wrong(path, wanted);
  };
}

function oneOf<const T extends string>(...names: readonly T[]): Reader<T> {
  return (value, path) => {
    const found = names.find((name) => name === value);
    if (found !== undefined) return found;
    throw wrong(path, `one of ${names.join(", ")}`);
  };
}

/** Reads a list of at most so many members of a name. */
function list<T>(read: Reader<T>, noun: string, most = MOST): Reader<T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw wrong(path, "a list");
    if (value.length > most) {
      const [found, bound] = [value.length, most].map((count) => count.toLocaleString("en"));
      throw new Refused("bad-link", `The sketch has ${found} ${noun}; ${bound} are the most.`);
    }
    return value.map((one, place) => read(one, `${path}[${place}]`));
  };
}

function members(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw wrong(path, "an object");
}

/** Reads options of the engine, which checks them itself but for the levels. */
const options: Reader<Readonly<Record<string, unknown>>> = (value, path) => {
  checkLevels(value, path, DEEPEST);
  return members(value, path);
};

function checkLevels(value: unknown, path: string, left: number): void {
  if (typeof value !== "object" || value === null) return;
  if (left === 0) throw wrong(path, `of at most ${DEEPEST} levels`);
  for (const one of Object.values(value)) checkLevels(one, path, left - 1);
}

/** Reads an object by a reader for each of its members; unknown ones are left out. */
function object<T extends object>(readers: { readonly [K in keyof T]-?: Reader<T[K]> }): Reader<T> {
  return (value, path) => {
    const given = members(value, path);
    const read = Object.entries(readers).map(([name, reader]) => [
      name,
      (reader as Reader<unknown>)(Object.hasOwn(given, name) ? given[name] : undefined, `${path}.${name}`),
    ]);
    return Object.fromEntries(read) as T;
  };
}

const seed = number(0, 2 ** 32 - 1, true);
const share = number(0, 0.9);
const noise = number(0, 1);
const place = number(-1e6, 1e6);

const size: Reader<number | readonly number[]> = (value, path) => {
  const whole = number(1, 2 ** 20, true);
  return Array.isArray(value) ? list(whole, "extents of a layer")(value, path) : whole(value, path);
};

const layer = object<LayerSketch>({
  name: text,
  kind: oneOf("input", "hidden", "output"),
  size,
  options,
  x: place,
  y: place,
});

const synapse = object<SynapseSketch>({ from: text, to: text, options });

const optimizer: Reader<Settings["optimizer"]> = (value, path) => {
  const given = members(value, path);
  for (const [name, option] of Object.entries(given)) {
    if (typeof option === "object") throw wrong(`${path}.${name}`, "a number, a name or a truth value");
  }
  return {
    ...given,
    name: text(given.name, `${path}.name`),
    rate: number(0, Number.MAX_VALUE)(given.rate, `${path}.rate`),
  };
};

const settings = object<Settings>({
  optimizer,
  batchSize: number(1, 1e5, true),
  dropout: number(0, 1),
  l1: number(0, 1e6),
  l2: number(0, 1e6),
});

const steps = number(0, 1e9, true);
const names = list(text, "columns");

/** Readers of data by kind, without the kind. */
const kinds: { readonly [K in DataSketch["kind"]]: Reader<object> } = {
  plane: object({ name: oneOf("circles", "xor", "spirals", "gauss"), noise, share, seed }),
  curve: object({ formula: text, noise, share, seed }),
  digits: object({ count: number(10, 2000, true), share, seed }),
  iris: object({ share, seed }),
  series: object({ name: oneOf("sine", "beats", "logistic"), noise, share, seed }),
  characters: object({ text, steps: number(1, 1000, true), share, seed }),
  table: object({
    text,
    inputs: names,
    outputs: names,
    classes: names,
    scaling: oneOf("standard", "none"),
    share,
    seed,
  }),
  none: object({}),
};

const data: Reader<DataSketch> = (value, path) => {
  const kind = oneOf(...(Object.keys(kinds) as DataSketch["kind"][]))(
    members(value, path).kind,
    `${path}.kind`,
  );
  return { kind, ...kinds[kind](value, path) } as DataSketch;
};

const whole = object<Omit<Sketch, "version" | "start" | "flow">>({
  layers: list(layer, "layers"),
  synapses: list(synapse, "synapses"),
  data,
  seed,
  precision: oneOf("float64", "float32"),
  settings,
  changes: list(object({ step: steps, settings }), "changes of settings", MOST_CHANGES),
  steps,
});

/** Throws `bad-link` unless changes come in the order of their steps, up to the sketch's last one. */
function checkOrder({ changes, steps: last }: Pick<Sketch, "changes" | "steps">): void {
  let before = 0;
  for (const [place, { step }] of changes.entries()) {
    before = number(before, last, true)(step, `sketch.changes[${place}].step`);
  }
}

/** Reads a sketch. Throws `bad-link` with the first member that is wrong, or that exceeds a bound. */
export function readSketch(value: unknown): Sketch {
  const given = members(value, "it");
  if (given.version !== 1) {
    const found = typeof given.version === "number" ? given.version : "of no number";
    throw new Refused("bad-link", `The sketch has the version ${found}; this page reads version 1.`);
  }
  const start = given.start === undefined ? {} : { start: text(given.start, "sketch.start") };
  const flow = given.flow === undefined ? {} : { flow: oneOf("down")(given.flow, "sketch.flow") };
  const read = whole(given, "sketch");
  checkOrder(read);
  return { version: 1, ...read, ...start, ...flow };
}
