// The boundary's constants, imported by the core and by src/, so that none is written twice.
// A record is a run of 32-bit words in the core's memory; an enum of words gives each word's place in it.
// A pointer is a byte address. `graph/record.ts` reads the same records as classes.

/** What a call found. Where it is not `ok`, the pass record says where. */
export const enum Status {
  ok,
  /** A given value is not finite. */
  input,
  /** A target is not finite. */
  target,
  /** A target lies outside [0, 1]. */
  range,
  /** The cost is not finite. */
  cost,
  /** A parameter or a moment would not be finite after the update (as after any gradient that is not). */
  update,
}

export const enum LayerWord {
  /** 64 bits each: the pass that computed the layer, the pass that has a target for it. */
  stamp,
  stampHigh,
  aim,
  aimHigh,
  /** float64 each: the own numbers of the activation and of the loss, 0 where they have none. */
  bend,
  bendHigh,
  margin,
  marginHigh,
  /** float64: what an output's cost counts in the whole cost. */
  weight,
  weightHigh,
  /** float64: the share of units that a training pass drops. */
  dropout,
  dropoutHigh,
  size,
  /** Place in the table of rule/activation.ts. */
  activation,
  /** Place in the table of rule/loss.ts. */
  loss,
  /** 1 for an input. */
  input,
  /** (size) */
  bias,
  /** (size) */
  dbias,
  /** (rows, size): the given values of an input. */
  given,
  /** (rows, size): the targets of an output. */
  target,
  /** (rows, size) */
  pre,
  /** (rows, size); where the activation is linear, `pre` itself. */
  post,
  /** (rows, size): the gradient by `post`, and then by `pre`. */
  delta,
  /** Pointers of synapse records. */
  incoming,
  incomings,
  outgoing,
  outgoings,
  /** Not 0 where targets must lie in [0, 1]. */
  bounded,
  /** Its place in the order of creation. */
  place,
  /** Of `LayerFlag`. */
  flags,
  /** (size) each: the gain of a norm, and its gradient; 0 where there is no norm. */
  gain,
  dgain,
  /** (rows, size), (rows): what a norm makes of the sums before its gain, and 1 / their deviation. */
  hat,
  spread,
  /** (rows, size): what other layers hear of it: `post`, or `dropped` in a training pass. Set by each pass. */
  sent,
  /** (rows, size) each, with dropout alone: 0 or 1 / (1 - dropout), and `post` times that. */
  keep,
  dropped,
  /** (rows, size): what each unit of each sample counts in an output's cost; 0 where all count 1. */
  emphasis,
  words,
}

export const enum LayerFlag {
  /** Its bias and gain don't learn. */
  frozen = 1,
  /** The sums over samples of its gradient are wanted all the same: the bias's gradient of a linear input follows from them. */
  asked = 2,
  /** Neither it nor what it hears from learns: no gradient need come to it. */
  idle = 4,
  /** It has no bias. */
  unbiased = 8,
}

export const enum SynapseWord {
  /** 64 bits: the last pass that computed a gradient for the weights; 0 where the last one did without. */
  stamp,
  stampHigh,
  /** float64 each: penalties of Σ |w| and of Σ w², the largest norm of a column; 0 where there is none. */
  l1,
  l1High,
  l2,
  l2High,
  most,
  mostHigh,
  /** Pointers of layer records. */
  from,
  to,
  /** (size of from, size of to) */
  weights,
  dweights,
  /** Of `SynapseKind`. */
  kind,
  /** Not 0 where the weights don't learn. */
  frozen,
  /** The synapse whose weights these are; 0 where they are its own. */
  owner,
  /** Not 0 where others have its weights. */
  shared,
  words,
}

export const enum SynapseKind {
  dense,
  /** Equal sizes, no weights: adds the source to the target. */
  identity,
}

export const enum PassWord {
  /** Pointers of layer records, each after the layers that it hears from. */
  layers,
  layerCount,
  /** Pointers of layer records: the outputs that are asked for. */
  outputs,
  outputCount,
  /** Runs of parameters that lead to the outputs, `RunWord`s one after the other. */
  runs,
  runCount,
  /** Pointer of the graph's optimizer record. */
  optimizer,
  /** float64 (rows): the cost of each sample. */
  costs,
  /** Partial sums over blocks of samples. */
  scratch,
  /** float64 (outputs): the cost of each output. */
  outputCosts,
  /** A `Small`. */
  small,
  /** Pointers of synapse records whose weights are the pass's: those with a penalty, those with a bound on their norms. */
  penalised,
  penalisedCount,
  limited,
  limitedCount,
  /** Where the graph counts its noisy steps, 64 bits; 0 where no layer drops units. And the graph's seed. */
  noise,
  seed,
  /** Room beside the costs where samples or units are weighed: (rows, size) float64 and (rows, size) of the widest output. */
  spare,
  /** Room for a gradient that is added to another: as many numbers as the largest shared weights. */
  twin,
  /** Not 0 while targets are upstream gradients: dJ/dpost of the outputs, for a cost J that the caller computes. */
  upstream,
  /** The layer record and the index of the value that a status speaks of. */
  faultLayer,
  faultIndex,
  words,
}

