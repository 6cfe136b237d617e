// Sets parameters from tensors by name: the names of a Plexus file, or others that the caller maps to them.

import { GraphError } from "../base/error.js";
import { flag, isObject, options } from "../base/options.js";
import { isRecord, type Vector } from "../base/read.js";
import { nearest, show } from "../base/text.js";
import { blockOf, layerTensors, mapTensors, synapseTensors } from "../memory/tensor.js";
import { checkValues, type Place, readValues } from "../memory/values.js";
import type { Block } from "../model/block.js";
import { matrixOf } from "../rules/link.js";
import { biasesOf, product, type Shape } from "../rules/shape.js";
import type { Network } from "./network.js";

/** Most dimensions of a tensor, as in safetensors. */
const MOST_DIMENSIONS = 64;

/** A caller's tensor, as it was read; a vector has one dimension. */
interface GivenTensor {
  /** Its name in the caller's record, and in this graph. */
  readonly name: string;
  readonly to: string;
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** Parameters of the graph that a tensor can set, or connections and units, which it must repeat. */
interface Settable {
  readonly what: string;
  readonly shape: readonly number[];
  readonly block?: Block;
  readonly repeated?: Uint32Array | Int32Array | undefined;
  /** Whether other programs have it as (to, from, ...kernel). */
  readonly turns?: boolean;
  /** Whether it is the bias of a layer without one: zeros, in files too. */
  readonly isAbsent?: boolean;
}

/** Assigns a caller's tensors, all of them or none. Returns the used names. */
export function assign(net: Network, given: unknown, chosen: unknown): string[] {
  const { transpose = false, map } = options(chosen, ["map", "transpose"], "assign");
  const turned = flag(transpose, "transpose", "assign");
  if (map !== undefined && typeof map !== "function") {
    throw new GraphError("bad-option", `\`map\` of assign is a function of a name, not ${show(map)}.`);
  }
  const tensors = readTensors(given, map as ((name: string) => unknown) | undefined);
  const { memory } = net;
  memory.idle();
  const targets = targetsOf(net);
  const taken = new Map<string, string>();
  const writes = tensors.flatMap(({ name, to, shape, values }) => {
    const target = targets.get(to);
    if (target === undefined) {
      // The file of a trained graph also has the optimizer's moments.
      const [, moment] = /^optimizer\.[a-z]+\.(.*)$/s.exec(to) ?? [];
      if (moment !== undefined && targets.has(moment)) return [];
      throw unknown(name, to, [...targets.keys()], map !== undefined);
    }
    if (taken.has(to)) {
      const both = `${show(taken.get(to))} and ${show(name)}`;
      throw new GraphError("bad-option", `\`map\` gives ${show(to)} for both ${both}.`);
    }
    taken.set(to, name);
    const isTurned = turned && target.turns === true;
    const wanted = isTurned ? turnedShape(target.shape) : target.shape;
    if (`${shape}` !== `${wanted}`) throw misshapen(name, shape, wanted, target, isTurned);
    const ordered = isTurned ? transposed(values, target.shape) : values;
    const { what, repeated, block } = target;
    if (repeated !== undefined && ordered.some((value, i) => value !== repeated[i])) {
      throw new GraphError("bad-option", `The tensor ${show(name)} is not equal to the ${what}.`);
    }
    const [rows, size] = matrixOf(target.shape);
    checkValues(ordered, { what, rows, size }, memory.precision);
    if (target.isAbsent && ordered.some((value) => value !== 0)) {
      throw new GraphError("bad-option", `The tensor ${show(name)} is not 0, and there is no ${what}.`);
    }
    return target.isAbsent || block === undefined ? [] : [{ block, values: ordered }];
  });
  for (const { block, values } of writes) memory.viewOf(block).set(values);
  return [...taken.values()];
}

const expected =
  "The tensors are an object of { shape, values } by name, as `readSafetensors(bytes).tensors` is";

/**
 * Reads a caller's record of tensors, each member once, except tensors that `map` leaves out. Throws `bad-option`,
 * `bad-shape`.
 */
function readTensors(given: unknown, map: ((name: string) => unknown) | undefined): GivenTensor[] {
  return namesOf(given).flatMap((name): GivenTensor[] => {
    const to = map === undefined ? name : map(name);
    if (to === undefined) return [];
    if (typeof to !== "string") {
      const wanted = "the name of one of this graph's tensors, or undefined";
      throw new GraphError("bad-option", `For ${show(name)}, \`map\` gives ${wanted}, not ${show(to)}.`);
    }
    return [{ name, to, ...readTensor(given as Record<string, unknown>, name) }];
  });
}

function namesOf(given: unknown): string[] {
  try {
    if (isRecord(given)) return Object.keys(given);
  } catch (cause) {
    throw new GraphError("bad-option", `${expected}; this one can't be read.`, { cause });
  }
  throw new GraphError("bad-option", `${expected}, not ${show(given)}.`);
}

function readTensor(given: Record<string, unknown>, name: string): Pick<GivenTensor, "shape" | "values"> {
  let shape: unknown;
  let values: unknown;
  try {
    const tensor = given[name];
    if (isObject(tensor) && !Array.isArray(tensor)) ({ shape, values } = tensor as Record<string, unknown>);
    if (Array.isArray(shape)) shape = shape.length > MOST_DIMENSIONS ? shape.length : Array.from(shape);
  } catch (cause) {
    throw new GraphError("bad-option", `${expected}; ${show(name)} can't be read.`, { cause });
  }
  if (values === undefined) throw new GraphError("bad-option", `${expected}; ${show(name)} has no values.`);
  const count = Array.isArray(shape) && shape.every(isSize) ? shape.reduce((a, b) => a * b, 1) : Number.NaN;
  if (!Number.isSafeInteger(count)) {
    const sentence = `The shape of the tensor ${show(name)} is an array of sizes, not ${show(shape)}.`;
    throw new GraphError("bad-shape", sentence);
  }
  const place: Place = { what: `the tensor ${show(name)}`, rows: 1, size: count };
  return { shape: shape as number[], values: readValues(values, place) };
}

function isSize(size: unknown): boolean {
  return Number.isSafeInteger(size) && (size as number) >= 0;
}

/** Returns the graph's parameters by the names of their tensors; docs/format.md lists them. */
function targetsOf({ topology }: Network): Map<string, Settable> {
  const targets = new Map<string, Settable>();
  topology.layers.forEach((l, i) => {
    for (const tensor of layerTensors(i, { ...l, biases: biasesOf(l) })) {
      const { name, shape, member } = tensor;
      const what = `${member === "initial" ? "initial values" : member} of the layer ${show(l.name)}`;
      const isAbsent = member === "bias" && !l.hasBias;
      targets.set(name, { what, shape, block: blockOf(l, tensor), isAbsent });
    }
  });
  topology.synapses.forEach((s, i) => {
    for (const { name, shape } of synapseTensors(i, s, s.kind, s.share)) {
      const turns = s.kind === "dense" || s.kind === "conv" || s.kind === "convTranspose";
      targets.set(name, { what: `weights ${show(name)}`, shape, block: s.weights!, turns });
    }
    for (const { name, shape, member } of mapTensors(i, s, s.kind, s.share)) {
      targets.set(name, { what: `${member} ${show(name)}`, shape, repeated: s.units ?? s.pattern });
    }
  });
  return targets;
}

/** Returns the shape (to, from, ...kernel) of weights whose shape is (...kernel, from, to). */
function turnedShape(shape: Shape): Shape {
  return [...shape.slice(-2).reverse(), ...shape.slice(0, -2)];
}

/** Turns weights that are given as (to, from, ...kernel); `shape` is (...kernel, from, to). */
function transposed(values: Float64Array, shape: Shape): Float64Array {
  const turned = new Float64Array(values.length);
  const taps = product(shape.slice(0, -2));
  const [from, to] = shape.slice(-2) as [number, number];
  let i = 0;
  for (let t = 0; t < to; t++)
    for (let f = 0; f < from; f++)
      for (let tap = 0; tap < taps; tap++) turned[(tap * from + f) * to + t] = values[i++]!;
  return turned;
}

function unknown(name: string, to: string, known: readonly string[], isMapped: boolean): GraphError {
  const near = nearest(to, known);
  const hint = near === undefined ? "" : ` Did you mean ${show(near)}?`;
  const shown = known.slice(0, 12).map((one) => show(one));
  const rest = known.length > shown.length ? ` and ${known.length - shown.length} more` : "";
  const has = shown.length === 0 ? "no tensor" : `${shown.join(", ")}${rest}`;
  const way = isMapped ? "" : " `map` tells the names of other files.";
  const what = isMapped ? `\`map\` gives ${show(to)} for ${show(name)}, which` : `The tensor ${show(name)}`;
  return new GraphError("bad-option", `${what} is none of this graph's, which has ${has}.${hint}${way}`);
}

function misshapen(
  name: string,
  shape: readonly number[],
  wanted: readonly number[],
  { what, turns, shape: own }: Settable,
  isTurned: boolean,
): GraphError {
  const isOther = turns && `${shape}` === `${isTurned ? own : turnedShape(own)}`;
  const form = wanted.length === 2 ? "matrices of (to, from)" : "weights of (to, from, ...kernel)";
  const way = isTurned ? "leave out `transpose`" : `\`transpose: true\` takes ${form}, as PyTorch's`;
  const hint = isOther ? `; ${way}` : "";
  const sentence = `The tensor ${show(name)} is [${shape}], and the ${what} are [${wanted}]${hint}.`;
  return new GraphError("bad-shape", sentence);
}

/** A tensor, row-major: as many values as the product of its shape. */
export interface NamedTensor {
  readonly shape: readonly number[];
  readonly values: Vector;
}

/** Options of `assign`. */
export interface AssignOptions {
  /** The name in the graph for a name in the record; undefined for a tensor to leave out. */
  map?(name: string): string | undefined;
  /**
   * Whether weights of dense synapses are (to, from) and those of convs (to, from, ...kernel), as in PyTorch; `false` by default.
   * A convTranspose's are (from, to, ...kernel) then.
   */
  readonly transpose?: boolean;
}
