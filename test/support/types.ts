// Programs that the compiler must accept, and some that it must refuse: checked by `tsc`, never run.

import {
  type ErrorCode,
  type Gradients,
  Graph,
  GraphError,
  type History,
  type Layer,
  type NamedInit,
  type Rate,
  readSafetensors,
  type Synapse,
} from "plexus-nn";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <_T extends true>(): void => {};

// Declared in one piece: names are inferred.
const g = new Graph({
  seed: 7,
  optimizer: { name: "sgd", rate: 0.1 },
  inputs: { x: 2, ctx: { size: 3, activation: "tanh" } },
  hidden: { h: { size: 4, activation: { name: "leakyRelu", slope: 0.2 } } },
  outputs: {
    y: { size: 1, loss: { name: "entropy", smoothing: 0.1 } },
    z: { size: 10, activation: "softmax", loss: "crossEntropy" },
  },
  synapses: [
    ["x", "h"],
    ["ctx", "h"],
    ["h", "y"],
    ["h", "z"],
    ["x", "y", { init: "glorot" }],
    ["x", "y", { name: "twin" }],
  ],
});
is<Equal<typeof g, Graph<"x" | "ctx", "y" | "z", "h", "float64">>>();
const all = g.predict({ x: [0, 1], ctx: [1, 2, 3] });
is<Equal<typeof all, { y: Float64Array; z: Float64Array }>>();
const some = g.predict({ x: [0, 1] }, { outputs: ["y"] });
is<Equal<typeof some, { y: Float64Array }>>();
g.train({ x: [0, 1], ctx: [0, 0, 0] }, { y: [1] });
g.train({ x: [0, 1] }, { y: [1], z: new Float32Array(10) });
g.train({ x: [[0, 1]] }, { y: [new Uint8Array(1)] });
// @ts-expect-error  misspelt input
g.predict({ X: [0, 1], ctx: [1, 2, 3] });
// @ts-expect-error  missing input
g.predict({ x: [0, 1] });
// @ts-expect-error  misspelt output
all.yy;
// @ts-expect-error  an output that was not asked for
some.z;
// @ts-expect-error  unknown output in outputs
g.predict({ x: [0, 1] }, { outputs: ["w"] });
// @ts-expect-error  a hidden layer in outputs
g.predict({ x: [0, 1] }, { outputs: ["h"] });
// @ts-expect-error  misspelt option of predict
g.predict({ x: [0, 1] }, { output: ["y"] });
// @ts-expect-error  misspelt target
g.train({ x: [0, 1] }, { q: [1] });
// @ts-expect-error  a misspelt target beside a right one
g.train({ x: [0, 1] }, { y: [1], q: [1] });
// @ts-expect-error  no target at all
g.train({ x: [0, 1] }, {});
// @ts-expect-error  a target that is a hidden layer
g.train({ x: [0, 1] }, { h: [1, 2, 3, 4] });
// @ts-expect-error  an option that train has not
g.train({ x: [0, 1] }, { y: [1] }, { rate: 0.1 });
// @ts-expect-error  a bare number
g.train({ x: 1 }, { y: [1] });
// @ts-expect-error  a string
g.train({ x: "0 1" }, { y: [1] });
// @ts-expect-error  BigInts
g.predict({ x: new BigInt64Array(2), ctx: [1, 2, 3] });
g.predict({ x: [[[0, 1]]], ctx: [[[1, 2, 3]]] });
g.predict({ x: [[[[[0], [1]]]]], ctx: [1, 2, 3] });
// @ts-expect-error  a string in levels
g.predict({ x: [[["0", 1]]], ctx: [1, 2, 3] });
// @ts-expect-error  misspelt layer
g.connect("x", "hh");
// @ts-expect-error  into an input
g.connect("h", "x");
// @ts-expect-error  misspelt init
g.connect("x", "h", { init: "xavier" });
g.connect("x", "h", { init: { name: "normal", deviation: 0.1 } });
g.connect("x", "h", { init: { values: [[1, 2, 3, 4], new Float32Array(4)] } });
// @ts-expect-error  an option of another init
g.connect("x", "h", { init: { name: "normal", gain: 1 } });
// @ts-expect-error  a constant without its value
g.connect("x", "h", { init: "constant" });
const init: NamedInit | "values" | undefined = g.synapses[0]!.init;
new Graph({ init: { name: "orthogonal", gain: 2 } });
// @ts-expect-error  values for a whole graph
new Graph({ init: { values: [1] } });
g.addHidden("norm", 4, "gelu", { norm: "layer", dropout: 0.1, bias: false, frozen: true });
g.connect("x", "h", { name: "same", kind: "identity" });
g.connect("x", "h", { share: g.synapses[0]!, l1: 0.1, l2: 0.1, maxNorm: 2, frozen: true });
new Graph({
  hidden: { h: { size: 2, norm: "layer", dropout: 0.5 } },
  outputs: { y: { size: 1, weight: 2 } },
});
// @ts-expect-error  a weight of a hidden layer
new Graph({ hidden: { h: { size: 2, weight: 2 } } });
// @ts-expect-error  another norm
g.addHidden("other", 4, "gelu", { norm: "batch" });
// @ts-expect-error  another kind
g.connect("x", "h", { kind: "lean" });
// @ts-expect-error  misspelt option of connect
g.connect("x", "h", { nmae: "twin" });
// @ts-expect-error  misspelt layer
g.layer("hh");
// @ts-expect-error  misspelt layer of a synapse
g.synapse("x", "hh");
// @ts-expect-error  unknown layer in the declaration
new Graph({ inputs: { x: 1 }, outputs: { y: 1 }, synapses: [["x", "yy"]] });
// @ts-expect-error  into an input in the declaration
new Graph({ inputs: { x: 1 }, outputs: { y: 1 }, synapses: [["y", "x"]] });
// @ts-expect-error  unknown activation
new Graph({ inputs: { x: 1 }, outputs: { y: { size: 1, activation: "sigmod" } } });
// @ts-expect-error  unknown loss
new Graph({ inputs: { x: 1 }, outputs: { y: { size: 1, loss: "msee" } } });
// @ts-expect-error  an activation's number that it has not
new Graph({ inputs: { x: 1 }, hidden: { h: { size: 1, activation: { name: "elu", slope: 1 } } } });
// @ts-expect-error  a loss's number that it has not
new Graph({ inputs: { x: 1 }, outputs: { y: { size: 1, loss: { name: "kl", smoothing: 0.1 } } } });
// @ts-expect-error  a hidden layer has no loss
new Graph({ inputs: { x: 1 }, hidden: { h: { size: 1, loss: "mse" } } });
// @ts-expect-error  a layer without a size
new Graph({ inputs: { x: {} } });
// @ts-expect-error  wrong option
new Graph({ sead: 7 });
// @ts-expect-error  wrong precision
new Graph({ precision: "float16" });
// @ts-expect-error  wrong optimizer
new Graph({ optimizer: { name: "sdg" } });
// @ts-expect-error  misspelt rate
new Graph({ optimizer: { name: "sgd", learningRate: 0.1 } });

