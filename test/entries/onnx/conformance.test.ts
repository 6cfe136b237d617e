// Every case of the ONNX project is tried: it passes, or is refused with the reason. test/entries/onnx/conformance.md lists them.

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { NodeProto } from "onnx-buf";
import { GraphError } from "plexus-nn";
import { fromOnnx } from "plexus-nn/onnx";
import { describe, expect, test } from "vitest";
import { expectClose } from "../../support/helpers.js";
import { type Case, cases, groups, present, type Tensor } from "./cases.js";
import { decode } from "./judge.js";

const page = fileURLToPath(new URL("./conformance.md", import.meta.url));
const counts = { node: 932, "pytorch-converted": 82, "pytorch-operator": 35, simple: 23 };

/** Relative to the larger of 1 and the value: the cases' values are float32, by other means. */
const TOLERANCE = 1e-5;

/**
 * Tries a case, in which all values are inputs of the model, weights and shapes too. First with all inputs free, then with
 * each one alone, while the others are bound to the case's values.
 */
function attempt({ bytes, sets }: Case): { passed: boolean; reason: string } {
  const names = sets[0]?.inputs.map(([name]) => name) ?? [];
  const ways = names.length < 2 ? [names] : [names, ...names.map((name) => [name])];
  const reasons: string[] = [];
  for (const free of ways) {
    try {
      for (const { inputs, outputs } of sets) run(bytes, free, new Map(inputs), outputs);
      return { passed: true, reason: free.length === names.length ? "" : `only ${free[0]} is an input` };
    } catch (error) {
      if (!(error instanceof GraphError) || error.code !== "unsupported") throw error;
      reasons.push(error.message);
    }
  }
  // Binding didn't help: the reason why not says more.
  return { passed: false, reason: reasons.find((reason) => !reason.includes("`bind`")) ?? reasons[0]! };
}

function run(
  bytes: Uint8Array,
  free: readonly string[],
  inputs: ReadonlyMap<string, Tensor | undefined>,
  outputs: readonly (readonly [string, Tensor | undefined])[],
): void {
  const bound = [...inputs].flatMap(([name, tensor]) =>
    free.includes(name) || tensor === undefined ? [] : [[name, tensor] as const],
  );
  using graph = fromOnnx(bytes, {
    // The values of a case are in its file's order.
    layout: "nchw",
    bind: Object.fromEntries(bound.map(([name, { shape, values }]) => [name, { shape, values }])),
  });
  const hasSteps = graph.synapses.some(({ delay, at }) => delay !== 0 || at !== undefined);
  const turned = (tensor: Tensor) => (hasSteps && isTimeFirst(bytes) ? batchFirst(tensor) : tensor);
  const given = graph.inputs.map(({ name }) => [name, turned(inputs.get(name)!)] as const);
  // ONNX counts indices below 0 from the end; class numbers are none.
  const below = graph.inputs.find(
    ({ name, classes }) => classes !== undefined && inputs.get(name)!.values.some((id) => id < 0),
  );
  if (below !== undefined)
    throw new GraphError("unsupported", `The input "${below.name}" has indices below 0.`);
  const xs = Object.fromEntries(given.map(([name, { values }]) => [name, values]));
  const found = graph.predict(xs, hasSteps ? { steps: given[0]![1].shape[1]! } : {});
  for (const [name, original] of outputs) {
    const wanted = original && turned(original);
    // Numbers of 16 bits are read as float32: those operators round to 16 bits, and Plexus doesn't.
    const tolerance = wanted!.short || [...inputs.values()].some((one) => one?.short) ? 2 ** -10 : TOLERANCE;
    expectClose(found[name]!, wanted!.values, tolerance, name);
  }
}

/** Returns whether the steps are on the first axis: of recurrent operators without `layout`, and of Scan since version 9. */
function isTimeFirst(bytes: Uint8Array): boolean {
  const { graph, opsetImport } = decode(bytes);
  const [{ opType, attribute }] = graph!.node as [NodeProto];
  if (opType === "Scan") return opsetImport[0]!.version > 8n;
  return !attribute.some(({ name, i }) => name === "layout" && i === 1n);
}

/** Orders the axes of a tensor of steps, by its number of axes: samples, steps if it has them, the others. */
function batchFirst({ shape, values, short }: Tensor): Tensor {
  const orders: Readonly<Record<number, readonly number[]>> = {
    4: [2, 0, 1, 3],
    3: [1, 0, 2],
    2: [1, 0],
    1: [0],
  };
  const order = orders[shape.length]!;
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
  let offsets = [0];
  for (const axis of order) {
    const steps = Array.from({ length: shape[axis]! }, (_, i) => i * strides[axis]!);
    offsets = offsets.flatMap((offset) => steps.map((step) => offset + step));
  }
  return { shape: order.map((axis) => shape[axis]!), values: offsets.map((at) => values[at]!), short };
}

describe.skipIf(!present)("the ONNX project's cases (libonnx-testdata)", () => {
  const lines: string[] = [];
  let passes = 0;

  test.each(groups)("%s: each passes, or is unsupported with a reason", (group) => {
    const all = cases(group);
    expect(all.length).toBe(counts[group]);
    const failures: string[] = [];
    const rows = all.map((one) => {
      try {
        const { passed, reason } = attempt(one);
        if (passed) passes++;
        return `| ${one.name} | ${passed ? "passed" : "unsupported"} | ${reason.replaceAll("|", "\\|")} |`;
      } catch (error) {
        failures.push(`${one.name}: ${error}`);
        return `| ${one.name} | failed | ${error} |`;
      }
    });
    const passed = rows.filter((row) => row.includes("| passed |")).length;
    lines.push(
      `\n## ${group}: ${passed} passed, ${rows.length - passed - failures.length} unsupported, ${failures.length} failed\n`,
      "| case | result | |\n|---|---|---|",
      ...rows,
    );
    expect(failures).toEqual([]);
  });

  test("at least 320 pass, and the page lists all", () => {
    const intro = [
      "# The ONNX project's own cases",
      `\n\`test/entries/onnx/conformance.test.ts\` writes this page. It tries all of Debian's libonnx-testdata 1.12 with \`fromOnnx\`: ${passes}`,
      "pass, and none fails. A case has all of its values as inputs of the model, weights and shapes too: where that is",
      "unsupported, it is tried with each input alone, the others being bound to the case's values by `bind`. A case passes where",
      `all its outputs agree to ${TOLERANCE} relative to the larger of 1 and the value. The others are no graphs of layers.`,
    ];
    writeFileSync(page, `${[...intro, ...lines].join("\n")}\n`);
    expect(passes).toBeGreaterThanOrEqual(320);
  });
});
