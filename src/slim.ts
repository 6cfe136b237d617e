/**
 * Plexus without a core inside: all that `plexus-nn` exports, and `setCore`, which hands in the core.
 *
 * @module
 */

export { type CoreSource, setCore } from "./given.js";
export * from "./index.js";
