// Cost and metrics of computed outputs.

import { record } from "../base/plain.js";
import type { Pass } from "../memory/pass.js";
import { mixedOf } from "../model/node.js";
import { type Loss, losses } from "../rules/loss.js";
import { isLabels, type Metric, type OutputScore, readMetrics, scores } from "../rules/metric.js";
import type { Network } from "./network.js";

/** The result of `evaluate`. */
export interface Evaluation<Out extends string = string> {
  /** The cost of all outputs together. */
  readonly cost: number;
  /** The cost and the metrics of each output. */
  readonly outputs: Record<Out, OutputScore>;
}

/** Returns the cost of a computed pass over `rows` samples, and the scores of each output. */
export function score(
  { memory, training }: Pick<Network, "memory" | "training">,
  pass: Pass,
  rows: number,
  cost: number,
  metrics: unknown,
  isWeighted: boolean,
): Evaluation {
  const outputs = record<OutputScore>();
  pass.outputs.forEach((layer, i) => {
    const { size, scaler, loss } = layer;
    const count = pass.rowsOf(layer, rows);
    // Scaled probabilities are separated at 0.5; other values are compared on the caller's scale.
    const isScaled = scaler !== undefined && losses[loss!.name].shares;
    const { core, states } = memory;
    const { post, target, lossWeights } = states.of(layer);
    const values = (pointer: number) => {
      const found = core.view(pointer, count * size);
      return scaler === undefined || isScaled ? found : scaler.inverse(found);
    };
    const compared = {
      rows: count,
      size,
      parts: size / mixedOf(layer),
      y: values(post),
      t: values(target),
      lossWeights: isWeighted ? core.view(lossWeights, count * size) : undefined,
      labels: isLabels(layer),
      divisor: isScaled ? scaler.divisor : undefined,
    };
    const asked = readMetrics(metrics ?? usualMetrics(layer));
    outputs[layer.name] = { cost: training.outputCost(pass, i), ...scores(asked, compared) };
  });
  return { cost, outputs };
}

/** Returns the default metrics of an output. */
export function usualMetrics({
  loss,
}: {
  readonly loss: { readonly name: Loss } | undefined;
}): readonly Metric[] {
  return loss !== undefined && losses[loss.name].accuracy ? ["accuracy"] : [];
}
