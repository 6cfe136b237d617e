// The kinds of synapse in PyTorch: an expression of what the source sends, x: (..., units). Units are channels last, as in Plexus;
// torch's windows have the channels first, and views turn one into the other.

import type { SynapseKind } from "../../index.js";
import type { SynapseNode } from "../../model/node.js";
import { channels, extents, type Shape } from "../../rules/shape.js";
import { weightTensor } from "./facts.js";
import { literal, tuple } from "./text.js";

/** Returns the parameter of a tensor. */
export const parameter = (tensor: string) => `p[${literal(tensor)}]`;

/** Returns the parameter of a synapse's weights. */
export const weights = (synapse: SynapseNode) => parameter(weightTensor(synapse));

/** Returns the parameter of a synapse's connections or units, which are another's where it shares them. */
function listed(synapse: SynapseNode, member: "connections" | "units"): string {
  const { index, from, to } = member === "connections" ? (synapse.share ?? synapse) : synapse;
  return parameter(`${member}.${index}.${from.name}.${to.name}`);
}

/** Below this share of all pairs, connections are summed one by one, and not by a matrix with zeros. */
const SPARSE = 1 / 32;

/** The kinds. */
const forms: Readonly<Record<SynapseKind, (synapse: SynapseNode, x: string) => string>> = {
  dense: (synapse, x) => `${x} @ ${weights(synapse)}`,
  identity: (_, x) => x,
  oneToOne: (synapse, x) => `${x} * ${weights(synapse)}`,
  sparse: (synapse, x) => {
    const { from, to, pattern } = synapse;
    const isSparse = pattern!.length / 2 < SPARSE * from.size * to.size;
    const call = isSparse ? "scattered" : "sparse";
    return `${call}(${x}, ${listed(synapse, "connections")}, ${weights(synapse)}, ${to.size})`;
  },
  conv: (synapse, x) => {
    const { from, window } = synapse;
    const { before, padding } = padded(planes(x, from.shape, rankOf(synapse)), window!.padding);
    const { stride, dilation, groups } = window!;
    const options = optionsOf({ stride, padding, dilation, groups });
    return flat(
      `F.conv${rankOf(synapse)}d(${[before, `kernel(${weights(synapse)})`, ...options].join(", ")})`,
      x,
    );
  },
  convTranspose: (synapse, x) => {
    const { from, to, window } = synapse;
    const rank = rankOf(synapse);
    const { stride, dilation, groups, kernel, padding } = window!;
    const options = optionsOf({ stride, groups, dilation });
    const inputs = [planes(x, from.shape, rank), `kernel(${weights(synapse)})`, ...options];
    // Of the whole transpose, the target has the positions from `before` on; some may lie behind its end.
    const [small, big] = [extents(from.shape, rank), extents(to.shape, rank)];
    const whole = kernel.map((size, i) => (small[i]! - 1) * stride[i]! + dilation[i]! * (size - 1) + 1);
    const behind = padding.map(([before], i) => [0, Math.max(0, before - whole[i]!)] as const);
    const cuts = padding.map(([before], i) => {
      return [-before, big[i]! + before - whole[i]! - behind[i]![1]] as const;
    });
    const made = `F.conv_transpose${rank}d(${inputs.join(", ")})`;
    return flat(padText(padText(made, behind), cuts), x);
  },
  averagePool: (synapse, x) => {
    const { from, window } = synapse;
    const { kernel, stride, dilation, padding, countPadding } = window!;
    const rank = rankOf(synapse);
    const source = planes(x, from.shape, rank);
    const hasPads = padding.some(([before, after]) => before + after > 0);
    if (dilation.every((n) => n === 1) && (countPadding || !hasPads)) {
      return flat(`F.avg_pool${rank}d(${padText(source, padding)}, ${sizes(kernel)}, ${sizes(stride)})`, x);
    }
    const pads = [...padding].reverse().flat();
    const counted = countPadding ? "True" : "False";
    const options = [tuple(kernel), tuple(stride), tuple(dilation), tuple(pads), counted];
    return flat(`average(${[source, ...options].join(", ")})`, x);
  },
  maxPool: (synapse, x) => {
    const { from, window } = synapse;
    const { kernel, stride, dilation, padding } = window!;
    const rank = rankOf(synapse);
    const source = padText(planes(x, from.shape, rank), padding, ', value=float("-inf")');
    const options = optionsOf({ dilation });
    return flat(`F.max_pool${rank}d(${[source, sizes(kernel), sizes(stride), ...options].join(", ")})`, x);
  },
  upsample: (synapse, x) => {
    const source = planes(x, synapse.from.shape, rankOf(synapse));
    const repeats = synapse.window!.kernel.map((factor, axis) =>
      factor === 1 ? "" : `.repeat_interleave(${factor}, ${axis + 2})`,
    );
    return flat(`${source}${repeats.join("")}`, x);
  },
  gather: (synapse, x) => `gathered(${x}, ${listed(synapse, "units")})`,
  embedding: (synapse, x) => `F.embedding(${x}, ${weights(synapse)}).flatten(-2)`,
};

