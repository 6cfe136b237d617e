// A graph as a program: a JavaScript module without dependencies that predicts, and its types.
//
// It sums in the engine's order, and rounds to float32 where the engine does, so that sums have the engine's bits.

import { GraphError } from "../../base/error.js";
import { show } from "../../base/text.js";
import { encode } from "../../format/base64.js";
import type { ActivationOption, Precision, SynapseKind } from "../../index.js";
import { activations } from "../../rules/activation.js";
import { linkOf } from "../../rules/link.js";
import { chosen } from "../../rules/rule.js";
import {
  type Drawing,
  type DrawnLayer,
  type DrawnSynapse,
  type Floats,
  inOrder,
  parametersOf,
} from "./drawing.js";
import { formulas, needs, softmax } from "./formula.js";
import { arrayOf, each, links, normalise, predict, reader } from "./runtime.js";
import { count, unseen } from "./text.js";

/** Most parameters whose text fits into a string on every host. */
const MOST = 2 ** 24;

/** A program, and its declarations for a `.d.ts` file beside it. */
export interface Source {
  readonly code: string;
  readonly types: string;
}

/** Returns the program of a drawing's outputs and their ancestors. Throws `not-an-output`, `unconnected`, `unsupported`. */
export function program(drawing: Drawing): Source {
  const outputs = drawing.layers.flatMap(({ kind }, i) => (kind === "output" ? [i] : []));
  if (outputs.length === 0) throw new GraphError("not-an-output", "This graph has no output.");
  const order = inOrder(drawing.layers, outputs);
  const needed = order.map((i) => drawing.layers[i]!);
  for (const { name, kind, incoming } of needed) {
    if (kind !== "input" && incoming.length === 0) {
      throw new GraphError("unconnected", `Nothing comes into the layer ${show(name)}.`);
    }
  }
  const other = needed.find(({ join, incoming }) => {
    return join !== "sum" || incoming.some(({ delay, at }) => delay !== 0 || at !== undefined);
  });
  if (other !== undefined) {
    const why = "a product, or a synapse of another step";
    throw new GraphError(
      "unsupported",
      `toSource writes no layer like ${show(other.name)}, which has ${why}.`,
    );
  }
  const total = needed.reduce((sum, layer) => sum + parametersOf(layer), 0);
  if (total > MOST) {
    throw new GraphError(
      "unsupported",
      `toSource writes up to ${count(MOST)} parameters, not ${count(total)}.`,
    );
  }
  return { code: code(drawing.precision, order, needed, total), types: types(drawing, new Set(needed)) };
}

function code(
  precision: Precision,
  order: readonly number[],
  layers: readonly DrawnLayer[],
  total: number,
): string {
  const places = new Map(order.map((layer, place) => [layer, place]));
  const matrices = new Map<DrawnSynapse, number>();
  const weights: string[] = [];
  const functions = new Map<string, string>();
  const kinds = new Set<SynapseKind>();
  const incomingOf = (synapse: DrawnSynapse): string => {
    const place = places.get(synapse.from)!;
    kinds.add(synapse.kind);
    if (linkOf(synapse.kind).weights === undefined) return `[${synapse.kind}, ${place}]`;
    const owner = synapse.share ?? synapse;
    if (!matrices.has(owner)) {
      matrices.set(owner, weights.length);
      weights.push(`  ${arrayText(owner.weights)},\n`);
    }
    return `[${synapse.kind}, ${place}, ${matrices.get(owner)}]`;
  };
  const entries = layers.map(({ name, kind, size, hasBias, bias, gain, scaler, activation, incoming }) => {
    const members = [
      `name: ${literal(name)}, size: ${size}`,
      ...(kind === "hidden" ? [] : [`${kind}: true`]),
      ...(hasBias && bias.some((value) => value !== 0) ? [`bias: ${arrayText(bias)}`] : []),
      ...(gain === undefined ? [] : [`gain: ${arrayText(gain)}`]),
      ...(scaler === undefined
        ? []
        : [`scale: { offset: ${list(scaler.offset)}, divisor: ${list(scaler.divisor)} }`]),
      `from: [${incoming.map(incomingOf).join(", ")}]`,
      ...(activation === "linear" ? [] : [`activate: ${named(functions, activation, precision)}`]),
    ];
    return `  { ${members.join(", ")} },\n`;
  });
  const normalised = layers.some(({ gain }) => gain !== undefined);
  return [
    `// Predicts as a network of ${count(layers.length)} layers and ${count(total)} parameters does, in ${precision}. Written by Plexus.\n`,
    reader(precision),
    each,
    ...needs([...functions.values()].join("")),
    ...(normalised ? [normalise(precision)] : []),
    ...functions.values(),
    ...[...kinds].map((kind) => links(precision)[kind]),
    `/** Row-major, (size of the source, size of the target). */\nconst weights = [\n${weights.join("")}];\n`,
    `/** Each after its sources: [kind of synapse, place in this list, place in weights, if it has any]. */\nconst layers = [\n${entries.join("")}];\n`,
    predict(precision, normalised),
  ].join("\n");
}

/** Returns an activation's name in the program, and adds its function. */
function named(functions: Map<string, string>, activation: ActivationOption, precision: Precision): string {
  const { name, parameter } = chosen(activations, activation, "An activation");
  if (name === "softmax") {
    functions.set(name, softmax[precision]);
    return name;
  }
  const a = precision === "float32" ? Math.fround(parameter) : parameter;
  // The parameter as a part of the name: 0.5 is 0_5.
  const key =
    typeof activation === "string"
      ? name
      : `${name}_${String(parameter).replaceAll("-", "minus").replace(/\W/g, "_")}`;
  functions.set(
    key,
    `const ${key} = each((x) => ${formulas[name][precision].replace(/\ba\b/, () => `${a}`)});\n`,
  );
  return key;
}

/** Returns an expression of numbers, bit for bit. */
function arrayText(values: Floats): string {
  return `numbers("${encode(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))}")`;
}

/** Returns a list of float64 numbers as text, bit for bit. */
function list(values: ArrayLike<number>): string {
  return `[${Array.from(values, (value) => (Object.is(value, -0) ? "-0" : `${value}`)).join(", ")}]`;
}

/** Returns a string literal that can't end a script, without invisible characters. */
function literal(text: string): string {
  return JSON.stringify(text).replace(/[<>]/g, unit).replace(unseen, unit);
}

function unit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function types({ precision, layers }: Drawing, needed: ReadonlySet<DrawnLayer>): string {
  const inputs = layers.flatMap((layer) => {
    if (layer.kind !== "input") return [];
    const [mark, note] = needed.has(layer) ? ["", ""] : ["?", "; not read"];
    return [
      `  /** Rows of ${layer.size}${note}. */\n  readonly ${literal(layer.name)}${mark}: ArrayLike<number>;\n`,
    ];
  });
  const outputs = layers.flatMap(({ kind, name, size }) =>
    kind === "output" ? [`  /** Rows of ${size}. */\n  ${literal(name)}: ${arrayOf(precision)};\n`] : [],
  );
  return `/** Flat arrays of k rows each. */
export interface Inputs {
${inputs.join("")}}

/** Flat arrays of as many rows. */
export interface Outputs {
${outputs.join("")}}

/** Throws a TypeError where an input's values are missing, a RangeError where they are not rows of its size. */
export declare function predict(xs: Inputs): Outputs;
`;
}
