// The activations in JavaScript, for the text of a program. In float64 they use Math. In float32 a rounding error is larger,
// and later layers can enlarge it. There formulas follow assembly/lane/, each step rounded by f; the store rounds the last
// step. Functions that the core computes in float64 use Math here, too.

import type { Activation, Precision } from "../../index.js";

type Texts = Readonly<Record<Precision, string>>;

const same = (text: string): Texts => ({ float64: text, float32: text });

/** y as a function of x, and of a, the activation's parameter. Softmax takes a whole row. */
export const formulas: Readonly<Record<Exclude<Activation, "softmax">, Texts>> = {
  linear: same("x"),
  sigmoid: { float64: "1 / (1 + Math.exp(-x))", float32: "logistic(x)" },
  tanh: { float64: "Math.tanh(x)", float32: "hyperbolic(x)" },
  relu: same("Math.max(x, 0)"),
  leakyRelu: same("x > 0 ? x : a * x"),
  elu: { float64: "x > 0 ? x : a * Math.expm1(x)", float32: "x > 0 ? x : a * power(x, 1)" },
  selu: {
    float64: "x > 0 ? 1.0507009873554805 * x : 1.7580993408473768 * Math.expm1(x)",
    float32: "x > 0 ? f(1.05070098) * x : f(1.75809934) * power(x, 1)",
  },
  gelu: { float64: "x * normal(x)", float32: "x * f(normal(x))" },
  silu: { float64: "x / (1 + Math.exp(-x))", float32: "Math.max(x, -120) * logistic(x)" },
  mish: { float64: "x * Math.tanh(Math.log1p(Math.exp(x)))", float32: "Math.max(x, -120) * bend(x)" },
  softplus: {
    float64: "Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))",
    float32: "Math.max(x, 0) + logarithm(power(-Math.abs(x), 0))",
  },
  softsign: { float64: "x / (1 + Math.abs(x))", float32: "x / f(1 + Math.abs(x))" },
  hardSigmoid: {
    float64: "Math.min(Math.max(x / 6 + 0.5, 0), 1)",
    float32: "Math.min(Math.max(f(x * f(1 / 6)) + 0.5, 0), 1)",
  },
  exp: { float64: "Math.exp(x)", float32: "power(x, 0)" },
  sin: same("Math.sin(x)"),
};

/** Helper functions of formulas and of each other; each is written where a text after it calls it. */
const helpers: readonly (readonly [name: string, text: string])[] = [
  [
    "power",
    `const word = new Int32Array(1);
const single = new Float32Array(word.buffer);
const two = (k) => {
  word[0] = (k + 127) << 23;
  return single[0];
};
/** Returns e^x - less. */
const power = (x, less) => {
  x = Math.min(Math.max(x, -104), 89);
  const n = f(f(x * f(1.44269504)) + 12582912) - 12582912;
  const high = f(x - f(n * f(0.69313812256)));
  const low = f(n * f(9.0580006145e-6));
  const r = f(high - low);
  const z = f(r * r);
  const p = f(f(0.50000001201) + f(r * f(0.16666665459)));
  const q = f(f(0.041665795894) + f(r * f(0.0083334519073)));
  const s = f(f(0.0013981999507) + f(r * f(0.0001987569150)));
  const rest = f(f(z * f(p + f(z * f(q + f(z * s))))) - low);
  const h = n >> 1;
  const inner = two(n - h);
  if (!less) return f(f(inner + f(inner * f(high + rest))) * two(h));
  const near = f(f(inner - two(-h)) + f(inner * high));
  return f(f(near + f(inner * rest)) * two(h));
};
`,
  ],
  [
    "logistic",
    `const logistic = (x) => {
  const e = power(-Math.abs(x), 0);
  const m = x < 0 ? e : 1;
  return f(m - f(m * f(e / f(1 + e))));
};
`,
  ],
  [
    "hyperbolic",
    `const hyperbolic = (x) => {
  const h = f(power(f(2 * Math.abs(x)), 1) * 0.5);
  const m = Math.min(h, 1);
  const y = f(m - f(m * f(m / f(1 + h))));
  return x < 0 ? -y : y;
};
`,
  ],
  [
    "bend",
    `const bend = (x) => {
  const e = power(Math.min(x, 20), 0);
  const n = f(e * f(e + 2));
  return f(n / f(n + 2));
};
`,
  ],
  [
    "logarithm",
    `/** Returns ln(1 + x), 0 ≤ x ≤ 1. */
const logarithm = (x) => {
  const above = x > f(0.41421357);
  const g = above ? f(f(x - 1) * 0.5) : x;
  const s = f(g / f(2 + g));
  const square = f(0.5 * f(g * g));
  const z = f(s * s);
  const w = f(z * z);
  const odd = f(f(0.66666662693) + f(w * f(0.28498786688)));
  const even = f(f(0.40000972152) + f(w * f(0.24279078841)));
  const y = f(f(s * f(square + f(f(z * odd) + f(w * even)))) + (above ? f(9.0580006145e-6) : 0));
  return f(f(f(y - square) + g) + (above ? f(0.69313812256) : 0));
};
`,
  ],
  [
    // Marsaglia, "Evaluating the normal distribution", 2004: ½ + φ(x) (x + x³/3 + x⁵/(3·5) + …).
    "normal",
    `const normal = (x) => {
  if (!(Math.abs(x) < 9)) return x < 0 ? 0 : 1;
  let sum = x;
  for (let i = 3, term = x, last = 0; sum !== last; i += 2) {
    last = sum;
    sum += term *= (x * x) / i;
  }
  return 0.5 + sum * Math.exp(-0.5 * x * x) * 0.3989422804014327;
};
`,
  ],
];

/**
 * Softmax of a row. Its largest number is subtracted first, so that no power overflows. The sum has as many partial sums as
 * the core's.
 */
export const softmax: Texts = {
  float64: `const softmax = (row) => {
  const top = row.reduce((a, b) => Math.max(a, b));
  let sum = 0;
  for (let j = 0; j < row.length; j++) sum += row[j] = Math.exp(row[j] - top);
  for (let j = 0; j < row.length; j++) row[j] /= sum;
};
`,
  float32: `const softmax = (row) => {
  const top = row.reduce((a, b) => Math.max(a, b));
  const sums = new Float32Array(4);
  for (let j = 0; j < row.length; j++) sums[j & 3] += row[j] = power(f(row[j] - top), 0);
  const sum = f(f(sums[0] + sums[1]) + f(sums[2] + sums[3]));
  for (let j = 0; j < row.length; j++) row[j] /= sum;
};
`,
};

/** Returns the helper functions that a text calls, and their own helpers. */
export function needs(text: string): string[] {
  const found: string[] = [];
  for (const [name, helper] of [...helpers].reverse()) {
    if ([text, ...found].some((caller) => caller.includes(`${name}(`))) found.unshift(helper);
  }
  return found;
}
