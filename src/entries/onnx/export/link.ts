// The kinds of synapse as operators on the values of the source. Each returns its term in some layout.

import { GraphError, type Synapse, type SynapseKind } from "../../../index.js";
import type { Shape } from "../../../rules/shape.js";
import type { Series } from "./series.js";
import { arrangedUnits, isPlanar, type Tensors, type Term } from "./values.js";
import * as windows from "./window.js";
import type { Writer } from "./writer.js";

/** A kind of synapse as an operator. */
interface Form {
  /**
   * Whether its operator adds the term to something: to a sum of rows, or to a bias with a number for each channel. Otherwise
   * an Add follows.
   */
  readonly adds?: "rows" | "channels";
  /** Writes the term, and adds it to a tensor where it adds. */
  write(w: Writer, term: Term, series: Series, start: string | undefined): Tensors;
}

/** Most zeros of a matrix in the place of a list of connections. */
const ZEROS = 2 ** 26;

const withStart = (inputs: readonly string[], start: string | undefined) => [
  ...inputs,
  ...(start === undefined ? [] : [start]),
];

/** Writes a product with a matrix, by Gemm: onnxruntime fuses a MatMul with a single number that it is multiplied by, as a float32. */
const product = (w: Writer, { source }: Term, matrix: string, start: string | undefined): Tensors => ({
  rows: w.op("Gemm", withStart([source.rows, matrix], start)),
});

/** Returns a matrix of connections, whose other places are 0. */
function filled({ from, to, connections, weights }: Synapse): Float64Array {
  const room = from.size * to.size;
  if (room - weights.length > ZEROS) {
    const where = `from "${from.name}" to "${to.name}"`;
    throw new GraphError(
      "unsupported",
      `ONNX has no sparse product: the synapse ${where} would be a matrix with ${room - weights.length} zeros.`,
    );
  }
  const matrix = new Float64Array(room);
  const pairs = connections!;
  weights.forEach((weight, i) => {
    matrix[pairs[2 * i]! * to.size + pairs[2 * i + 1]!] = weight;
  });
  return matrix;
}

/** Returns whether a unit of a layer is in the same place in the planes of another. */
function isAlike(a: Shape, b: Shape): boolean {
  return isPlanar({ shape: a }) && a.length === b.length && a.every((extent, i) => extent === b[i]);
}

/** The kinds. */
export const forms: Readonly<Record<SynapseKind, Form>> = {
  dense: {
    adds: "rows",
    write(w, term, series, start) {
      const matrix = series.weights(term.synapse, "matrix", ({ shape, weights }) => ({
        dims: shape,
        values: weights,
      }));
      return product(w, term, matrix, start);
    },
  },
  identity: {
    write(_, { synapse: { from, to }, source }) {
      return isAlike(from.shape, to.shape)
        ? { planes: source.planes(from.shape.length - 1) }
        : { rows: source.rows };
    },
  },
  oneToOne: {
    write(w, { synapse, source }, series) {
      const { from, to } = synapse;
      if (!isAlike(from.shape, to.shape)) {
        const scale = series.weights(synapse, "units", ({ weights }) => {
          return { dims: [1, weights.length], values: weights };
        });
        return { rows: w.op("Mul", [source.rows, scale]) };
      }
      const scale = series.weights(synapse, `planes ${from.shape}`, ({ weights }) => {
        // As numbers of each unit, even where there are as many channels.
        const { dims, values } = arrangedUnits(from.shape, weights);
        return { dims, values };
      });
      return { planes: w.op("Mul", [source.planes(from.shape.length - 1), scale]) };
    },
  },
  sparse: {
    adds: "rows",
    write(w, term, series, start) {
      const matrix = series.weights(term.synapse, "matrix", (own) => {
        return { dims: [own.from.size, own.to.size], values: filled(own) };
      });
      return product(w, term, matrix, start);
    },
  },
  conv: { adds: "channels", write: windows.conv },
  convTranspose: { adds: "channels", write: windows.convTranspose },
  averagePool: { write: windows.averagePool },
  maxPool: { write: windows.maxPool },
  upsample: { write: windows.upsample },
  gather: {
    write(w, { synapse, source }) {
      const { from, units } = synapse;
      const picked = Array.from(units!, (unit) => (unit < 0 ? from.size : unit));
      const isPadded = picked.includes(from.size);
      const rows = isPadded ? w.op("Pad", [source.rows, w.whole([0, 0, 0, 1])]) : source.rows;
      return { rows: w.op("Gather", [rows, w.whole(picked, "units")], { axis: 1 }) };
    },
  },
  embedding: {
    write(w, { synapse, source }, series) {
      const { to } = synapse;
      const table = series.weights(synapse, "matrix", ({ shape, weights }) => ({
        dims: shape,
        values: weights,
      }));
      const columns = w.op("Gather", [table, source.rows], { axis: 0 });
      if (isPlanar(to)) return { last: columns };
      return { rows: w.op("Reshape", [columns, w.whole([-1, to.size])]) };
    },
  },
};
