// Loops that torch computes as one: an LSTM without peepholes, and a GRU that resets after its product. Their form decides, not the
// names of their layers. torch computes the same sums, in another order.

import { type LayerNode, learnsBias, owner } from "../../model/node.js";
import { type Cell, cellOf } from "../onnx/export/cell.js";
import { type ExportedLayer, exportedLayers } from "../onnx/export/graph.js";
import { type Facts, isTimed } from "./facts.js";
import type { StoresPre } from "./layer.js";
import { weights } from "./link.js";
import { arriving, each, goesApart, of, outside, rowOf } from "./term.js";
import { list, tuple } from "./text.js";

/** An operator of torch: its function, its gates' places in ONNX's order, and its activations. */
const operators = {
  LSTM: { call: "lstm", order: [0, 2, 3, 1], activations: "Sigmoid,Tanh,Tanh" },
  GRU: { call: "gru", order: [1, 0, 2], activations: "Sigmoid,Tanh" },
} as const;

/** Returns the lines of a loop as an operator; `undefined` for another form, or where others read its inner layers. */
export function cellLines(
  facts: Facts,
  loop: readonly LayerNode[],
  storesPre: StoresPre,
): string[] | undefined {
  const { graph, network, outputs } = facts;
  if (loop.length < 9) return undefined;
  const asked = outputs.map(({ name }) => graph.layer(name));
  const exported = exportedLayers(graph, network, asked).find(({ name }) => name === loop[0]!.name)!;
  const cell = cellOf(exported.loop!);
  if (cell === undefined || cell.opType === "RNN" || !isPlain(facts, cell, loop)) return undefined;
  const { call, order } = operators[cell.opType];
  const node = (one: ExportedLayer) => network.topology.layer(one.name);
  const gates = order.map((place) => node(cell.gates[place]!));
  const recurrent = order.map(
    (place) => network.topology.synapses[graph.synapses.indexOf(cell.recurrent[place]!)]!,
  );
  const hidden = node(cell.hidden);
  const inside = new Set(loop);
  const sources = gates.map(({ incoming }) => incoming.filter(({ from }) => !inside.has(from)));
  const side = (texts: readonly string[], axis: number) =>
    texts.length === 1 ? texts[0]! : `torch.cat(${list(texts)}, ${axis})`;
  const x = side(
    sources[0]!.map((synapse) => {
      const apart = { x: of("xs", synapse.from), timed: isTimed(facts, synapse.from) };
      const { x, timed } = goesApart(facts, synapse) ? apart : arriving(facts, synapse);
      return timed ? x : `${x}[:, None].expand(-1, steps, -1)`;
    }),
    -1,
  );
  const start = [hidden, ...(cell.state === undefined ? [] : [node(cell.state)])].map(beyond);
  const into = sources.map((own) => side(own.map(weights), 0));
  const again = recurrent.map(weights);
  const biases = [
    gates.map((gate, i) => {
      const rows = sources[i]!.filter((synapse) => goesApart(facts, synapse)).map(rowOf);
      return [bias(gate), ...rows].join(" + ");
    }),
    ...(call === "gru" ? [recurrent.map(({ to }, i) => (i < 2 ? zeros(to) : bias(to)))] : []),
  ];
  const isReversed = network.topology.loops.isReversed(loop);
  const steps = `${call}(${[isReversed ? `flipped(${x}, lengths)` : x, tuple(start), ...[into, again, ...biases].map(list)].join(", ")})`;
  return [
    `# The layers of ${call === "lstm" ? "an LSTM" : "a GRU"}.`,
    `${of("post", hidden)} = ${isReversed ? `flipped(${steps}, lengths)` : steps}`,
    ...(storesPre(hidden) ? [`${of("pre", hidden)} = ${of("post", hidden)}`] : []),
  ];
}

/** Returns whether an operator has all that is learnt in a loop, and all that is read of it. */
function isPlain(facts: Facts, cell: Cell, loop: readonly LayerNode[]): boolean {
  const { hidden, gates, peepholes, activations, opType, resetsAfter, recurrent } = cell;
  if (opType === "RNN" || activations.join() !== operators[opType].activations) return false;
  if (peepholes.some((one) => one !== undefined) || (opType === "GRU" && !resetsAfter)) return false;
  const biased = new Set([...gates.map(({ name }) => name), ...recurrent.map(({ to }) => to.name)]);
  const inside = new Set(loop);
  return loop.every((layer) => {
    const { name, dropout, outgoing, incoming } = layer;
    const isRead =
      outgoing.some(({ to }) => facts.inside.has(to) && !inside.has(to)) || facts.outputs.includes(layer);
    const isFixed = biased.has(name) || !learnsBias(layer);
    // The complement of the update gate has a weight of -1 for each unit.
    const hasFixed = incoming.every((synapse) => synapse.kind !== "oneToOne" || owner(synapse).frozen);
    return dropout === 0 && isFixed && hasFixed && (!isRead || name === hidden.name);
  });
}

const zeros = ({ size }: LayerNode) => `self.tensors[0].new_zeros(${size})`;

const bias = (layer: LayerNode) => (layer.hasBias ? each(layer, "bias") : zeros(layer));

/** Returns the values of a layer before its first step, for each sample. */
function beyond(layer: LayerNode): string {
  const { size, initial } = layer;
  return initial === undefined
    ? `self.tensors[0].new_zeros(samples, ${size})`
    : `${outside(layer)}.expand(samples, -1)`;
}

/** Functions that the lines call, each with its text. */
export const helpers: Readonly<Record<string, string>> = {
  flipped: `def flipped(x, lengths):
    """Returns the steps of each sample from its last to its first. x: (samples, steps, units)"""
    t = torch.arange(x.shape[1], device=x.device)
    source = torch.where(t < lengths[:, None], lengths[:, None] - 1 - t, t)
    return x.gather(1, source[..., None].expand(-1, -1, x.shape[2]))
`,
  lstm: `def lstm(x, start, into, again, bias):
    """Returns the steps of an LSTM by matrices and biases of its gates: input, forget, candidate, output."""
    bias = torch.cat(bias)
    weights = [torch.cat(into, 1).t(), torch.cat(again, 1).t(), bias, torch.zeros_like(bias)]
    start = [values[None].contiguous() for values in start]
    return torch.lstm(x, start, weights, True, 1, 0.0, False, False, True)[0]
`,
  gru: `def gru(x, start, into, again, bias, recalled):
    """Returns the steps of a GRU by matrices and both biases of its gates: reset, update, candidate."""
    weights = [torch.cat(into, 1).t(), torch.cat(again, 1).t(), torch.cat(bias), torch.cat(recalled)]
    return torch.gru(x, start[0][None].contiguous(), weights, True, 1, 0.0, False, False, True)[0]
`,
};
