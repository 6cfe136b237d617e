// The part of `node:fs` that programs of pages use. A worker may wait for an answer, so it reads as Node does.

/**
 * Returns a text of the site, such as examples/penguins.csv.
 * @param {string} path
 */
export function readFileSync(path) {
  const request = new XMLHttpRequest();
  request.open("GET", new URL(path, import.meta.url), false);
  request.send();
  if (request.status !== 200) throw new Error(`ENOENT: no such file or directory, open '${path}'`);
  return request.responseText;
}
