// The thread's side of `predict` in workers: it computes parts of the data with a copy of the graph.

import type { GraphError } from "../../base/error.js";
import { record } from "../../base/plain.js";
import type { TypedArray } from "../../base/read.js";
import type { Network } from "../../calls/network.js";
import { predict } from "../../calls/predict.js";
import { load } from "../../format/safetensors.js";
import { buffersOf, type Reply, type Request } from "./request.js";

/** Port of a worker of the web, or of Node. */
interface Port {
  postMessage(message: Reply, transfer?: ArrayBuffer[]): void;
}

/** Returns a function that answers the messages of a prediction. */
export function computing(port: Port): (message: Request) => void {
  let bytes: Uint8Array | undefined;
  let outputs: readonly string[];
  let network: Network | undefined;
  const compute = ({ xs, steps }: Request & { kind: "part" }) => {
    // A graph that is refused is the error of a part.
    network ??= load(bytes);
    const { topology, memory } = network;
    const pass = memory.pass(topology.outputsOf(outputs));
    const values = record<TypedArray>();
    pass.inputs.forEach(({ name }, i) => {
      values[name] = xs[i]!;
    });
    const results = predict(network, values, steps === undefined ? { outputs } : { outputs, steps });
    return pass.outputs.map(({ name }) => results[name]!);
  };
  return (message) => {
    if (message.kind === "graph") {
      ({ bytes, outputs } = message);
      return;
    }
    const { index, xs } = message;
    try {
      const ys = compute(message);
      port.postMessage({ kind: "part", index, ys, xs }, buffersOf([...ys, ...xs]));
    } catch (reason) {
      const { name, message, code, details } = reason as GraphError;
      port.postMessage({ kind: "refused", index, error: { name, message, code, details } });
    }
  };
}
