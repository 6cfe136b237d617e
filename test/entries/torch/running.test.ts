// Further promises of programs of PyTorch: dropout by torch's own noise, the order of rows, files of others, and faults.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Graph } from "plexus-nn";
import { toTorch } from "plexus-nn/torch";
import { afterAll, describe, expect, it } from "vitest";
import type { AnyGraph } from "../../support/helpers.js";
import { pack } from "../../support/tensors.js";
import { python, required } from "./trial.js";

const folder = mkdtempSync(join(tmpdir(), "plexus-noise-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Returns what lines of Python print as JSON, beside the program of a graph as the module `model`. */
function printed(graph: AnyGraph, lines: readonly string[]): unknown {
  const program = toTorch(graph);
  writeFileSync(join(folder, "model.py"), program.module);
  writeFileSync(join(folder, "model.safetensors"), program.weights);
  const head = [
    "import json, torch, model",
    "torch.manual_seed(1)",
    "graph = model.Graph(model.read(model.WEIGHTS)[0])",
  ];
  const text = execFileSync(python!, ["-c", [...head, ...lines].join("\n")], {
    cwd: folder,
    encoding: "utf8",
  });
  return JSON.parse(text);
}

describe.skipIf(python === undefined && !required)("programs of PyTorch", () => {
  it("hide units from other layers, and from no loss, while they train", () => {
    const graph = new Graph({
      seed: 1,
      inputs: { x: 100 },
      hidden: { h: { size: 100, activation: "linear", dropout: 0.25, bias: false } },
      outputs: { y: { size: 100, activation: "linear", dropout: 0.5, bias: false } },
      synapses: [
        ["x", "h", { kind: "identity" }],
        ["h", "y", { kind: "identity" }],
      ],
    });
    const lines = [
      'xs = {"x": torch.ones(40, 100, dtype=torch.float64)}',
      'trained = graph(xs)[1]["y"]',
      'held = graph.eval()(xs)[1]["y"]',
      "print(json.dumps([trained.unique().tolist(), (trained != 0).double().mean().item(), held.unique().tolist()]))",
    ];
    const [values, share, held] = printed(graph, lines) as [number[], number, number[]];
    expect(values).toEqual([0, 1 / 0.75]);
    expect(share).toBeGreaterThan(0.7);
    expect(share).toBeLessThan(0.8);
    expect(held).toEqual([1]);
  });

  it("hide a unit at all steps of a sample, in loops and outside", () => {
    const graph: AnyGraph = new Graph({ seed: 1 });
    graph.addInput("x", 50, "linear", { dropout: 0.5 });
    graph.addHidden("h", 50, "linear", { dropout: 0.5, bias: false });
    graph.addOutput("y", 50, "linear", "mse", { bias: false });
    graph.addOutput("z", 50, "linear", "mse", { bias: false });
    graph.connect("x", "h", { kind: "identity" });
    graph.connect("h", "h", { kind: "identity", delay: 1 });
    graph.connect("h", "y", { kind: "identity" });
    graph.connect("x", "z", { kind: "identity" });
    const lines = [
      'post = graph({"x": torch.ones(9, 4, 50, dtype=torch.float64)}, torch.full((9,), 4))[1]',
      "print(json.dumps([post[name].tolist() for name in 'yz']))",
    ];
    const [y, z] = printed(graph, lines) as number[][][][];
    let hidden = 0;
    z!.forEach((sample, r) => {
      for (let unit = 0; unit < 50; unit++) {
        const steps = sample.map((step) => step[unit]);
        expect(new Set(steps).size).toBe(1);
        // With a mask of 2, h adds 2 · h of the step before; what x hides stays 0.
        const own = y![r]!.map((step) => step[unit]);
        const sums = steps[0] === 0 ? [0, 0, 0, 0] : [4, 12, 28, 60];
        if (own.every((value) => value === 0)) hidden++;
        else expect(own).toEqual(sums);
      }
    });
    expect(hidden).toBeGreaterThan(270);
    expect(hidden).toBeLessThan(400);
  });

  it("read files of data that others wrote, such as pixels in bytes and classes in 32 bits", () => {
    const graph = new Graph({
      seed: 1,
      inputs: { x: 2 },
      outputs: { y: { size: 3, activation: "softmax" } },
      synapses: [["x", "y"]],
    });
    const header = {
      "ts.y": { dtype: "I32", shape: [3], data_offsets: [0, 12] },
      "xs.x": { dtype: "U8", shape: [3, 2], data_offsets: [12, 18] },
    };
    const classes = new Uint8Array(Int32Array.of(2, 0, 1).buffer);
    writeFileSync(
      join(folder, "bytes.safetensors"),
      pack(header, Uint8Array.of(...classes, 1, 2, 3, 4, 5, 255)),
    );
    const lines = [
      'data = model.Data(["bytes.safetensors"], {}, torch.float64, torch.device("cpu"))',
      "(xs,), ts, weights, rows = data.share(torch.tensor([2, 0]), 0, 1)",
      'print(json.dumps([xs["x"].tolist(), str(xs["x"].dtype), ts["y"].tolist(), weights, rows]))',
    ];
    expect(printed(graph, lines)).toEqual([
      [
        [5, 255],
        [1, 2],
      ],
      "torch.float64",
      [1, 2],
      {},
      { y: 2 },
    ]);
  });

  it("end with a sentence where files don't fit, or the cost is not finite, and write nothing", () => {
    const graph: AnyGraph = new Graph({ seed: 1, optimizer: { name: "sgd", rate: 1e300 } });
    graph.addInput("x", 2);
    graph.addOutput("y", 1, "linear");
    graph.connect("x", "y");
    const program = toTorch(graph);
    const other: AnyGraph = new Graph({ seed: 1, inputs: { a: 1 }, outputs: { y: 1, b: 1 } });
    other.connect("a", "y");
    other.connect("a", "b");
    const files: Record<string, string | Uint8Array> = {
      "p.py": program.module,
      "model.safetensors": program.weights,
      "data.safetensors": program.data({ xs: { x: [1, 2, 3, 4] }, ts: { y: [1, 2] } }),
      "other.safetensors": other.save(),
      "lacking.safetensors": toTorch(other).data({ xs: { a: [1] }, ts: { y: [1] } }),
      "unknown.safetensors": toTorch(other).data({ xs: { a: [1] }, ts: { b: [1] } }),
    };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    const lines = [
      "import sys, p",
      'for words in (["data", "model"], ["data", "other"], ["lacking", "model"], ["unknown", "model"]):',
      '    sys.argv = ["p.py", f"{words[0]}.safetensors", "out.safetensors", "--weights", f"{words[1]}.safetensors", "--epochs", "9"]',
      "    try:",
      "        p.main()",
      "    except SystemExit as end:",
      "        print(end)",
    ];
    const said = execFileSync(python!, ["-c", lines.join("\n")], { cwd: folder, encoding: "utf8" });
    expect(said.split("\n").filter((line) => line !== "" && !line.startsWith("epoch"))).toEqual([
      "The cost is not finite: nothing is written. A lower rate may help.",
      "other.safetensors is the file of another graph: it lacks ['bias.x', 'weight.0.x.y'].",
      "lacking.safetensors lacks the inputs ['x'].",
      "unknown.safetensors has targets of ['b']; the outputs are ['y'].",
    ]);
    expect(existsSync(join(folder, "out.safetensors"))).toBe(false);
  });

  it("take rows in the order of fit, also where a random word is drawn again", async () => {
    // Of 200,000 draws some ten are drawn again. The only weight sums the rows' order in float64.
    const rows = 200_000;
    const graph = new Graph({
      seed: 4_000_000_000,
      optimizer: { name: "sgd", rate: 1e-3 },
      inputs: { x: { size: 1, bias: false } },
      outputs: { y: { size: 1, activation: "linear", bias: false } },
      synapses: [["x", "y", { init: "zeros" }]],
    });
    const shuffled = printed(graph, [
      `order = model.shuffled(${rows}, 4000000000, 0)`,
      "print(json.dumps([order[:50].tolist(), order[-50:].tolist(), len(order.unique())]))",
    ]) as [number[], number[], number];
    const seen: number[] = [];
    const batchSize = 1000;
    // A batch's cost is the sum of the squares of its targets: with one target that is not 0, it shows where its row is.
    for (const row of [...shuffled[0].slice(0, 3), ...shuffled[1].slice(-3)]) {
      const y = new Float64Array(rows);
      y[row] = 1;
      const copy = graph.clone();
      let batch = -1;
      await copy.fit(
        { xs: { x: new Float64Array(rows) }, ts: { y } },
        {
          batchSize,
          onBatch({ step, cost }) {
            if (cost > 0) batch = step;
          },
        },
      );
      seen.push(batch);
      copy.dispose();
    }
    expect(shuffled[2]).toBe(rows);
    expect(seen).toEqual([1, 1, 1, rows / batchSize, rows / batchSize, rows / batchSize]);
  });
});
