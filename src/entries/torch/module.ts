// A file of PyTorch for a graph: its layers as a module, its cost, its optimizer, and a loop that trains them.

import type { LayerNode } from "../../model/node.js";
import { channels } from "../../rules/shape.js";
import * as cells from "./cell.js";
import { type Facts, isTimed, trainedTensors, weightsOf } from "./facts.js";
import * as layers from "./layer.js";
import * as links from "./link.js";
import * as loops from "./loop.js";
import * as losses from "./loss.js";
import * as penalties from "./penalty.js";
import * as schedules from "./schedule.js";
import { files, launch, shuffle } from "./script.js";
import * as terms from "./term.js";
import { indent, list, literal, number } from "./text.js";
import { dataText, type LoopFacts, trainText } from "./training.js";

/** Returns the text of a file that trains a graph. Throws `unsupported`. */
export function moduleText(facts: Facts, name: string): string {
  const { network, hasSteps } = facts;
  const { settings } = network.training.optimizer;
  const dropout = facts.layers.some((layer) => layer.dropout > 0);
  const penalised = weightsOf(facts.layers).filter(({ l1, l2 }) => l1 > 0 || l2 > 0);
  const limited = weightsOf(facts.layers).filter(({ maxNorm, frozen }) => maxNorm !== undefined && !frozen);
  const ends = facts.layers.filter(({ kind }) => kind !== "hidden");
  const loop: LoopFacts = {
    hasSteps,
    hasScalers: ends.some(({ scaler }) => scaler !== undefined),
    hasChoice: facts.outputs.length > 1,
    only: facts.outputs.length > 1 ? undefined : literal(facts.outputs[0]!.name),
    hasLabels: labelled(facts).length > 0,
    hasWords: ends.some(({ classes }) => classes !== undefined),
    hasSchedule: typeof settings.rate === "object",
    hasPenalty: penalised.length > 0,
    hasLimits: limited.length > 0,
    clip: schedules.clipLines(settings),
  };
  const graph = [
    "class Graph(nn.Module):",
    ...indent(
      [
        '"""The graph: its tensors by the names that they have in its file, [source, target]."""',
        "",
        ...begin,
        "",
        ...forwardLines(facts),
        "",
        ...lossLines(facts),
        ...(penalised.length > 0 ? ["", ...penalties.penaltyLines(facts, penalised)] : []),
        ...(limited.length > 0 ? ["", ...penalties.limitLines(limited)] : []),
      ],
      1,
    ),
    "",
  ].join("\n");
  const rate = [
    ...schedules.optimizerLines(settings),
    "",
    "",
    ...schedules.rateLines(settings.rate),
    "",
  ].join("\n");
  const texts = [graph, rate];
  const helpers = {
    ...links.helpers,
    ...terms.helpers,
    ...layers.helpers,
    ...cells.helpers,
    ...loops.helpers,
    ...losses.helpers,
    ...penalties.helpers,
    ...schedules.helpers,
  };
  const called = Object.keys(helpers).filter((helper) =>
    texts.some((text) => new RegExp(`(?<![.\\w"])${helper}\\(`).test(text)),
  );
  const parts = [
    tables(facts, name),
    files,
    ...called.map((helper) => helpers[helper as keyof typeof helpers]!),
    graph,
    rate,
    shuffle,
    dataText(loop),
    trainText(loop),
    launch,
  ];
  const imports = MODULES.filter((module) => parts.some((part) => part.includes(`${module}.`)));
  return [head(name, hasSteps, dropout, imports), ...parts].join("\n\n");
}

/** The modules of Python that a file may import. */
const MODULES: readonly string[] = [
  "argparse",
  "ctypes",
  "functools",
  "glob",
  "json",
  "math",
  "mmap",
  "operator",
  "os",
  "socket",
  "sys",
];

/** Names that no file can have: it would hide a module that it imports. */
export const TAKEN: readonly string[] = [...MODULES, "torch"];

/** Returns the head of a file. */
function head(name: string, hasSteps: boolean, dropout: boolean, imports: readonly string[]): string {
  const noise = dropout
    ? "\nDropout draws torch's noise, not that of Plexus: with it no two of their runs are the same.\n"
    : "";
  const steps = hasSteps ? " (samples of `steps` steps)" : "";
  return `"""Trains the graph of ${name}.safetensors in PyTorch. Written by Plexus, and the owner's to change.

    python ${name}.py data.safetensors out.safetensors --epochs 10 --batch 1024
    python ${name}.py data.safetensors out.safetensors --epochs 10 --batch 1024 --processes 4
    torchrun --nnodes 2 --nproc-per-node 8 ${name}.py "data-*.safetensors" out.safetensors

The rows of the data${steps} are dealt to the processes, batch by batch: any number of them makes the same steps.
Plexus takes the trained graph back by Graph.load or graph.merge.
${noise}"""

${imports.map((module) => `import ${module}\n`).join("")}
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import nn
`;
}

