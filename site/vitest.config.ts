// Unit tests of the site; tests in a browser have a configuration of their own.

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/*.test.ts"],
    environment: "node",
    // The built engine runs as it is, not as Vite would transform it.
    server: { deps: { external: [/\/dist\//] } },
    testTimeout: 60_000,
  },
});
