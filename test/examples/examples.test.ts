// The examples run as a user runs them, without a terminal: plain lines of at most 80 columns.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

/** Where examples put their files: none is there that an earlier run has left. */
const folder = mkdtempSync(join(tmpdir(), "plexus-examples-"));
afterAll(() => rmSync(folder, { recursive: true }));
const root = fileURLToPath(new URL("../..", import.meta.url));

function run(...words: string[]): string {
  return execFileSync(process.execPath, words, {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, TMPDIR: folder },
  });
}

describe("the digits", () => {
  const text = run("examples/digits.js", "--quick");

  it("are shown in plain lines of 80 columns", () => {
    for (const line of text.split("\n")) expect([...line].length, line).toBeLessThanOrEqual(80);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
  });

  it("draw the graph, learn, and survive saving", () => {
    for (const name of ["pixels", "coarse", "digit", "even"]) expect(text).toContain(name);
    expect(text).toContain("bit for bit");
    const right = /([\d,]+) of the ([\d,]+) held-out digits are right/.exec(text);
    const [hits, all] = right!.slice(1).map((count) => Number(count.replaceAll(",", "")));
    expect(hits! / all!).toBeGreaterThan(0.3);
  });

  it("come out the same every time", () => {
    const lasting = (output: string) =>
      output.split("\n").filter((line) => !/samples\/s|samples a second|Saved to/.test(line));
    const costs = (output: string) => lasting(output).map((line) => line.replace(/ *[\d,]+$/, ""));
    expect(costs(run("examples/digits.js", "--quick"))).toEqual(costs(text));
  });
});

it("the text is learnt and continued, in plain lines of 80 columns", () => {
  const text = run("examples/text.js", "--quick");
  for (const line of text.split("\n")) expect([...line].length, line).toBeLessThanOrEqual(80);
  expect(text).toMatch(/epoch {2}1: one of \d\d\.\d characters/);
  expect(text).toMatch(/It writes\n\n {2}A graph ./);
});

describe("the other examples", () => {
  it.each<[string, ...RegExp[]]>([
    ["iris.js", /^4 {2}60 /m, /The mean cost is 0\.0\d\d/, /virginica +[89]\d\.\d %/],
    ["regression.js", /\* best: 0\.00\d+ by validation\.cost/, /on Mars +(59|60)\.\d m \(59\.6 m\)/],
    ["resume.js", /Interrupted in epoch 24/, /: 100 % of the numbers/, /^The same as a training without/m],
    [
      "gate.js",
      /epoch 300: held-out squared error 0\.00/,
      /1 +0\.9\d +2 steps ago/,
      /0 +0\.0\d +7 steps ago/,
    ],
    ["forecast.js", /epoch 600: mean squared error 0\.00/, /█/, /first 50 steps ahead: 0\.0/],
    [
      "connectome.js",
      /It moves hardly from a touch at the head/,
      /It moves backward from a touch at the head, and forward from one at the tail/,
      /PLMR AVAL -0\.\d\d/,
    ],
    ["worker.js", /epoch 45: .* 9\d\.\d % right/, /####·+####/, /this thread was free/],
  ])("%s says what it found, in plain lines of 80 columns", (name, ...found) => {
    const text = run(`examples/${name}`);
    for (const line of text.split("\n")) expect([...line].length, line).toBeLessThanOrEqual(80);
    for (const words of found) expect(text).toMatch(words);
  });

  it("are all tried here, in the slow tests, or in tests of their own", () => {
    const helpers = ["chart.js", "flowers.js", "mnist.js", "picture.js", "progress.js", "terminal.js"];
    const examples = readdirSync(`${root}/examples`).filter(
      (name) => /\.js$/.test(name) && !helpers.includes(name),
    );
    expect(examples.sort()).toEqual([
      "autoencoder.js",
      "connectome.js",
      "digits.js",
      "forecast.js",
      "gate.js",
      "iris.js",
      "lenet.js",
      "pool.js",
      "prune.js",
      "queue.js",
      "regression.js",
      "resume.js",
      "text.js",
      "torch.js",
      "triton.js",
      "words.js",
      "worker.js",
    ]);
  });
});
