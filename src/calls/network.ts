// The inside of a graph: its layers and synapses, its numbers, the way of data to them, how far its generators are.
// Declarations are checked and made here; graph.ts documents each call.

import { GraphError } from "../base/error.js";
import { flag, options } from "../base/options.js";
import { plain } from "../base/plain.js";
import type { Precision } from "../base/precision.js";
import { show } from "../base/text.js";
import { checkAllFinite } from "../memory/finite.js";
import { Memory } from "../memory/memory.js";
import type { OptimizerState } from "../memory/optimizer.js";
import { drawn, given as givenValues, ones } from "../memory/start.js";
import { readSeed } from "../model/declaration.js";
import { type LayerKind, readLayer } from "../model/layer.js";
import { type LayerNode, owner, type SynapseNode } from "../model/node.js";
import { readSynapse } from "../model/synapse.js";
import { Topology } from "../model/topology.js";
import { activations } from "../rules/activation.js";
import { type Initial, type NamedInit, readInit, room } from "../rules/init.js";
import { linkOf } from "../rules/link.js";
import { checkPair, losses } from "../rules/loss.js";
import { readOptimizer } from "../rules/optimizer.js";
import { chosen } from "../rules/rule.js";
import { Scaler } from "../rules/scaler.js";
import { Binding } from "./bind.js";

export class Network {
  /** Whether it is one, whatever its prototype is. */
  static is(given: unknown): given is Network {
    return typeof given === "object" && given !== null && #made in given;
  }

  readonly #made = true;
  readonly topology: Topology = new Topology();
  readonly memory: Memory;
  readonly binding: Binding;
  /** How weights start where nothing is said. */
  readonly init: Initial;
  /** The numbers that have seeded weights, so far: none is used twice. */
  connections = 0;
  /** The shuffles drawn so far: the state of that stream. */
  shuffles = 0;

  constructor(precision: Precision, seed: number, init: Initial) {
    this.init = init;
    this.memory = new Memory(this.topology, precision, seed);
    this.binding = new Binding(this.topology, this.memory);
  }

  /** Adds a layer; its options and rules are what the caller, or a file, gave. */
  add(
    kind: LayerKind,
    name: unknown,
    size: unknown,
    activation: unknown = kind === "input" ? "linear" : "sigmoid",
    loss?: unknown,
    given?: unknown,
    isFile = false,
  ): LayerNode {
    const memory = this.memory;
    memory.idle();
    this.topology.checkName(name);
    const rules = [plain(activation, "bad-option", "The activation"), plain(loss, "bad-option", "The loss")];
    const options = plain(given, "bad-option", "The options of a layer");
    // Reading them may have run the caller's code, which may have done anything.
    memory.idle();
    this.topology.checkName(name);
    checkSize(name, size);
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
    checkPair(name, size, act.name, cost?.name, isFile);
    const units = `a layer of ${size} units`;
    memory.check(size, units);
    const { fields, hasBias, start } = readLayer(options, kind, name, size, memory.precision);
    if (fields.norm !== undefined) memory.check(size * 2, units);
    // The fields come last: an object that is spread into and then added to is slow to make, and to read.
    const layer = this.topology.addLayer({
      hasBias,
      handle: undefined,
      isRemoved: false,
      name,
      kind,
      size,
      activation: act,
      loss: cost,
      index: this.topology.layers.length,
      bias: memory.reserve(1, size, start && givenValues(memory, start)),
      gain: fields.norm === undefined ? undefined : memory.reserve(1, size, ones(memory, size)),
      incoming: [],
      outgoing: [],
      level: 0,
      near: [],
      search: 0,
      scaler: undefined,
      rows: 0,
      pre: 0,
      post: 0,
      input: 0,
      delta: 0,
      target: 0,
      normalized: 0,
      rstd: 0,
      dropoutMask: 0,
      droppedPost: 0,
      lossWeights: 0,
      stateRoom: 0,
      deltaRoom: 0,
      targetRoom: 0,
      lossWeightsRoom: 0,
      ...fields,
    });
    if (kind === "input") this.binding.inputs.push(layer);
    if (kind === "output") this.binding.outputs.push(layer);
    return layer;
  }