// Cells: the names of their layers are known.
const c = new Graph({
  inputs: { x: 2, z: 1 },
  hidden: {
    h: 2,
    up: { size: 4, cell: "lstm", from: ["x", "h"], peephole: true, forgetBias: 2 },
    down: { size: 4, cell: "gru", from: ["up", "up.forget"], backward: true, reset: "before" },
  },
  outputs: { y: 1 },
  synapses: [
    ["down", "y"],
    ["z", "up.forget"],
    ["up.state", "down.update", { delay: 1 }],
  ],
});
is<Equal<typeof c, Graph<"x" | "z", "y", "h" | "up" | "down", "float64", "lstm" | "gru">>>();
is<Equal<ReturnType<typeof c.clone>, typeof c>>();
const forget = c.layer("up.forget");
is<Equal<typeof forget, Layer<"up.forget", "float64">>>();
c.connect("z", "down.recall");
c.freeze("up.state", "up");
const lstm = c.addLstm("more", 3, ["x", forget], { activation: "relu", dropout: 0.1, init: "he" });
is<Equal<typeof lstm, Layer<"more", "float64">>>();
c.addGru("most", 3, lstm, { reset: "after", norm: "layer", initial: true });
// @ts-expect-error  no such layer of a cell
c.layer("up.forgot");
// @ts-expect-error  no such source
c.addLstm("less", 3, ["x", "zz"]);
// @ts-expect-error  an option of the other cell
c.addGru("less", 3, "x", { peephole: true });
// @ts-expect-error  an option of layers
c.addLstm("less", 3, "x", { bias: false });
// @ts-expect-error  no cell was declared
g.layer("h.forget");
const lone = new Graph({
  inputs: { x: 2 },
  hidden: { c: { size: 4, cell: "gru", from: "x" } },
  outputs: { y: 1 },
});
is<Equal<typeof lone, Graph<"x", "y", "c", "float64", "gru">>>();
// @ts-expect-error  a layer of the other cell
lone.layer("c.forget");
// @ts-expect-error  no such source in the declaration
new Graph({ inputs: { x: 2 }, hidden: { c: { size: 4, cell: "lstm", from: "z" } } });
// @ts-expect-error  a cell without sources
new Graph({ inputs: { x: 2 }, hidden: { c: { size: 4, cell: "lstm" } } });
// @ts-expect-error  no such cell
new Graph({ inputs: { x: 2 }, hidden: { c: { size: 4, cell: "rnn", from: "x" } } });
// @ts-expect-error  an option of the other cell in the declaration
new Graph({ inputs: { x: 2 }, hidden: { c: { size: 4, cell: "lstm", from: "x", reset: "after" } } });
// @ts-expect-error  an option of cells on a layer
new Graph({ hidden: { h: { size: 4, peephole: true } } });
// @ts-expect-error  an option of layers on a cell
new Graph({ inputs: { x: 2 }, hidden: { c: { size: 4, cell: "gru", from: "x", join: "product" } } });
// @ts-expect-error  an input is no cell
new Graph({ inputs: { x: { size: 2, cell: "gru", from: "x" } } });

