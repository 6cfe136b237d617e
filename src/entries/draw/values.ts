// Numbers of a program as text, bit for bit.

import { encode } from "../../format/base64.js";
import type { Floats } from "./drawing.js";

/** Returns an expression of numbers. */
export function arrayText(values: Floats): string {
  return `numbers("${textOf(values)}")`;
}

/** Returns the bytes of numbers as base64. */
export function textOf({ buffer, byteOffset, byteLength }: Floats | Uint32Array | Int32Array): string {
  return encode(new Uint8Array(buffer, byteOffset, byteLength));
}

/** Returns a list of float64 numbers as text. */
export function list(values: ArrayLike<number>): string {
  return `[${Array.from(values, (value) => (Object.is(value, -0) ? "-0" : `${value}`)).join(", ")}]`;
}
