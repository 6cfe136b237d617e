// A graph as a program: a JavaScript module without dependencies that predicts, and its types.
//
// It sums in the engine's order, and rounds to float32 where the engine does, so that sums have the engine's bits.

import { GraphError } from "../../base/error.js";
import type { ActivationOption, Precision } from "../../index.js";
import { activations } from "../../rules/activation.js";
import { groupsOf } from "../../rules/norm.js";
import { chosen } from "../../rules/rule.js";
import { channels } from "../../rules/shape.js";
import { type Drawing, type DrawnLayer, parametersOf } from "./drawing.js";
import { formulas, needs, softmax } from "./formula.js";
import { Incoming } from "./incoming.js";
import { links } from "./links.js";
import { count } from "./number.js";
import { type ProgramLayer, type ProgramPass, passOf } from "./pass.js";
import { predict, predictSteps } from "./predict.js";
import { compute, each, integers, normalise, reader, splitter } from "./runtime.js";
import { literal, types } from "./types.js";
import { arrayText, list } from "./values.js";

/** Most parameters whose text fits into a string on every host. */
const MOST = 2 ** 24;

/** A program, and its declarations for a `.d.ts` file beside it. */
export interface Source {
  readonly code: string;
  readonly types: string;
}

/** Returns the program of a drawing's outputs and their ancestors. Throws `not-an-output`, `unconnected`, `unsupported`. */
export function program(drawing: Drawing): Source {
  const pass = passOf(drawing);
  const total = pass.layers.reduce((sum, { drawn }) => sum + parametersOf(drawn), 0);
  const indices = pass.layers.reduce((sum, { drawn }) => sum + indicesOf(drawn), 0);
  if (total + indices > MOST) {
    const some = indices === 0 ? "" : ", connections and units of gathers";
    throw new GraphError(
      "unsupported",
      `toSource writes up to ${count(MOST)} parameters${some}, not ${count(total + indices)}.`,
    );
  }
  return { code: code(drawing.precision, pass, total), types: types(drawing, pass) };
}

/** Returns the number of connections and of units of gathers that a layer's own synapses list. */
function indicesOf({ incoming }: DrawnLayer): number {
  return incoming.reduce((sum, { node, share }) => {
    const connections = share === undefined ? (node.pattern?.length ?? 0) / 2 : 0;
    return sum + connections + (node.units?.length ?? 0);
  }, 0);
}

function code(precision: Precision, pass: ProgramPass, total: number): string {
  const { layers, hasSteps, isCausal } = pass;
  const functions = new Map<string, string>();
  const synapses = new Incoming(pass);
  const entries = layers.map((layer) => {
    const { name, kind, size, classes, hasBias, bias, norm, gain, scaler, join } = layer.drawn;
    const run = norm === undefined ? size : channels(layer.drawn.shape) / groupsOf(norm);
    const members = [
      `name: ${literal(name)}, size: ${size}`,
      ...(kind === "hidden" ? [] : [`${kind}: true`]),
      ...(classes === undefined ? [] : [`classes: ${classes}`]),
      ...(hasSteps ? stepMembers(layer) : []),
      ...(hasBias && bias.some((value) => value !== 0) ? [`bias: ${arrayText(bias)}`] : []),
      ...(gain === undefined ? [] : [`gain: ${arrayText(gain)}`]),
      ...(run === size ? [] : [`norm: [${run}, ${channels(layer.drawn.shape)}]`]),
      ...(scaler === undefined
        ? []
        : [`scale: { offset: ${list(scaler.offset)}, divisor: ${list(scaler.divisor)} }`]),
      ...(join === "product" ? ["product: true"] : []),
      `from: [${layer.incoming.map((synapse) => synapses.add(synapse)).join(", ")}]`,
      ...activateMember(functions, layer.drawn, precision),
    ];
    return `  { ${members.join(", ")} },\n`;
  });
  const features = {
    hasNorms: layers.some(({ drawn }) => drawn.gain !== undefined),
    hasProducts: layers.some(({ drawn }) => drawn.join === "product"),
  };
  const hasClasses = layers.some(({ drawn }) => drawn.classes !== undefined);
  const texts = links(precision);
  const { kinds, lists, weights } = synapses;
  return [
    `// Predicts as a network of ${count(layers.length)} layers and ${count(total)} parameters does, in ${precision}. Written by Plexus.\n`,
    reader(precision),
    each,
    ...needs([...functions.values()].join("")),
    ...(features.hasNorms ? [normalise(precision)] : []),
    ...functions.values(),
    ...(layers.some(({ drawn }) => isSplit(drawn)) ? [splitter] : []),
    ...[...kinds].map((kind) => texts[kind]),
    ...(lists === "" ? [] : [integers, `const lists = [\n${lists}];\n`]),
    `/** Row-major; of a dense synapse (size of the source, size of the target). */\nconst weights = [\n${weights}];\n`,
    `/** ${comment(hasSteps)} */\nconst layers = [\n${entries.join("")}];\n`,
    compute(precision, features),
    hasSteps ? predictSteps(precision, isCausal, hasClasses) : predict(precision, hasClasses),
  ].join("\n");
}

/** Returns the members of a layer in a program with steps. */
function stepMembers({ drawn, until, isReversed, depth }: ProgramLayer): string[] {
  return [
    ...(drawn.time ? [] : ["once: true"]),
    ...(until === undefined ? [] : [`until: ${until}`]),
    ...(isReversed ? ["reversed: true"] : []),
    ...(depth === 0 ? [] : [`depth: ${depth}`]),
    ...(drawn.initial === undefined ? [] : [`initial: ${arrayText(drawn.initial)}`]),
  ];
}

/** Returns the comment of the list of layers. */
function comment(hasSteps: boolean): string {
  const sources = "kind of synapse, place in this list, place in weights, if it has any";
  return hasSteps
    ? `Each after its sources, loops up to the place \`until\`: [${sources}, delay or step].`
    : `Each after its sources: [${sources}].`;
}

/** Returns whether softmax goes over the channels of each position. */
function isSplit({ activation, shape }: DrawnLayer): boolean {
  return activation === "softmax" && shape.length > 1;
}

/** Returns the member that applies a layer's activation. */
function activateMember(functions: Map<string, string>, layer: DrawnLayer, precision: Precision): string[] {
  const { activation, shape } = layer;
  if (activation === "linear") return [];
  const name = named(functions, activation, precision);
  return [`activate: ${isSplit(layer) ? `split(${name}, ${channels(shape)})` : name}`];
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
