// What this package's other entries need of the base module, and users don't.

export { choice, list, nearest, options, show } from "./error.js";
export { Run } from "./fit/run.js";
export type { Trainee } from "./fit/source.js";
export { lend } from "./graph.js";
