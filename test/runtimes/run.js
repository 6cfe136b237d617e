// The runtimes that the package is for, and a way to run one module in each. Its default export is an async function without
// arguments that returns JSON data.

import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { delimiter, extname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const installed = fileURLToPath(new URL("node_modules", import.meta.url));
const MARK = "result of the module: ";

/**
 * @typedef {object} Runtime
 * @property {string} name
 * @property {() => string | undefined} available The path of its program, if it is on this machine.
 * @property {(module: string) => Promise<any>} run What the module's function gives there.
 */

/** @type {Runtime[]} */
export const runtimes = [
  program("Node 22", "node22/bin/node", []),
  program("Node 24", "node24/bin/node", []),
  program("Deno", "deno/deno", ["deno"], ["run", "--quiet", "--no-config", "--allow-read"]),
  program("Bun", "bun/bin/bun", ["bun"], ["run"]),
  { name: "Chromium", available: findChromium, run: runInChromium },
];

/** Whether a runtime that is not on the machine is a failure, as in CI, and not a test to skip. */
export const required = process.env.PLEXUS_ALL_RUNTIMES === "1";

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Returns the first that exists, of a path in this folder's node_modules and of names on the PATH.
 * @param {string} path
 * @param {string[]} names
 */
function find(path, names) {
  const onPath = (process.env.PATH ?? "").split(delimiter).flatMap((folder) => {
    return names.map((name) => join(folder, name));
  });
  return [join(installed, path), ...onPath].find(isProgram);
}

/**
 * @param {string} name
 * @param {string} path Where this folder's packages have it.
 * @param {string[]} names
 * @param {string[]} words What the program wants before a module's path.
 * @returns {Runtime}
 */
function program(name, path, names, words = []) {
  const findIt = () => find(path, names);
  return {
    name,
    available: findIt,
    async run(module) {
      const runner = fileURLToPath(new URL("print.js", import.meta.url));
      const text = await output(findIt() ?? name, [...words, runner, pathToFileURL(module).href]);
      const line = text.split("\n").find((line) => line.startsWith(MARK));
      if (line === undefined) throw new Error(`${name} printed no result:\n${text}`);
      return JSON.parse(line.slice(MARK.length));
    },
  };
}

/**
 * @param {string} path
 * @param {string[]} words
 * @returns {Promise<string>}
 */
function output(path, words) {
  return new Promise((resolve, reject) => {
    const child = spawn(path, words, { stdio: ["ignore", "pipe", "pipe"] });
    let [text, errors] = ["", ""];
    child.stdout.on("data", (part) => {
      text += part;
    });
    child.stderr.on("data", (part) => {
      errors += part;
    });
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve(text) : reject(new Error(`${path}: ${errors}`))));
  });
}

function findChromium() {
  if (!existsSync(join(installed, "playwright-core"))) return undefined; // nothing to drive it with
  const named = process.env.CHROMIUM;
  if (named !== undefined) return isProgram(named) ? named : undefined;
  return find("chromium", ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]);
}

const types = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/** No inline code, no blob, no eval: the one thing that the engine needs. */
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

/**
 * Serves a folder's files, and an empty page where it has no index.html, on this machine alone.
 * @param {string} folder
 * @param {string} policy
 * @param {Readonly<Record<string, string>>} headers Further headers of each answer.
 * @returns {Promise<import("node:http").Server>}
 */
function serve(folder, policy, headers) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const path = resolve(folder, `.${decodeURIComponent(pathname === "/" ? "/index.html" : pathname)}`);
    const type = types[/** @type {keyof typeof types} */ (extname(path))];
    if (policy !== "") response.setHeader("content-security-policy", policy);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    // A page of an opaque origin asks for its own modules as another's.
    response.setHeader("access-control-allow-origin", "*");
    try {
      if (!path.startsWith(folder) || type === undefined) throw new Error("not served");
      const isEmpty = pathname === "/" && !existsSync(path);
      const bytes = isEmpty ? "<!doctype html><title>Plexus</title>" : readFileSync(path);
      response.setHeader("content-type", type);
      response.end(bytes);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

/**
 * Opens a folder as a page of Chromium, and gives what is done with it.
 * @param {(page: any) => Promise<any>} visit
 * @param {{ folder?: string; policy?: string; headers?: Readonly<Record<string, string>> }} where
 * @returns {Promise<any>}
 */
export async function openPage(visit, { folder = root, policy = POLICY, headers = {} } = {}) {
  const driver = pathToFileURL(join(installed, "playwright-core/index.mjs")).href;
  const { chromium } = await import(driver);
  const server = await serve(folder, policy, headers);
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
    ],
  });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${/** @type {any} */ (server.address()).port}/`);
    return await visit(page);
  } finally {
    await browser.close();
    server.close();
  }
}

/**
 * @param {string} module
 * @returns {Promise<any>}
 */
function runInChromium(module) {
  const path = `/${relative(root, module).split(sep).join("/")}`;
  return openPage((page) =>
    page.evaluate(`import(${JSON.stringify(path)}).then((module) => module.default())`),
  );
}
