// The core's tables and those of src/ have the same rows in the same order; assembly/abi.ts lists the kinds for both.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { activations } from "../../src/rules/activation.js";
import { inits } from "../../src/rules/init.js";
import { joins } from "../../src/rules/join.js";
import { links } from "../../src/rules/link.js";
import { losses } from "../../src/rules/loss.js";
import { optimizers } from "../../src/rules/optimizer.js";
import { schedules } from "../../src/rules/schedule.js";
import { picks } from "../../src/rules/step.js";
import { found, membersOf } from "../support/core.js";

/** Returns the text of all files below a folder, but of abi.ts and of specs. */
function textBelow(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".ts") && !/^abi\.ts|__tests__/.test(file))
    .map((file) => readFileSync(join(folder, file), "utf8"))
    .join("\n");
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const sides = { src: textBelow(join(root, "src")), assembly: textBelow(join(root, "assembly")) };

/** Returns the members of an enum that a side names, in the enum's order. */
function usedIn(side: keyof typeof sides, name: string): string[] {
  return membersOf(name).filter((member) => new RegExp(`\\b${name}\\.${member}\\b`).test(sides[side]));
}

describe("the enums of assembly/abi.ts", () => {
  it("are compared here, or are words of records", () => {
    const compared = ["ActivationKind", "LossKind", "OptimizerKind", "ScheduleKind", "SynapseKind", "Join"];
    const others = ["Status", "LayerFlag", "Path", "Stream", "Start", "Step", "Job", "TeamLine"];
    const enums = found("abi.ts", /const enum (\w+) \{/g).filter((name) => !name.endsWith("Word"));
    expect(enums.toSorted()).toEqual([...compared, ...others].toSorted());
  });
});

describe("the kinds of assembly/abi.ts", () => {
  it.each([
    ["activations", "ActivationKind", activations],
    ["losses", "LossKind", losses],
    ["optimizers", "OptimizerKind", optimizers],
    ["schedules", "ScheduleKind", schedules],
    ["links", "SynapseKind", links],
    ["joins", "Join", joins],
  ] as const)("are the rows of %s in src/, in the same order", (_name, kinds, table) => {
    expect(membersOf(kinds).filter((kind) => kind !== "count")).toEqual(Object.keys(table));
  });

  it.each([
    ["rule/activation.ts", "ActivationKind"],
    ["rule/loss.ts", "LossKind"],
    ["rule/sweep.ts", "OptimizerKind"],
  ] as const)("have each one row in %s, in the same order", (file, kinds) => {
    const rows = found(file, new RegExp(`\\bput\\(table, ${kinds}\\.(\\w+), `, "g"));
    expect([...rows, "count"]).toEqual(membersOf(kinds));
  });

  it("of schedules are known to the core, but constant ones, which need no name", () => {
    const kinds = membersOf("ScheduleKind").filter((kind) => kind !== "constant" && kind !== "count");
    expect(usedIn("assembly", "ScheduleKind")).toEqual(kinds);
  });

  it("of synapses have each rows in link/table.ts", () => {
    const weighted = Object.keys(links).filter((kind) => "weights" in links[kind as keyof typeof links]);
    const text = readFileSync(join(root, "assembly/link/table.ts"), "utf8");
    for (const [parts, kinds] of [
      [["forward", "mapForward"], Object.keys(links)],
      [["backward", "mapBackward"], Object.keys(links)],
      [["addGradient"], weighted],
      [["constrain"], weighted],
    ] as const) {
      const rows = parts.flatMap((part) => {
        const [body] = text.slice(text.indexOf(`function ${part}<T>`)).split("\n}\n", 1);
        return Array.from(body!.matchAll(/case SynapseKind\.(\w+):/g), ([, kind]) => kind!);
      });
      expect(rows.toSorted(), parts[0]).toEqual(kinds.toSorted());
    }
  });

  it("of forms of losses have each a row", () => {
    const rows = found("rule/loss.ts", /\bput\(table, LossForm\.(\w+), /g);
    expect([...rows, "count"]).toEqual(membersOf("LossForm", "rule/loss.ts"));
  });
});

describe("the moments of optimizers", () => {
  it("are the last words of an optimizer's record and the arguments of a step, in the same order", () => {
    const moments = ["mean", "square", "momentum"];
    const kept = Object.values(optimizers).flatMap((row) => Object.keys(row.moments));
    expect([...new Set(kept)].toSorted()).toEqual(moments.toSorted());
    expect(membersOf("OptimizerWord").slice(-4)).toEqual([...moments, "words"]);
    const [list] = found(
      "rule/sweep.ts",
      /^type Sweep = \(p: usize, g: usize, (.*), count: i32\) => void;/gm,
    );
    expect(list).toBe(moments.map((name) => `${name}: usize`).join(", "));
  });
});

describe("the other enums of assembly/abi.ts", () => {
  it.each([
    ["Status", []],
    ["Path", ["oneSample"]],
    ["LayerFlag", []],
    ["Start", ["orthogonal"]],
  ] as const)("%s has no member that a side doesn't know", (name, rest) => {
    expect(usedIn("src", name)).toEqual(membersOf(name));
    // The core's last branch needs no name.
    expect([...usedIn("assembly", name), ...rest].toSorted()).toEqual(membersOf(name).toSorted());
  });

  it("Stream has a draw for each member", () => {
    expect(usedIn("assembly", "Stream")).toEqual(membersOf("Stream"));
  });

  it("Step has a row for each step that a synapse brings alone", () => {
    const steps = membersOf("Step").filter((step) => step !== "count");
    expect(["own", ...Object.keys(picks)]).toEqual(steps);
    expect(Object.values<number>(picks)).toEqual(steps.slice(1).map((step) => steps.indexOf(step)));
  });

  it("Start has a row of initial weights for each way to draw", () => {
    const ways = Object.values(inits).flatMap((row) => ("way" in row ? [row.way] : []));
    expect([...new Set<number>(ways)].toSorted()).toEqual(membersOf("Start").map((_, i) => i));
  });
});
