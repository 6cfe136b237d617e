// A graph that is built anew by calls, from the handles of another: the same layers, synapses and parameters.

import { Graph, type Layer, type Synapse, type SynapseOptions } from "plexus-nn";
import type { AnyGraph } from "./helpers.js";

/** Returns the options of a layer that differ from their defaults. `isLearnt` is whether its initial values learn. */
function optionsOf(l: Layer, isLearnt: boolean): object {
  return {
    ...(l.classes === undefined ? { bias: l.hasBias ? l.bias.slice() : false } : { classes: l.classes }),
    ...(l.norm === undefined ? {} : { norm: l.norm }),
    ...(isLearnt ? { initial: l.initial.slice() } : {}),
    ...(l.frozen ? { frozen: true } : {}),
    ...(l.dropout > 0 ? { dropout: l.dropout } : {}),
    ...(l.time || l.kind !== "input" ? {} : { time: false }),
  };
}

/** Returns the options of a synapse without its weights. */
function mapOf(s: Synapse): SynapseOptions {
  const { kernel, stride, dilation, padding, groups, countPadding, connections, units } = s;
  // A pool's and an upsample's factor follow from the shapes, and an upsample takes no option.
  const window = s.kind === "upsample" || kernel === undefined ? {} : { kernel, stride, dilation, padding };
  return {
    kind: s.kind,
    ...(s.name === undefined ? {} : { name: s.name }),
    ...(s.delay === 0 ? {} : { delay: s.delay }),
    ...window,
    ...(s.kind === "conv" || s.kind === "convTranspose" ? { groups } : {}),
    ...(countPadding === undefined ? {} : { countPadding }),
    ...(connections === undefined || s.share !== undefined ? {} : { connections }),
    ...(units === undefined ? {} : { units }),
  } as SynapseOptions;
}

/** Builds a graph anew by calls. The optimizer's state is not among the results. */
export function rebuilt(graph: AnyGraph): AnyGraph {
  const anew: AnyGraph = new Graph({ precision: graph.precision, seed: graph.seed });
  const { layers } = JSON.parse(JSON.stringify(graph)) as { layers: object[] };
  for (const [i, l] of graph.layers.entries()) {
    const size = l.shape.length === 1 ? l.size : l.shape;
    const options = optionsOf(l, "initial" in layers[i]!);
    if (l.kind === "input") anew.addInput(l.name, size, l.activation, options);
    else if (l.kind === "hidden") anew.addHidden(l.name, size, l.activation, options);
    else anew.addOutput(l.name, size, l.activation, l.loss, options);
    if (l.gain !== undefined) anew.layer(l.name).gain = l.gain;
  }
  const made = new Map<Synapse, Synapse>();
  for (const s of graph.synapses) {
    const own =
      s.share !== undefined
        ? { share: made.get(s.share as Synapse)! }
        : s.weights.length === 0
          ? {}
          : {
              init: { values: s.weights.slice() },
              l2: s.l2,
              ...(s.maxNorm && { maxNorm: s.maxNorm }),
              ...(s.frozen && { frozen: true }),
            };
    made.set(s, anew.connect(s.from.name, s.to.name, { ...mapOf(s), ...own }));
  }
  return anew;
}
