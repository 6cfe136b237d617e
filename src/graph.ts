/// <reference lib="esnext.disposable" preserve="true" />
import { check, readLimits } from "./check.js";
import type { Counts } from "./data.js";
import { choice, GraphError, options, show } from "./error.js";
import { accept, diverged, reached } from "./fault.js";
import { Run } from "./fit/run.js";
import type { Place, Saved, Scalers, Trainee } from "./fit/source.js";
import { train as fit } from "./fit/train.js";
import { describe, type Source } from "./format/description.js";
import { fromJSON, toJSON } from "./format/json.js";
import type { Generators } from "./format/rebuild.js";
import { load, save } from "./format/safetensors.js";
import { type Initial, readInit, room } from "./init.js";
import { Intake } from "./intake.js";
import { type Layer, type LayerKind, readLayer } from "./layer.js";
import { Memory, type Need } from "./memory.js";
import { readMetrics, scores } from "./metric.js";
import { readOptimizer, readRate, type Settings, unsaved } from "./optimizer.js";
import type { Pass } from "./pass.js";
import { activations, chosen, losses, precisions } from "./rule.js";
import { Scaler, type ScalerKind } from "./scaler.js";
import { type GraphSpec, readLayers, readSeed } from "./spec.js";
import { readSynapse, type Synapse } from "./synapse.js";
import { Topology } from "./topology.js";
import type {
  ActivationOption,
  Data,
  DataOptions,
  Dataset,
  EvaluateOptions,
  Evaluation,
  FitData,
  FitOptions,
  FitRun,
  FloatArray,
  GradCheck,
  GradCheckOptions,
  Gradients,
  LayerOptions,
  Loss,
  LossOption,
  Metric,
  Optimizer,
  OutputOptions,
  OutputScore,
  Precision,
  Rate,
  SomeOf,
  SynapseOptions,
  Undeclared,
  WeightGradient,
} from "./types.js";

/** A record without a prototype, so that every name works. */
function record<V>(): Record<string, V> {
  return Object.create(null) as Record<string, V>;
}

/** A graph, whatever its names and precision. */
// biome-ignore lint/suspicious/noExplicitAny: a graph of unknown names takes any
export type AnyGraph = Graph<any, any, any, any>;

/**
 * Keeps a graph to a training that some other code makes.
 * @internal
 */
export let lend: <R>(graph: AnyGraph, train: (trainee: Trainee) => Promise<R>) => Promise<R>;

/**
 * A neural network of any shape: layers joined by synapses without a closed loop, with named inputs and outputs.
 *
 * Every refusal is a `GraphError`, and has changed nothing. After `dispose()` every call throws `disposed`; while `fit`
 * runs, what would change the graph throws `busy`.
 */
export class Graph<
  In extends string = string,
  Out extends string = string,
  Hidden extends string = Undeclared<In>,
  P extends Precision = "float64",
