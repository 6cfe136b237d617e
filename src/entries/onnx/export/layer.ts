// A layer in operators: the sum or product of its synapses, then norm, bias and activation.

import { channels } from "../../../rules/shape.js";
import { activations } from "../form.js";
import type { ExportedLayer } from "./graph.js";
import { forms } from "./link.js";
import { normed } from "./norm.js";
import type { Series } from "./series.js";
import { arrangedUnits, channelsLast, isPlanar, owned, type Term, Values } from "./values.js";
import type { Writer } from "./writer.js";

/** Writes a layer in no loop. Its values get its name, unless it is an input: the file's input has that name. */
export function writeLayer(w: Writer, exported: ExportedLayer, series: Series): void {
  const { layer, name, kind, shape, incoming } = exported;
  const given = kind === "input" ? received(w, exported, series) : undefined;
  const terms = incoming.map((synapse) => ({ synapse, source: series.arriving(synapse) }));
  const before = w.nodes.length;
  if (kind === "input" && isIdle(exported, terms)) {
    series.setValues(layer, given!);
    return;
  }
  const post = writeValues(w, exported, given?.own, terms, series);
  if (kind !== "hidden") series.setValues(layer, new Values(w, shape, owned(shape, post)));
  else series.setValues(layer, new Values(w, shape, owned(shape, w.assignName(post, name, before))));
  if (kind === "output") writeOutput(w, exported, series, before);
}

/** Returns whether an input passes on what it receives. */
function isIdle({ bias, gain, activation }: ExportedLayer, terms: readonly Term[]): boolean {
  return bias === undefined && gain === undefined && activation === "linear" && terms.length === 0;
}

/** Returns the values that the file's input has, scaled. */
function received(w: Writer, exported: ExportedLayer, series: Series): Values {
  const { name, size, shape, scaler, timed } = exported;
  const isFlat = !isPlanar(exported);
  let given = isFlat && timed ? series.flat(name, size) : name;
  if (scaler !== undefined) {
    const [offset, divisor] = scaling(w, exported);
    given = w.op("Div", [w.op("Sub", [given, offset]), divisor]);
  }
  if (isFlat) return new Values(w, shape, { rows: given });
  return new Values(w, shape, timed ? { rows: series.flat(given, size) } : { last: given });
}

/** Writes the offset and the divisor of a scaler, of each unit or of each channel; channels are last. */
function scaling(w: Writer, { name, size, shape, scaler }: ExportedLayer): [string, string] {
  const { offset, divisor } = scaler!;
  const each = offset.length === size && isPlanar({ shape }) ? [1, ...shape] : [1, offset.length];
  return [w.constant(`${name}.offset`, each, offset), w.constant(`${name}.divisor`, each, divisor)];
}

/** Writes the file's output of a layer, scaled back and with its name. */
export function writeOutput(w: Writer, exported: ExportedLayer, series: Series, before: number): void {
  const { layer, name, size, shape, scaler, timed } = exported;
  const isFlat = !isPlanar(exported);
  const planes = () => series.values(layer).planes(shape.length - 1);
  const last = () => (isFlat ? series.values(layer).rows : channelsLast(w, planes(), shape.length));
  const stepped = (rows: string) => (timed ? series.unflat(rows, size, shape) : rows);
  if (scaler !== undefined) {
    const [offset, divisor] = scaling(w, exported);
    const moved = w.op("Add", [w.op("Mul", [last(), divisor]), offset]);
    w.assignName(stepped(moved), name, before);
  } else if (timed) {
    const steps = isFlat ? series.ownSteps(layer) : undefined;
    const found = steps ?? stepped(last());
    if (found !== name) {
      w.assignName(found, name, before);
      if (isFlat) series.setSteps(layer, name);
    }
  } else {
    const named = w.assignName(last(), name, before);
    const made = isFlat ? { rows: named } : { planes: planes(), last: named };
    series.setValues(layer, new Values(w, shape, made));
  }
}

/** Writes the activation of a layer, of its terms and a tensor that is joined to them, if there is one. */
export function writeValues(
  w: Writer,
  exported: ExportedLayer,
  given: string | undefined,
  terms: readonly Term[],
  series: Series,
): string {
  const pre = biased(w, exported, given, terms, series);
  const { plain, exact = plain } = activations[exported.activation];
  return (w.precision === "float64" ? exact : plain)(w, pre, exported.parameter);
}

/** Returns the pre-activation. */
function biased(
  w: Writer,
  exported: ExportedLayer,
  given: string | undefined,
  terms: readonly Term[],
  series: Series,
): string {
  const { name, size, shape, bias, gain, join } = exported;
  const joined = () => joinedTerms(w, exported, terms, series, given);
  if (gain !== undefined) return normed(w, exported, gain, joined());
  if (bias === undefined) return joined();
  // An operator adds the bias, if the first one can.
  const adds = isPlanar(exported) ? "channels" : "rows";
  const count = isPlanar(exported) ? channels(shape) : size;
  const carrier = terms.find(({ synapse }) => forms[synapse.kind].adds === adds);
  if (given === undefined && join === "sum" && bias.length === count && carrier !== undefined)
    return summed(w, exported, terms, series, w.constant(`${name}.bias`, [count], bias));
  const { dims, values } = arrangedUnits(shape, bias);
  return w.op("Add", [joined(), w.constant(`${name}.bias`, dims, values)]);
}

/** Returns the sum or the product of terms and of a tensor to start with, if there is one. */
export function joinedTerms(
  w: Writer,
  exported: ExportedLayer,
  terms: readonly Term[],
  series: Series,
  start?: string,
): string {
  const { join, shape } = exported;
  if (join === "sum" && start === undefined) return summed(w, exported, terms, series);
  if (join === "sum" && !isPlanar(exported)) return summed(w, exported, terms, series, start);
  let joined = start;
  for (const term of terms) {
    const made = forms[term.synapse.kind].write(w, term, series, undefined);
    const { own } = new Values(w, shape, made);
    joined = joined === undefined ? own : w.op(join === "sum" ? "Add" : "Mul", [joined, own]);
  }
  return joined!;
}

/**
 * Adds terms to a sum, which starts with a sum of rows, or in planes with a bias for each channel. Kinds whose operators add
 * come first.
 */
function summed(
  w: Writer,
  exported: ExportedLayer,
  terms: readonly Term[],
  series: Series,
  start?: string,
): string {
  const { shape } = exported;
  const isPlane = isPlanar(exported);
  let sum = isPlane ? undefined : start;
  let bias = isPlane ? start : undefined;
  for (const isFirst of [true, false]) {
    for (const term of terms) {
      const form = forms[term.synapse.kind];
      const adds = form.adds === (isPlane ? "channels" : "rows");
      if (adds !== isFirst) continue;
      const made = form.write(w, term, series, adds ? (isPlane ? bias : sum) : undefined);
      const { own } = new Values(w, shape, made);
      sum = (adds && !isPlane) || sum === undefined ? own : w.op("Add", [sum, own]);
      bias = undefined;
    }
  }
  return sum!;
}
