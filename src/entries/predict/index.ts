/**
 * Predictions of a trained network, from its file alone: the same bits and refusals as `Graph`. `plexus-nn/predict/float32`
 * and `plexus-nn/predict/float64` have a core of one precision inside. `plexus-nn/predict` has none, and takes one by
 * `setCore`.
 *
 * @module plexus-nn/predict
 */

import { plain } from "../../base/plain.js";
import type { FloatArray, Precision } from "../../base/precision.js";
import type { Data, Vector } from "../../base/read.js";
import { predict } from "../../calls/predict.js";
import { readJSON } from "../../format/json.js";
import { readFile } from "../../format/safetensors.js";
import type { LayerNode } from "../../model/node.js";
import { type Network, predictors } from "./model.js";

export { type ErrorCode, GraphError } from "../../base/error.js";
export type { FloatArray, Precision } from "../../base/precision.js";
export type { Data, Vector } from "../../base/read.js";

/** An input or an output of a model. */
export interface ModelLayer {
  readonly name: string;
  /** Number of units. */
  readonly size: number;
  /** Extents and channels; `[size]` for a plain size. */
  readonly shape: readonly number[];
  /** Number of classes of an input of class numbers. */
  readonly classes?: number;
}

/** A trained network that predicts. */
export interface Model {
  readonly precision: Precision;
  /** In the order of their creation. */
  readonly inputs: readonly ModelLayer[];
  readonly outputs: readonly ModelLayer[];
  /**
   * Computes the named outputs, all of them by default, each (rows, size) and the caller's own. Needs only the outputs'
   * ancestors among the inputs. `steps` is the number of steps of each sample, or a number for each. Throws as `predict` of a
   * graph does.
   */
  predict(
    xs: Readonly<Record<string, Data>>,
    options?: { readonly outputs?: readonly string[]; readonly steps?: number | Vector },
  ): Record<string, FloatArray<Precision>>;
  /** Frees the memory now. May be called again; a later `predict` throws `disposed`. */
  dispose(): void;
}

/** Reads the bytes of a graph's `save`. Throws `bad-file`, `unsupported`, `no-wasm`, `out-of-memory`. */
export function load(bytes: Uint8Array | ArrayBuffer): Model {
  return modelOf(readFile(bytes, predictors, (name) => name.startsWith("optimizer.")));
}

/** Reads the object of a graph's `toJSON`, also after `JSON.parse`. Throws as `load` does. */
export function fromJSON(json: object): Model {
  return modelOf(readJSON(plain(json, "bad-file", "The file"), predictors));
}

function modelOf(net: Network): Model {
  const facts = (layers: readonly LayerNode[]) =>
    Object.freeze(
      layers.map(({ name, size, shape, classes }) =>
        Object.freeze({ name, size, shape, ...(classes !== undefined && { classes }) }),
      ),
    );
  return Object.freeze({
    precision: net.memory.precision,
    inputs: facts(net.topology.inputs),
    outputs: facts(net.topology.outputs),
    predict: (xs: unknown, options?: unknown) => predict(net, xs, options),
    dispose: () => net.memory.dispose(),
  });
}
