// State variables of a body, as delays of the layers that they follow. Each unit of a variable is a layer's unit, one step
// before. Where it follows another variable, that is one more step before.

import { GraphError } from "../../../index.js";
import type { Plan } from "./plan.js";
import type { Numbers } from "./tensor.js";
import { type Dense, isDense, isPick, type LayerPlan, type Pick, type Term, type Value } from "./term.js";
import { isIdentity, isOwnStep, isSum, layerOf, ofLayer, size, whole } from "./value.js";

/** A variable: the layer in its place in the body, its value before the first step, and its next one. */
export interface StateVariable {
  readonly place: LayerPlan;
  readonly initial: Numbers;
  readonly next: Value;
}

/** For each unit of a variable, a layer's unit and the number of steps before; or another variable's unit. */
interface Units {
  readonly from: LayerPlan[];
  readonly unit: Int32Array;
  readonly delay: Int32Array;
}

export class States {
  readonly #plan: Plan;
  readonly #sign: number;
  readonly #units = new Map<LayerPlan, Units>();
  /** Values outside the sequence that variables give to layers; NaN where none does. */
  readonly #initial = new Map<LayerPlan, Float64Array>();
  readonly #followed = new Set<LayerPlan>();

  /** Follows variables to their layers. `sign` is 1 for steps from the first to the last, else -1. */
  constructor(plan: Plan, variables: readonly StateVariable[], sign: 1 | -1) {
    this.#plan = plan;
    this.#sign = sign;
    for (const { place, next } of variables)
      this.#units.set(place, sourcesOf(next) ?? this.#ofLayer(next, place));
    for (const variable of variables) {
      if (this.#follow(variable)) continue;
      const { place, next } = variable;
      if (this.#followed.has(place))
        throw new GraphError("unsupported", "State variables differ in their start.");
      this.#units.set(place, this.#ofLayer(next, place, true));
      this.#follow(variable);
    }
    for (const [layer, values] of this.#initial) {
      const { initial } = layer;
      layer.initial = values.map((value, i) => (Number.isNaN(value) ? (initial?.[i] ?? 0) : value));
    }
  }

  /** Makes the next value of a variable a layer, of its own if it must be. */
  #ofLayer(next: Value, place: LayerPlan, isOwn = false): Units {
    const made = isOwn
      ? this.#plan.activate(next, "linear", place.label)
      : this.#plan.asLayer(next, place.label);
    return sourcesOf(ofLayer(layerOf(made)!, [size(next)], next.axes))!;
  }

  /** Follows a variable's units to layers. Returns false where a layer's start would differ from the variable's. */
  #follow({ place, initial }: StateVariable): boolean {
    const own = this.#units.get(place)!;
    const found = own.unit.map((_, i) => this.#end(place, i));
    const fits = found.every(
      (delay, i) => delay > 0 && this.#canStart(own.from[i]!, own.unit[i]!, initial[i]!),
    );
    if (!fits) return false;
    for (const [i, layer] of own.from.entries()) {
      const values = this.#initial.get(layer) ?? new Float64Array(layer.size).fill(Number.NaN);
      values[own.unit[i]!] = initial[i]!;
      this.#initial.set(layer, values);
    }
    return true;
  }

  #canStart(layer: LayerPlan, unit: number, value: number): boolean {
    const known = this.#initial.get(layer)?.[unit] ?? Number.NaN;
    return Number.isNaN(known) ? (layer.initial?.[unit] ?? value) === value : known === value;
  }

