// The sweeps run as a user runs them, with the packages that they want. One is over the threads of a pool, the other over two
// processes that take jobs from a queue.

import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { peers, programFolder } from "../support/folder.js";
import { root } from "../support/pages.js";
import { freePort } from "../support/port.js";

const isInstalled = (name: string) => existsSync(join(peers, name));
/** Whether all must be there, as in CI. */
const required = process.env.PLEXUS_ALL_RUNTIMES !== undefined;
const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;

const folder = programFolder("recipes");
for (const name of ["pool.js", "queue.js", "flowers.js"])
  cpSync(join(root, "examples", name), join(folder, name));

/** The share of held-out flowers that each setting gets right, in the order of the settings. */
const right = ["2 0.003 33.3", "2 0.03 66.7", "4 0.003 90.0", "4 0.03 90.0", "8 0.003 96.7", "8 0.03 93.3"];

/** Waits until a program has printed some words. Throws where it ends before. */
async function printed(program: ChildProcess, words: string): Promise<void> {
  let text = "";
  for await (const part of program.stdout!) {
    text += part;
    if (text.includes(words)) return;
  }
  throw new Error(`It ended without "${words}":\n${text}`);
}

test.skipIf(!isInstalled("piscina") && !required)(
  "a sweep over a pool has the bits of one thread (piscina)",
  () => {
    const text = execFileSync(process.execPath, ["pool.js"], { cwd: folder, encoding: "utf8" });
    const rows = [...text.matchAll(/^ +(\d) +(0\.\d+) +\d\.\d{3} +(\d+\.\d) %$/gm)].map((row) =>
      row.slice(1).join(" "),
    );
    expect(rows.toSorted()).toEqual(right);
    expect(text).toContain("The best, trained in this thread: the same bits.");
  },
);

test.skipIf((!hasRedis || !isInstalled("bullmq")) && !required)(
  "a sweep over two processes of a queue yields each result once (redis-server, bullmq)",
  { timeout: 60_000 },
  async () => {
    const data = mkdtempSync(join(tmpdir(), "plexus-redis-"));
    const port = `${await freePort()}`;
    const env = { ...process.env, REDIS: `redis://127.0.0.1:${port}` };
    const listening = ["--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", data];
    const server = spawn("redis-server", listening, { stdio: ["ignore", "pipe", "inherit"] });
    const workers: ChildProcess[] = [];
    try {
      await printed(server, "Ready to accept connections");
      for (let i = 0; i < 2; i++) {
        workers.push(spawn(process.execPath, ["queue.js", "work"], { cwd: folder, env, stdio: "inherit" }));
      }
      const asked = spawn(process.execPath, ["queue.js"], {
        cwd: folder,
        env,
        stdio: ["ignore", "pipe", "inherit"],
      });
      let text = "";
      for await (const part of asked.stdout) text += part;
      const pattern = /^width (\d), rate (0\.\d+): (\d+\.\d) % right, by process (\d+)$/gm;
      const rows = [...text.matchAll(pattern)];
      expect(rows.map((row) => row.slice(1, 4).join(" "))).toEqual(right);
      const known = workers.map(({ pid }) => `${pid}`);
      for (const row of rows) expect(known).toContain(row[4]);
      // Upon the signal a worker closes its connections, and ends by itself.
      for (const worker of workers) {
        const ended = once(worker, "exit");
        worker.kill("SIGTERM");
        expect(await ended).toEqual([0, null]);
      }
    } finally {
      for (const program of [...workers, server]) if (program.exitCode === null) program.kill("SIGKILL");
      rmSync(data, { recursive: true, force: true });
    }
  },
);
