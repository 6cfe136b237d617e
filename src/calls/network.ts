// The inside of a graph: its layers and synapses, its numbers, the way of data to them, how far its generators are.

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
  /** Whether it is one, whatever its prototype is. */
  static is(given: unknown): given is Network {
    return typeof given === "object" && given !== null && #made in given;
  }

  readonly #made = true;
  readonly topology: Topology = new Topology();
  readonly memory: Memory;
  readonly training: Training;
  readonly targets: Targets;
  /** How weights start where nothing is said. */
  readonly init: Initial;
  /** The numbers that have seeded weights, so far: none is used twice. */
  connections = 0;
  /** The shuffles drawn so far: the state of that stream. */
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

  /** The contents of a file, or of a copy, of a graph whose parameters are finite. Throws `not-finite`, `disposed`. */
  savable(done: string): Contents {
    const contents = this.contents();
    checkAllFinite(this.memory, this.topology, done);
    return contents;
  }

  /** The contents of a graph's file. */
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
  /** Whether the optimizer's steps and moments are left out: its settings then start afresh. */
  readonly isFresh?: boolean;
}
