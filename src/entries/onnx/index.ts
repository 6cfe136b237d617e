/**
 * ONNX files: `toOnnx` writes any graph, `fromOnnx` reads what a graph of layers can express, and
 * `obstacles` lists what it can't.
 *
 * @module
 */

import "./encoding.js";

export { type ToOnnxOptions, toOnnx } from "./export.js";
export type { Obstacle } from "./import/obstacle.js";
export { type FromOnnxOptions, fromOnnx, obstacles } from "./import.js";
