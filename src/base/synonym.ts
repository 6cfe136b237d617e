// Names of other libraries (brain.js, synaptic, neataptic, Keras, PyTorch, scikit-learn) by their meaning here, and options
// that belong to another call. Refusals look names up here and show the name or form that does the same.

/** For each name here, names in other libraries, in lower case and without separators. */
const elsewhere: Readonly<Record<string, string>> = {
  // activations
  linear: "identity none passthrough id nil noactivation",
  sigmoid: "logistic logsig sigm expit logsigmoid squash binarysigmoid step hlim heaviside binarystep",
  tanh: "tansig hyperbolictangent bipolarsigmoid hardtanh sign bipolar",
  relu: "relu6 rectifier rectifiedlinear rectifiedlinearunit ramp thresholdedrelu",
  leakyRelu: "lrelu prelu rrelu parametricrelu",
  elu: "celu exponentiallinear",
  gelu: "gelunew geluapproximate gelutanh quickgelu geglu",
  silu: "swish swish1 hardswish hardsilu sil",
  softsign: "elliot",
  softmax: "logsoftmax softmin gumbelsoftmax sparsemax multinomial",
  exp: "exponential",
  sin: "sine sinusoid siren",
  slope: "alpha negativeslope leak leakyrelualpha leakiness",
  alpha: "rho a",
  // losses
  entropy:
    "binarycrossentropy bce bceloss bcewithlogits bcewithlogitsloss binarycrossentropyloss sigmoidcrossentropy sigmoidcrossentropywithlogits logloss binarylogloss logistic logisticloss binary binaryentropy",
  crossEntropy:
    "categoricalcrossentropy sparsecategoricalcrossentropy cce scce cel ce xent crossentropyloss softmaxcrossentropy softmaxcrossentropywithlogits sparsesoftmaxcrossentropy nll nllloss negativeloglikelihood multiclasslogloss categorical softmaxloss",
  mse: "meansquarederror meansquarederrorloss squarederror squaredloss mseloss l2 l2loss quadratic sse rmse meansquared leastsquares msle",
  mae: "meanabsoluteerror absoluteerror absolutedifference l1 l1loss mad meanabsolute meanabsolutedeviation",
  huber: "smoothl1 smoothl1loss huberloss",
  logCosh: "logcosherror logcoshloss",
  hinge: "hingeloss categoricalhinge squaredhinge svm marginloss",
  kl: "kld kldiv kldivloss kldivergence klloss kullbackleibler kullbackleiblerdivergence relativeentropy",
  poisson: "poissonnll poissonnllloss poissonloss poissondeviance",
  smoothing: "labelsmoothing",
  delta: "beta threshold",
  // optimizers
  sgd: "gradientdescent gd vanilla stochasticgradientdescent batchgradientdescent momentum nesterov nag backprop backpropagation",
  rmsprop: "adadelta rprop irprop irpropplus",
  adagrad: "ftrl",
  adam: "adamax amsgrad radam lbfgs ranger adabelief",
  adamw: "adamweightdecay lamb",
  nesterov: "usenesterov nesterovmomentum nesterovsmomentum",
  epsilon: "eps fuzz",
  beta1: "betas b1",
  beta2: "betas b2",
  weightDecay: "decoupledweightdecay wd",
  clipNorm:
    "gradientclip gradclip clipgrad clipgradnorm maxgradnorm gradientclipping globalclipnorm gradientclipnorm",
  clipValue: "clipgradvalue gradientclipvalue",
  // schedules; their steps and factors come before rates
  every: "stepsize decayevery interval decaysteps milestones",
  rate: "learningrate lr eta stepsize alpha learnrate learningratevalue learningrateinit initiallearningrate initiallr baselr maxlr maxrate lrate lrschedule learningrateschedule schedule scheduler ratepolicy lrscheduler",
  constant: "fixed constantlr none constantschedule ones one",
  step: "steplr stepdecay multistep multisteplr piecewise piecewiseconstant",
  exponential: "exp exponentiallr exponentialdecay inv inversetimedecay",
  cosine:
    "cosineannealing cosineannealinglr cosinedecay cosinedecayrestarts cosineannealingwarmrestarts sgdr cos",
  oneCycle: "onecyclelr 1cycle superconvergence",
  reduceOnPlateau: "reducelronplateau plateau",
  factor: "gamma decayrate decay lrdecay",
  steps:
    "tmax totalsteps maxsteps numsteps period firstdecaysteps t0 decaysteps timesteps timestep lengths seqlen seqlens seqlength sequencelength sequencelengths",
  floor: "etamin minlr minimum endlearningrate",
  minRate: "minlr minlearningrate etamin",
  warmup: "warmupsteps numwarmupsteps",
  growth: "tmult",
  start: "pctstart",
  divisor: "divfactor",
  finalDivisor: "finaldivfactor",
  // initial weights
  uniform: "randomuniform random rand randomuniforminitializer",
  normal: "randomnormal truncatednormal gaussian randn",
  glorot: "xavier glorotuniform xavieruniform",
  glorotNormal: "xaviernormal",
  he: "kaiming kaiminguniform heuniform msra variancescaling",
  heNormal: "kaimingnormal",
  lecun: "lecununiform",
  zeros: "zero",
  low: "min minval a minimum",
  high: "max maxval b maximum",
  deviation: "std stddev sigma scale standarddeviation",
  mean: "mu loc",
  gain: "gain scale",
  value: "val c constant",
  // metrics
  accuracy:
    "acc binaryaccuracy categoricalaccuracy sparsecategoricalaccuracy balancedaccuracy score accuracyscore",
  topK: "top5 top1 top3 topkaccuracy topkcategoricalaccuracy sparsetopkcategoricalaccuracy topkaccuracyscore",
  r2: "r2score rsquared rsquare determination coefficientofdetermination explainedvariance",
  precision: "ppv positivepredictivevalue precisionscore dtype floatx",
  recall: "sensitivity tpr truepositiverate recallscore hitrate",
  f1: "f1score fscore fmeasure fbeta dice",
  auc: "rocauc aucroc auroc roc rocaucscore areaundercurve",
  confusion: "confusionmatrix matrix cm",
  float32: "f32 fp32 single float half float16 bfloat16 fp16",
  float64: "f64 fp64 double number",
  // scalers
  standard: "standardize standardscaler zscore normalize normal meanstd",
  minmax: "minmaxscaler range unit",
  // layers
  size: "units neurons nodes width dim outputdim outfeatures features length count n shape numunits outputsize hiddensize",
  activation: "act activationfunction squash transfer transferfunction nonlinearity activationfn",
  loss: "lossfunction lossfn cost costfunction objective criterion errorfunction",
  dropout: "dropoutrate dropoutprobability droprate drop pdropout recurrentdropout variationaldropout",
  norm: "layernorm layernormalization normalization batchnorm batchnormalization normalize groupnorm groupnormalization instancenorm",
  classes: "vocab vocabsize vocabulary vocabularysize numclasses nclasses numembeddings categories",
  bias: "usebias biases biasinitializer b hasbias",
  join: "merge mergemode combine aggregation",
  product: "multiply mul prod hadamard",
  initial: "initialstate h0 hx statefulinit initialvalue learninitialstate",
  frozen: "freeze frozenlayer trainable requiresgrad learnable locked",
  weight: "lossweight lossweights lossscale",
  // synapses
  init: "kernelinitializer initializer weightinit weightsinit initialweights weightinitializer weights w values kernel kernelinit",
  l1: "l1regularization l1penalty lasso l1decay",
  l2: "kernelregularizer regularizer regularization regularizers l2regularization l2penalty lambda ridge l2decay",
  maxNorm: "kernelconstraint constraint maxnormconstraint weightconstraint",
  delay: "lag timedelay timelag steplag",
  at: "returnsequences returnsequence returnlast lastonly",
  oneToOne: "diagonal elementwise diag",
  dense: "flatten reshape linear fullyconnected fc matmul",
  identity: "add residual skip shortcut",
  share: "shared tied tie sharedwith weightsharing tiedto",
  kind: "type mode",
  conv: "conv1d conv2d convolution convolution1d convolution2d cnn convolutional depthwise depthwiseconv2d separableconv2d",
  convTranspose:
    "conv2dtranspose conv1dtranspose convtranspose2d convtranspose1d deconv deconvolution transposedconv upconv",
  averagePool:
    "avgpool averagepooling averagepooling2d avgpool2d averagepool2d globalaveragepool globalaveragepooling2d meanpool",
  maxPool:
    "maxpooling maxpooling2d maxpool2d maxpooling1d maxpool1d pool pooling globalmaxpool globalmaxpooling2d",
  upsample: "upsampling upsampling2d upsampling1d resize nearest repeat",
  sparse: "pruned masked",
  gather: "index permute select flip crop take",
  embedding: "embed lookup table onehot",
  kernel: "kernelsize poolsize filtersize ksize window windowsize receptivefield",
  stride: "strides step steps subsample",
  dilation: "dilationrate dilations atrous",
  padding: "pad pads autopad paddingmode",
  groups: "group depthmultiplier featuregroupcount",
  countPadding: "countincludepad",
  connections: "pairs edges indices wiring coordinates",
  density: "sparsity connectivity fraction share",
  matrix: "mask adjacency adjacencymatrix",
  filters: "outchannels numfilters nfilters channels dataformat outputpadding outputshape ceilmode",
  concat: "concatenate cat",
  group: "instance instancenorm",
  layer: "layernorm layernormalization",
  name: "label id title key",
  // cells
  gate: "recurrentactivation gateactivation inneractivation",
  backward: "gobackwards reverse reversed bidirectional bidir",
  peephole: "peepholes usepeepholes",
  forgetBias: "unitforgetbias",
  reset: "resetafter linearbeforereset",
  recurrentInit: "recurrentinitializer recurrentinit innerinit",
  // graphs
  seed: "randomseed randomstate rng random",
  optimizer: "optimiser solver updater trainer algorithm trainingmethod optim",
  inputs: "input inputsize inputlayer inputshape inputdim infeatures inputnodes",
  hidden: "hiddenlayers layers hiddenlayersizes hiddensizes hiddenlayer",
  outputs: "output outputsize outputlayer outputnodes outputnames",
  synapses: "connections edges links connectionlist",
  // fit
  epochs:
    "iterations epoch nepochs numepochs maxiter maxiterations niter maxepochs repeats iter nbepoch numiterations",
  batchSize: "batch minibatch minibatchsize batchsz bs",
  shuffle: "randomize shuffledata shuffling",
  validation:
    "validationsplit validationdata valdata validationfraction validationset testsize val crossvalidate evalset validationratio testdata",
  metrics: "metric scoring evalmetric",
  signal: "abort abortsignal abortcontroller cancel",
  patience: "earlystopping earlystop niternochange errorcheckinterval stopearly tol tolerance esrounds",
  errorThresh: "errorthreshold error targeterror minerror maxerror",
  minDelta: "mindelta threshold mindifference minimprovement",
  restoreBest: "restorebestweights savebest savebestonly keepbest loadbest",
  timeLimit: "timeout maxtime timebudget maxseconds",
  stepsPerEpoch: "batchesperepoch limittrainbatches",
  window:
    "truncation truncate bptt tbptt bpttsteps tbpttlength unroll truncatedsteps seqlen seqlength sequencelength",
  carry: "stateful keepstate carrystate",
  state: "stateful initialstate hiddenstate h0 hx",
  scale: "normalizedata scaler scalers standardize normalizer preprocessing",
  onBatch: "onbatchend onbatchbegin batchend ontrainbatchend",
  onEpoch:
    "callback callbacks callbackperiod log logperiod verbose onepochend epochend progress onprogress every debug loginterval schedule logger",
  checkpoint: "modelcheckpoint savecheckpoint checkpoints",
  resume: "initialepoch resumefrom warmstart checkpointpath keepnetworkintact",
  monitor: "watch earlystoppingmonitor",
  // data
  sampleWeights: "sampleweight classweight classweights weights importance exampleweights",
  mask: "masks masking",
  xs: "x inputs input features data trainx xtrain samples",
  ts: "y ys targets target labels outputs output trainy ytrain label expected",
  k: "n top",
};