  /** Joins two layers. Its options are plain values; `shared`: the synapse that they name as `share`. */
  connect(source: LayerNode, target: LayerNode, given: unknown, shared?: SynapseNode): SynapseNode {
    this.memory.idle();
    const { init, fields } = readSynapse(given, shared, source, target);
    const own = shared === undefined ? linkOf(fields.kind).weights : undefined;
    const shape = own?.shape(source.size, target.size) ?? [0, 0];
    const [rows, columns] = shape;
    const name = `${source.name} → ${target.name}`;
    const chosen = init === undefined ? this.init : readInit(init, this.memory.precision, { name, shape });
    const initial = own && chosen;
    this.topology.checkSynapse(source, target, fields.name);
    if (own) this.memory.check(rows * columns, `${rows} × ${columns} weights`, room(initial, rows, columns));
    const number = this.connections++;
    const start = own && initial && drawn(this.memory, initial, number, own, source.size, target.size);
    const weights = own ? this.memory.reserve(rows, columns, start) : shared?.weights;
    return this.topology.addSynapse({
      share: shared && owner(shared),
      handle: undefined,
      isRemoved: false,
      from: source,
      to: target,
      init: initial?.init,
      isShared: false,
      index: this.topology.synapses.length,
      weights,
      ...fields,
    });
  }

  /** Sets the scaler of an input or an output; `null` takes it away. */
  scale(name: unknown, scaler: unknown): void {
    this.memory.idle();
    const layer = this.binding.scalable(name);
    if (scaler !== null && !Scaler.is(scaler)) {
      throw new GraphError("bad-option", `A scaler is a Scaler, or null, not ${show(scaler)}.`);
    }
    if (scaler !== null && scaler.size !== layer.size) {
      const sizes = `${layer.size} units, and the scaler is for ${scaler.size}`;
      throw new GraphError("bad-size", `The layer ${show(name)} has ${sizes}.`);
    }
    layer.scaler = scaler ?? undefined;
  }

  /** Reads the options of a call that saves the graph. Throws as `savable` does, and `bad-option`. */
  saved(given: unknown, call: string): Contents {
    const { optimizer = true } = options(given, ["optimizer"], call);
    return { ...this.savable("saved"), isFresh: !flag(optimizer, "optimizer", call) };
  }

  /** The contents of a file, or of a copy, of a graph whose parameters are finite. Throws `not-finite`, `disposed`. */
  savable(done: string): Contents {
    const source = this.source();
    checkAllFinite(this.memory, this.topology, done);
    return source;
  }

  /** The contents of a graph's file. */
  source(): Contents {
    this.memory.live();
    return {
      precision: this.memory.precision,
      topology: this.topology,
      memory: this.memory,
      seed: this.memory.seed,
      init: this.init.init,
      state: this.memory.state,
      shuffles: this.shuffles,
      connections: this.connections,
      noises: this.memory.noises,
    };
  }
}

/** Makes an empty network that resumes from the numbers drawn before. Throws `bad-option`, `no-wasm`. */
export function create(
  precision: Precision,
  seed: unknown,
  init: unknown,
  optimizer: unknown,
  { shuffles, connections } = { shuffles: 0, connections: 0 },
): Network {
  const net = new Network(precision, readSeed(seed), readInit(init, precision));
  net.shuffles = shuffles;
  net.connections = connections;
  if (optimizer === undefined) return net;
  try {
    net.memory.restart(readOptimizer(optimizer));
  } catch (error) {
    net.memory.dispose();
    throw error;
  }
  return net;
}

/** Refuses a size that no layer can have. Throws `bad-size`. */
export function checkSize(name: string, size: unknown): asserts size is number {
  if (typeof size === "number" && Number.isInteger(size) && size >= 1 && size <= 0xffff_ffff) return;
  const wanted = `a whole number of units, from 1 to ${0xffff_ffff}`;
  throw new GraphError("bad-size", `The size of ${show(name)} is ${wanted}, not ${show(size)}.`);
}

/** The contents of a graph's file. */
export interface Contents {
  readonly precision: Precision;
  readonly topology: Topology;
  readonly memory: Memory;
  readonly seed: number;
  readonly init: NamedInit | "values";
  readonly state: OptimizerState;
  readonly shuffles: number;
  readonly noises: number;
  readonly connections: number;
  /** Whether the optimizer's steps and moments are left out: its settings then start afresh. */
  readonly isFresh?: boolean;
}
