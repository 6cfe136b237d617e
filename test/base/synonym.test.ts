// Names of other libraries, and options in the wrong place: each refusal shows what does the same here.

import { Graph } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { activations } from "../../src/rules/activation.js";
import { inits } from "../../src/rules/init.js";
import { losses } from "../../src/rules/loss.js";
import { metrics } from "../../src/rules/metric.js";
import { optimizers } from "../../src/rules/optimizer.js";
import { schedules } from "../../src/rules/schedule.js";
import { type AnyGraph, everything, refusal, rejection, wrong } from "../support/helpers.js";

const make = (): AnyGraph =>
  new Graph({ seed: 1, inputs: { x: 2 }, hidden: { h: 3 }, outputs: { y: 1 }, synapses: [["x", "h"], ["h", "y"]] }); // biome-ignore format: a list
const data = { xs: { x: [0, 1] }, ts: { y: [1] } };

/** A name elsewhere, and the name here. */
type Rows = readonly (readonly [there: string, here: string])[];
const vocabularies: Readonly<
  Record<string, readonly [use: (graph: AnyGraph, name: string) => unknown, rows: Rows]>
> = {
  activation: [
    (g, name) => g.addHidden("new", 2, wrong(name)),
    [
      ["swish", "silu"],
      ["Swish", "silu"],
      ["SiLU", "silu"],
      ["hard_swish", "silu"],
      ["leaky_relu", "leakyRelu"],
      ["LeakyReLU", "leakyRelu"],
      ["leaky-relu", "leakyRelu"],
      ["leakyrelu", "leakyRelu"],
      ["prelu", "leakyRelu"],
      ["relu6", "relu"],
      ["ReLU", "relu"],
      ["RELU", "relu"],
      ["hard_sigmoid", "hardSigmoid"],
      ["HardSigmoid", "hardSigmoid"],
      ["logistic", "sigmoid"],
      ["LOGISTIC", "sigmoid"],
      ["Sigmoid", "sigmoid"],
      ["identity", "linear"],
      ["none", "linear"],
      ["IDENTITY", "linear"],
      ["TANH", "tanh"],
      ["log_softmax", "softmax"],
      ["exponential", "exp"],
      ["gelu_new", "gelu"],
      ["soft_plus", "softplus"],
      ["sine", "sin"],
      ["celu", "elu"],
    ],
  ],
  loss: [
    (g, name) => g.addOutput("new", 2, "softmax", wrong(name)),
    [
      ["binaryCrossentropy", "entropy"],
      ["binary_crossentropy", "entropy"],
      ["bce", "entropy"],
      ["BCELoss", "entropy"],
      ["BCEWithLogitsLoss", "entropy"],
      ["log_loss", "entropy"],
      ["categoricalCrossentropy", "crossEntropy"],
      ["categorical_crossentropy", "crossEntropy"],
      ["sparseCategoricalCrossentropy", "crossEntropy"],
      ["CrossEntropyLoss", "crossEntropy"],
      ["cross_entropy", "crossEntropy"],
      ["CROSS_ENTROPY", "crossEntropy"],
      ["crossentropy", "crossEntropy"],
      ["nll_loss", "crossEntropy"],
      ["meanSquaredError", "mse"],
      ["mean_squared_error", "mse"],
      ["MSE", "mse"],
      ["MSELoss", "mse"],
      ["squared_error", "mse"],
      ["l2", "mse"],
      ["rmse", "mse"],
      ["meanAbsoluteError", "mae"],
      ["L1Loss", "mae"],
      ["l1", "mae"],
      ["absolute_error", "mae"],
      ["smooth_l1", "huber"],
      ["log_cosh", "logCosh"],
      ["KLDivLoss", "kl"],
      ["kullbackLeiblerDivergence", "kl"],
      ["categoricalHinge", "hinge"],
      ["PoissonNLLLoss", "poisson"],
    ],
  ],
  optimizer: [
    (g, name) => (g.optimizer = wrong({ name })),
    [
      ["SGD", "sgd"],
      ["Adam", "adam"],
      ["RMSProp", "rmsprop"],
      ["RMSprop", "rmsprop"],
      ["rms_prop", "rmsprop"],
      ["AdamW", "adamw"],
      ["Nadam", "nadam"],
      ["AdaGrad", "adagrad"],
      ["momentum", "sgd"],
      ["nesterov", "sgd"],
      ["gradientDescent", "sgd"],
      ["adadelta", "rmsprop"],
      ["adamax", "adam"],
      ["lbfgs", "adam"],
    ],
  ],
  "optimizer by name alone": [
    (g, name) => (g.optimizer = wrong(name)),
    [
      ["SGD", "sgd"],
      ["momentum", "sgd"],
      ["RMSProp", "rmsprop"],
    ],
  ],
  schedule: [
    (g, name) => (g.rate = wrong({ name, rate: 0.1 })),
    [
      ["CosineAnnealingLR", "cosine"],
      ["cosineDecay", "cosine"],
      ["StepLR", "step"],
      ["ExponentialLR", "exponential"],
      ["exponentialDecay", "exponential"],
      ["OneCycleLR", "oneCycle"],
      ["one_cycle", "oneCycle"],
      ["ReduceLROnPlateau", "reduceOnPlateau"],
      ["FIXED", "constant"],
    ],
  ],
  init: [
    (g, name) => g.connect("x", "y", { init: wrong(name) }),
    [
      ["xavier", "glorot"],
      ["glorotUniform", "glorot"],
      ["glorot_uniform", "glorot"],
      ["XavierUniform", "glorot"],
      ["glorot_normal", "glorotNormal"],
      ["xavier_normal", "glorotNormal"],
      ["kaiming", "he"],
      ["heUniform", "he"],
      ["kaimingNormal", "heNormal"],
      ["he_normal", "heNormal"],
      ["leCunUniform", "lecun"],
      ["truncatedNormal", "normal"],
      ["randomNormal", "normal"],
      ["randomUniform", "uniform"],
      ["random", "uniform"],
      ["zero", "zeros"],
      ["ones", "constant"],
      ["Orthogonal", "orthogonal"],
    ],
  ],
  metric: [
    (g, name) => g.evaluate(data.xs, data.ts, { metrics: [wrong(name)] }),
    [
      ["acc", "accuracy"],
      ["Accuracy", "accuracy"],
      ["binaryAccuracy", "accuracy"],
      ["categorical_accuracy", "accuracy"],
      ["MAE", "mae"],
      ["meanAbsoluteError", "mae"],
      ["rocAuc", "auc"],
      ["roc_auc", "auc"],
      ["AUC", "auc"],
      ["f1_score", "f1"],
      ["F1", "f1"],
      ["R2", "r2"],
      ["r2_score", "r2"],
      ["confusion_matrix", "confusion"],
      ["sensitivity", "recall"],
      ["top_k_accuracy", "topK"],
      ["topk", "topK"],
      ["MSE", "evaluate(xs, ts).outputs.y.cost"],
      ["meanSquaredError", "evaluate(xs, ts).outputs.y.cost"],
    ],
  ],
  precision: [
    (_, name) => new Graph({ precision: wrong(name) }),
    [
      ["f32", "float32"],
      ["single", "float32"],
      ["Float32", "float32"],
      ["double", "float64"],
      ["float16", "float32"],
    ],
  ],
  "option of an optimizer": [
    (g, name) => (g.optimizer = wrong({ name: "adam", [name]: 0.1 })),
    [
      ["learningRate", "rate"],
      ["lr", "rate"],
      ["learning_rate", "rate"],
      ["LearningRate", "rate"],
      ["eta", "rate"],
      ["beta_1", "beta1"],
      ["beta_2", "beta2"],
      ["eps", "epsilon"],
      ["weight_decay", "weightDecay"],
      ["clipnorm", "clipNorm"],
      ["clip_value", "clipValue"],
      ["maxGradNorm", "clipNorm"],
      ["schedule", "rate"],
      ["momentum", 'optimizer: { name: "sgd", rate: 0.1, momentum: 0.9 }'],
      ["l2", "{ l2: 1e-4 }"],
      ["epochs", "graph.fit({ xs, ts }, { epochs: 100 })"],
    ],
  ],
  "option of a schedule": [
    (g, name) => (g.rate = wrong({ name: "cosine", rate: 0.1, [name]: 10 })),
    [
      ["T_max", "steps"],
      ["eta_min", "floor"],
      ["warmup_steps", "warmup"],
      ["decaySteps", "steps"],
      ["t_mult", "growth"],
    ],
  ],
  "option of a step": [
    (g, name) => (g.rate = wrong({ name: "step", rate: 0.1, [name]: 10 })),
    [
      ["step_size", "every"],
      ["gamma", "factor"],
      ["decayRate", "factor"],
    ],
  ],
  "option of a declared layer": [
    (_, name) => new Graph({ hidden: { h: wrong({ size: 1, [name]: 3 }) } }),
    [
      ["units", "size"],
      ["neurons", "size"],
      ["nodes", "size"],
      ["out_features", "size"],
      ["activationFunction", "activation"],
      ["squash", "activation"],
      ["useBias", "bias"],
      ["use_bias", "bias"],
      ["dropoutRate", "dropout"],
      ["dropout_rate", "dropout"],
      ["batchNorm", "norm"],
      ["layerNormalization", "norm"],
      ["trainable", "frozen"],
      ["kernelInitializer", '[["x", "h", { init: "he" }]]'],
      ["kernel_regularizer", "l2: 1e-4"],
      ["l2", "l2: 1e-4"],
      ["kernelConstraint", "maxNorm: 3"],
      ["learningRate", 'optimizer: { name: "sgd", rate: 0.1 }'],
      ["filters", "h: [height, width, channels]"],
      ["kernelSize", 'kind: "conv", kernel: 5'],
      ["type", 'kind: "conv", kernel: 5'],
      ["vocabSize", "classes: 1000"],
    ],
  ],
  "option of a cell": [
    (_, name) => new Graph({ inputs: { x: 1 }, hidden: { c: wrong({ size: 2, cell: "lstm", from: "x", [name]: true }) } }), // biome-ignore format: a list
    [
      ["units", "size"],
      ["returnSequences", '[["h", "y", { at: "last" }]]'],
      ["return_sequences", '[["h", "y", { at: "last" }]]'],
      ["stateful", "carry: true"],
      ["recurrentDropout", "dropout"],
      ["bidirectional", "backward"],
      ["goBackwards", "backward"],
      ["recurrentActivation", "gate"],
      ["masking", "graph.fit({ xs, ts, mask })"],
      ["time", "time: false"],
    ],
  ],
  "option of a declared output": [
    (_, name) => new Graph({ outputs: { y: wrong({ size: 1, [name]: 3 }) } }),
    [
      ["lossFunction", "loss"],
      ["cost", "loss"],
      ["loss_weight", "weight"],
      ["units", "size"],
    ],
  ],
  "option of a layer": [
    (g, name) => g.addHidden("new", 2, "tanh", wrong({ [name]: 3 })),
    [
      ["units", "addHidden(name, size)"],
      ["useBias", "bias"],
      ["activation", 'activation: "relu"'],
      ["rate", "rate: 0.1"],
      ["kernelInitializer", 'init: "he"'],
    ],
  ],
  "number of leakyRelu": [
    (g, name) => g.addHidden("new", 2, wrong({ name: "leakyRelu", [name]: 3 })),
    [
      ["alpha", "slope"],
      ["negative_slope", "slope"],
    ],
  ],
  "option of a synapse": [
    (g, name) => g.connect("x", "y", wrong({ [name]: 3 })),
    [
      ["weights", "init"],
      ["kernelInitializer", "init"],
      ["kernelRegularizer", "l2"],
      ["regularizer", "l2"],
      ["trainable", "frozen"],
      ["tied", "share"],
      ["max_norm", "maxNorm"],
      ["label", "name"],
      ["type", "kind"],
      ["useBias", "bias: false"],
      ["activation", 'activation: "relu"'],
      ["epochs", "graph.fit("],
      ["kernel_size", "kernel"],
      ["poolSize", "kernel"],
      ["strides", "stride"],
      ["dilationRate", "dilation"],
      ["mask", "matrix"],
      ["filters", "h: [height, width, channels]"],
      ["out_channels", "h: [height, width, channels]"],
      ["dataFormat", "h: [height, width, channels]"],
      ["outputPadding", "h: [height, width, channels]"],
      ["ceil_mode", "h: [height, width, channels]"],
    ],
  ],
  "kind of a synapse": [
    (g, name) => g.connect("x", "y", { kind: wrong(name) }),
    [
      ["conv2d", "conv"],
      ["Conv1D", "conv"],
      ["DepthwiseConv2D", "conv"],
      ["ConvTranspose2d", "convTranspose"],
      ["GlobalAveragePooling2D", "averagePool"],
      ["max_pool", "maxPool"],
      ["flatten", "dense"],
      ["Linear", "dense"],
      ["residual", "identity"],
      ["concatenate", '[["a", "h"], ["b", "h"]]'],
    ],
  ],
  "norm of a layer": [
    (g, name) => g.addHidden("new", 4, "tanh", { norm: wrong(name) }),
    [
      ["LayerNorm", "layer"],
      ["InstanceNorm", "group"],
    ],
  ],
  "option of a graph": [
    (_, name) => new Graph(wrong({ [name]: 3 })),
    [
      ["hiddenLayers", "hidden"],
      ["layers", "hidden"],
      ["input", "inputs"],
      ["inputSize", "inputs"],
      ["outputSize", "outputs"],
      ["connections", "synapses"],
      ["edges", "synapses"],
      ["random_state", "seed"],
      ["randomSeed", "seed"],
      ["dtype", "precision"],
      ["optimiser", "optimizer"],
      ["kernelInitializer", "init"],
      ["learningRate", 'optimizer: { name: "sgd", rate: 0.1 }'],
      ["rate", 'optimizer: { name: "sgd", rate: 0.1 }'],
      ["lr", 'optimizer: { name: "sgd", rate: 0.1 }'],
      ["momentum", "momentum: 0.9"],
      ["epochs", "graph.fit({ xs, ts }, { epochs: 100 })"],
      ["iterations", "graph.fit({ xs, ts }, { epochs: 100 })"],
      ["errorThresh", "if (cost < 0.005) break"],
      ["activation", 'activation: "relu"'],
      ["loss", 'loss: "entropy"'],
      ["metrics", 'metrics: ["accuracy"]'],
      ["batch_size", "batchSize: 32"],
      ["dropout", "dropout: 0.5"],
      ["leakyReluAlpha", 'name: "leakyRelu", slope: 0.01'],
      ["l2", "l2: 1e-4"],
    ],
  ],
  "option of train": [
    (g, name) => g.train(data.xs, data.ts, wrong({ [name]: 3 })),
    [
      ["epochs", "graph.fit({ xs, ts }, { epochs: 100 })"],
      ["iterations", "graph.fit({ xs, ts }, { epochs: 100 })"],
      ["errorThresh", "if (cost < 0.005) break"],
      ["error", "if (cost < 0.005) break"],
      ["learningRate", "rate: 0.1"],
      ["rate", "rate: 0.1"],
      ["momentum", "momentum: 0.9"],
      ["batchSize", "batchSize: 32"],
      ["log", "{ onEpoch: ("],
      ["callback", "{ onEpoch: ("],
      ["shuffle", "shuffle: false"],
      ["sampleWeight", "sampleWeights"],
      ["sample_weight", "sampleWeights"],
      ["class_weight", "sampleWeights"],
      ["timeout", "timeLimit: 60"],
    ],
  ],
  "option of predict": [
    (g, name) => g.predict(data.xs, wrong({ [name]: 3 })),
    [
      ["batchSize", "batchSize: 32"],
      ["output", "outputs"],
      ["timesteps", "steps"],
      ["sequence_length", "steps"],
      ["initialState", "state"],
      ["initial_state", "state"],
      ["stateful", "state"],
    ],
  ],
  "option of evaluate": [
    (g, name) => g.evaluate(data.xs, data.ts, wrong({ [name]: 3 })),
    [
      ["scoring", "metrics"],
      ["sample_weight", "sampleWeights"],
    ],
  ],
};

