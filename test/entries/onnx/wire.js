// ONNX files byte by byte, right ones and wrong ones, without a library that would know better.

/** @typedef {number | string | Uint8Array | readonly (readonly [number, any])[]} Content */

const text = new TextEncoder();

/** @param {number} value */
export function varint(value) {
  const bytes = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

/**
 * Encodes a message: its fields as numbers (varints), texts, bytes, or messages.
 * @param {readonly (readonly [number, Content])[]} fields
 * @returns {Uint8Array}
 */
export function message(fields) {
  const parts = fields.flatMap(([number, content]) => {
    if (typeof content === "number") return [varint(number * 8), varint(content)];
    const inner =
      content instanceof Uint8Array
        ? content
        : typeof content === "string"
          ? text.encode(content)
          : message(content);
    return [varint(number * 8 + 2), varint(inner.length), inner];
  });
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Types of elements, by ONNX's numbers. */
const kinds = { float: 1, int64: 7, half: 10, double: 11 };
const arrays = { float: Float32Array, double: Float64Array, half: Uint16Array };

/**
 * Encodes a tensor. Numbers of 16 bits are given by their bits.
 * @param {string} name @param {readonly number[]} dims @param {readonly number[]} values
 */
export function tensor(name, dims, values, kind = /** @type {keyof typeof kinds} */ ("float")) {
  const raw =
    kind === "int64" ? BigInt64Array.from(values, (value) => BigInt(value)) : arrays[kind].from(values);
  return [
    ...dims.map((dim) => /** @type {const} */ ([1, dim])),
    /** @type {const} */ ([2, kinds[kind]]),
    /** @type {const} */ ([8, name]),
    /** @type {const} */ ([9, new Uint8Array(raw.buffer)]),
  ];
}

/** @param {string} name @param {readonly (number | string)[]} dims */
export function input(name, dims, kind = /** @type {keyof typeof kinds} */ ("float")) {
  const shape = dims.map((dim) => [1, [[typeof dim === "number" ? 1 : 2, dim]]]);
  const type = [
    [1, kinds[kind]],
    [2, shape],
  ];
  return [
    [1, name],
    [2, [[1, type]]],
  ];
}

/**
 * @param {string} op
 * @param {readonly string[]} inputs
 * @param {readonly string[]} outputs
 * @param {Record<string, number | readonly number[] | string | readonly string[] | Float32Array>} attributes Whole numbers, texts, lists of
 * either, or floats.
 */
export function node(op, inputs, outputs, attributes = {}, domain = "") {
  return [
    ...inputs.map((one) => [1, one]),
    ...outputs.map((one) => [2, one]),
    [4, op],
    ...(domain === "" ? [] : [[7, domain]]),
    ...Object.entries(attributes).map(([name, value]) => {
      if (typeof value === "string")
        return [
          5,
          [
            [1, name],
            [4, value],
            [20, 3],
          ],
        ];
      if (value instanceof Float32Array)
        return [
          5,
          [
            [1, name],
            [7, new Uint8Array(value.buffer)],
            [20, 6],
          ],
        ];
      if (typeof value === "number")
        return [
          5,
          [
            [1, name],
            [3, value],
            [20, 2],
          ],
        ];
      const texts = typeof value[0] === "string";
      return [
        5,
        [
          [1, name],
          ...Array.from(/** @type {readonly (string | number)[]} */ (value), (one) => [texts ? 9 : 8, one]),
          [20, texts ? 8 : 7],
        ],
      ];
    }),
  ];
}

/**
 * Encodes a model with one output, y, or others. `infos` are tensors' types, as inputs are written.
 * @param {{ inputs?: readonly any[], tensors?: readonly any[], nodes: readonly any[], opset?: number, more?: readonly any[],
 *   outputs?: readonly string[], infos?: readonly any[] }} parts
 */
export function model({
  inputs = [input("x", ["N", 4])],
  tensors = [],
  nodes,
  opset = 18,
  more = [],
  outputs = ["y"],
  infos = [],
}) {
  return message([
    [1, 8],
    [8, [[2, opset]]],
    [
      8,
      [
        [1, "ai.onnx.ml"],
        [2, 3],
      ],
    ],
    [
      7,
      [
        ...nodes.map((one) => [1, one]),
        [2, "graph"],
        ...tensors.map((one) => [5, one]),
        ...inputs.map((one) => [11, one]),
        ...outputs.map((one) => [12, [[1, one]]]),
        ...infos.map((one) => [13, one]),
        ...more,
      ],
    ],
  ]);
}
