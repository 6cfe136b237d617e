// Every test, by one command. Installs the other libraries where they are lacking, then runs build, format and lint, types,
// the core's specs and the package's. Each step is run even where one before it failed, so that all is seen at once; the last
// line counts them together.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "plexus-test-"));
const total = { passed: 0, failed: 0, skipped: 0 };
/** @type {string[]} */
const failures = [];

/** @param {string} name */
function heading(name) {
  console.log(`\n== ${name}`);
}

/**
 * @param {string} name
 * @param {{ passed: number; failed: number; skipped?: number }} counts
 */
function count(name, { passed, failed, skipped = 0 }) {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  if (failed > 0) failures.push(`${name}: ${failed} failed`);
}

/**
 * Runs a file of node_modules, or of the project, under this Node.
 * @param {string} file
 * @param {string[]} words
 * @param {"inherit" | "pipe"} output
 */
function run(file, words, output = "inherit") {
  return spawnSync(process.execPath, [join(root, file), ...words], {
    cwd: root,
    stdio: ["ignore", output, output],
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
}

/**
 * A step that passes or fails as one.
 * @param {string} name
 * @param {() => boolean} passes
 */
function step(name, passes) {
  heading(name);
  const passed = passes();
  count(name, { passed: Number(passed), failed: Number(!passed) });
}

/**
 * Installs a folder's own packages, where they aren't those of its lock file yet.
 * @param {string} name
 */
function install(name) {
  const npm = process.env.npm_execpath ?? "";
  const given = /npm-cli\.js$/.test(npm) ? [process.execPath, npm] : ["npm"];
  // Settings that `npm test` hands down, such as the place of its package.json, are not for another folder.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  /** @param {string[]} words */
  const says = (...words) => {
    const [command = "npm", ...more] = [...given, ...words, "--prefix", join(root, name)];
    return spawnSync(command, more, { encoding: "utf8", env, shell: process.platform === "win32" });
  };
  if (says("ls", "--depth=0").status === 0) return true;
  console.log(`npm ci --ignore-scripts --prefix ${name}`);
  const { status, stderr } = says("ci", "--ignore-scripts");
  if (status !== 0) console.log(stderr);
  return status === 0;
}

/** The formatter can't read AssemblyScript's decorators, so the core has these rules alone. */
function checkCore() {
  const wrong = readdirSync(join(root, "assembly"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => {
      const text = readFileSync(join(root, "assembly", file), "utf8");
      const lines = text.split("\n").flatMap((line, i) => {
        const faults = [/\t/.test(line) && "a tab", /\s$/.test(line) && "a blank at the end"];
        if (line.length > 130) faults.push(`${line.length} columns`);
        return faults.filter(Boolean).map((fault) => `assembly/${file}:${i + 1}: ${fault}`);
      });
      return text.endsWith("\n") ? lines : [...lines, `assembly/${file}: no newline at the end`];
    });
  for (const line of wrong) console.log(line);
  return wrong.length === 0;
}

function specs() {
  heading("the core's specs (as-pect)");
  const { stdout, stderr, status } = run("node_modules/@as-pect/cli/bin/asp.js", ["--summary"], "pipe");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of a terminal
  const text = stdout.replaceAll(/\x1b\[[0-9;]*m/g, "");
  console.log(text.slice(Math.max(0, text.indexOf("ASC Version"))).trimEnd());
  if (status !== 0) console.log(stderr);
  const summary = /\[Tests\]:\s*(\d+) \/ (\d+)/.exec(text);
  const [passed, all] = [Number(summary?.[1] ?? 0), Number(summary?.[2] ?? 0)];
  // A run that broke off, or found nothing, has failed whatever it counted.
  const broken = (status !== 0 && passed === all) || all === 0;
  count("as-pect", { passed, failed: all - passed + Number(broken) });
}

/**
 * A suite of vitest.
 * @param {string} name
 * @param {string[]} words
 */
function suite(name, ...words) {
  heading(`${name} (vitest)`);
  const file = join(folder, `${name}.json`);
  const reports = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const { status } = run("node_modules/vitest/vitest.mjs", ["run", ...words, ...reports]);
  try {
    const report = JSON.parse(readFileSync(file, "utf8"));
    const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = report;
    const broken = (status !== 0 && failed === 0) || passed + failed === 0;
    count(name, { passed, failed: failed + Number(broken), skipped });
    for (const { assertionResults } of report.testResults) {
      for (const { status, fullName } of assertionResults) {
        if (status === "skipped" || status === "pending") console.log(`skipped: ${fullName}`);
      }
    }
  } catch (error) {
    console.log(`vitest left no report: ${error}`);
    count(name, { passed: 0, failed: 1 });
  }
}

step("other libraries (test/peers)", () => install("test/peers"));
step("build", () => run("tools/build.js", []).status === 0);
step("format and lint (biome)", () => {
  return run("node_modules/@biomejs/biome/bin/biome", ["check", "--error-on-warnings", "."]).status === 0;
});
step("format of the core", checkCore);
step("types (tsc)", () => run("node_modules/typescript/bin/tsc", ["-p", "tsconfig.json"]).status === 0);
specs();
suite("the package's tests");
// Bundlers, compilers and hosts take half a gigabyte: they are tried where all is to be, as in CI, or where they are installed.
if (process.env.PLEXUS_ALL_RUNTIMES === "1" || existsSync(join(root, "test/hosts/node_modules"))) {
  step("bundlers and hosts (test/hosts)", () => install("test/hosts") && install("test/runtimes"));
  suite("the packed package in bundlers and hosts", "--root", "test/hosts");
} else {
  console.log(
    "\nLeft out: the packed package in bundlers and hosts (npm ci --ignore-scripts --prefix test/hosts).",
  );
}
rmSync(folder, { recursive: true, force: true });

console.log(failures.length === 0 ? "" : `\n${failures.join("\n")}\n`);
const skipped = total.skipped === 0 ? "" : `, ${total.skipped} skipped`;
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed === 0 ? 0 : 1;
