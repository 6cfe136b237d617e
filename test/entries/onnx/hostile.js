// Files that mean harm: each must end in a refusal with its code, whatever they ask for.

import { input, message, model, node, tensor, varint } from "./wire.js";

const forward = node("Relu", ["x"], ["y"]);
const whole = model({ nodes: [forward] });

/** @param {number} times @param {(inner: Uint8Array) => Uint8Array} wrap */
function nested(times, wrap) {
  /** @type {Uint8Array} */
  let bytes = new Uint8Array();
  for (let i = 0; i < times; i++) bytes = wrap(bytes);
  return bytes;
}

/** @param {readonly (readonly number[] | Uint8Array)[]} parts */
function joined(parts) {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Adds numbers to x, k times over. @param {number} k */
const doubled = (k) => [
  node("Identity", ["x"], ["v0"]),
  ...Array.from({ length: k }, (_, i) => node("Concat", [`v${i}`, `v${i}`], [`v${i + 1}`], { axis: 1 })),
  node("Identity", [`v${k}`], ["y"]),
];

/** @returns {[name: string, bytes: any, code: string][]} */
export function hostile() {
  const manyMessages = new Uint8Array(2_400_000);
  // Empty nodes: two bytes each.
  for (let i = 0; i < manyMessages.length; i += 2) manyMessages[i] = 1 * 8 + 2;
  const manyNumbers = new Uint8Array(17_000_000).fill(1);
  return [
    ["no bytes", "x", "bad-file"],
    ["an array", [1, 2, 3], "bad-file"],
    ["an empty file", new Uint8Array(), "bad-file"],
    ["a text", new TextEncoder().encode('{"format": "plexus"}'), "bad-file"],
    ["zeros", new Uint8Array(1000), "bad-file"],
    ["no graph", message([[1, 8]]), "bad-file"],
    ["1,200,000 empty nodes", message([[7, manyMessages]]), "bad-file"],
    ["17,000,000 numbers of a byte", message([[7, [[5, [[7, manyNumbers]]]]]]), "bad-file"],
    [
      "a message of 2⁶³ bytes",
      joined([[7 * 8 + 2], [255, 255, 255, 255, 255, 255, 255, 255, 127]]),
      "bad-file",
    ],
    ["a message of 4 GB", joined([[7 * 8 + 2], varint(2 ** 32 - 1)]), "bad-file"],
    ["a number without end", Uint8Array.from({ length: 100 }, (_, i) => (i === 0 ? 8 : 255)), "bad-file"],
    ["groups in groups", new Uint8Array(100_000).fill(100 * 8 + 3), "bad-file"],
    [
      "graphs in graphs",
      message([[7, nested(60, (inner) => message([[1, [[5, [[6, inner]]]]]]))]]),
      "bad-file",
    ],
    ["a text where a message is", message([[7, "graph"]]), "bad-file"],
    ["a number where a message is", message([[7, 300]]), "bad-file"],
    [
      "a cycle",
      model({
        nodes: [node("Relu", ["b"], ["a"]), node("Relu", ["a"], ["b"]), node("Add", ["a", "x"], ["y"])],
      }),
      "bad-file",
    ],
    [
      "a softmax of one unit",
      model({ inputs: [input("x", ["N", 1])], nodes: [node("Softmax", ["x"], ["y"])] }),
      "unsupported",
    ],
    [
      "a softmax over an axis of one",
      model({ inputs: [input("x", ["N", 3, 1])], nodes: [node("Softmax", ["x"], ["y"], { axis: 2 })] }),
      "unsupported",
    ],
    ["a tensor given twice", model({ nodes: [forward, forward] }), "bad-file"],
    ["an output that nothing gives", model({ nodes: [node("Relu", ["x"], ["z"])] }), "bad-file"],
    ["an input that is an output", model({ inputs: [input("y", ["N", 2])], nodes: [] }), "unsupported"],
    ["a size of 2⁴⁰", model({ inputs: [input("x", ["N", 2 ** 40])], nodes: [forward] }), "unsupported"],
    [
      "a size of 2³¹ - 1",
      model({ inputs: [input("x", ["N", 2 ** 31 - 1])], nodes: [forward] }),
      "unsupported",
    ],
    [
      "sizes whose product is 2⁹³",
      model({ inputs: [input("x", ["N", 2 ** 31, 2 ** 31, 2 ** 31])], nodes: [forward] }),
      "unsupported",
    ],
    ["a size of 0", model({ inputs: [input("x", ["N", 0])], nodes: [forward] }), "unsupported"],
    ["a name for a size", model({ inputs: [input("x", ["N", "M"])], nodes: [forward] }), "unsupported"],
    [
      "a tensor whose shape has 2⁶² numbers",
      model({ tensors: [tensor("w", [2 ** 31, 2 ** 31], [1])], nodes: [node("Add", ["x", "w"], ["y"])] }),
      "bad-file",
    ],
    [
      "a tensor of fewer bytes than its shape",
      model({ tensors: [tensor("w", [4, 4], [1, 2, 3])], nodes: [node("MatMul", ["x", "w"], ["y"])] }),
      "bad-file",
    ],
    [
      "a weight that is not a number",
      model({ tensors: [tensor("w", [4, 1], [1, NaN, 1, 1])], nodes: [node("MatMul", ["x", "w"], ["y"])] }),
      "bad-file",
    ],
    [
      "an infinite bias",
      model({ tensors: [tensor("b", [4], [1, 1, Infinity, 1])], nodes: [node("Add", ["x", "b"], ["y"])] }),
      "bad-file",
    ],
    [
      "a division by 0",
      model({ tensors: [tensor("w", [1], [0])], nodes: [node("Div", ["x", "w"], ["y"])] }),
      "bad-file",
    ],
    [
      "data in another file",
      model({
        tensors: [
          [
            [1, 4],
            [2, 1],
            [8, "w"],
            [
              13,
              [
                [1, "location"],
                [2, "/etc/passwd"],
              ],
            ],
            [14, 1],
          ],
        ],
        nodes: [node("Add", ["x", "w"], ["y"])],
      }),
      "unsupported",
    ],
    [
      "a constant of 2³⁰ numbers",
      model({
        tensors: [tensor("s", [1], [2 ** 30], "int64")],
        nodes: [
          node("ConstantOfShape", ["s"], ["c"]),
          node("ReduceSum", ["c"], ["d"]),
          node("Add", ["x", "d"], ["y"]),
        ],
      }),
      "unsupported",
    ],
    [
      "rows of 2³⁰ numbers",
      model({
        tensors: [tensor("s", [3], [1, 2 ** 30, 4], "int64")],
        nodes: [node("Unsqueeze", ["x"], ["v"], { axes: [1] }), node("Expand", ["v", "s"], ["y"])],
      }),
      "unsupported",
    ],
    [
      "rows of 2³⁰ repeats",
      model({ tensors: [tensor("s", [2], [1, 2 ** 30], "int64")], nodes: [node("Tile", ["x", "s"], ["y"])] }),
      "unsupported",
    ],
    ["rows doubled 40 times", model({ nodes: doubled(40) }), "unsupported"],
    [
      "a mean of 10⁶ units to one each",
      model({
        inputs: [input("x", ["N", 1e6])],
        tensors: [tensor("g", [1], [1])],
        nodes: [
          node("ReduceMean", ["x"], ["m"], { axes: [1] }),
          node("MatMul", ["m", "g"], ["v"]),
          node("Sub", ["x", "m"], ["y"]),
        ],
      }),
      "unsupported",
    ],
    [
      "two shapes for one batch",
      model({ inputs: [input("x", [2, 4]), input("z", [3, 4])], nodes: [node("Add", ["x", "z"], ["y"])] }),
      "unsupported",
    ],
    [
      "an axis that isn't there",
      model({ nodes: [node("Concat", ["x", "x"], ["y"], { axis: 9 })] }),
      "bad-file",
    ],
    ["an operator named constructor", model({ nodes: [node("constructor", ["x"], ["y"])] }), "unsupported"],
    ["an operator named __proto__", model({ nodes: [node("__proto__", ["x"], ["y"])] }), "unsupported"],
    ["another domain", model({ nodes: [[...forward, [7, "com.microsoft"]]] }), "unsupported"],
    ["operators of the future", model({ nodes: [forward], opset: 99 }), "unsupported"],
    [
      "a product of 100,000 factors",
      model({
        nodes: [
          node("Relu", ["x"], ["v0"]),
          ...Array.from({ length: 100_000 }, (_, i) => node("Mul", [`v${i}`, "x"], [`v${i + 1}`])),
          node("Identity", ["v100000"], ["y"]),
        ],
      }),
      "unsupported",
    ],
    [
      "an LSTM whose matrices don't fit",
      model({
        inputs: [input("x", ["T", "N", 2])],
        tensors: [tensor("w", [1, 4, 3], new Array(12).fill(1)), tensor("r", [1, 4, 1], [1, 2, 3, 4])],
        nodes: [node("LSTM", ["x", "w", "r"], ["y"])],
      }),
      "bad-file",
    ],
    [
      "a GRU of no units",
      model({
        inputs: [input("x", ["T", "N", 2])],
        tensors: [tensor("w", [1, 0, 2], []), tensor("r", [1, 0, 0], [])],
        nodes: [node("GRU", ["x", "w", "r"], ["y"])],
      }),
      "bad-file",
    ],
    [
      "a Scan without a body",
      model({
        inputs: [input("x", ["N", "T", 2])],
        nodes: [node("Scan", ["x", "x"], ["y"], { num_scan_inputs: 1 })],
      }),
      "bad-file",
    ],
    ["a loop", model({ nodes: [node("Loop", ["x"], ["y"])] }), "unsupported"],
    ["many sources", whole.subarray(0, whole.length - 1), "bad-file"],
  ];
}
