// The commands of docs/beyond.md run in the order of the page, on one process and on two. Each trains the graph anew.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readSafetensors } from "plexus-nn";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { python, required } from "../entries/torch/trial.js";
import { expectClose } from "../support/helpers.js";
import { freePort } from "../support/port.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "plexus-torch-"));
afterAll(() => rmSync(folder, { recursive: true }));
const blocks = [
  ...readFileSync(join(root, "docs/beyond.md"), "utf8").matchAll(/^```sh\n([\s\S]*?)^```$/gm),
].map(([, commands = ""]) => commands);

/** Runs commands as a user in a clone does. Returns all that they print. */
function run(commands: string): string {
  const paths = [join(folder, "bin"), dirname(process.execPath), process.env.PATH];
  const env = { ...process.env, PATH: paths.join(delimiter) };
  const { status, stdout, stderr } = spawnSync("bash", ["-ec", commands], {
    cwd: folder,
    env,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${commands} ends with ${status}:\n${stdout}\n${stderr}`);
  return stdout;
}

/** Returns the tensors of the file that a training wrote. */
function trained() {
  return readSafetensors(readFileSync(join(folder, "trained.safetensors"))).tensors;
}

describe.skipIf(python === undefined && !required)("the commands of docs/beyond.md (python3-torch)", () => {
  let alone: ReturnType<typeof trained>;
  let printed = "";
  let port = "";

  /** Runs commands that train, and compares the numbers with those of one process. */
  function expectSameTraining(commands: string): void {
    rmSync(join(folder, "trained.safetensors"), { force: true });
    expect(run(commands.replace("29533", port))).toMatch(
      /^epoch 1: cost 0\.\d+\nepoch 2: .*\nepoch 3: cost 0\.2\d*\n$/,
    );
    for (const [name, { values }] of Object.entries(trained())) {
      expectClose(Array.from(values), Array.from(alone[name]!.values), 1e-3, name);
    }
  }

  beforeAll(async () => {
    port = `${await freePort()}`;
    mkdirSync(join(folder, "bin"));
    const where = spawnSync(python!, ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" });
    symlinkSync(where.stdout.trim(), join(folder, "bin", "python3"));
    symlinkSync(join(root, "examples"), join(folder, "examples"));
    printed = run(blocks[0]!);
    alone = trained();
  }, 120_000);

  test("bring a graph out and back, better by far", () => {
    const shares = [...printed.matchAll(/ (\d+\.\d) %/g)].map(([, share]) => Number(share));
    expect(shares.length).toBe(3);
    expect(shares[0]).toBeLessThan(30);
    expect(shares[1]).toBeGreaterThan(91);
    expect(shares[2]).toBeGreaterThan(91);
  });

  test("train alike on two processes of the program's own", { timeout: 120_000 }, () => {
    expect(blocks[1]).toContain("--processes 2");
    expectSameTraining(blocks[1]!);
  });

  test("train alike on two processes of a launcher's environment", { timeout: 120_000 }, () => {
    expect(blocks.length).toBe(3);
    expect(blocks[2]).toContain("WORLD_SIZE=2");
    expectSameTraining(blocks[2]!);
  });

  test("train alike in the environment of Slurm", { timeout: 120_000 }, () => {
    const slurm = { RANK: "SLURM_PROCID", LOCAL_RANK: "SLURM_LOCALID", WORLD_SIZE: "SLURM_NTASKS" };
    const commands = blocks[2]!.replaceAll(
      /(?<=\b)(LOCAL_RANK|RANK|WORLD_SIZE)(?==)/g,
      (name) => slurm[name as "RANK"],
    );
    expectSameTraining(commands);
  });
});
