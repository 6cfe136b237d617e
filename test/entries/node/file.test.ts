// Files that are whole or not there, at whatever moment the process is killed.

import { spawn } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { type Checkpoint, Graph } from "plexus-nn";
import { loadCheckpoint, saveCheckpoint, writeFile } from "plexus-nn/node";
import { afterAll, describe, expect, it } from "vitest";
import { besideOf } from "../../../src/entries/node/beside.js";
import { Random, refusal, rejection, seed, wrong } from "../../support/helpers.js";
import { data, make } from "../../support/training.js";

const folder = mkdtempSync(join(tmpdir(), "plexus-files-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const own = (name: string) => {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
};

describe("writeFile", () => {
  it("writes text and bytes, over what was there, and leaves nothing beside", async () => {
    const place = own("plain");
    const path = join(place, "file");
    await writeFile(path, "ä first");
    expect(readFileSync(path, "utf8")).toBe("ä first");
    await writeFile(path, Uint8Array.of(1, 2, 3));
    expect([...readFileSync(path)]).toEqual([1, 2, 3]);
    expect(readdirSync(place)).toEqual(["file"]);
  });

  it("at once to one path ends with one of them whole", async () => {
    const place = own("race");
    const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(100_000));
    await Promise.all(texts.map((text) => writeFile(join(place, "file"), text)));
    expect(texts).toContain(readFileSync(join(place, "file"), "utf8"));
    expect(readdirSync(place)).toEqual(["file"]);
  });

  it("from several threads to one path ends well for each", async () => {
    const place = own("threads");
    const thread = () =>
      new Promise((resolve, reject) => {
        const worker = new Worker(new URL("thread.js", import.meta.url), { workerData: join(place, "file") });
        worker.once("message", resolve).once("error", reject);
      });
    expect(await Promise.all([thread(), thread(), thread()])).toEqual([20, 20, 20]);
    expect(readdirSync(place)).toEqual(["file"]);
  });

  it("minds no file that a killed process has left beside", async () => {
    const place = own("left");
    const path = join(place, "file");
    // The number of a process, and a count within it, come again: after a restart, and in every container.
    const left = Array.from({ length: 200 }, (_, n) => `file.${process.pid}-${n}.tmp`);
    for (const name of left) writeFileSync(join(place, name), "");
    await writeFile(path, "text");
    expect(readdirSync(place).sort()).toEqual(["file", ...left].sort());
  });

  it("clears what a process has left that was killed in its midst", async () => {
    const place = own("killed");
    const path = join(place, "file");
    await writeFile(path, "old");
    const script = fileURLToPath(new URL("killed.js", import.meta.url));
    const child = spawn(process.execPath, [script, path], { stdio: "inherit" });
    await new Promise((resolve) => child.once("close", resolve));
    const left = readdirSync(place);
    expect(left).toHaveLength(2);
    expect(left.find((name) => name.endsWith(".tmp"))).toContain(`-${child.pid}-`);
    await writeFile(join(place, "other"), "text");
    expect(readdirSync(place)).toHaveLength(3);
    expect(readFileSync(path, "utf8")).toBe("old");
    await writeFile(path, "text");
    expect(readdirSync(place).sort()).toEqual(["file", "other"]);
  });

  it("clears no file that a living process may write", async () => {
    const place = own("living");
    const path = join(place, "file");
    const alive = spawn(process.execPath, ["--eval", "setInterval(() => {}, 1000)"]);
    const dead = spawn(process.execPath, ["--eval", ""]);
    await new Promise((resolve) => dead.once("close", resolve));
    const [start, pid] = besideOf("file").split(/-(\d+)-/) as [string, string];
    expect(Number(pid)).toBe(process.pid);
    const of = (pid: unknown, host = start) => `${host}-${pid}-0123abcd.tmp`;
    const stranger = "file.00000000";
    const [kept, cleared, day]: [string[], string[], number] = [[], [], Date.now() / 1000 - 86_400];
    const put = (name: string, isKept: boolean, isOld = false) => {
      writeFileSync(join(place, name), "");
      if (isOld) utimesSync(join(place, name), day, day);
      (isKept ? kept : cleared).push(name);
    };
    put(of(process.pid), true);
    put(of(process.ppid), true);
    put(of(alive.pid), true, true);
    put(of(dead.pid), false);
    put(of(1, stranger), true);
    put(of(2, stranger), false, true);
    put("file.0123456789abcdef.tmp", true);
    put("file.fedcba9876543210.tmp", false, true);
    for (const name of [
      "file.tmp",
      "file.1-2.tmp",
      `more${of(dead.pid)}`,
      `${of(dead.pid)}.txt`,
      "file.old",
    ]) {
      put(name, true, true);
    }
    await writeFile(path, "text");
    expect(readdirSync(place).sort()).toEqual(["file", ...kept].sort());
    // Its own process has had the same number, before.
    put(`${start}-${process.pid}-00000000.tmp`, false, true);
    alive.kill("SIGKILL");
    await new Promise((resolve) => alive.once("close", resolve));
    await writeFile(path, "text");
    expect(readdirSync(place).sort()).toEqual(
      ["file", ...kept.filter((name) => name !== of(alive.pid))].sort(),
    );
    expect(cleared).toHaveLength(4);
  });

  it("that fails leaves the old file, and nothing beside", async () => {
    const place = own("full");
    mkdirSync(join(place, "taken"));
    writeFileSync(join(place, "taken", "inside"), "");
    await expect(writeFile(join(place, "taken"), "text")).rejects.toThrow();
    await expect(writeFile(join(place, "nowhere", "file"), "text")).rejects.toThrow("ENOENT");
    expect(readdirSync(place)).toEqual(["taken"]);
  });
});

