// The records that src/ writes and the core reads: the words of assembly/abi.ts are the fields of the core's classes.
// assembly/__tests__/record.spec.ts compares their places in memory, as compiled.

import { describe, expect, it } from "vitest";
import { fieldsOf, found, membersOf } from "../support/core.js";

/** The class of each enum of words. */
const classes: Readonly<Record<string, readonly [name: string, file: string]>> = {
  LayerWord: ["Layer", "record.ts"],
  SynapseWord: ["Synapse", "record.ts"],
  PassWord: ["Pass", "record.ts"],
  WindowWord: ["Window", "kernel/window.ts"],
  PatternWord: ["Pattern", "kernel/sparse.ts"],
  RunWord: ["Run", "record.ts"],
  TimesWord: ["Times", "record.ts"],
  FeedWord: ["Feed", "record.ts"],
  BlockWord: ["Block", "rule/optimizer.ts"],
  OptimizerWord: ["Optimizer", "rule/optimizer.ts"],
  ScheduleWord: ["Schedule", "rule/schedule.ts"],
  TeamWord: ["Team", "team/team.ts"],
  MemberWord: ["Member", "team/team.ts"],
};

/** Types of two words. */
const wide = ["f64", "u64"];

describe("the words of assembly/abi.ts", () => {
  it("are those of the records here", () => {
    const enums = found("abi.ts", /const enum (\w+Word) \{/g);
    expect(enums.toSorted()).toEqual(Object.keys(classes).toSorted());
  });

  it.each(Object.entries(classes))("%s are the fields of %s, in the same order", (words, [name, file]) => {
    const fields = fieldsOf(name, file).flatMap(([field, type]) =>
      wide.includes(type) ? [field, `${field}High`] : [field],
    );
    expect([...fields, "words"]).toEqual(membersOf(words));
  });

  it.each(Object.entries(classes))("%s are all compared with compiled places", (words, [name]) => {
    const places = new RegExp(`offsetof<${name}>\\("(\\w+)"\\), ${words}\\.\\1\\b`, "g");
    const own = membersOf(words).filter((word) => word !== "words" && !word.endsWith("High"));
    expect(found("__tests__/record.spec.ts", places)).toEqual(own);
  });
});
