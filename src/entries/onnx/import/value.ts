// Values as sums of linear maps of layers: an operator that needs a layer makes one of them.

import { channels, positions } from "../../../rules/shape.js";
import { inverted } from "./shapes.js";
import { count, type Numbers, steps, tabulate } from "./tensor.js";
import {
  type Axes,
  type Dense,
  isDense,
  isPick,
  isWindowed,
  type LayerPlan,
  type Pick,
  type Term,
  type Value,
  type Windowed,
} from "./term.js";

export function size({ dims }: Value): number {
  return count(dims);
}

/** Returns whether a value is a sum of picks and matrices, whose units can be reordered. */
export function isMovable(v: Value): boolean {
  return isSum(v) && v.terms.every(({ map }) => isPick(map) || isDense(map));
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
    if (isDense(map))
      return { ...term, map: { ...map, matrix: columns(map.matrix, from.size, size(v), index) } };
    if (!isPick(map)) throw new TypeError("a map that can't be moved");
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
    if (isDense(map)) {
      const { matrix } = map;
      return {
        ...term,
        map: { ...map, matrix: tabulate(matrix.length, (at) => matrix[at]! * factor[at % width]!) },
      };
    }
    const each = isWindowed(map) && map.weights !== undefined ? channelFactors(map, factor) : undefined;
    if (!isWindowed(map) || each === undefined) throw new TypeError("a map that can't be scaled");
    return { ...term, map: { ...map, weights: convScaled(map, each) } };
  });
  return { ...v, bias, terms };
}

/** Returns whether a value's units can be multiplied by numbers without a layer for it. */
export function isScalable(v: Value, factor: Numbers): boolean {
  return (
    v.gain !== undefined ||
    v.terms.every(({ map }, i) => {
      if (isPick(map) || isDense(map) || (v.isProduct && i > 0)) return true;
      return isWindowed(map) && map.weights !== undefined && channelFactors(map, factor) !== undefined;
    })
  );
}

/** Returns a factor's number for each target channel; undefined where it differs from position to position. */
function channelFactors({ to }: Windowed, factor: Numbers): Numbers | undefined {
  const each = positions(to);
  if (factor.some((value, i) => value !== factor[i - (i % each)]!)) return undefined;
  return tabulate(channels(to), (channel) => factor[channel * each]!);
}

/** Multiplies weights by a number for each target channel. A transposed conv has those of a group beside one another. */
function convScaled({ kind, weights, from, to, window }: Windowed, by: Numbers): Numbers {
  const source = channels(from);
  if (kind === "conv") return tabulate(weights!.length, (at) => weights![at]! * by[at % by.length]!);
  const { groups = 1 } = window;
  const [inner, outer] = [channels(to) / groups, source / groups];
  return tabulate(weights!.length, (at) => {
    const group = Math.floor((at % source) / outer);
    return weights![at]! * by[group * inner + (Math.floor(at / source) % inner)]!;
  });
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
  if (isPick(map)) return !isIdentity(map) && map.learns !== true;
  if (isDense(map)) return map.fixed === true;
  return isWindowed(map) && map.weights === undefined;
}

/** Returns whether a pick leaves out units of a layer. */
export function leavesOut({ index }: Pick, { size, isState }: LayerPlan): boolean {
  // A state variable can have several steps of a layer.
  if (index === undefined || isState === true) return false;
  const taken = new Uint8Array(size);
  for (const unit of index) if (unit >= 0) taken[unit] = 1;
  return taken.includes(0);
}

/** Returns the one term of a value whose units are all of a layer's, as they are, and the layer's unit of each. */
export function onlyTerm(v: Value): { term: Term; index: Int32Array } | undefined {
  const [term] = v.terms;
  if (v.terms.length !== 1 || v.bias !== undefined || !isSum(v) || !isPick(term!.map)) return undefined;
  const { index, scale } = term!.map;
  if (scale !== undefined || term!.from.size !== size(v) || term!.from.isClasses) return undefined;
  if (index === undefined) return { term: term!, index: Int32Array.from({ length: size(v) }, (_, i) => i) };
  return inverted(index) === undefined ? undefined : { term: term!, index };
}

/** Returns the layers with a value for each step. */
export function timedLayers(layers: readonly LayerPlan[]): Set<LayerPlan> {
  const timed = new Set<LayerPlan>();
  const targets = new Map<LayerPlan, LayerPlan[]>();
  for (const layer of layers) {
    if (layer.kind === "input" && layer.isTimeless !== true) timed.add(layer);
    for (const { from, delay = 0, at } of layer.terms) {
      if (delay !== 0) timed.add(layer);
      if (at !== undefined) continue;
      const known = targets.get(from);
      if (known === undefined) targets.set(from, [layer]);
      else known.push(layer);
    }
  }
  for (const layer of timed) for (const target of targets.get(layer) ?? []) timed.add(target);
  return timed;
}
