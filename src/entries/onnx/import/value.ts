// A tensor whose rows are samples: a bias and a sum of linear maps of layers. An operator that needs a layer makes one of it.

import type { ActivationOption } from "../../../index.js";
import { count, type Numbers, steps, tabulate } from "./tensor.js";

/** Places of the batch and of the steps in a tensor's shape. All other axes are units. */
export interface Axes {
  /** The place of the batch; -1 in a file of one sample. */
  readonly batch: number;
  /** The place of the steps; -1 without steps, and the batch's place if one axis has both. */
  readonly time: number;
  /** Whether an axis of both has all samples of a step together; otherwise all steps of a sample. */
  readonly isStepwise?: boolean;
}

/** Axes of a tensor whose first axis is the batch. */
export const BATCH_FIRST: Axes = { batch: 0, time: -1 };

/** Returns the places that are no units, in order. */
export function placesOf({ batch, time }: Axes): number[] {
  const found = [batch, time].filter((place) => place >= 0);
  return [...new Set(found)].sort((a, b) => a - b);
}

/** Steps outside the sequence that a value has too, or, where negative, steps that it lacks. */
export interface Span {
  readonly before: number;
  readonly after: number;
  /** The row at the steps outside; undefined before one is given. */
  readonly outside: Numbers | undefined;
}

/** A layer to be made. */
export interface LayerPlan {
  /** The tensor that it computes. */
  readonly label: string;
  readonly size: number;
  readonly activation: ActivationOption;
  terms: readonly Term[];
  bias: Numbers | undefined;
  /** Gain of a layer norm, if there is one. */
  readonly gain: Numbers | undefined;
  readonly isProduct?: boolean;
  /** For an input: whether it has one value for all steps. */
  readonly isTimeless?: boolean;
  /** The values outside the sequence, once a delay needs them. */
  initial?: Numbers;
  /** Whether it stands for a state variable of a body, until the body is read. */
  readonly isState?: boolean;
  kind: "input" | "hidden" | "output";
  name: string;
}

/** A source layer's term: its units picked and scaled, or multiplied by a dense matrix. */
export interface Term {
  readonly from: LayerPlan;
  readonly map: Pick | Dense;
  /** Steps by which the source comes later; 0 if left out. */
  readonly delay?: number;
  /** The one step of the source that it has. */
  readonly at?: "last" | "first" | undefined;
}

/** y[j] = scale[j] · x[index[j]], and 0 where the index is -1; without an index, x[j]. */
export interface Pick {
  readonly index: Int32Array | undefined;
  readonly scale: Numbers | undefined;
  /** Whether the scale is the file's, and so learns. */
  readonly learns?: boolean;
}

/** (units of the source, units here), row-major. */
export interface Dense {
  readonly matrix: Numbers;
  /** Whether the matrix belongs to an operator and not to the file, and so doesn't learn. */
  readonly fixed?: boolean;
}

/**
 * bias + Σ terms; with a gain, bias + gain ⊙ (Σ terms, normed over the units). A product has Π instead of Σ. The number of units
 * is the product of dims.
 */
export interface Value {
  /** Dimensions of the units; `axes` has the places of the others. */
  readonly dims: readonly number[];
  readonly axes: Axes;
  readonly isProduct?: boolean;
  readonly span?: Span;
  readonly terms: readonly Term[];
  readonly bias: Numbers | undefined;
  readonly gain: Numbers | undefined;
}

export function size({ dims }: Value): number {
  return count(dims);
}

export function isPick(map: Pick | Dense): map is Pick {
  return !("matrix" in map);
}

/** Returns whether a pick is all units as they are. */
export function isIdentity({ index, scale }: Pick): boolean {
  return index === undefined && scale === undefined;
}

/** Returns whether a term is a source's step itself, neither an earlier nor a later one. */
export function isOwnStep({ delay = 0, at }: Term): boolean {
  return delay === 0 && at === undefined;
}

/** Returns whether a value is a plain sum, which others can be added to. */
export function isSum({ gain, isProduct = false }: Value): boolean {
  return gain === undefined && !isProduct;
}

/** Returns whether a pick is all units in order, each times a number. */
export function isDiagonal({ index, scale }: Pick): boolean {
  return index === undefined && scale !== undefined;
}

/** Returns the units of a layer as a value. */
export function ofLayer(from: LayerPlan, dims: readonly number[], axes: Axes): Value {
  return {
    dims,
    axes,
    terms: [{ from, map: { index: undefined, scale: undefined } }],
    bias: undefined,
    gain: undefined,
  };
}

/** Returns the layer whose units a value is, all unchanged, if there is one. */
export function layerOf(v: Value): LayerPlan | undefined {
  const [term] = v.terms;
  if (v.terms.length !== 1 || v.bias !== undefined || !isSum(v) || !isPick(term!.map)) return undefined;
  return isIdentity(term!.map) && isOwnStep(term!) ? term!.from : undefined;
}

/** Reorders, repeats or leaves out units of a value that is a plain sum; -1 is a 0. */
export function pick(v: Value, dims: readonly number[], index: Int32Array): Value {
  const take = (values: Numbers | undefined) => values && sampled(values, index);
  const terms = v.terms.map((term): Term => {
    const { from, map } = term;
    if (!isPick(map))
      return { ...term, map: { ...map, matrix: columns(map.matrix, from.size, size(v), index) } };
    const inner = map.index;
    const picked = inner === undefined ? index : index.map((i) => (i < 0 ? -1 : inner[i]!));
    return { ...term, map: { index: whole(picked, from.size), scale: take(map.scale) } };
  });
  return { dims, axes: v.axes, terms, bias: take(v.bias), gain: undefined };
}

