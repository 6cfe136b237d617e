// The types of a program.

import { spellShape } from "../../rules/shape.js";
import type { Drawing, DrawnLayer } from "./drawing.js";
import type { ProgramPass } from "./pass.js";
import { arrayOf } from "./runtime.js";
import { unseen } from "./text.js";

/** Returns a string literal that can't end a script, without invisible characters. */
export function literal(text: string): string {
  return JSON.stringify(text).replace(/[<>]/g, unit).replace(unseen, unit);
}

function unit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Returns the declarations for a `.d.ts` file beside a program. */
export function types({ precision, layers }: Drawing, pass: ProgramPass): string {
  const { hasSteps, isCausal } = pass;
  const rowsOf = ({ shape, classes, time }: DrawnLayer) => {
    const numbers = classes === undefined ? "" : ` class numbers below ${classes}`;
    const row = `${spellShape(shape)}${numbers}`;
    return hasSteps ? (time ? `Steps of ${row} a sample` : `A row of ${row} a sample`) : `Rows of ${row}`;
  };
  const inputs = layers.flatMap((layer, i) => {
    if (layer.kind !== "input") return [];
    const [mark, note] = pass.has(i) ? ["", ""] : ["?", "; not read"];
    return [
      `  /** ${rowsOf(layer)}${note}. */\n  readonly ${literal(layer.name)}${mark}: ArrayLike<number>;\n`,
    ];
  });
  const outputs = layers.flatMap((layer) =>
    layer.kind === "output"
      ? [`  /** ${rowsOf(layer)}. */\n  ${literal(layer.name)}: ${arrayOf(precision)};\n`]
      : [],
  );
  return `/** Flat arrays of k ${hasSteps ? "samples" : "rows"} each. */
export interface Inputs {
${inputs.join("")}}

/** Flat arrays of as many ${hasSteps ? "samples" : "rows"}. */
export interface Outputs {
${outputs.join("")}}
${hasSteps && isCausal ? stateTypes(arrayOf(precision)) : ""}
${hasSteps ? predictSteps(isCausal) : predict}`;
}

const predict = `/** Throws a TypeError where an input's values are missing, a RangeError where they are not rows of its size. */
export declare function predict(xs: Inputs): Outputs;
`;

function predictSteps(isCausal: boolean): string {
  return `/**
 * Computes the outputs of samples of \`steps\` steps, 1 by default. Throws a TypeError where an input's values are missing, a
 * RangeError where they are not samples of so many steps.
 */
export declare function predict(xs: Inputs, steps?: number${isCausal ? ", state?: State" : ""}): Outputs;
`;
}

function stateTypes(array: string): string {
  return `
/** The values that layers have sent, by layer and sample, the last step first. \`predict\` moves it on. */
export interface State {
  readonly rows: number;
  readonly past: readonly ${array}[][][];
}

/** Returns the state of samples, 1 by default, before their first step. Throws a RangeError. */
export declare function start(rows?: number): State;
`;
}