> {
  static {
    lend = (graph, train) => graph.#lend(train);
  }

  readonly #topology: Topology = new Topology();
  readonly #memory: Memory;
  readonly #intake: Intake;
  readonly #init: Initial;
  /** The shuffles drawn so far: the state of that stream. */
  #shuffles = 0;

  /**
   * An empty graph, or one that is declared in one piece, which does what the same calls would do in that order: inputs,
   * hidden layers, outputs, synapses. Throws `bad-option`, `no-wasm`, and what those calls throw.
   */
  constructor(spec: GraphSpec<In, Out, Hidden, P> = {}) {
    const known = ["seed", "precision", "optimizer", "init", "inputs", "hidden", "outputs", "synapses"];
    const given = options(spec, known, "a graph");
    const precision = choice(
      given.precision === undefined ? "float64" : given.precision,
      precisions,
      "A precision",
    );
    this.#init = readInit(given.init === undefined ? "uniform" : given.init, precision);
    this.#memory = new Memory(this.#topology, precision, readSeed(given.seed));
    this.#intake = new Intake(this.#topology, this.#memory);
    if (given.optimizer !== undefined) this.#memory.restart(readOptimizer(given.optimizer));
    for (const kind of ["input", "hidden", "output"] as const) {
      for (const words of readLayers(kind, given[kind === "hidden" ? kind : `${kind}s`]))
        this.#add(kind, ...words);
    }
    if (given.synapses === undefined) return;
    if (!Array.isArray(given.synapses)) {
      throw new GraphError("bad-option", `The synapses are an array, not ${show(given.synapses)}.`);
    }
    for (const pair of given.synapses as unknown[]) {
      if (!Array.isArray(pair) || pair.length < 2 || pair.length > 3) {
        throw new GraphError(
          "bad-option",
          `A synapse is declared as [from, to, options?], not ${show(pair)}.`,
        );
      }
      this.connect(pair[0], pair[1], pair[2]);
    }
  }

  // -------------------------------------------------------------------------------------------------- topology

  /**
   * Adds an input of `size` units. Throws `bad-name`, `duplicate-layer`, `bad-size`, `bad-option`, `out-of-memory`, `busy`.
   */
  addInput<N extends string>(
    name: N,
    size: number,
    activation: ActivationOption = "linear",
    options?: LayerOptions,
  ): Layer<N, P> {
    return this.#add("input", name, size, activation, undefined, options) as Layer<N, P>;
  }

  /** Adds a hidden layer of `size` units. Throws as `addInput` does. */
  addHidden<N extends string>(
    name: N,
    size: number,
    activation: ActivationOption = "sigmoid",
    options?: LayerOptions,
  ): Layer<N, P> {
    return this.#add("hidden", name, size, activation, undefined, options) as Layer<N, P>;
  }

  /**
   * Adds an output of `size` units. The loss follows the activation: sigmoid has entropy, softmax crossEntropy, any other mse.
   * Throws as `addInput` does; `bad-option` also for entropy or crossEntropy on an activation that can leave [0, 1].
   */
  addOutput<N extends string>(
    name: N,
    size: number,
    activation: ActivationOption = "sigmoid",
    loss?: LossOption,
    options?: OutputOptions,
  ): Layer<N, P> {
    return this.#add("output", name, size, activation, loss, options) as Layer<N, P>;
  }

  #add(
    kind: LayerKind,
    name: unknown,
    size: unknown,
    activation: unknown = kind === "input" ? "linear" : "sigmoid",
    loss?: unknown,
    given?: unknown,
  ): Layer {
    this.#memory.idle();
    this.#topology.checkName(name);
    const memory = this.#memory;
    if (typeof size !== "number" || !Number.isInteger(size) || size < 1 || size > 0xffff_ffff) {
      const wanted = `a whole number of units, from 1 to ${0xffff_ffff}`;
      throw new GraphError("bad-size", `The size of ${show(name)} is ${wanted}, not ${show(size)}.`);
    }
    const act = chosen(activations, activation, `The activation of ${show(name)}`, memory.precision);
    const cost =
      kind === "output"
        ? chosen(
            losses,
            loss === undefined ? activations[act.name].loss : loss,
            `The loss of ${show(name)}`,
            memory.precision,
          )
        : undefined;
    if (cost !== undefined && losses[cost.name].bounded && !activations[act.name].bounded) {
      const why = `${cost.name} takes logarithms of values in [0, 1], which ${act.name} can leave`;
      throw new GraphError(
        "bad-option",
        `The loss of ${show(name)} can't be ${show(cost.name)}: ${why}; use "mse", or "sigmoid".`,
      );
    }
    const units = `a layer of ${size} units`;
    memory.check(size, units);
    const facts = readLayer(given, kind, name, size, memory.precision);
    if (facts.norm !== undefined) memory.check(size * 2, units);
    // Options can be getters, which may have done anything.
    memory.idle();
    this.#topology.checkName(name);
    // Word for word: an object that is spread into and then added to is slow to make, and to read.
    const layer = this.#topology.addLayer({
      hasBias: facts.hasBias,
      start: facts.start,
      norm: facts.norm,
      dropout: facts.dropout,
      weight: facts.weight,
      frozen: facts.frozen,
      memory,
      name,
      kind,
      size,
      activation: act,
      loss: cost,
      index: this.#topology.layers.length,
      offset: memory.reserve(size),
      gainOffset: facts.norm === undefined ? 0 : memory.reserve(size),
      incoming: [],
      outgoing: [],
      scaler: undefined,
      rows: 0,
      pre: 0,
      post: 0,
      given: 0,
      delta: 0,
      target: 0,
      hat: 0,
      spread: 0,
      keep: 0,
      dropped: 0,
      emphasis: 0,
      stateRoom: 0,
      deltaRoom: 0,
      targetRoom: 0,
      emphasisRoom: 0,
    });
    if (kind === "input") this.#intake.inputs.push(layer);
    if (kind === "output") this.#intake.outputs.push(layer);
    return layer;
  }

  /**
   * Joins two layers by a dense matrix of weights, of shape (size of from, size of to), or by the identity. Any layer may feed
   * any layer but an input. Throws `unknown-layer`, `foreign-layer`, `not-a-target`, `duplicate-synapse`, `cycle`, `bad-option`,
   * `out-of-memory`, `busy`; `bad-name` for a name, `bad-shape`, `not-finite` for weights that are given.
   */
  connect(from: In | Hidden | Out | Layer, to: Hidden | Out | Layer, given: SynapseOptions = {}): Synapse<P> {
    this.#memory.idle();
    const [source, target] = [this.#topology.layer(from), this.#topology.layer(to)];
    const { init, ...facts } = readSynapse(given, source, target);
    this.#memory.idle(); // options can be getters
    const [rows, columns] = [source.$.size, target.$.size];
    const own = facts.kind === "dense" && facts.share === undefined;
    const chosen =
      init === undefined ? this.#init : readInit(init, this.#memory.precision, [source.$, target.$]);
    const initial = own ? chosen : undefined;
    this.#topology.checkSynapse(source, target, facts.name);
    if (own) this.#memory.check(rows * columns, `${rows} × ${columns} weights`, room(initial, rows, columns));
    const count = facts.kind === "dense" ? rows * columns : 0;
    const offset = own ? this.#memory.reserve(count) : (facts.share?.$.offset ?? 0);
    return this.#topology.addSynapse({
      name: facts.name,
      kind: facts.kind,
      share: facts.share,
      l1: facts.l1,
      l2: facts.l2,
      maxNorm: facts.maxNorm,
      frozen: facts.frozen,
      memory: this.#memory,
      from: source,
      to: target,
      init: initial?.init,
      initial,
      isShared: false,
      index: this.#topology.synapses.length,
      offset,
      count,
    }) as Synapse<P>;
  }

  /** The layer of a name. Throws `unknown-layer`. */
  layer<N extends In | Hidden | Out>(name: N): Layer<N, P> {
    this.#memory.live();
    return this.#topology.layer(name) as Layer<N, P>;
  }

  /** The one synapse between two layers. Throws `unknown-synapse` where none matches, or several; `unknown-layer`. */
  synapse(from: In | Hidden | Out | Layer, to: Hidden | Out | Layer): Synapse<P> {
    this.#memory.live();
    return this.#topology.synapse(this.#topology.layer(from), this.#topology.layer(to)) as Synapse<P>;
  }

  /** All layers, in the order of their creation. */
  get layers(): readonly Layer<string, P>[] {
    this.#memory.live();
    return [...this.#topology.layers] as Layer<string, P>[];
  }

  /** All synapses, in connection order. */
  get synapses(): readonly Synapse<P>[] {
    this.#memory.live();
    return [...this.#topology.synapses] as Synapse<P>[];
  }

  /** The inputs, in the order of their creation. */
  get inputs(): readonly Layer<In, P>[] {
    this.#memory.live();
    return [...this.#intake.inputs] as Layer<In, P>[];
  }

  /** The outputs, in the order of their creation. */
  get outputs(): readonly Layer<Out, P>[] {
    this.#memory.live();
    return [...this.#intake.outputs] as Layer<Out, P>[];
  }

  /** Of all generators: a whole number from 0 to 2³² − 1, drawn where none was given. */
  get seed(): number {
    this.#memory.live();
    return this.#memory.seed;
  }

  /** Of parameters, states and results; costs are in float64 in both. */
  get precision(): P {
    this.#memory.live();
    return this.#memory.precision as P;
  }

  /**
   * A frozen copy, with the defaults of all that is on. Settable: a new optimizer starts with fresh state. Throws
   * `bad-option`, `busy`.
   */
  get optimizer(): Settings {
    this.#memory.live();
    return this.#memory.state.settings;
  }

  set optimizer(given: Optimizer) {
    this.#memory.idle();
    this.#memory.restart(readOptimizer(given));
  }

  /**
   * The learning rate: finite and ≥ 0, a function of the steps made before, or a schedule. A new one keeps the optimizer's
   * state. Throws `bad-option`, `busy`.
   */
  get rate(): Rate {
    this.#memory.live();
    return this.#memory.state.settings.rate;
  }

  set rate(rate: Rate) {
    this.#memory.idle();
    this.#memory.state.rate = readRate(rate);
  }

  // ---------------------------------------------------------------------------------------------------- passes

  /**
   * Computes the named outputs (all of them by default), each (rows, size) and the caller's own; needs only the inputs that
   * they depend on. Throws `missing-input`, `bad-shape`, `not-finite`, `unconnected`, `unknown-layer`, `not-an-output`,
   * `bad-option`, `out-of-memory`.
   */
  predict(xs: Readonly<Record<In, Data>>): { [K in Out]: FloatArray<P> };
  predict<K extends Out>(
    xs: Readonly<Partial<Record<In, Data>>>,
    options: { readonly outputs: readonly K[] },
  ): { [N in K]: FloatArray<P> };
  predict(xs: unknown, given?: { readonly outputs?: readonly string[] }): { [K in Out]: FloatArray<P> } {
    const memory = this.#memory;
    memory.still();
    const values = this.#intake.hold(xs);
    const pass = memory.pass(this.#intake.asked(given));
    const rows = this.#intake.give(pass, values);
    accept(memory, pass, rows, memory.core.call.predict(pass.record, rows));
    const results = record<FloatArray<P>>();
    for (const { $: layer } of pass.outputs) {
      const values = memory.copy(layer.post, rows * layer.size);
      if (layer.scaler !== undefined) values.set(layer.scaler.inverse(values));
      results[layer.name] = values as FloatArray<P>;
    }
    return results as { [K in Out]: FloatArray<P> };
  }

  /**
   * One step of the optimizer on the samples given, towards the targets of any outputs, at least one (Keras's
   * `train_on_batch`). Returns the cost before the step: the sum over outputs and units, the mean over samples. Changes
   * only the parameters that lead to those outputs. Throws `missing-input`, `missing-target`, `bad-shape`, `bad-target`,
   * `not-finite`, `not-an-output`, `unknown-layer`, `unconnected`, `diverged`, `out-of-memory`, `busy`; `bad-option` where a
   * rate that is a function gives a wrong one, or the schedule reduceOnPlateau needs `fit`.
   */
  train(xs: Readonly<Partial<Record<In, Data>>>, ts: SomeOf<Out, Data>, given?: DataOptions): number {
    this.#memory.idle();
    if (this.#memory.state.plateau !== undefined) {
      throw new GraphError("bad-option", "The schedule reduceOnPlateau follows epochs: train with `fit`.");
    }
    return this.#step(xs, ts, given === undefined ? undefined : this.#intake.counts(given, "train"));
  }

  #step(xs: unknown, ts: unknown, counts: Counts | undefined, place?: Place): number {
    const memory = this.#memory;
    memory.ask();
    const pass = this.#intake.aim(xs, ts, "gradients", counts);
    const { rows } = this.#intake;
    const { call } = memory.core;
    const cost = call.train(pass.record, rows);
    if (Number.isNaN(cost)) accept(memory, pass, rows, call.fault(), place);
    else reached(pass, rows);
    return cost;
  }

  /**
   * The derivatives of the cost by every parameter and value that the pass reaches; changes no parameter. Throws as `train`
   * does, but neither `diverged`, since it gives what the arithmetic gives, nor for a rate, nor while `fit` runs.
   */
  gradients(
    xs: Readonly<Partial<Record<In, Data>>>,
    ts: SomeOf<Out, Data>,
    given?: DataOptions,
  ): Gradients<P> {
    this.#memory.still();
    const { memory, pass, rows } = this.#prepare(
      xs,
      ts,
      "gradients",
      this.#intake.counts(given, "gradients"),
    );
    accept(memory, pass, rows, memory.core.call.checkAll(pass.record, rows));
    const cost = memory.core.call.gradients(pass.record, rows);
    const inputs = record<FloatArray<P>>();
    for (const { $: l } of pass.inputs) {
      const values = memory.copy(l.delta, rows * l.size);
      const { scaler } = l;
      // The given values are x, of which the layer sees (x - offset) / divisor.
      if (scaler !== undefined)
        for (let i = 0; i < values.length; i++) values[i]! /= scaler.divisor[i % l.size]!;
      inputs[l.name] = values as FloatArray<P>;
    }
    const bias = record<FloatArray<P>>();
    const gain = record<FloatArray<P>>();
    const weights: WeightGradient<P>[] = [];
    for (const part of memory.parts(pass)) {
      const values = memory.gradients(part.offset, part.count) as FloatArray<P>;
      if (part.kind === "weights") {
        const { name, from, to } = part.synapse.$;
        weights.push({ name, from: from.$.name, to: to.$.name, shape: part.synapse.shape, values });
      } else {
        (part.kind === "bias" ? bias : gain)[part.layer.name] = values;
      }
    }
    return { cost, inputs, bias, gain, weights };
  }

  /**
   * The cost over the samples given, and for each output its own and the metrics asked for, or where none are, of entropy,
   * crossEntropy and kl the accuracy; changes no parameter. Throws as `gradients` does.
   */
  evaluate<K extends Out = Out>(
    xs: Readonly<Partial<Record<In, Data>>>,
    ts: SomeOf<K, Data>,
    given?: EvaluateOptions,
  ): Evaluation<K> {
    this.#memory.still();
    const { metrics, ...rest } = options(given, ["metrics", "sampleWeights", "mask"], "evaluate");
    if (metrics !== undefined) readMetrics(metrics);
    const counts = this.#intake.counts(rest, "evaluate");
    const { memory, pass, rows } = this.#prepare(xs, ts, "cost", counts);
    accept(memory, pass, rows, memory.core.call.checkAll(pass.record, rows));
    const cost = memory.core.call.evaluate(pass.record, rows);
    return this.#score(pass, rows, cost, metrics, counts !== undefined) as Evaluation<K>;
  }

  /** The cost and what each output of a pass that was computed has. */
  #score(pass: Pass, rows: number, cost: number, metrics: unknown, weighed: boolean): Evaluation {
    const memory = this.#memory;
    const outputs = record<OutputScore>();
    pass.outputs.forEach(({ $: layer }, i) => {
      const { size } = layer;
      const compared = {
        rows,
        size,
        y: memory.view(layer.post, rows * size),
        t: memory.view(layer.target, rows * size),
        counts: weighed ? memory.view(layer.emphasis, rows * size) : undefined,
      };
      const asked = readMetrics(metrics ?? usualMetrics(layer));
      outputs[layer.name] = { cost: memory.outputCost(pass, i), ...scores(asked, compared) };
    });
    return { cost, outputs };
  }

  /**
   * Compares every derivative that `gradients` gives with central differences, on a copy in float64: for models as for this
   * library itself. Changes nothing. Throws as `gradients` and `clone` do, and `bad-option`.
   */
  gradCheck(
    xs: Readonly<Partial<Record<In, Data>>>,
    ts: SomeOf<Out, Data>,
    given?: GradCheckOptions,
  ): GradCheck {
    this.#memory.still();
    const known = ["epsilon", "atol", "rtol", "sampleWeights", "mask"];
    const { sampleWeights, mask, ...limits } = options(given, known, "gradCheck");
    const bounds = readLimits(limits);
    const copy = this.#copy("float64");
    try {
      const counts = {
        ...(sampleWeights !== undefined && { sampleWeights }),
        ...(mask !== undefined && { mask }),
      };
      const found = copy.gradients(xs, ts, counts as DataOptions);
      const { memory, pass, rows } = copy.#prepare(
        xs,
        ts,
        "gradients",
        copy.#intake.counts(counts, "gradCheck"),
      );
      return check(memory, pass, rows, found, bounds);
    } finally {
      copy.dispose();
    }
  }

  /**
   * Trains over epochs, in batches, giving way to the event loop: the same bits as the same calls of `train`. Starts at
   * once, and is to be awaited for its history or gone through by `for await`. What it throws (as `train` does, `bad-option`,
   * and of a checkpoint `bad-file`) rejects it; the steps before stay made.
   */
  fit(data: FitData<In, Out>, given?: FitOptions<In, Out>): FitRun {
    return new Run((run) => this.#lend((trainee) => fit(trainee, run, data, given)));
  }

  /** Keeps the graph to a training. */
  async #lend<R>(train: (trainee: Trainee) => Promise<R>): Promise<R> {
    this.#memory.idle();
    this.#memory.busy = true;
    try {
      return await train(this.#trainee());
    } finally {
      this.#memory.busy = false;
    }
  }

  /** What `fit` needs of a graph. */
  #trainee(): Trainee {
    const graph = this;
    const memory = this.#memory;
    return {
      memory,
      get seed() {
        return memory.seed;
      },
      get shuffles() {
        return graph.#shuffles;
      },
      set shuffles(drawn) {
        graph.#shuffles = drawn;
      },
      hold: ({ xs, ts, sampleWeights, mask }) => {
        const held = (given: unknown) => this.#intake.hold(given, true);
        return held({ xs: held(xs), ts: held(ts), sampleWeights, mask: held(mask) }) as Dataset;
      },
      pass: ({ ts }) => memory.pass(this.#intake.aims(ts)),
      read: (pass, data) => {
        const counts = this.#intake.countsOf(data);
        const rows = this.#intake.read(pass, data.xs, data.ts, counts);
        return { rows, slots: counts === undefined ? pass.slots : pass.weighed };
      },
      step: (data, place) => {
        const cost = this.#step(data.xs, data.ts, this.#intake.countsOf(data), place);
        return { pass: memory.latest!, rows: this.#intake.rows, cost };
      },
      accept: (pass, rows, status, place) => accept(memory, pass, rows, status, place),
      reached: (pass, rows) => reached(pass, rows),
      diverged: (what, layer, ...rest) => diverged(what, layer, memory, ...rest),
      score: (...scored) => this.#score(...scored),
      measures: (name, metrics, pass) => {
        const layer = (pass ?? this.#intake).outputs.find(({ $: l }) => l.name === name);
        if (layer === undefined) return [];
        return ["cost", ...readMetrics(metrics ?? usualMetrics(layer.$)).map(({ name }) => name)];
      },
      fitScalers: ({ xs, ts }, scale) => {
        const fitted = Object.entries(scale)
          .filter(([, kind]) => kind !== undefined)
          .map(([name, kind]) => {
            const layer = this.#intake.scalable(name);
            const data = layer.$.kind === "input" ? xs : ts;
            const values = Object.hasOwn(data, name) ? (data as Record<string, Data>)[name] : undefined;
            if (values !== undefined)
              return [name, Scaler.fit(values, layer.$.size, kind as ScalerKind, name)] as const;
            throw new GraphError("bad-option", `\`scale\` names ${show(name)}, of which there is no data.`);
          });
        return new Map([...this.#scalers, ...fitted]);
      },
      scale: (scalers) => {
        for (const [name, scaler] of scalers) this.#intake.scalable(name).$.scaler = scaler;
      },
      toJSON: () => this.toJSON(),
      restore: (json) => this.#restore(json),
    };
  }

  /** The graph of a file, of the same topology and precision, whose numbers this one can take over. */
  #restore(json: unknown): Saved {
    const saved = Graph.fromJSON(json as object) as Graph<string, string, string, Precision>;
    const found = saved.#shape;
    const memory = this.#memory;
    if (found !== this.#shape) {
      saved.dispose();
      const wanted = "a graph of the same layers, synapses, options and precision as this one";
      throw new GraphError("bad-option", `What is resumed is ${wanted}.`);
    }
    const { rate } = memory.state.settings;
    if (saved.rate === unsaved && (rate === unsaved || typeof rate !== "function")) {
      saved.dispose();
      unsaved();
    }
    return {
      scalers: saved.#scalers,
      adopt: () => {
        memory.packed = saved.#memory.packed;
        memory.adopt(saved.#memory);
        this.#topology.layers.forEach((layer, i) => {
          layer.$.scaler = saved.#topology.layers[i]!.$.scaler;
        });
        memory.seed = saved.#memory.seed;
        memory.noises = saved.#memory.noises;
        this.#shuffles = saved.#shuffles;
      },
      free: () => saved.dispose(),
    };
  }

  get #scalers(): Scalers {
    const scaled = this.#topology.layers.filter(({ $: l }) => l.scaler !== undefined);
    return new Map(scaled.map(({ $: l }) => [l.name, l.scaler!]));
  }

  /** All that must agree for a training to go on with the same bits, numbers and scalers apart. */
  get #shape(): string {
    const { precision, layers, synapses } = describe(this.#source()).description;
    // What the optimizer keeps of a part is told by such members.
    const passing = /^scaler$|Steps$|Product$/;
    const lasting = (name: string, value: unknown) => (passing.test(name) ? undefined : value);
    return JSON.stringify([precision, layers, synapses], lasting);
  }

  /**
   * Gives an input, or an output, a scaler for the values, or targets, of all later calls; `null` takes it away. `predict` gives
   * an output's values on the scale of its targets; costs and metrics are of scaled ones. Throws `unknown-layer`,
   * `not-an-output`, `bad-size`, `bad-option`, `busy`.
   */
  scale(name: In | Out, scaler: Scaler | null): void {
    this.#memory.idle();
    const layer = this.#intake.scalable(name);
    if (scaler !== null && !(scaler instanceof Scaler)) {
      throw new GraphError("bad-option", `A scaler is a Scaler, or null, not ${show(scaler)}.`);
    }
    if (scaler !== null && scaler.size !== layer.$.size) {
      const sizes = `${layer.$.size} units, and the scaler is for ${scaler.size}`;
      throw new GraphError("bad-size", `The layer ${show(name)} has ${sizes}.`);
    }
    layer.$.scaler = scaler ?? undefined;
  }

  /** Checks what was given for a pass with targets, and puts it into the engine's memory; the core then checks the numbers. */
  #prepare(xs: unknown, ts: unknown, need: Need, counts?: Counts) {
    const memory = this.#memory;
    const pass = this.#intake.aim(xs, ts, need, counts);
    return { memory, pass, rows: this.#intake.rows };
  }

  // ----------------------------------------------------------------------------------------------------- life

  /** All of the graph, bit for bit, as plain data for `JSON.stringify`; docs/format.md tells the format. */
  toJSON(): object {
    return toJSON(this.#source());
  }

  /** What a file has of a graph. */
  #source(): Source {
    this.#memory.live();
    return {
      precision: this.#memory.precision,
      topology: this.#topology,
      seed: this.#memory.seed,
      init: this.#init.init,
      state: this.#memory.state,
      shuffles: this.#shuffles,
      noises: this.#memory.noises,
    };
  }

  /**
   * A graph of its own with the same layers, synapses, parameters, optimizer and generators: it goes on with the same bits.
   * Throws `out-of-memory`; `not-finite` where a parameter was set to what isn't.
   */
  clone(): Graph<In, Out, Hidden, P> {
    return this.#copy(this.#memory.precision as P);
  }

  /** The graph that `toJSON` gave, also after `JSON.parse`. Throws `bad-file` with the place that is wrong. */
  // biome-ignore lint/suspicious/noExplicitAny: a file's names and precision are not known to the compiler
  static fromJSON(json: object): Graph<string, string, string, any> {
    return fromJSON(json, Graph.#create);
  }

  /**
   * The same as `toJSON`, as a file of safetensors, which many tools read. Throws `out-of-memory`; `unsupported` where the header
   * would be over the format's 100 MB.
   */
  save(): Uint8Array<ArrayBuffer> {
    return save(this.#source());
  }

  /** The graph that `save` gave. Throws `bad-file`; `unsupported` for safetensors of another kind or version. */
  // biome-ignore lint/suspicious/noExplicitAny: a file's names and precision are not known to the compiler
  static load(bytes: Uint8Array | ArrayBuffer): Graph<string, string, string, any> {
    return load(bytes, Graph.#create);
  }

  /** An empty graph that goes on with a file's generators. */
  static #create(spec: GraphSpec<string, string, string, Precision>, { shuffles, noises }: Generators) {
    const graph = new Graph<string, string, string, Precision>(spec);
    graph.#shuffles = shuffles;
    graph.#memory.noises = noises;
    return { graph, state: graph.#memory.state };
  }

  #copy<Q extends Precision>(precision: Q): Graph<In, Out, Hidden, Q> {
    const json = toJSON(this.#source(), precision);
    try {
      const copy = fromJSON(json, Graph.#create);
      const { rate } = this.#memory.state.settings;
      if (typeof rate === "function") copy.rate = rate; // which no file holds
      return copy as unknown as Graph<In, Out, Hidden, Q>;
    } catch (cause) {
      // What a graph can have and no file: numbers that a live view was given.
      if (!(cause instanceof GraphError && cause.code === "bad-file")) throw cause;
      throw new GraphError("not-finite", `The graph can't be copied: ${cause.message}`, { cause });
    }
  }

  /** Gives the memory back now. May be called twice; any later call throws `disposed`, and so does a read of a kept layer. */
  dispose(): void {
    this.#memory.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** What an output is measured by where no metrics are named. */
function usualMetrics({ loss }: { readonly loss: { readonly name: Loss } | undefined }): readonly Metric[] {
  return loss !== undefined && losses[loss.name].accuracy ? ["accuracy"] : [];
}