// Gradients and evaluation.
const gradients = g.gradients({ x: [0, 1] }, { y: [1] });
is<Equal<typeof gradients.cost, number>>();
is<Equal<(typeof gradients.weights)[number]["values"], Float64Array>>();
is<Equal<(typeof gradients.weights)[number]["shape"], readonly number[]>>();
// @ts-expect-error  misspelt target
g.gradients({ x: [0, 1] }, { yy: [1] });
// @ts-expect-error  misspelt input
g.evaluate({ X: [0, 1] }, { y: [1] });
const scores = g.evaluate({ x: [0, 1] }, { y: [1] });
const accuracy: number | undefined = scores.outputs.y.accuracy;
// @ts-expect-error  misspelt output
scores.outputs.w;
const measured = g.evaluate({ x: [0, 1] }, { y: [1] }, { metrics: ["confusion", { name: "topK", k: 3 }] });
const confusion: number[][] | number[][][] | undefined = measured.outputs.y.confusion;
// @ts-expect-error  misspelt metric
g.evaluate({ x: [0, 1] }, { y: [1] }, { metrics: ["acuracy"] });
// @ts-expect-error  another metric's option
g.evaluate({ x: [0, 1] }, { y: [1] }, { metrics: [{ name: "f1", k: 3 }] });

