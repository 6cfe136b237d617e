// A graph as plain data; docs/format.md describes it. A description tells the topology, the options and the generators. Its
// numbers are tensors: here each is base64 in an entry of the description, in safetensors.ts they lie beside it. What is
// read is checked before anything is made from it, and each refusal names the place, as a path.

import { type Bounds, GraphError, number, show } from "../error.js";
import type { Graph } from "../graph.js";
import type { LayerKind } from "../layer.js";
import type { Memory } from "../memory.js";
import { isPlain, type Moment, momentsOf, unsaved } from "../optimizer.js";
import { activations, losses, option, precisions } from "../rule.js";
import { Scaler } from "../scaler.js";
import type { GraphSpec } from "../spec.js";
import type { State } from "../state.js";
import type { Synapse } from "../synapse.js";
import type { Topology } from "../topology.js";
import type {
  ActivationOption,
  FloatArray,
  Init,
  LossOption,
  NamedInit,
  Optimizer,
  Precision,
  SynapseOptions,
} from "../types.js";
import { decode, encode, encodedLength } from "./base64.js";

const VERSION = 1;

export interface Source {
  readonly precision: Precision;
  readonly topology: Topology;
  readonly seed: number;
  readonly init: NamedInit | "values";
  readonly state: State;
  readonly shuffles: number;
  readonly noises: number;
}

/** A run of a graph's numbers. */
export interface Tensor {
  /** Unique in its graph: `bias.h`, `gain.h`, `weight.0.x.h`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** The entry of the description that it belongs to, and its member there. */
  readonly list: "layers" | "synapses";
  readonly index: number;
  readonly member: string;
  /** What an optimizer keeps of such parameters, if it is that. */
  readonly moment?: Moment;
}

interface Sized {
  readonly name: string;
  readonly size: number;
}

/** A bias that is not learnt is there too: so every size that a file declares comes with its bytes. */
function layerTensors(index: number, layer: Sized, norm: unknown): Tensor[] {
  const members = ["bias", ...(norm === "layer" ? ["gain"] : [])] as ("bias" | "gain")[];
  return members.map((member) => {
    return { name: `${member}.${layer.name}`, shape: [layer.size], list: "layers", index, member };
  });
}

function synapseTensors(index: number, from: Sized, to: Sized, kind: unknown, share: unknown): Tensor[] {
  if (kind === "identity" || share !== undefined) return [];
  const name = `weight.${index}.${from.name}.${to.name}`;
  return [{ name, shape: [from.size, to.size], list: "synapses", index, member: "weights" }];
}

/** What an optimizer keeps of some parameters: tensors of the same shape. */
function momentTensors(parameters: Tensor, moments: readonly Moment[]): Tensor[] {
  return moments.map((moment) => ({
    ...parameters,
    name: `optimizer.${moment}.${parameters.name}`,
    member: `${parameters.member}${moment[0]!.toUpperCase()}${moment.slice(1)}`,
    moment,
  }));
}

/** A layer or a synapse. */
interface Owner {
  readonly $: { readonly memory: Memory; readonly offset: number; readonly gainOffset?: number };
}

/** The place of its parameters among all. */
function offsetOf({ $ }: Owner, { name }: Tensor): number {
  return name.startsWith("gain.") ? $.gainOffset! : $.offset;
}

function viewOf(owner: Owner, parameters: Tensor, { moment, member, shape }: Tensor): FloatArray<Precision> {
  if (moment === undefined) return owner[member as keyof Owner] as unknown as FloatArray<Precision>;
  const count = shape.reduce((a, b) => a * b);
  return owner.$.memory.moment(moment, offsetOf(owner, parameters), count);
}

/** The members that are not what they are where none is named. */
function unusual(entry: Entry, usual: Entry): Entry {
  return Object.fromEntries(Object.entries(entry).filter(([name, value]) => value !== usual[name]));
}

const usualLayer = { hasBias: true, norm: undefined, dropout: 0, weight: 1, frozen: false };
const usualSynapse = {
  name: undefined,
  kind: "dense",
  share: undefined,
  l1: 0,
  l2: 0,
  maxNorm: undefined,
  frozen: false,
};

/** Some members of an entry. */
function only(entry: object, names: readonly string[]): Entry {
  return Object.fromEntries(Object.entries(entry).filter(([name]) => names.includes(name)));
}

