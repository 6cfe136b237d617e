// How as-pect finds, compiles and instantiates the core's specs.
import { readFileSync } from "node:fs";

export default {
  // test/all.js may name some alone.
  entries: process.env.PLEXUS_SPECS?.split(",") ?? ["assembly/__tests__/**/*.spec.ts"],
  include: [],
  disclude: [/node_modules/],
  asc: JSON.parse(readFileSync(new URL("as-pect.asconfig.json", import.meta.url), "utf8")),
  /**
   * @param {WebAssembly.Memory} memory
   * @param {(imports: object) => object} createImports
   * @param {(binary: Uint8Array, imports: object) => Promise<object>} instantiate
   * @param {Uint8Array} binary
   */
  async instantiate(memory, createImports, instantiate, binary) {
    return instantiate(binary, createImports({ env: { memory } }));
  },
  outputBinary: false,
};
