import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // A suite of its own, whose tools are installed apart: test/all.js runs it.
    exclude: ["**/node_modules/**", "test/hosts/**"],
    environment: "node",
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
