// Every test, by one command: npm test -- [--quick] [--coverage] [file or folder ...]. Each step is run even where one before it
// failed, so that all is seen at once; the last line counts them together.
//   file        builds, then runs these files or folders alone
//   --quick     leaves out the slow tests, whose files end with `.slow.test.ts`, and the hosts
//   --coverage  lists the lines of src/ that no test has reached

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { report } from "../tools/coverage.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values: options, positionals: files } = parseArgs({
  options: { quick: { type: "boolean", default: false }, coverage: { type: "boolean", default: false } },
  allowPositionals: true,
});
const folder = mkdtempSync(join(tmpdir(), "plexus-test-"));
const total = { passed: 0, failed: 0, skipped: 0 };
/** @type {string[]} */
const failures = [];

/** The end of a slow test's name: it takes over 10 s on an idle machine. */
const SLOW = ".slow.test.ts";

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
 * @param {Record<string, string>} more Variables of its environment.
 */
function run(file, words, output = "inherit", more = {}) {
  return spawnSync(process.execPath, [join(root, file), ...words], {
    cwd: root,
    env: { ...process.env, ...more },
    stdio: ["ignore", output, output],
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
}

/**
 * Runs a step that passes or fails as one.
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

function build() {
  return run("tools/build.js", options.coverage ? ["--maps"] : []).status === 0;
}

/** @param {string[]} entries Specs, all of them where none is named. */
function specs(entries = []) {
  heading("the core's specs (as-pect)");
  const more = entries.length === 0 ? undefined : { PLEXUS_SPECS: entries.join() };
  const { stdout, stderr, status } = run("node_modules/@as-pect/cli/bin/asp.js", ["--summary"], "pipe", more);
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
 * Runs a suite of vitest.
 * @param {string} name
 * @param {string[]} words
 */
function suite(name, ...words) {
  heading(`${name} (vitest)`);
  const file = join(folder, `${name}.json`);
  const reports = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const more = options.coverage ? { NODE_V8_COVERAGE: join(folder, "coverage") } : undefined;
  const { status } = run("node_modules/vitest/vitest.mjs", ["run", ...words, ...reports], "inherit", more);
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

/** Runs every test. */
function all() {
  step("other libraries (test/peers)", () => install("test/peers"));
  step("build", build);
  step("format and lint (biome)", () => {
    return run("node_modules/@biomejs/biome/bin/biome", ["check", "--error-on-warnings", "."]).status === 0;
  });
  step("types (tsc)", () => run("node_modules/typescript/bin/tsc", ["-p", "tsconfig.json"]).status === 0);
  specs();
  suite("the package's tests", "--exclude", `**/*${SLOW}`);
  if (!options.quick) suite("the slow tests", SLOW);
  // Bundlers, compilers and hosts take half a gigabyte: they are tried where all is to be, as in CI, or where they are installed.
  const isInstalled = existsSync(join(root, "test/hosts/node_modules"));
  if (options.quick) console.log("\nLeft out: the slow tests, and the packed package in bundlers and hosts.");
  else if (process.env.PLEXUS_ALL_RUNTIMES === "1" || isInstalled) hosts();
  else {
    const command = "npm ci --ignore-scripts --prefix test/hosts";
    console.log(`\nLeft out: the packed package in bundlers and hosts (${command}).`);
  }
}

/** @param {string[]} words */
function hosts(...words) {
  step("bundlers and hosts (test/hosts)", () => install("test/hosts") && install("test/runtimes"));
  suite("the packed package in bundlers and hosts", "--root", "test/hosts", ...words);
}

/**
 * Runs the tests of some files and folders.
 * @param {string[]} names
 */
function some(names) {
  const paths = names.map((name) => relative(root, resolve(name)).split(sep).join("/"));
  const missing = paths.filter((path) => !existsSync(join(root, path)));
  step("the files are there", () => {
    for (const path of missing) console.log(`There is no ${path}.`);
    return missing.length === 0;
  });
  if (missing.length > 0) return;
  step("build", build);
  /** @param {string} place */
  const within = (place) => paths.filter((path) => path === place || path.startsWith(`${place}/`));
  const [core, packed] = [within("assembly"), within("test/hosts")];
  const others = paths.filter((path) => !core.includes(path) && !packed.includes(path));
  if (core.length > 0) {
    specs(core.map((path) => (path.endsWith(".ts") ? path : `${path}/**/*.spec.ts`)));
  }
  if (others.length > 0) suite("tests", ...others);
  if (packed.length > 0) hosts(...packed.map((path) => path.slice("test/hosts/".length)).filter(Boolean));
}

if (files.length > 0) some(files);
else all();
if (options.coverage) report(join(folder, "coverage"));
rmSync(folder, { recursive: true, force: true });

console.log(failures.length === 0 ? "" : `\n${failures.join("\n")}\n`);
const skipped = total.skipped === 0 ? "" : `, ${total.skipped} skipped`;
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed === 0 ? 0 : 1;
