// Recognizes loops that ONNX has as operators: RNN, LSTM, GRU. Their form decides, not the names of their layers.
// https://onnx.ai/onnx/operators/onnx__LSTM.html

import type { Activation, Layer, Synapse } from "../../../index.js";
import { type ExportedLayer, isInside, type Loop } from "./graph.js";

/** A loop as an operator. Lists by gate have the operator's order. */
export interface Cell {
  readonly opType: "RNN" | "LSTM" | "GRU";
  /** The layer whose steps the operator returns. */
  readonly hidden: ExportedLayer;
  /** The layer of an LSTM's inner state. */
  readonly state?: ExportedLayer | undefined;
  readonly gates: readonly ExportedLayer[];
  /** The synapse of each gate from the hidden layer, and its bias of its own. */
  readonly recurrent: readonly Synapse[];
  readonly recurrentBias: readonly (ArrayLike<number> | undefined)[];
  /** The synapses of an LSTM's gates i, o, f from the state. */
  readonly peepholes: readonly (Synapse | undefined)[];
  readonly activations: readonly string[];
  /** Whether a GRU resets after its product. */
  readonly resetsAfter: boolean;
}

/** Activations that the operators have without a parameter, in onnxruntime too. */
const names: Readonly<Partial<Record<Activation, string>>> = {
  sigmoid: "Sigmoid",
  tanh: "Tanh",
  relu: "Relu",
};

/** Returns a loop as an operator; `undefined` for another form. */
export function cellOf(loop: Loop): Cell | undefined {
  const reader = new Reader(loop);
  const { length } = loop.layers;
  if (loop.layers.some(({ shape }) => shape.length > 1)) return undefined;
  if (length === 1) return rnn(reader, loop.layers[0]!);
  for (const layer of loop.layers) {
    const found =
      (length === 9 && (lstm(reader, layer) ?? gru(reader, layer, true))) ||
      (length === 8 && gru(reader, layer, false));
    if (found) return found;
  }
  return undefined;
}

/** Reads the synapses of a loop's layers. */
class Reader {
  /** The delay of the loop's synapses from the step before. */
  readonly delay: number;
  readonly #loop: Loop;
  readonly #byLayer: ReadonlyMap<Layer, ExportedLayer>;

  constructor(loop: Loop) {
    this.#loop = loop;
    this.delay = loop.reversed ? -1 : 1;
    this.#byLayer = new Map(loop.layers.map((one) => [one.layer, one]));
  }

  of({ from }: Synapse): ExportedLayer {
    return this.#byLayer.get(from)!;
  }

