// Inputs of class numbers: the count of classes, and the options that they can't have.

import { GraphError } from "../base/error.js";
import { number } from "../base/options.js";
import { show } from "../base/text.js";

/** The most classes of an input: float32 has every whole number up to it. */
const MOST_CLASSES = 2 ** 24;

/** Reads the number of classes of a layer that `of` names. Throws `bad-option`. */
export function readClasses(classes: unknown, of: string): number {
  return number(classes, { least: 1, most: MOST_CLASSES, whole: true }, `The number of classes of ${of}`);
}

/** Refuses options that an input of class numbers can't have. Throws `bad-option`. */
export function checkClasses(
  classes: number | undefined,
  options: Readonly<Record<string, unknown>>,
  of: string,
): void {
  if (classes === undefined) return;
  const given = ["bias", "norm", "dropout", "frozen", "initial"].find(
    (option) => options[option] !== undefined && !(option === "bias" && options.bias === false),
  );
  if (given === undefined) return;
  const why = "an input with `classes` has class numbers, and nothing that learns";
  throw new GraphError("bad-option", `\`${given}\` of ${of} can't be given: ${why}.`);
}

/** Refuses an activation on class numbers. Throws `bad-option`. */
export function checkLinear(classes: number | undefined, activation: string, name: string): void {
  if (classes === undefined || activation === "linear") return;
  const why = "an input with `classes` is linear";
  throw new GraphError("bad-option", `The activation of ${show(name)} can't be ${show(activation)}: ${why}.`);
}
