// The engine with a dense synapse in the place of a sparse one.

import { graphOf, run } from "./plexus.js";

export { version } from "../plexus.js";
export const note = "weights where the other has no connections are put back to 0 in the check";

/** @type {import("../../worker.js").Setup} */
export function setup(start) {
  const graph = graphOf(start, () => ({}));
  const synapses = start.network.layers.flatMap(({ name, from }) =>
    from.map((source) => {
      const matrix = /** @type {Float64Array} */ (start.weights[name]?.from[source]);
      const synapse = graph.synapse(source, name);
      synapse.weights.set(matrix);
      return { synapse, matrix };
    }),
  );
  const contender = run(start, graph);
  return {
    ...contender,
    // No other gradient depends on these weights within the step.
    check(steps) {
      for (let n = 0; n < steps; n++) {
        contender.train(1);
        for (const { synapse, matrix } of synapses) {
          const { weights } = synapse;
          for (let i = 0; i < matrix.length; i++) if (matrix[i] === 0) weights[i] = 0;
        }
      }
    },
  };
}
