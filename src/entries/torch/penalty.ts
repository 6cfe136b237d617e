// Penalties of weights, and bounds of their norms, in PyTorch.

import type { SynapseNode } from "../../model/node.js";
import { channels } from "../../rules/shape.js";
import { type Facts, weightsOf, weightTensor } from "./facts.js";
import { parameter } from "./link.js";
import { indent, literal, number } from "./text.js";

/** Returns the lines of the penalties of weights that lead to outputs with targets. */
export function penaltyLines(facts: Facts, penalised: readonly SynapseNode[]): string[] {
  const { network, outputs } = facts;
  const ancestors = outputs.map(
    (output) => [output, new Set(weightsOf(network.topology.ancestors([output])))] as const,
  );
  const lines = penalised.flatMap((synapse) => {
    const w = parameter(weightTensor(synapse));
    const { l1, l2 } = synapse;
    const terms = [
      ...(l1 > 0 ? [`${number(l1)} * ${w}.abs().sum()`] : []),
      ...(l2 > 0 ? [`${number(l2)} * ${w}.square().sum()`] : []),
    ];
    const line = `penalty = penalty + ${terms.join(" + ")}`;
    const names = ancestors.filter(([, weights]) => weights.has(synapse)).map(([{ name }]) => literal(name));
    if (names.length === outputs.length) return [line];
    return [`if ${names.map((one) => `${one} in ts`).join(" or ")}:`, `    ${line}`];
  });
  return [
    "def penalty(self, ts):",
    ...indent(
      [
        '"""Returns the penalties of the weights that lead to outputs with targets."""',
        "p, penalty = self.p, torch.zeros_like(self.tensors[0][0])",
        ...lines,
        "return penalty",
      ],
      1,
    ),
  ];
}

/** Returns the lines that bound the norms of weights into units. */
export function limitLines(limited: readonly SynapseNode[]): string[] {
  const lines = limited.flatMap((synapse) => {
    const tensor = weightTensor(synapse);
    return [`if ${literal(tensor)} in self.trained:`, `    ${limitLine(synapse, parameter(tensor))}`];
  });
  return [
    "@torch.no_grad()",
    "def limit(self):",
    ...indent(
      ['"""Bounds the norms of trained weights into a unit or a channel."""', "p = self.p", ...lines],
      1,
    ),
  ];
}

/** Returns the line that bounds the norms of a synapse's weights. */
function limitLine(synapse: SynapseNode, w: string): string {
  const { kind, window, from, to, index, maxNorm } = synapse;
  const most = number(maxNorm!);
  switch (kind) {
    case "oneToOne":
      return `${w}.clamp_(-${most}, ${most})`;
    case "sparse": {
      const pairs = parameter(`connections.${index}.${from.name}.${to.name}`);
      return `bound_pairs(${w}, ${most}, ${pairs}[:, 1], ${to.size})`;
    }
    case "embedding":
      return `bound(${w}, ${most}, -1)`;
    case "convTranspose": {
      const taps = window!.kernel.map((_, axis) => axis);
      const split = `${w}.unflatten(-1, (${window!.groups}, ${channels(from.shape) / window!.groups}))`;
      return `bound(${split}, ${most}, (${[...taps, -1].join(", ")}))`;
    }
    default: {
      const axes = kind === "conv" ? [...window!.kernel.map((_, axis) => axis), window!.kernel.length] : [0];
      return `bound(${w}, ${most}, ${axes.length === 1 ? axes[0] : `(${axes.join(", ")})`})`;
    }
  }
}

/** Functions that bound norms, each with its text. */
export const helpers: Readonly<Record<string, string>> = {
  bound: `def bound(weights, most, axes):
    """Scales weights in place to a norm over some axes of at most that number."""
    norm = weights.square().sum(axes, keepdim=True).sqrt()
    weights.mul_(torch.where(norm > most, most / norm, torch.ones_like(norm)))
`,
  bound_pairs: `def bound_pairs(weights, most, targets, size):
    """Scales weights in place to a norm of at most that number for each target."""
    norm = weights.new_zeros(size).index_add(0, targets, weights.square()).sqrt()
    weights.mul_(torch.where(norm > most, most / norm, torch.ones_like(norm))[targets])
`,
};
