// A graph as plain data; docs/format.md describes it. A description tells the topology, the options and the generators. Its
// numbers are tensors: here each is base64 in an entry of the description, in safetensors.ts they lie beside it. What is
// read is checked before anything is made from it, and each refusal names the place, as a path.

import { GraphError, show } from "../error.js";
import type { Graph, GraphSpec } from "../graph.js";
import type { LayerKind } from "../layer.js";
import { activations, losses, option, precisions } from "../rule.js";
import { Scaler } from "../scaler.js";
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
  readonly optimizer: Optimizer;
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
  readonly member: "bias" | "gain" | "weights";
}

interface Sized {
  readonly name: string;
  readonly size: number;
}

function layerTensors(index: number, layer: Sized, hasBias: boolean, norm: unknown): Tensor[] {
  const members = [...(hasBias ? (["bias"] as const) : []), ...(norm === "layer" ? (["gain"] as const) : [])];
  return members.map((member) => {
    return { name: `${member}.${layer.name}`, shape: [layer.size], list: "layers", index, member };
  });
}

function synapseTensors(index: number, from: Sized, to: Sized, kind: unknown, share: unknown): Tensor[] {
  if (kind === "identity" || share !== undefined) return [];
  const name = `weight.${index}.${from.name}.${to.name}`;
  return [{ name, shape: [from.size, to.size], list: "synapses", index, member: "weights" }];
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

/** A graph without its numbers, and its tensors, each with a view of the engine's memory. */
export function describe({ precision, topology, seed, init, optimizer, shuffles, noises }: Source) {
  const viewed = <O>(owner: O, tensors: readonly Tensor[]) =>
    tensors.map((tensor) => ({
      ...tensor,
      values: owner[tensor.member as keyof O] as FloatArray<Precision>,
    }));
  return {
    description: {
      precision,
      seed,
      generators: { shuffles, ...unusual({ noises }, { noises: 0 }) },
      optimizer: { ...optimizer },
      ...unusual({ init }, { init: "uniform" }),
      layers: topology.layers.map(
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
      ),
      synapses: topology.synapses.map(
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
      ),
    },
    tensors: [
      ...topology.layers.flatMap((layer, i) =>
        viewed(layer, layerTensors(i, layer.$, layer.$.hasBias, layer.$.norm)),
      ),
      ...topology.synapses.flatMap((synapse, i) =>
        viewed(synapse, synapseTensors(i, synapse.$.from.$, synapse.$.to.$, synapse.$.kind, synapse.$.share)),
      ),
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
export type Create = (spec: GraphSpec<string, string, string, Precision>, generators: Generators) => Loose;
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
  const { format, version, ...description } = fields(json, "the file", members, ["init"]);
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

export function pathOf({ list, index, member }: Tensor): string {
  return `${list}[${index}].${member}`;
}

/** Makes a graph by the same calls that made the first, then fills in its numbers. Throws `bad-file`. */
export function rebuild(description: unknown, create: Create, numbers: Numbers): Loose {
  const file = fields(description, "the graph", MEMBERS, ["init"]);
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
  const spec = {
    precision,
    seed: file.seed,
    optimizer: fields(file.optimizer, "optimizer", ["name", "rate"]) as unknown as Optimizer,
    init: file.init as NamedInit,
  };
  const graph = at("seed, precision, optimizer or init", () => create(spec, generators));
  const fills: (() => void)[] = [];
  /** Makes what has tensors, once they are known to be there. */
  const add = <O>(tensors: readonly Tensor[], entry: Entry, path: string, make: () => O) => {
    for (const tensor of tensors) numbers.check(tensor, precision, entry[tensor.member]);
    const owner = at(path, make);
    for (const tensor of tensors) {
      fills.push(() => {
        const view = owner[tensor.member as keyof O] as FloatArray<Precision>;
        numbers.fill(tensor, bytesOf(view), entry[tensor.member]);
        const wrong = view.findIndex((value) => !Number.isFinite(value));
        if (wrong >= 0) throw bad(`${pathOf(tensor)}, number ${wrong},`, `is ${view[wrong]}, not finite`);
      });
    }
    return owner;
  };
  const made: Synapse[] = [];
  try {
    array(file.layers, "layers").forEach((entry, i) => {
      const layer = readLayer(entry, `layers[${i}]`, numbers.inside);
      const { name, kind, size, activation, loss, hasBias = true, norm, dropout, weight, frozen } = layer;
      const rest = unusual({ bias: hasBias ? undefined : false, norm, dropout, weight, frozen }, {});
      add(layerTensors(i, layer, hasBias, norm), layer as unknown as Entry, `layers[${i}]`, () => {
        if (kind === "input") return graph.addInput(name, size, activation, rest);
        if (kind === "hidden") return graph.addHidden(name, size, activation, rest);
        return graph.addOutput(name, size, activation, loss, rest);
      });
      const { scaler } = layer;
      if (scaler !== undefined) at(`layers[${i}].scaler`, () => graph.scale(name, Scaler.fromJSON(scaler)));
    });
    array(file.synapses, "synapses").forEach((entry, i) => {
      const path = `synapses[${i}]`;
      const synapse = readSynapse(entry, path, numbers.inside);
      const { from, to, share, weights: _, init, ...rest } = synapse;
      const [source, target] = at(path, () => [graph.layer(from), graph.layer(to)] as const);
      const shared = share === undefined ? undefined : made[share];
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

function readLayer(entry: unknown, path: string, inside: boolean): LayerEntry {
  const members = ["name", "kind", "size", "activation"];
  const numbers = inside ? ["bias", "gain"] : [];
  const known = ["loss", "scaler", ...Object.keys(usualLayer), ...numbers];
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
  exact(layer, path, numbers, [hasBias && "bias", norm !== undefined && "gain"]);
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

function readSynapse(entry: unknown, path: string, inside: boolean): SynapseEntry {
  const numbers = inside ? ["weights"] : [];
  const known = ["init", ...Object.keys(usualSynapse), ...numbers];
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
