// The kinds of synapse as operators: how each adds the values of its source to the sum of its target.

import type { SynapseKind } from "../../../index.js";
import type { Writer } from "./writer.js";

/** A kind of synapse. */
interface Form {
  /** Whether its operator adds the term to a sum; an Add follows where it doesn't. */
  readonly adds: boolean;
  /** Writes the term. source: the values of its layer; matrix: writes its weights, once however many synapses share them */
  write(w: Writer, source: string, matrix: () => string, sum: string | undefined): string;
}

/** The kinds. */
export const forms: Readonly<Record<SynapseKind, Form>> = {
  /** Gemm, since onnxruntime fuses a MatMul with a single number that it is multiplied by, and keeps that number as a float32. */
  dense: {
    adds: true,
    write: (w, source, matrix, sum) => w.op("Gemm", [source, matrix(), ...(sum === undefined ? [] : [sum])]),
  },
  identity: { adds: false, write: (_, source) => source },
};
