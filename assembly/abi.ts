// The boundary's constants, imported by the core and by src/, so that none is written twice.
// A record is a run of 32-bit words in the core's memory; an enum of words lists their places in it.
// A pointer is a byte address. `record.ts` reads the same records as classes, which a spec compares word by word.

/** Result of a check, or the reason for a refused step. Where it is not `ok`, the pass record says where. */
export const enum Status {
  ok,
  /** An input value is not finite. */
  input,
  /** A target is not finite. */
  target,
  /** A target lies outside [0, 1]. */
  range,
  /** The cost is not finite. */
  cost,
  /** A parameter or a moment would not be finite after the update, because a gradient is not finite or too large. */
  update,
}

export const enum LayerWord {
  /** 64 bits: number of the last pass that computed the layer. */
  stamp,
  stampHigh,
  /** 64 bits: number of the last pass that has targets for it. */
  targetStamp,
  targetStampHigh,
  /** float64: parameter of the activation, such as leakyRelu's slope; 0 where it has none. */
  activationParameter,
  activationParameterHigh,
  /** float64: parameter of the loss, such as huber's delta; 0 where it has none. */
  lossParameter,
  lossParameterHigh,
  /** float64: weight of an output's cost in the whole cost. */
  weight,
  weightHigh,
  /** float64: probability that a training pass drops a unit. */
  dropout,
  dropoutHigh,
  size,
  /** An `ActivationKind`. */
  activation,
  /** A `LossKind`. */
  loss,
  /** 1 for an input. */
  isInput,
  /** (biases): one for each channel of a shape, or one for each unit. */
  bias,
  /** (biases) */
  dbias,
  /** (rows, size): values of an input. */
  input,
  /** (rows, size): targets of an output. */
  target,
  /** (rows, size) */
  pre,
  /** (rows, size); where the activation is linear, `pre` itself. */
  post,
  /** (rows, size): gradient by `post`, then by `pre`, then by the sum before a norm. */
  delta,
  /** Pointers of synapse records, and their number. */
  incoming,
  incomings,
  outgoing,
  outgoings,
  /** Not 0 where targets must lie in [0, 1]. */
  bounded,
  /** Index in the order of creation. */
  place,
  /** `LayerFlag`s. */
  flags,
  /** (biases) each: gain of a norm, and its gradient; 0 without a norm. */
  gain,
  dgain,
  /** (rows, size): normalized sums, before gain and bias; after backward, in the first row, the sums of `delta` over samples. */
  normalized,
  /** (rows, groups): 1 / standard deviation of the sums of each of the norm's groups. */
  rstd,
  /**
   * (rows, size): values that the targets of its synapses read: `post`, or `droppedPost` in a training pass. Set by each pass.
   */
  output,
  /** (rows, size), with dropout only: 0 or 1 / (1 - dropout). */
  dropoutMask,
  /** (rows, size), with dropout only: `post` times `dropoutMask`. */
  droppedPost,
  /** (rows, size): weight of each unit of each sample in an output's cost; 0 where all weigh 1. */
  lossWeights,
  /** A `Join`. */
  join,
  /** 1 for a layer with time: one row for each step of each sample. */
  timed,
  /** Number of layers in its loop, which lie one after another in a pass; 0 for a layer in no loop. */
  loop,
  /** 1 where the delays in its loop are negative. */
  reversed,
  /** Largest delay of its synapses: steps that a state remembers. */
  depth,
  /** (size) each: its values outside a sequence, and their gradient; 0 where they are zeros. */
  initial,
  dinitial,
  /**
   * Values before the first step, for layers with delayed synapses: (depth, samples, size) with a state, the last step first;
   * else (samples of a block, size), each row being `initial`.
   */
  past,
  /** (samples, size): gradient of the cost by `initial`, for each sample. */
  dpast,
  /** With a state a byte for each (depth, samples): 1 where `past` has a remembered value, 0 where it has `initial`. */
  begun,
  /** Not 0 where `initial` flows into the pass. Set by each pass. */
  flows,
  /** (rows, size), in a loop for a norm, or a product of more than two: gradient by `pre`, while `delta` has later ones. */
  dpre,
  /** Number of biases: units, or channels of a shape; and the positions that have each, size / biases. */
  biases,
  positions,
  /** Number of channels. A plain size is one position. */
  channels,
  /** Groups of a norm; 0 for a norm over all units of a plain size. */
  groups,
  /** Units that softmax and losses on it see as a row: the channels of a position; for other activations all units. */
  mixed,
  /** (size): sums of `delta` over samples, where a linear input's bias needs them and `dbias` has others; else 0. */
  sums,
  words,
}

/** Ways to join the values of incoming synapses. */
export const enum Join {
  sum,
  product,
  count,
}

