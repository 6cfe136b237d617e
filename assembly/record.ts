// The records that src/ writes, as classes. Fields and shapes follow the words in abi.ts.

import { ActivationKind, Join, LossKind, Path, Step, SynapseKind } from "./abi";
import { LossForm, form } from "./rule/loss";
import { Block, Optimizer } from "./rule/optimizer";

/** A layer: `LayerWord`. */
@unmanaged @final
export class Layer {
  stamp: u64;
  targetStamp: u64;
  activationParameter: f64;
  lossParameter: f64;
  weight: f64;
  dropout: f64;
  size: i32;
  activation: ActivationKind;
  loss: LossKind;
  isInput: u32;
  bias: usize;
  dbias: usize;
  input: usize;
  target: usize;
  pre: usize;
  post: usize;
  delta: usize;
  incoming: usize;
  incomings: i32;
  outgoing: usize;
  outgoings: i32;
  bounded: u32;
  place: u32;
  flags: u32;
  gain: usize;
  dgain: usize;
  normalized: usize;
  rstd: usize;
  output: usize;
  dropoutMask: usize;
  droppedPost: usize;
  lossWeights: usize;
  join: Join;
  timed: u32;
  loop: i32;
  reversed: u32;
  depth: i32;
  initial: usize;
  dinitial: usize;
  past: usize;
  dpast: usize;
  begun: usize;
  flows: u32;
  dpre: usize;
  biases: i32;
  positions: i32;
  channels: i32;
  groups: i32;
  mixed: i32;
  sums: usize;
}

/** A synapse: `SynapseWord`. */
@unmanaged @final
export class Synapse {
  stamp: u64;
  l1: f64;
  l2: f64;
  maxNorm: f64;
  from: Layer;
  to: Layer;
  weights: usize;
  dweights: usize;
  kind: SynapseKind;
  frozen: u32;
  owner: usize;
  shared: u32;
  delay: i32;
  at: Step;
  inside: u32;
  aligned: u32;
  factor: usize;
  dfactor: usize;
  rows: i32;
  columns: i32;
  map: usize;
  room: usize;
}

/** Returns the rows that softmax and losses see in a row of a layer, each of `mixed` units. */
@inline
export function parts(layer: Layer): i32 {
  return layer.size / layer.mixed;
}

/** Returns the synapse that owns the weights of a synapse. */
@inline
export function owner(synapse: Synapse): Synapse {
  return synapse.owner ? changetype<Synapse>(synapse.owner) : synapse;
}

/**
 * Returns whether the gradient of a synapse's weights comes from its own values alone, row by row. No other synapse has these
 * weights, no penalty is added, and the target sums.
 */
export function isLone(synapse: Synapse): bool {
  if (!synapse.aligned || synapse.to.join == Join.product) return false;
  return !synapse.owner && !synapse.shared && synapse.l1 == 0 && synapse.l2 == 0;
}

/** A pass over the ancestors of some outputs: `PassWord`. */
@unmanaged @final
export class Pass {
  layers: usize;
  layerCount: i32;
  outputs: usize;
  outputCount: i32;
  runs: usize;
  runCount: i32;
  optimizer: Optimizer;
  costs: usize;
  partialSums: usize;
  outputCosts: usize;
  path: Path;
  penalised: usize;
  penalisedCount: i32;
  limited: usize;
  limitedCount: i32;
  noise: usize;
  seed: u32;
  weightedScratch: usize;
  sharedGradient: usize;
  upstream: u32;
  faultLayer: usize;
  faultIndex: i32;
  times: usize;
  stateful: u32;
  order: usize;
}

/** Returns the form in which a pass computes an output's loss. */
@inline
export function lossForm(pass: Pass, output: Layer): LossForm {
  return pass.upstream ? LossForm.upstream : form(output.loss, output.activation);
}

/** A run of parameters and of their gradients: `RunWord`. */
@unmanaged @final
export class Run {
  values: usize;
  gradients: usize;
  count: i32;
  block: Block;
  synapse: usize;
  initial: usize;
}

/** The steps of a call's samples: `TimesWord`. */
@unmanaged @final
export class Times {
  rows: i32;
  blocks: i32;
}

/** Source and destination of a batch's rows: `FeedWord`. */
@unmanaged @final
export class Feed {
  word: usize;
  source: usize;
  bytes: usize;
}

/** Returns the record at an index of a list of pointers. */
@inline
export function at<R>(list: usize, index: i32): R {
  return changetype<R>(load<usize>(list + ((<usize>index) << 2)));
}