  /** Follows a unit to a layer, and keeps the end for all units on the way. Returns its number of steps. */
  #end(place: LayerPlan, unit: number): number {
    const way: [Units, number][] = [];
    let [layer, at] = [place, unit];
    for (;;) {
      const units = this.#units.get(layer);
      if (units === undefined) break;
      if (layer !== place) this.#followed.add(layer);
      way.push([units, at]);
      if (units.delay[at]! > 0) break;
      if (units.delay[at] === -1)
        throw new GraphError("unsupported", "A state variable only keeps its value.");
      units.delay[at] = -1;
      [layer, at] = [units.from[at]!, units.unit[at]!];
    }
    let delay = 0;
    let end: readonly [LayerPlan, number] = [layer, at];
    for (const [units, i] of way.reverse()) {
      if (units.delay[i]! > 0) {
        delay = units.delay[i]!;
        end = [units.from[i]!, units.unit[i]!];
        continue;
      }
      units.delay[i] = ++delay;
      [units.from[i], units.unit[i]] = end;
    }
    return delay;
  }

  /** Replaces the variables among the terms of layers. */
  replaceIn(layers: readonly LayerPlan[]): void {
    for (const layer of layers) {
      if (layer.terms.some(({ from }) => this.#units.has(from)))
        layer.terms = this.#replaced(layer.terms, layer.isProduct === true, layer.label);
    }
  }

  /** Returns a value without variables. */
  replacedIn(v: Value, label: string): Value {
    if (!v.terms.some(({ from }) => this.#units.has(from))) return v;
    return { ...v, terms: this.#replaced(v.terms, v.isProduct === true, label) };
  }

  #replaced(terms: readonly Term[], isProduct: boolean, label: string): Term[] {
    return terms.flatMap((term) => {
      const units = this.#units.get(term.from);
      if (units === undefined) return [term];
      const { map, from } = term;
      if (!isPick(map) && !isDense(map)) return [this.#other(term, units, label)];
      const parts = this.#parts({ ...term, map }, units);
      if (!isProduct || parts.length === 1) return parts;
      // A factor is one term: a layer for the sum of several.
      const width = isPick(map) ? (map.index?.length ?? from.size) : map.matrix.length / from.size;
      const sum: Value = {
        dims: [width],
        axes: this.#plan.axes,
        terms: parts,
        bias: undefined,
        gain: undefined,
      };
      return this.#plan.activate(sum, "linear", `${label}.factor`).terms;
    });
  }

  /** Returns a map by windows of a variable, which is one layer with one delay then. */
  #other(term: Term, units: Units, label: string): Term {
    const { shape, order, size } = term.from;
    const whole: Pick = { index: undefined, scale: undefined };
    const parts = this.#parts({ map: whole }, units);
    const [part] = parts;
    if (parts.length === 1 && isPick(part!.map) && isIdentity(part!.map)) {
      if (shape === undefined || this.#plan.shape(part!.from, shape, order))
        return { ...part!, map: term.map };
    }
    const dims = [size];
    const sum: Value = { dims, axes: this.#plan.axes, terms: parts, bias: undefined, gain: undefined };
    const [made] = this.#plan.activate(sum, "linear", `${label}.before`).terms;
    if (shape !== undefined) this.#plan.shape(made!.from, shape, order);
    return { ...made!, map: term.map };
  }

  /** Returns the terms of a variable's units: one for each layer and delay. */
  #parts({ map }: { readonly map: Pick | Dense }, units: Units): Term[] {
    const wanted = isPick(map) ? (map.index ?? Int32Array.from(units.unit, (_, i) => i)) : undefined;
    const width = wanted?.length ?? units.unit.length;
    const used = isPick(map) ? undefined : stepsUsed(units, map.matrix);
    const groups = new Map<LayerPlan, Map<number, Int32Array>>();
    for (let j = 0; j < width; j++) {
      const i = wanted === undefined ? j : wanted[j]!;
      if (i < 0) continue;
      const [layer, delay] = [units.from[i]!, units.delay[i]!];
      if (used?.get(layer)?.get(delay) === false) continue;
      const delays = groups.get(layer) ?? new Map<number, Int32Array>();
      let index = delays.get(delay);
      if (index === undefined) {
        this.#plan.charge(width);
        index = new Int32Array(width).fill(-1);
      }
      index[j] = units.unit[i]!;
      groups.set(layer, delays.set(delay, index));
    }
    const parts = [...groups].flatMap(([from, delays]) =>
      [...delays].map(([delay, index]) => ({ from, delay: delay * this.#sign, index })),
    );
    if (isPick(map)) {
      return parts.map(({ from, delay, index }) => ({
        from,
        delay,
        map: { ...map, index: whole(index, from.size) },
      }));
    }
    const columns = map.matrix.length / units.unit.length;
    return parts.map(({ from, delay, index }): Term => {
      if (whole(index, from.size) === undefined) return { from, delay, map };
      this.#plan.charge(from.size * columns);
      const matrix = new Float64Array(from.size * columns);
      index.forEach((unit, i) => {
        if (unit < 0) return;
        for (let j = 0; j < columns; j++) matrix[unit * columns + j]! += map.matrix[i * columns + j]!;
      });
      return { from, delay, map: { ...map, matrix } };
    });
  }
}

/**
 * Returns the layers and delays whose units a matrix uses: a step that a body doesn't take from a register has weights of 0.
 * Without any, all are used.
 */
function stepsUsed({ from, delay }: Units, matrix: Numbers): Map<LayerPlan, Map<number, boolean>> {
  const columns = matrix.length / from.length;
  const used = new Map<LayerPlan, Map<number, boolean>>();
  const isZero = matrix.every((weight) => weight === 0);
  from.forEach((layer, i) => {
    const delays = used.get(layer) ?? new Map<number, boolean>();
    used.set(layer, delays);
    if (delays.get(delay[i]!) === true) return;
    const row = matrix.subarray(i * columns, (i + 1) * columns);
    delays.set(delay[i]!, isZero || row.some((weight) => weight !== 0));
  });
  return used;
}

/** Returns the source of each unit of a value that has each from one, unchanged; `undefined` for another value. */
function sourcesOf(v: Value): Units | undefined {
  if (v.bias !== undefined || !isSum(v)) return undefined;
  const width = size(v);
  const from = new Array<LayerPlan>(width);
  const unit = new Int32Array(width).fill(-1);
  for (const term of v.terms) {
    const { map } = term;
    if (!isPick(map) || map.scale !== undefined || !isOwnStep(term)) return undefined;
    for (let j = 0; j < width; j++) {
      const i = map.index === undefined ? j : map.index[j]!;
      if (i < 0) continue;
      if (unit[j]! >= 0) return undefined;
      unit[j] = i;
      from[j] = term.from;
    }
  }
  return unit.includes(-1) ? undefined : { from, unit, delay: new Int32Array(width) };
}
