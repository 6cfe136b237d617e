// Numbers that scale and shift the units of a tensor. They go into the weights of a pending layer that can take them in, and
// otherwise stand beside the layers.

import { areAll, combine, pieceOf } from "./repeat.js";
import {
  isOpen,
  layerShape,
  type Pending,
  partsOf,
  type Ready,
  sizeOf,
  type Tensor,
  type Term,
} from "./tensor.js";

const times = (a: number, b: number) => a * b;
const plus = (a: number, b: number) => a + b;

/** Returns whether a pending layer can take in numbers that multiply its units. */
export function takes(given: Tensor, scale: Float64Array): given is Pending {
  if ("segments" in given || !isOpen(given)) return false;
  if (given.gain !== undefined || areAll(scale, 1)) return true;
  if (given.isProduct === true) return false;
  const channels = layerShape(given).at(-1)!;
  return given.terms.every((term) =>
    "map" in term ? term.weights !== undefined && channels % scale.length === 0 : true,
  );
}

/** Scales and shifts a pending tensor that takes these numbers. */
export function absorbed(given: Pending, scale: Float64Array, shift: Float64Array, name: string): Pending {
  const size = sizeOf(given.shape);
  const bias = combine(combine(given.bias, scale, size, times), shift, size, plus);
  const biased = given.biased || !areAll(shift, 0);
  if (given.gain !== undefined) {
    return { ...given, name, bias, biased, gain: combine(given.gain, scale, size, times) };
  }
  const terms = areAll(scale, 1) ? given.terms : given.terms.map((term) => scaled(term, scale));
  return { ...given, name, terms, bias, biased };
}

function scaled(term: Term, scale: Float64Array): Term {
  const { layer, at } = term;
  if ("factors" in term) {
    const piece = pieceOf(scale, term.part);
    return { ...term, factors: combine(term.factors, piece, layer.size, times) };
  }
  if ("matrix" in term) {
    // A row of the matrix has a number for each unit.
    return { layer, at, matrix: term.matrix.map((value, i) => value * scale[i % scale.length]!) };
  }
  const { values, inner } = term.weights!;
  const own = values.map((value, i) => value * scale[Math.floor(i / inner) % scale.length]!);
  return { layer, at, map: term.map, weights: { values: own, inner } };
}

/** Scales and shifts a tensor whose layers are made. */
export function beside(given: Ready, scale: Float64Array, shift: Float64Array): Ready {
  const parts = partsOf(given);
  const segments = given.segments.map(({ layer, at, scale: before, shift: offset }, i) => {
    const [factors, own] = [pieceOf(scale, parts[i]!), pieceOf(shift, parts[i]!)];
    return {
      layer,
      at,
      scale: before === undefined ? factors : combine(before, factors, layer.size, times),
      shift:
        offset === undefined
          ? own
          : combine(combine(offset, factors, layer.size, times), own, layer.size, plus),
    };
  });
  return { ...given, segments };
}
