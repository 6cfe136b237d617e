// Why a training stopped: what is not finite, where it shows first, and what may help.

import { GraphError, show } from "./error.js";
import type { DivergedDetails } from "./types.js";

/** What is known of it. */
interface Fault extends Omit<DivergedDetails, "hint"> {
  /** What is not finite. */
  readonly what: string;
  readonly rate: number;
}

export function diverged({ what, rate, ...found }: Fault): GraphError {
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