/** A graph without its numbers, and its tensors, each with a view of the engine's memory. */
export function describe({ precision, topology, seed, init, state, shuffles, noises }: Source) {
  const { settings, steps, plateau } = state;
  const { rate } = settings;
  /** Parameters, and what the optimizer keeps of them once it made a step, which the entry then tells. */
  const viewed = (entry: Entry, owner: Owner, parameters: readonly Tensor[]) =>
    parameters.flatMap((tensor) => {
      const { steps: made, product } = state.reached(offsetOf(owner, tensor));
      if (made > 0) entry[`${tensor.member}Steps`] = made;
      if (made > 0 && settings.name === "nadam") entry[`${tensor.member}Product`] = product;
      const kept = made > 0 ? momentTensors(tensor, momentsOf(settings)) : [];
      return [tensor, ...kept].map((one) => ({ ...one, values: viewOf(owner, tensor, one) }));
    });
  const layers = topology.layers.map(
    ({ $: l }): Entry => ({
      name: l.name,
      kind: l.kind,
      size: l.size,
      activation: option(activations, l.activation),
      ...(l.loss === undefined ? {} : { loss: option(losses, l.loss) }),
      ...unusual(
        { hasBias: l.hasBias, norm: l.norm, dropout: l.dropout, weight: l.weight, frozen: l.frozen },
        usualLayer,
      ),
      ...unusual({ scaler: l.scaler?.toJSON() }, {}),
    }),
  );
  const synapses = topology.synapses.map(
    ({ $: s }): Entry => ({
      from: s.from.$.name,
      to: s.to.$.name,
      ...(s.kind === "dense" && s.share === undefined ? { init: s.init } : {}),
      ...unusual(
        {
          name: s.name,
          kind: s.kind,
          share: s.share?.$.index,
          l1: s.l1,
          l2: s.l2,
          maxNorm: s.maxNorm,
          frozen: s.frozen,
        },
        usualSynapse,
      ),
    }),
  );
  return {
    description: {
      precision,
      seed,
      generators: { shuffles, ...unusual({ noises }, { noises: 0 }) },
      optimizer: { ...settings, rate: typeof rate === "function" ? "function" : rate },
      ...(steps === 0 && plateau === undefined
        ? {}
        : { state: { steps, ...(plateau && { rate: state.now, ...plateau }) } }),
      ...unusual({ init }, { init: "uniform" }),
      layers,
      synapses,
    },
    tensors: [
      ...topology.layers.flatMap((layer, i) =>
        viewed(layers[i]!, layer, layerTensors(i, layer.$, layer.$.norm)),
      ),
      ...topology.synapses.flatMap((synapse, i) => {
        const { from, to, kind, share } = synapse.$;
        return viewed(synapses[i]!, synapse, synapseTensors(i, from.$, to.$, kind, share));
      }),
    ],
  };
}

type Entry = Record<string, unknown>;

/** The graph as plain data, its numbers in its own precision or another. */
export function toJSON(source: Source, precision: Precision = source.precision): object {
  const { description, tensors } = describe({ ...source, precision });
  for (const { list, index, member, values } of tensors) {
    const same = precision === source.precision;
    const numbers = same
      ? values
      : precision === "float64"
        ? new Float64Array(values)
        : new Float32Array(values);
    description[list][index]![member] = encode(bytesOf(numbers));
  }
  return { format: "plexus", version: VERSION, ...description };
}

/** The bytes of a view. */
export function bytesOf({ buffer, byteOffset, byteLength }: FloatArray<Precision>): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

export type Loose = Graph<string, string, string, Precision>;
/** Makes the empty graph. */
export type Create = (
  spec: GraphSpec<string, string, string, Precision>,
  generators: Generators,
) => { readonly graph: Loose; readonly state: State };
/** How much was drawn of each stream. */
export type Generators = Readonly<Record<"shuffles" | "noises", number>>;

/** Where a description's numbers are. */
export interface Numbers {
  /** Whether each is a member of its entry. */
  readonly inside: boolean;
  /** Refuses a tensor that isn't there with its type and shape, before anything is reserved for it. */
  check(tensor: Tensor, precision: Precision, member: unknown): void;
  /** Fills a view's bytes. */
  fill(tensor: Tensor, bytes: Uint8Array, member: unknown): void;
}

