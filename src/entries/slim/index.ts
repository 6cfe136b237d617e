/**
 * Plexus without a core inside: all that `plexus-nn` exports, and `setCore`, which hands in the core.
 *
 * @module
 */

export * from "../../index.js";
export { type CoreSource, setCore } from "../../memory/given.js";
