// Numbers for the units of a tensor, which repeat: there is one for each unit, one for each channel, or one for all.

/** Combines two arrays of numbers for `size` units. */
export function combine(
  a: Float64Array,
  b: Float64Array,
  size: number,
  join: (a: number, b: number) => number,
): Float64Array {
  const [least, most] = [a, b].map(({ length }) => length).sort((a, b) => a - b) as [number, number];
  const length = most % least === 0 ? most : size;
  return Float64Array.from({ length }, (_, i) => join(a[i % a.length]!, b[i % b.length]!));
}

/** Returns `count` of the numbers: the array itself where it has as many. */
export function tile(values: Float64Array, count: number): Float64Array {
  if (values.length === count) return values;
  return Float64Array.from({ length: count }, (_, i) => values[i % values.length]!);
}

/** Returns whether all numbers are one. */
export function areAll(values: Float64Array | undefined, one: number): boolean {
  return values === undefined || values.every((value) => value === one);
}

/** A part of each of a tensor's runs of units: `own` units beginning at `from`, of `all`. */
export interface Part {
  readonly from: number;
  readonly own: number;
  readonly all: number;
  readonly runs: number;
}

/** Returns the place in the tensor of a part's unit. */
export function placeOf({ from, own, all }: Part, unit: number): number {
  return Math.floor(unit / own) * all + from + (unit % own);
}

/** Returns the numbers of a part. */
export function pieceOf(values: Float64Array, part: Part): Float64Array {
  const { all, own, runs } = part;
  if (values.length === 1 || own === all) return values;
  const length = all % values.length === 0 ? own : own * runs;
  return Float64Array.from({ length }, (_, i) => values[placeOf(part, i) % values.length]!);
}

/** Returns the numbers of a whole tensor from those of its parts; a part without any has `usual` ones. */
export function assemble(
  parts: readonly Part[],
  pieces: readonly (Float64Array | undefined)[],
  usual: number,
): Float64Array {
  const given = pieces.map((piece) => piece ?? Float64Array.of(usual));
  if (given.length === 1) return given[0]!;
  if (given.every((piece) => areAll(piece, usual))) return Float64Array.of(usual);
  const { all, runs } = parts[0]!;
  const isRepeated = parts.every(({ own }, i) => own % given[i]!.length === 0);
  const values = new Float64Array(isRepeated ? all : all * runs);
  for (const [i, part] of parts.entries()) {
    const piece = given[i]!;
    const count = isRepeated ? part.own : part.own * runs;
    for (let unit = 0; unit < count; unit++) values[placeOf(part, unit)] = piece[unit % piece.length]!;
  }
  return values;
}
