// The core's tables and those of src/ have the same rows in the same order; assembly/abi.ts lists the kinds for both.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { activations } from "../../src/rules/activation.js";
import { losses } from "../../src/rules/loss.js";
import { optimizers } from "../../src/rules/optimizer.js";
import { schedules } from "../../src/rules/schedule.js";

const read = (file: string) => readFileSync(new URL(`../../assembly/${file}`, import.meta.url), "utf8");
const found = (file: string, pattern: RegExp) => [...read(file).matchAll(pattern)].map(([, name]) => name);

/** Returns the members of an enum of the core, in order. */
function membersOf(name: string, file = "abi.ts"): string[] {
  const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(read(file))![1]!;
  return body.match(/^ {2}\w+/gm)!.map((member) => member.trim());
}

describe("the kinds of assembly/abi.ts", () => {
  it.each([
    ["activations", "ActivationKind", activations],
    ["losses", "LossKind", losses],
    ["optimizers", "OptimizerKind", optimizers],
    ["schedules", "ScheduleKind", schedules],
  ] as const)("are the rows of %s in src/, in the same order", (_name, kinds, table) => {
    expect(membersOf(kinds)).toEqual([...Object.keys(table), "count"]);
  });

  it.each([
    ["rule/activation.ts", "ActivationKind"],
    ["rule/loss.ts", "LossKind"],
    ["rule/sweep.ts", "OptimizerKind"],
  ] as const)("have each one row in %s, in the same order", (file, kinds) => {
    const rows = found(file, new RegExp(`\\bput\\(table, ${kinds}\\.(\\w+), `, "g"));
    expect([...rows, "count"]).toEqual(membersOf(kinds));
  });

  it("of synapses have each a file and rows in link/", () => {
    expect(found("link/table.ts", /import \* as \w+ from "\.\/(\w+)"/g)).toEqual(membersOf("SynapseKind"));
    for (const part of ["forward", "backward", "biasGradient"]) {
      const rows = found(
        "link/table.ts",
        new RegExp(`case SynapseKind\\.(\\w+): return \\1\\.${part}\\b`, "g"),
      );
      expect(rows, part).toEqual(membersOf("SynapseKind"));
    }
  });

  it("of forms of losses have each a row", () => {
    const rows = found("rule/loss.ts", /\bput\(table, LossForm\.(\w+), /g);
    expect([...rows, "count"]).toEqual(membersOf("LossForm", "rule/loss.ts"));
  });
});
