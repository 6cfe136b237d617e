// The activations of recurrent operators: each is an activation of a layer, of slope · x + shift.

import type { ActivationOption } from "../../../index.js";
import { damaged } from "../wire.js";
import type { Call } from "./call.js";
import { leaky } from "./nonlinear.js";

/** An activation of slope · x + shift. */
export interface Rule {
  readonly activation: ActivationOption;
  readonly slope: number;
  readonly shift: number;
}

export const plain = (activation: ActivationOption): Rule => ({ activation, slope: 1, shift: 0 });

/** Activations by their name in lower case, with their alpha and beta. */
const rules: Readonly<
  Record<string, (alpha: number | undefined, beta: number | undefined) => Rule | undefined>
> = {
  sigmoid: () => plain("sigmoid"),
  tanh: () => plain("tanh"),
  relu: () => plain("relu"),
  softsign: () => plain("softsign"),
  softplus: () => plain("softplus"),
  leakyrelu: (alpha = 0.01) => plain(leaky(alpha)),
  elu: (alpha = 1) => plain(alpha === 1 ? "elu" : { name: "elu", alpha }),
  hardsigmoid: (alpha = 0.2, beta = 0.5) => {
    return { activation: "hardSigmoid", slope: 6 * alpha, shift: 6 * (beta - 0.5) };
  },
  affine: (alpha = 1, beta = 0) => (alpha === 1 && beta === 0 ? plain("linear") : undefined),
};

/** Activations that take an alpha, and a beta, from the node's lists. */
const ALPHA: ReadonlySet<string> = new Set([
  "leakyrelu",
  "elu",
  "hardsigmoid",
  "affine",
  "thresholdedrelu",
  "scaledtanh",
]);
const BETA: ReadonlySet<string> = new Set(["hardsigmoid", "affine", "scaledtanh"]);

/** Reads the activations of all directions. */
export function activationsOf(call: Call, usual: readonly string[], directions: number): Rule[] {
  const given = call.texts("activations");
  const names = given.length > 0 ? given : Array.from({ length: directions }, () => usual).flat();
  if (names.length !== usual.length * directions)
    throw damaged(`${call.node.opType} has ${names.length} activations`);
  const [alphas, betas] = ["activation_alpha", "activation_beta"].map((name) => [
    ...(call.floats(name) ?? []),
  ]);
  return names.map((given) => {
    const name = given.toLowerCase();
    const alpha = ALPHA.has(name) ? alphas!.shift() : undefined;
    const beta = BETA.has(name) ? betas!.shift() : undefined;
    const rule = Object.hasOwn(rules, name) ? rules[name]!(alpha, beta) : undefined;
    if (rule === undefined) throw call.refuse(`has the activation ${given}, which no layer computes`);
    return rule;
  });
}
