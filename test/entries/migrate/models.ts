// Models of TensorFlow.js on its plain backend, their files, and the comparison with graphs.

import { fromTfjs, type TfjsArtifacts } from "plexus-nn/migrate";
import { load, type Peer } from "../../peers/load.js";
import { type AnyGraph, expectClose, Random, seed } from "../../support/helpers.js";

export const tf = await load("@tensorflow/tfjs-core");
export const tfl = await load("@tensorflow/tfjs-layers");
await load("@tensorflow/tfjs-backend-cpu");
tf.enableProdMode(); // no advice on the console
await tf.setBackend("cpu");
export const { layers } = tfl;
export type Model = Peer;
export type Tensor = Peer;

/** Returns the artifacts of `save`; members that are JSON have passed through text. */
export async function artifacts(model: Model): Promise<TfjsArtifacts> {
  let saved: unknown;
  await model.save({
    async save(given: unknown) {
      saved = given;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    },
  });
  const { modelTopology, weightSpecs, weightData } = saved as TfjsArtifacts;
  return { ...JSON.parse(JSON.stringify({ modelTopology, weightSpecs })), weightData };
}

/** Sets other weights than those of new models, whose biases are 0 and whose variances 1. */
export function stir(model: Model, random: Random): void {
  for (const { name } of model.layers) {
    const layer = model.getLayer(name);
    layer.setWeights(
      layer.getWeights().map((weight: Peer, i: number) => {
        const positive = /variance/.test(layer.weights[i]!.name);
        // Long sums would add up their roundings in float32.
        const fan = weight.size / (weight.shape.at(-1) ?? 1);
        const factor = fan > 16 ? 1 / Math.sqrt(fan) : 1;
        const values = random.numbers(weight.size).map((value) => value * factor);
        return tf.tensor(positive ? values.map((value) => value + 1.5) : values, weight.shape);
      }),
    );
  }
}

/** Expects the predictions of a model and its graph to agree. An input of class numbers gets some. */
export function expectSameValues(
  model: Model,
  graph: AnyGraph,
  random: Random,
  rows = 5,
  error = 1e-6,
): void {
  const xs: Record<string, number[]> = {};
  const tensors = model.inputs.map((input: Peer) => {
    const shape = [rows, ...(input.shape.slice(1) as number[])];
    const { name } = input.sourceLayer;
    const classes = graph.inputs.find((layer) => layer.name === name)?.classes;
    const values = random
      .numbers(shape.reduce((a, b) => a * b))
      .map((value) => (classes === undefined ? Math.fround(value * 2) : random.whole(0, classes - 1)));
    xs[name] = values;
    return tf.tensor(values, shape);
  });
  // A model's file lacks the inputs that no output depends on.
  const known = Object.entries(xs).filter(([name]) => graph.inputs.some((input) => input.name === name));
  const wanted = [model.predict(tensors)].flat();
  const ys = graph.predict(Object.fromEntries(known));
  wanted.forEach((tensor, i) => {
    const name = model.outputs[i]!.sourceLayer.name;
    expectClose(ys[name]!, tensor.dataSync() as Float32Array, error, name);
  });
}

/** Expects the graph of a model's file to predict the same, with random weights. Returns the graph. */
export async function expectMigrates(model: Model, random = new Random(seed)): Promise<AnyGraph> {
  stir(model, random);
  const graph: AnyGraph = fromTfjs(await artifacts(model));
  expectSameValues(model, graph, random);
  return graph;
}
