// Every activation in operators of opset 18, to write and to recognize it. An attribute is a float32, and onnxruntime has
// float64 code for basic operators only. So in float64 numbers are tensors, and other operators are written out.

import type { Activation } from "../../index.js";

/** Operands of operators: tensors of a file, or forms to compare. */
export interface Algebra<T> {
  op(opType: string, inputs: readonly (T | number)[], attributes?: Readonly<Record<string, number>>): T;
  /** Reduces the units of a row to one column. */
  reduce(opType: string, x: T): T;
}

/** Applies an activation to x, with its parameter. */
export type Form = <T>(w: Algebra<T>, x: T, own: number) => T;

interface Forms {
  readonly plain: Form;
  /** The form in float64, if it differs. */
  readonly exact?: Form;
  /** Forms of other tools. */
  readonly known?: readonly Form[];
}

const operator =
  (opType: string, attributes: Readonly<Record<string, number>> = {}): Form =>
  (w, x) =>
    w.op(opType, [x], attributes);

/** Returns e^x - 1 where x < 0, else 0; to 1e-16, as precise as its summands. */
const bend: Form = (w, x) => w.op("Sub", [w.op("Exp", [w.op("Min", [x, 0])]), 1]);

const softplus: Form = (w, x) => {
  const small = w.op("Exp", [w.op("Neg", [w.op("Abs", [x])])]);
  return w.op("Add", [w.op("Relu", [x]), w.op("Log", [w.op("Add", [small, 1])])]);
};

const shares = <T>(w: Algebra<T>, powers: T) => w.op("Div", [powers, w.reduce("ReduceSum", powers)]);

/**
 * Returns (x - mean) / √(variance + own), over the units of a row. The square is written as a product, since onnxruntime
 * would fuse a power into an operator whose epsilon is a float32.
 */
export const normalized: Form = (w, x, own) => {
  const centred = w.op("Sub", [x, w.reduce("ReduceMean", x)]);
  const variance = w.reduce("ReduceMean", w.op("Mul", [centred, centred]));
  return w.op("Div", [centred, w.op("Sqrt", [w.op("Add", [variance, own])])]);
};

/** Klambauer et al., "Self-normalizing neural networks", 2017. */
const SELU = { alpha: 1.6732632423543772, scale: 1.0507009873554805 };

export const activations: Readonly<Record<Activation, Forms>> = {
  linear: { plain: (_, x) => x },
  sigmoid: { plain: operator("Sigmoid") },
  tanh: { plain: operator("Tanh") },
  relu: { plain: operator("Relu") },
  leakyRelu: {
    plain: (w, x, alpha) => w.op("LeakyRelu", [x], { alpha }),
    exact: (w, x, slope) => w.op("Add", [w.op("Relu", [x]), w.op("Mul", [w.op("Min", [x, 0]), slope])]),
  },
  elu: {
    plain: (w, x, alpha) => w.op("Elu", [x], { alpha }),
    exact: (w, x, alpha) => w.op("Add", [w.op("Relu", [x]), w.op("Mul", [bend(w, x, 0), alpha])]),
  },
  selu: {
    plain: operator("Selu"),
    exact: (w, x) => {
      const above = w.op("Mul", [w.op("Relu", [x]), SELU.scale]);
      return w.op("Add", [above, w.op("Mul", [bend(w, x, 0), SELU.scale * SELU.alpha])]);
    },
  },
  gelu: {
    plain: (w, x) => {
      const erf = w.op("Erf", [w.op("Div", [x, Math.SQRT2])]);
      return w.op("Mul", [w.op("Mul", [x, w.op("Add", [erf, 1])]), 0.5]);
    },
  },
  silu: {
    plain: (w, x) => w.op("Mul", [x, w.op("Sigmoid", [x])]),
    // onnxruntime would fuse a product with a sigmoid into an operator without float64.
    exact: (w, x) => w.op("Div", [x, w.op("Add", [w.op("Exp", [w.op("Neg", [x])]), 1])]),
  },
  mish: {
    plain: operator("Mish"),
    exact: (w, x) => w.op("Mul", [x, w.op("Tanh", [softplus(w, x, 0)])]),
    known: [(w, x) => w.op("Mul", [x, w.op("Tanh", [w.op("Softplus", [x])])])],
  },
  softplus: {
    plain: operator("Softplus"),
    exact: softplus,
    known: [(w, x) => w.op("Log", [w.op("Add", [w.op("Exp", [x]), 1])])],
  },
  softsign: {
    plain: operator("Softsign"),
    exact: (w, x) => w.op("Div", [x, w.op("Add", [w.op("Abs", [x]), 1])]),
  },
  hardSigmoid: {
    plain: operator("HardSigmoid", { alpha: 1 / 6, beta: 0.5 }),
    exact: (w, x) => w.op("Min", [w.op("Max", [w.op("Add", [w.op("Div", [x, 6]), 0.5]), 0]), 1]),
  },
  softmax: {
    plain: operator("Softmax", { axis: 1 }),
    known: [
      (w, x) => shares(w, w.op("Exp", [x])),
      (w, x) => shares(w, w.op("Exp", [w.op("Sub", [x, w.reduce("ReduceMax", x)])])),
    ],
  },
  exp: { plain: operator("Exp") },
  sin: { plain: operator("Sin") },
};