export const enum LayerFlag {
  /** Bias and gain don't learn. */
  frozen = 1,
  /** The sums of its gradient over samples are needed, frozen or not: the bias gradient of a linear input follows from them. */
  sumsNeeded = 2,
  /** Neither it nor any layer before it learns, so it needs no gradient. */
  noGradient = 4,
  /** It has no bias. */
  unbiased = 8,
}

export const enum SynapseWord {
  /** 64 bits: number of the last pass that computed a gradient for the weights; 0 where the last pass skipped it. */
  stamp,
  stampHigh,
  /** float64: coefficients of Σ |w| and of Σ w² in the cost; 0 without a penalty. */
  l1,
  l1High,
  l2,
  l2High,
  /** float64: largest norm of a column; 0 without a bound. */
  maxNorm,
  maxNormHigh,
  /** Pointers of layer records. */
  from,
  to,
  /** (size of from, size of to) */
  weights,
  dweights,
  /** A `SynapseKind`. */
  kind,
  /** Not 0 where the weights don't learn. */
  frozen,
  /** Pointer of the synapse whose weights these are; 0 where they are its own. */
  owner,
  /** Not 0 where other synapses use its weights. */
  shared,
  /** Steps from the source's step to the target's; negative for later steps of the source. */
  delay,
  /** A `Step`. */
  at,
  /** 1 where both ends are layers of one loop. */
  inside,
  /** 1 where each row of the source goes to the same row of the target. */
  aligned,
  /** (rows, size of to), for a factor of a product with weights: its value. */
  factor,
  /** (rows, size of to), for a factor of a product: the gradient by its value. */
  dfactor,
  /** Rows and columns of the weights: all axes of their shape but the last, and the last; 0 for a kind without weights. */
  rows,
  columns,
  /** Pointer of the map's facts: a `WindowWord` or `PatternWord` record, or the units of a gather; 0 for other kinds. */
  map,
  /** Workspace of the map, which all synapses of a graph share. */
  room,
  words,
}

/** The window of a map between a larger grid and a smaller one. A grid of one dimension has height 1. */
export const enum WindowWord {
  /** The larger grid: a conv's or a pool's source, the target of a convTranspose or an upsample. */
  bigHeight,
  bigWidth,
  bigChannels,
  smallHeight,
  smallWidth,
  smallChannels,
  kernelHeight,
  kernelWidth,
  strideHeight,
  strideWidth,
  dilationHeight,
  dilationWidth,
  /** Padding before the first row and the first column. */
  top,
  left,
  groups,
  /** Not 0 where an average counts cells of the padding. */
  countPadding,
  words,
}

/** The pattern of a sparse map, by source and by target. Lists are of u32. */
export const enum PatternWord {
  count,
  sources,
  targets,
  /** (sources + 1): the first connection of each source. Connections are sorted by source, then target. */
  starts,
  /** (count): target of each connection. */
  to,
  /** (targets + 1): the first place of each target in the lists `place` and `from`. */
  startsInto,
  /** (count): connections by target, then source. */
  place,
  /** (count): source of each of them. */
  from,
  words,
}

/** The step of its source that a synapse brings. */
export const enum Step {
  /** The target's own step, less the delay. */
  own,
  last,
  first,
  count,
}

/** Kinds of activation, in the order of `activations` in src/rules/activation.ts. rule/activation.ts has a row for each. */
export const enum ActivationKind {
  linear,
  sigmoid,
  tanh,
  relu,
  leakyRelu,
  elu,
  selu,
  gelu,
  silu,
  mish,
  softplus,
  softsign,
  hardSigmoid,
  softmax,
  exp,
  sin,
  count,
}

/** Kinds of loss, in the order of `losses` in src/rules/loss.ts. rule/loss.ts has a row for each. */
export const enum LossKind {
  entropy,
  crossEntropy,
  mse,
  mae,
  huber,
  logCosh,
  hinge,
  kl,
  poisson,
  count,
}

/** Kinds of optimizer, in the order of `optimizers` in src/rules/optimizer.ts. rule/sweep.ts has a row for each. */
export const enum OptimizerKind {
  sgd,
  rmsprop,
  adagrad,
  adam,
  adamw,
  nadam,
  lion,
  count,
}

/** Kinds of schedule, in the order of `schedules` in src/rules/schedule.ts. rule/schedule.ts computes all but the last. */
export const enum ScheduleKind {
  constant,
  step,
  exponential,
  cosine,
  oneCycle,
  /**
   * src/ writes the rate, step by step: it depends on the value that `fit` measures each epoch. Constant rates have this kind,
   * too.
   */
  reduceOnPlateau,
  count,
}

