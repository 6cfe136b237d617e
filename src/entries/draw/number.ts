// Numbers as text.

import type { Shape } from "../../rules/shape.js";

/** Returns a number with separators: 1234567 as 1,234,567. */
export function count(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Returns a number and its unit, in the plural unless it is 1. */
export function plural(n: number, unit: string, ending = "s"): string {
  return `${count(n)} ${unit}${n === 1 ? "" : ending}`;
}

/** Returns a layer's shape: 24×24×8. */
export function sizes(shape: Shape): string {
  return shape.map(count).join("×");
}

/** Returns a number in four digits. */
export function brief(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** Returns a share in percent with two or three digits, and 100 only for all. */
export function percent(part: number, all: number): string {
  const share = part < all ? Math.min((100 * part) / all, 99.9) : 100;
  return `${share.toPrecision(share < 10 ? 2 : 3)} %`;
}
