/**
 * A graph as a program of PyTorch, which trains it on any number of processes and machines.
 *
 * @module plexus-nn/torch
 */

import { options } from "../../base/options.js";
import { plain } from "../../base/plain.js";
import { show } from "../../base/text.js";
import type { Dataset } from "../../fit/dataset.js";
import { save } from "../../format/safetensors.js";
import { type AnyGraph, GraphError } from "../../index.js";
import { dataFile } from "./data.js";
import { factsOf, networkOf } from "./facts.js";
import { moduleText, TAKEN } from "./module.js";

/** Options of `toTorch`. */
export interface ToTorchOptions {
  /** The name of the files without their ends, of letters, digits, `_` and `-`; "model" by default. */
  readonly name?: string;
  /** Names of outputs; all by default. The program has these outputs and their ancestors. */
  readonly outputs?: readonly string[];
}

/** A program of PyTorch, and the files that it reads. */
export interface TorchProgram {
  /** The text of `<name>.py`, which needs Python 3.8 or later and torch 1.13 or later. */
  readonly module: string;
  /** The bytes of `<name>.safetensors`, the graph's own file: `graph.save()`. */
  readonly weights: Uint8Array<ArrayBuffer>;
  /**
   * Returns the bytes of a file of data for the program. Throws as `fit` does for data; `bad-option` for targets of other
   * outputs, `unsupported` for steps where no synapse has a delay.
   */
  data(set: Dataset): Uint8Array<ArrayBuffer>;
}

/**
 * Returns a program that trains the graph in PyTorch, on one process or several. It makes the steps of `fit`: the same
 * cost, optimizer, schedule and order of rows, to rounding; only dropout draws other noise. The file that it writes is read by
 * `Graph.load` and `graph.merge`. Throws `bad-option`, `unknown-layer`, `not-an-output`, `unconnected`, `not-finite`, `disposed`;
 * `unsupported` for a rate that is a function, and for the schedule reduceOnPlateau.
 */
export function toTorch(graph: AnyGraph, given?: ToTorchOptions): TorchProgram {
  const network = networkOf(graph);
  const read = plain(given, "bad-option", "The options of toTorch");
  const { name = "model", outputs } = options(read, ["name", "outputs"], "toTorch");
  if (typeof name !== "string" || !/^\w[\w-]*$/.test(name)) {
    const wanted = "letters, digits, _ and -, as in a file's name";
    throw new GraphError("bad-option", `The name of a program has ${wanted}, and is not ${show(name)}.`);
  }
  if (TAKEN.includes(name)) {
    const why = `its file would hide the module ${name}, which it imports`;
    throw new GraphError("bad-option", `The name of a program can't be ${show(name)}: ${why}.`);
  }
  if (outputs !== undefined && (!Array.isArray(outputs) || outputs.length === 0)) {
    const wanted = "an array of at least one output's name";
    throw new GraphError("bad-option", `The outputs are ${wanted}, not ${show(outputs)}.`);
  }
  return {
    module: moduleText(factsOf(graph, network, outputs), name),
    weights: save(network.saved(undefined, "toTorch")),
    data: (set) => dataFile(factsOf(graph, network, outputs), set),
  };
}

export type { Dataset };
