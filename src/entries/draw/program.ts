// A graph as a program: a JavaScript module without dependencies that predicts, and its types.
//
// It sums in the engine's order, and rounds to float32 where the engine does, so that sums have the engine's bits.

import { GraphError } from "../../base/error.js";
import { encode } from "../../format/base64.js";
import type { ActivationOption, Precision, SynapseKind } from "../../index.js";
import { activations } from "../../rules/activation.js";
import { linkOf } from "../../rules/link.js";
import { chosen } from "../../rules/rule.js";
import { type Drawing, type DrawnSynapse, type Floats, parametersOf } from "./drawing.js";
import { formulas, needs, softmax } from "./formula.js";
import { type ProgramLayer, type ProgramPass, passOf } from "./pass.js";
import { predict, predictSteps } from "./predict.js";
import { compute, each, links as linkTexts, normalise, reader } from "./runtime.js";
import { count } from "./text.js";
import { literal, types } from "./types.js";

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
  if (total > MOST) {
    throw new GraphError(
      "unsupported",
      `toSource writes up to ${count(MOST)} parameters, not ${count(total)}.`,
    );
  }
  return { code: code(drawing.precision, pass, total), types: types(drawing, pass) };
}

function code(precision: Precision, pass: ProgramPass, total: number): string {
  const { layers, hasSteps, isCausal } = pass;
  const matrices = new Map<DrawnSynapse, number>();
  const weights: string[] = [];
  const functions = new Map<string, string>();
  const kinds = new Set<SynapseKind>();
  const incomingOf = (synapse: DrawnSynapse): string => {
    const { kind, share, delay, at } = synapse;
    kinds.add(kind);
    const owner = share ?? synapse;
    const hasWeights = linkOf(kind).weights !== undefined;
    if (hasWeights && !matrices.has(owner)) {
      matrices.set(owner, weights.length);
      weights.push(`  ${arrayText(owner.weights)},\n`);
    }
    const step = at === undefined ? (delay === 0 ? undefined : `${delay}`) : literal(at);
    const matrix = matrices.get(owner) ?? (step === undefined ? undefined : null);
    return `[${[kind, pass.placeOf(synapse.from), matrix, step].filter((part) => part !== undefined).join(", ")}]`;
  };
  const entries = layers.map((layer) => {
    const { name, kind, size, hasBias, bias, gain, scaler, activation, join } = layer.drawn;
    const members = [
      `name: ${literal(name)}, size: ${size}`,
      ...(kind === "hidden" ? [] : [`${kind}: true`]),
      ...(hasSteps ? stepMembers(layer) : []),
      ...(hasBias && bias.some((value) => value !== 0) ? [`bias: ${arrayText(bias)}`] : []),
      ...(gain === undefined ? [] : [`gain: ${arrayText(gain)}`]),
      ...(scaler === undefined
        ? []
        : [`scale: { offset: ${list(scaler.offset)}, divisor: ${list(scaler.divisor)} }`]),
      ...(join === "product" ? ["product: true"] : []),
      `from: [${layer.incoming.map(incomingOf).join(", ")}]`,
      ...(activation === "linear" ? [] : [`activate: ${named(functions, activation, precision)}`]),
    ];
    return `  { ${members.join(", ")} },\n`;
  });
  const features = {
    hasNorms: layers.some(({ drawn }) => drawn.gain !== undefined),
    hasProducts: layers.some(({ drawn }) => drawn.join === "product"),
  };
  const links = linkTexts(precision);
  return [
    `// Predicts as a network of ${count(layers.length)} layers and ${count(total)} parameters does, in ${precision}. Written by Plexus.\n`,
    reader(precision),
    each,
    ...needs([...functions.values()].join("")),
    ...(features.hasNorms ? [normalise(precision)] : []),
    ...functions.values(),
    ...[...kinds].map((kind) => links[kind]!),
    `/** Row-major, (size of the source, size of the target). */\nconst weights = [\n${weights.join("")}];\n`,
    `/** ${comment(hasSteps)} */\nconst layers = [\n${entries.join("")}];\n`,
    compute(precision, features),
    hasSteps ? predictSteps(precision, isCausal) : predict(precision),
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
