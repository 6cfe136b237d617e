// Targets of a call: their outputs, class numbers, and loss weights.

import { GraphError } from "../base/error.js";
import { form } from "../base/form.js";
import type { Precision } from "../base/precision.js";
import { isRecord, rowsOrLevels } from "../base/read.js";
import { show } from "../base/text.js";
import type { Slot } from "../memory/pass.js";
import type { Times } from "../memory/times.js";
import type { Training } from "../memory/training.js";
import type { LayerNode } from "../model/node.js";
import type { Topology } from "../model/topology.js";
import { classList } from "./classes.js";
import { namesInOrder } from "./slots.js";
import { lossWeightsByStep } from "./stepweights.js";
import { lossWeights, masked, oneHot, type Weighting } from "./weighting.js";

/** The reader of a network's targets. */
export class Targets {
  readonly #topology: Topology;
  readonly #precision: Precision;
  readonly training: Training;

  constructor(topology: Topology, precision: Precision, training: Training) {
    this.#topology = topology;
    this.#precision = precision;
    this.training = training;
  }

  /** Returns the outputs with targets, in the order of their creation. */
  outputsOf(ts: unknown): readonly LayerNode[] {
    const topology = this.#topology;
    if (!isRecord(ts)) {
      const wrong = `The targets are an object by outputs' names, not ${show(ts)}`;
      const example = form(topology.inputs, topology.outputs);
      throw new GraphError("missing-target", `${wrong}, as in \`${example}\`.`);
    }
    const { allOutputs } = topology;
    if (namesInOrder(ts, allOutputs)) return allOutputs;
    const given = Object.keys(ts);
    if (given.length > 0) return topology.outputsOf(given);
    throw new GraphError("missing-target", "No target is given: name at least one output.");
  }

  /** Returns the loss weights of an output in a call with steps, in the core's order. Throws as `lossWeightsByStep` does. */
  weightsByStep(weighting: Weighting, { layer }: Slot, isTimed: boolean, times: Times): Float64Array {
    return lossWeightsByStep(weighting, layer, isTimed, times, this.#precision);
  }

  /**
   * Converts class numbers to targets, and masks targets. Puts the loss weights of samples and units into the slot `weights`.
   */
  convert(slot: Slot, rows: number, weighting: Weighting | undefined, weights: Slot | undefined): void {
    const { name, size, parts, also } = slot;
    const found = weighting && lossWeights(weighting, slot.layer, rows, this.#precision);
    if (found) weights!.data = found;
    const classes = slot.classes ? classList(slot.data, rows, parts) : undefined;
    if (classes !== undefined) slot.data = oneHot(classes, slot, found);
    else if (found && rowsOrLevels(slot.data, name, size, also) === rows)
      slot.data = masked(slot.data, found, size);
  }
}
