// The shapes of planned layers. The graph has channels last, a file mostly first: a layer keeps the file's order of units here,
// and has the other order beside it. A layer gets its shape from the first windows that it meets, or from a neighbour.

import { channels, positions, type Shape } from "../../../rules/shape.js";
import { isPick, isTable, type LayerPlan, type Pick } from "./term.js";

/** An order of units: for each unit of a shape the unit in the file; undefined where they are the same. */
export type Order = Int32Array | undefined;

/** Returns the order of a shape whose channels are first in the file. */
export function channelsFirst(shape: Shape): Order {
  const [count, each] = [channels(shape), positions(shape)];
  if (count === 1 || each === 1) return undefined;
  return Int32Array.from({ length: count * each }, (_, at) => (at % count) * each + Math.floor(at / count));
}

/** Returns an order, undefined where it changes nothing. */
export function normal(order: Int32Array): Order {
  return order.every((unit, at) => unit === at) ? undefined : order;
}

/** Returns whether two lists of numbers are equal. */
export function isSame(a: ArrayLike<number> | undefined, b: ArrayLike<number> | undefined): boolean {
  if (a === b || a === undefined || b === undefined) return a === b;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return a.length === b.length;
}

/**
 * Shapes a layer, in an order, unless it has another, or can't have this one. Returns whether it has it. `isImage`
 * tells whether windows are at its origin.
 */
export function shapeLayer(
  layer: LayerPlan,
  shape: Shape,
  order: Order,
  keepsOrder: boolean,
  isImage: boolean,
): boolean {
  if (layer.shape !== undefined) {
    if (!isSame(layer.shape, shape) || !isSame(layer.order, order)) return false;
  } else if (!admits(layer, shape, order, keepsOrder || !isImage)) return false;
  layer.shape = shape;
  layer.order = order;
  layer.isImage ||= isImage;
  return true;
}

/** Returns whether a layer of one position can be at the end of windows of so many axes, and keeps it so. */
export function hasRank(layer: LayerPlan, rank: number): boolean {
  if (layer.shape !== undefined)
    return positions(layer.shape) === 1 && layer.order === undefined && layer.shape.length === rank + 1;
  // A norm or a softmax over parts of its units needs a shape.
  if (layer.rows !== undefined || layer.groups !== undefined) return false;
  layer.rank ??= rank;
  return layer.rank === rank;
}

function admits(layer: LayerPlan, shape: Shape, order: Order, keepsOrder: boolean): boolean {
  const { kind, dims, terms, activation, rows, groups, gain, size } = layer;
  if (layer.isClasses || size !== channels(shape) * positions(shape)) return false;
  if (layer.rank !== undefined && (positions(shape) > 1 || shape.length !== layer.rank + 1)) return false;
  const isBorder = kind !== "hidden";
  // Images go in and out with their channels last, and all else in the order of the file.
  if (isBorder && order !== undefined && (keepsOrder || !isChannelsFirst(dims, shape, order))) return false;
  const slots = terms.find(({ map }) => isTable(map))?.from.size;
  if (slots !== undefined && (order !== undefined || shape.length !== 2 || shape[0] !== slots)) return false;
  const unit = (at: number) => order?.[at] ?? at;
  const count = channels(shape);
  if (activation === "softmax" && rows === undefined && size !== count) return false;
  if (activation === "softmax" && rows !== undefined) {
    if (rows.filter((group) => group === rows[0]).length !== count) return false;
    for (let at = 0; at < size; at++) if (rows[unit(at)] !== rows[unit(at - (at % count))]) return false;
  }
  if (gain !== undefined && groups !== undefined) {
    const run = (count * groups.filter((group) => group === groups[0]).length) / size;
    if (!Number.isInteger(run)) return false;
    for (let at = 0; at < size; at++) {
      const channel = at % count;
      if (groups[unit(at)] !== groups[unit(channel - (channel % run))]) return false;
    }
  }
  return true;
}

/** Returns whether units of some dimensions in the file are the shape with its channels first. */
export function isChannelsFirst(dims: readonly number[] | undefined, shape: Shape, order: Order): boolean {
  return isSame(dims, [channels(shape), ...shape.slice(0, -1)]) && isSame(order, channelsFirst(shape));
}

/** Shapes layers as their neighbours, so that units are passed on in their order. */
export function settle(layers: readonly LayerPlan[], keepsOrder: boolean): void {
  spread(layers, keepsOrder);
  for (const layer of layers) {
    const { rows, groups, activation } = layer;
    if (layer.shape !== undefined) continue;
    if (activation === "softmax" && rows !== undefined) {
      const members = membersOf(rows);
      const shape = [members.length, members[0]!.length];
      shapeLayer(layer, shape, normal(Int32Array.from(members.flat())), keepsOrder, false);
    } else if (groups !== undefined) {
      const members = membersOf(groups);
      const each = members[0]!.length;
      if (normal(Int32Array.from(members.flat())) === undefined) continue;
      const order = Int32Array.from(
        { length: groups.length },
        (_, at) => members[at % members.length]![Math.floor(at / members.length)]!,
      );
      shapeLayer(layer, [each, members.length], normal(order), keepsOrder, false);
    }
  }
  spread(layers, keepsOrder);
}

/** Returns the units of each group. */
function membersOf(groups: Int32Array): number[][] {
  const found = new Map<number, number[]>();
  groups.forEach((group, unit) => {
    const members = found.get(group);
    if (members === undefined) found.set(group, [unit]);
    else members.push(unit);
  });
  return [...found.values()];
}

/** Most times that all layers are looked at. */
const ROUNDS = 8;

function spread(layers: readonly LayerPlan[], keepsOrder: boolean): void {
  if (!layers.some(({ shape }) => shape !== undefined)) return;
  for (let round = 0, isDone = false; round < ROUNDS && !isDone; round++) {
    isDone = true;
    for (const layer of layers) {
      for (const { from, map } of layer.terms) {
        if (
          !isPick(map) ||
          from.size !== layer.size ||
          (layer.shape === undefined) === (from.shape === undefined)
        )
          continue;
        if (passOn(from, layer, map, keepsOrder)) isDone = false;
      }
    }
  }
}

/** Shapes a layer as the first of its sources whose units it has in some order. */
export function inherit(layer: LayerPlan, keepsOrder: boolean): void {
  for (const { from, map } of layer.terms) {
    if (layer.shape !== undefined) return;
    if (isPick(map) && from.shape !== undefined && from.size === layer.size)
      passOn(from, layer, map, keepsOrder);
  }
}

/** Shapes one of two layers as the other. Returns whether it did. */
function passOn(from: LayerPlan, to: LayerPlan, { index }: Pick, keepsOrder: boolean): boolean {
  const inverse = index === undefined ? undefined : inverted(index);
  if (index !== undefined && inverse === undefined) return false;
  const [known, other, by] = from.shape === undefined ? [to, from, index] : [from, to, inverse];
  const { shape, order, size, isImage = false } = known;
  if (by === undefined) return shapeLayer(other, shape!, order, keepsOrder, isImage);
  const units = Int32Array.from({ length: size }, (_, at) => by[order?.[at] ?? at]!);
  return shapeLayer(other, shape!, normal(units), keepsOrder, isImage);
}

/** Returns the inverse of an index that has each unit once; undefined for another. */
export function inverted(index: Int32Array): Int32Array | undefined {
  const inverse = new Int32Array(index.length).fill(-1);
  for (let to = 0; to < index.length; to++) {
    const from = index[to]!;
    if (from < 0 || from >= index.length || inverse[from]! >= 0) return undefined;
    inverse[from] = to;
  }
  return inverse;
}
