// Builds a network of layers, synapses and scalers. Declarations are checked and made here; graph.ts documents each call.

import { Start } from "../../assembly/abi.js";
import { GraphError } from "../base/error.js";
import { plain } from "../base/plain.js";
import { show } from "../base/text.js";
import type { Memory } from "../memory/memory.js";
import { drawPlaces } from "../memory/places.js";
import { drawn, givenValues, ones } from "../memory/start.js";
import { checkLinear } from "../model/classes.js";
import { spelt } from "../model/joint.js";
import { type LayerKind, readLayer } from "../model/layer.js";
import { type LayerNode, owner, type SynapseNode } from "../model/node.js";
import { readSynapse } from "../model/synapse.js";
import type { Topology } from "../model/topology.js";
import { activations } from "../rules/activation.js";
import { givenWeights, type Initial, inOrder, readInit } from "../rules/init.js";
import { linkOf, matrixOf, type SynapseKind } from "../rules/link.js";
import { checkPair, losses } from "../rules/loss.js";
import { chosen } from "../rules/rule.js";
import { Scaler } from "../rules/scaler.js";
import { checkScaled } from "../rules/scaling.js";
import { biasesOf, channels, product, readShape } from "../rules/shape.js";

/** The parts of a network that building uses. */
interface Buildable {
  readonly topology: Topology;
  readonly memory: Memory;
  /** Initial weights of synapses that name none. */
  readonly init: Initial;
  /** Number of random streams taken for weights so far: no two matrices share one. */
  connections: number;
}

/** Adds a layer. Its options and rules come from a caller or a file. */
export function addLayer(
  net: Buildable,
  kind: LayerKind,
  name: unknown,
  size: unknown,
  activation: unknown = kind === "input" ? "linear" : "sigmoid",
  loss?: unknown,
  given?: unknown,
  isFile = false,
): LayerNode {
  const { memory } = net;
  const topology: Topology = net.topology;
  memory.idle();
  topology.checkName(name);
  const rules = [plain(activation, "bad-option", "The activation"), plain(loss, "bad-option", "The loss")];
  const options = plain(given, "bad-option", "The options of a layer");
  const extents = plain(size, "bad-size", "The size of a layer");
  // Reading the options may have run the caller's code, which may have used the graph.
  memory.idle();
  topology.checkName(name);
  const shape = readShape(extents, `The size of ${show(name)}`);
  const units = product(shape);
  const act = chosen(activations, rules[0], `The activation of ${show(name)}`, memory.precision);
  const cost =
    kind === "output"
      ? chosen(
          losses,
          rules[1] === undefined ? activations[act.name].loss : rules[1],
          `The loss of ${show(name)}`,
          memory.precision,
        )
      : undefined;
  checkPair(name, act.name === "softmax" ? channels(shape) : units, act.name, cost?.name, isFile);
  const what = `a layer of ${units} units`;
  // A file has the numbers of the blocks alone; a caller's layer has room for a sample, too.
  if (!isFile) memory.parameters.check(units, what);
  const { fields, perUnit, hasBias, bias, hasInitial, initial } = readLayer(
    options,
    kind,
    name,
    shape,
    memory.precision,
    isFile,
  );
  checkLinear(fields.classes, act.name, name);
  const { parameters } = memory;
  const biases = biasesOf({ shape, perUnit });
  parameters.check(biases * (fields.norm === undefined ? 1 : 2) + (hasInitial ? units : 0), what);
  return topology.addLayer({
    name,
    kind,
    size: units,
    shape,
    activation: act,
    loss: cost,
    perUnit,
    hasBias,
    bias: parameters.add(1, biases, bias && givenValues(memory, bias)),
    gain: fields.norm === undefined ? undefined : parameters.add(1, biases, ones(memory, biases)),
    initial: hasInitial ? parameters.add(1, units, initial && givenValues(memory, initial)) : undefined,
    fields,
  });
}

/** Joins two layers. The options are plain values; `shared` is the synapse that they name as `share`. */
export function connect(
  net: Buildable,
  source: LayerNode,
  target: LayerNode,
  given: unknown,
  shared?: SynapseNode,
): SynapseNode {
  const { topology, memory } = net;
  memory.idle();
  const { init, fields, map } = readSynapse(given, shared, source, target, {
    precision: memory.precision,
    draw: (count, pairs) => drawPlaces(memory, net.connections, count, pairs),
  });
  const { window, pattern, units } = map;
  const joined = { from: source, to: target, window, pattern, units };
  const own = shared === undefined ? linkOf(fields.kind).weights : undefined;
  const shape = matrixOf(own?.shape(joined));
  const [rows, columns] = shape;
  const name = `${source.name} → ${target.name}`;
  const chosen =
    init !== undefined
      ? inOrder(readInit(init, memory.precision, { name, shape }), map.order)
      : map.values === undefined
        ? net.init
        : givenWeights(map.values);
  const initial = own && chosen;
  if (own !== undefined) checkStart(chosen, fields.kind, source, target);
  topology.checkSynapse({ from: source, to: target, delay: fields.delay, at: fields.at }, fields.name);
  const start = own && initial && drawn(memory, initial, net.connections, own, joined);
  if (own) memory.parameters.check(rows * columns, `${rows} × ${columns} weights`, start?.workspace);
  net.connections++;
  const weights = own ? memory.parameters.add(rows, columns, start) : shared?.weights;
  return topology.addSynapse({
    from: source,
    to: target,
    weights,
    init: initial?.init,
    share: shared && owner(shared),
    window,
    pattern,
    units,
    fields,
  });
}

/** Refuses orthogonal weights that are no matrix. Throws `bad-option`. */
function checkStart({ row }: Initial, kind: SynapseKind, from: LayerNode, to: LayerNode): void {
  const { title, weights } = linkOf(kind);
  if (row.way !== Start.orthogonal || weights?.isList !== true) return;
  const why = `it is ${title}, whose weights are no matrix`;
  throw new GraphError("bad-option", `The weights of ${spelt(from, to)} can't start orthogonal: ${why}.`);
}

/** Sets the scaler of an input or an output; `null` removes it. */
export function scale({ topology, memory }: Buildable, name: unknown, scaler: unknown): void {
  memory.idle();
  const layer = scalable(topology, name);
  if (scaler !== null && !Scaler.is(scaler)) {
    throw new GraphError("bad-option", `A scaler is a Scaler, or null, not ${show(scaler)}.`);
  }
  checkScaled(layer, scaler?.size);
  layer.scaler = scaler ?? undefined;
}

/** Returns the input or output of a name. Throws `unknown-layer`, `not-an-output`. */
export function scalable(topology: Topology, name: unknown): LayerNode {
  const layer = typeof name === "string" ? topology.find(name) : undefined;
  return layer?.kind === "input" ? layer : topology.output(name);
}

/** Refuses a size that isn't one number of units. Throws `bad-size`. */
export function checkSize(name: string, size: unknown): asserts size is number {
  const what = `The size of ${show(name)}`;
  if (typeof size === "number") readShape(size, what);
  else throw new GraphError("bad-size", `${what} is a number of units here, not ${show(size)}.`);
}