  inside({ incoming }: ExportedLayer): Synapse[] {
    return incoming.filter((synapse) => isInside(this.#loop, synapse));
  }

  isClosed({ incoming }: ExportedLayer): boolean {
    return incoming.every((synapse) => isInside(this.#loop, synapse));
  }

  /** Returns the sources of a layer without parameters, whose synapses are identities of some delays; in either order. */
  *sources(
    layer: ExportedLayer,
    join: ExportedLayer["join"],
    delays: readonly number[],
  ): Iterable<ExportedLayer[]> {
    const inside = this.inside(layer);
    const isPlain = layer.gain === undefined && isZero(layer.bias) && this.isClosed(layer);
    const fits = inside.length === 1 || layer.join === join;
    if (!isPlain || !fits || inside.length !== delays.length) return;
    for (const order of inside.length === 1 ? [inside] : [inside, [...inside].reverse()]) {
      const all = order.every(({ kind, delay }, i) => kind === "identity" && delay === delays[i]);
      if (all) yield order.map((synapse) => this.of(synapse));
    }
  }

  /** Returns the synapses of a gate from the hidden layer, and from a state; `undefined` if it is no gate. */
  gate(
    layer: ExportedLayer,
    hidden: ExportedLayer,
    state?: ExportedLayer,
    delay = this.delay,
  ): { recurrent: Synapse; peephole: Synapse | undefined } | undefined {
    const [recurrent, peephole, ...more] = [...this.inside(layer)].sort((a) => (a.kind === "dense" ? -1 : 1));
    if (layer.gain !== undefined || layer.join !== "sum" || more.length > 0) return undefined;
    if (recurrent?.kind !== "dense" || recurrent.from !== hidden.layer || recurrent.delay !== this.delay)
      return undefined;
    const fits =
      peephole === undefined ||
      (peephole.kind === "oneToOne" && peephole.from === state?.layer && peephole.delay === delay);
    return fits ? { recurrent, peephole } : undefined;
  }
}

function isZero(bias: ArrayLike<number> | undefined): boolean {
  return bias === undefined || Array.from(bias).every((value) => value === 0);
}

/** Returns whether layers receive the same sources from outside by dense synapses, each once, in the same order. */
function hearAlike(reader: Reader, gates: readonly ExportedLayer[]): boolean {
  const [first, ...others] = gates.map((gate) => {
    const inside = new Set(reader.inside(gate));
    return gate.incoming.filter((synapse) => !inside.has(synapse));
  });
  const alike = (a: Synapse, b: Synapse | undefined) =>
    a.from === b?.from && a.delay === b.delay && a.at === b.at;
  return (
    first!.length > 0 &&
    [first!, ...others].every((list) => list.every(({ kind }) => kind === "dense")) &&
    others.every((list) => list.length === first!.length && first!.every((one, i) => alike(one, list[i])))
  );
}

function named(layers: readonly ExportedLayer[]): string[] | undefined {
  const found = layers.flatMap(({ activation }) => names[activation] ?? []);
  return found.length === layers.length ? found : undefined;
}

function rnn(reader: Reader, hidden: ExportedLayer): Cell | undefined {
  const gate = reader.gate(hidden, hidden);
  const activations = named([hidden]);
  if (gate === undefined || activations === undefined || !hearAlike(reader, [hidden])) return undefined;
  const { recurrent } = gate;
  return {
    opType: "RNN",
    hidden,
    gates: [hidden],
    recurrent: [recurrent],
    recurrentBias: [undefined],
    peepholes: [],
    activations,
    resetsAfter: false,
  };
}

function lstm(reader: Reader, hidden: ExportedLayer): Cell | undefined {
  const { delay } = reader;
  for (const [squash, output] of reader.sources(hidden, "product", [0, 0])) {
    const { activation } = squash!;
    for (const [state] of reader.sources(squash!, "sum", [0])) {
      for (const [write, keep] of isLinear(state!) ? reader.sources(state!, "sum", [0, 0]) : []) {
        for (const [forget, past] of isLinear(keep!) ? reader.sources(keep!, "product", [0, delay]) : []) {
          for (const [input, candidate] of isLinear(write!)
            ? reader.sources(write!, "product", [0, 0])
            : []) {
            const gates = [input!, output!, forget!, candidate!];
            const read = gates.map((gate) =>
              reader.gate(
                gate,
                hidden,
                gate === candidate ? undefined : state,
                gate === output ? 0 : reader.delay,
              ),
            );
            const activations = named([input!, candidate!, { ...squash!, activation }]);
            const alike =
              input!.activation === forget!.activation && input!.activation === output!.activation;
            if (past !== state || !isLinear(hidden) || !alike || activations === undefined) continue;
            if (new Set(gates).size < 4 || read.includes(undefined) || !hearAlike(reader, gates)) continue;
            return {
              opType: "LSTM",
              hidden,
              state,
              gates,
              recurrent: read.map((one) => one!.recurrent),
              recurrentBias: gates.map(() => undefined),
              peepholes: read.slice(0, 3).map((one) => one!.peephole),
              activations,
              resetsAfter: false,
            };
          }
        }
      }
    }
  }
  return undefined;
}

const isLinear = ({ activation }: ExportedLayer) => activation === "linear";

function gru(reader: Reader, hidden: ExportedLayer, resetsAfter: boolean): Cell | undefined {
  const { delay } = reader;
  for (const [write, keep] of isLinear(hidden) ? reader.sources(hidden, "sum", [0, 0]) : []) {
    for (const [update, past] of isLinear(keep!) ? reader.sources(keep!, "product", [0, delay]) : []) {
      for (const [open, candidate] of isLinear(write!) ? reader.sources(write!, "product", [0, 0]) : []) {
        if (past !== hidden || !isComplement(reader, open!, update!)) continue;
        const reset = resetOf(reader, hidden, candidate!, resetsAfter);
        if (reset === undefined) continue;
        const gates = [update!, reset.gate, candidate!];
        const read = [update!, reset.gate].map((gate) => reader.gate(gate, hidden));
        const activations = named([update!, candidate!]);
        if (read.includes(undefined) || activations === undefined || !hearAlike(reader, gates)) continue;
        if (update!.activation !== reset.gate.activation) continue;
        return {
          opType: "GRU",
          hidden,
          gates,
          recurrent: [...read.map((one) => one!.recurrent), reset.recurrent],
          recurrentBias: [undefined, undefined, reset.bias],
          peepholes: [],
          activations,
          resetsAfter,
        };
      }
    }
  }
  return undefined;
}

/** Returns whether a layer is 1 - another. */
function isComplement(reader: Reader, layer: ExportedLayer, of: ExportedLayer): boolean {
  const [synapse, ...more] = layer.incoming;
  if (synapse?.kind !== "oneToOne" || more.length > 0 || synapse.delay !== 0 || reader.of(synapse) !== of)
    return false;
  const { bias = [0] } = layer;
  const isOne = Array.from(bias).every((value) => value === 1);
  return (
    isOne && isLinear(layer) && layer.gain === undefined && synapse.weights.every((value) => value === -1)
  );
}

/** Reads the reset gate of a candidate, and what recalls the hidden layer: before or after the reset. */
function resetOf(
  reader: Reader,
  hidden: ExportedLayer,
  candidate: ExportedLayer,
  isAfter: boolean,
): { gate: ExportedLayer; recurrent: Synapse; bias: ArrayLike<number> | undefined } | undefined {
  const [into, ...more] = reader.inside(candidate);
  const isCandidate = candidate.join === "sum" && candidate.gain === undefined && more.length === 0;
  if (!isCandidate || into?.delay !== 0 || into.kind !== (isAfter ? "identity" : "dense")) return undefined;
  const gated = reader.of(into);
  if (!isLinear(gated)) return undefined;
  for (const [gate, recalled] of reader.sources(gated, "product", [0, isAfter ? 0 : reader.delay])) {
    if (!isAfter) {
      if (recalled === hidden) return { gate: gate!, recurrent: into, bias: undefined };
      continue;
    }
    const found = reader.isClosed(recalled!) && isLinear(recalled!) && reader.gate(recalled!, hidden);
    if (found && found.peephole === undefined && gate !== recalled)
      return { gate: gate!, recurrent: found.recurrent, bias: recalled!.bias };
  }
  return undefined;
}
