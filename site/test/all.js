// Builds the site and runs all its tests: `npm test --prefix site`. The last line counts them. `--built` takes the site as it is.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const site = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "plexus-site-"));
const total = { passed: 0, failed: 0, skipped: 0 };

/**
 * Runs a file under this Node. Returns whether it succeeded.
 * @param {string[]} words
 */
function run(...words) {
  return spawnSync(process.execPath, words, { cwd: site, stdio: "inherit" }).status === 0;
}

/**
 * Runs a step that passes or fails as one.
 * @param {string} name
 * @param {string[]} words
 */
function step(name, ...words) {
  console.log(`\n== ${name}`);
  total[run(...words) ? "passed" : "failed"]++;
}

/**
 * Runs a suite of vitest.
 * @param {string} name
 * @param {string} config
 */
function suite(name, config) {
  console.log(`\n== ${name} (vitest)`);
  const file = join(folder, `${config}.json`);
  const reports = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const passes = run("node_modules/vitest/vitest.mjs", "run", "--config", config, ...reports);
  try {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(file, "utf8"));
    const isBroken = (!passes && numFailedTests === 0) || numPassedTests === 0;
    total.passed += numPassedTests;
    total.failed += numFailedTests + Number(isBroken);
    total.skipped += numPendingTests;
  } catch (error) {
    console.log(`vitest left no report: ${error}`);
    total.failed++;
  }
}

if (!process.argv.includes("--built")) step("the site's build", "tools/build.js");
step("types (vue-tsc)", "node_modules/vue-tsc/bin/vue-tsc.js", "--noEmit", "-p", ".");
step("spelling (cspell)", "node_modules/cspell/bin.mjs", "lint", "--no-progress", "--config", "cspell.json");
suite("units", "vitest.config.ts");
suite("the built site", "vitest.browser.config.ts");
rmSync(folder, { recursive: true, force: true });

const skipped = total.skipped === 0 ? "" : `, ${total.skipped} skipped`;
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed === 0 ? 0 : 1;