for (const [what, [use, rows]] of Object.entries(vocabularies)) {
  describe(`the refusal of a name elsewhere of the ${what} shows the name here`, () => {
    it.each(rows)("%s: %s", (there, here) => {
      const graph = make();
      const before = everything(graph);
      const { code, message } = refusal(() => use(graph, there));
      expect(code).toBe("bad-option");
      const shown = /^[\w]+$/.test(here) ? `Did you mean "${here}"?` : here;
      expect(message).toContain(JSON.stringify(there));
      expect(message.slice(message.search(/Did you mean|Write `/))).toContain(shown);
      expect(everything(graph)).toBe(before);
    });
  });
}

describe("the refusal of a name elsewhere of an option of fit shows what does it here", () => {
  const rows: Rows = [
    ["batch_size", "batchSize"], ["batchsize", "batchSize"], ["miniBatchSize", "batchSize"], ["validationSplit", "validation"], ["validation_split", "validation"], ["validationData", "validation"],
    ["callbacks", "onEpoch"], ["callback", "onEpoch"], ["verbose", "onEpoch"], ["log", "onEpoch"], ["logPeriod", "onEpoch"], ["onEpochEnd", "onEpoch"], ["onBatchEnd", "onBatch"],
    ["earlyStopping", "patience"], ["early_stopping", "patience"], ["n_iter_no_change", "patience"], ["iterations", "epochs"], ["nEpochs", "epochs"], ["max_iter", "epochs"],
    ["errorThresh", "if (cost < 0.005) break"], ["error", "if (cost < 0.005) break"], ["timeout", "timeLimit"], ["steps_per_epoch", "stepsPerEpoch"], ["restoreBestWeights", "restoreBest"],
    ["min_delta", "minDelta"], ["initialEpoch", "resume"], ["scaler", "scale"], ["metric", "metrics"], ["abortSignal", "signal"], ["modelCheckpoint", "checkpoint"],
    ["learningRate", 'optimizer: { name: "sgd", rate: 0.1 }'], ["rate", 'optimizer: { name: "sgd", rate: 0.1 }'], ["momentum", "momentum: 0.9"], ["optimizer", 'graph.optimizer = "adam"'],
    ["loss", 'loss: "entropy"'], ["sampleWeight", "graph.fit({ xs, ts, sampleWeights })"], ["classWeight", "graph.fit({ xs, ts, sampleWeights })"], ["dropout", "dropout: 0.5"], ["l2", "l2: 1e-4"],
    ["timesteps", "graph.fit({ xs, ts, steps })"], ["bptt", "window"], ["stateful", "carry"], ["state", "graph.predict(xs, { state })"],
  ]; // biome-ignore format: a list
  it.each(rows)("%s: %s", async (there, here) => {
    const { code, message } = await rejection(make().fit(data, wrong({ [there]: 3 })));
    expect(code).toBe("bad-option");
    expect(message).toContain(/^[\w]+$/.test(here) ? `Did you mean "${here}"?` : here);
  });
});

describe("lists of what is allowed", () => {
  it("name every option of fit", async () => {
    const { message } = await rejection(make().fit(data, wrong({ qqqqqqqqqqqqqqqqqq: 1 })));
    for (const name of ["epochs", "batchSize", "onBatch", "onEpoch", "checkpoint", "resume"])
      expect(message).toContain(`"${name}"`);
    expect(message).not.toContain("more");
  });

  it.each([
    ["activations", activations, (name: string) => make().addHidden("new", 2, wrong(name))],
    ["losses", losses, (name: string) => make().addOutput("new", 2, "softmax", wrong(name))],
    ["optimizers", optimizers, (name: string) => new Graph({ optimizer: wrong(name) })],
    ["schedules", schedules, (name: string) => (make().rate = wrong({ name, rate: 1 }))],
    ["initial weights", inits, (name: string) => make().connect("x", "y", { init: wrong(name) })],
    ["metrics", metrics, (name: string) => make().evaluate(data.xs, data.ts, { metrics: [wrong(name)] })],
  ] as const)("name all %s", (_, table, use) => {
    const { message } = refusal(() => use("qqqqqqqqqqqqqqqqqq"));
    for (const name of Object.keys(table)) expect(message).toContain(`"${name}"`);
  });
});

describe("a plain name of an optimizer", () => {
  it.each(Object.keys(optimizers))("%s has all defaults", (name) => {
    const graph = make();
    graph.optimizer = name as "sgd";
    expect(graph.optimizer).toEqual(new Graph({ optimizer: { name: name as "sgd" } }).optimizer);
    expect(graph.optimizer.name).toBe(name);
    expect(new Graph({ optimizer: name as "sgd" }).optimizer).toEqual(graph.optimizer);
  });
});

describe("the refusal of an object without a name", () => {
  it.each([
    [{ type: "adam", rate: 0.1 }, '{ name: "adam", rate: … }'],
    [{ kind: "RMSProp" }, '{ name: "rmsprop" }'],
    [{ rate: 0.1 }, "{ name: …, rate: … }"],
  ])("shows the form: %o", (optimizer, form) => {
    const { code, message } = refusal(() => new Graph({ optimizer: wrong(optimizer) }));
    expect(code).toBe("bad-option");
    expect(message).toContain(form);
    expect(message).toContain('"lion"');
  });
});

it("weights where a name should be show `values`", () => {
  for (const init of [[1, 2], new Float64Array(2)])
    expect(refusal(() => make().connect("x", "y", { init: wrong(init) })).message).toContain(
      "init: { values }",
    );
  // Of one synapse alone: a graph and a layer have several.
  const values = { values: [1, 2, 3] };
  for (const call of [
    () => new Graph({ init: wrong(values) }),
    () => make().resize("y", 4, { init: wrong(values) }),
  ])
    expect(refusal(call).message).toContain("connect(from, to, { init: { values } })");
});
