/**
 * `plexus-nn/predict`: predictions without a core inside, and `setCore`, which hands in the core.
 *
 * @module
 */

export { type CoreSource, setCore } from "../../memory/given.js";
export * from "./index.js";
