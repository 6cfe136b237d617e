// Files that a person opens or drops: sketches, graphs in all formats that Plexus reads, and tables.

import { Graph, GraphError } from "plexus-nn";
import { bind } from "../data/bind.ts";
import { load } from "../data/load.ts";
import { proposed, type TableSketch } from "../data/table.ts";
import type { AnyGraph } from "../model/build.ts";
import { readSketch } from "../model/read.ts";
import { Refused } from "../model/refusal.ts";
import type { DataSketch, Sketch } from "../model/sketch.ts";
import { sketchOf } from "./draft.ts";

export interface GivenFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A sketch to be opened, with the format of its file; or a table, as data for the present sketch or for a first one. */
export type OpenedFile =
  | { readonly kind: "sketch"; readonly sketch: Sketch; readonly format: string }
  | { readonly kind: "table"; readonly data: TableSketch };

/** Most bytes of all files. */
const MOST = 2 ** 27;

/**
 * Reads a file, or the files of a model that has several, such as a model.json with its weights. A graph keeps `data` if it fits.
 * Throws the engine's `GraphError`, `bad-link` for a damaged sketch, and `bad-data` for a file of no known format.
 */
export async function openFiles(files: readonly GivenFile[], data: DataSketch): Promise<OpenedFile> {
  const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
  if (bytes > MOST) throw new Refused("bad-data", `The file is too large: ${Math.round(bytes / 1e6)} MB.`);
  const [first] = files;
  if (first === undefined) throw new Refused("bad-data", "There is no file.");
  const jsons = files.flatMap((file) => {
    const json = jsonOf(file);
    return json === undefined ? [] : [json];
  });
  if (jsons.length === 0) {
    if (isTensors(first.bytes)) return ofGraph("safetensors", Graph.load(copied(first.bytes)), data);
    const text = textOf(first.bytes);
    if (text !== undefined) return { kind: "table", data: proposed(text) };
    return ofGraph("ONNX", await onnx(first), data);
  }
  const [json] = jsons as [Json];
  if (json.format === "plexus-sketch") return { kind: "sketch", format: "sketch", sketch: readSketch(json) };
  if (json.format === "plexus") return ofGraph("Plexus JSON", Graph.fromJSON(json), data);
  if (json.format === "plexus-checkpoint")
    return ofGraph("checkpoint", Graph.fromJSON(Object(json.graph)), data);
  const weights = files.filter((file) => jsonOf(file) === undefined);
  const [format, graph] = await migrated(jsons, weights);
  return ofGraph(format, graph, data);
}

type Json = Readonly<Record<string, unknown>>;

