// The model repository for Triton fits its ONNX file. Triton itself is not run: its rules are those of its manual
// (docs.nvidia.com/deeplearning/triton-inference-server, "Model Configuration").

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Graph } from "plexus-nn";
import { toOnnx } from "plexus-nn/onnx";
import { afterAll, describe, expect, test } from "vitest";
import { heldOut } from "../../examples/flowers.js";
import { configuration } from "../../examples/triton.js";
import { decode, judge } from "../entries/onnx/judge.js";
import { expectClose } from "../support/helpers.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "plexus-triton-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Value = string | number | Value[] | { [member: string]: Value[] };

/** Parses protobuf's text format as far as configurations use it: each member is a list of its values. */
function parse(text: string): Record<string, Value[]> {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[\w.-]+|[{}[\]:,]/g)!;
  let at = 0;
  const value = (): Value => {
    const token = tokens[at++]!;
    if (token === "{") return message();
    if (token !== "[")
      return token.startsWith('"') ? JSON.parse(token) : /^-?\d/.test(token) ? Number(token) : token;
    const list: Value[] = [];
    while (tokens[at] !== "]") {
      list.push(value());
      if (tokens[at] === ",") at++;
    }
    at++;
    return list;
  };
  const message = (): Record<string, Value[]> => {
    const found: Record<string, Value[]> = {};
    while (at < tokens.length && tokens[at] !== "}") {
      const name = tokens[at++]!;
      if (tokens[at] === ":") at++;
      else expect(tokens[at], `${name} of ${text}`).toBe("{");
      const one = value();
      found[name] = [...(found[name] ?? []), ...(Array.isArray(one) ? one : [one])];
      if (tokens[at] === ",") at++;
    }
    at++;
    return found;
  };
  return message();
}

/** Returns names, types and shapes of a file's inputs or outputs in Triton's words. */
function endsOf(file: Uint8Array, kind: "input" | "output"): object[] {
  return decode(file).graph![kind].map(({ name, type }) => {
    if (type?.value.case !== "tensorType") throw new Error("no tensor");
    const { elemType, shape } = type.value.value;
    const [batch, ...others] = shape!.dim.map(({ value }) => value.value);
    expect(batch).toBe("N");
    const dims = others.map((dim) => (typeof dim === "bigint" ? Number(dim) : -1));
    return {
      name: [name],
      data_type: [{ 1: "TYPE_FP32", 7: "TYPE_INT64", 11: "TYPE_FP64" }[elemType]],
      dims,
    };
  });
}

describe("the repository for Triton", () => {
  const text = execFileSync(process.execPath, ["examples/triton.js", folder], {
    cwd: root,
    encoding: "utf8",
  });
  const read = (name: string) => readFileSync(join(folder, "iris", name));
  const file = new Uint8Array(read("1/model.onnx"));

  test("has the names, types and shapes of its file, without the axis of the batch", () => {
    expect(text).toContain("93.3 % of held-out flowers are right");
    const { name, backend, max_batch_size, input, output, dynamic_batching } = parse(
      `${read("config.pbtxt")}`,
    );
    expect([name, backend, max_batch_size]).toEqual([["iris"], ["onnxruntime"], [64]]);
    expect(input).toEqual(endsOf(file, "input"));
    const labels = { label_filename: ["species.txt"] };
    expect(output).toEqual(endsOf(file, "output").map((end) => ({ ...end, ...labels })));
    expect(dynamic_batching).toEqual([{ max_queue_delay_microseconds: [500] }]);
  });

  test("has a label for each unit of the output, in their order, and the hash of the graph", () => {
    expect(`${read("species.txt")}`).toBe("setosa\nversicolor\nvirginica\n");
    const { parameters } = parse(`${read("config.pbtxt")}`);
    const hash = decode(file).metadataProps.find(({ key }) => key === "plexus.parameters")!.value;
    expect(parameters).toContainEqual({ key: ["plexus.parameters"], value: [{ string_value: [hash] }] });
  });

  test("has the configuration that docs/beyond.md shows", () => {
    const shown = `${read("config.pbtxt")}`.split("\n").filter((line) => !/^(parameters|$)/.test(line));
    const page = readFileSync(join(root, "docs/beyond.md"), "utf8");
    expect(page).toContain(shown.map((line) => `    ${line}\n`).join(""));
  });

  test("has a file whose joined requests get the results of single ones, by onnxruntime", async () => {
    const rows = heldOut.xs.measures;
    const joined = await judge(file, { measures: rows }, "float32");
    for (const [i, row] of rows.entries()) {
      const { species } = await judge(file, { measures: [row] }, "float32");
      expectClose(species!, Array.from(joined.species!).slice(3 * i, 3 * i + 3), 1e-6, `flower ${i}`);
    }
  });
});

test("a configuration has free steps as -1, class numbers as whole numbers, and any names", () => {
  const graph = new Graph<string, string, string>({ seed: 1 });
  graph.addInput('a "b"\n\\', 1, "linear", { classes: 5 });
  graph.addHidden("h", 3);
  graph.addOutput("../é", [2, 2, 2], "softmax");
  graph.connect("h", "h", { delay: 1 });
  graph.connect('a "b"\n\\', "h", { kind: "embedding" });
  graph.connect("h", "../é");
  const file = toOnnx(graph, { classes: { "../é": ["on", "off"] } });
  const { text, labels } = configuration("m", file, 8, 0);
  const { input, output } = parse(text);
  expect(input).toEqual(endsOf(file, "input"));
  expect(output).toEqual(
    endsOf(file, "output").map((end) => ({ ...end, label_filename: ["..%2F%C3%A9.txt"] })),
  );
  expect(labels).toEqual([{ file: "..%2F%C3%A9.txt", text: "on\noff\n" }]);
});
