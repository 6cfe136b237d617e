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
    ["\uFEFF\n \n", /no rows/],
    ["a,b", /a header and no rows/],
    ['a,b\n"1,2', /Line 2 has a quote that isn't closed/],
    ['a,b\n"1"x,2', /Line 2 has characters after a closing quote/],
    ["My table\na,b\n1,2", /No row has 1 cell as the first line does: line 2 has 2 cells/],
  ])("%j is refused", (text, message) => {
    expect(() => readTable(text)).toThrow(message);
  });

  it("with too many rows or columns is refused", () => {
    expect(readTable("1,2\n".repeat(20_000)).rows).toHaveLength(20_000);
    expect(() => readTable("1,2\n".repeat(20_002))).toThrow(/over 20,000 rows/);
    expect(() => readTable(`${"a,".repeat(200)}a\n`)).toThrow(/over 200 columns/);
    expect(() => readTable("a,".repeat(5e6))).toThrow(/over 200 columns/);
    expect(readTable(`"${"a\n".repeat(5e6)}";b\n1;2`)).toMatchObject({ separator: ";", rows: [["1", "2"]] });
  });

  it("names rows with a wrong number of cells", () => {
    expect(readTable("a,b\n1,2\n3\n4,5,6\n7,8").faults).toEqual([
      "Line 3 has 1 cell, where 2 are expected; it is left out.",
      "Line 4 has 3 cells, where 2 are expected; it is left out.",
    ]);
  });

  it("reads numbers", () => {
    const read = (cells: readonly string[]) => cells.map((cell) => numberOf(cell, ";"));
    expect(read(["1,5", "-.5", "−2", "1e3", "1e-400"])).toEqual([1.5, -0.5, -2, 1000, 0]);
    expect(read(["x", "1,000.5", "", "1e400", "Infinity", "2024-01-02"]).every(Number.isNaN)).toBe(true);
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

  it.each([
    ["a,b\n1,2", /one row of values; two are the fewest/],
    ["a\n1\n2\n3", /one column, such as "1".* commas, semicolons or tabs/],
    ["a|b\n1|2\n3|4", /one column, such as "1\|2"/],
    ["name,city\nAda,Rome\nKurt,Bonn", /"name" has 2 different words, such as "Ada"; "city" has/],
    ["day,b\n2024-01-01,1\n2024-01-02,2", /"day" has 2 different words, such as "2024-01-01"/],
    ["a,b\n1,yes\n2,yes", /"b" has one value only/],
    ["a,b\n1,1e400\n2,3", /"b" has 2 different words, such as "1e400"/],
    [`a,b\n${"x".repeat(99)},1\ny,2`, /such as "x{40}…"/],
    ["a,b\n1,\n,2\n3,\n,5", /No row has values in all chosen columns: "a" lacks them in 2 of 4 rows/],
    ["a,b\n1,\n,2\n3,4\n5,", /One row alone has values in all chosen columns: "b" lacks them in 2 of 4/],
  ])("like %j is refused with its cause", (text, message) => {
    expect(() => table(proposed(text))).toThrow(message);
  });

  it("without a value in many rows loses that column, not the rows", () => {
    const rows = Array.from({ length: 30 }, (_, k) => `${k},${k % 4 === 0 ? k : ""},${k % 3},,${k * 2}`);
    const data = proposed(`a,rare,c,empty,y\n${rows.join("\n")}`);
    expect([data.inputs, data.outputs]).toEqual([["a", "c"], ["y"]]);
    expect(table(data).training.count).toBe(24);
    const answers = Array.from({ length: 20 }, (_, k) => `${k},${k % 2 ? "" : k},${k % 2 ? "no" : "yes"}`);
    expect(proposed(`a,b,y\n${answers.join("\n")}`).inputs).toEqual(["a"]);
  });

  it("has the classes of the rows that it uses", () => {
    const text = `a,b,y\n1,,red\n${"2,3,blue\n4,5,green\n".repeat(4)}`;
    const data = { ...proposed(text), inputs: ["a", "b"], outputs: ["y"], classes: ["y"] };
    expect(table(data).outputs[0]!.labels).toEqual(["blue", "green"]);
    const lone = { ...data, text: "a,b,y\n1,,red\n2,,red\n3,4,blue\n5,6,blue" };
    expect(() => table(lone)).toThrow(/"y" has one value only in the rows that have values/);
  });

  it("may have a column of any name", async () => {
    const data = proposed(`constructor,__proto__\n${"1,2.5\n3,5\n4,4\n".repeat(5)}`);
    const lesson = table(data);
    expect(Object.keys(lesson.scalers)).toEqual(["x", "__proto__"]);
    const session = await opened({ ...starter(data, lesson), steps: 3 });
    expect(session.graph.layer("__proto__").scaler).toBeDefined();
    session.dispose();
    expect(Object.keys(Object.prototype)).toEqual([]);
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