// Optimizer and rate: read, and set as a whole.
g.rate = 0.5;
g.rate = (step) => 1 / (step + 1);
g.rate = { name: "cosine", rate: 0.1, steps: 100 };
g.optimizer = { name: "sgd" };
g.optimizer = { name: "adam", beta1: 0.8, rate: { name: "constant", rate: 1e-3, warmup: 10 }, clipNorm: 1 };
const rate: Rate = g.optimizer.rate;
// @ts-expect-error  a text
g.rate = "0.5";
// @ts-expect-error  another optimizer's option
g.optimizer = { name: "adam", nesterov: true };
// @ts-expect-error  misspelt schedule
g.rate = { name: "cosinus", rate: 0.1, steps: 100 };
// @ts-expect-error  a schedule without its steps
g.rate = { name: "oneCycle", rate: 0.1 };
// @ts-expect-error  a frozen copy
g.optimizer.rate = 1;
// @ts-expect-error  read only
g.seed = 3;
// @ts-expect-error  unknown optimizer
g.optimizer = { name: "adma" };

// Training over epochs.
const run: PromiseLike<History> = g.fit(
  { xs: { x: [0, 1], ctx: [0, 0, 0] }, ts: { y: [1] } },
  { epochs: 3, batchSize: 2, shuffle: false, onEpoch: ({ epoch, cost }) => void [epoch, cost] },
);
g.fit({ xs: { x: [0, 1] }, ts: { z: new Float64Array(10) } }, { onEpoch: async () => {} });
// @ts-expect-error  misspelt input
g.fit({ xs: { X: [0, 1] }, ts: { y: [1] } });
// @ts-expect-error  misspelt target
g.fit({ xs: { x: [0, 1] }, ts: { q: [1] } });
// @ts-expect-error  no target
g.fit({ xs: { x: [0, 1] }, ts: {} });
// @ts-expect-error  no targets
g.fit({ xs: { x: [0, 1] } });
// @ts-expect-error  misspelt option of fit
g.fit({ xs: { x: [0, 1] }, ts: { y: [1] } }, { epoch: 3 });
// @ts-expect-error  epochs in text
g.fit({ xs: { x: [0, 1] }, ts: { y: [1] } }, { epochs: "3" });

g.fit({ xs: { x: [0, 1, 1, 0] }, ts: { y: [[[1], [0]]] }, steps: [2] }, { window: 8, carry: false });
// @ts-expect-error  a state in a dataset
g.fit({ xs: { x: [0, 1] }, ts: { y: [1] }, state: g.state() });
// @ts-expect-error  a window in text
g.fit({ xs: { x: [0, 1] }, ts: { y: [1] } }, { window: "8" });

