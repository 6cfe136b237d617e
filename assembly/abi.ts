// The boundary's constants, imported by the core and by src/core.ts, so that none is written twice.
// A record is a run of 32-bit words in the core's memory; an enum of words gives each word's place in it.
// A pointer is a byte address. `graph/record.ts` reads the same records as classes.

/** Bytes of a number. */
export const enum Precision {
  float32 = 4,
  float64 = 8,
}

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
  /** A parameter would not be finite after the update (as after any gradient that is not). */
  update,
}

export const enum LayerWord {
  /** 64 bits each: the pass that computed the layer, the pass that has a target for it. */
  stamp,
  stampHigh,
  aim,
  aimHigh,
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
  words,
}

export const enum SynapseWord {
  /** Pointers of layer records. */
  from,
  to,
  /** (size of from, size of to) */
  weights,
  dweights,
  words,
}

export const enum PassWord {
  precision,
  /** Pointers of layer records, each after the layers that it hears from. */
  layers,
  layerCount,
  /** Pointers of layer records: the outputs that are asked for. */
  outputs,
  outputCount,
  /** Runs of parameters that lead to the outputs: pointer of the first, pointer of its gradient, how many. */
  runs,
  runCount,
  /** float64 (rows): the cost of each sample. */
  costs,
  /** Partial sums over blocks of samples. */
  scratch,
  /** float64 (outputs): the cost of each output. */
  outputCosts,
  /** Not 0 where one sample is so little work that graph/single.ts does it faster. */
  small,
  /** The layer record and the index of the value that a status speaks of. */
  faultLayer,
  faultIndex,
  words,
}

export const enum FeedWord {
  /** Where a batch's rows go, in the layer's record: the address of its `given` or `target` word. */
  word,
  /** (all rows, size) */
  source,
  /** Bytes of a row. */
  bytes,
  words,
}

/** Sums over samples go in blocks of this many, joined by a pairwise tree. */
export const enum Block {
  samples = 128,
}

/** The streams of the random generator: the second word of its key. */
export const enum Stream {
  weights,
  shuffle,
}