/** Returns a synapse's term in the sums of its target: an expression of x, the values of the source. */
export function termOf(synapse: SynapseNode, x: string): string {
  return forms[synapse.kind](synapse, x);
}

const rankOf = ({ window }: SynapseNode) => window!.kernel.length;

/** Returns an expression of units as planes: (samples, channels, ...extents). */
function planes(x: string, shape: Shape, rank: number): string {
  return `planes(${[x, ...extents(shape, rank), channels(shape)].join(", ")})`;
}

/** Returns an expression of planes as units, with the samples and steps of x. */
const flat = (planes: string, x: string) => `flat(${planes}, ${x})`;

/** Returns one number for all axes, or a tuple. */
function sizes(values: readonly number[]): string {
  return values.every((value) => value === values[0]) ? `${values[0]}` : tuple(values);
}

/** Returns the options that differ from torch's defaults, as arguments by name. */
function optionsOf(options: {
  readonly stride?: readonly number[];
  readonly padding?: readonly number[];
  readonly dilation?: readonly number[];
  readonly groups?: number;
}): string[] {
  const { groups = 1, padding = [0], stride = [1], dilation = [1] } = options;
  const usual = { stride: "1", padding: "0", groups: "1", dilation: "1" };
  const given = {
    stride: sizes(stride),
    padding: sizes(padding),
    groups: `${groups}`,
    dilation: sizes(dilation),
  };
  return (Object.keys(usual) as (keyof typeof usual)[])
    .filter((name) => given[name] !== usual[name])
    .map((name) => `${name}=${given[name]}`);
}

type Pads = readonly (readonly [before: number, after: number])[];

/** Returns planes to convolve, and the padding that is torch's own: as much before as after. */
function padded(planes: string, pads: Pads): { before: string; padding: number[] } {
  if (pads.every(([before, after]) => before === after))
    return { before: planes, padding: pads.map(([n]) => n) };
  return { before: padText(planes, pads), padding: [0] };
}

/** Returns an expression of padded planes; a negative number cuts. */
function padText(planes: string, pads: Pads, more = ""): string {
  if (pads.every(([before, after]) => before === 0 && after === 0)) return planes;
  return `F.pad(${planes}, ${tuple([...pads].reverse().flat())}${more})`;
}

/** Functions that terms call, each with its text. */
export const helpers: Readonly<Record<string, string>> = {
  planes: `def planes(x, *shape):
    """Returns units as planes: (samples, channels, ...extents), a view. One channel lies as torch's own, which is faster."""
    return x.reshape(-1, 1, *shape[:-1]) if shape[-1] == 1 else x.reshape(-1, *shape).movedim(-1, 1)
`,
  flat: `def flat(planes, x):
    """Returns planes as units, (..., units), with the samples and steps of x."""
    return planes.movedim(1, -1).reshape(*x.shape[:-1], -1)
`,
  kernel: `def kernel(weights):
    """Returns the weights of a convolution in torch's order: the last two axes first, turned. torch 1.13 wants them contiguous."""
    return weights.movedim((-1, -2), (0, 1)).contiguous()
`,
  average: `def average(x, kernel, stride, dilation, padding, counted):
    """Returns means over windows, of the cells that there are, or with counted of all. x: (samples, channels, ...extents)"""

    def windows(cells):
        cells = F.pad(cells, padding)
        for axis, (size, step, gap) in enumerate(zip(kernel, stride, dilation)):
            cells = cells.unfold(axis + 2, gap * (size - 1) + 1, step)[..., ::gap]
        return cells.flatten(x.ndim)

    count = math.prod(kernel) if counted else windows(torch.ones_like(x[:1, :1])).sum(-1)
    return windows(x).sum(-1) / count
`,
  gathered: `def gathered(x, units):
    """Returns the units of x by their numbers, 0 for -1."""
    return F.pad(x, (1, 0)).index_select(-1, units + 1)
`,
  sparse: `def sparse(x, pairs, weights, size):
    """Returns sums over connections, pairs of a unit of x and one of the result."""
    matrix = weights.new_zeros(x.shape[-1], size)
    return x @ matrix.index_put((pairs[:, 0], pairs[:, 1]), weights)
`,
  scattered: `def scattered(x, pairs, weights, size):
    """Returns sums over few connections, pairs of a unit of x and one of the result."""
    terms = x.index_select(-1, pairs[:, 0]) * weights
    return x.new_zeros(*x.shape[:-1], size).index_add(-1, pairs[:, 1], terms)
`,
};
