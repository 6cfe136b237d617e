// A server of the built site for tests: files alone, under any path, with the policy of the pages as a header, too.

import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { policy } from "../../.vitepress/policy.ts";

export const dist = fileURLToPath(new URL("../../dist", import.meta.url));

const types: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
};

export interface Site extends AsyncDisposable {
  /** The address of the site's root, with a slash at its end. */
  readonly address: string;
}

/** Serves `site/dist` under a path such as `/` or `/a/b/`, on a free port. */
export async function serve(path = "/"): Promise<Site> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    let file = pathname.startsWith(path)
      ? join(dist, normalize(decodeURIComponent(pathname.slice(path.length))))
      : "";
    if (file !== "" && existsSync(file) && statSync(file).isDirectory()) file = join(file, "index.html");
    if (file === "" || !existsSync(file)) {
      response.writeHead(404, { "content-type": types[".html"] });
      createReadStream(join(dist, "404.html")).pipe(response);
      return;
    }
    const type = types[extname(file)] ?? "application/octet-stream";
    response.writeHead(200, {
      "content-type": type,
      "content-security-policy": policy,
      "cache-control": "no-store",
    });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}${path}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