/** Throws `bad-file`. */
export function fromJSON(json: unknown, create: Create): Loose {
  const members = ["format", "version", ...MEMBERS];
  const { format, version, ...description } = fields(json, "the file", members, OPTIONAL);
  if (format !== "plexus") throw bad("format", `is ${show(format)}, not "plexus"`);
  if (version !== VERSION) {
    throw bad("version", `is ${show(version)}; this release reads version ${VERSION}`);
  }
  return rebuild(description, create, {
    inside: true,
    check(tensor, precision, text) {
      if (typeof text !== "string") throw bad(pathOf(tensor), `is ${show(text)}, not base64 text`);
      const wanted = encodedLength(tensor.shape.reduce((a, b) => a * b) * precisions[precision]);
      if (text.length !== wanted) {
        throw bad(pathOf(tensor), `has ${text.length} characters where ${wanted} are expected`);
      }
    },
    fill(tensor, bytes, text) {
      if (!decode(text as string, bytes)) throw bad(pathOf(tensor), "is not base64 (RFC 4648, padded)");
    },
  });
}

const MEMBERS = ["precision", "seed", "generators", "optimizer", "layers", "synapses"];
const OPTIONAL = ["init", "state"];

export function pathOf({ list, index, member }: Tensor): string {
  return `${list}[${index}].${member}`;
}

/** Makes a graph by the same calls that made the first, then fills in its numbers. Throws `bad-file`. */
export function rebuild(description: unknown, create: Create, numbers: Numbers): Loose {
  const file = fields(description, "the graph", MEMBERS, OPTIONAL);
  const generators = {
    noises: 0,
    ...fields(file.generators, "generators", ["shuffles"], ["noises"]),
  } as unknown as Generators;
  for (const [name, below] of [
    ["shuffles", 2 ** 32],
    ["noises", 2 ** 53],
  ] as const) {
    const drawn = generators[name];
    if (!(Number.isInteger(drawn) && drawn >= 0 && drawn < below)) {
      throw bad(`generators.${name}`, `is ${show(drawn)}, not a whole number from 0 to ${below - 1}`);
    }
  }
  if (typeof file.precision !== "string" || !Object.hasOwn(precisions, file.precision)) {
    throw bad("precision", `is ${show(file.precision)}`);
  }
  const precision = file.precision as Precision;
  if (typeof file.seed !== "number") throw bad("seed", `is ${show(file.seed)}`);
  const given = fields(file.optimizer, "optimizer", ["name", "rate"], Object.keys(Object(file.optimizer)));
  const spec = {
    precision,
    seed: file.seed,
    optimizer: { ...given, rate: given.rate === "function" ? unsaved : given.rate } as Optimizer,
    init: file.init as NamedInit,
  };
  const { graph, state } = at("seed, precision, optimizer or init", () => create(spec, generators));
  const fills: (() => void)[] = [];
  /** Makes what has tensors, once they are known to be there. */
  const add = <O extends Owner>(parameters: readonly Tensor[], entry: Entry, path: string, make: () => O) => {
    const parts = parameters.map((tensor) => ({
      tensor,
      ...readKept(entry, path, tensor, state, numbers.inside),
    }));
    for (const { tensor, kept } of parts) {
      for (const one of [tensor, ...kept]) numbers.check(one, precision, entry[one.member]);
    }
    const owner = at(path, make);
    fills.push(() => {
      for (const { tensor, steps, product, kept } of parts) {
        if (steps > 0) owner.$.memory.reach(offsetOf(owner, tensor), steps, product);
        for (const one of [tensor, ...kept]) {
          const view = viewOf(owner, tensor, one);
          numbers.fill(one, bytesOf(view), entry[one.member]);
          const least = one.moment === "square" ? 0 : -Infinity;
          const wrong = view.findIndex((value) => !(Number.isFinite(value) && value >= least));
          if (wrong >= 0) {
            const what = Number.isFinite(view[wrong]) ? "less than 0" : "not finite";
            throw bad(`${pathOf(one)}, number ${wrong},`, `is ${view[wrong]}, ${what}`);
          }
          if (one.moment !== undefined) state.bound(view);
          if (one.member === "bias" && entry.hasBias === false && view.some((value) => value !== 0)) {
            throw bad(pathOf(one), "is not 0, and the layer has no bias");
          }
        }
      }
    });
    return owner;
  };
  const made: Synapse[] = [];
  try {
    if (file.state !== undefined) readState(file.state, state);
    array(file.layers, "layers").forEach((entry, i) => {
      const layer = readLayer(entry, `layers[${i}]`, numbers.inside, state);
      const { name, kind, size, activation, loss, hasBias = true, norm, dropout, weight, frozen } = layer;
      const rest = unusual({ bias: hasBias ? undefined : false, norm, dropout, weight, frozen }, {});
      add(layerTensors(i, layer, norm), layer as unknown as Entry, `layers[${i}]`, () => {
        if (kind === "input") return graph.addInput(name, size, activation, rest);
        if (kind === "hidden") return graph.addHidden(name, size, activation, rest);
        return graph.addOutput(name, size, activation, loss, rest);
      });
      const { scaler } = layer;
      if (scaler !== undefined) at(`layers[${i}].scaler`, () => graph.scale(name, Scaler.fromJSON(scaler)));
    });
    array(file.synapses, "synapses").forEach((entry, i) => {
      const path = `synapses[${i}]`;
      const synapse = readSynapse(entry, path, numbers.inside, state);
      const { from, to, share, init } = synapse;
      const rest = only(
        synapse,
        Object.keys(usualSynapse).filter((member) => member !== "share"),
      );
      const [source, target] = at(path, () => [graph.layer(from), graph.layer(to)] as const);
      const shared = typeof share === "number" ? made[share] : undefined;
      if (share !== undefined && shared === undefined) {
        throw bad(`${path}.share`, `is ${show(share)}, not the number of a synapse before it`);
      }
      const tensors = synapseTensors(i, source, target, rest.kind, share);
      const synapseOf = () => {
        const values = () => ({ values: new Float32Array(source.size * target.size) });
        const start = init === "values" ? values() : init;
        const own = start === undefined ? rest : { ...rest, init: start as Init };
        return graph.connect(source, target, shared === undefined ? own : { ...own, share: shared });
      };
      const joined = add(tensors, synapse as unknown as Entry, path, synapseOf);
      joined.$.initial = undefined; // the weights are in the file
      made.push(joined);
    });
    for (const fill of fills) fill();
  } catch (error) {
    graph.dispose();
    throw error;
  }
  return graph;
}

