// What came of a pass: noted where it was made, or why it was not, and for a training that stopped what may help.

import { PassWord, Status } from "../assembly/abi.js";
import { GraphError, show } from "./error.js";
import type { Memory, Pass } from "./memory.js";
import type { DivergedDetails } from "./types.js";

/** What is known of it. */
interface Fault extends Omit<DivergedDetails, "hint"> {
  /** What is not finite. */
  readonly what: string;
  readonly rate: number;
}

function refusal({ what, rate, ...found }: Fault): GraphError {
  const { epoch, batch, step, layer, largestGradient } = found;
  const places = [epoch && ` in epoch ${epoch}`, batch && `, batch ${batch}`];
  const hint =
    step === 1
      ? "Scaled data (`scale` of `fit`) or a lower rate may help"
      : "A lower rate, a bound on gradients (`clipNorm`) or scaled data may help";
  const shown = `rate ${rate}, largest gradient ${largestGradient.toPrecision(3)}`;
  return new GraphError(
    "diverged",
    `${what} is not finite${places.filter(Boolean).join("")}; it shows first in ${show(layer)} (${shown}). ${hint}.` +
      (epoch !== undefined && batch === undefined ? "" : " The parameters are those before the step."),
    { details: { ...found, hint } },
  );
}

/** Where a step is in a run: all from 1. */
export type At = Pick<DivergedDetails, "epoch" | "batch"> & Partial<Pick<DivergedDetails, "step">>;

/** The error of what is not finite in a pass that was made. */
export function diverged(
  what: string,
  layer: string,
  memory: Memory,
  pass: Pass,
  rows: number,
  at: At,
): GraphError {
  const largestGradient = memory.largestGradient(pass, rows);
  return refusal({ step: 1, ...at, what, layer, rate: memory.state.now, largestGradient });
}

/** Throws what a status means; of a pass that was made, notes the rows. */
export function accept(memory: Memory, pass: Pass, rows: number, status: number, at: At = {}): void {
  if (status === Status.ok) {
    reached(pass, rows);
    return;
  }
  const fault = memory.passWord(pass, PassWord.faultLayer);
  const { $: layer } = pass.layers.find((one) => memory.word(one, 0) === fault)!;
  if (status === Status.cost || status === Status.update) {
    reached(pass, rows);
    const what = status === Status.cost ? "The cost" : "A gradient or an updated parameter";
    throw diverged(what, layer.name, memory, pass, rows, at);
  }
  const matrix = status === Status.input ? layer.given : layer.target;
  throw memory.refusal(layer, status, matrix, memory.passWord(pass, PassWord.faultIndex));
}

/** Notes the rows of the layers that a pass has reached. */
export function reached(pass: Pass, rows: number): void {
  for (const layer of pass.layers) layer.$.rows = rows;
}
