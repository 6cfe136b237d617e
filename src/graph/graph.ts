/// <reference lib="esnext.disposable" preserve="true" />

import { GraphError } from "../base/error.js";
import { printAs } from "../base/inspect.js";
import { number } from "../base/options.js";
import { plain } from "../base/plain.js";
import type { FloatArray, Precision } from "../base/precision.js";
import type { Data } from "../base/read.js";
import { MARK, mark, show } from "../base/text.js";
import { type AssignOptions, assign, type NamedTensor } from "../calls/assignment.js";
import { addLayer, scale } from "../calls/build.js";
import type { Gradients } from "../calls/derivatives.js";
import type { ResizeOptions } from "../calls/edit.js";
import { type EvaluateOptions, evaluate } from "../calls/evaluate.js";
import {
  type GradCheck,
  type GradCheckOptions,
  gradCheck,
  readGradCheckOptions,
} from "../calls/gradcheck.js";
import { gradients } from "../calls/gradients.js";
import { Network } from "../calls/network.js";
import { setOptimizer, setRate } from "../calls/optimizer.js";
import { Past } from "../calls/past.js";
import { predict } from "../calls/predict.js";
import type { PruneOptions } from "../calls/prune.js";
import type { Evaluation } from "../calls/score.js";
import type { TimeOptions } from "../calls/timing.js";
import { train } from "../calls/train.js";
import { type CopyOptions, copyFrom, readTau } from "../calls/transfer.js";
import { backward, type UpstreamOptions } from "../calls/upstream.js";
import type { DataOptions } from "../calls/weighting.js";
import type { FitData } from "../fit/dataset.js";
import { fit } from "../fit/fit.js";
import type { FitRun } from "../fit/history.js";
import type { FitOptions } from "../fit/options.js";
import { clone, copy } from "../format/copy.js";
import type { SaveOptions } from "../format/description.js";
import { fromJSON, toJSON } from "../format/json.js";
import { merge } from "../format/merge.js";
import { load, save } from "../format/safetensors.js";
import type { CellKind, GruOptions, LstmOptions } from "../model/cell.js";
import type { HiddenName, SomeOf, Sources, Undeclared, UndeclaredCell } from "../model/declaration.js";
import type { InputOptions, LayerOptions, OutputOptions } from "../model/layer.js";
import type { ActivationOption } from "../rules/activation.js";
import type { LossOption } from "../rules/loss.js";
import type { Optimizer, Settings } from "../rules/optimizer.js";
import type { Scaler } from "../rules/scaler.js";
import type { Rate } from "../rules/schedule.js";
import type { Size } from "../rules/shape.js";
import { INSIDE, reading, training } from "./internal.js";
import { type Layer, layerOf } from "./layer.js";
import type { GraphSpec } from "./spec.js";
import { State } from "./state.js";
import {
  addCell,
  connect,
  declare,
  findLayer,
  findSynapse,
  freezeLayers,
  pruneSynapse,
  remove,
  resizeLayer,
  rewireSynapse,
  summarize,
  widenLayer,
} from "./structure.js";
import { type Synapse, type SynapseOptions, synapseOf } from "./synapse.js";

/** A graph, whatever its names and precision. */
// biome-ignore lint/suspicious/noExplicitAny: a graph of unknown names takes any
export type AnyGraph = Graph<any, any, any, any, any>;

/**
 * Returns the network of a graph of this copy of the library, whatever its prototype is; `undefined` for anything else.
 * @internal
 */
export let networkOf: (given: unknown) => Network | undefined;

/**
 * A neural network of any shape: layers joined by synapses, in loops only with a delay, with named inputs and outputs.
 *
 * Instances are sealed, and so are layers and synapses: setting a property that they don't have throws a TypeError. A
 * subclass may add its own. Every refusal is a `GraphError`, and has changed nothing. After `dispose()` every call throws
 * `disposed`. While `fit` runs, calls that would change the graph throw `busy`.
 */
export class Graph<
  In extends string = string,
  Out extends string = string,
  Hidden extends string = Undeclared<In>,
  P extends Precision = "float64",
  Cell extends CellKind = UndeclaredCell<Hidden>,