/** Kinds of synapse. link/ has a file for each, and link/table.ts a row. */
export const enum SynapseKind {
  dense,
  /** Equal sizes, no weights: adds the source to the target. */
  identity,
  /** Equal sizes, a weight for each unit: a diagonal matrix. */
  oneToOne,
  /** A weight for each pair of a list. */
  sparse,
  /** Windows of a grid times weights, the same at each position. */
  conv,
  /** The transpose of a conv from the target to the source. */
  convTranspose,
  /** Windows of a grid: their means, or their largest values. */
  averagePool,
  maxPool,
  /** Each position repeated. */
  upsample,
  /** The source unit that a list names. */
  gather,
  /** The row of a table that the source's number names. */
  embedding,
  count,
}

export const enum PassWord {
  /** Pointers of layer records, each after the sources of its synapses. */
  layers,
  layerCount,
  /** Pointers of the requested outputs' layer records. */
  outputs,
  outputCount,
  /** Runs of parameters that lead to the outputs: `RunWord`s one after the other. */
  runs,
  runCount,
  /** Pointer of the graph's optimizer record. */
  optimizer,
  /** float64 (rows): cost of each sample. */
  costs,
  /** Workspace: partial sums over blocks of samples. */
  partialSums,
  /** float64 (outputs): cost of each output. */
  outputCosts,
  /** A `Path`. */
  path,
  /** Pointers of synapse records that own weights of the pass: those with a penalty, those with a bound on their norms. */
  penalised,
  penalisedCount,
  limited,
  limitedCount,
  /** Pointer of the graph's 64-bit count of training steps with dropout; 0 where no layer drops units. */
  noise,
  /** The graph's seed. */
  seed,
  /** Workspace for weighted costs: (rows, size) float64 and (rows, size) numbers, size being that of the widest output. */
  weightedScratch,
  /** Workspace for a gradient that is added to another: as many numbers as the largest shared weights. */
  sharedGradient,
  /** Not 0 while targets are upstream gradients: dJ/dpost of the outputs, for a cost J that the caller computes. */
  upstream,
  /** Pointer of the layer record, and index of the value, where a status found its fault. */
  faultLayer,
  faultIndex,
  /** Pointer of the call's steps: `TimesWord`; 0 for a call without steps. */
  times,
  /** Not 0 where layers have the past of a state. */
  stateful,
  /** u32 (samples): index of each sample in the caller's order; 0 where that is the order. */
  order,
  words,
}

/**
 * The steps of a call's samples. Samples lie longest first, in blocks of `BLOCK_SAMPLES`. A block has its rows step by step: of
 * step t those of its samples that are longer than t. Behind the words lie, for each block and once more, the place of its
 * list, then the lists. A list has the first row of each step, and the row behind the last. Places count words of the record.
 */
export const enum TimesWord {
  /** Rows of all steps. */
  rows,
  /** Number of blocks. */
  blocks,
  words,
}

export const enum RunWord {
  /** Pointer of the first parameter, pointer of its gradient, number of parameters: whole lanes. */
  values,
  gradients,
  count,
  /** Pointer of the block's `BlockWord` record; 0 for plain descent, whose runs join neighbouring small blocks. */
  block,
  /** Pointer of the synapse record whose weights the run is; 0 where it is more or less than one synapse's weights. */
  synapse,
  /** Pointer of the layer record whose `initial` the run is: it takes part where that flows into the pass. Else 0. */
  initial,
  words,
}

/** State of the optimizer for one block of parameters, such as a bias or a weight matrix. float64 each. */
export const enum BlockWord {
  /** Steps that updated the block. */
  steps,
  stepsHigh,
  /** nadam's product of its momenta over those steps. */
  product,
  productHigh,
  words,
}

/** An optimizer. float64 down to `momentumDecay`; src/rules/optimizer.ts names the options. */
export const enum OptimizerWord {
  /** Steps made. */
  steps,
  stepsHigh,
  /** Rate of the next step, unless there is a schedule; rate of the last step. */
  rate,
  rateHigh,
  /** Bound of the moments, or Infinity where none is known: see pass/update.ts. */
  momentBound,
  momentBoundHigh,
  weightDecay,
  weightDecayHigh,
  /** Infinity where there is none. */
  clipNorm,
  clipNormHigh,
  clipValue,
  clipValueHigh,
  /** Decay factors of the moments: of gradients (momentum in sgd and rmsprop), and of their squares. */
  beta1,
  beta1High,
  beta2,
  beta2High,
  epsilon,
  epsilonHigh,
  momentumDecay,
  momentumDecayHigh,
  /** An `OptimizerKind`. */
  kind,
  /** sgd: nesterov. */
  flag,
  /** Not 0 for plain descent: p - rate · g, and nothing else. */
  plain,
  /** Distance in bytes from a parameter to its moment; 0 where the optimizer doesn't keep that moment. */
  mean,
  square,
  momentum,
  words,
}

