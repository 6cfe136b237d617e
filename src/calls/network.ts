// The network of a graph: its layers and synapses, its numbers, the reader of its targets, and the state of its generators.

import { flag, options } from "../base/options.js";
import type { Precision } from "../base/precision.js";
import { checkAllFinite } from "../memory/finite.js";
import { Memory } from "../memory/memory.js";
import { Training } from "../memory/training.js";
import { readSeed } from "../model/declaration.js";
import { Topology } from "../model/topology.js";
import { type Initial, type NamedInit, readInit } from "../rules/init.js";
import { readOptimizer } from "../rules/optimizer.js";
import { Targets } from "./targets.js";

export class Network {
  /** Returns whether a value is a network, whatever its prototype is. */
  static is(given: unknown): given is Network {
    return typeof given === "object" && given !== null && #made in given;
  }

  readonly #made = true;
  readonly topology: Topology = new Topology();
  readonly memory: Memory;
  readonly training: Training;
  readonly targets: Targets;
  /** Initial weights of synapses that name none. */
  readonly init: Initial;
  /** Number of random streams taken for weights so far: no two matrices share one. */
  connections = 0;
  /** Number of shuffles drawn so far: the state of their random stream. */
  shuffles = 0;

  constructor(precision: Precision, seed: number, init: Initial) {
    this.init = init;
    const { topology } = this;
    this.memory = new Memory(topology, precision, seed);
    this.training = new Training(this.memory);
    this.targets = new Targets(topology, precision, this.training);
  }

  /** Reads the options of a call that saves the graph. Throws as `savable` does, and `bad-option`. */
  saved(given: unknown, call: string): Contents {
    const { optimizer = true } = options(given, ["optimizer"], call);
    return { ...this.savable("saved"), isFresh: !flag(optimizer, "optimizer", call) };
  }

  /** Returns the contents of a file, or of a copy, if all parameters are finite. Throws `not-finite`, `disposed`. */
  savable(done: string): Contents {
    const contents = this.contents();
    checkAllFinite(this.memory, this.topology, done);
    return contents;
  }

  /** Returns the contents of the graph's file. */
  contents(): Contents {
    this.memory.live();
    return {
      precision: this.memory.precision,
      topology: this.topology,
      memory: this.memory,
      seed: this.memory.seed,
      init: this.init.init,
      training: this.training,
      shuffles: this.shuffles,
      connections: this.connections,
      noises: this.training.noise.steps,
    };
  }
}

/** Makes an empty network, which continues from given numbers of draws. Throws `bad-option`, `no-wasm`. */
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
    net.training.restart(readOptimizer(optimizer));
  } catch (error) {
    net.memory.dispose();
    throw error;
  }
  return net;
}

/** The contents of a graph's file. */
export interface Contents {
  readonly precision: Precision;
  readonly topology: Topology;
  readonly memory: Memory;
  readonly seed: number;
  readonly init: NamedInit | "values";
  readonly training: Training;
  readonly shuffles: number;
  readonly noises: number;
  readonly connections: number;
  /** Whether the optimizer's steps and moments are left out, so that it starts afresh. */
  readonly isFresh?: boolean;
}