/** What a layer's entry should hold; the graph's own checks refuse what it does not. */
interface LayerEntry {
  readonly name: string;
  readonly kind: LayerKind;
  readonly size: number;
  readonly activation: ActivationOption;
  readonly loss?: LossOption;
  readonly hasBias?: boolean;
  readonly norm?: "layer";
  readonly dropout?: number;
  readonly weight?: number;
  readonly frozen?: boolean;
  readonly scaler?: object;
}

function readLayer(entry: unknown, path: string, inside: boolean, state: State): LayerEntry {
  const members = ["name", "kind", "size", "activation"];
  const numbers = inside ? ["bias", "gain"] : [];
  const kept = ["bias", "gain"].flatMap((part) => keptMembers(part, state, inside));
  const known = ["loss", "scaler", ...Object.keys(usualLayer), ...numbers, ...kept];
  const layer = fields(entry, path, members, known) as unknown as LayerEntry;
  const { name, kind, size, activation, loss, hasBias = true, norm } = layer;
  if (typeof name !== "string") throw bad(`${path}.name`, `is ${show(name)}`);
  if (kind !== "input" && kind !== "hidden" && kind !== "output") {
    throw bad(`${path}.kind`, `is ${show(kind)}`);
  }
  if (kind === "output" ? !isRule(loss) : loss !== undefined) {
    throw bad(`${path}.loss`, `is ${show(loss)}; outputs have one, and no other layer`);
  }
  if (!isRule(activation)) throw bad(`${path}.activation`, `is ${show(activation)}`);
  if (typeof size !== "number") throw bad(`${path}.size`, `is ${show(size)}`);
  if (typeof hasBias !== "boolean") throw bad(`${path}.hasBias`, `is ${show(hasBias)}`);
  exact(layer, path, numbers, ["bias", norm !== undefined && "gain"]);
  return layer;
}

/** Refuses an entry that lacks numbers which it should have, or has others. */
function exact(entry: object, path: string, all: readonly string[], wanted: readonly unknown[]): void {
  for (const member of all) {
    if (Object.hasOwn(entry, member) === wanted.includes(member)) continue;
    throw bad(path, `${wanted.includes(member) ? "lacks" : "has no place for"} ${show(member)}`);
  }
}

/** A name, or an object of a name and a number. */
function isRule(value: unknown): boolean {
  return typeof value === "string" || (typeof value === "object" && value !== null);
}

interface SynapseEntry extends Omit<SynapseOptions, "share" | "init"> {
  readonly from: string;
  readonly to: string;
  readonly share?: number;
  readonly init?: unknown;
  readonly weights?: unknown;
}

