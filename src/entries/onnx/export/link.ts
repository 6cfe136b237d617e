// The kinds of synapse as operators that add the values of the source to the sum of the target.

import type { SynapseKind } from "../../../index.js";
import type { Writer } from "./writer.js";

/** A kind of synapse as an operator. */
interface Form {
  /** Whether its operator adds the term to a sum; otherwise an Add follows. */
  readonly adds: boolean;
  /** Writes the term of a source's values. `matrix` writes the weights, once for all synapses that share them. */
  write(w: Writer, source: string, matrix: () => string, sum: string | undefined): string;
}

/** The kinds. */
export const forms: Readonly<Partial<Record<SynapseKind, Form>>> = {
  /** Gemm, since onnxruntime fuses a MatMul with a single number that it is multiplied by, and keeps that number as a float32. */
  dense: {
    adds: true,
    write: (w, source, matrix, sum) => w.op("Gemm", [source, matrix(), ...(sum === undefined ? [] : [sum])]),
  },
  identity: { adds: false, write: (_, source) => source },
  oneToOne: { adds: false, write: (w, source, matrix) => w.op("Mul", [source, matrix()]) },
};