/** Returns the tables of a file: its graph's file, the inputs, and the tensors that each output trains. */
function tables(facts: Facts, name: string): string {
  const { outputs, hasSteps, network } = facts;
  const inputs = facts.layers.filter(({ kind }) => kind === "input");
  const ends = [...inputs, ...outputs].filter((layer) => isTimed(facts, layer));
  const labels = labelled(facts);
  const words = inputs.filter(({ classes }) => classes !== undefined);
  return [
    `WEIGHTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), ${literal(`${name}.safetensors`)})`,
    // GPUs are slow in float64.
    `DEVICE = ${literal(network.memory.precision === "float32" ? "cuda" : "cpu")}`,
    "# The inputs that each output depends on.",
    "INPUTS = {",
    ...outputs.map((output) => `    ${literal(output.name)}: ${list(inputsOf(facts, output))},`),
    "}",
    ...(hasSteps
      ? [
          "# The inputs and outputs with a value for each step.",
          `TIMED = ${list(ends.map((layer) => literal(layer.name)))}`,
        ]
      : []),
    ...(outputs.length > 1
      ? [
          "# The type of an input's numbers, where they are classes, and its size.",
          "SIZES = {",
          ...inputs.map((layer) => `    ${literal(layer.name)}: ${sizeText(facts, layer)},`),
          "}",
        ]
      : []),
    ...(words.length > 0
      ? [
          "# The inputs whose values are numbers of classes.",
          `WORDS = ${list(words.map(({ name }) => literal(name)))}`,
        ]
      : []),
    ...(labels.length > 0
      ? [
          "# The classes of an output whose targets may be their numbers.",
          `CLASSES = {${labels.map((layer) => `${literal(layer.name)}: ${channels(layer.shape)}`).join(", ")}}`,
        ]
      : []),
    "# The tensors that a step on the targets of an output changes.",
    "TRAINED = {",
    ...outputs.map(
      (output) => `    ${literal(output.name)}: ${list(trainedTensors(facts, output).map(literal))},`,
    ),
    "}",
    "",
  ].join("\n");
}

/** Returns the inputs of an output, as strings. */
function inputsOf({ network }: Facts, output: LayerNode): string[] {
  const inputs = network.topology.ancestors([output]).filter(({ kind }) => kind === "input");
  return inputs.sort((a, b) => a.index - b.index).map(({ name }) => literal(name));
}

/** Returns the outputs whose targets may be numbers of classes. */
function labelled({ outputs }: Facts): readonly LayerNode[] {
  return outputs.filter(({ loss, shape }) => loss!.name === "crossEntropy" && channels(shape) > 1);
}

/** Returns the type of an input's numbers, and the axes of its values behind the samples. */
function sizeText(facts: Facts, layer: LayerNode): string {
  const type = layer.classes === undefined ? "None" : "torch.int64";
  return `(${[type, ...(isTimed(facts, layer) ? [1] : []), layer.size].join(", ")})`;
}

/** The methods of a graph that are the same for all. */
const begin = `def __init__(self, tensors):
    super().__init__()
    parameters = {name: t.clone() if t.is_floating_point() else t.long() for name, t in tensors.items()}
    self.tensors = nn.ParameterList(nn.Parameter(t, requires_grad=False) for t in parameters.values())
    self.p = dict(zip(parameters, self.tensors))
    self.trained = {}

def begin(self, outputs):
    """Returns the parameters that targets of some outputs train."""
    names = {name for output in outputs for name in TRAINED[output]}
    self.trained = {name: p.requires_grad_(True) for name, p in self.p.items() if name in names}
    return list(self.trained.values())`.split("\n");

/** Returns the lines of `forward`: layer by layer, and each loop in one piece. */
function forwardLines(facts: Facts): string[] {
  const { layers: all, hasSteps, network, outputs } = facts;
  const { precision } = network.memory;
  const asked = new Set(outputs);
  const storesPre = (layer: LayerNode) => {
    if (!asked.has(layer)) return false;
    const z = terms.of("pre", layer);
    return losses.lossOf(layer, precision, z, "y", "t").includes(z);
  };
  const isRead = (layer: LayerNode) => {
    const y = terms.of("post", layer);
    const isTaken = losses.lossOf(layer, precision, "z", y, "t").includes(y);
    return isTaken || layer.outgoing.some(({ to }) => facts.inside.has(to));
  };
  const body = all.flatMap((layer) => {
    const loop = network.topology.loops.loopOf(layer);
    if (loop === undefined) return layers.layerLines(facts, layer, storesPre, isRead);
    if (layer !== loop[0]) return [];
    return cells.cellLines(facts, loop, storesPre) ?? loops.loopLines(facts, loop, storesPre);
  });
  const hasLoops = body.some((line) => line.startsWith("run = "));
  const names = ["pre", "post", ...(all.some(({ dropout }) => dropout > 0) ? ["sent"] : [])];
  const more = hasLoops ? ["outer", "beyond", "mask"] : [];
  const dictionaries = [...names, ...more];
  return [
    `def forward(self, xs${hasSteps ? ", lengths" : ""}):`,
    ...indent(
      [
        `"""Returns pre- and post-activations by layer, each ${hasSteps ? "(samples, steps, units) or (samples, units)" : "(rows, units)"}."""`,
        `p, ${dictionaries.join(", ")} = self.p, ${dictionaries.map(() => "{}").join(", ")}`,
        ...(hasSteps ? ["samples, steps = len(lengths), int(lengths.max())"] : []),
        ...body,
        "return pre, post",
      ],
      1,
    ),
  ];
}

/** Returns the lines of the losses of the outputs with targets. */
function lossLines({ outputs, network }: Facts): string[] {
  const { precision } = network.memory;
  const loss = (layer: LayerNode) => {
    const own = losses.lossOf(
      layer,
      precision,
      terms.of("pre", layer),
      terms.of("post", layer),
      terms.of("ts", layer),
    );
    return layer.weight === 1 ? own : `${number(layer.weight)} * (${own})`;
  };
  const body =
    outputs.length === 1
      ? [`return {${literal(outputs[0]!.name)}: ${loss(outputs[0]!)}}`]
      : [
          "found = {}",
          ...outputs.flatMap((layer) => [
            `if ${literal(layer.name)} in ts:`,
            `    ${terms.of("found", layer)} = ${loss(layer)}`,
          ]),
          "return found",
        ];
  return [
    "def losses(self, pre, post, ts):",
    ...indent(['"""Returns the loss of each unit of the outputs that have targets."""', ...body], 1),
  ];
}