const fit = (option: string) => `graph.fit({ xs, ts }, { ${option} })`;
const layer = (option: string) => `hidden: { h: { size: 8, ${option} } }`;
const synapse = (option: string) => `synapses: [["x", "h", { ${option} }]]`;
const sgd = (option: string) => `optimizer: { name: "sgd", ${option} }`;
const adam = (option: string) => `optimizer: { name: "adam", ${option} }`;

/** For each option, an example of the call that has it. */
const forms: Readonly<Record<string, string>> = {
  rate: sgd("rate: 0.1"),
  momentum: sgd("rate: 0.1, momentum: 0.9"),
  nesterov: sgd("momentum: 0.9, nesterov: true"),
  weightDecay: 'optimizer: { name: "adamw", weightDecay: 0.01 }',
  clipNorm: adam("clipNorm: 1"),
  clipValue: adam("clipValue: 0.5"),
  beta1: adam("beta1: 0.9"),
  beta2: adam("beta2: 0.999"),
  epsilon: adam("epsilon: 1e-8"),
  warmup: 'graph.rate = { name: "cosine", rate: 0.1, steps: 1000, warmup: 100 }',
  mse: "evaluate(xs, ts).outputs.y.cost",
  size: "addHidden(name, size)",
  activation: layer('activation: "relu"'),
  loss: 'outputs: { y: { size: 1, activation: "sigmoid", loss: "entropy" } }',
  dropout: layer("dropout: 0.5"),
  norm: layer('norm: "layer"'),
  bias: layer("bias: false"),
  frozen: layer("frozen: true"),
  join: layer('join: "product"'),
  initial: layer("initial: true"),
  time: "inputs: { x: { size: 2, time: false } }",
  init: synapse('init: "he"'),
  l1: synapse("l1: 1e-5"),
  l2: synapse("l2: 1e-4"),
  maxNorm: synapse("maxNorm: 3"),
  delay: 'synapses: [["h", "h", { delay: 1 }]]',
  at: 'synapses: [["h", "y", { at: "last" }]]',
  classes: "inputs: { x: { size: 4, classes: 1000 } }",
  kernel: synapse('kind: "conv", kernel: 5'),
  kind: synapse('kind: "conv", kernel: 5'),
  filters: "hidden: { h: [height, width, channels] }",
  concat: 'synapses: [["a", "h"], ["b", "h"]]',
  causal: "padding: [[kernel - 1, 0]]",
  oneToOne: synapse('kind: "oneToOne"'),
  slope: layer('activation: { name: "leakyRelu", slope: 0.01 }'),
  identity: synapse('kind: "identity"'),
  ones: 'init: { name: "constant", value: 1 }',
  one: 'init: { name: "constant", value: 1 }',
  seed: "new Graph({ seed: 7 })",
  precision: 'new Graph({ precision: "float32" })',
  optimizer: 'graph.optimizer = "adam"',
  inputs: "new Graph({ inputs: { x: 2 } })",
  hidden: "new Graph({ hidden: { h: 8 } })",
  outputs: 'predict(xs, { outputs: ["y"] })',
  synapses: 'new Graph({ synapses: [["x", "y"]] })',
  epochs: fit("epochs: 100"),
  batchSize: fit("batchSize: 32"),
  shuffle: fit("shuffle: false"),
  validation: fit("validation: 0.2"),
  metrics: fit('metrics: ["accuracy"]'),
  signal: fit("signal: controller.signal"),
  patience: fit("validation: 0.2, patience: 10"),
  errorThresh:
    "for await (const { cost } of graph.fit({ xs, ts }, { epochs: 1000 })) if (cost < 0.005) break",
  restoreBest: fit("validation: 0.2, restoreBest: true"),
  timeLimit: fit("timeLimit: 60"),
  stepsPerEpoch: fit("stepsPerEpoch: 100"),
  window: fit("window: 64"),
  carry: fit("shuffle: false, carry: true"),
  scale: fit('scale: { x: "standard" }'),
  onBatch: fit("onBatch: (progress) => {}"),
  onEpoch: fit("onEpoch: ({ epoch, cost }) => console.log(epoch, cost)"),
  checkpoint: fit("checkpoint: { save }"),
  resume: fit("resume: checkpoint"),
  sampleWeights: "graph.fit({ xs, ts, sampleWeights })",
  mask: "graph.fit({ xs, ts, mask })",
  steps: "graph.fit({ xs, ts, steps })",
  state: "graph.predict(xs, { state })",
  xs: fit("epochs: 100"),
  ts: fit("epochs: 100"),
};