> {
  static {
    printAs(Graph, "Graph", (graph) => summarize(graph.#net));
    networkOf = (given) =>
      typeof given === "object" && given !== null && #net in given ? (given as AnyGraph).#net : undefined;
  }

  /** @internal */
  static get [INSIDE]() {
    return { networkOf, ...training, ...reading };
  }

  /** @internal */
  get [MARK]() {
    return mark("Graph", (given) => networkOf(given) !== undefined);
  }

  readonly #net: Network;

  /**
   * Makes an empty graph, or one that is declared in one piece. A declaration equals calls in this order: inputs, hidden
   * layers, outputs, synapses. Throws `bad-option`, `no-wasm`, and the errors of those calls.
   */
  constructor(spec: GraphSpec<In, Out, Hidden, P, Cell> = {}) {
    if (new.target === Graph) Object.seal(this);
    this.#net = Network.is(spec) ? spec : declare(spec);
  }

  /** Returns the handles of a list of layers. Throws `disposed`. */
  #handles<N extends string>(list: "layers" | "inputs" | "outputs"): readonly Layer<N, P>[] {
    const { topology, memory } = this.#net;
    memory.live();
    return topology[list].map((layer) => layerOf(layer, memory));
  }

  /** Makes the graph of a network. */
  static #of(net: Network): Graph<string, string, string, Precision> {
    return new Graph(net as unknown as GraphSpec<string, string, string, Precision, CellKind>);
  }

  // -------------------------------------------------------------------------------------------------- topology

  /**
   * Adds an input of `size` units, or of a shape: [length, channels] or [height, width, channels]. Throws `bad-name`, `duplicate-layer`, `bad-size`, `bad-option`, `out-of-memory`, `busy`.
   */
  addInput<N extends string>(
    name: N,
    size: Size,
    activation: ActivationOption = "linear",
    options?: InputOptions,
  ): Layer<N, P> {
    return layerOf(
      addLayer(this.#net, "input", name, size, activation, undefined, options),
      this.#net.memory,
    );
  }

  /** Adds a hidden layer of `size` units. Throws as `addInput` does. */
  addHidden<N extends string>(
    name: N,
    size: Size,
    activation: ActivationOption = "sigmoid",
    options?: LayerOptions,
  ): Layer<N, P> {
    return layerOf(
      addLayer(this.#net, "hidden", name, size, activation, undefined, options),
      this.#net.memory,
    );
  }

  /**
   * Adds an output of `size` units. The loss follows the activation: sigmoid has entropy, softmax crossEntropy, any other mse.
   * Throws as `addInput` does; `bad-option` also for entropy on an activation that can leave [0, 1], and for crossEntropy on any
   * but softmax.
   */
  addOutput<N extends string>(
    name: N,
    size: Size,
    activation: ActivationOption = "sigmoid",
    loss?: LossOption,
    options?: OutputOptions,
  ): Layer<N, P> {
    return layerOf(addLayer(this.#net, "output", name, size, activation, loss, options), this.#net.memory);
  }

  /**
   * Adds an LSTM of `size` units that receives from a layer or several: a hidden layer, and its gates, with names such as
   * `cell.forget`. docs/time.md lists the layers and synapses. Throws as `addInput` and `connect` do.
   */
  addLstm<N extends string>(
    name: N,
    size: number,
    from: Sources<In | HiddenName<Hidden, Cell> | Out | Layer>,
    options?: LstmOptions,
  ): Layer<N, P> {
    return layerOf(addCell(this.#net, "lstm", name, size, from, options), this.#net.memory);
  }

  /** Adds a GRU: a cell with two gates, whose state is its output. Throws as `addLstm` does. */
  addGru<N extends string>(
    name: N,
    size: number,
    from: Sources<In | HiddenName<Hidden, Cell> | Out | Layer>,
    options?: GruOptions,
  ): Layer<N, P> {
    return layerOf(addCell(this.#net, "gru", name, size, from, options), this.#net.memory);
  }

  /**
   * Joins two layers by a matrix of weights, of shape (size of from, size of to), or by another kind of synapse. Any layer may
   * feed any layer but an input. Throws `unknown-layer`, `foreign-layer`, `not-a-target`, `duplicate-synapse`, `cycle`, `bad-option`,
   * `out-of-memory`, `busy`; `bad-name` for a name, `bad-shape`, `not-finite` for weights that are given.
   */
  connect(
    from: In | HiddenName<Hidden, Cell> | Out | Layer,
    to: HiddenName<Hidden, Cell> | Out | Layer,
    given: SynapseOptions = {},
  ): Synapse<P> {
    return synapseOf(connect(this.#net, from, to, given), this.#net.memory);
  }

  /**
   * Removes a layer with its synapses, or a synapse. All else keeps its parameters and the optimizer's state. Weights that
   * other synapses share go to the first of these. Names are free again; kept objects of a removed part throw `disposed`. A
   * part that an output needs may be removed: the next pass throws `unconnected`. docs/structure.md has the rules. Throws
   * `unknown-layer`, `foreign-layer`, `unknown-synapse`, `bad-option`, `disposed`, `busy`.
   */
  remove(part: In | HiddenName<Hidden, Cell> | Out | Layer | Synapse): void {
    remove(this.#net, part);
  }

  /**
   * Changes the size of a hidden layer or an output: adds or removes units at its end. Kept units keep their parameters and
   * their optimizer's state. New weights start by `init`, or else as each synapse's weights did; new biases are 0, new gains
   * 1. Throws `unknown-layer`, `foreign-layer`, `bad-size`, `out-of-memory`, `busy`; `bad-option` for an input, a layer with
   * a scaler, a synapse that joins equal sizes, or weights that are shared with synapses of other layers.
   */
  resize(layer: HiddenName<Hidden, Cell> | Out | Layer, size: number, given: ResizeOptions = {}): void {
    resizeLayer(this.#net, layer, size, given);
  }

  /**
   * Drops connections of a dense or a sparse synapse: `{ share }` keeps the largest weights, `{ below }` drops smaller ones. A
   * dense synapse becomes sparse, and stays the same object; kept weights keep the optimizer's state. Returns the number of
   * connections that are left, in all synapses that share the weights. Throws `bad-option` for other kinds, and where none would be
   * left; `unknown-synapse`, `not-finite`, `out-of-memory`, `busy`.
   */
  prune(synapse: Synapse<P>, given: PruneOptions): number {
    return pruneSynapse(this.#net, synapse, given);
  }

  /**
   * Rewires a sparse synapse to other connections: pairs of units [from, to], or flat in a typed array. Kept ones keep weight and optimizer
   * state, new ones start at 0. Throws `bad-option`, `unknown-synapse`, `out-of-memory`, `busy`.
   */
  rewire(
    synapse: Synapse<P>,
    connections: readonly (readonly [from: number, to: number])[] | Uint32Array,
  ): void {
    rewireSynapse(this.#net, synapse, connections);
  }

  /**
   * Widens a hidden layer by copies of its units, drawn by the seed: `predict` returns the same, but for rounding. In a shape only
   * channels can grow. Throws `unknown-layer`, `foreign-layer`, `bad-size`, `out-of-memory`, `busy`; `bad-option` for a norm or softmax,
   * shared weights, and synapses that are neither dense nor a conv without groups.
   */
  widen(layer: HiddenName<Hidden, Cell> | Layer, size: Size): void {
    widenLayer(this.#net, layer, size);
  }

  /** Finds a layer by its name. Throws `unknown-layer`. */
  layer<N extends In | HiddenName<Hidden, Cell> | Out>(name: N): Layer<N, P> {
    this.#net.memory.live();
    return layerOf(findLayer(this.#net, name), this.#net.memory);
  }

  /**
   * Finds the one synapse between two layers, or among several the one of a delay. Throws `unknown-synapse` where none matches, or
   * several; `unknown-layer`, `bad-option`.
   */
  synapse(
    from: In | HiddenName<Hidden, Cell> | Out | Layer,
    to: HiddenName<Hidden, Cell> | Out | Layer,
    delay?: number,
  ): Synapse<P> {
    this.#net.memory.live();
    return synapseOf(findSynapse(this.#net, from, to, delay), this.#net.memory);
  }

  /** All layers, in the order of their creation. */
  get layers(): readonly Layer<string, P>[] {
    return this.#handles("layers");
  }

  /** All synapses, in connection order. */
  get synapses(): readonly Synapse<P>[] {
    const { topology, memory } = this.#net;
    memory.live();
    return topology.synapses.map((synapse) => synapseOf(synapse, memory));
  }

  /** The inputs, in the order of their creation. */
  get inputs(): readonly Layer<In, P>[] {
    return this.#handles("inputs");
  }

  /** The outputs, in the order of their creation. */
  get outputs(): readonly Layer<Out, P>[] {
    return this.#handles("outputs");
  }

  /** Seed of all generators: a whole number from 0 to 2³² − 1, drawn if none was given. */
  get seed(): number {
    this.#net.memory.live();
    return this.#net.memory.seed;
  }

  /** Precision of parameters, states and results; costs are in float64 in both precisions. */
  get precision(): P {
    this.#net.memory.live();
    return this.#net.memory.precision as P;
  }

  /**
   * The optimizer as a frozen copy, with the defaults of all that is on. Settable: a new optimizer starts with fresh state.
   * Throws `bad-option`, `busy`.
   */
  get optimizer(): Settings {
    this.#net.memory.live();
    return this.#net.training.optimizer.settings;
  }

  set optimizer(given: Optimizer) {
    setOptimizer(this.#net, given);
  }

  /**
   * The learning rate: finite and ≥ 0, a function of the steps made before, or a schedule. A new one keeps the optimizer's
   * state. Throws `bad-option`, `busy`.
   */
  get rate(): Rate {
    this.#net.memory.live();
    return this.#net.training.optimizer.settings.rate;
  }

  set rate(rate: Rate) {
    setRate(this.#net, rate);
  }

  // ---------------------------------------------------------------------------------------------------- passes

  /**
   * Makes a state for `rows` samples, by which calls continue sequences step by step or in pieces. Throws `bad-option`,
   * `out-of-memory`.
   */
  state(rows = 1): State<P> {
    const net = this.#net;
    net.memory.still();
    const count = number(rows, { least: 1, most: 2 ** 31 - 1, whole: true }, "The number of a state's rows");
    return new State<P>(net, new Past(net.topology, net.memory, count));
  }

  /**
   * Computes the named outputs (all of them by default), each (rows, size) and the caller's own. With steps, an output with time
   * is (samples, steps, size), with zeros beyond a sample's length. Needs only the outputs' ancestors among the inputs. Throws
   * `missing-input`, `bad-shape`, `bad-input`, `not-finite`, `unconnected`, `unknown-layer`, `not-an-output`, `bad-option`,
   * `out-of-memory`.
   */
  predict(xs: Readonly<Record<In, Data>>): { [K in Out]: FloatArray<P> };
  predict<K extends Out>(
    xs: Readonly<Partial<Record<In, Data>>>,
    options: { readonly outputs: readonly K[] } & TimeOptions,
  ): { [N in K]: FloatArray<P> };
  predict(xs: Readonly<Record<In, Data>>, options: TimeOptions): { [K in Out]: FloatArray<P> };
  predict(xs: unknown, given?: unknown): { [K in Out]: FloatArray<P> } {
    return predict(this.#net, xs, given) as { [K in Out]: FloatArray<P> };
  }

  /**
   * Makes one step of the optimizer on the given samples, towards the targets of one output or more (Keras's
   * `train_on_batch`). Returns the cost before the step: the sum over outputs and units, the mean over samples. Changes only
   * the parameters that lead to those outputs. Throws `missing-input`, `missing-target`, `bad-shape`, `bad-input`, `bad-target`,
   * `not-finite`, `not-an-output`, `unknown-layer`, `unconnected`, `diverged`, `out-of-memory`, `busy`. Throws `bad-option`
   * if the rate is a function and returns a wrong one, or if the schedule reduceOnPlateau needs `fit`.
   */
  train(xs: Readonly<Partial<Record<In, Data>>>, ts: SomeOf<Out, Data>, given?: DataOptions): number {
    return train(this.#net, xs, ts, given);
  }

  /**
   * Makes one step of the optimizer with dJ/dy for at least one output, each (rows, size). The caller computes the cost J
   * from the values y that `predict` returns: a policy's cost, or a larger model's. J is the whole batch's: divide by the
   * rows for a mean. The outputs' losses and weights have no effect; penalties of weights add their gradients. Throws as
   * `train` does.
   */
  backward(xs: Readonly<Partial<Record<In, Data>>>, gradients: SomeOf<Out, Data>, given?: DataOptions): void {
    backward(this.#net, xs, gradients, given);
  }

  /**
   * Returns the derivatives of the cost by every parameter and value that the pass reaches; changes no parameter. With `null`
   * for targets, returns the derivatives of `backward`, from the gradients `outputs`, and a cost of 0. Throws as `train`
   * does, except `diverged`, errors of a rate, and `busy` while `fit` runs: a result that is not finite is returned.
   */
  gradients(
    xs: Readonly<Partial<Record<In, Data>>>,
    ts: SomeOf<Out, Data>,
    given?: DataOptions,
  ): Gradients<P>;
  gradients(xs: Readonly<Partial<Record<In, Data>>>, ts: null, given: UpstreamOptions<Out>): Gradients<P>;
  gradients(xs: unknown, ts: unknown, given?: unknown): Gradients<P> {
    return gradients(this.#net, xs, ts, given) as Gradients<P>;
  }

  /**
   * Returns the cost over the samples, and for each output its own cost and the metrics asked for. By default, entropy,
   * crossEntropy and kl have the accuracy. Changes no parameter. Throws as `gradients` does.
   */
  evaluate<K extends Out = Out>(
    xs: Readonly<Partial<Record<In, Data>>>,
    ts: SomeOf<K, Data>,
    given?: EvaluateOptions,
  ): Evaluation<K> {
    return evaluate(this.#net, xs, ts, given) as Evaluation<K>;
  }

  /**
   * Compares every derivative of `gradients` with central differences, on a copy in float64: a check of models as well as of
   * this library. Changes nothing. Throws as `gradients` and `clone` do, and `bad-option`.
   */
  gradCheck(
    xs: Readonly<Partial<Record<In, Data>>>,
    ts: SomeOf<Out, Data>,
    given?: GradCheckOptions,
  ): GradCheck {
    this.#net.memory.still();
    const settings = readGradCheckOptions(this.#net.topology, given);
    this.#net.memory.still();
    return gradCheck(copy(this.#net, "float64"), xs, ts, settings);
  }

  /**
   * Trains over epochs, in batches, yielding to the event loop: the same bits as the same calls of `train`. Starts at once;
   * await it for its history, or iterate it by `for await`. Errors (those of `train`, `bad-option`, and of a checkpoint
   * `bad-file`) reject it; the steps before stay made.
   */
  fit(data: FitData<In, Out>, given?: FitOptions<In, Out>): FitRun {
    return fit(this.#net, data, given);
  }

  /**
   * Sets the scaler of an input's values, or of an output's targets, for all later calls; `null` removes it. `predict`
   * returns an output's values on the scale of its targets, and `mae` is in their units; costs are of scaled values. Throws
   * `unknown-layer`, `not-an-output`, `bad-size`, `bad-option`, `busy`.
   */
  scale(name: In | Out, scaler: Scaler | null): void {
    scale(this.#net, name, scaler);
  }

  // ------------------------------------------------------------------------------------------------ parameters

  /**
   * Copies the parameters of a graph of the same layers and synapses, in any order of creation: p ← p + tau (q - p), exactly
   * q for a tau of 1. The optimizer's state stays. Throws `bad-option`, which names the first difference, `not-finite`,
   * `busy`, `disposed`. docs/parameters.md lists what must agree.
   */
  copyFrom(other: AnyGraph, given?: CopyOptions): void {
    const tau = readTau(given);
    const from = networkOf(other);
    if (from === undefined) {
      throw new GraphError("bad-option", `copyFrom takes a Graph of this module, not ${show(other)}.`);
    }
    copyFrom(this.#net, from, tau);
  }

  /**
   * Sets parameters by the names of tensors in files: `bias.h`, `gain.h`, `weight.0.x.h`, or names that `map` turns into
   * these. Sets all of them or, if one is refused, none. Returns the used names of tensors. Throws `bad-option`, `bad-shape`,
   * `not-finite`, `busy`. docs/parameters.md shows a file of PyTorch's.
   */
  assign(tensors: Readonly<Record<string, NamedTensor>>, given?: AssignOptions): string[] {
    return assign(this.#net, tensors, given);
  }

  /**
   * Freezes layers with their incoming weights; all layers if none is named. For shared weights the last call decides. Throws
   * `unknown-layer`, `foreign-layer`, `busy`; then nothing is frozen.
   */
  freeze(...layers: readonly (In | HiddenName<Hidden, Cell> | Out | Layer)[]): void {
    freezeLayers(this.#net, layers, true);
  }

  /** Unfreezes layers with their incoming weights; all layers if none is named. Throws as `freeze` does. */
  unfreeze(...layers: readonly (In | HiddenName<Hidden, Cell> | Out | Layer)[]): void {
    freezeLayers(this.#net, layers, false);
  }

  // ----------------------------------------------------------------------------------------------------- life

  /**
   * Returns the whole graph, bit for bit, as plain data for `JSON.stringify`; docs/format.md describes the format. With `{
   * optimizer: false }` it lacks the optimizer's steps and moments, which then start afresh. Throws `not-finite` for
   * parameters that aren't finite, `bad-option`.
   */
  toJSON(given?: SaveOptions): object {
    // `JSON.stringify` passes the key of the graph.
    const options: unknown = typeof given === "string" ? undefined : given;
    return toJSON(this.#net.saved(options, "toJSON"));
  }

  /**
   * Returns an independent graph with the same layers, synapses, parameters, optimizer and generators: it continues with the
   * same bits. Throws `out-of-memory`; `not-finite` for parameters that aren't finite.
   */
  clone(): Graph<In, Out, Hidden, P, Cell> {
    return Graph.#of(clone(this.#net)) as unknown as Graph<In, Out, Hidden, P, Cell>;
  }

  /** Rebuilds a graph from the data of `toJSON`, also after `JSON.parse`. Throws `bad-file` with the wrong place. */
  // biome-ignore lint/suspicious/noExplicitAny: a file's names and precision are not known to the compiler
  static fromJSON(json: object): Graph<string, string, string, any> {
    return Graph.#of(fromJSON(plain(json, "bad-file", "The file")));
  }

  /**
   * Returns the data of `toJSON` as a file of safetensors, which many tools read. Throws as `toJSON` does, and
   * `out-of-memory`; `unsupported` where the header would be over the format's 100 MB.
   */
  save(given?: SaveOptions): Uint8Array<ArrayBuffer> {
    return save(this.#net.saved(given, "save"));
  }

  /** Rebuilds a graph from the bytes of `save`. Throws `bad-file`; `unsupported` for safetensors of another kind or version. */
  // biome-ignore lint/suspicious/noExplicitAny: a file's names and precision are not known to the compiler
  static load(bytes: Uint8Array | ArrayBuffer): Graph<string, string, string, any> {
    return Graph.#of(load(bytes));
  }

  /**
   * Takes over the parameters and scalers of a file of this graph, such as one that was trained elsewhere; the optimizer begins
   * afresh. Throws `bad-file` for another graph, with the first difference; `unsupported`, `out-of-memory`, `busy`, `disposed`.
   */
  merge(bytes: Uint8Array | ArrayBuffer): void {
    merge(this.#net, bytes);
  }

  /** Frees the memory now. May be called again; any other call throws `disposed`, and so does reading a layer of the graph. */
  dispose(): void {
    this.#net.memory.dispose();
  }

  /** Frees the graph at the end of a block that declares it with `using`: see `dispose`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
