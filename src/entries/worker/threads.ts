// The threads that a host allows: its cores, and whether its workers can share a memory.

import { show } from "../../base/text.js";
import { GraphError } from "../../index.js";

/** The most threads of `"all"`: more than that seldom help one graph, and take the machine. */
const ALL = 8;
const MOST = 64;

/** The threads that a host allows. */
export interface Threads {
  /** Cores that this process may use, of which two may be one core's halves. */
  readonly cores: number;
  /** Whether workers can share a memory, as `fit` on several threads needs. */
  readonly sharing: "memory" | "none";
  /** The reason for `"none"`, and its remedy. */
  readonly why?: string;
}

/** Returns the cores that this host has for threads, and whether workers share a memory; if not, the reason. */
export function threads(): Threads {
  const why = obstacle();
  return { cores: cores(), ...(why === undefined ? { sharing: "memory" } : { sharing: "none", why }) };
}

/** Returns the number of threads of an option. Throws `bad-option`. */
export function readThreads(given: unknown): number {
  if (given === undefined) return 1;
  if (given === "all") return Math.min(cores(), ALL);
  if (Number.isInteger(given) && (given as number) >= 1 && (given as number) <= MOST) return given as number;
  const wanted = `a whole number from 1 to ${MOST}, or "all"`;
  throw new GraphError("bad-option", `\`threads\` is ${wanted}, not ${show(given)}.`);
}

/** Returns the number of cores, by the host's word: 1 where it has none. */
function cores(): number {
  const { process, navigator } = globalThis as {
    process?: { getBuiltinModule?(name: string): { availableParallelism?(): number } | undefined };
    navigator?: { hardwareConcurrency?: number };
  };
  let found: number | undefined;
  try {
    // This count heeds affinity, which the other doesn't.
    found = process?.getBuiltinModule?.("node:os")?.availableParallelism?.();
  } catch {} // a host may forbid it
  found ??= navigator?.hardwareConcurrency;
  return typeof found === "number" && found >= 1 ? Math.floor(found) : 1;
}

const ISOLATION =
  "a page needs the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or " +
  "Document-Isolation-Policy: isolate-and-credentialless";

/** Returns the reason for which workers of this host can't share a memory, if there is one. */
function obstacle(): string | undefined {
  const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
  if (crossOriginIsolated === false) return `This page is not isolated: ${ISOLATION}.`;
  if (typeof SharedArrayBuffer !== "function") return "This host has no SharedArrayBuffer.";
  try {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    const { port1 } = new MessageChannel();
    try {
      port1.postMessage(memory);
    } finally {
      port1.close();
    }
    return undefined;
  } catch (cause) {
    return `This host refuses to share a memory: ${(cause as Error).message}.`;
  }
}
