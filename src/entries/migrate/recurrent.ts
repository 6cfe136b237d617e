// The recurrent layers of Keras and TensorFlow.js. A sequence stays in its own order here; a layer that reads it backwards has
// a delay of -1.

import { show } from "../../base/text.js";
import type { Layer } from "../../index.js";
import { activationOf, nameOf, type Squash } from "./activations.js";
import { type Gate, gruCell, lstmCell, type Place, simpleCell } from "./cells.js";
import type { Config, Operation } from "./operation.js";
import { array, bad, lookup, members, string, unsupported, whole } from "./read.js";
import type { Tensor } from "./tensor.js";

/** The layers of this file, by their class. */
export const recurrent: Readonly<Record<string, (operation: Operation, input: Tensor) => Tensor>> = {
  SimpleRNN: sequence,
  LSTM: sequence,
  GRU: sequence,
  RNN: custom,
  Bidirectional: bidirectional,
};

/** A cell's place, and what its options say. */
interface Cell extends Place {
  readonly activation: Squash;
  readonly gates: Squash;
  readonly isAfter: boolean;
  /** Returns the bias of a gate for the cell's own values, beside the one for the input. */
  ownBias(index: number, scale: number): Float64Array | false;
  /** Makes the layer of a gate that has the columns `index` of the weights. */
  gate(part: string, index: number, squash: Squash): Gate;
}

/** Cells by the class of their layer: the number of gates, which are columns of the weights, and the layers. */
const cells: Readonly<Record<string, { readonly count: number; make(cell: Cell): Layer }>> = {
  SimpleRNN: {
    count: 1,
    make: (cell) => simpleCell(cell, cell.gate("", 0, cell.activation)),
  },
  LSTM: {
    count: 4,
    make: (cell) => {
      const [input, forget] = [cell.gate("input", 0, cell.gates), cell.gate("forget", 1, cell.gates)];
      const candidate = cell.gate("candidate", 2, cell.activation);
      const output = cell.gate("output", 3, cell.gates);
      return lstmCell(cell, { input, forget, candidate, output }, cell.activation);
    },
  },
  GRU: {
    count: 3,
    make: (cell) => {
      const [update, reset] = [cell.gate("update", 0, cell.gates), cell.gate("reset", 1, cell.gates)];
      const candidate = cell.gate("candidate", 2, cell.activation);
      const recall = cell.isAfter ? { recall: cell.ownBias(2, cell.activation.scale) } : {};
      return gruCell(cell, { update, reset, candidate, ...recall });
    },
  },
};

/** Computes a layer over the steps of a sequence; returns all steps, or the one that it reads last. */
function sequence(operation: Operation, input: Tensor): Tensor {
  const { config, path, type } = operation;
  const { count, make } = lookup(cells, type, path);
  if (input.steps === undefined) throw bad(path, "is given no sequence");
  if (input.shape.length !== 1) throw unsupported(path, `reads steps of the shape [${input.shape}]`);
  if (config.return_state === true) throw unsupported(path, "returns its state beside its output");
  if (config.time_major === true) throw unsupported(path, "has the steps before the samples");
  const isBackward = (config.go_backwards === true) !== input.steps.isReversed;
  const units = whole(config.units, `${path}.units`, 1);
  const layer = make(placeOf(operation, input, units, count, isBackward ? -1 : 1));
  const shape = [units];
  if (config.return_sequences === true) {
    return { shape, segments: [{ layer }], steps: { isReversed: isBackward } };
  }
  return { shape, segments: [{ layer, at: isBackward ? "first" : "last" }] };
}

