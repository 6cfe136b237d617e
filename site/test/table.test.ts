// Tables of one's own: reading, proposals, lessons, and a graph that learns one.

import { describe, expect, it } from "vitest";
import { numberOf, readTable } from "../playground/data/csv.ts";
import { proposed, table } from "../playground/data/table.ts";
import { check } from "../playground/model/build.ts";
import { starter } from "../playground/model/starter.ts";
import { lessonOf, opened } from "./support/host.ts";

const people = `name;age;income;sex;home
"Ada, Countess";36;1,5;f;yes
Charles;79;2,25;m;yes
Mary;52;;f;no
Alan;41;3,0;m;no
Grace;85;4;f;yes
Kurt;71;1e0;m;no
Emmy;53;2;f;yes
John;53;2,5;m;no
`;

describe("a table", () => {
  it("is read with its separator, header, decimal commas and missing values", () => {
    const { separator, hasHeader, columns, rows, faults } = readTable(people);
    expect([separator, hasHeader, rows.length, rows[0]![0]]).toEqual([";", true, 8, "Ada, Countess"]);
    expect(columns.map(({ name, kind, missing }) => `${name} ${kind} ${missing}`)).toEqual([
      "name word 0",
      "age number 0",
      "income number 1",
      "sex word 0",
      "home word 0",
    ]);
    expect(faults).toEqual(['Line 4 has no value for "income".']);
  });

  it.each([
    ["a,b\n1,2\n3,4", ",", true, 2],
    ["1\t2\n3\t4\n", "\t", false, 2],
    ["1,5;2\n2,5;3", ";", false, 2],
    ['\uFEFFa,b\r\n"1","x""y"\r\n2,z\r\n\r\n', ",", true, 2],
    ["word\nyes\nno\nyes", ",", true, 3],
    ["yes,1\nno,2\nyes,3", ",", false, 3],
    ['"a\nb",1\nc,2', ",", false, 2],
  ])("%j has its separator %j, a header: %s, and %d rows", (text, separator, hasHeader, rows) => {
    const read = readTable(text);
    expect([read.separator, read.hasHeader, read.rows.length]).toEqual([separator, hasHeader, rows]);
  });

  it.each([
    ["", /no rows/],
    ["a,b", /./],
    ['a,b\n"1,2', /Line 2 has a quote that isn't closed/],
    ['a,b\n"1"x,2', /Line 2 has characters after a closing quote/],
  ])("%j is refused or has one row", (text, message) => {
    try {
      expect(readTable(text).rows).toHaveLength(1);
    } catch (error) {
      expect(String(error)).toMatch(message);
    }
  });

  it("names rows with a wrong number of cells", () => {
    expect(readTable("a,b\n1,2\n3\n4,5,6\n7,8").faults).toEqual([
      "Line 3 has 1 cell, where 2 are expected; it is left out.",
      "Line 4 has 3 cells, where 2 are expected; it is left out.",
    ]);
  });

  it("reads numbers", () => {
    expect(["1,5", "-.5", "1e3", "x", "1,000.5", ""].map((cell) => numberOf(cell, ";"))).toEqual([
      1.5,
      -0.5,
      1000,
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
  });

  it("proposes columns, classes and a scaling", () => {
    const data = proposed(people);
    expect(data).toMatchObject({
      inputs: ["age", "income", "sex"],
      outputs: ["home"],
      classes: ["sex", "home"],
      scaling: "standard",
    });
    const { inputs, outputs, training, heldOut, scalers } = table(data);
    expect(inputs[0]!.labels).toEqual(["age", "income", "sex = f", "sex = m"]);
    expect(outputs).toEqual([{ name: "home", size: 1, goal: "classes", labels: ["no", "yes"] }]);
    expect(training.count + heldOut.count).toBe(7);
    expect(scalers.x!.divisor.slice(2)).toEqual([1, 1]);
  });

  it("has outputs of numbers and classes at once", () => {
    const { outputs, scalers } = table({
      ...proposed(people),
      inputs: ["age"],
      outputs: ["income", "sex", "home"],
    });
    expect(outputs.map(({ name, size, goal }) => `${name} ${size} ${goal}`)).toEqual([
      "sex 1 classes",
      "home 1 classes",
      "income 1 number",
    ]);
    expect(Object.keys(scalers)).toEqual(["x", "income"]);
  });

  it.each([
    [{ inputs: [] }, /Choose a column at least as an input/],
    [{ outputs: ["name"] }, /"name" has words, such as .*: take it as classes/],
    [{ inputs: ["weight"] }, /no column "weight"/],
  ])("with %j is refused", (members, message) => {
    expect(() => table({ ...proposed(people), ...members })).toThrow(message);
  });

  it("has names of outputs that differ, whatever its columns are called", async () => {
    const text = `x,h1,y,z,w\n${"1,a,p,1,2\n2,b,q,3,5\n3,a,q,2,1\n".repeat(4)}`;
    const data = { ...proposed(text), inputs: ["x"], outputs: ["h1", "y", "z", "w"], classes: ["h1", "y"] };
    const lesson = table(data);
    expect(lesson.outputs.map(({ name }) => name)).toEqual(["h1", "y", "y 2"]);
    expect(check(starter(data, lesson))).toBeUndefined();
    expect(table({ ...data, inputs: ["z"], outputs: ["x"] }).outputs[0]!.name).toBe("x 2");
  });

  it("is learnt by its first sketch, in its own units", async () => {
    const rows = Array.from(
      { length: 200 },
      (_, k) => `${k % 17},${(k * 7) % 23},${1000 + 30 * (k % 17) - 12 * ((k * 7) % 23)}`,
    );
    const data = proposed(`a,b,price\n${rows.join("\n")}`);
    const session = await opened({ ...starter(data, await lessonOf(data)), steps: 600 });
    expect(session.score().heldOut!.mae).toBeLessThan(15);
    expect(session.graph.predict({ x: [10, 3] }).price![0]).toBeGreaterThan(1100);
  });
});
