import { expect, test } from "vitest";
import project from "../../package.json" with { type: "json" };
import { RELEASE } from "../../src/base/release.js";

test("the release in files is the version of the package", () => {
  expect(RELEASE).toBe(project.version);
});
