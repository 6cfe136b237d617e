import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // A suite of its own, whose tools are installed apart: test/all.js runs it.
    exclude: ["**/node_modules/**", "test/hosts/**"],
    environment: "node",
    // The built package runs as it is, not as Vite would transform it.
    server: { deps: { external: [/\/dist\//] } },
    setupFiles: process.env.NODE_V8_COVERAGE === undefined ? [] : ["test/support/coverage.ts"],
    // Both cores of a machine with two, of which vitest would leave one idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