/** Returns a name in lower case and without separators. */
function key(name: string): string {
  return name.toLowerCase().replace(/[\s_.-]/g, "");
}

let index: Map<string, string[]> | undefined;

/** Returns the index of the table: for each name elsewhere the names here, in the order of the table. */
function byName(): Map<string, string[]> {
  if (index !== undefined) return index;
  index = new Map();
  for (const [name, others] of Object.entries(elsewhere)) {
    for (const other of others.split(" ")) {
      if (!index.get(other)?.push(name)) index.set(other, [name]);
    }
  }
  return index;
}

/**
 * Returns the known name that a name means: the same but for its spelling, or its synonym in another library. If no known
 * name is meant, returns the form of the call that has such an option, if there is one.
 */
export function meaning(name: string, known: readonly string[]): { name?: string; form?: string } {
  const wanted = key(name);
  const same = known.find((one) => key(one) === wanted);
  if (same !== undefined) return { name: same };
  const meant = byName().get(wanted) ?? [];
  const found = meant.find((one) => known.includes(one));
  if (found !== undefined) return { name: found };
  const own = Object.keys(forms).find((one) => key(one) === wanted);
  const form = [...(own === undefined ? [] : [own]), ...meant].find((one) => Object.hasOwn(forms, one));
  return form === undefined ? {} : { form: forms[form]! };
}
