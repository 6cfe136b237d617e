// The losses in PyTorch: an expression for the loss of each unit, of the pre-activation z, the post-activation y and the target
// t. Joint forms of an activation and its loss stay exact where y is saturated, as assembly/rule/entropy.ts has them.

import type { Activation, Loss, Precision } from "../../index.js";
import type { LayerNode } from "../../model/node.js";
import { channels } from "../../rules/shape.js";
import { byPosition } from "./activation.js";
import { number } from "./text.js";

/** Names of the values of an output in an expression, and the loss's parameter. */
interface Of {
  readonly layer: LayerNode;
  readonly z: string;
  readonly y: string;
  readonly t: string;
  readonly own: number;
  /** Least divisor of Poisson's slope. */
  readonly least: number;
}

/** Returns ln y of softmax, exact where y is near 0. */
const logShare = ({ layer, z }: Of) => byPosition(layer, z, (row) => `F.log_softmax(${row}, -1)`);

/** Returns 1 - y of softmax as the sum of the other units, which keeps its digits where y is near 1. */
const others = ({ layer, y }: Of) => byPosition(layer, y, (row) => `others(${row})`);

/** Returns targets of single units, smoothed towards a half. */
const smoothed = ({ t, own }: Of) =>
  own === 0 ? t : `torch.lerp(${t}, torch.full_like(${t}, 0.5), ${number(own)})`;

/** Returns targets of classes, smoothed towards equal shares. */
const shared = ({ layer, t, own }: Of) =>
  own === 0 ? t : `(${number(1 - own)} * ${t} + ${number(own / channels(layer.shape))})`;

/** Returns ln y where it is Poisson's, whose slope has a larger bound: t / y stays finite where y is 0. */
const level = ({ y, least }: Of) => `log(${y}, ${number(least)})`;

/** The losses of any activation; entropy is one of joint forms alone. */
const plain: Readonly<Record<Exclude<Loss, "entropy">, (of: Of) => string>> = {
  crossEntropy: (of) => `-${shared(of)} * log(${of.y})`,
  mse: ({ y, t }) => `(${y} - ${t}).square()`,
  mae: ({ y, t }) => `(${y} - ${t}).abs()`,
  huber: ({ y, t, own }) => `F.huber_loss(${y}, ${t}, reduction="none", delta=${number(own)})`,
  logCosh: ({ y, t }) => `log_cosh(${y} - ${t})`,
  hinge: ({ y, t }) => `torch.relu(1 - ${t} * ${y})`,
  kl: ({ y, t }) => `torch.special.xlogy(${t}, ${t}) - ${t} * log(${y})`,
  poisson: (of) => `${of.y} - ${of.t} * ${level(of)}`,
};

/** Joint forms. */
const joint: Readonly<Record<string, Partial<Record<Activation, (of: Of) => string>>>> = {
  entropy: {
    sigmoid: (of) => `F.binary_cross_entropy_with_logits(${of.z}, ${smoothed(of)}, reduction="none")`,
    hardSigmoid: (of) =>
      `-${smoothed(of)} * log(${of.y}) - (1 - ${smoothed(of)}) * log(F.relu6(3 - ${of.z}) / 6)`,
    softmax: (of) =>
      `-${smoothed(of)} * ${logShare(of)}.clamp_min(-100) - (1 - ${smoothed(of)}) * log(${others(of)})`,
  },
  crossEntropy: {
    softmax: ({ layer, z, t, own }) => {
      const options = own === 0 ? "" : `, ${number(own)}`;
      return `cross_entropy(${z}, ${t}, ${channels(layer.shape)}${options})`;
    },
  },
  kl: { softmax: (of) => `torch.special.xlogy(${of.t}, ${of.t}) - ${of.t} * ${logShare(of)}` },
  poisson: {
    exp: ({ z, y, t }) => `${y} - ${t} * ${z}.clamp_min(-100)`,
    softplus: (of) => {
      const { z, y, t } = of;
      return `${y} - ${t} * torch.where(${z} < -40, ${z}.clamp_min(-100), ${level(of)})`;
    },
    sigmoid: ({ z, y, t }) => `${y} - ${t} * F.logsigmoid(${z}).clamp_min(-100)`,
    softmax: (of) => `${of.y} - ${of.t} * ${logShare(of)}.clamp_min(-100)`,
  },
};

/** Returns the loss of each unit of an output. */
export function lossOf(layer: LayerNode, precision: Precision, z: string, y: string, t: string): string {
  const { name, parameter } = layer.loss!;
  const form = joint[name]?.[layer.activation.name] ?? plain[name as keyof typeof plain];
  return form({ layer, z, y, t, own: parameter, least: precision === "float64" ? 3.7e-44 : 1e-30 });
}

/** Functions that losses call, each with its text. */
export const helpers: Readonly<Record<string, string>> = {
  log: `def log(y, least=1e-12):
    """Returns ln y, at least -100; its slope is 1 / y, y being at least that number."""
    now = y.detach()
    return now.log().clamp_min(-100) + (y - now) / now.clamp_min(least)
`,
  cross_entropy: `def cross_entropy(z, t, classes, smoothing=0.0):
    """Returns the loss of each target that is the number of a class, or else of each unit."""
    if t.is_floating_point():
        shares = t.unflatten(-1, (-1, classes)) * (1 - smoothing) + smoothing / classes
        return -(shares * F.log_softmax(z.unflatten(-1, (-1, classes)), -1)).flatten(-2)
    z = z if t.ndim == 1 else z.reshape(-1, classes)
    loss = F.cross_entropy(z, t.flatten(), reduction="none", label_smoothing=smoothing)
    return loss if t.ndim == 1 else loss.reshape(t.shape)
`,
  others: `def others(y):
    """Returns the sum of a row's other units: 1 - y of softmax, with all its digits."""
    return y @ (1 - torch.eye(y.shape[-1], dtype=y.dtype, device=y.device))
`,
  log_cosh: `def log_cosh(d):
    """Returns ln cosh d, exact where d is large."""
    return d.abs() + torch.log1p(torch.expm1(-2 * d.abs()) / 2)
`,
};
