/**
 * Pictures, a table and a program of a graph.
 *
 * @module plexus-nn/draw
 */

import type { AnyGraph } from "../../index.js";
import { checkFinite } from "../../memory/finite.js";
import { dot } from "./dot.js";
import { drawingOf } from "./drawing.js";
import { mermaid } from "./mermaid.js";
import { program, type Source } from "./program.js";
import { table } from "./summary.js";
import { svg } from "./svg.js";

/**
 * Returns a graph in Graphviz's language, one node for each layer and one edge for each synapse. Throws `bad-option`,
 * `disposed`.
 */
export function toDot(graph: AnyGraph): string {
  return dot(drawingOf(graph));
}

/** Returns a graph as a Mermaid flowchart. Throws `bad-option`, `disposed`. */
export function toMermaid(graph: AnyGraph): string {
  return mermaid(drawingOf(graph));
}

/**
 * Returns a graph as an SVG without references to other files: inputs above, outputs below, synapses around the layers that
 * they skip. Delays lead upward in loops, and cells stand in frames. Throws `unsupported` for a graph too large to be laid out
 * (over 1,000 layers, or with very many skips), `bad-option`, `disposed`.
 */
export function toSvg(graph: AnyGraph): string {
  return svg(drawingOf(graph));
}

/**
 * Returns a table of at most 80 columns: each layer's size or shape, activation, parameters (bias, gain, initial values, incoming
 * weights) and sources. Totals and the bytes of all parameters follow, without the optimizer's state. Throws `bad-option`,
 * `disposed`.
 */
export function summary(graph: AnyGraph): string {
  return table(drawingOf(graph));
}

/**
 * Returns a graph as a program: the text of an ES module that exports `predict(xs)`, and of its types. A graph with a delay, an
 * `at` or an input without time exports `predict(xs, steps, state)`, and `start(rows)`, which returns a state. Where no state
 * can continue the graph, it exports `predict(xs, steps)` alone. The module has no dependencies, and is for small networks
 * where the engine is too much. It agrees with the engine to 1e-12 in float64 and 1e-6 in float32, relative to the larger of 1
 * and the value. Throws `not-an-output`, `unconnected`, `not-finite`, `bad-option`, `disposed`; `unsupported` beyond 2²⁴
 * parameters, connections and units of gathers.
 */
export function toSource(graph: AnyGraph): Source {
  const drawing = drawingOf(graph);
  checkFinite(graph, drawing.precision, "written as a program");
  return program(drawing);
}

export type { Source };
