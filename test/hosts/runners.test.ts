// The packed package in test runners: their module loaders and their environments.

import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createProject, tools, wanted } from "./project.js";

const project = createProject();
afterAll(() => project.remove());

const body = `
import { run } from "./program.js";
WHERE("the program runs", async () => {
  expect(await run()).toEqual(${JSON.stringify(wanted)});
});
`;

describe("Jest with ES modules runs the program", () => {
  it.each(["node", "jsdom"])("in its environment %s", (environment) => {
    project.write("jest.config.json", JSON.stringify({ transform: {}, testMatch: ["**/*.spec.js"] }));
    project.write("jest.spec.js", body.replace("WHERE", "test"));
    const words = ["--config", "jest.config.json", "--env", `jest-environment-${environment}`, "--ci"];
    const said = project.run(
      process.execPath,
      "--experimental-vm-modules",
      join(tools, "jest/bin/jest.js"),
      ...words,
    );
    expect(said).toContain("1 passed");
  });
});

it("Vitest runs the program", () => {
  project.write("vitest.config.js", 'export default { test: { include: ["*.unit.js"] } };');
  project.write("program.unit.js", `import { expect, test } from "vitest";${body.replace("WHERE", "test")}`);
  const said = project.run(process.execPath, join(tools, "vitest/vitest.mjs"), "run", "--root", ".");
  expect(said).toMatch(/1 passed/);
});