function readSynapse(entry: unknown, path: string, inside: boolean, state: State): SynapseEntry {
  const numbers = inside ? ["weights"] : [];
  const kept = keptMembers("weights", state, inside);
  const known = ["init", ...Object.keys(usualSynapse), ...numbers, ...kept];
  const synapse = fields(entry, path, ["from", "to"], known);
  const own = synapse.kind !== "identity" && synapse.share === undefined;
  exact(synapse, path, ["init", ...numbers], own ? ["init", "weights"] : []);
  for (const member of ["from", "to"]) {
    if (typeof synapse[member] !== "string") throw bad(`${path}.${member}`, `is ${show(synapse[member])}`);
  }
  const { init } = synapse;
  if (typeof init === "object" && init !== null && Object.hasOwn(init, "values")) {
    throw bad(`${path}.init`, `is ${show(init)}`);
  }
  return synapse as unknown as SynapseEntry;
}

/** The steps made, and where the rate stands, if it follows epochs. */
function readState(given: unknown, state: State): void {
  const { plateau } = state;
  const members = plateau === undefined ? ["steps"] : ["steps", "rate", "waited"];
  const read = fields(given, "state", members, plateau === undefined ? [] : ["best"]);
  state.steps = numberAt("state.steps", read.steps, { least: 0, whole: true });
  if (plateau === undefined) return;
  state.now = numberAt("state.rate", read.rate, { least: 0 });
  plateau.waited = numberAt("state.waited", read.waited, { least: 0, whole: true });
  if ("best" in read) plateau.best = numberAt("state.best", read.best, {});
}

function numberAt(path: string, value: unknown, bounds: Bounds): number {
  return at(path, () => number(value, bounds, "It"));
}

/** The members that tell what an optimizer keeps of some parameters. */
function keptMembers(part: string, { settings }: State, inside: boolean): string[] {
  if (isPlain(settings)) return [];
  const parameters: Tensor = { name: "", shape: [], list: "layers", index: 0, member: part };
  const tensors = inside ? momentTensors(parameters, momentsOf(settings)) : [];
  const product = settings.name === "nadam" ? [`${part}Product`] : [];
  return [`${part}Steps`, ...product, ...tensors.map(({ member }) => member)];
}

/** The steps that reached some parameters, and the tensors that tell what is kept of them. */
function readKept(entry: Entry, path: string, tensor: Tensor, state: State, inside: boolean) {
  const [stepsName, productName] = [`${tensor.member}Steps`, `${tensor.member}Product`];
  if (entry[stepsName] === undefined) {
    const alone = keptMembers(tensor.member, state, inside).find((member) => entry[member] !== undefined);
    if (alone !== undefined) throw bad(`${path}.${alone}`, `is there without ${show(stepsName)}`);
    return { steps: 0, product: 0, kept: [] };
  }
  const steps = numberAt(`${path}.${stepsName}`, entry[stepsName], { least: 1, whole: true });
  const isNadam = state.settings.name === "nadam";
  const bounds = { least: 0, below: 1 };
  const product = isNadam ? numberAt(`${path}.${productName}`, entry[productName], bounds) : 0;
  return { steps, product, kept: momentTensors(tensor, momentsOf(state.settings)) };
}

/** The members of an object that has all the required ones, and no unknown ones. */
function fields(
  value: unknown,
  path: string,
  required: readonly string[],
  optional: readonly string[] = [],
): Record<string, unknown> {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw bad(path, `is ${show(value)}, not an object`);
  }
  for (const name of required) if (!Object.hasOwn(value, name)) throw bad(path, `lacks ${show(name)}`);
  for (const name of Object.keys(value)) {
    if (!required.includes(name) && !optional.includes(name)) throw bad(path, `has an unknown ${show(name)}`);
  }
  return Object.assign(Object.create(null), value);
}

function array(value: unknown, path: string): unknown[] {
  if (!Array.isArray(value)) throw bad(path, `is ${show(value)}, not an array`);
  return Array.from(value);
}

/** Turns a refusal by the graph into one of the file, at a place. */
function at<R>(path: string, make: () => R): R {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof GraphError) || error.code === "out-of-memory" || error.code === "no-wasm")
      throw error;
    throw new GraphError("bad-file", `${path}: ${error.message}`, { cause: error });
  }
}

export function bad(path: string, what: string): GraphError {
  return new GraphError("bad-file", `${path} ${what}.`);
}
