// Activations and losses in plain formulas, a number at a time, and kinds of synapse as matrices.

import type { Activation, ActivationOption, Loss, LossOption, SynapseKind } from "plexus-nn";

type Row = readonly number[];

/** Returns a rule's parameter: given in an object with the name, or the default. */
export function ownNumber(option: ActivationOption | LossOption, usual: number): number {
  if (typeof option === "string") return usual;
  const given = Object.entries(option).find(([name]) => name !== "name");
  return given === undefined ? usual : (given[1] as number);
}

export const nameOf = <N extends string>(option: N | { readonly name: N }): N =>
  typeof option === "string" ? option : option.name;

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
const density = (z: number) => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);

/**
 * Returns the normal distribution's Φ by its series: ½ + φ(z) (z + z³/3 + z⁵/(3·5) + …); 0 or 1 where that has no digits
 * left.
 */
function normal(z: number): number {
  if (Math.abs(z) > 8.5) return z < 0 ? 0 : 1;
  let [term, sum] = [z, z];
  for (let k = 3; k < 300; k += 2) {
    term *= (z * z) / k;
    sum += term;
  }
  return 0.5 + sum * density(z);
}

/** Returns tanh(softplus z). */
const bend = (z: number) => Math.tanh(Math.log1p(Math.exp(z)));
const SCALE = 1.0507009873554805;
const ALPHA = 1.6732632423543772;

interface NaiveActivation {
  value(z: number, a: number): number;
  slope(z: number, y: number, a: number): number;
  /** Default of its parameter, if it has one. */
  readonly own?: number;
  /** Arguments at which the derivative jumps. */
  readonly kinks?: Row;
}

/** The activations of one number at a time: all but softmax. */
export const activations: Record<Exclude<Activation, "softmax">, NaiveActivation> = {
  linear: { value: (z) => z, slope: () => 1 },
  sigmoid: { value: sigmoid, slope: (z) => sigmoid(z) * sigmoid(-z) },
  tanh: { value: Math.tanh, slope: (_, y) => 1 - y * y },
  relu: { value: (z) => Math.max(z, 0), slope: (z) => (z > 0 ? 1 : 0), kinks: [0] },
  leakyRelu: {
    value: (z, a) => (z > 0 ? z : a * z),
    slope: (z, _, a) => (z > 0 ? 1 : a),
    own: 0.01,
    kinks: [0],
  },
  elu: {
    value: (z, a) => (z > 0 ? z : a * Math.expm1(z)),
    slope: (z, _, a) => (z > 0 ? 1 : a * Math.exp(z)),
    own: 1,
    kinks: [0],
  },
  selu: {
    value: (z) => SCALE * (z > 0 ? z : ALPHA * Math.expm1(z)),
    slope: (z) => SCALE * (z > 0 ? 1 : ALPHA * Math.exp(z)),
    kinks: [0],
  },
  gelu: { value: (z) => z * normal(z), slope: (z) => normal(z) + z * density(z) },
  silu: { value: (z) => z * sigmoid(z), slope: (z) => sigmoid(z) * (1 + z * sigmoid(-z)) },
  mish: {
    value: (z) => z * bend(z),
    slope: (z) => bend(z) + z * (1 - bend(z) ** 2) * sigmoid(z),
  },
  softplus: { value: (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))), slope: sigmoid },
  softsign: { value: (z) => z / (1 + Math.abs(z)), slope: (z) => 1 / (1 + Math.abs(z)) ** 2 },
  hardSigmoid: {
    value: (z) => Math.min(Math.max(z / 6 + 0.5, 0), 1),
    slope: (z) => (Math.abs(z) < 3 ? 1 / 6 : 0),
    kinks: [-3, 3],
  },
  exp: { value: Math.exp, slope: Math.exp },
  sin: { value: Math.sin, slope: Math.cos },
};

/** Returns activation(pre) of one sample. */
export function activate(option: ActivationOption, z: Row): number[] {
  const name = nameOf(option);
  if (name !== "softmax") {
    const { value, own = 0 } = activations[name];
    return z.map((number) => value(number, ownNumber(option, own)));
  }
  const top = Math.max(...z);
  const powers = z.map((value) => Math.exp(value - top));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((value) => value / sum);
}

/** Returns Jᵀ · d. */
export function pull(option: ActivationOption, z: Row, y: Row, d: Row): number[] {
  const name = nameOf(option);
  if (name !== "softmax") {
    const { slope, own = 0 } = activations[name];
    return d.map((value, j) => value * slope(z[j]!, y[j]!, ownNumber(option, own)));
  }
  const product = d.reduce((sum, value, j) => sum + value * y[j]!, 0);
  return d.map((value, j) => y[j]! * (value - product));
}

