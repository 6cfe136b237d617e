// The activations in PyTorch: an expression of the pre-activation, z. Where torch's own function is an approximation beyond a
// threshold (softplus beyond 20), the threshold is moved to where it is exact.

import type { Activation } from "../../index.js";
import type { LayerNode } from "../../model/node.js";
import { channels, positions } from "../../rules/shape.js";
import { number, operand } from "./text.js";

/** Each activation, of z and its parameter. softmax is over the channels of a position. */
const forms: Readonly<Record<Exclude<Activation, "softmax">, (z: string, own: string) => string>> = {
  linear: (z) => z,
  sigmoid: (z) => `torch.sigmoid(${z})`,
  tanh: (z) => `torch.tanh(${z})`,
  relu: (z) => `torch.relu(${z})`,
  leakyRelu: (z, slope) => `F.leaky_relu(${z}, ${slope})`,
  elu: (z, alpha) => `F.elu(${z}, ${alpha})`,
  selu: (z) => `F.selu(${z})`,
  gelu: (z) => `F.gelu(${z})`,
  silu: (z) => `F.silu(${z})`,
  mish: (z) => `F.mish(${z})`,
  softplus: (z) => `F.softplus(${z}, threshold=40)`,
  softsign: (z) => `F.softsign(${z})`,
  // torch's own has a sixth in float32.
  hardSigmoid: (z) => `F.relu6(${operand(z)} + 3) / 6`,
  exp: (z) => `torch.exp(${z})`,
  sin: (z) => `torch.sin(${z})`,
};

/** Returns the post-activation of a layer, of its pre-activation. */
export function activated(layer: LayerNode, z: string): string {
  const { name, parameter } = layer.activation;
  if (name !== "softmax") return forms[name](z, number(parameter));
  return byPosition(layer, z, (row) => `torch.softmax(${row}, -1)`);
}

/** Returns an expression of the channels of each position, applied to all units of a layer. */
export function byPosition({ shape }: LayerNode, x: string, of: (row: string) => string): string {
  if (positions(shape) === 1) return of(x);
  return `${of(`${x}.unflatten(-1, (${positions(shape)}, ${channels(shape)}))`)}.flatten(-2)`;
}
