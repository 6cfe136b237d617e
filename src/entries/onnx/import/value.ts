// A tensor whose rows are samples: a bias and a sum of linear maps of layers. An operator that needs a layer makes one of it.

import type { ActivationOption } from "../../../index.js";
import { count, type Numbers, steps, tabulate } from "./tensor.js";

/** A layer to be made. */
export interface LayerPlan {
  /** The tensor that it computes. */
  readonly label: string;
  readonly size: number;
  readonly activation: ActivationOption;
  readonly terms: readonly Term[];
  readonly bias: Numbers | undefined;
  /** Gain of a layer norm, if there is one. */
  readonly gain: Numbers | undefined;
  kind: "input" | "hidden" | "output";
  name: string;
}

/** A source layer's term: its units picked and scaled, or multiplied by a dense matrix. */
export interface Term {
  readonly from: LayerPlan;
  readonly map: Pick | Dense;
}

/** y[j] = scale[j] · x[index[j]], and 0 where the index is -1; without an index, x[j]. */
export interface Pick {
  readonly index: Int32Array | undefined;
  readonly scale: Numbers | undefined;
}

/** (units of the source, units here), row-major. */
export interface Dense {
  readonly matrix: Numbers;
  /** Whether the matrix belongs to an operator and not to the file, and so doesn't learn. */
  readonly fixed?: boolean;
}

/**
 * bias + Σ terms; with a gain, bias + gain ⊙ (Σ terms, normed over the units). Its shape is (N, ...dims); the number of units
 * is the product of dims.
 */
export interface Value {
  readonly dims: readonly number[];
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

/** Returns the units of a layer as a value. */
export function ofLayer(from: LayerPlan, dims: readonly number[] = [from.size]): Value {
  return {
    dims,
    terms: [{ from, map: { index: undefined, scale: undefined } }],
    bias: undefined,
    gain: undefined,
  };
}

/** Returns the layer whose units a value is, all unchanged, if there is one. */
export function layerOf({ terms, bias, gain }: Value): LayerPlan | undefined {
  const [term] = terms;
  if (terms.length !== 1 || bias !== undefined || gain !== undefined || !isPick(term!.map)) return undefined;
  return isIdentity(term!.map) ? term!.from : undefined;
}

/** Reorders, repeats or leaves out units of a value; -1 is a 0. */
export function pick(v: Value, dims: readonly number[], index: Int32Array): Value {
  const take = (values: Numbers | undefined) => values && sampled(values, index);
  const terms = v.terms.map(({ from, map }): Term => {
    if (!isPick(map))
      return { from, map: { ...map, matrix: columns(map.matrix, from.size, size(v), index) } };
    const inner = map.index;
    const picked = inner === undefined ? index : index.map((i) => (i < 0 ? -1 : inner[i]!));
    return { from, map: { index: whole(picked, from.size), scale: take(map.scale) } };
  });
  return { dims, terms, bias: take(v.bias), gain: undefined };
}

/** Returns undefined for an index that picks all units in order. */
function whole(index: Int32Array, from: number): Int32Array | undefined {
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
  const terms = v.terms.map(({ from, map }): Term => {
    if (isPick(map))
      return { from, map: { index: map.index, scale: simple(map.scale ? by(map.scale) : factor) } };
    const width = factor.length;
    const { matrix } = map;
    return {
      from,
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

/** Returns whether two terms pick the same units. */
function isSame(a: Term, b: Term): boolean {
  return a.from === b.from && isPick(a.map) && isPick(b.map) && a.map.index === b.map.index;
}

/** Merges two terms that pick the same units. */
function merged(a: Term, b: Term): Term {
  const { index, scale: x } = a.map as Pick;
  const { scale: y } = b.map as Pick;
  const scale = tabulate(index?.length ?? a.from.size, (j) => (x?.[j] ?? 1) + (y?.[j] ?? 1));
  return { from: a.from, map: { index, scale: simple(scale) } };
}

/** Returns the product with a matrix of (units, width), for a value whose terms are all picks. */
export function multiplied(v: Value, by: Dense, width: number, dims: readonly number[]): Value {
  const { matrix } = by;
  const terms = v.terms.map(
    ({ from, map }): Term => ({ from, map: { ...by, matrix: rows(map as Pick, from, matrix, width) } }),
  );
  const { bias } = v;
  if (bias === undefined) return { dims, terms, bias, gain: undefined };
  const product = new Float64Array(width);
  bias.forEach((b, i) => {
    if (b !== 0) for (let j = 0; j < width; j++) product[j]! += b * matrix[i * width + j]!;
  });
  return { dims, terms, bias: product, gain: undefined };
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
  return isPick(map) ? !isIdentity(map) : map.fixed === true;
}

/** Returns whether a pick leaves out units of a layer. */
export function leavesOut({ index }: Pick, { size }: LayerPlan): boolean {
  if (index === undefined) return false;
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
