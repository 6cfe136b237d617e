/**
 * ONNX files: `toOnnx` writes any graph, `fromOnnx` reads what a graph of layers can express.
 *
 * @module
 */

export { type ToOnnxOptions, toOnnx } from "./export.js";
export { type FromOnnxOptions, fromOnnx } from "./import.js";