/** Returns undefined for an index that picks all units in order. */
export function whole(index: Int32Array, from: number): Int32Array | undefined {
  return index.length === from && index.every((source, i) => source === i) ? undefined : index;
}

function sampled(values: Numbers, index: Int32Array): Numbers {
  return tabulate(index.length, (at) => (index[at]! < 0 ? 0 : values[index[at]!]!));
}

function columns(matrix: Numbers, rows: number, width: number, index: Int32Array): Numbers {
  const picked = new Float64Array(rows * index.length);
  for (let r = 0, at = 0; r < rows; r++) {
    for (const j of index) picked[at++] = j < 0 ? 0 : matrix[r * width + j]!;
  }
  return picked;
}

/** Multiplies each unit by a number of its own. */
export function scaled(v: Value, factor: Numbers): Value {
  const by = (values: Numbers) => tabulate(factor.length, (j) => factor[j]! * values[j]!);
  const bias = v.bias && by(v.bias);
  if (v.gain !== undefined) return { ...v, bias, gain: by(v.gain) };
  const terms = v.terms.map((term, i): Term => {
    // Of a product one factor has all of it.
    if (v.isProduct && i > 0) return term;
    const { map } = term;
    if (isPick(map)) return { ...term, map: { ...map, scale: simple(map.scale ? by(map.scale) : factor) } };
    const width = factor.length;
    const { matrix } = map;
    return {
      ...term,
      map: { ...map, matrix: tabulate(matrix.length, (at) => matrix[at]! * factor[at % width]!) },
    };
  });
  return { ...v, bias, terms };
}

/** Returns undefined for a scale of ones. */
function simple(scale: Numbers): Numbers | undefined {
  return scale.every((value) => value === 1) ? undefined : scale;
}

/** Adds a number of its own to each unit. */
export function shifted(v: Value, by: Numbers): Value {
  const { bias } = v;
  return { ...v, bias: bias === undefined ? by : tabulate(by.length, (j) => bias[j]! + by[j]!) };
}

/** Returns the sum of two values of one size without a norm. */
export function sum(a: Value, b: Value): Value {
  const terms = [...a.terms];
  for (const term of b.terms) {
    const same = terms.findIndex((one) => isSame(one, term));
    if (same < 0) terms.push(term);
    else terms[same] = merged(terms[same]!, term);
  }
  const added = { ...a, terms };
  return b.bias === undefined ? added : shifted(added, b.bias);
}

/** Returns whether two terms pick the same units of one step. */
function isSame(a: Term, b: Term): boolean {
  const isStep = a.from === b.from && (a.delay ?? 0) === (b.delay ?? 0) && a.at === b.at;
  return isStep && isPick(a.map) && isPick(b.map) && a.map.index === b.map.index;
}

/** Merges two terms that pick the same units. */
function merged(a: Term, b: Term): Term {
  const { index, scale: x } = a.map as Pick;
  const { scale: y } = b.map as Pick;
  const scale = tabulate(index?.length ?? a.from.size, (j) => (x?.[j] ?? 1) + (y?.[j] ?? 1));
  return { ...a, map: { index, scale: simple(scale) } };
}

/** Returns the product with a matrix of (units, width), for a value whose terms are all picks. */
export function multiplied(v: Value, by: Dense, width: number, dims: readonly number[]): Value {
  const { matrix } = by;
  const terms = v.terms.map(
    (term): Term => ({ ...term, map: { ...by, matrix: rows(term.map as Pick, term.from, matrix, width) } }),
  );
  const { axes, bias } = v;
  if (bias === undefined) return { dims, axes, terms, bias, gain: undefined };
  const product = new Float64Array(width);
  bias.forEach((b, i) => {
    if (b !== 0) for (let j = 0; j < width; j++) product[j]! += b * matrix[i * width + j]!;
  });
  return { dims, axes, terms, bias: product, gain: undefined };
}

/** Returns a matrix's rows by the source units of a pick; the matrix itself where that changes nothing. */
function rows({ index, scale }: Pick, { size }: LayerPlan, matrix: Numbers, width: number): Numbers {
  if (index === undefined && scale === undefined) return matrix;
  const result = new Float64Array(size * width);
  (index ?? steps(size, 1)).forEach((source, i) => {
    if (source < 0) return;
    const by = scale?.[i] ?? 1;
    for (let j = 0; j < width; j++) result[source * width + j]! += by * matrix[i * width + j]!;
  });
  return result;
}

/** Returns whether a term's matrix is no weights of the file: a selection, or an operator such as a mean. */
export function isFixed({ map }: Term): boolean {
  return isPick(map) ? !isIdentity(map) && map.learns !== true : map.fixed === true;
}

/** Returns whether a pick leaves out units of a layer. */
export function leavesOut({ index }: Pick, { size, isState }: LayerPlan): boolean {
  // A state variable can have several steps of a layer.
  if (index === undefined || isState === true) return false;
  const taken = new Uint8Array(size);
  for (const unit of index) if (unit >= 0) taken[unit] = 1;
  return taken.includes(0);
}

/** Returns a pick as a dense matrix. */
export function densified({ index, scale }: Pick, from: number, to: number): Numbers {
  const matrix = new Float64Array(from * to);
  for (let j = 0; j < to; j++) {
    const i = index === undefined ? j : index[j]!;
    if (i >= 0) matrix[i * to + j] = scale?.[j] ?? 1;
  }
  return matrix;
}
