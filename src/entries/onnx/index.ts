/**
 * ONNX files: `toOnnx` writes any graph, `fromOnnx` reads files that a graph of layers can express, and `obstacles` lists the
 * reasons against others.
 * @module plexus-nn/onnx
 */

import "./encoding.js";

export { type ToOnnxOptions, toOnnx } from "./export.js";
export type { Obstacle } from "./import/obstacle.js";
export { type FromOnnxOptions, fromOnnx, obstacles } from "./import.js";
