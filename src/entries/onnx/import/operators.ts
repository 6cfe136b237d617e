// The operators that come in, by their domains.

import type { NodeProto } from "onnx-buf";
import { show } from "../../../base/text.js";
import { arithmetic } from "./arithmetic.js";
import type { Operator } from "./arrange.js";
import { unsupported } from "./call.js";
import { convolution } from "./convolution.js";
import { layout } from "./layout.js";
import { linear } from "./linear.js";
import { ml } from "./ml.js";
import { nonlinear } from "./nonlinear.js";
import { standard } from "./program.js";
import { recurrent } from "./recurrent.js";
import { resizes } from "./resize.js";
import { loops } from "./scan.js";
import { selection } from "./selection.js";

/** Operators by their domain; the standard domain is "". */
const operators: Readonly<Record<string, Readonly<Record<string, Operator>>>> = {
  "": {
    ...layout,
    ...selection,
    ...arithmetic,
    ...linear,
    ...nonlinear,
    ...recurrent,
    ...loops,
    ...convolution,
    ...resizes,
  },
  "ai.onnx.ml": ml,
};

/** Operators that end a classifier and return labels. */
const labels: readonly string[] = ["ArgMax", "ZipMap", "TopK", "LabelEncoder", "ArrayFeatureExtractor"];

/** Returns the operator of a node. Throws `unsupported` for one that no layer computes. */
export function operatorOf(node: NodeProto): Operator {
  const domain = standard(node.domain) ? "" : node.domain;
  if (!Object.hasOwn(operators, domain)) throw unsupported(node, `is of the domain ${show(domain)}`);
  const known = operators[domain]!;
  if (Object.hasOwn(known, node.opType)) return known[node.opType]!;
  const given = show(node.input[0] ?? "");
  const reason = labels.includes(node.opType)
    ? `gives labels, which no layer does; \`outputs: [${given}]\` reads what it is given`
    : "is an operator that no layer computes";
  throw unsupported(node, reason);
}
