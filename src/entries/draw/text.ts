// Text of a drawing: names that are safe to show, and the lines of a layer's box and of a synapse's label.

import { combining, wide } from "../../base/column.js";
import type { ActivationOption, LossOption } from "../../index.js";
import { USUAL_KIND } from "../../rules/link.js";
import { stepOf } from "../../rules/step.js";
import { type Drawing, type DrawnLayer, type DrawnSynapse, parametersOf } from "./drawing.js";
import { labelOf } from "./label.js";
import { brief, count, plural, sizes } from "./number.js";

/** Control characters, separators of lines, signs that change the direction of text, and characters that XML can't hold. */
export const unseen = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufffe\uffff]/gu;

/** Returns a name as it is shown: invisible characters become U+FFFD, and beyond `most` characters it is cut. */
export function shown(name: string, most = 40): string {
  const characters = Array.from(name.slice(0, 2 * most + 2).replace(unseen, "\ufffd"));
  return characters.length > most ? `${characters.slice(0, most - 1).join("")}…` : characters.join("");
}

/** Characters by their width in ems, at least that of common bold sans-serif fonts; others are 0.72. */
const narrow = /[ijlI|!.,:;'`·]/;
const broad = /[mwMW@%…→\ufffd]/;
const tall = /[A-Z&#]/;

/** Estimates the width of a text in ems, rather too large than too small. */
export function ems(text: string): number {
  let sum = 0;
  for (const c of text) {
    if (!combining.test(c))
      sum += wide.test(c) ? 1.3 : broad.test(c) ? 1.1 : narrow.test(c) ? 0.41 : tall.test(c) ? 0.83 : 0.72;
  }
  return sum;
}

/** Returns a rule's name, with its parameter where that isn't the default: elu(0.5). */
export function rule(option: ActivationOption | LossOption): string {
  if (typeof option === "string") return option;
  const { name, ...own } = option;
  return `${name}(${Object.values(own).map(brief).join(", ")})`;
}

/** The sign of a layer that multiplies its sources. */
const PRODUCT = "×";

/** Returns the join of a layer, unless it is the usual one, and the activation. */
export function rules({ join, activation }: DrawnLayer): string[] {
  return [...(join === "product" ? [PRODUCT] : []), rule(activation)];
}

/** Returns norm, dropout and other marks of a layer, in words. */
export function extras(layer: DrawnLayer): string[] {
  const { kind, classes, norm, initial, time, dropout, frozen, scaler } = layer;
  return [
    ...(classes === undefined ? [] : [plural(classes, "class", "es")]),
    ...(kind === "input" && !time ? ["no steps"] : []),
    ...(norm === undefined ? [] : [norm === "layer" ? "layer norm" : `group norm ${norm.groups}`]),
    ...(initial === undefined ? [] : ["initial"]),
    ...(dropout === 0 ? [] : [`dropout ${brief(dropout)}`]),
    ...(scaler === undefined ? [] : ["scaled"]),
    ...(frozen ? ["frozen"] : []),
  ];
}

/** Returns the lines of a box; the first is the name. */
export function box(layer: DrawnLayer): string[] {
  const more = extras(layer);
  const parameters = parametersOf(layer);
  const { weight = 1 } = layer;
  return [
    shown(layer.name),
    [
      ...(layer.kind === "hidden" ? [] : [layer.kind]),
      layer.shape.length === 1 ? plural(layer.size, "unit") : sizes(layer.shape),
      ...rules(layer).filter((text) => text !== "linear"),
    ].join(" · "),
    ...(more.length === 0 ? [] : [more.join(" · ")]),
    ...(layer.loss === undefined
      ? []
      : [`loss ${rule(layer.loss)}${weight === 1 ? "" : ` × ${brief(weight)}`}`]),
    parameters === 0 ? "no parameters" : plural(parameters, "parameter"),
  ];
}

/** Returns the label of a synapse: its name, its step, its kind or its sizes, and the synapse whose weights it shares. */
export function tag(synapse: DrawnSynapse, { layers }: Drawing): string {
  const { name, kind, shape, share, frozen } = synapse;
  const step = stepOf(synapse);
  const list = kind === USUAL_KIND || kind === "oneToOne" ? [shape.map(count).join(" × ")] : [];
  const ends = ({ from, to }: DrawnSynapse) =>
    `${shown(layers[from]!.name, 12)} → ${shown(layers[to]!.name, 12)}`;
  return [
    ...(name === undefined ? [] : [shown(name, 24)]),
    ...(step === undefined ? [] : [step]),
    [...labelOf(synapse), ...list].join(" "),
    ...(share === undefined
      ? []
      : [`weights of ${share.name === undefined ? ends(share) : shown(share.name, 24)}`]),
    ...(frozen ? ["frozen"] : []),
  ].join(" · ");
}
