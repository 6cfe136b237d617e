// TensorFlow.js on its backend in JavaScript.

import { load } from "../../../test/peers/load.js";
import { tensorflow } from "./tensorflow.js";

export { version } from "../tfjs.js";

/** @type {import("../../worker.js").Setup} */
export async function setup(start) {
  const tf = await load("@tensorflow/tfjs");
  await tf.setBackend("cpu");
  return tensorflow(tf, start);
}
