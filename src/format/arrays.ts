// A graph as plain data whose numbers are arrays in the place of texts. Threads post it, which takes no encoding.

import { areFinite, type FloatArray, type Precision } from "../base/precision.js";
import { Slices } from "../base/slices.js";
import { show } from "../base/text.js";
import type { Contents, Network } from "../calls/network.js";
import type { Numbers } from "../memory/adopt.js";
import { pathOf, type Tensor, type TensorView } from "../memory/tensor.js";
import { isAbsent, refuse, refuseBias } from "./assemble.js";
import { describe } from "./description.js";
import { countOf, readJSON } from "./json.js";
import type { Numbers as Sources } from "./numbers.js";
import { bad } from "./path.js";
import { negative, networks, type Outline, outlines } from "./rebuild.js";

/** Returns the graph as `toJSON` does, but with copies of its numbers. Does it in slices, between which the numbers may change. */
export function* toArrays(contents: Contents): Generator<void, object> {
  const { version, description, tensors } = describe(contents);
  const slices = new Slices();
  for (const { list, index, member, view } of tensors) {
    const all = view();
    const copy = new (all.constructor as new (length: number) => TensorView)(all.length);
    yield* slices.over(all.length, (from, to) => copy.set(view().subarray(from, to), from));
    description[list][index]![member] = copy;
  }
  return { format: "plexus", version, ...description };
}

/** Returns the network of what `toArrays` returned. Throws `bad-file`. */
export function fromArrays(given: unknown): Network {
  return readJSON(given, networks, arrays);
}

/** Returns the network of what `toArrays` returned, without its numbers, and their places. Throws `bad-file`. */
export function outlineOf(given: unknown): Outline {
  return readJSON(given, outlines, arrays);
}

/** Checks the arrays of an outline, in slices. Returns them, in packed order. Throws `bad-file`. */
export function* numbersIn({ network, parts }: Outline): Generator<void, Numbers[]> {
  const { optimizer } = network.training;
  const slices = new Slices();
  const found: Numbers[] = [];
  for (const part of parts) {
    const { tensor, moments, entry } = part;
    const { steps, product, tensors } = moments!;
    const arrayOf = ({ member }: Tensor) => entry[member] as FloatArray<Precision>;
    for (const one of [tensor, ...tensors]) {
      const values = arrayOf(one);
      yield* slices.over(values.length, (from, to) => {
        const some = values.subarray(from, to);
        if (!areFinite(some)) refuse(one, values, from + some.findIndex(isNotFinite), "not finite");
        if (one.moment === undefined) return;
        const at = one.moment === "square" ? negative(some) : -1;
        if (at >= 0) refuse(one, values, from + at, "less than 0");
        optimizer.bound(some);
      });
    }
    if (isAbsent(part)) refuseBias(part, arrayOf(tensor));
    found.push({
      ...{ steps, product },
      values: () => arrayOf(tensor),
      moment: (name) => arrayOf(tensors.find(({ moment }) => moment === name)!),
    });
  }
  return found;
}

const isNotFinite = (value: number) => !Number.isFinite(value);

/** Numbers as arrays. */
const arrays: Sources = {
  inside: true,
  check(tensor, precision, values) {
    const kinds = {
      U32: Uint32Array,
      I32: Int32Array,
      "": precision === "float64" ? Float64Array : Float32Array,
    };
    const count = countOf(tensor);
    const isOfClass = values instanceof kinds[tensor.dtype ?? ""];
    if (!isOfClass || (count > 0 && values.length !== count)) throw bad(pathOf(tensor), `is ${show(values)}`);
    return values.length;
  },
  fill(_, view, values) {
    view.set(values as TensorView);
  },
};
