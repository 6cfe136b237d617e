// Recurrent networks of brain.js: those over time steps, which take numbers, and those over characters.

import type { ActivationOption, Graph, Layer } from "../../index.js";
import { readAlphabet, runner } from "./alphabet.js";
import { build } from "./build.js";
import { type Gate, gruCell, type Place, simpleCell, statelessLstmCell } from "./cells.js";
import { type Brain, keys } from "./keys.js";
import { array, bad, members, numbers, unsupported, whole } from "./read.js";

type Members = Readonly<Record<string, unknown>>;

/** A matrix as brain.js has it: row-major, (units, sources). */
interface Matrix {
  readonly path: string;
  readonly rows: number;
  readonly columns: number;
  readonly values: readonly number[];
}

/** Makes a gate of a cell: `part` is its name, and `names` are its matrices for the sources and the cell itself, and its bias. */
type Gates = (part: string, activation: ActivationOption, names: readonly [string, string, string]) => Gate;

/** The cells, by the name of a matrix that they alone have. */
const cells: Readonly<Record<string, (place: Place, gate: Gates) => Layer>> = {
  weight: (place, gate) => simpleCell(place, gate("", "relu", ["weight", "transition", "bias"])),
  inputMatrix(place, gate) {
    const named = (part: string, activation: ActivationOption, name = part) =>
      gate(part, activation, [`${name}Matrix`, `${name}Hidden`, `${name}Bias`]);
    return statelessLstmCell(place, {
      input: named("input", "sigmoid"),
      forget: named("forget", "sigmoid"),
      candidate: named("candidate", "tanh", "cellActivation"),
      output: named("output", "sigmoid"),
    });
  },
  updateGateInputMatrix(place, gate) {
    const named = (part: string, activation: ActivationOption, name: string) =>
      gate(part, activation, [`${name}InputMatrix`, `${name}HiddenMatrix`, `${name}Bias`]);
    return gruCell(place, {
      update: named("update", "sigmoid", "updateGate"),
      reset: named("reset", "sigmoid", "resetGate"),
      candidate: named("candidate", "tanh", "cellWrite"),
    });
  },
};

/** Makes the graph of a recurrent network, whose members are `file`. Throws `bad-file`, `unsupported`. */
export function fromTimeStep(file: Members): Brain {
  const hidden = array(file.hiddenLayers ?? file.hiddenSizes, "hiddenLayers").map((layer, i) =>
    members(layer, `hiddenLayers[${i}]`),
  );
  if (hidden.length === 0) throw bad("hiddenLayers", "is empty");
  const connector = readMatrix(file.outputConnector, "outputConnector");
  const bias = shaped(readMatrix(file.output, "output"), connector.rows, 1).values;
  const spelt = isSpelt(file) ? readMatrix(file.input, "input") : undefined;
  const alphabet = spelt && readAlphabet(file, spelt.rows);
  if (alphabet !== undefined && connector.rows !== spelt?.rows) {
    throw bad("outputConnector", `has ${connector.rows} rows, and the input ${spelt?.rows}`);
  }
  const graph = build((graph) => {
    let before: Layer = graph.addInput("input", spelt?.rows ?? columnsOf(hidden[0]!));
    if (spelt !== undefined) {
      // The embedding of a character is the row of its unit.
      const values = Float64Array.from(spelt.values);
      const embedding = graph.addHidden("embedding", spelt.columns, "linear", { bias: false });
      graph.connect(before, embedding, { init: { values } });
      before = embedding;
    }
    hidden.forEach((weights, i) => {
      before = addCell(graph, before, weights, i);
    });
    const output =
      spelt === undefined
        ? graph.addOutput("output", bias.length, "linear", "mse", { bias })
        : graph.addOutput("output", bias.length, "softmax", "crossEntropy", { bias });
    const values = turned(shaped(connector, bias.length, before.size));
    graph.connect(before, output, { init: { values } });
  });
  if (alphabet !== undefined) {
    const { names } = alphabet;
    return { graph, inputs: [...names], outputs: [...names], run: runner(graph, alphabet) };
  }
  const [inputs, outputs] = [keys(file.inputLookup, undefined), keys(file.outputLookup, undefined)];
  return {
    graph,
    ...(inputs === undefined ? {} : { inputs }),
    ...(outputs === undefined ? {} : { outputs }),
  };
}

/** Returns whether a network is over characters. Versions to 1.4 write an unused matrix for time steps, too. */
function isSpelt({ type, input }: Members): boolean {
  return typeof type === "string" && type.endsWith("TimeStep")
    ? false
    : input !== undefined && input !== null;
}

/** Returns the number of sources of a hidden layer. */
function columnsOf(weights: Members): number {
  const name = Object.keys(cells).find((name) => weights[name] !== undefined);
  if (name === undefined) throw unsupported("hiddenLayers[0]", "has the matrices of no RNN, LSTM or GRU");
  return readMatrix(weights[name], `hiddenLayers[0].${name}`).columns;
}

/** Adds the layers of a cell that receives `before`; returns the one that has its values. */
function addCell(graph: Graph, before: Layer, weights: Members, i: number): Layer {
  const path = `hiddenLayers[${i}]`;
  const kind = Object.keys(cells).find((name) => weights[name] !== undefined);
  if (kind === undefined) throw unsupported(path, "has the matrices of no RNN, LSTM or GRU");
  const { rows: size } = readMatrix(weights[kind], `${path}.${kind}`);
  const read = (name: string, columns: number) =>
    shaped(readMatrix(weights[name], `${path}.${name}`), size, columns);
  const place: Place = {
    graph,
    name: `hidden${i + 1}`,
    size,
    delay: 1,
    part: (name) => `hidden${i + 1}.${name}`,
    dense: (from, to, values, delay) => graph.connect(from, to, { init: { values }, delay }),
  };
  return cells[kind]!(place, (part, activation, [input, own, bias]) => {
    const name = part === "" ? place.name : place.part(part);
    const layer = graph.addHidden(name, size, activation, { bias: read(bias, 1).values });
    graph.connect(before, layer, { init: { values: turned(read(input, before.size)) } });
    return { layer, own: turned(read(own, size)) };
  });
}

/** Reads a matrix. Version 1 writes its floats as an object, by index. */
function readMatrix(value: unknown, path: string): Matrix {
  const { rows, columns, weights } = members(value, path);
  const [height, width] = [whole(rows, `${path}.rows`, 1), whole(columns, `${path}.columns`, 1)];
  const place = `${path}.weights`;
  const isObject = typeof weights === "object" && weights !== null && !Array.isArray(weights);
  const listed =
    isObject && Object.keys(weights).every((key, i) => key === `${i}`) ? Object.values(weights) : weights;
  return { path, rows: height, columns: width, values: numbers(listed, place, height * width) };
}

function shaped(matrix: Matrix, rows: number, columns: number): Matrix {
  if (matrix.rows === rows && matrix.columns === columns) return matrix;
  throw bad(matrix.path, `is [${matrix.rows}, ${matrix.columns}], not [${rows}, ${columns}]`);
}

/** Returns a matrix as a synapse has it: (sources, units). */
function turned({ rows, columns, values }: Matrix): Float64Array {
  return Float64Array.from({ length: values.length }, (_, i) => {
    return values[(i % rows) * columns + Math.floor(i / rows)]!;
  });
}
