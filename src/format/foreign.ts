// Other files and values that callers pass in place of a graph's file, recognized by their beginnings, each with the call
// that reads it.

import { show } from "../base/text.js";

/** Beginnings of files, as `printable` writes them, each with the kind of file and the call or step that helps. */
const beginnings: readonly (readonly [begins: RegExp, sentence: string])[] = [
  [/^version https:\/\/git-lfs/, "This is a pointer of Git LFS, not the file: `git lfs pull` fetches that."],
  [/^(%0[9ad]| )*<(!doctype|html|head|\?xml|!--)/i, "This is HTML or XML, such as a server's page of an error: check the address."],
  [/^%1f%8b/, "This is compressed by gzip: unpack it first, in Node by `gunzipSync(bytes)`."],
  [/^PK(%03%04|%05%06)/, "This is a zip archive, such as PyTorch's .pt, Keras's .keras or numpy's .npz: save the tensors as safetensors, or export ONNX."],
  [/^%80%0[2-5]/, "This is a pickle, such as PyTorch's: save the tensors as safetensors, or export ONNX."],
  [/^%89HDF/, "This is HDF5, such as Keras's .h5: convert it for TensorFlow.js, and read it by `fromTfjs` of plexus-nn/migrate."],
  [/^%93NUMPY/, "This is an array of numpy: save the tensors as safetensors."],
  [/^GGUF/, "This is GGUF, which holds no graph of layers."],
  [/^(%..|.){4}TFL3/, "This is a model of TensorFlow Lite: export ONNX instead."],
  [/^%0[8a].*(onnx|pytorch)/i, "This seems to be ONNX: read it by `fromOnnx(bytes)` of plexus-nn/onnx."],
  [/^%08%[01][0-9a-f](%12|%1a|["(2:])/, "This seems to be ONNX: read it by `fromOnnx(bytes)` of plexus-nn/onnx."],
  [/^(%feff|%ef%bb%bf)?(%0[9ad]| )*[[{](%0[9ad]| )*["\d{[\]}]/, "This is JSON: read it by `Graph.fromJSON(JSON.parse(text))`."],
]; // biome-ignore format: a table

/** The beginning of safetensors: the length of a header below 4 GB, which may look like another file's mark, and the header. */
const safetensors = /^(%..|.){4}(%00){4}\{/;

/** Returns a visible character as it is, and else its code as %0a. */
function printable(code: number): string {
  return code >= 32 && code < 127 ? String.fromCharCode(code) : `%${code.toString(16).padStart(2, "0")}`;
}

/** Returns the sentence about a foreign file's bytes or text; undefined for an unknown beginning. */
export function foreign(given: Uint8Array | string): string | undefined {
  const head = Array.from({ length: Math.min(given.length, 512) }, (_, i) =>
    printable(typeof given === "string" ? given.charCodeAt(i) : given[i]!),
  ).join("");
  if (safetensors.test(head)) return undefined;
  return beginnings.find(([begins]) => begins.test(head))?.[1];
}

/** Returns the sentence about a value that is no bytes. */
export function notBytes(given: unknown): string | undefined {
  if (typeof given === "string") {
    return (
      foreign(given) ?? "Text isn't bytes: in Node `readFileSync(path)` reads them, without an encoding."
    );
  }
  if (typeof given !== "object" || given === null) return undefined;
  if (Array.isArray(given)) return "An array of bytes is given as `Uint8Array.from(bytes)`.";
  if ("then" in given) return "This is a promise: `await` it.";
  if ("arrayBuffer" in given) return "Its bytes are `await given.arrayBuffer()`.";
  if (ArrayBuffer.isView(given))
    return "Its bytes are `new Uint8Array(view.buffer, view.byteOffset, view.byteLength)`.";
  if ("format" in given && given.format === "plexus")
    return "This is a graph as JSON: read it by `Graph.fromJSON(json)`.";
  return undefined;
}

/** Returns the sentence about a value that is no graph's JSON. */
export function notJSON(given: unknown): string | undefined {
  if (typeof given === "string") {
    return foreign(given) ?? "Text is no JSON yet: `Graph.fromJSON(JSON.parse(text))`.";
  }
  if (typeof given !== "object" || given === null) return undefined;
  if (ArrayBuffer.isView(given) || given instanceof ArrayBuffer) {
    return "Bytes are read by `Graph.load(bytes)`, and text by `Graph.fromJSON(JSON.parse(text))`.";
  }
  const has = (...names: string[]) => names.every((name) => Object.hasOwn(given, name));
  const { format, type } = given as { format?: unknown; type?: unknown };
  if (format === "plexus-checkpoint") {
    return "This is a checkpoint: its graph is `Graph.fromJSON(checkpoint.graph)`, and `fit(data, { resume: checkpoint })` resumes it.";
  }
  const migrated = (library: string, call: string) =>
    `This seems to be a network of ${library}: read it by \`${call}(json)\` of plexus-nn/migrate.`;
  if (has("modelTopology") || has("class_name", "config"))
    return migrated("Keras or TensorFlow.js", "fromTfjs");
  if (typeof type === "string" && /^NeuralNetwork/.test(type)) return migrated("brain.js", "fromBrain");
  if (has("neurons", "connections")) return migrated("synaptic", "fromSynaptic");
  if (has("nodes", "connections")) return migrated("neataptic", "fromNeataptic");
  const { layers } = given as { layers?: unknown };
  if (Array.isArray(layers) && Object(layers[0]).layer_type !== undefined) {
    return migrated("ConvNetJS", "fromConvnet");
  }
  if (has("sizes", "layers") || (has("layers") && !has("synapses") && !has("format")))
    return migrated("brain.js", "fromBrain");
  if ("then" in given) return "This is a promise: `await` it.";
  return undefined;
}

/** Returns the sentences about the tensors of another program's file, and the call that reads them, after a space. */
export function foreignTensors(
  tensors: ReadonlyMap<string, { readonly dtype: string; readonly shape: readonly number[] }>,
): string {
  const all = Array.from(tensors, ([name, { dtype, shape }]) => `${show(name)} ${dtype} [${shape}]`);
  const rest = all.length > 12 ? ` and ${all.length - 12} more` : "";
  const has = all.length === 0 ? "no tensor" : all.slice(0, 12).join(", ") + rest;
  const call = "graph.assign(readSafetensors(bytes).tensors, { map, transpose })";
  return ` It has ${has}. Declare a graph, then call ${call}.`;
}
