// A graph as an ONNX file.

import { create, toBinary } from "@bufbuild/protobuf";
import { GraphProtoSchema, ModelProtoSchema } from "onnx-buf";
import { choice, flag, options } from "../../base/options.js";
import { plain } from "../../base/plain.js";
import { precisions } from "../../base/precision.js";
import { RELEASE } from "../../base/release.js";
import { show } from "../../base/text.js";
import type { Network } from "../../calls/network.js";
import { INSIDE } from "../../graph/internal.js";
import { type AnyGraph, Graph, GraphError, type Layer, type Precision } from "../../index.js";
import { checkFinite } from "../../memory/finite.js";
import { cellOf } from "./export/cell.js";
import {
  checkStates,
  type ExportedLayer,
  exportedLayers,
  isInside,
  type Loop,
  targets,
} from "./export/graph.js";
import { writeLayer, writeOutput } from "./export/layer.js";
import { type ClassNames, metadata, readClasses } from "./export/metadata.js";
import { suffices, writeCell } from "./export/recurrent.js";
import { type Wanted, writeScan } from "./export/scan.js";
import { Series } from "./export/series.js";
import { tensorInfo, Writer } from "./export/writer.js";

/** Options of `toOnnx`. */
export interface ToOnnxOptions {
  /** Names of outputs; all by default. The file has these outputs and their ancestors. */
  readonly outputs?: readonly string[];
  /** The name of the graph in the file; "plexus" by default. */
  readonly name?: string;
  /** Precision of the numbers in the file; the graph's own by default. */
  readonly precision?: Precision;
  /**
   * Whether the file begins with a state and returns the next one; `false` by default. Each delayed layer then has an input
   * `state.<name>` and an output `next.<name>` of shape (N, D, size), newest step first.
   */
  readonly state?: boolean;
  /**
   * Names of classes by the name of an output, for the file's metadata: one for each unit, or for each channel of a shape. None
   * by default.
   */
  readonly classes?: Readonly<Record<string, readonly string[]>>;
}

/** Opset 18, and the file version of its release. */
const OPSET = 18n;
const IR = 8n;

/**
 * Returns the bytes of an ONNX file that predicts as the graph does. Its inputs and outputs have the layers' names and the
 * shape (N, size). With a delay or an `at`, layers with time have the shape (N, T, size). Throws `bad-option`,
 * `unknown-layer`, `not-an-output`, `unconnected`, `disposed`; `not-finite` for parameters that aren't finite in the file's
 * precision; `unsupported` for more than 2 GB, or steps without an input that has time.
 */
export function toOnnx(graph: AnyGraph, given?: ToOnnxOptions): Uint8Array {
  const network = Graph[INSIDE].networkOf(graph);
  if (network === undefined) {
    throw new GraphError("bad-option", `toOnnx exports a Graph, not ${show(graph)}.`);
  }
  const read = options(
    plain(given, "bad-option", "The options of toOnnx"),
    ["outputs", "name", "precision", "state", "classes"],
    "toOnnx",
  );
  const { name = "plexus", outputs } = read;
  if (typeof name !== "string" || name === "" || !name.isWellFormed()) {
    throw new GraphError(
      "bad-option",
      `The name of a file's graph is a string that is not empty, not ${show(name)}.`,
    );
  }
  if (outputs !== undefined && (!Array.isArray(outputs) || outputs.length === 0)) {
    const wanted = "an array of at least one output's name";
    throw new GraphError("bad-option", `The outputs are ${wanted}, not ${show(outputs)}.`);
  }
  const asked = targets(graph, outputs);
  const classes = readClasses(read.classes, graph, asked);
  const precision = choice(read.precision ?? graph.precision, precisions, "A precision");
  const states = flag(read.state ?? false, "state", "toOnnx");
  const needed = exportedLayers(graph, network, asked);
  if (states) checkStates(network, needed);
  const layers = needed.map(({ layer }) => layer);
  checkFinite({ layers, synapses: needed.flatMap(({ incoming }) => incoming) }, precision, "exported");
  return write({ graph, network, classes, layers: needed, asked: new Set(asked), name, precision, states });
}

