// Writes a file, and kills itself as soon as the file beside it is there, for the test of what that leaves.
import { readdirSync } from "node:fs";
import { dirname } from "node:path";
import { writeFile } from "plexus-nn/node";

const path = process.argv[2] ?? "";
writeFile(path, new Uint8Array(50_000_000));
const look = () => {
  if (readdirSync(dirname(path)).some((name) => name.endsWith(".tmp"))) process.kill(process.pid, "SIGKILL");
  setImmediate(look);
};
look();
