// The examples that train for longer, run as a user runs them.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

it.each<[string, ...RegExp[]]>([
  ["lenet.js", /98\.\d\d %/, /which the graph says is \d/, /[█▓]/],
  ["autoencoder.js", /(89|9\d)\.\d % of the variance of held-out pixels/, /[█▓]/],
  ["prune.js", /^pruned +20,327 +10 % +97\.\d\d %/m, /file is 3\.\d times smaller/, /[█▓]/],
  ["words.js", /^ +went +walked/m, /^ +head .* neck/m, /the white _ with the +rabbit/],
])("%s reaches its goal, in plain lines of 80 columns", (name, ...found) => {
  const text = execFileSync(process.execPath, [`examples/${name}`], { cwd: root, encoding: "utf8" });
  for (const line of text.split("\n")) expect([...line].length, line).toBeLessThanOrEqual(80);
  for (const words of found) expect(text).toMatch(words);
});