/** Options of a file, and the layers that it has. */
interface Contents {
  readonly graph: AnyGraph;
  readonly network: Network;
  readonly classes: ClassNames;
  readonly layers: readonly ExportedLayer[];
  readonly asked: ReadonlySet<Layer>;
  readonly name: string;
  readonly precision: Precision;
  readonly states: boolean;
}

function write(contents: Contents): Uint8Array {
  const { layers, asked, name, precision, states } = contents;
  const delayed = states ? delayedLayers(layers) : [];
  const reserved = [...delayed.flatMap(({ name }) => [`state.${name}`, `next.${name}`])];
  const w = new Writer(precision, [...layers.map((exported) => exported.name), ...reserved]);
  const series = new Series(w, layers, states);
  const ends = (wanted: (exported: ExportedLayer) => boolean) =>
    layers
      .filter(wanted)
      .sort((a, b) => a.place - b.place)
      .map(({ name, shape, classes, timed }) => {
        const type = classes === undefined ? precision : "int64";
        return tensorInfo(name, ["N", ...(timed ? ["T"] : []), ...shape], type);
      });
  const states_ = (kind: string) =>
    delayed.map(({ name, layer, size }) =>
      tensorInfo(`${kind}.${name}`, ["N", series.depth(layer), size], precision),
    );
  writeAll(w, layers, delayed, series, { layers: readOutside(layers, asked), states });
  const graph = create(GraphProtoSchema, {
    name,
    node: w.nodes,
    initializer: w.initializers,
    input: [...ends(({ kind }) => kind === "input"), ...states_("state")],
    output: [...ends(({ layer }) => asked.has(layer)), ...states_("next")],
  });
  const names = [...layers].sort((a, b) => a.place - b.place).map((layer) => layer.name);
  const model = create(ModelProtoSchema, {
    irVersion: IR,
    producerName: "plexus-nn",
    producerVersion: RELEASE,
    opsetImport: [{ domain: "", version: OPSET }],
    graph,
    metadataProps: metadata(contents.graph, contents.network, names, contents.classes),
  });
  return toBinary(ModelProtoSchema, model);
}

/** Writes all layers and their next states. */
function writeAll(
  w: Writer,
  layers: readonly ExportedLayer[],
  delayed: readonly ExportedLayer[],
  series: Series,
  wanted: Wanted,
): void {
  const next = new Map<Layer, string>();
  for (const exported of layers) {
    const { loop } = exported;
    if (loop === undefined) writeLayer(w, exported, series);
    else if (exported === loop.layers[0]) {
      for (const [layer, steps] of writeLoop(w, loop, series, wanted)) next.set(layer, steps);
    }
  }
  for (const { layer, name } of delayed) {
    const steps = next.get(layer) ?? series.next(layer, series.depth(layer));
    w.add("Identity", [steps], [`next.${name}`], {});
  }
}

/** Writes a loop by an operator or as a Scan, and its outputs. Returns the next states that it has. */
function writeLoop(w: Writer, loop: Loop, series: Series, wanted: Wanted): Map<Layer, string> {
  const cell = w.precision === "float32" ? cellOf(loop) : undefined;
  const next =
    cell !== undefined && suffices(cell, loop, series, wanted)
      ? writeCell(w, cell, loop, series, wanted.states)
      : writeScan(w, loop, series, wanted);
  for (const exported of loop.layers) {
    if (exported.kind === "output" && wanted.layers.has(exported.layer))
      writeOutput(w, exported, series, w.nodes.length - 1);
  }
  return next;
}

/** Returns the layers whose values the file or layers outside of their loop need. */
function readOutside(layers: readonly ExportedLayer[], asked: ReadonlySet<Layer>): Set<Layer> {
  const found = new Set(asked);
  for (const { incoming, loop } of layers) {
    for (const synapse of incoming)
      if (loop === undefined || !isInside(loop, synapse)) found.add(synapse.from);
  }
  return found;
}

/** Returns the layers of which a state remembers steps. */
function delayedLayers(layers: readonly ExportedLayer[]): ExportedLayer[] {
  const delayed = new Set(
    layers.flatMap(({ incoming }) => incoming.filter(({ delay }) => delay > 0).map(({ from }) => from)),
  );
  return layers.filter(({ layer }) => delayed.has(layer)).sort((a, b) => a.place - b.place);
}
