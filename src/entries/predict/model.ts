// A network that only predicts, from its file. Members of the file that predicting doesn't need are not read: the optimizer and its
// state, losses, penalties, generators.

import { choice, flag } from "../../base/options.js";
import { show } from "../../base/text.js";
import { assemble, fillParts, type Maker, type Rebuilder, readPrecision } from "../../format/assemble.js";
import type { LayerEntry, SynapseEntry } from "../../format/entry.js";
import type { MapFacts } from "../../format/map.js";
import { array } from "../../format/path.js";
import { Memory } from "../../memory/memory.js";
import { checkClasses, checkLinear, readClasses } from "../../model/classes.js";
import { checkShared, spelt } from "../../model/joint.js";
import { type LayerNode, owner, type SynapseNode } from "../../model/node.js";
import { Topology } from "../../model/topology.js";
import { activations } from "../../rules/activation.js";
import { readJoin } from "../../rules/join.js";
import { linkOf, links, matrixOf, USUAL_KIND } from "../../rules/link.js";
import { checkGroups, readNorm } from "../../rules/norm.js";
import { chosen } from "../../rules/rule.js";
import { checkScaled, fromJSON, inverse, type Scaling, transform } from "../../rules/scaling.js";
import { biasesOf, channels, product, readShape } from "../../rules/shape.js";
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
        if (layer.kind !== "input") topology.output(layer.name);
        layer.scaler = scalingOf(json);
        checkScaled(layer, layer.scaler.offset.length);
      },
      connect: (...ends) => connect(topology, memory, ...ends),
    };
    fillParts(memory, numbers, assemble(file.layers, synapses, numbers, maker));
    return { topology, memory };
  },
};

function addLayer(topology: Topology, { parameters, precision }: Memory, entry: LayerEntry): LayerNode {
  const { name, kind, activation, join = "sum", time = true, perUnit = false } = entry;
  topology.checkName(name);
  const shape = readShape(entry.shape ?? entry.size, `The size of ${show(name)}`);
  const size = product(shape);
  const act = chosen(activations, activation, `The activation of ${show(name)}`, precision);
  const of = `the layer ${show(name)}`;
  const norm = entry.norm === undefined ? undefined : readNorm(entry.norm, of);
  const classes = entry.classes === undefined ? undefined : readClasses(entry.classes, of);
  checkClasses(classes, { ...entry, bias: entry.hasBias }, of);
  checkGroups(norm, channels(shape), of);
  checkLinear(classes, act.name, name);
  const biases = biasesOf({ shape, perUnit });
  const hasInitial = entry.initial !== undefined;
  parameters.check(
    biases * (norm === undefined ? 1 : 2) + (hasInitial ? size : 0),
    `a layer of ${size} units`,
  );
  return topology.addLayer({
    name,
    kind,
    size,
    shape,
    activation: act,
    loss: undefined,
    perUnit,
    hasBias: entry.hasBias !== false && classes === undefined,
    bias: parameters.add(1, biases),
    gain: norm === undefined ? undefined : parameters.add(1, biases),
    initial: hasInitial ? parameters.add(1, size) : undefined,
    fields: {
      ...{ norm, dropout: 0, weight: 1, frozen: false, classes },
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
  { window, pattern, units }: MapFacts,
): SynapseNode {
  const name: unknown = entry.name;
  const of = spelt(from, to);
  const kind = choice(entry.kind ?? USUAL_KIND, links, `The kind of ${of}`);
  if (shared !== undefined) checkShared(shared, { kind, from, to, window, pattern });
  const own = typeof name === "string" ? name : undefined;
  const delay = entry.delay === undefined ? 0 : readDelay(entry.delay, of);
  const at = entry.at === undefined ? undefined : readPick(entry.at, of);
  checkStep({ delay, at }, of);
  topology.checkSynapse({ from, to, delay, at }, own);
  const [rows, columns] = matrixOf(linkOf(kind).weights?.shape({ from, to, window, pattern }));
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
    window,
    pattern,
    units,
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
