// Scalers of columns: values less their mean, over their deviation, as the engine's Scaler has them.

import type { ScalerSketch } from "../model/lesson.ts";

/** Returns the standard scaler of values, row by row; units that `isPlain` names keep their values. */
export function standard(
  values: Float64Array,
  size: number,
  isPlain: (unit: number) => boolean = () => false,
): ScalerSketch {
  const rows = values.length / size;
  const [offset, divisor]: [number[], number[]] = [[], []];
  for (let unit = 0; unit < size; unit++) {
    let sum = 0;
    for (let at = unit; at < values.length; at += size) sum += values[at]!;
    const mean = sum / rows;
    let squares = 0;
    for (let at = unit; at < values.length; at += size)
      squares += (values[at]! - mean) * (values[at]! - mean);
    const deviation = Math.sqrt(squares / rows);
    const stays = isPlain(unit) || rows === 0;
    offset.push(stays ? 0 : mean);
    divisor.push(stays || deviation === 0 ? 1 : deviation);
  }
  return { kind: "standard", offset, divisor };
}