export const enum RunWord {
  /** Pointer of the first parameter, pointer of its gradient, how many: whole lanes. */
  values,
  gradients,
  count,
  /** Pointer of the record of the one block that it is; 0 for plain descent, whose runs join neighbouring small blocks. */
  block,
  /** Pointer of the synapse record whose weights it is; 0 where it is more than that, or less. */
  synapse,
  words,
}

/** What an optimizer knows of a block of parameters: a bias, a matrix of weights. float64 each. */
export const enum BlockWord {
  /** Steps that reached it. */
  steps,
  stepsHigh,
  /** nadam's product of its momenta over those steps. */
  product,
  productHigh,
  words,
}

/** An optimizer. float64 down to `drift`; the options' names are those of src/optimizer.ts. */
export const enum OptimizerWord {
  /** Steps made. */
  steps,
  stepsHigh,
  /** Of the next step, unless there is a schedule; of the last step. */
  rate,
  rateHigh,
  /** A bound of the moments, or Infinity where none is known: see graph/update.ts. */
  reach,
  reachHigh,
  weightDecay,
  weightDecayHigh,
  /** Infinity where there is none. */
  clipNorm,
  clipNormHigh,
  clipValue,
  clipValueHigh,
  /** The share of the moment that stays: of gradients (sgd's and rmsprop's momentum, too), and of their squares. */
  beta1,
  beta1High,
  beta2,
  beta2High,
  epsilon,
  epsilonHigh,
  /** nadam's momentumDecay. */
  drift,
  driftHigh,
  /** Place in the table of rule/sweep.ts. */
  kind,
  /** sgd: nesterov. */
  flag,
  /** Not 0 for plain descent: p - rate · g, and nothing else. */
  plain,
  /** Bytes from a parameter to its moment; 0 where the optimizer has none of that name. */
  mean,
  square,
  momentum,
  words,
}

/** A schedule of rates; its record stands behind its optimizer's. float64 down to `finalDivisor`. */
export const enum ScheduleWord {
  rate,
  rateHigh,
  warmup,
  warmupHigh,
  /** Steps: of an interval (`every`), or of a cycle (`steps`). */
  span,
  spanHigh,
  /** By which the rate changes; cosine: the cycles' growth. */
  factor,
  factorHigh,
  floor,
  floorHigh,
  restarts,
  restartsHigh,
  start,
  startHigh,
  divisor,
  divisorHigh,
  finalDivisor,
  finalDivisorHigh,
  /** Place in the table of rule/schedule.ts. */
  kind,
  words,
}

/** Whether one sample of a pass is so little work that it has a faster way. */
export const enum Small {
  no,
  /** graph/single.ts */
  yes,
  /** graph/chain.ts: inputs, hidden sigmoid units and one sigmoid unit with entropy or mse, in a row. */
  chain,
}

/** A layer is small where at most so many weights come into it: graph/single.ts walks each strip of columns at once. */
export const enum SmallLayer {
  weights = 4096,
}

export const enum FeedWord {
  /** Where a batch's rows go, in the layer's record: the address of its `given`, `target` or `emphasis` word. */
  word,
  /** (all rows, size) */
  source,
  /** Bytes of a row. */
  bytes,
  words,
}

/** A matrix of at least so many weights is a run of its own: it may take its step faster than with its neighbours. */
export const enum Alone {
  weights = 4096,
}

/** Sums over samples go in blocks of this many, joined by a pairwise tree. */
export const enum Block {
  samples = 128,
}

/** The streams of the random generator: the second word of its key. */
export const enum Stream {
  weights,
  shuffle,
  noise,
}

/** Ways to draw the weights that a synapse starts with, and what their two numbers are. */
export const enum Start {
  /** Between the first and the second. */
  uniform,
  /** Mean, standard deviation. */
  normal,
  /** Orthonormal rows or columns, times the first. */
  orthogonal,
}
