// The two precisions of a graph's numbers.

/**
 * The precision of a graph's numbers.
 *
 * @useDeclaredType
 */
export type Precision = keyof typeof precisions;

/** Numbers of a graph: an array of its precision. */
export type FloatArray<P extends Precision> = P extends "float32" ? Float32Array : Float64Array;

export const precisions = { float64: 8, float32: 4 } as const;

/** The least number that float32 rounds to infinity: half a unit in the last place above its largest. */
const OVER = 2 ** 128 - 2 ** 103;

/** Returns whether a number stays finite when it is rounded to a precision. */
export function holds(precision: Precision, value: number): boolean {
  return precision === "float64" ? Number.isFinite(value) : value < OVER && value > -OVER;
}

/** Returns whether all numbers are finite. */
export function areFinite(values: FloatArray<Precision>): boolean {
  // 0 times a number that isn't finite is NaN. Four sums don't wait for each other.
  let [a, b, c, d] = [0, 0, 0, 0];
  const end = values.length - (values.length % 4);
  for (let i = 0; i < end; i += 4) {
    a += values[i]! * 0;
    b += values[i + 1]! * 0;
    c += values[i + 2]! * 0;
    d += values[i + 3]! * 0;
  }
  for (let i = end; i < values.length; i++) a += values[i]! * 0;
  return a + b + c + d === 0;
}
