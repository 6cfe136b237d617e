// TensorFlow.js on its WebAssembly backend, one thread: gradients by its tape, relu fused with a convolution.

import { folder, load } from "../../../test/peers/load.js";
import { tensorflow } from "./tensorflow.js";

export { version } from "../tfjs.js";

/** @type {import("../../worker.js").Setup} */
export async function setup(start) {
  const tf = await load("@tensorflow/tfjs");
  const wasm = await load("@tensorflow/tfjs-backend-wasm");
  wasm.setWasmPaths(`${folder}node_modules/@tensorflow/tfjs-backend-wasm/dist/`);
  wasm.setThreadsCount(1);
  await tf.setBackend("wasm");
  return tensorflow(tf, start);
}
