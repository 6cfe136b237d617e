// Values in the forms of other libraries, where numbers are wanted, and the sentences that show ours.

import { show } from "./text.js";

/** Returns the sentence that helps with a value that is no number, or no array of numbers, after a space. */
export function advice(value: unknown): string {
  try {
    const sentence = advise(value);
    return sentence === undefined ? "" : ` ${sentence}`;
  } catch {
    return ""; // a proxy of the caller's
  }
}

function advise(value: unknown): string | undefined {
  if (typeof value === "string") {
    return value.trim() !== "" && Number.isFinite(Number(value))
      ? "Numbers as text are converted by `Number(text)`."
      : 'A label is a number here: with `labels.indexOf("cat")` it is a class number from 0.';
  }
  if (typeof value === "boolean") return "Write 1 for true and 0 for false: `Number(value)`.";
  if (typeof value === "bigint") return "A BigInt is converted by `Number(value)`.";
  if (typeof value === "function") return "Give what the function returns.";
  if (value === null || value === undefined) {
    return "A missing number is filled in, and a missing target is left out by `mask`.";
  }
  if (typeof value !== "object") return undefined;
  if (Array.isArray(value)) return "Samples are rows of numbers, nested once: `.flat()` takes a level away.";
  if ("dataSync" in value) return "The numbers of a tensor are `tensor.dataSync()`.";
  if (value instanceof Map) return "The values of a Map are `[...map.values()]`.";
  if ("then" in value) return "A promise is awaited first.";
  if (value instanceof ArrayBuffer || value instanceof DataView) {
    return "The numbers in a buffer are `new Float32Array(buffer)`, or of another type.";
  }
  if (ArrayBuffer.isView(value)) return "BigInts are converted: `Float64Array.from(values, Number)`.";
  if (Symbol.iterator in value) return "An iterable becomes an array by `[...values]`.";
  const { data, shape, width } = value as { data?: unknown; shape?: unknown; width?: unknown };
  if (ArrayBuffer.isView(data) && width !== undefined) return "An image becomes numbers by `pixels(image)`.";
  if (ArrayBuffer.isView(data) || (Array.isArray(data) && shape !== undefined)) {
    return "The numbers of such an array are in its `data`.";
  }
  const names = Object.keys(value);
  if (names.length === 0) return undefined;
  const members = names.slice(0, 3).map((name) => `sample[${show(name)}]`);
  return `The members of an object are given as a row of numbers, in one order: \`[${members.join(", ")}${names.length > 3 ? ", …" : ""}]\`.`;
}