function placeOf(operation: Operation, input: Tensor, units: number, count: number, delay: number): Cell {
  const { config, maker, weights, scope, path } = operation;
  const isAfter = config.reset_after === true && count === 3;
  const all = units * count;
  const kernel = weights.take(scope, "kernel", [input.shape[0]!, all]);
  const own = weights.take(scope, "recurrent_kernel", [units, all]);
  const bias =
    config.use_bias === false ? undefined : weights.take(scope, "bias", isAfter ? [2, all] : [all]);
  const part = (matrix: Float64Array, index: number, scale: number) =>
    weights.columns(matrix, all, index * units, units, scale);
  const name = maker.name(operation.name);
  const given = maker.ready(input);
  const squash = (member: string, usual: string) => {
    const place = `${path}.${member}`;
    return activationOf(nameOf(config[member], place, usual), place);
  };
  return {
    graph: maker.graph,
    name,
    size: units,
    delay,
    activation: squash("activation", "tanh"),
    gates: squash("recurrent_activation", "hard_sigmoid"),
    isAfter,
    part: (inner) => maker.name(`${name}.${inner}`),
    dense: (from, to, matrix, delay) => maker.dense(from, to, matrix, { delay }),
    ownBias: (index, scale) => bias !== undefined && part(bias, index, scale).slice(units),
    gate(inner, index, { activation, scale }) {
      const biases = bias && part(bias, index, scale);
      // The candidate's second bias is in a layer of its own, which the reset multiplies.
      const second = isAfter && index < 2 ? biases?.slice(units) : undefined;
      const sum = biases?.slice(0, units).map((value, i) => value + (second?.[i] ?? 0));
      const product = maker.product(given, part(kernel, index, scale), units, sum, name);
      const pending = { ...product, activation };
      const layer = inner === "" ? maker.named(pending, name) : maker.named(pending, this.part(inner));
      return { layer, own: part(own, index, scale) };
    },
  };
}

/** Computes a layer of a cell that is given apart, or of several in a row. */
function custom(operation: Operation, input: Tensor): Tensor {
  const { config, path, name } = operation;
  const read = (value: unknown, place: string) => {
    const { class_name, config: inner } = members(value, place);
    const type = string(class_name, `${place}.class_name`);
    return { type, config: members(inner, `${place}.config`) };
  };
  const cell = read(config.cell, `${path}.cell`);
  const isStacked = cell.type === "StackedRNNCells";
  const list = isStacked
    ? array(cell.config.cells, `${path}.cell.cells`).map((one, i) => read(one, `${path}.cell.cells[${i}]`))
    : [cell];
  if (list.length === 0) throw bad(`${path}.cell.cells`, "is empty");
  return list.reduce((tensor, { type, config: inner }, i) => {
    const isLast = i === list.length - 1;
    const { return_state, time_major } = config;
    const steps: Config = {
      go_backwards: i === 0 && config.go_backwards,
      return_sequences: !isLast || config.return_sequences,
      return_state,
      time_major,
    };
    return sequence(
      {
        ...operation,
        type: type.replace(/Cell$/, ""),
        config: { ...inner, ...steps },
        name: isStacked ? `${name}.${i + 1}` : name,
        scope: isStacked ? `${operation.scope}/RNNCell_${i}` : operation.scope,
      },
      tensor,
    );
  }, input);
}

/** Computes a layer in both directions, and joins or adds what they return. */
function bidirectional(operation: Operation, input: Tensor): Tensor {
  const { config, path, name, scope, maker } = operation;
  const read = (value: unknown, member: string) => {
    const { class_name, config: inner } = members(value, `${path}.${member}`);
    const type = string(class_name, `${path}.${member}.class_name`);
    return { type, config: members(inner, `${path}.${member}.config`) };
  };
  const { type, config: inner } = read(config.layer, "layer");
  const other =
    config.backward_layer === undefined || config.backward_layer === null
      ? { type, config: { ...inner, go_backwards: inner.go_backwards !== true } }
      : read(config.backward_layer, "backward_layer");
  const one = (direction: string, type: string, config: Config, named: Config) => {
    const from = `${scope}/${direction}_${string(named.name, `${path}.layer.config.name`)}`;
    const own = { type, config, name: `${name}.${direction}`, scope: from };
    return lookup(recurrent, type, `${path}.layer`)({ ...operation, ...own }, input);
  };
  const forward = one("forward", type, inner, inner);
  const backward = { ...one("backward", other.type, other.config, inner), steps: forward.steps };
  const mode = config.merge_mode === undefined ? "concat" : config.merge_mode;
  if (mode === "concat") return maker.join([forward, backward], [forward.shape[0]! + backward.shape[0]!]);
  if (mode === "sum") return maker.sum([forward, backward], 1, name);
  if (mode === "ave") return maker.sum([forward, backward], 0.5, name);
  throw unsupported(`${path}.merge_mode`, `is ${show(mode)}, not concat, sum or ave`);
}