it("refuses other paths, data and checkpoints, by their code", async () => {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const path = join(own("strange"), "file");
  for (const value of [undefined, null, 3, 1n, Symbol("path"), {}, [], revoked.proxy]) {
    const strange: never = wrong(value);
    for (const call of [writeFile(strange, "text"), writeFile(path, strange), loadCheckpoint(strange)]) {
      expect((await rejection(call)).code).toBe("bad-option");
    }
    expect(refusal(() => saveCheckpoint(strange)).code).toBe("bad-option");
    expect((await rejection(saveCheckpoint(path)(strange))).code).toBe("bad-option");
  }
  const cyclic: Record<string, unknown> = { format: "plexus-checkpoint" };
  cyclic.self = cyclic;
  expect((await rejection(saveCheckpoint(path)(wrong(cyclic)))).code).toBe("bad-option");
  expect(readdirSync(dirname(path))).toEqual([]);
});

describe("checkpoints in files", () => {
  it("resume a run", async () => {
    const path = join(own("resume"), "run.json");
    const [graph, other] = [make(), make()];
    await graph.fit(data, { epochs: 2, checkpoint: { save: saveCheckpoint(path) } });
    await graph.fit(data, { epochs: 4, resume: await loadCheckpoint(path) });
    await other.fit(data, { epochs: 4 });
    expect(JSON.stringify(graph)).toBe(JSON.stringify(other));
  });

  it("have the text of JSON.stringify, long strings and letters of all kinds included", async () => {
    const path = join(own("pieces"), "run.json");
    const long = '"ä\\\u2028\n𝄞'.repeat(100_000);
    const checkpoint = {
      format: "plexus-checkpoint",
      version: 1,
      graph: { a: [long, { b: long }] },
      fit: { [long]: -0 },
    };
    await saveCheckpoint(path)(wrong(checkpoint));
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(JSON.parse(JSON.stringify(checkpoint)));
    const letters = { ...checkpoint, graph: { a: "QUJD".repeat(200_000) } };
    await saveCheckpoint(path)(wrong(letters));
    expect(readFileSync(path, "utf8")).toBe(JSON.stringify(letters));
  });

  it("of a run that was left are written in their order, and read when they are", async () => {
    const path = join(own("order"), "run.json");
    const run = make().fit(data, { epochs: 9, checkpoint: { save: saveCheckpoint(path) } });
    for await (const { kind, epoch } of run) if (kind === "epoch" && epoch === 3) break;
    const [graph, other] = [make(), make()];
    await graph.fit(data, { epochs: 4, resume: await loadCheckpoint(path) });
    await other.fit(data, { epochs: 4 });
    expect(JSON.stringify(graph)).toBe(JSON.stringify(other));
  });

  it("that are cut or something else are `bad-file`; where there is none, the system's error", async () => {
    const path = join(own("cut"), "run.json");
    await make().fit(data, { checkpoint: { save: saveCheckpoint(path) } });
    const whole = readFileSync(path, "utf8");
    const random = new Random(seed);
    const wrong = Array.from({ length: 20 }, () => whole.slice(0, random.whole(0, whole.length - 1)));
    for (const text of [...wrong, "", "null", "3", "{}", '{"format":"plexus"}', "PK\u0003\u0004"]) {
      writeFileSync(path, text);
      const error = await rejection(loadCheckpoint(path));
      expect([error.code, error.message]).toEqual(["bad-file", expect.stringContaining(path)]);
    }
    await expect(loadCheckpoint(`${path}.none`)).rejects.toThrow("ENOENT");
  });

  it("can be read after a kill at any moment, 60 times at random", async () => {
    const path = join(own("kill"), "run.json");
    const random = new Random(seed);
    const writer = fileURLToPath(new URL("writer.js", import.meta.url));
    let read = 0;
    // Four at a time on a path each: half of their time is Node's start.
    const kill = async (file: string) => {
      const child = spawn(process.execPath, [writer, file], { stdio: ["ignore", "pipe", "inherit"] });
      await new Promise((resolve) => child.stdout.once("data", resolve));
      await new Promise((resolve) => setTimeout(resolve, 40 * random.next()));
      child.kill("SIGKILL");
      await new Promise((resolve) => child.once("close", resolve));
      const checkpoint: Checkpoint = await loadCheckpoint(file);
      Graph.fromJSON(checkpoint.graph).dispose();
      read++;
    };
    for (let round = 0; round < 15; round++) await Promise.all([0, 1, 2, 3].map((n) => kill(`${path}.${n}`)));
    expect(read).toBe(60);
    for (const n of [0, 1, 2, 3]) await writeFile(`${path}.${n}`, "text");
    expect(readdirSync(dirname(path)).sort()).toEqual([0, 1, 2, 3].map((n) => `run.json.${n}`));
  });
});
