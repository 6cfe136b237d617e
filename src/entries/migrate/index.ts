/**
 * Networks of other libraries as graphs, with the same predictions. Nothing in a file is ever executed.
 *
 * @module plexus-nn/migrate
 */

export type { BrainRun } from "./alphabet.js";
export { fromBrain } from "./brain.js";
export { fromConvnet } from "./convnet.js";
export type { Brain } from "./keys.js";
export { fromMl5 } from "./ml5.js";
export { fromNeataptic } from "./neataptic.js";
export { fromSynaptic } from "./synaptic.js";
export { fromTfjs, type TfjsArtifacts, type TfjsBytes, type TfjsModel } from "./tfjs.js";
