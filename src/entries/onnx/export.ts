// A graph as an ONNX file.

import { create, toBinary } from "@bufbuild/protobuf";
import { GraphProtoSchema, ModelProtoSchema, ValueInfoProtoSchema } from "onnx-buf";
import { choice, options } from "../../base/options.js";
import { plain } from "../../base/plain.js";
import { precisions } from "../../base/precision.js";
import { show } from "../../base/text.js";
import { INSIDE } from "../../graph/internal.js";
import { type AnyGraph, Graph, GraphError, type Layer, type Precision } from "../../index.js";
import { checkFinite } from "../../memory/finite.js";
import { type ExportedLayer, exportedLayers, targets } from "./export/graph.js";
import { type Places, writeLayer } from "./export/layer.js";
import { elementTypes, Writer } from "./export/writer.js";

export interface ToOnnxOptions {
  /** Names of outputs; all by default. The file has these outputs and their ancestors. */
  readonly outputs?: readonly string[];
  /** The name of the graph in the file; "plexus" by default. */
  readonly name?: string;
  /** Precision of the numbers in the file; the graph's own by default. */
  readonly precision?: Precision;
}

/** Opset 18, and the file version of its release. */
const OPSET = 18n;
const IR = 8n;

/**
 * Returns the bytes of an ONNX file that predicts as the graph does. Its inputs and outputs have the layers' names and the
 * shape (N, size). Throws `bad-option`, `unknown-layer`, `not-an-output`, `unconnected`, `disposed`; `not-finite` for
 * parameters that aren't finite in the file's precision; `unsupported` for more than 2 GB.
 */
export function toOnnx(graph: AnyGraph, given?: ToOnnxOptions): Uint8Array {
  if (Graph[INSIDE].networkOf(graph) === undefined) {
    throw new GraphError("bad-option", `toOnnx exports a Graph, not ${show(graph)}.`);
  }
  const read = options(
    plain(given, "bad-option", "The options of toOnnx"),
    ["outputs", "name", "precision"],
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
  const precision = choice(read.precision ?? graph.precision, precisions, "A precision");
  const needed = exportedLayers(graph, asked);
  const layers = needed.map(({ layer }) => layer);
  checkFinite({ layers, synapses: needed.flatMap(({ incoming }) => incoming) }, precision, "exported");
  return write(needed, new Set(asked), name, precision);
}

function write(
  layers: readonly ExportedLayer[],
  asked: ReadonlySet<Layer>,
  name: string,
  precision: Precision,
): Uint8Array {
  const w = new Writer(
    precision,
    layers.map((exported) => exported.name),
  );
  const places: Places = { values: new Map(), weights: new Map() };
  for (const exported of layers) writeLayer(w, exported, places);
  const ends = (wanted: (exported: ExportedLayer) => boolean) =>
    layers
      .filter(wanted)
      .sort((a, b) => a.place - b.place)
      .map(({ name, size }) => valueInfo(name, size, precision));
  const graph = create(GraphProtoSchema, {
    name,
    node: w.nodes,
    initializer: w.initializers,
    input: ends(({ kind }) => kind === "input"),
    output: ends(({ layer }) => asked.has(layer)),
  });
  const opsetImport = [{ domain: "", version: OPSET }];
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, { irVersion: IR, producerName: "plexus-nn", opsetImport, graph }),
  );
}

/** Returns the type of a tensor of shape (N, size), N being any number of samples. */
function valueInfo(name: string, size: number, precision: Precision) {
  const dim = [
    { value: { case: "dimParam" as const, value: "N" } },
    { value: { case: "dimValue" as const, value: BigInt(size) } },
  ];
  const tensor = { elemType: elementTypes[precision], shape: { dim } };
  return create(ValueInfoProtoSchema, { name, type: { value: { case: "tensorType", value: tensor } } });
}
