// A network that only predicts, from its file. Members of the file that predicting doesn't need are not read: the optimizer and its
// state, losses, penalties, generators.

import { choice, flag } from "../../base/options.js";
import { show } from "../../base/text.js";
import { checkSize } from "../../calls/build.js";
import { assemble, type Maker, type Rebuilder, readPrecision } from "../../format/assemble.js";
import type { LayerEntry, SynapseEntry } from "../../format/entry.js";
import { array } from "../../format/path.js";
import { Memory } from "../../memory/memory.js";
import { checkShared, checkSizes, spelt } from "../../model/joint.js";
import { type LayerNode, owner, type SynapseNode } from "../../model/node.js";
import { Topology } from "../../model/topology.js";
import { activations } from "../../rules/activation.js";
import { readJoin } from "../../rules/join.js";
import { linkOf, links, matrixOf, USUAL_KIND } from "../../rules/link.js";
import { readNorm } from "../../rules/norm.js";
import { chosen } from "../../rules/rule.js";
import { fromJSON, inverse, type Scaling, transform } from "../../rules/scaling.js";
import { checkStep, readDelay, readPick } from "../../rules/step.js";

/** The parts of a network that predict. */
export interface Network {
  readonly topology: Topology;
  readonly memory: Memory;
}

/** Rebuilds a network that only predicts. */
export const predictors: Rebuilder<Network> = {
  members: ["precision", "layers", "synapses"],
  rebuild(file, numbers) {
    const synapses = array(file.synapses, "synapses");
    const topology = new Topology();
    const memory = new Memory(topology, readPrecision(file.precision), 0);
    const maker: Maker = {
      topology,
      memory,
      addLayer: (entry) => addLayer(topology, memory, entry),
      scale(layer, json) {
        layer.scaler = scalingOf(json);
      },
      connect: (...ends) => connect(topology, memory, ...ends),
    };
    assemble(file.layers, synapses, numbers, maker);
    return { topology, memory };
  },
};

function addLayer(topology: Topology, { parameters, precision }: Memory, entry: LayerEntry): LayerNode {
  const { name, kind, size, activation, hasBias = true, norm, join = "sum", time = true, initial } = entry;
  topology.checkName(name);
  checkSize(name, size);
  const act = chosen(activations, activation, `The activation of ${show(name)}`, precision);
  const units = `a layer of ${size} units`;
  const count = 1 + (norm === undefined ? 0 : 1) + (initial === undefined ? 0 : 1);
  parameters.check(size * count, units);
  const of = `the layer ${show(name)}`;
  if (norm !== undefined) readNorm(norm, of);
  return topology.addLayer({
    name,
    kind,
    size,
    shape: [size],
    activation: act,
    loss: undefined,
    perUnit: false,
    hasBias,
    bias: parameters.add(1, size),
    gain: norm === undefined ? undefined : parameters.add(1, size),
    initial: initial === undefined ? undefined : parameters.add(1, size),
    fields: {
      ...{ norm, dropout: 0, weight: 1, frozen: false, classes: undefined },
      ...{ join: readJoin(join, of), time: flag(time, "time", of) },
    },
  });
}

function connect(
  topology: Topology,
  { parameters }: Memory,
  entry: SynapseEntry,
  from: LayerNode,
  to: LayerNode,
  shared: SynapseNode | undefined,
): SynapseNode {
  const name: unknown = entry.name;
  const of = spelt(from, to);
  const kind = choice(entry.kind ?? USUAL_KIND, links, `The kind of ${of}`);
  checkSizes(kind, from, to);
  if (shared !== undefined) checkShared(shared, { kind, from, to });
  const own = typeof name === "string" ? name : undefined;
  const delay = entry.delay === undefined ? 0 : readDelay(entry.delay, of);
  const at = entry.at === undefined ? undefined : readPick(entry.at, of);
  checkStep({ delay, at }, of);
  topology.checkSynapse({ from, to, delay, at }, own);
  const [rows, columns] = matrixOf(linkOf(kind).weights?.shape({ from, to }));
  let weights = shared?.weights;
  if (shared === undefined && rows > 0) {
    parameters.check(rows * columns, `${rows} × ${columns} weights`);
    weights = parameters.add(rows, columns);
  }
  return topology.addSynapse({
    from,
    to,
    weights,
    init: undefined,
    share: shared && owner(shared),
    window: undefined,
    pattern: undefined,
    units: undefined,
    fields: { name: own, kind, l1: 0, l2: 0, maxNorm: undefined, frozen: false, delay, at },
  });
}

/** Returns the scaling that the file of a scaler describes. Throws `bad-file`. */
function scalingOf(json: object): Scaling {
  const numbers = fromJSON(json);
  return {
    ...numbers,
    transform: (data) => transform(numbers, data),
    inverse: (data) => inverse(numbers, data),
  };
}
