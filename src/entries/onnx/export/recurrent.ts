// RNN, LSTM and GRU, for float32: onnxruntime has no others. It runs layout 0 alone, with time as the first axis, so the
// operator stands between transpositions.

import type { Synapse } from "../../../index.js";
import type { Cell } from "./cell.js";
import type { ExportedLayer, Loop } from "./graph.js";
import type { Wanted } from "./scan.js";
import type { Series } from "./series.js";
import type { Writer } from "./writer.js";

/** Activations of the operators if they have none of their own. */
const USUAL = { RNN: "Tanh", LSTM: "Sigmoid,Tanh,Tanh", GRU: "Sigmoid,Tanh" } as const;

/** Returns whether the operator of a cell has all that others read of its loop. */
export function suffices(cell: Cell, { layers }: Loop, series: Series, wanted: Wanted): boolean {
  const { hidden, state } = cell;
  const isHidden = layers.every((one) => one === hidden || !wanted.layers.has(one.layer));
  const kept = [hidden, ...(state === undefined ? [] : [state])];
  return isHidden && (!wanted.states || kept.every(({ layer }) => series.depth(layer) === 1));
}

/** Writes a loop as an operator. Returns the tensors of the next states, by their layers. */
export function writeCell(
  w: Writer,
  cell: Cell,
  { reversed, members }: Loop,
  series: Series,
  states: boolean,
): Map<ExportedLayer["layer"], string> {
  const { opType, hidden, state, gates } = cell;
  const { name, size, kind } = hidden;
  const sources = gates[0]!.incoming.filter(({ from }) => !members.has(from));
  const kept = state === undefined ? [hidden] : [hidden, state];
  const isGiven = states || kept.some(({ initial }) => Array.from(initial).some((value) => value !== 0));
  const turned = (steps: string) => w.op("Transpose", [steps], { perm: [1, 0, 2] });
  const x = turned(received(w, sources, series));
  const starts = isGiven ? kept.map(({ layer }) => turned(series.past(layer, 1))) : [];
  const peepholes = cell.peepholes.some((one) => one !== undefined) ? [peepholeOf(w, cell)] : [];
  const gap = peepholes.length > 0 && starts.length === 0 ? ["", ""] : starts;
  const inputs = [x, ...matrices(w, cell, members), "", ...gap, ...peepholes];
  while (inputs.at(-1) === "") inputs.pop();
  const y = kind === "output" ? w.fresh(`${name}.cell`) : name;
  const finals = states ? kept.map((one) => w.fresh(`${one.name}.final`)) : [];
  const activations = cell.activations.join() === USUAL[opType] ? {} : { activations: cell.activations };
  const attributes = {
    hidden_size: size,
    ...activations,
    ...(reversed ? { direction: "reverse" } : {}),
    ...(cell.resetsAfter ? { linear_before_reset: 1 } : {}),
  };
  w.add(opType, inputs, [y, ...finals], attributes, name);
  series.setSteps(hidden.layer, turned(w.op("Squeeze", [y, w.whole([1])])));
  return new Map(finals.map((final, i) => [kept[i]!.layer, turned(final)]));
}

/** Returns the steps of all sources side by side. */
function received(w: Writer, sources: readonly Synapse[], series: Series): string {
  const rows = sources.map((synapse) => series.arriving(synapse).rows);
  const size = sources.reduce((sum, { from }) => sum + from.size, 0);
  return series.unflat(rows.length === 1 ? rows[0]! : w.op("Concat", rows, { axis: 1 }), size);
}

/** Returns W, R and B: a block of rows for each gate, a row for each of its units. */
function matrices(
  w: Writer,
  { hidden, gates, recurrent, recurrentBias }: Cell,
  members: Loop["members"],
): string[] {
  const { name, size } = hidden;
  const blocks = gates.map(({ incoming }) => incoming.filter(({ from }) => !members.has(from)));
  const width = blocks[0]!.reduce((sum, { from }) => sum + from.size, 0);
  const count = gates.length * size;
  const from = new Float64Array(count * width);
  const again = new Float64Array(count * size);
  const bias = new Float64Array(2 * count);
  gates.forEach((gate, g) => {
    let column = 0;
    for (const synapse of blocks[g]!) {
      turn(synapse, from, g * size, column, width);
      column += synapse.from.size;
    }
    turn(recurrent[g]!, again, g * size, 0, size);
    bias.set(Array.from(gate.bias ?? []), g * size);
    bias.set(Array.from(recurrentBias[g] ?? []), count + g * size);
  });
  return [
    w.constant(`${name}.W`, [1, count, width], from),
    w.constant(`${name}.R`, [1, count, size], again),
    w.constant(`${name}.B`, [1, 2 * count], bias),
  ];
}

/** Writes the transposed weights of a synapse into a matrix. */
function turn(
  { weights, shape }: Synapse,
  to: Float64Array,
  row: number,
  column: number,
  width: number,
): void {
  const [rows, columns] = [shape[0]!, shape[1]!];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) to[(row + j) * width + column + i] = weights[i * columns + j]!;
  }
}

function peepholeOf(w: Writer, { hidden, peepholes }: Cell): string {
  const { name, size } = hidden;
  const values = new Float64Array(3 * size);
  peepholes.forEach((synapse, g) => {
    if (synapse !== undefined) values.set(synapse.weights, g * size);
  });
  return w.constant(`${name}.P`, [1, 3 * size], values);
}