/** A schedule of rates; its record lies behind its optimizer's. float64 down to `finalDivisor`. */
export const enum ScheduleWord {
  rate,
  rateHigh,
  warmup,
  warmupHigh,
  /** Steps of an interval (`every`) or of a cycle (`steps`). */
  period,
  periodHigh,
  /** Factor of the rate; cosine: growth of the cycles. */
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
  /** A `ScheduleKind`. */
  kind,
  words,
}

/** Way that a pass over one sample takes through the core. All return the same bits. */
export const enum Path {
  /** forward.ts, backward.ts and update.ts, for any graph and any number of samples. */
  general,
  /** pass/sample.ts, for small layers without norm, dropout, penalties, sharing or frozen parameters. */
  oneSample,
  /** pass/twolayer.ts, for a linear input, one hidden layer and one unit, with any activations and loss. */
  twoLayer,
}

/**
 * A layer is small if at most so many weights lead into it. pass/sample.ts computes such a layer in one loop over its columns.
 */
export const SMALL_LAYER_WEIGHTS = 4096;

/** A matrix of at least so many weights is a run of its own, so that it can be updated without storing its gradient. */
export const OWN_RUN_WEIGHTS = 4096;

/** Bytes that blocks of memory are rounded up to, and then have once more to spare. */
export const LANE = 16;

/** Sums over samples are computed in blocks of so many, joined by a pairwise tree. */
export const BLOCK_SAMPLES = 128;

/** Sums over parameters, likewise: of their penalties, and of the squares of gradients. */
export const BLOCK_NUMBERS = 4096;

export const enum FeedWord {
  /** Address of the `input`, `target` or `lossWeights` word of a layer's record, which points to where the batch's rows go. */
  word,
  /** (all rows, size) */
  source,
  /** Bytes of a row. */
  bytes,
  words,
}

/** Streams of the random generator: the second word of its key. */
export const enum Stream {
  weights,
  shuffle,
  noise,
  patterns,
}

/** Distributions of initial weights, and the meaning of their two numbers. */
export const enum Start {
  /** Lower bound, upper bound. */
  uniform,
  /** Mean, standard deviation. */
  normal,
  /** Orthonormal rows or columns, times the first number. */
  orthogonal,
}

/**
 * The words of a team of threads that several of them write, on lines of a cache of their own. Behind them lies a `TeamWord`
 * record, and then a `MemberWord` record for each thread.
 */
export const enum TeamLine {
  /** Number of the job, times 256, and the members at work; or `DISMISSED`. Members wait for the next. */
  job = 0,
  /** Chunk of work that is taken next. */
  ticket = 16,
  /** Members that have arrived at the meeting. */
  arrived = 32,
  /** Number of meetings. */
  meetings = 48,
  /** Not 0 where a step can't be made by the team; the leader then makes it alone. */
  fault = 64,
  /** The fault at the last meeting: all members must see the same until the next. */
  found = 80,
  /** Helpers that have taken a place. */
  helpers = 96,
  record = 112,
}

/** The job after which members return, and wait for nothing: the run has ended. */
export const DISMISSED = -1;

/** A team: its job, and where the network's records and the team's room lie. */
export const enum TeamWord {
  /** A `Job`. */
  kind,
  /** The pass, its samples, the members at work, and the stamp of the first step. */
  pass,
  samples,
  size,
  stamp,
  stampHigh,
  /** Of `Job.batches`: as the arguments of `batches`. */
  feeds,
  feedCount,
  order,
  batch,
  from,
  to,
  sums,
  /** Records of the network: its layers, its synapses, and the lists behind one another. */
  layers,
  layerCount,
  synapses,
  synapseCount,
  lists,
  /** float64 each: costs of the rows of each output, sums of blocks of parameters, and the whole cost. */
  costs,
  blocks,
  total,
  /** Partial gradients of pieces of samples. */
  pieces,
  /** Pages of the memory. */
  pages,
  /** Not 0 to wait at random before each chunk, in tests: seed of the delays. */
  delays,
  words,
}

/** A thread of a team. */
export const enum MemberWord {
  /** Bytes from the first instance's workspace to its own. */
  away,
  /** Copies of a pass's records: for its part of the samples, and for sums over all. */
  part,
  whole,
  /** Workspaces as in `PassWord` and `SynapseWord`. */
  room,
  partialSums,
  sharedGradient,
  /** float64 (layers, 3): bounds of outputs, of deltas and of pres in its parts. */
  bounds,
  /** float64: bound of gradients. */
  slopes,
  /** Memory for the matrices of a part with steps. */
  arena,
  /** 1 once the thread has joined. */
  joined,
  words,
}

/** Jobs of a team. */
export const enum Job {
  /** Steps over batches of resident data. */
  batches,
  /** One step. */
  train,
  /** Outputs. */
  predict,
}
