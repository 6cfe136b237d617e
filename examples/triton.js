// A model repository for the Triton server: the file of a graph, its configuration, and the names of its classes.
//
//     node examples/triton.js models
//     docker run -p 8000:8000 -v ./models:/models nvcr.io/nvidia/tritonserver:<release>-py3 tritonserver --model-repository=/models
//
// Triton joins requests that arrive together into one batch, which a file's axis N allows. Its ONNX backend takes the shapes
// without that axis. The function `configuration` reads all else from the file, and serves any file of `toOnnx`.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, TensorProto_DataType } from "onnx-buf";
import { toOnnx } from "plexus-nn/onnx";
import { flowers, heldOut, make, options, species } from "./flowers.js";

const types = new Map([
  [TensorProto_DataType.FLOAT, "TYPE_FP32"],
  [TensorProto_DataType.DOUBLE, "TYPE_FP64"],
  [TensorProto_DataType.INT64, "TYPE_INT64"],
]);

/**
 * Returns Triton's configuration of an ONNX file in its text format, and a text of labels for each output with classes.
 * `maxBatch` rows are joined at most, and a request waits `delay` microseconds for others.
 * @param {string} name
 * @param {Uint8Array} bytes
 */
export function configuration(name, bytes, maxBatch = 64, delay = 500) {
  const { graph, metadataProps } = fromBinary(ModelProtoSchema, bytes);
  const properties = new Map(metadataProps.map(({ key, value }) => [key, value]));
  /** @type {Map<string, string[]>} */
  const classes = new Map(Object.entries(JSON.parse(properties.get("plexus.classes") ?? "{}")));
  const text = [`name: ${JSON.stringify(name)}`, 'backend: "onnxruntime"', `max_batch_size: ${maxBatch}`];
  for (const kind of /** @type {const} */ (["input", "output"])) {
    for (const { name, type } of graph?.[kind] ?? []) {
      if (type?.value.case !== "tensorType") continue;
      const { elemType, shape } = type.value.value;
      // Behind the axis of the batch; any other that is free, such as the steps, is -1.
      const dims = shape?.dim.slice(1).map(({ value }) => (value.case === "dimValue" ? value.value : -1));
      const facts = [
        `name: ${JSON.stringify(name)}`,
        `data_type: ${types.get(elemType)}`,
        `dims: [ ${dims} ]`,
      ];
      if (kind === "output" && classes.has(name))
        facts.push(`label_filename: ${JSON.stringify(labelsOf(name))}`);
      text.push(`${kind} { ${facts.join(", ")} }`);
    }
  }
  text.push(`dynamic_batching { max_queue_delay_microseconds: ${delay} }`);
  for (const key of ["plexus.version", "plexus.seed", "plexus.parameters"]) {
    const value = JSON.stringify(properties.get(key) ?? "");
    text.push(`parameters { key: "${key}", value: { string_value: ${value} } }`);
  }
  const labels = [...classes].map(([output, names]) => ({
    file: labelsOf(output),
    text: `${names.join("\n")}\n`,
  }));
  return { text: `${text.join("\n")}\n`, labels };
}

/** Returns the name of an output's file of labels, whatever characters the output's name has. @param {string} output */
function labelsOf(output) {
  return `${encodeURIComponent(output)}.txt`;
}

const [, program, repository = "models"] = process.argv;
if (program === fileURLToPath(import.meta.url)) {
  const graph = make({ width: 8, rate: 0.03 });
  await graph.fit(flowers, options);
  const bytes = toOnnx(graph, { precision: "float32", classes: { species } });
  const { text, labels } = configuration("iris", bytes);
  const folder = join(repository, "iris");
  mkdirSync(join(folder, "1"), { recursive: true }); // a version of the model
  writeFileSync(join(folder, "1", "model.onnx"), bytes);
  writeFileSync(join(folder, "config.pbtxt"), text);
  for (const { file, text } of labels) writeFileSync(join(folder, file), text);
  const { accuracy = 0 } = graph.evaluate(heldOut.xs, heldOut.ts).outputs.species;
  console.log(`${(accuracy * 100).toFixed(1)} % of held-out flowers are right.\n\n${text}`);
}