/** Returns the object of a file of JSON; undefined for any other file. */
function jsonOf({ bytes }: GivenFile): Json | undefined {
  // A byte order mark, blanks, then a brace. Safetensors have 8 bytes before theirs.
  if (!/^\uFEFF?\s*\{/.test(decoded(bytes.subarray(0, 64)))) return undefined;
  try {
    const json: unknown = JSON.parse(decoded(bytes).replace(/^\uFEFF/, ""));
    return typeof json === "object" && json !== null ? (json as Json) : undefined;
  } catch {
    throw new Refused("bad-data", "The file begins as JSON, and is damaged: it can't be parsed.");
  }
}

function decoded(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Reads an ONNX file. A file of another name that is none has no known format. */
async function onnx({ name, bytes }: GivenFile): Promise<AnyGraph> {
  const { fromOnnx } = await import("plexus-nn/onnx");
  try {
    return fromOnnx(bytes);
  } catch (error) {
    if (/\.onnx$/i.test(name) || !(error instanceof GraphError && error.code === "bad-file")) throw error;
    throw new Refused(
      "bad-data",
      `${JSON.stringify(name)} is neither a graph nor a table that Plexus reads.`,
    );
  }
}

function copied(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

/** Checks whether bytes begin as safetensors do: the length of a header, and its brace. */
function isTensors(bytes: Uint8Array): boolean {
  if (bytes.length < 10 || bytes[8] !== 0x7b) return false;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  return length <= BigInt(bytes.length - 8);
}

/**
 * Returns the text of bytes: in UTF-16 behind its mark, in UTF-8, or else in the alphabet of western Windows, in which spreadsheets
 * write. Undefined for other bytes, which have control characters beside line ends and tabs.
 */
function textOf(bytes: Uint8Array): string | undefined {
  const mark = bytes.length > 1 ? bytes[0]! * 256 + bytes[1]! : 0;
  const marked = mark === 0xfffe ? "utf-16le" : mark === 0xfeff ? "utf-16be" : undefined;
  for (const alphabet of marked === undefined ? ["utf-8", "windows-1252"] : [marked]) {
    try {
      const text = new TextDecoder(alphabet, { fatal: true }).decode(bytes);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: a text has none of them
      return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? undefined : text;
    } catch {
      // The next alphabet may fit.
    }
  }
  return undefined;
}

/** Reads a network of another library. */
async function migrated(
  jsons: readonly Json[],
  weights: readonly GivenFile[],
): Promise<readonly [format: string, graph: AnyGraph]> {
  const migrate = await import("plexus-nn/migrate");
  const has = (...names: string[]) => jsons.find((json) => names.every((name) => Object.hasOwn(json, name)));
  const model = has("modelTopology");
  if (model !== undefined) {
    const shards = shardsOf(model, weights);
    const meta = jsons.find(
      (json) => json !== model && (Object.hasOwn(json, "inputs") || Object.hasOwn(json, "data")),
    );
    if (meta !== undefined) return ["ml5", migrate.fromMl5(model as never, meta, shards).graph];
    return ["TensorFlow.js", migrate.fromTfjs(model as never, shards)];
  }
  const neuronal = has("neurons", "connections");
  if (neuronal !== undefined) return ["synaptic", migrate.fromSynaptic(neuronal)];
  const neat = has("nodes", "connections");
  if (neat !== undefined) return ["neataptic", migrate.fromNeataptic(neat)];
  const layered = has("layers");
  const [layer] = Array.isArray(layered?.layers) ? (layered.layers as unknown[]) : [];
  if (Object.hasOwn(Object(layer), "layer_type")) return ["ConvNetJS", migrate.fromConvnet(layered!)];
  const brain = layered ?? has("hiddenLayers") ?? has("sizes");
  if (brain !== undefined) return ["brain.js", migrate.fromBrain(brain).graph];
  throw new Refused("bad-data", "The JSON is neither a sketch nor a network of a library that Plexus reads.");
}

/** Returns the weights of a TensorFlow.js model in the order of its manifest. */
function shardsOf(model: Json, files: readonly GivenFile[]): Uint8Array<ArrayBuffer>[] {
  const manifest = Array.isArray(model.weightsManifest)
    ? (model.weightsManifest as { paths?: unknown }[])
    : [];
  const paths = manifest.flatMap(({ paths: own }) => (Array.isArray(own) ? own.map(String) : []));
  const found = paths.map((path) => {
    const name = path.split("/").at(-1);
    return files.find((file) => file.name === name) ?? (files.length === 1 ? files[0] : undefined);
  });
  const missing = paths.filter((_, place) => found[place] === undefined);
  if (missing.length > 0) {
    const names = missing.map((path) => JSON.stringify(path)).join(", ");
    throw new Refused(
      "bad-data",
      `The model has its weights in ${names}: open that together with model.json.`,
    );
  }
  return (found.length > 0 ? (found as GivenFile[]) : files).map(({ bytes }) => copied(bytes));
}

/** Returns the sketch of a graph, which is disposed of, with the data if it fits. */
async function ofGraph(format: string, graph: AnyGraph, data: DataSketch): Promise<OpenedFile> {
  try {
    const isFitting = await fits(graph, data);
    return { kind: "sketch", format, sketch: sketchOf(graph, isFitting ? data : { kind: "none" }) };
  } finally {
    graph.dispose();
  }
}

async function fits(graph: AnyGraph, data: DataSketch): Promise<boolean> {
  try {
    bind(await load(data), graph);
    return true;
  } catch {
    return false;
  }
}