// Layers and synapses by name.
const h = g.layer("h");
is<Equal<typeof h, Layer<"h", "float64">>>();
is<Equal<typeof h.bias, Float64Array>>();
const s = g.synapse("x", "h");
is<Equal<typeof s, Synapse<"float64">>>();
h.bias[0] = 1;
s.weights.set([1, 2, 3]);
h.bias = new Float32Array(4);
h.gain = [[1, 2, 3, 4]];
s.weights = [
  [1, 2, 3, 4],
  [5, 6, 7, 8],
];
// @ts-expect-error  numbers in an array, and not one for all
h.bias = 0;
g.freeze("h", h);
g.unfreeze();
// @ts-expect-error  no such layer
g.freeze("nothing");
g.copyFrom(g.clone(), { tau: 0.5 });
g.merge(g.save());
const used: string[] = g.assign(readSafetensors(g.save({ optimizer: false })).tensors, {
  transpose: true,
  map: (name) => (name === "l1.weight" ? "weight.0.x.h" : undefined),
});
g.backward({ x: [0, 1] }, { y: [0.5] }, { sampleWeights: [-1] });
const through: Gradients = g.gradients({ x: [0, 1] }, null, {
  outputs: { y: [0.5], z: new Float32Array(10) },
});
// @ts-expect-error  no such output
g.backward({ x: [0, 1] }, { h: [0.5] });
// @ts-expect-error  without targets there are gradients of outputs
g.gradients({ x: [0, 1] }, null);
used.push(`${through.cost}`, JSON.stringify(g.toJSON({ optimizer: false })));
// @ts-expect-error  read only
h.size = 3;
g.resize("h", 5, { init: "zeros" });
g.resize(h, 3, { init: { name: "normal", deviation: 0.1 } });
// @ts-expect-error  an input has the size of what is given
g.resize("x", 3);
// @ts-expect-error  values are those of one matrix
g.resize("h", 5, { init: { values: [1] } });
used.push(`${g.prune(g.synapse("x", "h"), { share: 0.5 }) + g.prune(g.synapses[0]!, { below: 0.1 })}`);
// @ts-expect-error  a share is a number
g.prune(g.synapses[0]!, { share: "half" });
g.rewire(g.synapses[0]!, [[0, 1], [1, 1]]); // biome-ignore format: a list
g.rewire(g.synapses[0]!, Uint32Array.of(0, 1));
// @ts-expect-error  pairs have two numbers
g.rewire(g.synapses[0]!, [[0, 1, 2]]);
g.widen("h", 9);
g.widen(h, [9]);
// @ts-expect-error  an output has the size of its targets
g.widen("y", 5);
// @ts-expect-error  no such layer
g.remove("nothing");
g.remove(g.synapse("x", "h"));
g.remove("h");

// float32
const f = new Graph({ precision: "float32", inputs: { x: 1 }, outputs: { y: 1 }, synapses: [["x", "y"]] });
const fy = f.predict({ x: new Float32Array(8) }).y;
is<Equal<typeof fy, Float32Array>>();
is<Equal<ReturnType<typeof f.layer<"x">>["post"], Float32Array>>();
is<Equal<typeof f.precision, "float32">>();

// Imperative: nothing is refused that the run time would take.
const i = new Graph({ seed: 7 });
const x = i.addInput("x", 2);
is<Equal<typeof x, Layer<"x", "float64">>>();
i.addHidden("h", 4, "relu", {});
i.addOutput("y", 1, "sigmoid", "mse", {});
i.connect("x", "h");
i.connect("h", "y", { name: "s", init: "he" });
const r: Float64Array = i.predict({ x: [0, 1] }).y!;
const cost: number = i.train({ x: [0, 1] }, { y: [1] });
// @ts-expect-error  unknown activation
i.addHidden("k", 1, "gelo");
// @ts-expect-error  a loss in the place of an activation
i.addOutput("k", 1, "mse");
// @ts-expect-error  a size in text
i.addInput("k", "3");
// @ts-expect-error  layers have no options yet
i.addHidden("k", 1, "tanh", { dropuot: 0.5 });
const bare = new Graph();
bare.addInput("x", 1);
is<Equal<typeof bare, Graph<string, string, string, "float64">>>();

// Mixed: a later layer is joined by its handle.
const k = g.addHidden("k", 3);
g.connect("x", k);
g.connect(k, "y");
// @ts-expect-error  a name that the type does not know
g.connect("x", "k");

// A graph with names is passed where any graph is taken.
// biome-ignore lint/suspicious/noExplicitAny: any graph is meant
function save(graph: Graph<any, any, any, any>): object {
  return graph.toJSON();
}
save(g);
save(f);
save(i);
save(c);
const loaded = Graph.fromJSON(save(g));
loaded.predict({ whatever: [1] });
// @ts-expect-error  a text is not parsed
Graph.fromJSON("{}");

// Errors by their code.
const error = new GraphError("cycle", "a → a");
const code: ErrorCode = error.code;
// @ts-expect-error  no such code
error.code === "loop";
// @ts-expect-error  no such code
new GraphError("loop", "a → a");

g.dispose();
g[Symbol.dispose]();
void [r, init, confusion, cost, run, rate, accuracy, code];