/** Returns whether activation and loss are computed together, so that a saturated unit still learns. */
export function isJoint(activation: ActivationOption, loss: LossOption | undefined): boolean {
  const pair = loss === undefined ? "" : `${nameOf(loss)} on ${nameOf(activation)}`;
  return ["entropy on sigmoid", "crossEntropy on softmax", "kl on softmax"].includes(pair);
}

const log = (value: number) => Math.max(Math.log(value), -100);
const divisor = (value: number) => Math.max(value, 1e-12);

/** Loss as a function of the post-activation and the smoothed target. */
interface NaiveLoss {
  cost(y: number, t: number, a: number): number;
  slope(y: number, t: number, a: number): number;
  readonly own?: number;
  /** Distance to a bend or jump of the slope. */
  kink?(y: number, t: number, a: number): number;
}

export const losses: Record<Loss, NaiveLoss> = {
  entropy: {
    cost: (y, t) => -t * log(y) - (1 - t) * log(1 - y),
    slope: (y, t) => (y - t) / divisor(y * (1 - y)),
  },
  crossEntropy: { cost: (y, t) => -t * log(y), slope: (y, t) => -t / divisor(y) },
  mse: { cost: (y, t) => (y - t) ** 2, slope: (y, t) => 2 * (y - t) },
  mae: {
    cost: (y, t) => Math.abs(y - t),
    slope: (y, t) => Math.sign(y - t),
    kink: (y, t) => Math.abs(y - t),
  },
  huber: {
    cost: (y, t, a) => (Math.abs(y - t) <= a ? (y - t) ** 2 / 2 : a * (Math.abs(y - t) - a / 2)),
    slope: (y, t, a) => Math.min(Math.max(y - t, -a), a),
    own: 1,
    kink: (y, t, a) => Math.abs(Math.abs(y - t) - a),
  },
  logCosh: {
    cost: (y, t) => Math.abs(y - t) + Math.log1p(Math.exp(-2 * Math.abs(y - t))) - Math.LN2,
    slope: (y, t) => Math.tanh(y - t),
  },
  hinge: {
    cost: (y, t) => Math.max(0, 1 - t * y),
    slope: (y, t) => (t * y < 1 ? -t : 0),
    kink: (y, t) => Math.abs(1 - t * y),
  },
  kl: { cost: (y, t) => t * (log(t) - log(y)), slope: (y, t) => -t / divisor(y) },
  poisson: { cost: (y, t) => y - t * log(y), slope: (y, t) => 1 - t / Math.max(y, 3.7e-44) },
};

/** Returns the smoothed targets of one sample: t (1 - s) + s / 2, or + s / n. */
function goals(loss: LossOption, t: Row): Row {
  const name = nameOf(loss);
  if (name !== "entropy" && name !== "crossEntropy") return t;
  const s = ownNumber(loss, 0);
  return t.map((value) => value * (1 - s) + s / (name === "entropy" ? 2 : t.length));
}

/** Returns each unit's part of the cost of one sample at one output. */
export function costs(loss: LossOption, joint: boolean, z: Row, y: Row, t: Row): number[] {
  const g = goals(loss, t);
  const name = nameOf(loss);
  if (!joint) {
    const rule = losses[name];
    return y.map((value, j) => rule.cost(value, g[j]!, ownNumber(loss, rule.own ?? 0)));
  }
  if (name === "entropy")
    return z.map((value, j) => Math.max(value, 0) - g[j]! * value + Math.log1p(Math.exp(-Math.abs(value))));
  const top = Math.max(...z);
  const logSumExp = top + Math.log(z.reduce((total, value) => total + Math.exp(value - top), 0));
  return z.map((value, j) => g[j]! * (logSumExp - value) + (name === "kl" ? t[j]! * log(t[j]!) : 0));
}

/**
 * Returns the derivative of a cost in which the unit j counts e_j: by the post-activation, or in a joint form by the
 * pre-activation. On softmax the targets are weighted, since the cost is linear in them.
 */
export function derivative(loss: LossOption, joint: boolean, y: Row, t: Row, e: Row): number[] {
  const g = goals(loss, t);
  const { slope, own = 0 } = losses[nameOf(loss)];
  if (!joint) return y.map((value, j) => e[j]! * slope(value, g[j]!, ownNumber(loss, own)));
  if (nameOf(loss) === "entropy") return y.map((value, j) => e[j]! * (value - g[j]!));
  const mass = g.reduce((sum, value, j) => sum + e[j]! * value, 0);
  return y.map((value, j) => value * mass - e[j]! * g[j]!);
}

interface NaiveLink {
  fits(from: number, to: number): boolean;
  /** Returns the factor of source unit i in the sum of target unit j. */
  weight(i: number, j: number): number;
}

/** The kinds of synapse without weights and options. */
export const links: Record<Extract<SynapseKind, "identity">, NaiveLink> = {
  identity: { fits: (from, to) => from === to, weight: (i, j) => Number(i === j) },
};
