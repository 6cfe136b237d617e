// The layer Embedding of Keras: tables of rows for class numbers, which an input alone can have.

import { show } from "../../base/text.js";
import { embed } from "./maps.js";
import type { Operation } from "./operation.js";
import { unsupported, whole } from "./read.js";
import type { Tensor } from "./tensor.js";
import type { Model, Named } from "./topology.js";

/** Looks the classes of an input up in a table. */
export function embedding({ config, maker, weights, name, scope, path }: Operation, input: Tensor): Tensor {
  if (config.mask_zero === true) throw unsupported(`${path}.mask_zero`, "is true: steps are not masked here");
  const classes = classCount(config, path);
  const columns = whole(config.output_dim, `${path}.output_dim`, 1);
  if ("terms" in input || input.segments.length > 1 || input.segments[0]!.layer.classes !== classes) {
    throw unsupported(path, "is given a tensor that is no input of class numbers");
  }
  const table = weights.take(scope, "embeddings", [classes, columns]);
  return embed(maker, input, table, columns, name);
}

function classCount(config: Named["config"], path: string): number {
  return whole(config.input_dim, `${path}.input_dim`, 1, 2 ** 24);
}

/** Returns the number of classes of a model's input; undefined for an input that no embedding has. Throws `unsupported`. */
export function classesOf(model: Model, at: number): number | undefined {
  return new Uses().of(model, at);
}

class Uses {
  readonly #known = new Map<Model, Map<number, number | undefined>>();

  of(model: Model, at: number): number | undefined {
    const known = this.#known.get(model) ?? new Map<number, number | undefined>();
    this.#known.set(model, known);
    if (!known.has(at)) known.set(at, this.#find(model, at));
    return known.get(at);
  }

  #find(model: Model, at: number): number | undefined {
    const key = model.inputKeys[at];
    const found = new Set<number | undefined>();
    for (const output of model.outputs) if (output.key === key) found.add(undefined);
    for (const { layer, from } of model.calls.values()) {
      for (const [i, source] of from.entries()) {
        if (source.key !== key) continue;
        if (layer.type === "Embedding") found.add(classCount(layer.config, layer.path));
        else found.add(layer.model === undefined ? undefined : this.of(layer.model, i));
      }
    }
    if (found.size < 2) return [...found][0];
    const given = `the input ${show(model.inputs[at]?.name)}`;
    throw unsupported(given, "has class numbers for an embedding, and other layers have it too");
  }
}
