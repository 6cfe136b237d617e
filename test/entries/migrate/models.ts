// Models of TensorFlow.js on its plain backend, and their files.

import type { TfjsArtifacts } from "plexus-nn/migrate";
import { load, type Peer } from "../../peers/load.js";
import type { Random } from "../../support/helpers.js";

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
        const values = random.numbers(weight.size);
        return tf.tensor(positive ? values.map((value) => value + 1.5) : values, weight.shape);
      }),
    );
  }
}
